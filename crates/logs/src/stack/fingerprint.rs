//! One number for what is the same failure.
//!
//! The rules are those of logstash-logback-encoder's stack hash (`stack-hash.md`: never the message, always the causes,
//! no generated names) and of Sentry's grouping (the application's own frames where there are any, by function and not by
//! line; frames that repeat count once).

use super::Language;
use super::frame::{Frame, Raised};
use super::library::{Origin, origin};

/// Frames that count: those further out tell who asked, not what failed.
const MOST_FRAMES: usize = 12;

/// Of a chain, the root first.
pub(super) fn of(language: Language, chain: &[Raised<'_>]) -> u64 {
    let mut hash = Fnv::new();
    for raised in chain {
        hash.part(&stable(raised.kind));
    }
    let frames = || chain.iter().flat_map(|raised| &raised.frames);
    let is_own = |frame: &&Frame<'_>| origin(language, frame) == Origin::Application;
    let own = frames().any(|frame| is_own(&frame));
    let mut last = String::new();
    let mut count = 0;
    for frame in frames().filter(|frame| !own || is_own(frame)) {
        let name = name(frame);
        if name == last {
            continue;
        }
        hash.part(&name);
        last = name;
        count += 1;
        if count == MOST_FRAMES {
            break;
        }
    }
    if count == 0 {
        hash.part(&without_numbers(chain[0].message));
    }
    hash.0
}

/// Of an exception without frames: its message has to tell.
pub(super) fn plain(raised: &Raised<'_>) -> u64 {
    let mut hash = Fnv::new();
    hash.part(&stable(raised.kind));
    hash.part(&without_numbers(raised.message));
    hash.0
}

/// The function, or the file where none is printed.
fn name(frame: &Frame<'_>) -> String {
    if !frame.function.is_empty() {
        return stable(frame.function);
    }
    // The folder that a release was unpacked to and the hash in a bundle's name change.
    stable(frame.file.rsplit(['/', '\\']).next().unwrap_or(frame.file))
}

/// A name without what compilers and runtimes make up anew: `Cart$$Lambda$14/0x0000000800c03000`, `$Proxy12`,
/// `GeneratedMethodAccessor647`, `Cart$$EnhancerBySpringCGLIB$$c673c675`, `total::h17d8437f66223ab1`,
/// `std[e28293b1aa0f68bd]`, `{closure#0}`, `<>c__DisplayClass25_0`, `main.func1.2`, `main.4f2a91cc.js`.
fn stable(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let (bare, mark) = match word.char_indices().last() {
            Some((at, c)) if !c.is_alphanumeric() => (&word[..at], &word[at..]),
            _ => (word, ""),
        };
        out.push_str(match bare {
            _ if is_made_up(bare) => "",
            _ if out.ends_with(['$', '#']) || out.ends_with("__") || numbered(bare) => {
                bare.trim_end_matches(|c: char| c.is_ascii_digit())
            }
            _ => bare,
        });
        // The part after a number that went: `b__0_0`.
        if !(mark == "_" && out.ends_with("__")) {
            out.push_str(mark);
        }
    }
    out
}

/// An address, or a hash of at least six digits.
fn is_made_up(word: &str) -> bool {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix('h')).unwrap_or(word);
    let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal && digits.len() >= 6 && digits.bytes().any(|b| b.is_ascii_digit()) || word.starts_with("0x")
}

/// Names that are counted up.
fn numbered(word: &str) -> bool {
    const COUNTED: &[&str] = &["Proxy", "Accessor", "Lambda", "func", "DisplayClass", "gowrap", "deferwrap"];
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
    bare.len() < word.len() && (bare.is_empty() || COUNTED.iter().any(|end| bare.ends_with(end)))
}

/// A message without its digits.
fn without_numbers(message: &str) -> String {
    message.split_whitespace().filter(|word| !word.bytes().any(|b| b.is_ascii_digit())).collect::<Vec<_>>().join(" ")
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo): the same on every machine and in every version.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds a text, parted from the next.
    fn part(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
