//! How traffic finds its way: Services, names, routes, policies and permissions.

mod backends;
mod nearness;
pub(crate) mod services;
mod service_ports;
mod service_state;
mod targets;

#[cfg(test)]
mod services_tests;
