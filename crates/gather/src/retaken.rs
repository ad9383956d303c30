//! In one transcript, what was typed later is newer: a second look at the same things replaces the
//! first one's account of how they are.

use std::collections::BTreeMap;

use firstfault_model::{Map, Name, Value};

use crate::assemble::owners::is_suffix;
use crate::world::{Form, Object, Yield};

/// A container that was restarted less long ago than this, in seconds, may be between two crashes.
const SETTLED: i64 = 600;

/// Where the outputs of a transcript's commands began among what the file gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    objects: usize,
    listed: usize,
}

impl Begun {
    pub(crate) fn now(yields: &Yield) -> Self {
        Self { objects: yields.objects.len(), listed: yields.listed.len() }
    }
}

/// Brings what earlier commands showed up to date with the output that began at `begun`.
pub(crate) fn renew(yields: &mut Yield, begun: Begun) {
    let lists_pods = yields.listed[begun.listed..].iter().any(|(kind, _)| *kind == "Pod");
    let (earlier, later) = yields.objects.split_at_mut(begun.objects);
    if earlier.is_empty() {
        return;
    }
    let mut later_by_key: BTreeMap<(&Name, Option<&Name>, &Name), &Object> = BTreeMap::new();
    for object in later.iter().filter(|o| is_table(o)) {
        later_by_key.insert((&object.kind, object.namespace.as_ref(), &object.name), object);
    }
    // A walk over all that is known for each of a hundred thousand commands would have no end.
    if later_by_key.is_empty() && !lists_pods {
        return;
    }
    for object in earlier.iter_mut().filter(|o| o.is_live()) {
        if let Some(newer) = later_by_key.get(&(&object.kind, object.namespace.as_ref(), &object.name)) {
            match object.kind.as_str() {
                "Pod" => renew_pod(&mut object.body, newer),
                "Deployment" | "StatefulSet" | "DaemonSet" => renew_counts(&mut object.body, newer),
                _ => {}
            }
        }
    }
    if !lists_pods {
        return;
    }
    let mut families: BTreeMap<(Option<&Name>, &str), bool> = BTreeMap::new();
    for pod in later.iter().filter(|o| o.kind == "Pod") {
        if let Some(family) = family(&pod.name) {
            *families.entry((pod.namespace.as_ref(), family)).or_insert(true) &= is_well(pod);
        }
    }
    let replaced = |pod: &Object| {
        let key = (&pod.kind, pod.namespace.as_ref(), &pod.name);
        let well = family(&pod.name).and_then(|family| families.get(&(pod.namespace.as_ref(), family)));
        pod.kind == "Pod" && pod.is_live() && well == Some(&true) && !later_by_key.contains_key(&key)
    };
    let gone: Vec<usize> = earlier.iter().enumerate().filter(|(_, pod)| replaced(pod)).map(|(i, _)| i).collect();
    for at in gone.into_iter().rev() {
        yields.objects.remove(at);
    }
}

fn is_table(object: &Object) -> bool {
    object.origins.first().is_some_and(|origin| origin.form == Form::Table)
}

/// What the generated names of a workload's pods have in common.
fn family(name: &str) -> Option<&str> {
    let (stem, last) = name.rsplit_once('-')?;
    let (workload, _hash) = stem.rsplit_once('-')?;
    is_suffix(last).then_some(workload)
}

/// Whether a row shows a pod that runs, is ready, and did not restart just now.
fn is_well(pod: &Object) -> bool {
    let settled = pod.at("status.printedLastRestartAge").as_int().is_none_or(|age| age > SETTLED);
    pod.at("status.phase").text() == "Running" && all_ready(&pod.body) == Some(true) && settled
}

fn all_ready(pod: &Value) -> Option<bool> {
    let statuses = pod.at("status.containerStatuses").list();
    (!statuses.is_empty()).then(|| statuses.iter().all(|s| s.get("ready").as_bool() == Some(true)))
}

