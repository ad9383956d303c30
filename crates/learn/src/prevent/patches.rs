//! Patches of the workloads that failed: limits, probes, spread, replicas, and a `PodDisruptionBudget`.
//!
//! A number stands in a patch only where the evidence gives it or where there is one smallest useful value (two
//! replicas, a skew of one); every other value is a comment that says what to find out.

use firstfault_gather::World;
use firstfault_model::Value as Body;
use firstfault_model::case::CaseEntity;
use firstfault_model::shell::quote;
use serde_json::{Map, Value, json};

use super::manifest::{documents, said, unknown};
use super::workload::{Container, Workload, memory_limit};
use super::{Artifact, Kind, Situation};

/// More workloads than this are not patched after one incident.
const MOST: usize = 3;

/// One patch, and a budget where one is missing, a workload.
pub(super) fn artifacts(situation: &Situation) -> Vec<Artifact> {
    let (Some(first), Some(world)) = (situation.first(), situation.world) else { return Vec::new() };
    let mut made = Vec::new();
    let mut seen: Vec<&CaseEntity> = Vec::new();
    for entity in std::iter::once(&first.entity).chain(&situation.case.affected) {
        if seen.len() == MOST || seen.contains(&entity) {
            continue;
        }
        let Some(workload) = Workload::of(entity, world) else { continue };
        seen.push(entity);
        let number = if seen.len() == 1 { String::new() } else { format!("-{}", seen.len()) };
        let limit = (*entity == first.entity).then(|| memory_limit(situation)).flatten();
        made.extend(patch(&workload, limit.as_ref(), first.failure_mode.as_str(), world, &number));
        made.extend(budget(&workload, world, &number));
    }
    made
}

/// The patch of a workload; nothing where nothing is to be set.
fn patch(
    workload: &Workload,
    limit: Option<&(Option<String>, String)>,
    mode: &str,
    world: &World,
    number: &str,
) -> Option<Artifact> {
    let mut what: Vec<String> = Vec::new();
    let containers = workload.containers();
    let mut patched = Vec::new();
    for container in &containers {
        let own = limit.filter(|(name, _)| match name {
            Some(name) => *name == container.name,
            None => containers.len() == 1,
        });
        patched.extend(container_patch(workload, container, own.map(|(_, limit)| limit.as_str()), mode, &mut what));
    }
    let mut template = Map::new();
    if !patched.is_empty() {
        template.insert("containers".into(), patched.into());
    }
    let mut spec = Map::new();
    if let Some(replicas) = replicas(workload, world) {
        spec.insert("replicas".into(), replicas.into());
        what.push(format!("{replicas} replicas, the fewest that outlive the loss of one"));
    }
    let several = workload.replicas().is_some_and(|n| n > 1) || spec.contains_key("replicas");
    if several && let Some(spread) = spread(workload) {
        template.insert("topologySpreadConstraints".into(), spread);
        what.push("spread over nodes".into());
    }
    if workload.labels().is_none() && !template.is_empty() && workload.entity.kind != "DaemonSet" {
        let how = "over nodes, with the labels of spec.selector, which the evidence does not show";
        template.insert(unknown("topologySpreadConstraints"), how.into());
        spec.insert(unknown("replicas"), "how many run; two are the fewest that outlive the loss of one".into());
    }
    if !template.is_empty() {
        spec.insert("template".into(), json!({"spec": template}));
    }
    if what.is_empty() {
        return None;
    }
    let file = format!("patch{number}.yaml");
    let object = json!({
        "apiVersion": "apps/v1", "kind": workload.entity.kind, "metadata": metadata(workload, ""), "spec": spec,
    });
    let how = format!(
        "kubectl{} patch {} --patch-file {file} --dry-run=server",
        namespace_option(workload),
        quote(&format!("{}/{}", workload.entity.kind.to_lowercase(), workload.entity.name))
    );
    Some(Artifact {
        kind: Kind::Patches,
        title: format!("Patch of {} {}", workload.entity.kind, said(&workload.entity.name)),
        says: vec![what.join("; "), format!("try it: {how}")],
        digest: String::new(),
        contents: documents(&[(
            "A strategic-merge patch: what is not named stays as it is. Comments say what to find out.".into(),
            object,
        )]),
        file,
    })
}

fn metadata(workload: &Workload, suffix: &str) -> Value {
    let mut metadata = json!({"name": said(&workload.entity.name) + suffix});
    if let Some(namespace) = &workload.entity.namespace {
        metadata["namespace"] = said(namespace).into();
    }
    metadata
}

fn namespace_option(workload: &Workload) -> String {
    workload.entity.namespace.as_ref().map_or_else(String::new, |n| format!(" -n {}", quote(n)))
}

