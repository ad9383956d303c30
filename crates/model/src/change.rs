use jiff::Timestamp;

use crate::{Entity, Evidence};

/// Something that was changed on purpose: a roll-out, a configuration, a flag.
#[derive(Clone, Debug)]
pub struct Change {
    /// What was changed.
    pub entity: Entity,
    /// When, where it is known.
    pub at: Option<Timestamp>,
    /// What was done, in a few words.
    pub what: String,
    /// Where it stands.
    pub evidence: Evidence,
}
