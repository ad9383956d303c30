//! Rules of Prometheus: files of `groups:`, and the answer of its `/api/v1/rules`. Each file
//! becomes one object of kind `rule-file` in the shape of a PrometheusRule (`spec.groups`).

use firstfault_model::{Interner, Map, Name, Place, Value};

use crate::{Chunk, Form, Object, Origin, Yield};

use super::{head, problem, yaml};

/// The kind of what was read here.
const KIND: &str = "rule-file";

/// A rule file: groups at the margin, and rules with expressions below.
pub(crate) fn file(chunk: &Chunk<'_>) -> u8 {
    let head = head(chunk.text);
    let mut lines = head.lines();
    let grouped = lines.any(|line| line.strip_prefix("groups:").is_some_and(|rest| rest.trim().is_empty()));
    let ruled = |key: &str| head.lines().any(|line| line.trim_start_matches(['-', ' ']).starts_with(key));
    let kinds = head.lines().any(|line| line.starts_with("kind:"));
    if grouped && !kinds && ruled("rules:") && ruled("expr:") && (ruled("alert:") || ruled("record:")) { 88 } else { 0 }
}

/// The answer of `/api/v1/rules`.
pub(crate) fn answer(chunk: &Chunk<'_>) -> u8 {
    let start = chunk.text.trim_start();
    let start = &start[..start.floor_char_boundary(4000)];
    let has = |key: &str| start.contains(key);
    if start.starts_with('{') && has("\"groups\"") && has("\"rules\"") && has("\"query\"") { 94 } else { 0 }
}

/// Reads a rule file.
pub(crate) fn read_file(chunk: &Chunk<'_>, out: &mut Yield) {
    out.read_as = "rules (Prometheus)".to_owned();
    let mut names = Interner::default();
    let mut groups = Vec::new();
    for (line, text) in yaml::documents(chunk.text) {
        let mut document = yaml::read(text, chunk.first_line + line, &mut names);
        if let Some((what, line)) = document.problem {
            problem(chunk, line, what, out);
        }
        if let Value::List(more) = std::mem::take(document.value.entry("groups")) {
            groups.extend(more);
        }
    }
    put(chunk, groups, out);
}

/// Reads an answer, and gives its rules the names that files have.
pub(crate) fn read_answer(chunk: &Chunk<'_>, out: &mut Yield) {
    out.read_as = "rules (Prometheus answer)".to_owned();
    // The server says all the rules that it has.
    out.listed.push((Name::from(KIND), None));
    let value = match super::json_value::parse(chunk.text.trim(), &mut Interner::default()) {
        Ok(value) => value,
        Err(what) => return problem(chunk, chunk.first_line, what, out),
    };
    let groups = value.at("data.groups").list().iter().map(|group| {
        let rules = group.get("rules").list().iter().map(rule).collect();
        let entries = vec![("name".into(), group.get("name").clone()), ("rules".into(), Value::List(rules))];
        Value::Map(Map(entries))
    });
    put(chunk, groups.collect(), out);
}

fn rule(answered: &Value) -> Value {
    let key = if answered.get("type").text() == "recording" { "record" } else { "alert" };
    let mut rule = vec![
        (Name::from(key), answered.get("name").clone()),
        ("expr".into(), answered.get("query").clone()),
        ("labels".into(), answered.get("labels").clone()),
    ];
    if let Some(seconds) = answered.get("duration").as_int().filter(|s| *s > 0) {
        rule.push(("for".into(), Value::str(&format!("{seconds}s"))));
    }
    Value::Map(Map(rule))
}

fn put(chunk: &Chunk<'_>, groups: Vec<Value>, out: &mut Yield) {
    if groups.is_empty() {
        return;
    }
    let mut body = Value::default();
    body.set("spec.groups", Value::List(groups));
    let lines = u32::try_from(chunk.text.trim_end().lines().count().max(1)).unwrap_or(u32::MAX);
    let place =
        Place { path: chunk.path.clone(), lines: (chunk.first_line, chunk.first_line.saturating_add(lines - 1)) };
    let origins = vec![Origin { place, form: Form::Manifest }];
    out.objects.push(Object { kind: KIND.into(), namespace: None, name: chunk.path.clone(), body, origins });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::sample::chunk;

    const FILE: &str = "groups:\n  - name: shop\n    rules:\n      - alert: ShopSlow\n        expr: shop_latency_seconds > 2\n        for: 5m\n      - record: shop:rate\n        expr: rate(shop_total[5m])\n";

    fn read_all(text: &str, read: fn(&Chunk<'_>, &mut Yield)) -> Object {
        let mut out = Yield::default();
        read(&chunk("rules/shop.yml", text, None), &mut out);
        out.objects.into_iter().next().expect("one object")
    }

    #[test]
    fn a_rule_file_and_an_answer_become_the_same() {
        assert!(file(&chunk("shop.yml", FILE, None)) > 80);
        let object = read_all(FILE, read_file);
        assert_eq!(object.at("spec.groups.0.rules.0.alert").text(), "ShopSlow");
        let json = r#"{"status":"success","data":{"groups":[{"name":"shop","file":"x","rules":[{"state":"inactive","name":"ShopSlow","query":"shop_latency_seconds > 2","duration":300,"labels":{},"type":"alerting"}]}]}}"#;
        assert!(answer(&chunk("rules.json", json, None)) > 80);
        let answered = read_all(json, read_answer);
        assert_eq!(answered.at("spec.groups.0.rules.0.expr"), object.at("spec.groups.0.rules.0.expr"));
        assert_eq!(answered.at("spec.groups.0.rules.0.for").text(), "300s");
    }

    #[test]
    fn other_files_with_groups_are_left_alone() {
        for text in [
            "groups:\n  - admins\n  - users\n",
            "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups: []\n",
            "rule_files:\n  - a.yml\ntests:\n  - interval: 1m\n",
        ] {
            assert_eq!(file(&chunk("x.yml", text, None)), 0, "{text}");
        }
    }

    #[test]
    fn a_file_that_breaks_off_keeps_its_earlier_rules_or_says_so() {
        for end in 0..FILE.len() {
            let mut out = Yield::default();
            read_file(&chunk("x.yml", &FILE[..end], None), &mut out);
            assert!(out.objects.len() <= 1);
        }
    }
}
