//! Containers of a pod or of a pod template: what they should be and how they are.

use firstfault_model::{Map, Value};

use super::grid::time;
use super::probes;
use super::tree::{Node, find};
use crate::kubectl::words;

/// The three lists of containers in a description, with their fields in spec and status.
const LISTS: &[(&str, &str, &str)] = &[
    ("Init Containers", "initContainers", "initContainerStatuses"),
    ("Containers", "containers", "containerStatuses"),
    ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
];

/// Fills `spec` (a pod's spec) with the containers under these nodes, and `status` with their states.
pub(super) fn fill(nodes: &[Node], spec: &mut Value, mut status: Option<&mut Value>) {
    for (title, field, states) in LISTS {
        let Some(list) = find(nodes, title) else { continue };
        let containers = list.children.iter().filter(|node| !node.key.is_empty());
        let (mut specs, mut statuses) = (Vec::new(), Vec::new());
        for node in containers {
            specs.push(container(node));
            statuses.extend(state_of(node));
        }
        spec.set(field, Value::List(specs));
        if let Some(status) = status.as_deref_mut()
            && !statuses.is_empty()
        {
            status.set(states, Value::List(statuses));
        }
    }
}

fn container(node: &Node) -> Value {
    let mut body = words::map([("name", Value::str(node.key))]);
    words::set_known(&mut body, "image", node.value_of("Image"));
    words::set_known(&mut body, "restartPolicy", node.value_of("Restart Policy"));
    ports(node, &mut body);
    for (title, field) in [("Command", "command"), ("Args", "args")] {
        if let Some(list) = node.child(title) {
            body.set(field, Value::List(arguments(list)));
        }
    }
    for (title, field) in [("Limits", "limits"), ("Requests", "requests")] {
        for amount in node.child(title).map_or(&[][..], |list| &list.children) {
            if words::known(amount.value).is_some() && !amount.key.is_empty() {
                *body.entry("resources").entry(field).entry(amount.key) = Value::str(amount.value);
            }
        }
    }
    for (title, field) in [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")]
    {
        if let Some(probe) = node.child(title).and_then(|line| probes::probe(line.value)) {
            body.set(field, probe);
        }
    }
    environment(node, &mut body);
    mounts(node, &mut body);
    body
}

/// `Ports: 8080/TCP (http), 9090/TCP` beside `Host Ports: 0/TCP, 0/TCP`.
fn ports(node: &Node, body: &mut Value) {
    let line = |one: &str, many: &str| node.child(one).or_else(|| node.child(many)).map_or("", |line| line.value);
    let Some(text) = words::known(line("Port", "Ports")) else { return };
    let mut hosts = line("Host Port", "Host Ports").split(',');
    let mut list = Vec::new();
    for part in text.split(',') {
        let (port, name) = part.trim().split_once(" (").unwrap_or((part.trim(), ""));
        let (number, protocol) = port.split_once('/').unwrap_or((port, "TCP"));
        let Some(number) = words::number(number) else { continue };
        let mut pairs = vec![("containerPort", number), ("protocol", Value::str(protocol))];
        if let Some(name) = words::known(name.trim_end_matches(')')) {
            pairs.push(("name", Value::str(name)));
        }
        let host = hosts.next().and_then(|host| host.trim().split('/').next()).and_then(words::number);
        pairs.extend(host.filter(|host| *host != Value::Int(0)).map(|host| ("hostPort", host)));
        list.push(words::map(pairs));
    }
    body.set("ports", Value::List(list));
}

/// Each line is an argument, except that a shell's script is one argument of many lines.
fn arguments(list: &Node) -> Vec<Value> {
    let lines = list.lines_below();
    let mut found = Vec::new();
    let mut lines = lines.into_iter();
    while let Some(line) = lines.next() {
        found.push(Value::str(line));
        let is_script = line.len() > 1 && line.starts_with('-') && !line.starts_with("--") && line.ends_with('c');
        if is_script {
            let script: Vec<_> = lines.by_ref().collect();
            if !script.is_empty() {
                found.push(Value::str(&script.join("\n")));
            }
        }
    }
    found
}

fn environment(node: &Node, body: &mut Value) {
    if let Some(list) = node.child("Environment Variables from") {
        let sources: Vec<_> = list.children.iter().filter_map(|line| env_from(line.raw)).collect();
        body.set("envFrom", Value::List(sources));
    }
    if let Some(list) = node.child("Environment") {
        let variables: Vec<_> = list.children.iter().filter(|line| !line.key.is_empty()).map(variable).collect();
        if !variables.is_empty() {
            body.set("env", Value::List(variables));
        }
    }
}

/// `settings  ConfigMap with prefix 'APP_'  Optional: false`.
fn env_from(line: &str) -> Option<Value> {
    let (name, rest) = line.split_once(char::is_whitespace)?;
    let field = if rest.contains("ConfigMap") { "configMapRef" } else { "secretRef" };
    let mut source = Value::default();
    source.set(&format!("{field}.name"), Value::str(name));
    if let Some(optional) = optional(rest) {
        source.set(&format!("{field}.optional"), Value::Bool(optional));
    }
    if let Some(prefix) = between(rest, "with prefix '", "'") {
        source.set("prefix", Value::str(prefix));
    }
    Some(source)
}

fn variable(line: &Node) -> Value {
    let mut body = words::map([("name", Value::str(line.key))]);
    let value = line.value;
    if let Some(rest) = value.strip_prefix("<set to the key '") {
        let (key, rest) = rest.split_once('\'').unwrap_or((rest, ""));
        let field = if rest.contains("secret") { "secretKeyRef" } else { "configMapKeyRef" };
        let name = between(rest, "'", "'").unwrap_or("");
        let mut source = words::map([("name", Value::str(name)), ("key", Value::str(key))]);
        if let Some(optional) = optional(rest) {
            source.set("optional", Value::Bool(optional));
        }
        body.set(&format!("valueFrom.{field}"), source);
    } else if let Some(path) = between(value, "(v1:", ")").filter(|_| value.ends_with(')')) {
        body.set("valueFrom.fieldRef", words::map([("apiVersion", Value::str("v1")), ("fieldPath", Value::str(path))]));
    } else if let Some(resource) = resource_field(value) {
        body.set("valueFrom.resourceFieldRef.resource", Value::str(resource));
    } else {
        body.set("value", Value::str(&line.text()));
    }
    body
}

/// `2 (limits.cpu)`.
fn resource_field(value: &str) -> Option<&str> {
    let resource = value.rsplit_once('(')?.1.strip_suffix(')')?;
    (resource.starts_with("limits.") || resource.starts_with("requests.")).then_some(resource)
}

fn optional(text: &str) -> Option<bool> {
    text.split("Optional:").nth(1)?.trim().parse().ok()
}

/// The text between two marks.
pub(super) fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = &text[text.find(from)? + from.len()..];
    Some(&rest[..rest.find(to)?])
}

