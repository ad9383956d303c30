//! Autoscalers that cannot see, cannot scale, or have nothing left to give.

mod vertical;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade, State};
use jiff::SignedDuration;

use crate::merge::Merged;
use crate::performance::CPU_RAISED;
use crate::pod::{condition, event_age, time};
use crate::registry::declare;

declare! {
    /// It wants more replicas than it may have.
    AT_MAXIMUM = "autoscaler.at-maximum", "wants more replicas than its maximum allows", Rarely, State;
    /// It gets no metrics.
    BLIND = "autoscaler.blind", "gets no metrics to scale by", Never, State;
    /// The metrics API is not there.
    NO_METRICS_API = "autoscaler.metrics-api-missing", "asks a metrics API that is not there", Never, State;
    /// Utilisation needs requests.
    NO_REQUESTS = "autoscaler.requests-missing", "scales by utilisation of a resource that its pods do not request", Never, State;
    /// A vertical autoscaler that recommends nothing.
    VERTICAL_IDLE = "autoscaler.vertical-idle", "is a vertical autoscaler without effect", Never, State;
    /// A vertical autoscaler that wants more than there is.
    VERTICAL_TOO_LARGE = "autoscaler.vertical-too-large", "is a vertical autoscaler that wants more than its pods can get", Never, State;
    /// What it should scale does not exist.
    TARGET_MISSING = "autoscaler.target-missing", "is to scale something that does not exist", Never, State;
}

/// Failures that have stopped this long ago are over.
const LATELY: SignedDuration = SignedDuration::from_mins(15);

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    for autoscaler in world.kind("HorizontalPodAutoscaler").filter(|a| a.is_live()) {
        target(world, autoscaler, &mut merged);
        blind(world, autoscaler, &mut merged);
        blind_in_table(world, autoscaler, &mut merged);
        at_maximum(world, autoscaler, &mut merged);
    }
    by_events(world, &mut merged);
    vertical::detect(world, &mut merged);
    merged.into(findings);
}

fn target(world: &World, autoscaler: &Object, merged: &mut Merged) {
    let able = condition(autoscaler, "AbleToScale");
    let kind = autoscaler.at("spec.scaleTargetRef.kind").text();
    let name = autoscaler.at("spec.scaleTargetRef.name").text();
    let namespace = autoscaler.namespace.as_deref();
    let said = able.get("reason").text() == "FailedGetScale" && able.get("message").text().contains("not found");
    let listed = !name.is_empty() && world.is_missing(kind, namespace, name);
    if said || listed {
        let what = format!(
            "HorizontalPodAutoscaler {}: scaleTargetRef {kind}/{name}: {}",
            autoscaler.name,
            able.get("message").text()
        );
        merged.add(
            Finding::new(&TARGET_MISSING, autoscaler.entity(), autoscaler.cite(&what))
                .graded(Grade::Certain)
                .seen(time(able.get("lastTransitionTime")), world.now)
                .with("target", format!("{kind}/{name}"))
                .about(Entity::namespaced(kind, namespace.unwrap_or(""), name)),
        );
    }
}

fn blind(world: &World, autoscaler: &Object, merged: &mut Merged) {
    let active = condition(autoscaler, "ScalingActive");
    let reason = active.get("reason").text();
    if active.get("status").text() != "False" || matches!(reason, "ScalingDisabled" | "InvalidSelector" | "") {
        return;
    }
    let message = active.get("message").text();
    let what = format!("HorizontalPodAutoscaler {}: ScalingActive=False {reason}: {message}", autoscaler.name);
    for declaration in readings(message) {
        merged.add(
            Finding::new(declaration, autoscaler.entity(), autoscaler.cite(&what))
                .graded(Grade::Certain)
                .seen(time(active.get("lastTransitionTime")), world.now)
                .with("reason", reason)
                .with("target", autoscaler.at("spec.scaleTargetRef.name").text()),
        );
    }
}

