//! How traffic finds its way: Services, names, routes, policies and permissions.

mod backends;
mod nearness;
mod service_ports;
mod service_state;
pub(crate) mod services;
mod targets;

#[cfg(test)]
mod services_tests;
