//! A NetworkPolicy, from prose back to rules.

use firstfault_model::{Map, Value};

use super::Description;
use super::tree::Node;
use crate::kubectl::words;

/// Fills `spec`.
pub(super) fn fill(description: &Description, body: &mut Value) {
    let Some(spec) = description.find("Spec") else { return };
    for line in &spec.children {
        match line.key {
            "PodSelector" => body.set("spec.podSelector", selector(line.value)),
            "Policy Types" => body.set("spec.policyTypes", words::texts(line.value)),
            "Allowing ingress traffic" => body.set("spec.ingress", Value::List(rules(line, "from"))),
            "Allowing egress traffic" => body.set("spec.egress", Value::List(rules(line, "to"))),
            _ => {}
        }
    }
}

/// `<none> (Allowing the specific traffic to all pods in this namespace)` selects all.
fn selector(text: &str) -> Value {
    words::selector(text.split(" (").next().filter(|head| *head == "<none>").map_or(text, |_| "<none>"))
}

/// Rules are kept apart by lines of dashes; peers and ports inside a rule as well (deeper in).
fn rules(list: &Node, peers: &str) -> Vec<Value> {
    let mut rules = Vec::new();
    let mut rule: Option<Rule> = None;
    for line in &list.children {
        if line.raw.starts_with("---") {
            rules.extend(rule.take().map(|rule| rule.finish(peers)));
            continue;
        }
        if line.raw.starts_with("<none> (Selected pods are isolated") {
            continue;
        }
        let rule = rule.get_or_insert_default();
        match line.key {
            "To Port" => rule.port(line.value),
            "From" | "To" => rule.peers(line),
            _ => {}
        }
    }
    rules.extend(rule.map(|rule| rule.finish(peers)));
    rules
}

#[derive(Default)]
struct Rule {
    ports: Vec<Value>,
    peers: Vec<Value>,
}

impl Rule {
    /// `8080/TCP`, `dns/UDP`, `8000-8100/TCP`, `<any>`, `<any> (traffic allowed to all ports)`.
    fn port(&mut self, text: &str) {
        if text.starts_with("<any> (") {
            return;
        }
        let (port, protocol) = text.rsplit_once('/').unwrap_or((text, "TCP"));
        let mut body = words::map([("protocol", Value::str(protocol))]);
        match port.split_once('-') {
            Some((first, last)) if words::number(first).is_some() && words::number(last).is_some() => {
                words::set_number(&mut body, "port", first);
                words::set_number(&mut body, "endPort", last);
            }
            _ if port.starts_with('<') => {}
            _ => body.set("port", words::number_or_text(port)),
        }
        self.ports.push(body);
    }

    /// The peers under one `From:`; a NamespaceSelector and a PodSelector there are one peer.
    fn peers(&mut self, line: &Node) {
        if line.value.starts_with("<any>") {
            return;
        }
        let mut peer = Map::default();
        for part in &line.children {
            match part.key {
                "NamespaceSelector" => *peer.entry("namespaceSelector") = selector(part.value),
                "PodSelector" => *peer.entry("podSelector") = selector(part.value),
                "IPBlock" => *peer.entry("ipBlock") = block(part),
                _ => {}
            }
        }
        if !peer.is_empty() {
            self.peers.push(Value::Map(peer));
        }
    }

    fn finish(self, peers: &str) -> Value {
        let mut rule = Value::Map(Map::default());
        if !self.ports.is_empty() {
            rule.set("ports", Value::List(self.ports));
        }
        if !self.peers.is_empty() {
            rule.set(peers, Value::List(self.peers));
        }
        rule
    }
}

fn block(node: &Node) -> Value {
    let mut body = Value::default();
    words::set_known(&mut body, "cidr", node.value_of("CIDR"));
    if let Some(except) = words::known(node.value_of("Except")) {
        body.set("except", words::texts(except));
    }
    body
}
