//! SARIF 2.1.0 (OASIS), as code scanners show it.

use serde_json::{Value, json};

use crate::report::{Audit, AuditRemark, Rank, Suppressed};

/// The audit as a SARIF log, indented, with a line feed at the end.
#[must_use]
pub fn sarif(audit: &Audit) -> String {
    let checks: Vec<_> = crate::checks().collect();
    let rules: Vec<Value> = checks
        .iter()
        .map(|(topic, check)| {
            json!({
                "id": check.code,
                "shortDescription": { "text": check.title },
                "fullDescription": { "text": check.means },
                "help": { "text": check.mend },
                "helpUri": check.reference,
                "properties": { "tags": [topic], "failureModes": check.modes },
            })
        })
        .collect();
    let index = |code: &str| checks.iter().position(|(_, check)| check.code == code);
    let open = audit.remarks.iter().map(|remark| result(remark, index(&remark.code), None));
    let left = audit.suppressed.iter().map(|s| result(&s.remark, index(&s.remark.code), Some(s)));
    let notes: Vec<Value> = audit.notes.iter().map(|n| json!({ "level": "note", "message": { "text": n } })).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "firstfault", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "results": open.chain(left).collect::<Vec<Value>>(),
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn result(remark: &AuditRemark, index: Option<usize>, suppressed: Option<&Suppressed>) -> Value {
    let level = match remark.rank {
        Rank::High => "error",
        Rank::Medium => "warning",
        Rank::Low => "note",
    };
    let entity = &remark.entity;
    let name = match &entity.namespace {
        Some(namespace) => format!("{}/{namespace}/{}", entity.kind, entity.name),
        None => format!("{}/{}", entity.kind, entity.name),
    };
    let mut physical = json!({ "artifactLocation": { "uri": uri(&remark.evidence.path) } });
    if remark.evidence.lines.0 > 0 {
        let (from, to) = remark.evidence.lines;
        physical["region"] = json!({ "startLine": from, "endLine": to.max(from) });
    }
    let mut result = json!({
        "ruleId": remark.code,
        "level": level,
        "message": { "text": format!("{}: {}. {} Mend: {}", name, remark.what, remark.why, remark.mend) },
        "locations": [{
            "physicalLocation": physical,
            "logicalLocations": [{ "name": entity.name, "fullyQualifiedName": name, "kind": "resource" }],
        }],
        "partialFingerprints": { "firstfaultAudit/v1": format!("{}:{name}", remark.code) },
        "rank": (remark.score.value * 10.0).clamp(0.0, 100.0),
        "properties": { "score": remark.score, "failureModes": remark.modes.iter().map(|m| &m.id).collect::<Vec<_>>() },
    });
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    if let Some(suppressed) = suppressed {
        let why = format!("{} (until {})", suppressed.reason, suppressed.until);
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": why }]);
    }
    result
}

/// A relative reference: what RFC 3986 does not allow in a path is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("dump/pods 1.json"), "dump/pods%201.json");
        assert_eq!(uri("a:b/ü"), "a%3Ab/%C3%BC");
    }
}
