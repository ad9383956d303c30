use std::collections::{BTreeMap, VecDeque};

use firstfault_model::{Entity, Evidence, Finding, Relation};

/// How a fault can travel: from an entity to those that it hurts.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    hurts: BTreeMap<Entity, Vec<(Relation, Entity)>>,
}

/// An entity that a fault can reach.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    pub(crate) entity: Entity,
    /// The relation of the first step: what the mode's `spreads` names.
    pub(crate) first: Relation,
    /// The relation of the last step.
    pub(crate) via: Relation,
    /// The entity one step nearer to the fault.
    pub(crate) from: Entity,
    /// How many steps away.
    pub(crate) steps: u32,
}

/// A fault fades along its way; farther than this it explains nothing.
const FARTHEST: u32 = 6;

impl Graph {
    pub(crate) fn new(relations: &[(Entity, Relation, Entity, Evidence)]) -> Self {
        let mut graph = Self::default();
        for (subject, relation, object, _) in relations {
            let (cause, victim) = if relation.object_hurts_subject() { (object, subject) } else { (subject, object) };
            let victims = graph.hurts.entry(cause.clone()).or_default();
            let edge = (*relation, victim.clone());
            if !victims.contains(&edge) {
                victims.push(edge);
            }
        }
        for victims in graph.hurts.values_mut() {
            victims.sort();
        }
        graph
    }

    /// Ties rules to those that they were seen to stop. Only these: a full quota hurts nobody
    /// who has what they need.
    pub(crate) fn constrain(&mut self, findings: &[Finding]) {
        for finding in findings {
            let Some(other) = &finding.other else { continue };
            let (rule, victim) = match (is_rule(&finding.entity), is_rule(other)) {
                (true, false) => (&finding.entity, other),
                (false, true) => (other, &finding.entity),
                // A node that a workload's finding names, whether or not its pods run there; a scheduler.
                _ if &*other.kind == "Node" || finding.id == "pod.never-considered" => (other, &finding.entity),
                _ => continue,
            };
            let victims = self.hurts.entry(rule.clone()).or_default();
            let edge = (Relation::Constrains, victim.clone());
            if let Err(at) = victims.binary_search(&edge) {
                victims.insert(at, edge);
            }
        }
    }

    /// Whom a fault of `start` can reach, the nearest first; each once.
    pub(crate) fn reach(&self, start: &Entity) -> Vec<Reached> {
        let mut reached: Vec<Reached> = Vec::new();
        let mut seen = std::collections::BTreeSet::from([start.clone()]);
        let mut queue = VecDeque::from([(start.clone(), None::<Relation>, 0)]);
        while let Some((entity, first, steps)) = queue.pop_front() {
            if steps == FARTHEST {
                continue;
            }
            for (relation, victim) in self.hurts.get(&entity).into_iter().flatten() {
                if !seen.insert(victim.clone()) {
                    continue;
                }
                let first = first.unwrap_or(*relation);
                reached.push(Reached {
                    entity: victim.clone(),
                    first,
                    via: *relation,
                    from: entity.clone(),
                    steps: steps + 1,
                });
                queue.push_back((victim.clone(), Some(first), steps + 1));
            }
        }
        reached
    }

    /// How much of an effect arrives over one step of a relation.
    pub(crate) fn transmission(relation: Relation) -> f64 {
        match relation {
            Relation::Selects | Relation::Mounts | Relation::BoundTo | Relation::Owns | Relation::Constrains => 0.95,
            Relation::RunsOn | Relation::RoutesTo | Relation::ReadsConfig | Relation::Contains => 0.85,
            Relation::Calls | Relation::AuthenticatesWith | Relation::Scales => 0.7,
        }
    }
}

/// Whether an entity is a rule about others.
fn is_rule(entity: &Entity) -> bool {
    matches!(
        &*entity.kind,
        "ResourceQuota"
            | "LimitRange"
            | "NetworkPolicy"
            | "ValidatingWebhookConfiguration"
            | "MutatingWebhookConfiguration"
            | "ValidatingAdmissionPolicy"
    )
}