/// `/etc/settings from settings (ro,path="app.conf")`.
fn mounts(node: &Node, body: &mut Value) {
    let Some(list) = node.child("Mounts") else { return };
    let mut mounts = Vec::new();
    for line in &list.children {
        let Some((path, rest)) = line.raw.split_once(" from ") else { continue };
        let (name, flags) = rest.split_once(" (").unwrap_or((rest, ""));
        let mut pairs = vec![("name", Value::str(name.trim())), ("mountPath", Value::str(path))];
        if flags.starts_with("ro") {
            pairs.push(("readOnly", Value::Bool(true)));
        }
        if let Some(path) = between(flags, "path=\"", "\"") {
            pairs.push(("subPath", Value::str(path)));
        }
        mounts.push(words::map(pairs));
    }
    if !mounts.is_empty() {
        body.set("volumeMounts", Value::List(mounts));
    }
}

/// How a container is, if the description tells (a template does not).
fn state_of(node: &Node) -> Option<Value> {
    node.child("State").or_else(|| node.child("Ready"))?;
    let mut body = words::map([("name", Value::str(node.key))]);
    for (title, field) in [("State", "state"), ("Last State", "lastState")] {
        if let Some(state) = node.child(title).and_then(state) {
            body.set(field, state);
        }
    }
    if let Some(ready) = words::known(node.value_of("Ready")) {
        body.set("ready", Value::Bool(ready == "True"));
    }
    words::set_number(&mut body, "restartCount", node.value_of("Restart Count"));
    words::set_known(&mut body, "image", node.value_of("Image"));
    words::set_known(&mut body, "imageID", node.value_of("Image ID"));
    words::set_known(&mut body, "containerID", node.value_of("Container ID"));
    Some(body)
}

fn state(node: &Node) -> Option<Value> {
    let field = match node.value {
        "Waiting" => "waiting",
        "Running" => "running",
        "Terminated" => "terminated",
        _ => return None,
    };
    let mut inner = Map::default();
    for (title, key) in [("Reason", "reason"), ("Message", "message")] {
        if let Some(line) = node.child(title) {
            *inner.entry(key) = Value::str(&line.text());
        }
    }
    for (title, key) in [("Exit Code", "exitCode"), ("Signal", "signal")] {
        if let Some(number) = words::number(node.value_of(title)) {
            *inner.entry(key) = number;
        }
    }
    for (title, key) in [("Started", "startedAt"), ("Finished", "finishedAt")] {
        if let Some(text) = words::known(node.value_of(title)) {
            *inner.entry(key) = time(text);
        }
    }
    Some(words::map([(field, Value::Map(inner))]))
}
