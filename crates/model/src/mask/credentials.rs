//! Credentials whose own form tells what they are: keys, tokens, URLs with passwords, headers.

use std::borrow::Cow;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};

use super::mark;

/// An expression whose group `s` is the secret (the whole match, where there is no such group).
/// It is compiled when one of its literals (lower case) is first met.
struct Rule {
    literals: &'static [&'static str],
    expression: &'static str,
    compiled: OnceLock<Regex>,
}

impl Rule {
    const fn new(literals: &'static [&'static str], expression: &'static str) -> Self {
        Self { literals, expression, compiled: OnceLock::new() }
    }

    fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| Regex::new(self.expression).expect("a fixed expression"))
    }
}

static RULES: [Rule; 37] = [
    // Private keys; one that is cut off reaches to the end. Line ends may be escaped.
    Rule::new(
        &["private key"],
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?P<s>.*?)(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    // The header of a JSON web token stays: it names the algorithm and the key's id.
    Rule::new(&["eyj"], r"\beyJ[A-Za-z0-9_-]{5,}\.(?P<s>[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3})"),
    // Passwords in URLs. A password may hold `@`; one in a database's URL also `/`.
    Rule::new(&["://"], r#"(?i)\b[a-z][a-z0-9+.-]*://[^\s:/@"'<>?#]*:(?P<s>[^\s/"'<>]+)@"#),
    Rule::new(
        &["://"],
        r#"(?i)\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|amqps?|rediss?|mssql|sqlserver|nats|ldaps?|clickhouse)://[^\s:/@"'<>?#]*:(?P<s>[^\s"'<>@]*[^\s"'<>@0-9][^\s"'<>@]*)@"#,
    ),
    Rule::new(&["://"], r#"(?i)\bhttps?://(?P<s>[0-9a-f]{20,}|[A-Za-z0-9_-]{30,})@"#),
    Rule::new(&["@tcp(", "@unix("], r#"[\w.-]+:(?P<s>[^\s"'<>]+)@(?:tcp|unix)\("#),
    Rule::new(&["jdbc:oracle"], r#"(?i)jdbc:oracle:\w+:[^\s/@]+/(?P<s>[^\s@"']+)@"#),
    // Headers and bare schemes.
    Rule::new(&["bearer"], r#"(?i)\bbearer[ :]+(?P<s>[A-Za-z0-9._~+/=-]{12,})"#),
    Rule::new(
        &["authorization"],
        r#"(?i)\bauthorization\\*["']?\s*[:=]\s*\\*["']?(?:basic|token|digest|apikey|negotiate|bearer)\s+(?P<s>[^\s"'\\]{4,})"#,
    ),
    Rule::new(&["basic "], r#"(?i)\bbasic (?P<s>[A-Za-z0-9+/]{12,}={1,2})"#),
    Rule::new(&["cookie"], r#"(?i)\b(?:set-)?cookie\\*["']?\s*[:=]\s*\\*["']?(?P<s>[\w.-]+=[^\r\n"'\\]+)"#),
    // What a command line takes after `-u user:`.
    Rule::new(&["-u"], r#"(?:\s-u|--user)[ =]['"]?[^\s:'"]+:(?P<s>[^\s'"]+)"#),
    // SQL.
    Rule::new(
        &["identified"],
        r#"(?i)\bidentified\s+(?:by|with\s+\S+\s+(?:by|as))\s+(?:password\s+)?\\*['"](?P<s>[^'"\\]+)"#,
    ),
    // Clouds.
    Rule::new(&["akia", "asia", "abia", "acca"], r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    Rule::new(&["ltai"], r"\bLTAI[A-Za-z0-9]{12,24}\b"),
    Rule::new(&["aiza"], r"\bAIza[0-9A-Za-z_-]{35}"),
    Rule::new(&["ya29."], r"\bya29\.[0-9A-Za-z_-]{16,}"),
    Rule::new(&["_v1_"], r"\bdo[opr]_v1_[0-9a-f]{32,}"),
    // Code forges and package registries.
    Rule::new(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"\bgh[pousr]_[A-Za-z0-9]{20,}"),
    Rule::new(&["github_pat_"], r"\bgithub_pat_[A-Za-z0-9_]{20,}"),
    Rule::new(
        &["glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glimt-", "glagent-", "glsoat-", "gloas-"],
        r"\bgl(?:pat|ptt|dt|rt|cbt|ft|imt|agent|soat|oas)-[A-Za-z0-9_.-]{16,}",
    ),
    Rule::new(&["npm_"], r"\bnpm_[A-Za-z0-9]{30,}"),
    Rule::new(&["pypi-"], r"\bpypi-(?:AgE[A-Za-z0-9_-]{10,}|[A-Za-z0-9_-]{40,})"),
    Rule::new(&["dckr_pat_"], r"\bdckr_pat_[A-Za-z0-9_-]{16,}"),
    Rule::new(&["atatt3"], r"\bATATT3[A-Za-z0-9_=-]{20,}"),
    // Other services.
    Rule::new(&["xox"], r"\bxox[abeoprs]-[A-Za-z0-9-]{8,}"),
    Rule::new(&["xapp-"], r"\bxapp-[0-9]-[A-Za-z0-9-]{10,}"),
    Rule::new(&["hooks.slack.com"], r"hooks\.slack\.com/services/(?P<s>[A-Za-z0-9/]{20,})"),
    Rule::new(&["sk_", "rk_"], r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    Rule::new(&["whsec_"], r"\bwhsec_[A-Za-z0-9]{16,}"),
    Rule::new(&["sk-"], r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_]{20,}[A-Za-z0-9_-]*"),
    Rule::new(&["sg."], r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    Rule::new(&["sk"], r"\bSK[0-9a-f]{32}\b"),
    Rule::new(&["hvs.", "hvb.", "hvr."], r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}"),
    Rule::new(&["shp"], r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    Rule::new(&["nrak-"], r"\bNRAK-[A-Z0-9]{27}"),
    Rule::new(&["age-secret-key-"], r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}"),
];

/// The rules of which a literal stands in the text, in their order.
fn candidates(text: &str) -> impl Iterator<Item = &'static Rule> + use<> {
    static LITERALS: OnceLock<(AhoCorasick, Vec<usize>)> = OnceLock::new();
    let (automaton, rule_of) = LITERALS.get_or_init(|| {
        let pairs =
            RULES.iter().enumerate().flat_map(|(i, rule)| rule.literals.iter().map(move |literal| (*literal, i)));
        let (literals, rule_of): (Vec<&str>, Vec<usize>) = pairs.unzip();
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(literals);
        (automaton.expect("a few short literals fit an automaton"), rule_of)
    });
    let mut found = [false; RULES.len()];
    for literal in automaton.find_overlapping_iter(text) {
        found[rule_of[literal.pattern().as_usize()]] = true;
    }
    RULES.iter().zip(found).filter_map(|(rule, found)| found.then_some(rule))
}

/// Masks what the rules find.
pub(super) fn mask(text: &mut Cow<'_, str>) {
    let key_id = text.contains("AKIA") || text.contains("ASIA");
    for rule in candidates(text) {
        replace(text, rule.regex());
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
