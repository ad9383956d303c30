//! The one door through which text of the evidence becomes printable.
//!
//! A pass over literals decides which rules can apply at all, so that ordinary text costs one
//! scan and stays as it is, byte for byte. A secret becomes `<secret:ab12>`: sixteen bits of its
//! content, enough to see that two are the same and too few to try guesses against.

mod assigned;
mod credentials;
mod encoded;
mod escapes;
mod keys;
mod value;

use std::borrow::Cow;
use std::fmt;
use std::hash::Hasher as _;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHasher;

pub use keys::is_secret_key;

/// Text from evidence in which secrets were replaced. It can only be made by [`Masked::new`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Masked(String);

impl Masked {
    /// Masks `text`. Equal secrets become equal marks, so that they can still be told apart.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(mask(text).into_owned())
    }

    /// The masked text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands for a secret.
fn mark(secret: &str) -> String {
    let mut hasher = FxHasher::default();
    hasher.write(secret.as_bytes());
    let hash = hasher.finish();
    format!("<secret:{:04x}>", (hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48) as u16)
}

/// Parts of names whose values are secret; without one (compared without case) no name is.
const NAMES: &[&str] = &["pass", "pwd", "secret", "token", "key", "auth", "credential", "sig", "jwt", "creds"];

/// Whether a name that says its value is secret may stand in the text.
fn names_a_secret(text: &str) -> bool {
    static LITERAL: OnceLock<AhoCorasick> = OnceLock::new();
    let literal = LITERAL.get_or_init(|| {
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(NAMES);
        automaton.expect("a few short literals fit an automaton")
    });
    literal.is_match(text)
}

fn mask(text: &str) -> Cow<'_, str> {
    let bare = escapes::without(text);
    let masked = mask_plain(&bare);
    match encoded::mask(&masked) {
        Cow::Owned(masked) => Cow::Owned(masked),
        Cow::Borrowed(_) if masked == text => Cow::Borrowed(text),
        Cow::Borrowed(_) => Cow::Owned(masked.into_owned()),
    }
}

/// All rules but the one that looks into base64.
fn mask_plain(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    credentials::mask(&mut masked);
    if names_a_secret(&masked) {
        assigned::mask(&mut masked);
    }
    masked
}

#[cfg(test)]
mod canaries;
#[cfg(test)]
mod tests;
