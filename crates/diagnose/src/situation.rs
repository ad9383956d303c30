use std::collections::{BTreeMap, BTreeSet};

use firstfault_model::{Change, Coverage, Entity, Evidence, Finding, Health, Incident, Loss, Relation, Trust};
use jiff::Timestamp;

/// All that a diagnosis is made from.
#[derive(Debug)]
pub struct Situation<'a> {
    /// What the person said.
    pub incident: &'a Incident,
    /// The newest moment that the evidence knows.
    pub now: Option<Timestamp>,
    /// What was seen, sorted.
    pub findings: &'a [Finding],
    /// How entities are tied.
    pub relations: &'a [(Entity, Relation, Entity, Evidence)],
    /// What was looked at.
    pub coverage: &'a Coverage,
    /// Workloads, services and nodes that were looked at, and how they are.
    pub health: BTreeMap<Entity, Health>,
    /// Which kinds of source were seen for an entity: absence counts only for these.
    pub looked: BTreeSet<(Entity, Trust)>,
    /// What collectors of logs did not deliver.
    pub losses: Vec<Loss>,
    /// What was changed on purpose.
    pub changes: &'a [Change],
    /// Oddities of the evidence.
    pub notes: &'a [String],
    /// Path, bytes and hash of each file.
    pub sources: &'a [(firstfault_model::Name, u64, u64)],
}
