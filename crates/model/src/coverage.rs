use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{Entity, Name, Place};

/// How far something was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Looked {
    /// Nobody looked.
    #[default]
    Not,
    /// Some of it was seen.
    Partly,
    /// It was listed as a whole, so what is not there is missing.
    Completely,
}

/// What was looked at, and what was read from each file.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// By kind, then by namespace; `None` means every namespace, or a cluster-scoped kind.
    pub kinds: BTreeMap<Name, BTreeMap<Option<Name>, Looked>>,
    /// By file, in order of path.
    pub files: Vec<FileCoverage>,
}

/// What was read from one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCoverage {
    /// The file.
    pub path: Name,
    /// The recognised format, or why it was not read.
    pub read_as: String,
    /// How many objects, records, samples or rows.
    pub items: usize,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Something that could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is wrong, as a sentence without a full stop.
    pub what: String,
}

/// Records that a collector of logs (Fluent Bit, Vector, journald, …) did not deliver: what nobody could see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The collector, as its messages tell: `fluent-bit`.
    pub collector: Name,
    /// Whose log says so.
    pub entity: Entity,
    /// The node that it collects on, where that is known.
    pub node: Option<Name>,
    /// What became of the records.
    pub fate: Fate,
    /// First and last sight.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// How many records, where the messages say it.
    pub records: Option<u64>,
    /// How many messages say so.
    pub messages: u64,
    /// Where the first of them stands.
    pub place: Place,
}

/// What became of records that were not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// They are gone.
    Lost,
    /// The collector took no more: what was written meanwhile may be gone.
    Refused,
    /// They come late, if they come.
    Delayed,
}

impl Coverage {
    /// Notes that a kind was looked at in a namespace (or, with `None`, in all).
    pub fn saw(&mut self, kind: &str, namespace: Option<&str>, looked: Looked) {
        let by_namespace = self.kinds.entry(kind.into()).or_default();
        let entry = by_namespace.entry(namespace.map(Name::from)).or_default();
        *entry = (*entry).max(looked);
    }

    /// How far objects of a kind were looked at in a namespace.
    #[must_use]
    pub fn of(&self, kind: &str, namespace: Option<&str>) -> Looked {
        let Some(by_namespace) = self.kinds.get(kind) else { return Looked::Not };
        let everywhere = by_namespace.get(&None).copied().unwrap_or_default();
        let here = namespace.and_then(|n| by_namespace.get(&Some(n.into()))).copied().unwrap_or_default();
        everywhere.max(here)
    }

    /// Whether a listing was complete, so that absence means missing.
    #[must_use]
    pub fn complete(&self, kind: &str, namespace: Option<&str>) -> bool {
        self.of(kind, namespace) == Looked::Completely
    }
}
