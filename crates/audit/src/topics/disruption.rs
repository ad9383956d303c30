//! Disruption: what a drain of a node or a roll-out may take away at once.

use firstfault_gather::{Object, World};
use firstfault_model::Value;
use firstfault_observe::selector;

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::{Listing, Scope, Workload, kubectl};
use firstfault_model::shell::quote;

const BUDGETS: &str = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/";

const NO_BUDGET: Check = Check {
    code: "FF301",
    title: "no disruption budget",
    modes: &["scheduling.nodes-cordoned", "node.not-ready-unexplained"],
    share: 0.4,
    means: "When nodes are drained for an upgrade, all its replicas may be evicted at the same moment.",
    mend: "Add a PodDisruptionBudget with maxUnavailable: 1.",
    reference: BUDGETS,
};

const BUDGET_NEVER_YIELDS: Check = Check {
    code: "FF302",
    title: "a disruption budget that never yields",
    modes: &["budget.blocks-eviction"],
    share: 0.9,
    means: "No pod of it may ever be evicted, so a drain of its node waits for ever, and with it the upgrade of the cluster.",
    mend: "Let the budget yield one pod (maxUnavailable: 1), with enough replicas for that.",
    reference: BUDGETS,
};

const BUDGET_OF_NOTHING: Check = Check {
    code: "FF303",
    title: "a disruption budget for no pod",
    modes: &["scheduling.nodes-cordoned"],
    share: 0.4,
    means: "Its selector matches no workload here, so it protects nobody, while somebody believes that it does.",
    mend: "Correct the selector to the labels of the pods, or delete the budget.",
    reference: BUDGETS,
};

const ALL_AT_ONCE: Check = Check {
    code: "FF304",
    title: "all replicas replaced at once",
    modes: &["performance.requests-failing", "container.crash-loop"],
    share: 0.4,
    means: "Each roll-out stops every replica before it starts a new one, and a version that does not start leaves none.",
    mend: "Use strategy RollingUpdate with maxUnavailable below the number of replicas.",
    reference: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
};

pub(crate) const CHECKS: &[&Check] = &[&NO_BUDGET, &BUDGET_NEVER_YIELDS, &BUDGET_OF_NOTHING, &ALL_AT_ONCE];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for workload in scope.servers().filter(|w| !w.is_daemon() && w.replicas.is_some_and(|r| r > 1)) {
        unprotected(scope, workload, out);
        at_once(workload, out);
    }
    for budget in scope.own("PodDisruptionBudget") {
        judge(scope, budget, out);
    }
}

fn unprotected(scope: &Scope<'_>, workload: &Workload<'_>, out: &mut Vec<Remark>) {
    let namespace = workload.entity.namespace.as_deref();
    let asked_for = !workload.services.is_empty() || workload.reach.dependents > 0;
    let seen = scope.listing("PodDisruptionBudget", namespace);
    let protected = scope.world.kind_in("PodDisruptionBudget", namespace).any(|b| covers(b, workload.labels));
    if !asked_for || protected || seen == Listing::Unknown {
        return;
    }
    let replicas = workload.replicas.unwrap_or_default();
    let what = match seen {
        Listing::Manifests => {
            format!("{replicas} replicas, and no PodDisruptionBudget among these manifests selects them")
        }
        _ => format!("{replicas} replicas, and no PodDisruptionBudget selects them"),
    };
    let labels = selector::show_labels(workload.object.at("spec.selector.matchLabels")).join(",");
    let space = namespace.map_or(String::new(), |n| format!("-n {} ", quote(n)));
    let mend = match labels.is_empty() {
        true => NO_BUDGET.mend.to_owned(),
        false => format!(
            "kubectl {space}create poddisruptionbudget {} --selector={} --max-unavailable=1",
            quote(&workload.entity.name),
            quote(&labels)
        ),
    };
    out.push(workload.remark(&NO_BUDGET, workload.reach, &what).mended_by(&mend));
}

