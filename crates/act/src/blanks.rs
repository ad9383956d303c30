//! Words in capitals in a remedy's commands: filled from the case where the case knows, named where it does not.

use std::collections::BTreeMap;

use firstfault_catalog::RemedySpec;
use firstfault_model::case::Hypothesis;

use crate::memory::{bytes, quantity};
use crate::plan::Blank;

/// A third more: room until the fix without hiding the growth for long.
const HEADROOM: f64 = 4.0 / 3.0;

/// The facts of a hypothesis by name; the facts on its own entity and the strongest first.
pub(crate) fn facts(hypothesis: &Hypothesis) -> BTreeMap<&str, &str> {
    let mut facts = BTreeMap::new();
    for (name, value) in hypothesis.evidence.iter().flat_map(|e| &e.fields) {
        if !value.is_empty() {
            facts.entry(name.as_str()).or_insert(value.as_str());
        }
    }
    facts
}

/// The words in capitals that a remedy's template leaves to be filled in: its own, and its
/// placeholders without a value in this case.
pub(crate) fn names(template: &RemedySpec) -> Vec<String> {
    let texts = template.steps.iter().chain([&template.rollback, &template.verification]);
    let mut names = Vec::new();
    for text in texts {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '{' || c == '}'));
        for word in words.filter(|w| !w.is_empty()) {
            let placeholder = word.strip_prefix('{').and_then(|w| w.split('}').next());
            let name = match placeholder {
                Some(inside) if inside.chars().all(|c| c.is_ascii_lowercase() || c == '_') => inside.to_uppercase(),
                Some(_) => continue,
                None if is_blank(word) => word.to_owned(),
                None => continue,
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Capitals that stand for something to fill in, and not for a protocol or a variable's own name.
fn is_blank(word: &str) -> bool {
    const NO_BLANKS: &[&str] = &[
        "CPU",
        "CSI",
        "CNI",
        "CRD",
        "DNS",
        "GOMEMLIMIT",
        "GPU",
        "HPA",
        "HTTP",
        "HTTPS",
        "JSON",
        "JVM",
        "LIST",
        "NTP",
        "PDB",
        "PID",
        "RBAC",
        "SQL",
        "SSL_CERT_FILE",
        "TCP",
        "TLS",
        "TTL",
        "UDP",
        "URL",
        "VPA",
        "YAML",
        "API",
        "UTC",
    ];
    word.len() > 2
        && word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && !NO_BLANKS.contains(&word)
}

/// What to put for a word, as far as the case knows.
pub(crate) fn fill(name: &str, command: &str, facts: &BTreeMap<&str, &str>) -> Blank {
    let known = |value: String, why: String| Blank { name: name.to_owned(), value: Some(value), why };
    let fact = |key: &str| facts.get(key).copied().filter(|v| is_plain(v));
    if command.contains(&format!("limits=memory={name}"))
        && let Some((value, why)) = memory_limit(name, facts)
    {
        return known(value, why);
    }
    if command.contains(&format!("requests=memory={name}"))
        && let Some((value, why)) = memory_request(facts)
    {
        return known(value, why);
    }
    if command.contains(&format!("limits=cpu={name}"))
        && let Some((value, why)) = cpu_limit(facts)
    {
        return known(value, why);
    }
    match name {
        "CONTAINER" | "NODE" | "IMAGE" => {
            if let Some(value) = fact(&name.to_lowercase()) {
                return known(value.to_owned(), "as the evidence names it".to_owned());
            }
        }
        "ONE_MORE" => {
            if let Some(wanted) = fact("wanted").and_then(|w| w.parse::<u32>().ok()) {
                return known((wanted + 1).to_string(), format!("one more than the {wanted} that it wants now"));
            }
        }
        "MORE" => {
            if let Some((value, why)) = replicas(facts) {
                return known(value, why);
            }
        }
        _ => {}
    }
    Blank { name: name.to_owned(), value: None, why: where_to_find(name) }
}

/// A value that may stand in a command as it is.
fn is_plain(value: &str) -> bool {
    !value.starts_with('-') && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@".contains(c))
}

fn memory_limit(name: &str, facts: &BTreeMap<&str, &str>) -> Option<(String, String)> {
    let said = facts.get("limit").copied()?;
    let limit = bytes(said)?;
    let factor = if name.starts_with("TWICE") { 2.0 } else { HEADROOM };
    let proposed = quantity(limit * factor, said);
    let more = if name.starts_with("TWICE") { "twice" } else { "a third above" };
    let mut why = format!("{more} the limit of {said} that it went to");
    let growth = facts.get("rate_latest").or_else(|| facts.get("rate")).copied();
    let a_minute = growth.and_then(|rate| bytes(rate.strip_suffix(" a minute")?)).filter(|rate| *rate > 0.0);
    if let (Some(rate), Some(a_minute), Some(room)) = (growth, a_minute, bytes(&proposed)) {
        let minutes = (room - limit) / a_minute;
        why.push_str(&format!("; at {rate} this is {} more: it buys time and mends nothing", lasting(minutes)));
    } else if let Some(peak) = facts.get("top") {
        why.push_str(&format!("; it was seen at {peak}"));
    }
    Some((proposed, why))
}

fn memory_request(facts: &BTreeMap<&str, &str>) -> Option<(String, String)> {
    let limit = facts.get("limit").copied()?;
    bytes(limit)?;
    Some((quantity(bytes(limit)?, limit), format!("what it is known to need: it went to the limit of {limit}")))
}

fn cpu_limit(facts: &BTreeMap<&str, &str>) -> Option<(String, String)> {
    let limit: f64 = facts.get("limit")?.parse().ok()?;
    let proposed = (limit * 1.5 * 1000.0).ceil();
    let value = if proposed % 1000.0 == 0.0 { format!("{}", proposed / 1000.0) } else { format!("{proposed}m") };
    let why = format!("half more than the limit of {limit} that it uses up; what it would take without is not seen");
    Some((value, why))
}

fn replicas(facts: &BTreeMap<&str, &str>) -> Option<(String, String)> {
    let wanted: u32 = facts.get("wanted").or_else(|| facts.get("replicas"))?.parse().ok()?;
    let times: f64 = facts.get("times")?.parse().ok()?;
    // A surge beyond ten times wants a decision, no multiplication.
    (wanted > 0 && times > 1.0 && times <= 10.0).then(|| {
        let more = (f64::from(wanted) * times).ceil();
        (format!("{more}"), format!("{wanted} replicas now, times {times}, which is how much more comes than usual"))
    })
}

fn lasting(minutes: f64) -> String {
    if minutes < 2.0 {
        format!("{:.0} seconds", minutes * 60.0)
    } else if minutes < 120.0 {
        format!("{minutes:.0} minutes")
    } else if minutes < 48.0 * 60.0 {
        format!("{:.0} hours", minutes / 60.0)
    } else {
        format!("{:.0} days", minutes / 60.0 / 24.0)
    }
}

fn where_to_find(name: &str) -> String {
    let at = match name {
        "CONTAINER" => "`kubectl get pod POD -o jsonpath='{.spec.containers[*].name}'` prints the names",
        "NODE" => "`kubectl get nodes` prints the names",
        "NAMESPACE" => "`kubectl get namespaces` prints the names",
        "LAST_GOOD" => "the last revision that worked, in the history of the tool that delivers it",
        _ if name.ends_with("NAMESPACE") => "`kubectl get pods -A` shows in which namespace it runs",
        _ if name.contains("IMAGE") || name.ends_with("TAG") => "the registry or the pipeline that builds it",
        _ if name.ends_with("PORT") => "the port on which the program listens: its log or configuration says it",
        _ if name.starts_with("THE_NOTED") => "what the command before printed",
        _ => "not in the evidence: whoever runs it knows, or the check before shows it",
    };
    at.to_owned()
}

/// Whether a text has it as a whole word.
pub(crate) fn holds_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|w| w == word)
}

