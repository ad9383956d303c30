//! One finding for each id and carrier, however many replicas show it.

use std::collections::BTreeMap;

use firstfault_model::{Entity, Finding, Grade, State};

/// Places beyond this many add nothing.
const PLACES: usize = 5;

/// Findings that are joined as they come.
#[derive(Default)]
pub(crate) struct Merged(BTreeMap<(&'static str, Entity), Finding>);

impl Merged {
    /// Adds a finding, or its evidence to the one that says the same of the same entity.
    pub(crate) fn add(&mut self, mut finding: Finding) {
        // What one source leaves empty, another may fill.
        finding.fields.retain(|(_, value)| !value.is_empty());
        let key = (finding.id, finding.entity.clone());
        match self.0.get_mut(&key) {
            None => {
                self.0.insert(key, finding);
            }
            Some(known) if finding.state < known.state => {
                let old = std::mem::replace(known, finding);
                join(known, old);
            }
            Some(known) => join(known, finding),
        }
    }

    /// Who currently has one of these findings, as more than a hint.
    pub(crate) fn entities(&self, ids: &[&str]) -> std::collections::BTreeSet<Entity> {
        let has = |finding: &&Finding| {
            finding.state == State::Current && finding.grade > Grade::Weak && ids.contains(&finding.id)
        };
        self.0.values().filter(has).map(|finding| finding.entity.clone()).collect()
    }

    /// The places of a finding.
    pub(crate) fn evidence(&self, id: &'static str, entity: &Entity) -> Vec<firstfault_model::Evidence> {
        self.0.get(&(id, entity.clone())).map_or_else(Vec::new, |finding| finding.evidence.clone())
    }

    /// Hands the findings over.
    pub(crate) fn into(self, findings: &mut Vec<Finding>) {
        findings.extend(self.0.into_values());
    }
}

/// What holds now keeps its say; what healed only adds its places.
fn join(known: &mut Finding, other: Finding) {
    if other.state == known.state || known.state == State::Recovered {
        known.grade = known.grade.max(other.grade);
    }
    known.since = [known.since, other.since].into_iter().flatten().min();
    known.until = [known.until, other.until].into_iter().flatten().max();
    for (name, value) in other.fields {
        if !known.fields.iter().any(|(have, _)| *have == name) {
            known.fields.push((name, value));
        }
    }
    if known.other.is_none() {
        known.other = other.other;
    }
    for evidence in other.evidence {
        if known.evidence.len() < PLACES && !known.evidence.contains(&evidence) {
            known.evidence.push(evidence);
        }
    }
}
