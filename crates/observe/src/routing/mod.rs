//! How traffic finds its way: Services, names, routes, policies and permissions.

mod addresses;
mod backends;
pub(crate) mod config_references;
pub(crate) mod gateway_api;
pub(crate) mod gateway_config;
pub(crate) mod ingress;
mod nearness;
pub(crate) mod network_policy;
mod placeholders;
mod policies;
mod proxy_routes;
mod references;
mod service_ports;
mod service_state;
pub(crate) mod services;
mod targets;

#[cfg(test)]
mod proxy_routes_tests;
#[cfg(test)]
mod services_tests;