/// An empty selector covers all pods of the namespace.
fn covers(budget: &Object, labels: &Value) -> bool {
    budget.has_spec() && selector::matches(budget.at("spec.selector"), labels)
}

fn at_once(workload: &Workload<'_>, out: &mut Vec<Remark>) {
    if workload.entity.kind != "Deployment" || workload.services.is_empty() {
        return;
    }
    let strategy = workload.object.at("spec.strategy");
    let unavailable = strategy.at("rollingUpdate.maxUnavailable");
    let all = unavailable.text() == "100%" || unavailable.as_int().is_some_and(|u| Some(u) >= workload.replicas);
    let what = match strategy.get("type").text() {
        "Recreate" if shares_volume(workload) => return,
        "Recreate" => "strategy Recreate stops all replicas before it starts new ones".to_owned(),
        _ if all => format!("maxUnavailable {} lets a roll-out stop all replicas", unavailable.show()),
        _ => return,
    };
    out.push(workload.remark(&ALL_AT_ONCE, workload.reach, &what));
}

/// Recreate is needed where the replicas cannot have the volume beside each other.
fn shares_volume(workload: &Workload<'_>) -> bool {
    workload.spec.get("volumes").list().iter().any(|v| !v.get("persistentVolumeClaim").is_null())
}

fn judge(scope: &Scope<'_>, budget: &Object, out: &mut Vec<Remark>) {
    if !budget.has_spec() {
        return;
    }
    let covered: Vec<&Workload<'_>> =
        scope.servers().filter(|w| w.entity.namespace == budget.namespace && covers(budget, w.labels)).collect();
    if let [workload] = covered[..]
        && let Some(how) = never_yields(budget, workload)
    {
        let what = format!("PodDisruptionBudget {} {how}", budget.name);
        let mend = format!(
            "{} --type=merge -p '{{\"spec\":{{\"minAvailable\":null,\"maxUnavailable\":1}}}}'",
            kubectl(&budget.entity(), "patch")
        );
        let evidence = budget.cite(&what);
        out.push(
            Remark::new(&BUDGET_NEVER_YIELDS, workload.entity.clone(), &what, Reach::ITSELF, evidence).mended_by(&mend),
        );
    }
    if covered.is_empty() && covers_nobody(scope, budget) {
        let what = format!("selector {} matches no workload", selector::show(budget.at("spec.selector")));
        let evidence = budget.cite(&format!("PodDisruptionBudget {}: {what}", budget.name));
        out.push(Remark::new(&BUDGET_OF_NOTHING, budget.entity(), &what, Reach::ITSELF, evidence));
    }
}

/// In which way a budget allows no eviction, whatever the state of the pods.
fn never_yields(budget: &Object, workload: &Workload<'_>) -> Option<String> {
    let (least, most) = (budget.at("spec.minAvailable"), budget.at("spec.maxUnavailable"));
    if matches!(most.show().as_str(), "0" | "0%") {
        return Some(format!("has maxUnavailable {}", most.show()));
    }
    if least.text() == "100%" {
        return Some("has minAvailable 100%".to_owned());
    }
    let replicas = workload.replicas.filter(|_| matches!(&*workload.entity.kind, "Deployment" | "StatefulSet"))?;
    let least = least.as_int().filter(|least| *least >= replicas)?;
    Some(format!("keeps minAvailable {least} of {replicas} replicas"))
}

/// Whether certainly nothing in its namespace has pods that it selects, scaled to zero or not.
fn covers_nobody(scope: &Scope<'_>, budget: &Object) -> bool {
    let namespace = budget.namespace.as_deref();
    let kinds = ["Deployment", "StatefulSet", "Pod"];
    let seen = kinds.iter().all(|kind| scope.listing(kind, namespace) != Listing::Unknown);
    let any =
        scope.world.pod_specs().any(|(o, _)| o.namespace == budget.namespace && covers(budget, World::pod_labels(o)));
    seen && !any && !budget.at("spec.selector").is_null()
}
