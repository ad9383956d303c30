//! Aggregated APIs: an APIService that is not available, and which Service or server is the reason.

use firstfault_gather::World;
use firstfault_model::{Entity, Finding, Grade};
use jiff::SignedDuration;

use super::API_UNAVAILABLE;
use crate::merge::Merged;
use crate::pod::{age, condition, time};

/// A server that starts fails its first checks.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

pub(super) fn detect(world: &World, merged: &mut Merged) {
    for api in world.kind("APIService").filter(|api| api.is_live()) {
        let available = condition(api, "Available");
        let since = time(available.get("lastTransitionTime"));
        // Where nothing in the evidence is newer, its age is not known.
        let young = age(world, since).is_some_and(|age| !age.is_zero() && age < PATIENCE);
        if available.get("status").text() != "False" || young {
            continue;
        }
        let (reason, message) = (available.get("reason").text(), available.get("message").text());
        let service = api.at("spec.service");
        let service = Entity::namespaced("Service", service.get("namespace").text(), service.get("name").text());
        let why = match reason {
            "ServiceNotFound" => "its Service does not exist",
            "MissingEndpoints" | "EndpointsNotFound" => "its Service has no ready endpoint",
            "ServicePortError" => "its Service does not have the port that it names",
            "FailedDiscoveryCheck" => "its server does not answer as it should",
            _ => "it is not available",
        };
        let what = format!("APIService {}: Available False ({reason}) {message}", api.name);
        let finding = Finding::new(&API_UNAVAILABLE, api.entity(), api.cite(&what))
            .graded(Grade::Certain)
            .seen(since, world.now)
            .with("reason", reason)
            .with("why", why)
            .with("service", format!("{}/{}", service.namespace.as_deref().unwrap_or_default(), service.name))
            .with("message", message.chars().take(200).collect::<String>());
        merged.add(if service.name.is_empty() { finding } else { finding.about(service) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    fn why(condition: &str) -> Vec<String> {
        let body = format!(
            r#"{{"spec":{{"service":{{"namespace":"monitoring","name":"metrics"}}}},"status":{{"conditions":[{condition}]}}}}"#
        );
        let sample = Sample::default().api("APIService/v1beta1.metrics.k8s.io", &body);
        let mut merged = Merged::default();
        detect(&sample.0, &mut merged);
        let mut findings = Vec::new();
        merged.into(&mut findings);
        findings.iter().map(|f| format!("{} {}", f.field("service"), f.field("why"))).collect()
    }

    #[test]
    fn each_reason_says_what_is_missing() {
        let of = |reason: &str| why(&format!(r#"{{"type":"Available","status":"False","reason":"{reason}"}}"#));
        assert_eq!(of("ServiceNotFound"), ["monitoring/metrics its Service does not exist"]);
        assert_eq!(of("MissingEndpoints"), ["monitoring/metrics its Service has no ready endpoint"]);
        assert_eq!(of("FailedDiscoveryCheck"), ["monitoring/metrics its server does not answer as it should"]);
        assert!(why(r#"{"type":"Available","status":"True","reason":"Passed"}"#).is_empty());
        assert!(why("").is_empty());
    }
}
