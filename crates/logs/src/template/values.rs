//! What was seen at a place that varies.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

/// Distinct values that are kept.
const KEPT: usize = 16;
/// A longer value is not kept whole.
const LONGEST: usize = 96;

/// What a value is by its notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueType {
    /// An integer or a decimal number.
    Number,
    /// Hexadecimal: `0x1f`, or eight digits or more of which some are letters.
    Hex,
    /// An IPv4 or IPv6 address, with or without a port.
    Ip,
    /// A UUID.
    Uuid,
    /// A hardware address.
    Mac,
    /// A number with a unit of time.
    Duration,
    /// A number with a unit of size.
    Size,
    /// A path of files.
    Path,
    /// A URL.
    Url,
    /// `name@host`.
    Email,
    /// A date, a time of the day, or both.
    Time,
    /// `1.2.3`, `v2.0.1-rc1`.
    Version,
    /// A truth value or nothing.
    Bool,
    /// A name with digits.
    Id,
    /// Anything else, or several types.
    Any,
}

impl ValueType {
    /// The name between the angle brackets of a typed template.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "num",
            Self::Hex => "hex",
            Self::Ip => "ip",
            Self::Uuid => "uuid",
            Self::Mac => "mac",
            Self::Duration => "duration",
            Self::Size => "size",
            Self::Path => "path",
            Self::Url => "url",
            Self::Email => "email",
            Self::Time => "time",
            Self::Version => "version",
            Self::Bool => "bool",
            Self::Id => "id",
            Self::Any => "*",
        }
    }

    /// The type of one value.
    pub fn of(value: &str) -> Self {
        // That of a sentence.
        let value = value.strip_suffix('.').unwrap_or(value);
        // Most are numbers.
        if is_number(value) {
            return Self::Number;
        }
        if super::mask::is_truth(value.as_bytes()) {
            return Self::Bool;
        }
        if value.contains("://") {
            return Self::Url;
        }
        if is_uuid(value) {
            return Self::Uuid;
        }
        if is_ip(value) {
            return Self::Ip;
        }
        if is_mac(value) {
            return Self::Mac;
        }
        if is_hex(value) {
            return Self::Hex;
        }
        if is_time(value) {
            return Self::Time;
        }
        if value
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('/'))
        {
            return Self::Email;
        }
        match unit(value) {
            Some("ns" | "us" | "µs" | "ms" | "s" | "sec" | "min" | "m" | "h" | "d") => return Self::Duration,
            Some(
                "B" | "K" | "M" | "G" | "k" | "KB" | "kB" | "MB" | "GB" | "TB" | "Ki" | "Mi" | "Gi" | "KiB" | "MiB"
                | "GiB",
            ) => {
                return Self::Size;
            }
            _ => {}
        }
        if is_version(value) {
            return Self::Version;
        }
        if value.contains(['/', '\\']) && !value.contains(' ') {
            return Self::Path;
        }
        let named = value.bytes().any(|b| b.is_ascii_digit()) && !value.contains([' ', ',']);
        if named { Self::Id } else { Self::Any }
    }
}

/// A place of a template that varies, and what was seen there.
///
/// The first lines of a shape are all looked at, later ones in part, so counts are those of a sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variable {
    seen: u64,
    types: [u32; 15],
    top: Vec<Counted>,
    range: Option<(f64, f64)>,
}

/// A value of the space-saving sketch (Metwally et al., 2005): of its count, `inherited` may belong to others.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    /// Compared before the value itself.
    hash: u64,
    value: String,
    count: u64,
    inherited: u64,
}

impl Counted {
    fn sure(&self) -> u64 {
        self.count - self.inherited
    }
}

impl Variable {
    pub(super) fn see(&mut self, value: &str) {
        let end = value.floor_char_boundary(LONGEST);
        let value = &value[..end];
        let of = ValueType::of(value);
        self.seen += 1;
        self.types[of as usize] += 1;
        if of == ValueType::Number
            && let Ok(n) = value.parse::<f64>()
        {
            let (low, high) = self.range.unwrap_or((n, n));
            self.range = Some((low.min(n), high.max(n)));
        }
        let hash = hash(value);
        match self.top.iter().position(|c| c.hash == hash && c.value == value) {
            Some(at) => self.top[at].count += 1,
            None if self.top.len() < KEPT => {
                self.top.push(Counted { hash, value: value.to_owned(), count: 1, inherited: 0 });
            }
            // The rarest makes room and hands its count on.
            None => {
                if let Some(rarest) = self.top.iter_mut().min_by_key(|c| c.count) {
                    rarest.hash = hash;
                    rarest.value.clear();
                    rarest.value.push_str(value);
                    rarest.inherited = rarest.count;
                    rarest.count += 1;
                }
            }
        }
    }

