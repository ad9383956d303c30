//! How traffic finds its way: Services, names, routes, policies and permissions.

mod addresses;
mod backends;
pub(crate) mod config_references;
pub(crate) mod gateway_api;
pub(crate) mod gateway_config;
pub(crate) mod ingress;
mod ingress_said;
mod nearness;
pub(crate) mod network_policy;
mod placeholders;
mod policies;
mod proxy_routes;
mod references;
mod service_ports;
mod service_state;
pub(crate) mod services;
pub(crate) mod targets;

use firstfault_gather::World;
use firstfault_model::Finding;

/// What is told to whom, and which policies stand in the way of it; the addresses are read once for both.
pub(crate) fn detect_told(world: &World, findings: &mut Vec<Finding>) {
    let backends = backends::Backends::of(world);
    let told = references::references(world, &backends);
    config_references::detect(world, &backends, &told, findings);
    network_policy::detect(world, &backends, &told, findings);
}

#[cfg(test)]
mod proxy_routes_tests;
#[cfg(test)]
mod services_tests;
