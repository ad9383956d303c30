//! How far a fault would reach: the blast radius, from the relations of the world.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Relation, Value};

/// How far a fault would reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reach {
    /// The share of the workload's capacity that one such fault takes.
    pub(crate) lost: f64,
    /// Workloads that call it, themselves or through others.
    pub(crate) dependents: usize,
    /// Users from outside meet it, or something that depends on it.
    pub(crate) facing: bool,
    /// It is not about one workload, but about all of them.
    pub(crate) cluster: bool,
}

/// How much more it counts where customers feel it.
const FACING: f64 = 2.5;
/// What counts as reach for something that all workloads share.
const CLUSTER: f64 = 4.0;

impl Reach {
    /// Nothing but itself.
    pub(crate) const ITSELF: Self = Self { lost: 1.0, dependents: 0, facing: false, cluster: false };
    /// Everything in the cluster.
    pub(crate) const CLUSTER: Self = Self { lost: 1.0, dependents: 0, facing: false, cluster: true };

    /// One such fault takes one of some replicas. The last tenth is never free: what hits one replica
    /// for a reason that all share tends to hit the next.
    pub(crate) fn of_one_in(mut self, replicas: i64) -> Self {
        self.lost = (1.0 / replicas.max(1) as f64).max(0.1);
        self
    }

    /// The number that the prior is multiplied with: the capacity lost, times one more for each
    /// doubling of those that depend on it, and more where customers feel it.
    pub(crate) fn value(self) -> f64 {
        if self.cluster {
            return CLUSTER;
        }
        let dependents = 1.0 + (1.0 + self.dependents as f64).log2();
        self.lost * dependents * if self.facing { FACING } else { 1.0 }
    }
}

/// Who depends on whom, and who is met from outside.
#[derive(Debug, Default)]
pub(crate) struct Dependence {
    callers: BTreeMap<Entity, BTreeSet<Entity>>,
    edge: BTreeSet<Entity>,
    behind: BTreeMap<Entity, BTreeSet<Entity>>,
    services: BTreeMap<Entity, BTreeSet<Entity>>,
}

impl Dependence {
    /// Reads the relations once.
    pub(crate) fn of(world: &World) -> Self {
        let mut dependence = Self::default();
        for (service, relation, workload, _) in &world.relations {
            if *relation == Relation::Selects && service.kind == "Service" {
                dependence.behind.entry(service.clone()).or_default().insert(workload.clone());
                dependence.services.entry(workload.clone()).or_default().insert(service.clone());
            }
        }
        for (caller, relation, callee, _) in &world.relations {
            if *relation == Relation::Calls {
                for target in dependence.targets(callee) {
                    if target != *caller {
                        dependence.callers.entry(target).or_default().insert(caller.clone());
                    }
                }
            }
        }
        for service in met_from_outside(world) {
            let targets = dependence.targets(&service);
            dependence.edge.extend(targets);
        }
        dependence
    }

    /// The workloads behind a Service, or the thing itself.
    pub(crate) fn targets(&self, entity: &Entity) -> Vec<Entity> {
        match self.behind.get(entity) {
            Some(workloads) => workloads.iter().cloned().collect(),
            None => vec![entity.clone()],
        }
    }

    /// The Services that select a workload.
    pub(crate) fn services_of(&self, workload: &Entity) -> impl Iterator<Item = &Entity> {
        self.services.get(workload).into_iter().flatten()
    }

    /// How far a fault of the whole of an entity reaches.
    pub(crate) fn reach(&self, entity: &Entity) -> Reach {
        let mut known: BTreeSet<&Entity> = BTreeSet::from([entity]);
        let mut next = vec![entity];
        while let Some(at) = next.pop() {
            for caller in self.callers.get(at).into_iter().flatten() {
                if known.insert(caller) {
                    next.push(caller);
                }
            }
        }
        let facing = known.iter().any(|e| self.edge.contains(*e));
        Reach { dependents: known.len() - 1, facing, ..Reach::ITSELF }
    }
}

/// The Services that an Ingress, a route of a gateway, or a load balancer leads to.
fn met_from_outside(world: &World) -> BTreeSet<Entity> {
    let routed = world.relations.iter().filter(|(_, relation, ..)| *relation == Relation::RoutesTo);
    let mut services: BTreeSet<Entity> = routed.map(|(_, _, service, _)| service.clone()).collect();
    services.extend(world.kind("Service").filter(|s| is_open_to_the_world(s)).map(Object::entity));
    for route in world.kind("Route").filter(|r| r.at("spec.to.kind").text() != "Gateway") {
        if let Some(name) = route.at("spec.to.name").as_str() {
            services.insert(Entity { kind: "Service".into(), namespace: route.namespace.clone(), name: name.into() });
        }
    }
    services
}

/// A load balancer that is not kept inside.
pub(crate) fn is_open_to_the_world(service: &Object) -> bool {
    service.at("spec.type").text() == "LoadBalancer" && !is_internal(service.at("metadata.annotations"))
}

/// The clouds' annotations for a load balancer that has no public address.
fn is_internal(annotations: &Value) -> bool {
    annotations.entries().any(|(key, value)| {
        let value = value.show().to_lowercase();
        (key.contains("load-balancer") || key.contains("loadbalancer"))
            && (key.ends_with("internal") && value != "false"
                || (key.ends_with("scheme") || key.ends_with("type")) && value == "internal")
    })
}