/// The text with a blank's value in it, where there is one.
pub(crate) fn put(text: &str, blank: &Blank) -> String {
    let Some(value) = &blank.value else { return text.to_owned() };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(&blank.name) {
        let (before, after) = (&rest[..at], &rest[at + blank.name.len()..]);
        let joins = |c: char| c.is_ascii_alphanumeric() || c == '_';
        out.push_str(before);
        let inside = before.ends_with(joins) || after.starts_with(joins);
        out.push_str(if inside { &blank.name } else { value });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_limit_is_computed_from_the_limit_and_the_growth() {
        let facts = BTreeMap::from([("limit", "3.00 GB"), ("rate_latest", "100 MB a minute")]);
        let blank = fill("HIGHER_LIMIT", "kubectl set resources deploy/a --limits=memory=HIGHER_LIMIT", &facts);
        assert_eq!(blank.value.as_deref(), Some("4G"));
        // 4.00 GB - 3.00 GB at 100 MB a minute.
        assert!(blank.why.contains("10 minutes more"), "{}", blank.why);
    }

    #[test]
    fn nothing_is_invented() {
        let nothing = BTreeMap::new();
        assert_eq!(fill("HIGHER_LIMIT", "kubectl … --limits=memory=HIGHER_LIMIT", &nothing).value, None);
        assert_eq!(fill("MORE", "kubectl scale --replicas=MORE", &BTreeMap::from([("wanted", "3")])).value, None);
        assert_eq!(fill("CONTAINER", "", &BTreeMap::from([("container", "$(reboot)")])).value, None);
    }

    #[test]
    fn only_what_has_to_be_filled_in_is_a_blank() {
        let spec = RemedySpec {
            kind: "fix".to_owned(),
            title: String::new(),
            steps: vec!["kubectl -n {namespace} set image {kind}/{name} CONTAINER=NEW_IMAGE # HTTP, CPU".to_owned()],
            risk: "low".to_owned(),
            rollback: "undo in {namespace}".to_owned(),
            verification: "ok".to_owned(),
        };
        assert_eq!(names(&spec), ["NAMESPACE", "KIND", "NAME", "CONTAINER", "NEW_IMAGE"]);
    }
}
