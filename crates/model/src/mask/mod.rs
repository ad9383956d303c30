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

use aho_corasick::{AhoCorasick, MatchKind};
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

/// A kind of rule, run only when one of its literals stands in the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// Tokens whose form tells what they are, keys in PEM, passwords in URLs.
    Credentials,
    /// Values of names that say they are secret.
    Assigned,
}

/// Literals, of which each kind of rule needs one (compared without case).
const LITERALS: &[(&str, Rules)] = &[
    ("://", Rules::Credentials),
    ("@tcp(", Rules::Credentials),
    ("@unix(", Rules::Credentials),
    ("jdbc:oracle", Rules::Credentials),
    ("private key", Rules::Credentials),
    ("akia", Rules::Credentials),
    ("asia", Rules::Credentials),
    ("ltai", Rules::Credentials),
    ("aiza", Rules::Credentials),
    ("ya29.", Rules::Credentials),
    ("ghp_", Rules::Credentials),
    ("gho_", Rules::Credentials),
    ("ghu_", Rules::Credentials),
    ("ghs_", Rules::Credentials),
    ("ghr_", Rules::Credentials),
    ("github_pat_", Rules::Credentials),
    ("gl", Rules::Credentials),
    ("xox", Rules::Credentials),
    ("xapp-", Rules::Credentials),
    ("hooks.slack.com", Rules::Credentials),
    ("sk_", Rules::Credentials),
    ("rk_", Rules::Credentials),
    ("sk-", Rules::Credentials),
    ("whsec_", Rules::Credentials),
    ("npm_", Rules::Credentials),
    ("pypi-", Rules::Credentials),
    ("sg.", Rules::Credentials),
    ("sk", Rules::Credentials),
    ("hvs.", Rules::Credentials),
    ("hvb.", Rules::Credentials),
    ("hvr.", Rules::Credentials),
    ("_v1_", Rules::Credentials),
    ("dckr_pat_", Rules::Credentials),
    ("shp", Rules::Credentials),
    ("atatt3", Rules::Credentials),
    ("nrak-", Rules::Credentials),
    ("age-secret-key-", Rules::Credentials),
    ("eyj", Rules::Credentials),
    ("bearer", Rules::Credentials),
    ("basic", Rules::Credentials),
    ("cookie", Rules::Credentials),
    ("identified by", Rules::Credentials),
    ("identified with", Rules::Credentials),
    ("-u", Rules::Credentials),
    ("pass", Rules::Assigned),
    ("pwd", Rules::Assigned),
    ("secret", Rules::Assigned),
    ("token", Rules::Assigned),
    ("key", Rules::Assigned),
    ("auth", Rules::Assigned),
    ("credential", Rules::Assigned),
    ("sig", Rules::Assigned),
    ("jwt", Rules::Assigned),
];

/// Which kinds of rules may apply.
fn rules(text: &str) -> (bool, bool) {
    static LITERAL: OnceLock<AhoCorasick> = OnceLock::new();
    let literal = LITERAL.get_or_init(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(LITERALS.iter().map(|(literal, _)| literal))
            .expect("a few short literals fit an automaton")
    });
    let (mut credentials, mut assigned) = (false, false);
    for found in literal.find_overlapping_iter(text) {
        match LITERALS[found.pattern().as_usize()].1 {
            Rules::Credentials => credentials = true,
            Rules::Assigned => assigned = true,
        }
        if credentials && assigned {
            break;
        }
    }
    (credentials, assigned)
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
    let (credentials, assigned) = rules(text);
    let mut masked = Cow::Borrowed(text);
    if credentials {
        credentials::mask(&mut masked);
    }
    if assigned {
        assigned::mask(&mut masked);
    }
    masked
}

#[cfg(test)]
mod tests;
