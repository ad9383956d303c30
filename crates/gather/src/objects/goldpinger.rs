//! goldpinger's `/check_all`: which node's pod could reach which other node's pod.

use firstfault_model::{Evidence, Masked, Place};

use crate::{Chunk, Outcome, Reach, Yield};

use super::json_value::parse;

/// Whether it is one.
pub(crate) fn recognise(chunk: &Chunk<'_>) -> u8 {
    let head = super::head(chunk.text);
    let whole = head.trim_start().starts_with('{') && head.contains("\"hosts\"") && head.contains("\"hostIP\"");
    if whole && chunk.text.contains("\"podResults\"") { 92 } else { 0 }
}

/// Reads it: one attempt a pair of nodes.
pub(crate) fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    out.read_as = "goldpinger check_all".to_owned();
    let value = match parse(chunk.text, &mut Default::default()) {
        Ok(value) => value,
        Err(what) => return super::problem(chunk, chunk.first_line, what, out),
    };
    for (source, answer) in value.get("responses").entries() {
        let from = answer.get("HostIP").text();
        if answer.get("OK").as_bool() == Some(false) {
            let error = answer.get("error").text();
            push(chunk, (None, ""), (from, source), error, out);
        }
        for (target, result) in answer.at("response.podResults").entries() {
            let error = match result.get("OK").as_bool() {
                Some(false) => Some(result.get("error").text()).filter(|e| !e.is_empty()).unwrap_or("failed"),
                _ => "",
            };
            push(chunk, (Some(from), source), (result.get("HostIP").text(), target), error, out);
        }
    }
}

fn push(chunk: &Chunk<'_>, from: (Option<&str>, &str), to: (&str, &str), error: &str, out: &mut Yield) {
    let outcome = match error {
        "" => Outcome::Reached,
        _ if error.contains("deadline exceeded") || error.contains("timeout") || error.contains("timed out") => {
            Outcome::TimedOut
        }
        _ if error.contains("refused") => Outcome::Refused,
        _ if error.contains("no such host") => Outcome::NotResolved,
        _ => Outcome::Failed,
    };
    let line = line_of(chunk, &format!("\"{}\"", to.1));
    let said = if error.is_empty() { "answered" } else { error };
    out.reaches.push(Reach {
        tool: "goldpinger",
        from: from.0.map(str::to_owned),
        host: to.0.to_owned(),
        port: None,
        outcome,
        evidence: Evidence {
            place: Place::line(chunk.path, line),
            excerpt: Masked::new(&format!("{} on {} to {} on {}: {said}", from.1, from.0.unwrap_or("?"), to.1, to.0)),
        },
    });
}

/// The line on which a text first stands.
fn line_of(chunk: &Chunk<'_>, text: &str) -> u32 {
    let before = chunk.text.find(text).map_or("", |at| &chunk.text[..at]);
    chunk.first_line + before.matches('\n').count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;

    #[test]
    fn each_pair_is_an_attempt() {
        let text = r#"{"hosts":[{"hostIP":"10.9.0.1","podName":"gp-a"},{"hostIP":"10.9.0.2","podName":"gp-b"}],
            "responses":{"gp-a":{"HostIP":"10.9.0.1","OK":true,"response":{"podResults":{
            "gp-a":{"HostIP":"10.9.0.1","OK":true,"status-code":200},
            "gp-b":{"HostIP":"10.9.0.2","OK":false,"error":"Get \"http://10.2.1.2:80/ping\": context deadline exceeded"}}}},
            "gp-b":{"HostIP":"10.9.0.2","OK":false,"error":"dial tcp 10.2.1.2:80: connect: connection refused"}}}"#;
        let context = Context::default();
        let chunk = Chunk { path: &"check.json".into(), first_line: 1, command: None, text, context: &context };
        assert!(recognise(&chunk) > 0);
        let mut out = Yield::default();
        read(&chunk, &mut out);
        let pairs: Vec<_> =
            out.reaches.iter().map(|r| (r.from.as_deref(), r.host.as_str(), r.outcome.clone())).collect();
        assert_eq!(
            pairs,
            [
                (Some("10.9.0.1"), "10.9.0.1", Outcome::Reached),
                (Some("10.9.0.1"), "10.9.0.2", Outcome::TimedOut),
                (None, "10.9.0.2", Outcome::Refused),
            ]
        );
    }
}
