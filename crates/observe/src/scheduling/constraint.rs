//! The constraints that a node can fail.

/// A reason for which a node does not take a pod: one filter of the scheduler.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Constraint {
    /// The labels that `nodeSelector` asks for.
    Selector,
    /// The required node affinity.
    NodeAffinity,
    /// One of the two, where only the scheduler's message is known.
    SelectorOrAffinity,
    /// The node is cordoned.
    Cordon,
    /// A taint without toleration, by its key.
    Taint(String),
    /// A taint that Kubernetes itself sets on a node that is ill, by its key.
    Ill(String),
    /// The node has too little of a resource left.
    Resource(String),
    /// A port of the node is taken.
    HostPort,
    /// A volume cannot be reached from the node.
    Volume,
    /// No more volumes can be attached to the node.
    VolumeLimit,
    /// No pod runs there beside which this one has to run.
    PodAffinity,
    /// A pod runs there that must not run beside this one.
    PodAntiAffinity,
    /// Spreading: the skew would grow too large.
    Spread,
    /// Spreading: the node has no such topology label.
    SpreadLabel,
}

/// Whether a node meets a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It does.
    Meets,
    /// It does not.
    Fails,
    /// The evidence does not say.
    Unknown,
}

impl From<bool> for Verdict {
    fn from(meets: bool) -> Self {
        if meets { Self::Meets } else { Self::Fails }
    }
}

impl From<Option<bool>> for Verdict {
    fn from(meets: Option<bool>) -> Self {
        meets.map_or(Self::Unknown, Self::from)
    }
}

/// Taints that the node controller and the kubelet set by themselves.
pub(crate) fn taint(key: &str) -> Constraint {
    let own = key.strip_prefix("node.kubernetes.io/").is_some_and(|name| {
        matches!(
            name,
            "not-ready"
                | "unreachable"
                | "memory-pressure"
                | "disk-pressure"
                | "pid-pressure"
                | "network-unavailable"
                | "out-of-service"
        )
    });
    let starting =
        matches!(key, "node.cloudprovider.kubernetes.io/uninitialized" | "node.cloudprovider.kubernetes.io/shutdown");
    if key == "node.kubernetes.io/unschedulable" {
        Constraint::Cordon
    } else if own || starting {
        Constraint::Ill(key.to_owned())
    } else {
        Constraint::Taint(key.to_owned())
    }
}