/// A new autoscaler knows nothing for its first periods of 15 s, nor does one of a workload that has no pods.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(5);

/// `cpu: <unknown>/70%` in a table, minutes after it was made, of a workload that is well.
fn blind_in_table(world: &World, autoscaler: &Object, merged: &mut Merged) {
    let targets = autoscaler.at("status.printed").get("TARGETS").text();
    // Where one metric is known, the autoscaler still acts.
    let all_unknown = !targets.is_empty() && targets.split(',').all(|target| target.contains("<unknown>/"));
    let age = autoscaler.at("metadata.printedAge").as_int().map(SignedDuration::from_secs);
    if !all_unknown || age.is_none_or(|age| age < FIRST_LOOK) || !autoscaler.at("status.conditions").is_null() {
        return;
    }
    let kind = autoscaler.at("spec.scaleTargetRef.kind").text();
    let name = autoscaler.at("spec.scaleTargetRef.name").text();
    let target = world.object(kind, autoscaler.namespace.as_deref(), name).filter(|target| target.is_live());
    let well = target.and_then(crate::workloads::replicas).is_some_and(|(ready, wanted)| wanted > 0 && ready >= wanted);
    if well {
        let what = format!("HorizontalPodAutoscaler {}: targets: {}", autoscaler.name, targets);
        merged.add(
            Finding::new(&BLIND, autoscaler.entity(), autoscaler.cite(&what))
                .graded(Grade::Strong)
                .with("reason", format!("its metrics are unknown ({targets})"))
                .with("target", name),
        );
    }
}

/// That it is blind, and why where the text says so.
fn readings(message: &str) -> Vec<&'static firstfault_model::Declaration> {
    let mut all = vec![&BLIND];
    if message.contains("missing request for") {
        all.push(&NO_REQUESTS);
    } else if message.contains("metrics.k8s.io") && message.contains("could not find the requested resource")
        || message.contains("no metrics returned from")
        || message.contains("unable to fetch metrics from")
            && message.contains("currently unable to handle the request")
    {
        all.push(&NO_METRICS_API);
    }
    all
}

fn at_maximum(world: &World, autoscaler: &Object, merged: &mut Merged) {
    let limited = condition(autoscaler, "ScalingLimited");
    let said = limited.get("status").text() == "True" && limited.get("reason").text() == "TooManyReplicas";
    let maximum = autoscaler.at("spec.maxReplicas").as_int();
    let current = autoscaler.at("status.currentReplicas").as_int();
    let full = maximum.is_some() && current >= maximum && over_target(autoscaler);
    if said || full {
        busy(world, autoscaler, merged);
        let maximum = maximum.unwrap_or(0).to_string();
        let what =
            format!("HorizontalPodAutoscaler {}: {maximum} of {maximum} replicas, and it wants more", autoscaler.name);
        let target = autoscaler.at("spec.scaleTargetRef");
        merged.add(
            Finding::new(&AT_MAXIMUM, autoscaler.entity(), autoscaler.cite(&what))
                .graded(Grade::Certain)
                .seen(time(limited.get("lastTransitionTime")), world.now)
                .with("maximum", maximum)
                .with("target", target.get("name").text())
                .about(Entity::namespaced(
                    target.get("kind").text(),
                    autoscaler.namespace.as_deref().unwrap_or(""),
                    target.get("name").text(),
                )),
        );
    }
}

/// What scales by CPU and cannot be scaled further works harder than it was meant to.
fn busy(world: &World, autoscaler: &Object, merged: &mut Merged) {
    let Some((current, target)) = over_by(autoscaler, |resource| resource == "cpu") else { return };
    let scaled = autoscaler.at("spec.scaleTargetRef");
    let (kind, name) = (scaled.get("kind").text(), scaled.get("name").text());
    if kind.is_empty() || name.is_empty() {
        return;
    }
    let entity = Entity::namespaced(kind, autoscaler.namespace.as_deref().unwrap_or(""), name);
    let what =
        format!("HorizontalPodAutoscaler {}: CPU at {current} % of the request, target {target} %", autoscaler.name);
    merged.add(
        Finding::new(&CPU_RAISED, world.carrier_of(&entity), autoscaler.cite(&what))
            .seen(None, world.now)
            .with("now", format!("{current} % of its request"))
            .with("normal", format!("{target} %")),
    );
}

