//! Event objects (`v1` and `events.k8s.io`) as `Event`s.

use firstfault_model::{Entity, Place, Value};
use jiff::Timestamp;

use crate::Event;

use super::tree::Hint;

/// Reads an Event object. Those of the Insights archive say only a namespace, reason and message.
pub(crate) fn event(value: &Value, hint: &Hint, place: Place) -> Option<Event> {
    let about = first([value.get("involvedObject"), value.get("regarding")]);
    let namespace = [about.get("namespace"), value.at("metadata.namespace"), value.get("namespace")]
        .into_iter()
        .find_map(Value::as_name)
        .filter(|name| !name.is_empty())
        .cloned()
        .or_else(|| hint.namespace.clone());
    let reason = value.get("reason").as_name()?.clone();
    let message = first([value.get("message"), value.get("note")]).text().to_owned();
    let about = match about.get("kind").as_name() {
        Some(kind) => {
            let scoped = about.get("namespace").as_name().filter(|name| !name.is_empty()).cloned();
            // Events on cluster-scoped objects stand in `default` without being of it.
            let namespace = if crate::kinds::is_namespaced(kind) == Some(false) { None } else { scoped.or(namespace) };
            Entity { kind: kind.clone(), namespace, name: about.get("name").as_name().cloned().unwrap_or_default() }
        }
        None => Entity { kind: "Namespace".into(), namespace: None, name: namespace? },
    };
    let source = [value.at("source.component"), value.get("reportingComponent"), value.get("reportingController")];
    let from = source.into_iter().find_map(|v| v.as_name().filter(|name| !name.is_empty())).cloned();
    let times = Times::of(value);
    Some(Event {
        about,
        warning: value.get("type") == &Value::str("Warning"),
        reason,
        message,
        from: from.unwrap_or_default(),
        count: times.count,
        first: times.first,
        last: times.last,
        ago: None,
        place,
    })
}

fn first<const N: usize>(values: [&Value; N]) -> &Value {
    values.into_iter().find(|value| !value.is_null()).unwrap_or(values[0])
}

struct Times {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    count: u32,
}

impl Times {
    /// New-style events have only `eventTime` and a series; old ones first, last and count.
    fn of(value: &Value) -> Self {
        let once = time(value.get("eventTime")).or_else(|| time(value.at("metadata.creationTimestamp")));
        let firsts = ["firstTimestamp", "deprecatedFirstTimestamp"];
        let lasts = ["lastTimestamp", "deprecatedLastTimestamp"];
        let first = firsts.iter().find_map(|key| time(value.get(key)));
        let last =
            time(value.at("series.lastObservedTime")).or_else(|| lasts.iter().find_map(|key| time(value.get(key))));
        let counts = [value.at("series.count"), value.get("count"), value.get("deprecatedCount")];
        let count = counts.into_iter().filter_map(Value::as_int).max().unwrap_or(1).clamp(1, i64::from(u32::MAX));
        Self { first: first.or(once).or(last), last: last.or(once).or(first), count: count as u32 }
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse::<Timestamp>().ok().filter(|time| time.as_second() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::json_value::parse;

    fn read(text: &str) -> Event {
        let value = parse(text, &mut Default::default()).expect("valid");
        event(&value, &Hint::default(), Place::line(&"e.json".into(), 1)).expect("an event")
    }

    #[test]
    fn old_events_have_first_and_last() {
        let event = read(
            r#"{"involvedObject":{"kind":"Pod","namespace":"shop","name":"web-1"},"reason":"BackOff","type":"Warning",
            "message":"Back-off","count":7,"firstTimestamp":"2026-01-02T03:04:05Z","lastTimestamp":"2026-01-02T04:04:05Z",
            "source":{"component":"kubelet"},"eventTime":null}"#,
        );
        assert_eq!(event.about, Entity::namespaced("Pod", "shop", "web-1"));
        assert_eq!((event.count, event.warning, event.from.as_str()), (7, true, "kubelet"));
        assert!(event.first < event.last);
    }

    #[test]
    fn new_events_have_a_time_and_a_series() {
        let event = read(
            r#"{"regarding":{"kind":"Node","name":"n1"},"metadata":{"namespace":"default"},"reason":"NodeNotReady",
            "note":"gone","type":"Normal","eventTime":"2026-01-02T03:04:05.123456Z","deprecatedFirstTimestamp":null,
            "series":{"count":3,"lastObservedTime":"2026-01-02T03:09:05.000000Z"},"reportingController":"node-controller"}"#,
        );
        assert_eq!(event.about, Entity::new("Node", "n1"));
        assert_eq!((event.count, event.message.as_str(), event.from.as_str()), (3, "gone", "node-controller"));
        assert_eq!(event.last.map(|t| t.to_string()).as_deref(), Some("2026-01-02T03:09:05Z"));
    }

    #[test]
    fn an_insights_event_is_about_its_namespace() {
        let event = read(
            r#"{"namespace":"shop-api","lastTimestamp":"2026-08-24T11:40:44+02:00","reason":"FailedUpdate",
            "message":"requeue","type":"Warning"}"#,
        );
        assert_eq!(event.about, Entity::new("Namespace", "shop-api"));
        assert_eq!(event.last.map(|t| t.to_string()).as_deref(), Some("2026-08-24T09:40:44Z"));
    }
}