/// What a container lacks.
fn container_patch(
    workload: &Workload,
    container: &Container,
    limit: Option<&str>,
    mode: &str,
    what: &mut Vec<String>,
) -> Option<Value> {
    let mut fields = Map::new();
    let name = &container.name;
    let set = |resource: &str, kind: &str| !container.body.at("resources").get(kind).get(resource).is_null();
    if let Some(limit) = limit {
        fields.insert("resources".into(), json!({"limits": {"memory": limit}}));
        what.push(format!("{name}: memory limit {limit}"));
    } else if workload.whole && !set("memory", "limits") {
        fields
            .insert(unknown("resources.limits.memory"), "its peak over a week of usual work, and a third more".into());
    }
    if workload.whole {
        for resource in ["cpu", "memory"].iter().filter(|r| !set(r, "requests")) {
            let what = format!("what it uses in usual work ({resource}, the 90th percentile of a week)");
            fields.insert(unknown(&format!("resources.requests.{resource}")), what.into());
        }
    }
    let port = only_port(container.body);
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let stated = container.body.get(probe);
        let wrong = mode == format!("probe.{}-port-wrong", probe.trim_end_matches("Probe"));
        let asked = if stated.get("tcpSocket").is_null() { "httpGet" } else { "tcpSocket" };
        if wrong
            && !stated.is_null()
            && let Some(port) = &port
        {
            fields.insert(probe.into(), json!({asked: {"port": port}}));
            what.push(format!("{name}: {probe} asks the port that the container declares"));
        } else if probe == "readinessProbe" && stated.is_null() && workload.whole && workload.entity.kind != "DaemonSet"
        {
            let Some(port) = &port else { continue };
            fields.insert(
                probe.into(),
                json!({"tcpSocket": {"port": port}, unknown("httpGet"): "a path that answers 200 only when it can serve; it says more than an open port"}),
            );
            what.push(format!("{name}: a readiness probe on its port"));
        }
    }
    if fields.is_empty() {
        return None;
    }
    fields.insert("name".into(), name.clone().into());
    Some(Value::Object(fields))
}

/// The port of a container that declares one: its name, or its number.
fn only_port(container: &Body) -> Option<Value> {
    let [port] = container.get("ports").list() else { return None };
    if !matches!(port.get("protocol").text(), "" | "TCP") {
        return None;
    }
    let number = port.get("containerPort").as_int().filter(|n| (1..=65535).contains(n))?;
    let name = port.get("name").text();
    // A name of the form that Kubernetes takes (IANA_SVC_NAME).
    let fine = name.len() < 16
        && name.chars().any(|c| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    Some(if fine { name.into() } else { number.into() })
}

/// Two replicas for a Deployment that runs one, where nothing else sets them and nothing is held by one pod alone.
fn replicas(workload: &Workload, world: &World) -> Option<i64> {
    let scaled = world.kind_in("HorizontalPodAutoscaler", workload.entity.namespace.as_deref()).any(|hpa| {
        let target = hpa.at("spec.scaleTargetRef");
        target.get("kind").text() == workload.entity.kind && target.get("name").text() == workload.entity.name
    });
    let alone = workload.entity.kind == "Deployment" && workload.whole && workload.replicas() == Some(1);
    (alone && !scaled && !workload.has_claim()).then_some(2)
}

/// A spread over nodes, where none is set.
fn spread(workload: &Workload) -> Option<Value> {
    let spec = workload.pod;
    let set = !spec.get("topologySpreadConstraints").is_null() || !spec.at("affinity.podAntiAffinity").is_null();
    if set || !workload.whole || workload.entity.kind == "DaemonSet" {
        return None;
    }
    let labels = workload.labels()?;
    Some(json!([{
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels},
    }]))
}

/// A budget for a workload of several replicas that has none.
fn budget(workload: &Workload, world: &World, number: &str) -> Option<Artifact> {
    let namespace = workload.entity.namespace.as_deref();
    let labels = workload.labels()?;
    let several = workload.replicas().is_some_and(|n| n > 1) || replicas(workload, world).is_some();
    let has = world.kind_in("PodDisruptionBudget", namespace).any(|budget| {
        let selector = budget.at("spec.selector.matchLabels");
        selector.entries().next().is_some()
            && selector.entries().all(|(k, v)| labels.get(k.as_str()) == Some(&v.show()))
    });
    if has || !several || workload.entity.kind == "DaemonSet" {
        return None;
    }
    let looked = world.coverage.complete("PodDisruptionBudget", namespace);
    let doubt = if looked { "" } else { "the evidence lists no budgets, so look first whether one is there; " };
    let file = format!("budget{number}.yaml");
    let object = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata(workload, ""),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels}},
    });
    Some(Artifact {
        kind: Kind::Patches,
        title: format!("PodDisruptionBudget of {} {}", workload.entity.kind, said(&workload.entity.name)),
        says: vec![format!("{doubt}try it: kubectl apply -f {file} --dry-run=server")],
        digest: String::new(),
        contents: documents(&[("At most one pod at a time is taken away on purpose.".into(), object)]),
        file,
    })
}
