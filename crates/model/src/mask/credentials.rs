//! Credentials whose own form tells what they are: keys, tokens, URLs with passwords, headers.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::{Captures, Regex};

use super::mark;

/// Expressions whose group `s` is the secret (the whole match, where there is no such group).
const RULES: &[&str] = &[
    // Private keys; one that is cut off reaches to the end. Line ends may be escaped.
    r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?P<s>.*?)(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
    // The header of a JSON web token stays: it names the algorithm and the key's id.
    r"\beyJ[A-Za-z0-9_-]{5,}\.(?P<s>[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3})",
    // Passwords in URLs. A password may hold `@`; one in a database's URL also `/`.
    r#"(?i)\b[a-z][a-z0-9+.-]*://[^\s:/@"'<>?#]*:(?P<s>[^\s/"'<>]+)@"#,
    r#"(?i)\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|amqps?|rediss?|mssql|sqlserver|nats|ldaps?|clickhouse)://[^\s:/@"'<>?#]*:(?P<s>[^\s"'<>@]*[^\s"'<>@0-9][^\s"'<>@]*)@"#,
    r#"(?i)\bhttps?://(?P<s>[0-9a-f]{20,}|[A-Za-z0-9_-]{30,})@"#,
    r#"[\w.-]+:(?P<s>[^\s"'<>]+)@(?:tcp|unix)\("#,
    r#"(?i)jdbc:oracle:\w+:[^\s/@]+/(?P<s>[^\s@"']+)@"#,
    // Headers and bare schemes.
    r#"(?i)\bbearer[ :]+(?P<s>[A-Za-z0-9._~+/=-]{12,})"#,
    r#"(?i)\bauthorization\\*["']?\s*[:=]\s*\\*["']?(?:basic|token|digest|apikey|negotiate|bearer)\s+(?P<s>[^\s"'\\]{4,})"#,
    r#"(?i)\bbasic (?P<s>[A-Za-z0-9+/]{12,}={1,2})"#,
    r#"(?i)\b(?:set-)?cookie\\*["']?\s*[:=]\s*\\*["']?(?P<s>[\w.-]+=[^\r\n"'\\]+)"#,
    // What a command line takes after `-u user:`.
    r#"(?:\s-u|--user)[ =]['"]?[^\s:'"]+:(?P<s>[^\s'"]+)"#,
    // SQL.
    r#"(?i)\bidentified\s+(?:by|with\s+\S+\s+(?:by|as))\s+(?:password\s+)?\\*['"](?P<s>[^'"\\]+)"#,
    // Clouds.
    r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    r"\bLTAI[A-Za-z0-9]{12,24}\b",
    r"\bAIza[0-9A-Za-z_-]{35}",
    r"\bya29\.[0-9A-Za-z_-]{16,}",
    r"\bdo[opr]_v1_[0-9a-f]{32,}",
    // Code forges and package registries.
    r"\bgh[pousr]_[A-Za-z0-9]{20,}",
    r"\bgithub_pat_[A-Za-z0-9_]{20,}",
    r"\bgl(?:pat|ptt|dt|rt|cbt|ft|imt|agent|soat|oas)-[A-Za-z0-9_.-]{16,}",
    r"\bnpm_[A-Za-z0-9]{30,}",
    r"\bpypi-(?:AgE[A-Za-z0-9_-]{10,}|[A-Za-z0-9_-]{40,})",
    r"\bdckr_pat_[A-Za-z0-9_-]{16,}",
    r"\bATATT3[A-Za-z0-9_=-]{20,}",
    // Other services.
    r"\bxox[abeoprs]-[A-Za-z0-9-]{8,}",
    r"\bxapp-[0-9]-[A-Za-z0-9-]{10,}",
    r"hooks\.slack\.com/services/(?P<s>[A-Za-z0-9/]{20,})",
    r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}",
    r"\bwhsec_[A-Za-z0-9]{16,}",
    r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_]{20,}[A-Za-z0-9_-]*",
    r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"\bSK[0-9a-f]{32}\b",
    r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}",
    r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    r"\bNRAK-[A-Z0-9]{27}",
    r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}",
];

fn rules() -> &'static [Regex] {
    static COMPILED: OnceLock<Vec<Regex>> = OnceLock::new();
    COMPILED.get_or_init(|| RULES.iter().map(|rule| Regex::new(rule).expect("a fixed expression")).collect())
}

/// Masks what the rules find.
pub(super) fn mask(text: &mut Cow<'_, str>) {
    let key_id = text.contains("AKIA") || text.contains("ASIA");
    for rule in rules() {
        replace(text, rule);
    }
    if key_id {
        replace(text, secret_access_key());
    }
}

/// The secret half of a key pair: forty characters of base64 near the key's id.
fn secret_access_key() -> &'static Regex {
    static COMPILED: OnceLock<Regex> = OnceLock::new();
    COMPILED.get_or_init(|| {
        Regex::new(r"<secret:[0-9a-f]{4}>[^\n]{0,80}\n?[^\n]{0,80}?[^A-Za-z0-9/+](?P<s>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)")
            .expect("a fixed expression")
    })
}

/// Replaces the secret of each match.
pub(super) fn replace(text: &mut Cow<'_, str>, rule: &Regex) {
    if !rule.is_match(text) {
        return;
    }
    let replaced = rule.replace_all(text, |found: &Captures<'_>| {
        let whole = found.get(0).expect("every match has a whole");
        let secret = found.name("s").unwrap_or(whole);
        // What was masked before stays: a second pass must not change it.
        if secret.as_str().contains("<secret:") || secret.as_str().bytes().all(|b| b == b'*') {
            return whole.as_str().to_owned();
        }
        let before = &whole.as_str()[..secret.start() - whole.start()];
        let after = &whole.as_str()[secret.end() - whole.start()..];
        format!("{before}{}{after}", mark(secret.as_str()))
    });
    *text = Cow::Owned(replaced.into_owned());
}
