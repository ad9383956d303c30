//! Requests and limits: what the scheduler counts with, and what stops a container that grows.

use firstfault_gather::Object;
use firstfault_model::Quantity;
use firstfault_model::Value;

use super::listed;
use crate::check::{Check, Remark};
use crate::scope::{Scope, Workload, kubectl};
use firstfault_model::shell::quote;

const QUALITY: &str = "https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/";
const RESOURCES: &str = "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/";

const BEST_EFFORT: Check = Check {
    code: "FF101",
    title: "no requests and no limits",
    modes: &["pod.evicted", "node.memory-pressure", "performance.cpu-saturated"],
    share: 0.4,
    means: "The scheduler counts it as nothing, nothing bounds it, and it is the first to be evicted when its node runs short.",
    mend: "Measure a week of use, then set requests, and a memory limit.",
    reference: QUALITY,
};

const NO_MEMORY_REQUEST: Check = Check {
    code: "FF102",
    title: "no memory request",
    modes: &["pod.evicted", "node.memory-pressure"],
    share: 0.4,
    means: "The scheduler places it as if it used no memory, so nodes fill beyond what they have, and its pods are among the first to be evicted.",
    mend: "Set a memory request at its usual use.",
    reference: RESOURCES,
};

const NO_MEMORY_LIMIT: Check = Check {
    code: "FF103",
    title: "no memory limit",
    modes: &["host.memory-exhausted", "node.memory-pressure"],
    share: 0.5,
    means: "A leak or a burst in it takes the memory of its node, and the kernel may kill its neighbours first.",
    mend: "Set a memory limit above its highest usual use.",
    reference: RESOURCES,
};

const NO_CPU_REQUEST: Check = Check {
    code: "FF104",
    title: "no CPU request",
    modes: &["performance.cpu-saturated"],
    share: 0.3,
    means: "On a busy node it gets the smallest share of CPU that there is, and its autoscaler cannot work on CPU.",
    mend: "Set a CPU request at its usual use; no limit is needed.",
    reference: RESOURCES,
};

const UNBOUNDED_MEMORY_VOLUME: Check = Check {
    code: "FF105",
    title: "a volume in memory without a size limit",
    modes: &["container.oom-killed", "node.memory-pressure"],
    share: 0.1,
    means: "What is written to an emptyDir in memory counts as memory of the containers; without sizeLimit a full one kills them.",
    mend: "Set sizeLimit on the volume.",
    reference: "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
};

pub(crate) const CHECKS: &[&Check] =
    &[&BEST_EFFORT, &NO_MEMORY_REQUEST, &NO_MEMORY_LIMIT, &NO_CPU_REQUEST, &UNBOUNDED_MEMORY_VOLUME];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for workload in &scope.workloads {
        if !is_sized_by_autoscaler(scope, workload) {
            amounts(scope, workload, out);
        }
        volumes(workload, out);
    }
}

fn amounts(scope: &Scope<'_>, workload: &Workload<'_>, out: &mut Vec<Remark>) {
    let containers: Vec<(&str, Amounts)> =
        workload.containers().map(|c| (c.get("name").text(), Amounts::of(scope, workload, c))).collect();
    let lacking = |lacks: fn(&Amounts) -> bool| -> Vec<&str> {
        containers.iter().filter(|(_, amounts)| lacks(amounts)).map(|(name, _)| *name).collect()
    };
    // Where only some lack it, the first of them is named: the others are changed alike.
    let set = |check: &Check, names: &[&str], what: &str| match (&*workload.entity.kind, names.first()) {
        ("Pod", _) => check.mend.to_owned(),
        (_, Some(name)) if names.len() < containers.len() => {
            format!("{} -c {} {what}", kubectl(&workload.entity, "set resources"), quote(name))
        }
        _ => format!("{} {what}", kubectl(&workload.entity, "set resources")),
    };
    if containers.iter().all(|(_, amounts)| amounts.is_nothing()) {
        let what =
            format!("{} no requests and no limits", listed("container", &lacking(Amounts::is_nothing), "sets", "set"));
        let mend = set(&BEST_EFFORT, &[], "--requests=cpu=CPU,memory=MEMORY --limits=memory=LIMIT");
        out.push(workload.remark(&BEST_EFFORT, workload.reach_of_one(), &what).mended_by(&mend));
        return;
    }
    for (check, names, what, mend) in [
        (&NO_MEMORY_REQUEST, lacking(|a| !a.memory_request), "no memory request", "--requests=memory=MEMORY"),
        (&NO_MEMORY_LIMIT, lacking(|a| !a.memory_limit), "no memory limit", "--limits=memory=LIMIT"),
        (&NO_CPU_REQUEST, lacking(|a| !a.cpu_request), "no CPU request", "--requests=cpu=CPU"),
    ] {
        if !names.is_empty() {
            let what = format!("{} {what}", listed("container", &names, "sets", "set"));
            out.push(workload.remark(check, workload.reach_of_one(), &what).mended_by(&set(check, &names, mend)));
        }
    }
}