    pub(super) fn absorb(&mut self, other: &Self) {
        self.seen += other.seen;
        self.types.iter_mut().zip(other.types).for_each(|(a, b)| *a = a.saturating_add(b));
        self.range = match (self.range, other.range) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, two) => one.or(two),
        };
        for theirs in &other.top {
            match self.top.iter_mut().find(|c| c.hash == theirs.hash && c.value == theirs.value) {
                Some(mine) => {
                    mine.count += theirs.count;
                    mine.inherited += theirs.inherited;
                }
                None => self.top.push(theirs.clone()),
            }
        }
        self.top.sort_by(|a, b| b.sure().cmp(&a.sure()).then_with(|| a.value.cmp(&b.value)));
        self.top.truncate(KEPT);
    }

    /// Values that were looked at.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Its type, `Any` where values of several types stand here.
    pub fn value_type(&self) -> ValueType {
        use ValueType::{Any, Bool, Duration, Email, Hex, Id, Ip, Mac, Number, Path, Size, Time, Url, Uuid, Version};
        let all = [Number, Hex, Ip, Uuid, Mac, Duration, Size, Path, Url, Email, Time, Version, Bool, Id, Any];
        let mut present = all.into_iter().filter(|t| self.types[*t as usize] > 0);
        match (present.next(), present.next(), present.next()) {
            (Some(one), None, _) => one,
            // Hex without a letter looks like a number.
            (Some(Number), Some(Hex), None) => Hex,
            _ => Any,
        }
    }

    /// The most frequent values, most frequent first, each with how often it was seen at least.
    pub fn top(&self) -> Vec<(&str, u64)> {
        let mut top: Vec<(&str, u64)> = self.top.iter().map(|c| (c.value.as_str(), c.sure())).collect();
        top.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        top
    }

    /// The least and the greatest number.
    pub fn range(&self) -> Option<(f64, f64)> {
        self.range
    }
}

fn hash(value: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(value.as_bytes());
    hasher.finish()
}

fn is_number(value: &str) -> bool {
    let (mut digits, mut dots) = (0, 0);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' => dots += 1,
            b'-' | b'+' if at == 0 => {}
            _ => return false,
        }
    }
    digits > 0 && dots <= 1
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value
            .bytes()
            .enumerate()
            .all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

fn is_ip(value: &str) -> bool {
    let value = value.trim_start_matches('/').trim_end_matches('.');
    value.split(',').all(|v| v.parse::<std::net::IpAddr>().is_ok() || v.parse::<std::net::SocketAddr>().is_ok())
}

fn is_mac(value: &str) -> bool {
    value.len() == 17
        && value
            .bytes()
            .enumerate()
            .all(|(i, b)| if i % 3 == 2 { b == b':' || b == b'-' } else { b.is_ascii_hexdigit() })
}

fn is_hex(value: &str) -> bool {
    match value.strip_prefix("0x").or_else(|| value.strip_prefix("0X")) {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => value.len() >= 8 && value.bytes().all(|b| b.is_ascii_hexdigit()),
    }
}

/// Only characters of dates, with a colon or two dashes or slashes between digits; names of months and days may be among them.
fn is_time(value: &str) -> bool {
    let mut joints = 0;
    let mut digits = 0;
    for word in value.split([' ', ',']) {
        let bytes = word.trim_end_matches('Z').as_bytes();
        if super::header::is_month(bytes) || matches!(bytes, b"UTC" | b"GMT" | b"") {
            joints += 1;
            continue;
        }
        if !bytes.iter().all(|b| b.is_ascii_digit() || b":-/.+T".contains(b)) {
            return false;
        }
        let count = |of: &[u8]| bytes.iter().filter(|b| of.contains(b)).count();
        digits += bytes.iter().filter(|b| b.is_ascii_digit()).count();
        joints += count(b":") * 2 + count(b"-/");
    }
    digits >= 4 && joints >= 2
}

fn unit(value: &str) -> Option<&str> {
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|end| *end > 0)?;
    Some(&value[end..])
}

fn is_version(value: &str) -> bool {
    let bare = value.strip_prefix('v').unwrap_or(value);
    let core = bare.split(['-', '+', '_']).next().unwrap_or_default();
    core.matches('.').count() >= 2 && core.split('.').all(|p| p.bytes().next().is_some_and(|b| b.is_ascii_digit()))
}
