/// How two entities are tied. Written from the subject to the object: `a calls b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// A workload owns a pod, a CronJob a Job.
    Owns,
    /// A pod or workload runs on a node or host.
    RunsOn,
    /// A Service selects a workload; a policy selects a workload.
    Selects,
    /// An Ingress, route or gateway routes to a Service.
    RoutesTo,
    /// A workload or service calls another.
    Calls,
    /// A workload mounts a claim or a volume.
    Mounts,
    /// A workload reads a ConfigMap or Secret.
    ReadsConfig,
    /// A claim is bound to a volume.
    BoundTo,
    /// An autoscaler scales a workload.
    Scales,
    /// A namespace contains an object.
    Contains,
    /// A workload runs as a service account.
    AuthenticatesWith,
    /// A quota, range, policy or webhook limits what a workload may be or do.
    Constrains,
}

impl Relation {
    /// The word used in the catalogue and in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Owns => "owns",
            Self::RunsOn => "runs-on",
            Self::Selects => "selects",
            Self::RoutesTo => "routes-to",
            Self::Calls => "calls",
            Self::Mounts => "mounts",
            Self::ReadsConfig => "reads-config",
            Self::BoundTo => "bound-to",
            Self::Scales => "scales",
            Self::Contains => "contains",
            Self::AuthenticatesWith => "authenticates-with",
            Self::Constrains => "constrains",
        }
    }

    /// Whether a fault of the object reaches the subject (`a calls b`: b's fault hurts a).
    /// Of the others (`owns`, `contains`, `scales`, `constrains`), the subject's fault reaches the object.
    #[must_use]
    pub fn object_hurts_subject(self) -> bool {
        !matches!(self, Self::Owns | Self::Contains | Self::Scales | Self::Constrains)
    }
}
