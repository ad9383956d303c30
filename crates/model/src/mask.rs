//! The one door through which text of the evidence becomes printable.

use std::fmt;
use std::hash::{Hash as _, Hasher as _};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};

/// Text from evidence in which secrets were replaced. It can only be made by [`Masked::new`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Masked(String);

impl Masked {
    /// Masks `text`. Equal secrets become equal marks, so that they can still be told apart.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if !may_hold_secret().is_match(text) {
            return Self(text.to_owned());
        }
        Self(shapes().replace_all(text, replacement).into_owned())
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

/// One of these stands wherever a secret is shown; most text holds none and passes unread.
fn may_hold_secret() -> &'static AhoCorasick {
    static LITERALS: OnceLock<AhoCorasick> = OnceLock::new();
    LITERALS.get_or_init(|| {
        let literals = [
            "pass",
            "pwd",
            "secret",
            "token",
            "key",
            "auth",
            "bearer",
            "cookie",
            "://",
            "eyj",
            "akia",
            "asia",
            "ghp_",
            "gho_",
            "ghs_",
            "ghu_",
            "glpat-",
            "xox",
            "_live_",
            "npm_",
            "pypi-",
            "sg.",
            "aiza",
            "ya29.",
            "hvs.",
            "dop_v1_",
            "-----begin",
            "identified by",
            "sig=",
        ];
        AhoCorasick::builder().ascii_case_insensitive(true).build(literals).expect("fixed literals")
    })
}

/// The shapes of secrets; the group that is named is what is hidden.
fn shapes() -> &'static Regex {
    static SHAPES: OnceLock<Regex> = OnceLock::new();
    SHAPES.get_or_init(|| {
        Regex::new(concat!(
            r"(?P<pem>-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$))",
            r"|(?P<jwt>\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.?[0-9A-Za-z_-]*)",
            r"|(?P<known>\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[0-9A-Za-z_]{20,}|\bgithub_pat_[0-9A-Za-z_]{20,}|\bglpat-[0-9A-Za-z_-]{16,}|\bxox[abprs]-[0-9A-Za-z_-]{10,}|\b[sr]k_live_[0-9A-Za-z_]{16,}|\bnpm_[0-9A-Za-z_]{30,}|\bpypi-[0-9A-Za-z_-]{30,}|\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}|\bAIza[0-9A-Za-z_-]{30,}|\bya29\.[0-9A-Za-z_-]{20,}|\bhvs\.[0-9A-Za-z_-]{20,}|\bdop_v1_[0-9A-Za-z_]{30,})",
            r"|(?P<userinfo>://[^\s:/@]*:)(?P<url>[^\s@/]+)@",
            r"|(?P<scheme>(?i:\b(?:bearer|basic)\s+))(?P<header>[A-Za-z0-9+/=._~-]{8,})",
            r#"|(?P<lead>(?i:identified by|with password|password)\s+')(?P<sql>[^']+)'"#,
            r#"|(?P<name>(?i:[0-9A-Za-z_.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|accountkey|credential)s?[0-9A-Za-z_-]*|\bsig)["']?\s*(?:=|:\s)\s*["']?)(?P<value>[^\s"',;&<>{}\[\]()]{4,})"#,
        ))
        .expect("a fixed pattern")
    })
}

/// Words after a secret's name that are no secret.
fn is_harmless(value: &str) -> bool {
    let plain =
        ["true", "false", "null", "none", "required", "missing", "invalid", "expired", "unset", "failed", "YES", "not"];
    plain.contains(&value)
        || value.starts_with("<set")
        || value.starts_with("<secret:")
        || value.starts_with('/')
        || value.starts_with('$')
}

fn replacement(captures: &Captures<'_>) -> String {
    let whole = &captures[0];
    for (lead, hidden, tail) in
        [("userinfo", "url", "@"), ("scheme", "header", ""), ("lead", "sql", "'"), ("name", "value", "")]
    {
        if let (Some(lead), Some(hidden)) = (captures.name(lead), captures.name(hidden)) {
            let name = lead.as_str().to_ascii_lowercase();
            let is_reference =
                name.contains("secretname") || name.contains("secretref") || name.contains("secretkeyref");
            if is_reference || is_harmless(hidden.as_str()) {
                return whole.to_owned();
            }
            return format!("{}{}{tail}", lead.as_str(), mark(hidden.as_str()));
        }
    }
    mark(whole)
}

/// A short mark that depends on the content only and cannot be turned back.
fn mark(secret: &str) -> String {
    let mut hasher = rustc_hash::FxHasher::default();
    secret.hash(&mut hasher);
    format!("<secret:{:04x}>", (hasher.finish() >> 20) & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_equal_ones_look_equal() {
        for (text, secret) in [
            ("DB_PASSWORD=hunter22x", "hunter22x"),
            ("postgres://app:s3cr3tpw@db:5432/x", "s3cr3tpw"),
            ("Authorization: Bearer abcdef1234567890", "abcdef1234567890"),
            (r#"{"password": "hunter22x"}"#, "hunter22x"),
            ("aws AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"),
            ("ghp_abcdefghijklmnopqrstuvwxyz0123", "ghp_abcdefghijklmnopqrstuvwxyz0123"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0abc.sig1234567", "eyJzdWIiOiIxIn0abc"),
            ("CREATE USER x IDENTIFIED BY 'topsecret'", "topsecret"),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "abc\n"),
            ("--api-key=zzzzyyyyxxxx", "zzzzyyyyxxxx"),
        ] {
            let masked = Masked::new(text);
            assert!(!masked.as_str().contains(secret), "{masked}");
            assert!(masked.as_str().contains("<secret:"), "{masked}");
        }
        assert_eq!(Masked::new("token=abcdefgh"), Masked::new("token=abcdefgh"));
    }

    #[test]
    fn ordinary_text_stays() {
        for text in [
            "password authentication failed for user \"x\"",
            "secretName: web-tls",
            "secret \"app-credentials\" not found",
            "token issued",
            "GET http://api:8080/x",
            "image sha256:4c1d9f",
            "using password: YES",
        ] {
            assert_eq!(Masked::new(text).as_str(), text);
        }
    }
}
