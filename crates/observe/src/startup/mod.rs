//! startup
use firstfault_gather::World;
use firstfault_model::Finding;

use crate::registry::declare;

declare! {}

pub(crate) fn detect(_world: &World, _findings: &mut Vec<Finding>) {}
