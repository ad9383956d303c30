//! Small notations inside cells and values: label lists, selectors, access modes, ports, numbers.

use firstfault_model::{Map, Name, Value};

/// A value that was printed, unless it stands for nothing.
pub(super) fn known(text: &str) -> Option<&str> {
    let text = text.trim();
    let nothing = matches!(text, "" | "<none>" | "<unset>" | "<unknown>" | "<nil>" | "<no value>" | "-" | "N/A");
    (!nothing).then_some(text)
}

/// A whole number, truth value or text.
pub(super) fn scalar(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "<nil>" | "<unset>" | "<none>" | "<unknown>" => Value::Null,
        _ => number(text).unwrap_or_else(|| Value::str(text)),
    }
}

/// A whole number as the API writes it: without leading zeros or a plus sign.
pub(super) fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()));
    (plain && !digits.is_empty()).then(|| text.parse().ok().map(Value::Int)).flatten()
}

/// A number, or a percentage or text as it stands (`maxUnavailable: 25%`, a port's name).
pub(super) fn number_or_text(text: &str) -> Value {
    number(text).unwrap_or_else(|| Value::str(text))
}

/// A mapping from pairs.
pub(super) fn map<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Map(Map(pairs.into_iter().map(|(key, value)| (Name::from(key), value)).collect()))
}

/// `app=api,tier=front`: a mapping. `<none>` is an empty one.
pub(super) fn labels(text: &str) -> Value {
    let mut all = Map::default();
    for pair in split_outside_brackets(text, ',') {
        if let Some((key, value)) = pair.trim().split_once('=') {
            *all.entry(key.trim_end_matches('=')) = Value::str(value.trim_start_matches('='));
        }
    }
    Value::Map(all)
}

/// A label selector: `app=api,tier in (a,b),!canary`. `<none>` selects everything.
pub(super) fn selector(text: &str) -> Value {
    let mut labels = Map::default();
    let mut expressions = Vec::new();
    for term in split_outside_brackets(text, ',') {
        let term = term.trim();
        if let Some(expression) = expression(term) {
            expressions.push(expression);
        } else if let Some((key, value)) = term.split_once('=') {
            *labels.entry(key.trim_end_matches('=')) = Value::str(value.trim_start_matches('='));
        }
    }
    let mut selector = Map::default();
    if !labels.is_empty() {
        *selector.entry("matchLabels") = Value::Map(labels);
    }
    if !expressions.is_empty() {
        *selector.entry("matchExpressions") = Value::List(expressions);
    }
    Value::Map(selector)
}

/// One set-based requirement, as selectors and node affinities print it.
pub(super) fn expression(term: &str) -> Option<Value> {
    let make = |key: &str, operator: &str, values: Option<Vec<Value>>| {
        let mut pairs = vec![("key", Value::str(key)), ("operator", Value::str(operator))];
        pairs.extend(values.map(|values| ("values", Value::List(values))));
        map(pairs)
    };
    for (word, operator) in [(" notin ", "NotIn"), (" not in ", "NotIn"), (" in ", "In")] {
        if let Some((key, list)) = term.split_once(word) {
            let list = list.trim().trim_matches(['(', ')', '[', ']']);
            let values = list.split([',', ' ']).map(str::trim).filter(|value| !value.is_empty());
            return Some(make(key.trim(), operator, Some(values.map(Value::str).collect())));
        }
    }
    if let Some((key, value)) = term.split_once("!=") {
        return Some(make(key.trim(), "NotIn", Some(vec![Value::str(value.trim())])));
    }
    let one_word = !term.is_empty() && !term.contains(['=', ' ', '<']);
    match term.strip_prefix('!') {
        Some(key) if one_word => Some(make(key, "DoesNotExist", None)),
        None if one_word => Some(make(term, "Exists", None)),
        _ => None,
    }
}

