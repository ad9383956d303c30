use firstfault_model::{Entity, Evidence, Name};

/// One function of a profile listing (`go tool pprof -top`, a heap histogram).
#[derive(Clone, Debug)]
pub struct ProfileEntry {
    /// Whose profile it is.
    pub entity: Entity,
    /// `inuse_space`, `cpu`, …
    pub kind: Name,
    /// The function or class.
    pub function: String,
    /// Its own amount, in bytes or nanoseconds.
    pub flat: f64,
    /// Its share of the total, 0 to 1.
    pub share: f64,
    /// Where it stands.
    pub evidence: Evidence,
}
