use jiff::Timestamp;

use crate::{Entity, Evidence};

/// An observed fact about one entity, with the evidence for it.
///
/// Detectors put it on the thing that would carry the fault: what is seen on a pod stands on
/// the workload that owns the pod.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The declared id, such as `container.oom-killed`.
    pub id: &'static str,
    /// Whom it is about.
    pub entity: Entity,
    /// Since when (first sight), where that is known.
    pub since: Option<Timestamp>,
    /// Last sight.
    pub until: Option<Timestamp>,
    /// Whether it still holds.
    pub state: State,
    /// How sure the detector is of it.
    pub grade: Grade,
    /// Facts by name, for summaries: `container`, `image`, `limit`, `node`, …
    pub fields: Vec<(&'static str, String)>,
    /// Another entity the fact is about: the missing object, the called service, the node.
    pub other: Option<Entity>,
    /// Where it stands; never empty.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// A current, strong finding. There is none without evidence.
    #[must_use]
    pub fn new(declaration: &Declaration, entity: Entity, evidence: Evidence) -> Self {
        Self {
            id: declaration.id,
            entity,
            since: None,
            until: None,
            state: State::Current,
            grade: Grade::Strong,
            fields: Vec::new(),
            other: None,
            evidence: vec![evidence],
        }
    }

    /// Adds a fact by name.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((field, value.into()));
        self
    }

    /// Sets the grade.
    #[must_use]
    pub fn graded(mut self, grade: Grade) -> Self {
        self.grade = grade;
        self
    }

    /// Sets the state.
    #[must_use]
    pub fn in_state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// Sets the first and last sight.
    #[must_use]
    pub fn seen(mut self, since: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        self.since = since;
        self.until = until;
        self
    }

    /// Names another entity that the fact is about.
    #[must_use]
    pub fn about(mut self, other: Entity) -> Self {
        self.other = Some(other);
        self
    }

    /// Adds a place.
    #[must_use]
    pub fn citing(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// The value of a field, or `""`.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v)
    }
}

/// Whether a finding still holds at the end of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It holds.
    Current,
    /// The present contradicts it: it healed. It explains nothing that is wrong now.
    Recovered,
}

/// How sure a detector is that the fact is as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// A hint.
    Weak,
    /// More likely than not.
    Fair,
    /// As the source says it.
    Strong,
    /// Read from a field that decides it.
    Certain,
}

/// The trust in a finding's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// Free text that anyone's request can reach.
    Application,
    /// Logs and events of platform components, metrics, traces.
    Infrastructure,
    /// API objects, the kernel, the kubelet, a database's own views.
    State,
}

/// How often a finding is seen when nothing that matters is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Background {
    /// One case in a thousand: it is a fault by itself.
    Never,
    /// One in a hundred.
    Rarely,
    /// One in twenty.
    Sometimes,
    /// One in five.
    Often,
}

impl Background {
    /// The probability.
    #[must_use]
    pub fn probability(self) -> f64 {
        match self {
            Self::Never => 0.001,
            Self::Rarely => 0.01,
            Self::Sometimes => 0.05,
            Self::Often => 0.2,
        }
    }
}

/// Declares a finding: its id, a sentence, and what it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// `topic.what-is-so`, never reused for another meaning.
    pub id: &'static str,
    /// What it says of its entity, as a sentence without the subject: "was killed for memory".
    pub says: &'static str,
    /// How often it is seen without a fault.
    pub background: Background,
    /// The trust in where it comes from.
    pub trust: Trust,
}