/// What a container asks for, after the defaults of its namespace.
struct Amounts {
    memory_request: bool,
    memory_limit: bool,
    cpu_request: bool,
    cpu_limit: bool,
}

impl Amounts {
    fn of(scope: &Scope<'_>, workload: &Workload<'_>, container: &Value) -> Self {
        let name = container.get("name").text();
        // A live pod shows what admission made of the template.
        let admitted = workload
            .pods
            .iter()
            .filter(|pod| pod.is_whole())
            .find_map(|pod| pod.at("spec.containers").list().iter().find(|c| c.get("name").text() == name));
        let ranges = || {
            scope
                .world
                .kind_in("LimitRange", workload.entity.namespace.as_deref())
                .flat_map(|r| r.at("spec.limits").list())
        };
        let given = |side: &str, resource: &str| {
            let own = |c: &Value| c.at("resources").get(side).get(resource).clone();
            if let Some(pod) = admitted {
                return is_some(&own(pod));
            }
            let default = if side == "limits" { "default" } else { "defaultRequest" };
            is_some(&own(container))
                || ranges().any(|l| l.get("type").text() == "Container" && is_some(l.get(default).get(resource)))
        };
        let (memory_limit, cpu_limit) = (given("limits", "memory"), given("limits", "cpu"));
        Self {
            // A limit without a request is the request as well.
            memory_request: memory_limit || given("requests", "memory"),
            memory_limit,
            cpu_request: cpu_limit || given("requests", "cpu"),
            cpu_limit,
        }
    }

    fn is_nothing(&self) -> bool {
        !(self.memory_request || self.memory_limit || self.cpu_request || self.cpu_limit)
    }
}

fn is_some(amount: &Value) -> bool {
    Quantity::of(amount).is_some_and(|q| q > Quantity::ZERO)
}

/// Whether a VerticalPodAutoscaler sets what its containers ask for.
fn is_sized_by_autoscaler(scope: &Scope<'_>, workload: &Workload<'_>) -> bool {
    let sizes = |scaler: &Object| {
        let target = scaler.at("spec.targetRef");
        scaler.namespace == workload.entity.namespace
            && target.get("kind").text() == &*workload.entity.kind
            && target.get("name").text() == &*workload.entity.name
            && scaler.at("spec.updatePolicy.updateMode").text() != "Off"
    };
    scope.world.kind("VerticalPodAutoscaler").any(sizes)
}

fn volumes(workload: &Workload<'_>, out: &mut Vec<Remark>) {
    let limited = |c: &Value| is_some(c.at("resources.limits.memory"));
    for volume in workload.spec.get("volumes").list() {
        let memory = volume.at("emptyDir.medium").text() == "Memory";
        // The containers' own limits bound it, if all of them have one.
        if memory && !is_some(volume.at("emptyDir.sizeLimit")) && !workload.containers().all(limited) {
            let what = format!("volume {} is an emptyDir in memory without sizeLimit", volume.get("name").text());
            out.push(workload.remark(&UNBOUNDED_MEMORY_VOLUME, workload.reach_of_one(), &what));
        }
    }
}
