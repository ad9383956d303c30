//! What a pod asks of a node, from whichever source prints it.

use std::collections::BTreeMap;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Evidence, Value};

use firstfault_model::Quantity;

/// What a pod asks for: its own spec first, then the template or manifest of its workload
/// (`describe pod` prints neither affinity nor spread constraints).
pub(crate) struct Ask<'w> {
    /// The pod.
    pub(crate) pod: Option<&'w Object>,
    /// The workload that owns it.
    pub(crate) owner: Option<&'w Object>,
    /// Who carries its faults.
    pub(crate) carrier: Entity,
    /// Its namespace.
    pub(crate) namespace: Option<&'w str>,
}

/// What nothing is known of.
static UNKNOWN: Value = Value::Null;

/// The pod template of a workload.
pub(crate) fn template(object: &Object) -> &Value {
    match object.kind.as_str() {
        "CronJob" => object.at("spec.jobTemplate.spec.template"),
        "Pod" => &object.body,
        _ => object.at("spec.template"),
    }
}

impl<'w> Ask<'w> {
    /// The ask of a pod.
    pub(crate) fn of_pod(world: &'w World, pod: &'w Object) -> Self {
        let carrier = world.carrier(pod);
        let owner = world.object_of(&carrier).filter(|owner| owner.kind != "Pod");
        Self { pod: Some(pod), owner, carrier, namespace: pod.namespace.as_deref() }
    }

    /// The ask of a pod that is known from its events alone.
    pub(crate) fn of_entity(world: &'w World, pod: &'w Entity) -> Self {
        let carrier = world.carrier_of(pod);
        let owner = world.object_of(&carrier);
        Self { pod: world.object_of(pod), owner, carrier, namespace: pod.namespace.as_deref() }
    }

    /// A field of the pod's spec; `Null` if no source prints it.
    pub(crate) fn spec(&self, path: &str) -> &'w Value {
        let own = self.pod.map_or(&UNKNOWN, |pod| pod.at("spec").at(path));
        if !own.is_null() || self.pod.is_some_and(Object::is_whole) {
            return own;
        }
        self.owner.map_or(&UNKNOWN, |owner| template(owner).at("spec").at(path))
    }

    /// Whether a source was read that would print every field of the spec.
    pub(crate) fn is_whole(&self) -> bool {
        self.pod.is_some_and(Object::is_whole)
            || self.owner.is_some_and(|owner| !template(owner).at("spec.containers").is_null() && prints_all(owner))
    }

    /// The pod's labels.
    pub(crate) fn labels(&self) -> &'w Value {
        let own = self.pod.map_or(&UNKNOWN, |pod| pod.at("metadata.labels"));
        if !own.is_null() {
            return own;
        }
        self.owner.map_or(&UNKNOWN, |owner| template(owner).at("metadata.labels"))
    }

    /// What it asks of each resource: the containers' sum, or the largest init container.
    pub(crate) fn requests(&self) -> BTreeMap<String, Quantity> {
        let mut sum = BTreeMap::new();
        for container in self.spec("containers").list() {
            add(&mut sum, &of_container(container));
        }
        let mut sidecars = BTreeMap::new();
        let mut highest: BTreeMap<String, Quantity> = BTreeMap::new();
        for init in self.spec("initContainers").list() {
            let mut asked = of_container(init);
            if init.at("restartPolicy").text() == "Always" {
                add(&mut sidecars, &asked);
                continue;
            }
            add(&mut asked, &sidecars);
            for (resource, amount) in asked {
                let top = highest.entry(resource).or_default();
                *top = amount.max(*top);
            }
        }
        add(&mut sum, &sidecars);
        for (resource, amount) in highest {
            let total = sum.entry(resource).or_default();
            *total = amount.max(*total);
        }
        add(&mut sum, &amounts(self.spec("overhead")));
        sum
    }

    /// The ports that it wants on the node itself: protocol, address, port.
    pub(crate) fn host_ports(&self) -> Vec<(String, String, i64)> {
        let host_network = self.spec("hostNetwork").as_bool() == Some(true);
        let containers = self.spec("containers").list().iter().chain(self.spec("initContainers").list());
        containers.flat_map(|container| host_ports(container, host_network)).collect()
    }

    /// The claims that it mounts, by name; those of generic ephemeral volumes as they will be called.
    pub(crate) fn claims(&self) -> Vec<String> {
        let volumes = self.spec("volumes").list().iter();
        volumes.filter_map(|volume| self.claim(volume)).collect()
    }

    fn claim(&self, volume: &Value) -> Option<String> {
        if let Some(name) = volume.at("persistentVolumeClaim.claimName").as_str() {
            return Some(name.to_owned());
        }
        let pod = self.pod?;
        (!volume.at("ephemeral").is_null()).then(|| format!("{}-{}", pod.name, volume.at("name").text()))
    }

    /// Where the spec stands, with `what` as it would be written there.
    pub(crate) fn cite(&self, what: &str) -> Option<Evidence> {
        let pod = self.pod.filter(|pod| pod.has_spec() && !pod.at("spec").is_null());
        pod.or(self.owner).or(self.pod).map(|object| object.cite(what))
    }

    /// Like [`Ask::cite`], at the object that has the field.
    pub(crate) fn cite_field(&self, path: &str, what: &str) -> Option<Evidence> {
        let has = |object: &&Object| {
            let spec = if object.kind == "Pod" { object.at("spec") } else { template(object).at("spec") };
            !spec.at(path).is_null()
        };
        self.pod.filter(has).or(self.owner.filter(has)).map(|object| object.cite(what)).or_else(|| self.cite(what))
    }
}

