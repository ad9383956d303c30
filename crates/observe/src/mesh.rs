//! What the tools of a service mesh say: proxies that do not follow, configuration that cannot work.

use firstfault_gather::{Complaint, Level, World};
use firstfault_model::{Finding, Grade};

use crate::merge::Merged;
use crate::registry::declare;
use crate::routing::gateway_api::{GATEWAY_MISSING, HOST_UNKNOWN, SUBSET_UNKNOWN};

declare! {
    /// Configuration was sent and not acknowledged.
    PROXY_STALE = "mesh.proxy-stale", "has proxies that have not taken the configuration that they were sent", Never, Infrastructure;
    /// An error of the mesh's analyser that no other finding stands for.
    INVALID = "mesh.configuration-invalid", "is a mesh configuration that cannot work as written", Never, State;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    for proxy in world.mesh.proxies.iter().filter(|proxy| !proxy.stale.is_empty()) {
        merged.add(
            Finding::new(&PROXY_STALE, world.carrier_of(&proxy.pod), proxy.evidence.clone())
                .graded(Grade::Strong)
                .with("pod", proxy.pod.name.as_str())
                .with("types", proxy.stale.join(", ")),
        );
    }
    // A warning may be meant so, and a file that was analysed is not in force.
    for complaint in world.mesh.complaints.iter().filter(|c| c.level == Level::Error && !c.of_file) {
        merged.add(judged(complaint));
    }
    merged.into(findings);
}

fn judged(complaint: &Complaint) -> Finding {
    let named = complaint.message.split('"').nth(1).unwrap_or_default();
    let begin = |declaration| {
        Finding::new(declaration, complaint.about.clone(), complaint.evidence.clone()).graded(Grade::Strong)
    };
    let references = complaint.code == "IST0101";
    let says = |what: &str| references && complaint.message.starts_with(&format!("Referenced {what} not found"));
    match () {
        () if says("host") => begin(&HOST_UNKNOWN).with("host", named),
        () if says("gateway") => begin(&GATEWAY_MISSING).with("gateway", named),
        () if says("host+subset in destinationrule") => {
            let (host, subset) = named.rsplit_once('+').unwrap_or((named, ""));
            begin(&SUBSET_UNKNOWN).with("host", host).with("subset", subset)
        }
        () => begin(&INVALID).with("code", complaint.code.as_str()).with("message", complaint.message.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Sample, entity, ids};
    use firstfault_gather::{MeshFacts, ProxySync, read_one_text};

    fn found(mesh: MeshFacts) -> Vec<Finding> {
        let mut sample = Sample::default();
        sample.0.mesh = mesh;
        sample.found(detect)
    }

    fn analysed(text: &str) -> Vec<Finding> {
        found(read_one_text("a.txt", Some("istioctl analyze -A"), text).mesh)
    }

    #[test]
    fn an_errors_object_carries_it() {
        let findings = analysed(
            "Error [IST0101] (VirtualService shop/a) Referenced host not found: \"pay\"\nError [IST0101] (VirtualService shop/b) Referenced host+subset in destinationrule not found: \"pay+v3\"\nError [IST0109] (VirtualService shop/c) The VirtualServices shop/c,shop/d associated with mesh gateway define the same host\n",
        );
        assert_eq!(ids(&findings), ["mesh.configuration-invalid", "mesh.host-unknown", "mesh.subset-unknown"]);
        assert_eq!(findings[2].entity, entity("VirtualService/shop/b"));
    }

    #[test]
    fn warnings_and_files_are_no_faults() {
        assert!(analysed("Warning [IST0101] (VirtualService shop/a) Referenced host not found: \"pay\"\nInfo [IST0102] (Namespace shop) The namespace is not enabled for Istio injection.\nError [IST0101] (VirtualService shop/a new.yaml:3) Referenced host not found: \"pay\"\n").is_empty());
    }

    #[test]
    fn only_a_stale_proxy_is_told() {
        let proxy = |name: &str, stale: &[&str]| ProxySync {
            pod: entity(&format!("Pod/shop/{name}")),
            stale: stale.iter().map(|s| (*s).to_owned()).collect(),
            evidence: firstfault_model::Evidence {
                place: firstfault_model::Place::line(&"p.txt".into(), 2),
                excerpt: firstfault_model::Masked::new(name),
            },
        };
        let findings =
            found(MeshFacts { proxies: vec![proxy("a", &["RDS"]), proxy("b", &[])], ..MeshFacts::default() });
        assert_eq!(findings.iter().map(|f| f.entity.to_string()).collect::<Vec<_>>(), ["Pod/shop/a"]);
    }
}
