//! The prevention path: which failure modes could hit, with nobody to notice and nothing to stop them.
//!
//! Works on the same [`World`] that a diagnosis reads. A check says that something is missing only
//! where it was looked for: in an object that was printed in full, or among objects of a kind that
//! was listed as a whole.

mod check;
mod reach;
mod render;
mod report;
mod scope;
mod suppress;
mod topics;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use firstfault_catalog::Catalog;
use firstfault_gather::{Object, World};
use firstfault_model::Entity;
use jiff::Timestamp;

pub use check::Check;
pub use render::{check_list, json, markdown, sarif, terminal};
pub use report::{
    Audit, AuditEntity, AuditEvidence, AuditMode, AuditReach, AuditRemark, Looked, Rank, SCHEMA, Score, Suppressed,
    schema,
};
pub use suppress::{SuppressionError, Suppressions};

use check::Remark;
use scope::Scope;

/// From this value on a remark is of high rank.
const HIGH: f64 = 3.5;
/// From this value on it is of medium rank.
const MEDIUM: f64 = 0.8;
/// What counts as prior for a check that stands for no failure mode of the catalogue: a rare one.
const NO_MODE: f64 = 0.2;

/// All checks in order of their codes, each with its topic.
pub fn checks() -> impl Iterator<Item = (&'static str, &'static Check)> {
    topics::TOPICS.iter().flat_map(|topic| topic.checks.iter().map(|check| (topic.name, *check)))
}

/// Looks at everything. `now` is what dates are compared with; without it, the newest moment of the evidence is.
///
/// # Errors
/// A suppression that holds for more than a year, or any suppression where no time is known.
pub fn audit(
    world: &World,
    catalog: &Catalog,
    suppressions: &Suppressions,
    now: Option<Timestamp>,
) -> Result<Audit, SuppressionError> {
    let now = now.or(world.now);
    let scope = Scope::new(world, now);
    let (holding, mut notes) = suppressions.at(now)?;
    let mut found = Vec::new();
    for topic in topics::TOPICS {
        (topic.look)(&scope, &mut found);
    }
    let mut remarks: Vec<AuditRemark> = found.into_iter().map(|remark| finish(remark, catalog)).collect();
    remarks.sort_by(|a, b| {
        let key = |r: &AuditRemark| (r.rank, r.code.clone(), r.entity.clone(), r.what.clone());
        a.rank.cmp(&b.rank).then(b.score.value.total_cmp(&a.score.value)).then_with(|| key(a).cmp(&key(b)))
    });
    remarks.dedup_by(|a, b| a.code == b.code && a.entity == b.entity && a.what == b.what);
    let mut suppressed = Vec::new();
    let mut used = vec![false; holding.len()];
    remarks.retain(|remark| {
        let met = holding.iter().position(|s| s.meets(&remark.code, &remark.entity));
        if let Some(at) = met {
            used[at] = true;
            let (reason, until) = (holding[at].reason.clone(), holding[at].until.to_string());
            suppressed.push(Suppressed { remark: remark.clone(), reason, until });
        }
        met.is_none()
    });
    let unused = holding.iter().zip(used).filter(|(_, used)| !used);
    notes.extend(unused.map(|(s, _)| format!("{} matches no remark: it can go", s.say())));
    let looked = looked(&scope);
    if now.is_none() {
        notes.push("the evidence tells no time: certificates were not judged (give --now)".to_owned());
    }
    if looked.unjudged > 0 {
        let noun = if looked.unjudged == 1 { "workload was" } else { "workloads were" };
        notes.push(format!(
            "{} {noun} printed in part only (tables, describe), where an unset field does not show: collect them with `kubectl get … -o yaml`",
            looked.unjudged
        ));
    }
    Ok(Audit { schema: SCHEMA.to_owned(), now: now.map(|t| t.to_string()), looked, remarks, suppressed, notes })
}

/// Ranks a remark: prior × share × urgency × reach.
fn finish(remark: Remark, catalog: &Catalog) -> AuditRemark {
    let Remark { check, entity, what, mend, reach, urgency, owner, evidence } = remark;
    let mend = match owner {
        Some(owner) => format!("in {owner}, which makes it and would undo a change here; what it comes to: {mend}"),
        None => mend.to_string(),
    };
    let modes = check.modes.iter().filter_map(|id| catalog.modes.get(*id));
    let modes: Vec<AuditMode> = modes.map(|m| AuditMode { id: m.id.clone(), prior: m.prior }).collect();
    let prior = if check.modes.is_empty() { NO_MODE } else { modes.iter().map(|m| m.prior).sum() };
    let value = prior * check.share * urgency * reach.value();
    let rank = match value {
        HIGH.. => Rank::High,
        MEDIUM.. => Rank::Medium,
        _ => Rank::Low,
    };
    AuditRemark {
        code: check.code.to_owned(),
        title: check.title.to_owned(),
        rank,
        entity: AuditEntity {
            kind: one_line(&entity.kind),
            namespace: entity.namespace.as_deref().map(one_line),
            name: one_line(&entity.name),
        },
        what: one_line(what.as_str()),
        why: check.means.to_owned(),
        mend: one_line(&mend),
        modes,
        score: Score {
            value,
            prior,
            share: check.share,
            urgency,
            reach: AuditReach {
                value: reach.value(),
                lost: reach.lost,
                dependents: reach.dependents,
                customer_facing: reach.facing,
                cluster_wide: reach.cluster,
            },
        },
        evidence: AuditEvidence {
            path: evidence.place.path.to_string(),
            lines: evidence.place.lines,
            excerpt: one_line(evidence.excerpt.as_str()),
        },
        reference: check.reference.to_owned(),
    }
}

/// Text of evidence without what moves a cursor or begins a line.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 600;
    text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// How much there was to judge.
fn looked(scope: &Scope<'_>) -> Looked {
    const OTHERS: &[&str] = &[
        "ResourceQuota",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
        "Node",
        "Service",
        "Ingress",
        "ConfigMap",
        "Certificate",
        "ClusterRoleBinding",
        "RoleBinding",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ];
    let world = scope.world;
    let full = |object: &&Object| object.is_whole() || !object.is_live();
    let others = OTHERS.iter().flat_map(|kind| world.kind(kind)).filter(full).count();
    let alerts = ["PrometheusRule", "rule-file"].into_iter().flat_map(|kind| world.kind(kind));
    let rules = alerts.flat_map(|o| o.at("spec.groups").list()).flat_map(|g| g.get("rules").list());
    let judged: BTreeSet<&Entity> = scope.workloads.iter().map(|w| &w.entity).collect();
    let known = |object: &Object| judged.contains(&object.entity());
    let unjudged = world.workloads().filter(|w| w.is_live() && !scope::is_platform(w.namespace.as_deref()));
    let in_part = |w: &&Object| !w.is_whole() && w.at("spec.replicas").as_int() != Some(0) && !known(w);
    Looked {
        workloads: scope.workloads.len(),
        unjudged: unjudged.filter(in_part).count(),
        alerts: rules.filter(|r| !r.get("alert").is_null()).count(),
        others: others + world.host.certificates.len() + world.disks.len() + scope.world.series.len(),
        checks: checks().count(),
    }
}
