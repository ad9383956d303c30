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
    Topic { declares: routing::config_references::DECLARES, detect: routing::config_references::detect },
    Topic { declares: routing::gateway_api::DECLARES, detect: routing::gateway_api::detect },
    Topic { declares: routing::gateway_config::DECLARES, detect: routing::gateway_config::detect },
    Topic { declares: routing::ingress::DECLARES, detect: routing::ingress::detect },
    Topic { declares: routing::network_policy::DECLARES, detect: routing::network_policy::detect },
    Topic { declares: scheduling::DECLARES, detect: scheduling::detect },
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
