//! VerticalPodAutoscalers that have no effect, or want more than there is.

use firstfault_gather::{Object, World};
use firstfault_model::{Finding, Grade, Quantity};

use super::{VERTICAL_IDLE, VERTICAL_TOO_LARGE};
use crate::merge::Merged;
use crate::pod::{condition, time};

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for scaler in world.kind("VerticalPodAutoscaler").filter(|v| v.is_live()) {
        idle(world, scaler, merged);
        too_large(world, scaler, merged);
    }
}

/// Conditions with which it recommends nothing, with what they mean.
const IDLE: &[(&str, &str)] =
    &[("NoPodsMatched", "it matches no pods"), ("ConfigUnsupported", "what it is to scale is not supported")];

fn idle(world: &World, scaler: &Object, merged: &mut Merged) {
    for (kind, means) in IDLE {
        let told = condition(scaler, kind);
        if told.get("status").text() != "True" {
            continue;
        }
        let message = told.get("message").text();
        let what = format!("VerticalPodAutoscaler {}: {kind} True {message}", scaler.name);
        merged.add(
            Finding::new(&VERTICAL_IDLE, scaler.entity(), scaler.cite(&what))
                .graded(Grade::Strong)
                .seen(time(told.get("lastTransitionTime")), world.now)
                .with("why", *means)
                .with("message", message.chars().take(200).collect::<String>()),
        );
    }
}

/// A target above the largest node, or above what the namespace lets one container have: a pod that
/// gets it can never be placed, or is refused.
fn too_large(world: &World, scaler: &Object, merged: &mut Merged) {
    let mode = scaler.at("spec.updatePolicy.updateMode").text();
    if mode == "Off" {
        return;
    }
    for container in scaler.at("status.recommendation.containerRecommendations").list() {
        for resource in ["cpu", "memory"] {
            let Some(target) = Quantity::of(container.at("target").get(resource)).map(Quantity::units) else {
                continue;
            };
            let bounds = [of_nodes(world, resource), of_namespace(world, scaler, resource)];
            let Some((bound, whose)) = bounds.into_iter().flatten().find(|(bound, _)| target > *bound) else {
                continue;
            };
            let shown = container.at("target").get(resource).show();
            let name = container.get("containerName").text();
            let what = format!("VerticalPodAutoscaler {}: target of {name}: {resource} {shown}", scaler.name);
            merged.add(
                Finding::new(&VERTICAL_TOO_LARGE, scaler.entity(), scaler.cite(&what))
                    .graded(Grade::Strong)
                    .with("container", name)
                    .with("resource", resource)
                    .with("target", shown)
                    .with("bound", format!("{bound}"))
                    .with("whose", whose),
            );
        }
    }
}

/// The largest node's share for pods; unknown where not all nodes were listed with it.
fn of_nodes(world: &World, resource: &str) -> Option<(f64, &'static str)> {
    let room = |node: &Object| Quantity::of(node.at("status.allocatable").get(resource)).map(Quantity::units);
    let rooms: Option<Vec<f64>> = world.kind("Node").map(room).collect();
    let listed = world.coverage.complete("Node", None);
    let largest = rooms.filter(|rooms| listed && !rooms.is_empty())?.into_iter().fold(0.0, f64::max);
    Some((largest, "the largest node"))
}

fn of_namespace(world: &World, scaler: &Object, resource: &str) -> Option<(f64, &'static str)> {
    let ranges = world.kind_in("LimitRange", scaler.namespace.as_deref());
    let limits = ranges.flat_map(|range| range.at("spec.limits").list());
    let most = limits
        .filter(|limit| limit.get("type").text() == "Container")
        .filter_map(|limit| Quantity::of(limit.at("max").get(resource)).map(Quantity::units));
    most.min_by(f64::total_cmp).map(|most| (most, "the namespace's limit range"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Sample, ids};

    fn found(body: &str) -> Vec<&'static str> {
        let sample = Sample::default()
            .api("Node/n1", r#"{"status":{"allocatable":{"cpu":"4","memory":"16Gi"}}}"#)
            .api("LimitRange/shop/r", r#"{"spec":{"limits":[{"type":"Container","max":{"memory":"4Gi"}}]}}"#)
            .listed(&["Node"])
            .api("VerticalPodAutoscaler/shop/api", body);
        let mut merged = Merged::default();
        detect(&sample.0, &mut merged);
        let mut findings = Vec::new();
        merged.into(&mut findings);
        ids(&findings)
    }

    #[test]
    fn one_that_matches_nothing_is_told() {
        let of = |kind: &str, status: &str| {
            found(&format!(r#"{{"status":{{"conditions":[{{"type":"{kind}","status":"{status}"}}]}}}}"#))
        };
        assert_eq!(of("NoPodsMatched", "True"), ["autoscaler.vertical-idle"]);
        assert_eq!(of("ConfigUnsupported", "True"), ["autoscaler.vertical-idle"]);
        assert!(of("NoPodsMatched", "False").is_empty());
        assert!(of("LowConfidence", "True").is_empty());
    }

    #[test]
    fn a_target_is_compared_with_nodes_and_limit_ranges() {
        let of = |cpu: &str, memory: &str, mode: &str| {
            found(&format!(
                r#"{{"spec":{{"updatePolicy":{{"updateMode":"{mode}"}}}},"status":{{"recommendation":{{"containerRecommendations":[{{"containerName":"api","target":{{"cpu":"{cpu}","memory":"{memory}"}}}}]}}}}}}"#
            ))
        };
        assert_eq!(of("6", "1Gi", "Auto"), ["autoscaler.vertical-too-large"]);
        assert_eq!(of("1", "5Gi", "Auto"), ["autoscaler.vertical-too-large"]);
        assert!(of("1", "1Gi", "Auto").is_empty());
        assert!(of("6", "5Gi", "Off").is_empty(), "it only advises");
    }
}