/// Splits at a separator that stands outside brackets.
pub(super) fn split_outside_brackets(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0usize, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if letter == separator && depth == 0 => {
                parts.push(&text[from..at]);
                from = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// `RWO,ROX`: the API's words for access modes.
pub(super) fn access_modes(text: &str) -> Value {
    let modes = text.trim_matches(['[', ']']).split([',', ' ']).map(str::trim).filter(|mode| !mode.is_empty());
    Value::List(
        modes
            .map(|mode| match mode {
                "RWO" => "ReadWriteOnce",
                "ROX" => "ReadOnlyMany",
                "RWX" => "ReadWriteMany",
                "RWOP" => "ReadWriteOncePod",
                other => other,
            })
            .map(Value::str)
            .collect(),
    )
}

/// A port of a Service: `80:30080/TCP`, `443/TCP`, `http  80/TCP`.
pub(super) fn service_port(text: &str) -> Option<Value> {
    let (ports, protocol) = text.trim().split_once('/').unwrap_or((text.trim(), "TCP"));
    let (port, node_port) = match ports.split_once(':') {
        Some((port, node_port)) => (port, Some(node_port)),
        None => (ports, None),
    };
    let mut pairs = vec![("port", number(port.trim())?), ("protocol", Value::str(protocol.trim()))];
    pairs.extend(node_port.and_then(number).map(|port| ("nodePort", port)));
    Some(map(pairs))
}

/// A list of texts, cut at commas.
pub(super) fn texts(text: &str) -> Value {
    Value::List(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::str).collect())
}

/// `a/b` as two numbers.
pub(super) fn fraction(text: &str) -> Option<(i64, i64)> {
    let (part, whole) = text.split_once('/')?;
    Some((part.trim().parse().ok()?, whole.trim().parse().ok()?))
}

/// Container names and images that two columns list side by side.
pub(super) fn containers(names: &str, images: &str) -> Value {
    let mut images = images.split(',');
    Value::List(
        names
            .split(',')
            .filter(|name| known(name).is_some())
            .map(|name| {
                let mut pairs = vec![("name", Value::str(name))];
                pairs.extend(images.next().and_then(known).map(|image| ("image", Value::str(image))));
                map(pairs)
            })
            .collect(),
    )
}

/// `ip:port` pairs grouped by port, as the subsets of an Endpoints object.
pub(super) fn subsets(addresses: &str) -> Value {
    let addresses = addresses.split(" + ").next().unwrap_or(addresses);
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for address in addresses.split(',').filter_map(known) {
        let (ip, port) = match address.rsplit_once(':') {
            Some((ip, port)) if number(port).is_some() => (ip.trim_matches(['[', ']']), number_or_text(port)),
            _ => (address, Value::Null),
        };
        let ip = map([("ip", Value::str(ip))]);
        match groups.iter_mut().find(|(known, _)| *known == port) {
            Some((_, ips)) => ips.push(ip),
            None => groups.push((port, vec![ip])),
        }
    }
    let subset = |(port, ips): (Value, Vec<Value>)| {
        let mut pairs = vec![("addresses", Value::List(ips))];
        if !port.is_null() {
            pairs.push(("ports", Value::List(vec![map([("port", port)])])));
        }
        map(pairs)
    };
    Value::List(groups.into_iter().map(subset).collect())
}

/// A condition.
pub(super) fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    let mut pairs = vec![("type", Value::str(kind)), ("status", Value::str(status))];
    if !reason.is_empty() {
        pairs.push(("reason", Value::str(reason)));
    }
    if !message.is_empty() {
        pairs.push(("message", Value::str(message)));
    }
    map(pairs)
}

/// Adds to a list at a path, making it first.
pub(super) fn push(body: &mut Value, path: &str, value: Value) {
    let mut here = body;
    for part in path.split('.') {
        here = here.entry(part);
    }
    match here {
        Value::List(list) => list.push(value),
        other => *other = Value::List(vec![value]),
    }
}

/// Sets a path to what a cell says, if it says something.
pub(super) fn set_known(body: &mut Value, path: &str, text: &str) {
    if let Some(text) = known(text) {
        body.set(path, Value::str(text));
    }
}

/// Sets a path to the number that a cell holds.
pub(super) fn set_number(body: &mut Value, path: &str, text: &str) {
    if let Some(value) = number(text.trim()) {
        body.set(path, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_of_both_styles() {
        let selector = selector("app=api,tier in (a,b),!canary");
        assert_eq!(selector.at("matchLabels.app").text(), "api");
        assert_eq!(selector.at("matchExpressions.0.values.1").text(), "b");
        assert_eq!(selector.at("matchExpressions.1.operator").text(), "DoesNotExist");
    }

    #[test]
    fn ports_and_addresses() {
        let port = service_port("80:30080/TCP").expect("a port");
        assert_eq!((port.at("port").as_int(), port.at("nodePort").as_int()), (Some(80), Some(30080)));
        let subsets = subsets("10.1.0.4:80,10.1.0.5:80,10.1.0.4:81 + 3 more...");
        assert_eq!(subsets.list().len(), 2);
        assert_eq!(subsets.at("0.addresses.1.ip").text(), "10.1.0.5");
    }

    #[test]
    fn numbers_are_only_what_the_api_would_write_so() {
        assert_eq!(number("007"), None);
        assert_eq!(number("-10"), Some(Value::Int(-10)));
        assert_eq!(number(""), None);
        assert_eq!(number("-"), None);
    }
}
