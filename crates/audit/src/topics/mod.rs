//! The checks, one file a topic.

mod alerts;
mod api_versions;
mod capacity;
mod certificates;
mod configuration;
mod disruption;
mod exposure;
mod images;
mod privileges;
mod probes;
mod resources;
mod single_points;
mod timeouts;

use crate::check::{Check, Remark};
use crate::scope::Scope;

/// A topic: its name, its checks, and what looks for them.
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    pub(crate) checks: &'static [&'static Check],
    pub(crate) look: fn(&Scope<'_>, &mut Vec<Remark>),
}

/// All topics, in the order of their codes.
pub(crate) const TOPICS: &[Topic] = &[
    Topic { name: "Resources", checks: resources::CHECKS, look: resources::look },
    Topic { name: "Probes", checks: probes::CHECKS, look: probes::look },
    Topic { name: "Disruption", checks: disruption::CHECKS, look: disruption::look },
    Topic { name: "Single points of failure", checks: single_points::CHECKS, look: single_points::look },
    Topic { name: "Images", checks: images::CHECKS, look: images::look },
    Topic { name: "Certificates", checks: certificates::CHECKS, look: certificates::look },
    Topic { name: "Capacity", checks: capacity::CHECKS, look: capacity::look },
    Topic { name: "API versions", checks: api_versions::CHECKS, look: api_versions::look },
    Topic { name: "Alerts", checks: alerts::CHECKS, look: alerts::look },
    Topic { name: "Exposure", checks: exposure::CHECKS, look: exposure::look },
    Topic { name: "Privileges", checks: privileges::CHECKS, look: privileges::look },
    Topic { name: "Configuration", checks: configuration::CHECKS, look: configuration::look },
    Topic { name: "Timeouts and retries", checks: timeouts::CHECKS, look: timeouts::look },
];

/// `container a sets`, `containers a and b set`; of many, the first three.
fn listed(noun: &str, names: &[&str], one: &str, many: &str) -> String {
    match names {
        [] => noun.to_owned(),
        [name] => format!("{noun} {name} {one}"),
        [names @ .., last] if names.len() < 4 => format!("{noun}s {} and {last} {many}", names.join(", ")),
        names => format!("{noun}s {} and {} more {many}", names[..3].join(", "), names.len() - 3),
    }
}
