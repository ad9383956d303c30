//! What the tools of service meshes say: `istioctl analyze`, `istioctl proxy-status`.

mod analyze;
mod proxies;

use firstfault_model::{Entity, Evidence};

use crate::formats::Format;

pub(crate) const FORMATS: &[Format] = &[analyze::TEXT, analyze::JSON, proxies::STATUS, proxies::CONFIG];

/// What the tools of a mesh say.
#[derive(Debug, Default)]
pub struct MeshFacts {
    /// What an analyser complains about.
    pub complaints: Vec<Complaint>,
    /// How far each proxy follows its control plane.
    pub proxies: Vec<ProxySync>,
}

impl MeshFacts {
    /// How many facts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.complaints.len() + self.proxies.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the facts of another file.
    pub(crate) fn append(&mut self, mut more: Self) {
        self.complaints.append(&mut more.complaints);
        self.proxies.append(&mut more.proxies);
    }
}

/// How much an analyser makes of a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// May be meant so.
    Warning,
    /// Does not work.
    Error,
}

/// A complaint of `istioctl analyze`, which reads the objects of the API.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// `IST0101`, …
    pub code: String,
    /// How much it makes of it.
    pub level: Level,
    /// The object.
    pub about: Entity,
    /// The text.
    pub message: String,
    /// It read a file rather than the cluster: this is not in force.
    pub of_file: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A proxy as its control plane sees it.
#[derive(Clone, Debug)]
pub struct ProxySync {
    /// The pod in which it runs.
    pub pod: Entity,
    /// Kinds of configuration (`CDS`, …) that were sent and not acknowledged.
    pub stale: Vec<String>,
    /// The row.
    pub evidence: Evidence,
}
