use crate::routing;
use crate::scheduling;
use firstfault_gather::World;
use firstfault_model::{Declaration, Finding};

/// A topic: the findings it declares and the function that finds them.
pub(crate) struct Topic {
    pub(crate) declares: &'static [Declaration],
    pub(crate) detect: fn(&World, &mut Vec<Finding>),
}

/// All topics. Order does not matter: findings are sorted.
const TOPICS: &[Topic] = &[
    Topic { declares: routing::services::DECLARES, detect: routing::services::detect },
    Topic { declares: routing::config_references::DECLARES, detect: routing::detect_told },
    Topic { declares: routing::gateway_api::DECLARES, detect: routing::gateway_api::detect },
    Topic { declares: routing::gateway_config::DECLARES, detect: routing::gateway_config::detect },
    Topic { declares: routing::ingress::DECLARES, detect: routing::ingress::detect },
    // Found by `detect_told`, with the addresses that it has read.
    Topic { declares: routing::network_policy::DECLARES, detect: |_, _| {} },
    Topic { declares: crate::admission::DECLARES, detect: crate::admission::detect },
    Topic { declares: crate::nodes::DECLARES, detect: crate::nodes::detect },
    Topic { declares: crate::storage::DECLARES, detect: crate::storage::detect },
    Topic { declares: scheduling::DECLARES, detect: scheduling::detect },
    Topic { declares: crate::workloads::DECLARES, detect: crate::workloads::detect },
    Topic { declares: crate::images::DECLARES, detect: crate::images::detect },
    Topic { declares: crate::startup::DECLARES, detect: crate::startup::detect },
    Topic { declares: crate::containers::DECLARES, detect: crate::containers::detect },
    Topic { declares: crate::probes::DECLARES, detect: crate::probes::detect },
    Topic { declares: crate::rollouts::DECLARES, detect: crate::rollouts::detect },
    Topic { declares: crate::autoscaling::DECLARES, detect: crate::autoscaling::detect },
    Topic { declares: crate::jobs::DECLARES, detect: crate::jobs::detect },
    Topic { declares: crate::lifecycle::DECLARES, detect: crate::lifecycle::detect },
    Topic { declares: crate::resources::DECLARES, detect: crate::resources::detect },
    // Alerts make findings that other topics declare.
    Topic { declares: &[], detect: crate::alerts::detect },
    Topic { declares: crate::application::DECLARES, detect: crate::application::detect },
    Topic { declares: crate::log_changes::DECLARES, detect: crate::log_changes::detect },
    Topic { declares: crate::performance::DECLARES, detect: crate::performance::detect },
    Topic { declares: crate::requests::DECLARES, detect: crate::requests::detect },
    Topic { declares: crate::dependencies::DECLARES, detect: crate::dependencies::detect },
    Topic { declares: crate::mesh::DECLARES, detect: crate::mesh::detect },
    Topic { declares: crate::host::DECLARES, detect: crate::host::detect },
    Topic { declares: crate::rules::DECLARES, detect: crate::rules::detect },
];

/// All findings that detectors can make (those of log signatures are declared in the catalogue).
pub fn declarations() -> impl Iterator<Item = &'static Declaration> {
    TOPICS.iter().flat_map(|topic| topic.declares)
}

/// Everything that is seen in the world, sorted by entity and id.
#[must_use]
pub fn observe(world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for topic in TOPICS {
        (topic.detect)(world, &mut findings);
    }
    findings.sort_by(|a, b| (&a.entity, a.id, &a.since).cmp(&(&b.entity, b.id, &b.since)));
    findings
}

/// Declares the findings of a topic as constants and lists them in `DECLARES`.
macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $says:literal, $background:ident, $trust:ident;)*) => {
        $($(#[$doc])* pub(crate) const $name: firstfault_model::Declaration = firstfault_model::Declaration {
            id: $id, says: $says,
            background: firstfault_model::Background::$background,
            trust: firstfault_model::Trust::$trust,
        };)*
        pub(crate) const DECLARES: &[firstfault_model::Declaration] = &[$($name),*];
    };
}
pub(crate) use declare;