/// Whether a resource's utilisation is above its target.
fn over_target(autoscaler: &Object) -> bool {
    over_by(autoscaler, |_| true).is_some()
}

/// The utilisation and target, in percent, of a resource that is above its target.
fn over_by(autoscaler: &Object, is_meant: impl Fn(&str) -> bool) -> Option<(i64, i64)> {
    let now = autoscaler.at("status.currentMetrics").list();
    autoscaler.at("spec.metrics").list().iter().find_map(|wanted| {
        let name = wanted.at("resource.name").text();
        let target = wanted.at("resource.target.averageUtilization").as_int()?;
        let current = now.iter().find(|m| m.at("resource.name").text() == name)?;
        let current = current.at("resource.current.averageUtilization").as_int()?;
        (is_meant(name) && current > target).then_some((current, target))
    })
}

/// Autoscalers of which only events were seen.
fn by_events(world: &World, merged: &mut Merged) {
    for event in world.events.iter().filter(|e| e.warning && e.about.kind == "HorizontalPodAutoscaler") {
        let seen = world.object_of(&event.about).is_some_and(|a| !a.at("status.conditions").is_null());
        if seen {
            continue;
        }
        let recent = event_age(world, event).is_none_or(|age| age < LATELY);
        // A table of events prints no count: one that is recent has come again or is new.
        let again = event.count >= 2 || event.ago.is_some();
        let state = if recent && again { State::Current } else { State::Recovered };
        let declarations = match event.reason.as_str() {
            "FailedGetScale" => vec![&TARGET_MISSING],
            "FailedGetResourceMetric"
            | "FailedGetExternalMetric"
            | "FailedGetPodsMetric"
            | "FailedGetObjectMetric"
            | "FailedComputeMetricsReplicas" => readings(&event.message),
            _ => continue,
        };
        for declaration in declarations {
            let finding = Finding::new(declaration, event.about.clone(), event.cite());
            merged.add(finding.in_state(state).seen(event.first, event.last).with("reason", event.reason.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::detect;
    use crate::sample::{Sample, ids};

    fn autoscaler(conditions: &str) -> Sample {
        Sample::default().api(
            "HorizontalPodAutoscaler/shop/api",
            &format!(
                r#"{{"spec":{{"maxReplicas":5,"scaleTargetRef":{{"kind":"Deployment","name":"api"}}}},"status":{{"currentReplicas":5,"conditions":[{conditions}]}}}}"#
            ),
        )
    }

    #[test]
    fn an_autoscaler_without_a_metrics_api_is_blind() {
        let world = autoscaler(
            r#"{"type":"ScalingActive","status":"False","reason":"FailedGetResourceMetric","message":"unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"}"#,
        );
        assert_eq!(ids(&world.found(detect)), ["autoscaler.blind", "autoscaler.metrics-api-missing"]);
    }

    #[test]
    fn its_maximum_is_a_limit_only_when_it_wants_more() {
        assert!(
            autoscaler(r#"{"type":"ScalingLimited","status":"False","reason":"DesiredWithinRange"}"#)
                .found(detect)
                .is_empty()
        );
        let world = autoscaler(r#"{"type":"ScalingLimited","status":"True","reason":"TooManyReplicas"}"#);
        assert_eq!(ids(&world.found(detect)), ["autoscaler.at-maximum"]);
    }

    #[test]
    fn a_target_that_a_complete_listing_lacks_is_missing() {
        assert_eq!(ids(&autoscaler("").listed(&["Deployment"]).found(detect)), ["autoscaler.target-missing"]);
    }
}
