//! Kubernetes objects as YAML, written by a serializer: what comes from evidence stays a scalar, whatever it holds.

use firstfault_model::Masked;
use serde_json::Value;

/// Before a key of what is not known: no label or field of Kubernetes begins so, and it is never the first of its map.
const UNKNOWN: &str = "zz find out ";

/// The name of a field whose value has to be found out.
pub(super) fn unknown(field: &str) -> String {
    format!("{UNKNOWN}{field}")
}

/// A text from evidence: masked, on one line.
pub(super) fn said(text: &str) -> String {
    Masked::new(text).as_str().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Documents of YAML, each below its comment. Fields named by [`unknown`] become comments.
pub(super) fn documents(objects: &[(String, Value)]) -> String {
    let mut out = String::new();
    for (nth, (comment, object)) in objects.iter().enumerate() {
        if nth > 0 {
            out.push_str("---\n");
        }
        for line in comment.lines() {
            out.push_str(&format!("# {line}\n"));
        }
        let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
        let text = serde_saphyr::to_string_with_options(object, options).unwrap_or_default();
        for line in text.lines() {
            out.push_str(&commented(line));
            out.push('\n');
        }
    }
    out
}

/// A line of the serializer, as a comment where it says what is not known.
fn commented(line: &str) -> String {
    let inside = line.trim_start();
    // A plain scalar holds no colon before a space, so this is a key.
    let Some(field) = inside.strip_prefix(UNKNOWN).filter(|field| field.contains(": ")) else { return line.to_owned() };
    format!("{}# {field}", " ".repeat(line.len() - inside.len()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_a_name_holds_it_reads_back_as_it_was() {
        for name in
            ["$(reboot)", "a: b", "- x", "# y", "'", "\"", "yes", "1.10", "null", "{{ x }}", "*a", "zz find out x", ""]
        {
            let text = documents(&[(String::new(), json!({"metadata": {"name": name}, "list": [name]}))]);
            let back: Value = serde_saphyr::from_str(&text).expect("YAML");
            assert_eq!(back["metadata"]["name"], name, "{text}");
            assert_eq!(back["list"][0], name, "{text}");
        }
        assert_eq!(said("a\nb"), "a b");
    }

    #[test]
    fn what_is_not_known_is_a_comment() {
        let text = documents(&[("why".into(), json!({"limits": {"memory": "4G", unknown("cpu"): "its peak"}}))]);
        assert_eq!(text, "# why\nlimits:\n  memory: 4G\n  # cpu: its peak\n");
    }
}