/// A pod that was not ready and is now. The other way round the fuller account stays, as it says
/// more than a row does; a row of its own kind of trouble is merged with it.
fn renew_pod(body: &mut Value, newer: &Object) {
    if all_ready(body) != Some(false) || !is_well(newer) {
        return;
    }
    body.set("status.phase", Value::str("Running"));
    if let Value::List(statuses) = body.entry("status").entry("containerStatuses") {
        for status in statuses {
            status.set("ready", Value::Bool(true));
            status.set("state", Value::Map(Map::default()));
            status.set("state.running", Value::Map(Map::default()));
        }
    }
    set_conditions(body, &["Ready", "ContainersReady", "Initialized"]);
}

/// How many replicas are as they should be is what a later row says.
fn renew_counts(body: &mut Value, newer: &Object) {
    const COUNTS: &[&str] = &[
        "spec.replicas",
        "status.readyReplicas",
        "status.availableReplicas",
        "status.updatedReplicas",
        "status.desiredNumberScheduled",
        "status.numberReady",
        "status.numberAvailable",
        "status.updatedNumberScheduled",
    ];
    for path in COUNTS {
        if let count @ Value::Int(_) = newer.at(path) {
            body.set(path, count.clone());
        }
    }
    let wanted = newer.at("spec.replicas").as_int();
    if wanted.is_some() && newer.at("status.readyReplicas").as_int() >= wanted {
        set_conditions(body, &["Available", "Progressing"]);
    }
}

fn set_conditions(body: &mut Value, kinds: &[&str]) {
    if let Value::List(conditions) = body.entry("status").entry("conditions") {
        for condition in conditions.iter_mut().filter(|c| kinds.contains(&c.get("type").text())) {
            condition.set("status", Value::str("True"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, World, gather_stdin};

    const BAD: &str = "$ kubectl get pods -n mill\nNAME                  READY   STATUS             RESTARTS     AGE\n\
        saw-5d9c7b8f4d-m2k4q  0/1     CrashLoopBackOff   7 (9s ago)   9m\n";
    const GOOD: &str = "$ kubectl get pods -n mill\nNAME                  READY   STATUS    RESTARTS   AGE\n\
        saw-6f7b9c5d4c-b8n2k  1/1     Running   0          21m\n";

    fn pods(text: &str) -> Vec<String> {
        let world: World = gather_stdin(text.as_bytes(), &Options::default()).expect("memory");
        world.kind("Pod").map(|p| format!("{} {}", p.name, p.at("status.phase").text())).collect()
    }

    #[test]
    fn a_pod_that_was_replaced_before_a_later_look_is_gone() {
        assert_eq!(pods(&format!("{BAD}{GOOD}")), ["saw-6f7b9c5d4c-b8n2k Running"]);
        assert_eq!(pods(&format!("{GOOD}{BAD}")).len(), 2, "what went wrong later stays");
        let one = GOOD.replace("get pods", "get pods saw-6f7b9c5d4c-b8n2k");
        assert_eq!(pods(&format!("{BAD}{one}")).len(), 2, "no listing, nothing is gone");
        let other = GOOD.replace("saw-", "drill-");
        assert_eq!(pods(&format!("{BAD}{other}")).len(), 2, "another workload replaces nothing");
    }

    #[test]
    fn a_description_is_renewed_by_a_later_row() {
        let described = "$ kubectl -n mill describe pod saw-5d9c7b8f4d-m2k4q\nName:         saw-5d9c7b8f4d-m2k4q\nNamespace:    mill\n\
            Status:       Running\nContainers:\n  saw:\n    Image:          saw:1\n    State:          Waiting\n      Reason:       CrashLoopBackOff\n    \
            Ready:          False\n    Restart Count:  7\nConditions:\n  Type    Status\n  Ready   False\n";
        let row = "$ kubectl get pods -n mill\nNAME                  READY   STATUS    RESTARTS      AGE\n\
            saw-5d9c7b8f4d-m2k4q  1/1     Running   7 (40m ago)   49m\n";
        let ready = |text: &str| {
            let world = gather_stdin(text.as_bytes(), &Options::default()).expect("memory");
            let pod = world.object("Pod", Some("mill"), "saw-5d9c7b8f4d-m2k4q").expect("the pod").clone();
            pod.at("status.conditions").list()[0].get("status").text().to_owned()
        };
        assert_eq!(ready(&format!("{described}{row}")), "True");
        assert_eq!(ready(&format!("{described}{}", row.replace("40m", "4s"))), "False", "between two crashes");
    }
}
