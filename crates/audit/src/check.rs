//! What a check is, and what it says of one thing.

use firstfault_model::{Entity, Evidence, Masked};

use crate::reach::Reach;

/// One question that the audit asks of everything it applies to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Check {
    /// `FF101`; never changes its meaning. The hundreds are the topic.
    pub code: &'static str,
    /// The fault, in a few words that read well after "has" or "is".
    pub title: &'static str,
    /// The failure modes that it lets happen or hides, by their ids in the catalogue.
    pub modes: &'static [&'static str],
    /// The share of such faults that the safeguard would have stopped or shown: engineering judgement.
    pub share: f64,
    /// What it means, in a sentence or two.
    pub means: &'static str,
    /// How to mend it, in general.
    pub mend: &'static str,
    /// Where to read more.
    pub reference: &'static str,
}

/// What a check found wrong with one thing.
#[derive(Clone, Debug)]
pub(crate) struct Remark {
    pub(crate) check: &'static Check,
    /// The workload or object that it is about.
    pub(crate) entity: Entity,
    /// What was seen, with its values.
    pub(crate) what: Masked,
    /// What to run or change here.
    pub(crate) mend: Masked,
    /// How far a fault would reach.
    pub(crate) reach: Reach,
    /// How soon it is due: 1 where it is no matter of time.
    pub(crate) urgency: f64,
    /// The resource that makes the object, and would undo what is changed in it.
    pub(crate) owner: Option<Masked>,
    /// Where it stands.
    pub(crate) evidence: Evidence,
}

impl Remark {
    /// A remark with the check's own words on mending.
    pub(crate) fn new(check: &'static Check, entity: Entity, what: &str, reach: Reach, evidence: Evidence) -> Self {
        let mend = Masked::new(check.mend);
        Self { check, entity, what: Masked::new(what), mend, reach, urgency: 1.0, owner: None, evidence }
    }

    /// What to run or change, with the names of this case.
    pub(crate) fn mended_by(mut self, mend: &str) -> Self {
        self.mend = Masked::new(mend);
        self
    }

    /// Names what makes the object.
    pub(crate) fn owned_by(mut self, owner: Option<String>) -> Self {
        self.owner = owner.map(|owner| Masked::new(&owner));
        self
    }

    /// How soon it is due.
    pub(crate) fn due(mut self, urgency: f64) -> Self {
        self.urgency = urgency;
        self
    }
}