/// Whether some source of the object prints a pod's affinity.
fn prints_all(object: &Object) -> bool {
    use firstfault_gather::Form;
    object.origins.iter().any(|origin| matches!(origin.form, Form::Api | Form::Manifest))
}

fn of_container(container: &Value) -> BTreeMap<String, Quantity> {
    let mut asked = amounts(container.at("resources.limits"));
    asked.extend(amounts(container.at("resources.requests")));
    asked
}

/// A map of quantities; what cannot be read is left out.
pub(crate) fn amounts(map: &Value) -> BTreeMap<String, Quantity> {
    map.entries().filter_map(|(name, value)| Some((name.to_string(), Quantity::of(value)?))).collect()
}

/// Adds amounts to a sum.
pub(crate) fn add(sum: &mut BTreeMap<String, Quantity>, more: &BTreeMap<String, Quantity>) {
    for (resource, amount) in more {
        let total = sum.entry(resource.clone()).or_default();
        *total = *total + *amount;
    }
}

/// The ports that a container wants on the node.
pub(crate) fn host_ports(container: &Value, host_network: bool) -> Vec<(String, String, i64)> {
    let ports = container.at("ports").list().iter();
    ports
        .filter_map(|port| {
            let wanted =
                port.at("hostPort").as_int().or_else(|| port.at("containerPort").as_int().filter(|_| host_network));
            let protocol = port.at("protocol").as_str().unwrap_or("TCP");
            let address = port.at("hostIP").as_str().unwrap_or("0.0.0.0");
            wanted.filter(|&number| number > 0).map(|number| (protocol.to_owned(), address.to_owned(), number))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    #[test]
    fn init_containers_count_by_their_largest_and_sidecars_always() {
        let sample = Sample::default().api(
            "Pod/shop/api",
            r#"{"spec":{"initContainers":[
                {"name":"migrate","resources":{"requests":{"cpu":"2"}}},
                {"name":"proxy","restartPolicy":"Always","resources":{"requests":{"cpu":"100m"}}}],
              "containers":[{"name":"api","resources":{"requests":{"cpu":"300m"},"limits":{"cpu":"1","memory":"1Gi"}}}]}}"#,
        );
        let pod = sample.0.object("Pod", Some("shop"), "api").expect("just added");
        let requests = Ask::of_pod(&sample.0, pod).requests();
        assert_eq!(requests["cpu"], Quantity::parse("2").expect("a quantity"));
        assert_eq!(requests["memory"], Quantity::parse("1Gi").expect("a quantity"));
    }
}
