//! Objects that the API server refuses to create, and why.

mod accounts;
mod denial;
mod quotas;
mod rbac;
mod refusals;
mod unsaid;

use firstfault_gather::World;
use firstfault_model::Finding;

use crate::merge::Merged;
use crate::registry::declare;

pub(crate) use quotas::keeps_out;

declare! {
    /// Pods are asked for and are not created.
    CREATES_NO_PODS = "workload.creates-no-pods", "has pods that are not even created", Never, State;
    /// The quota on CPU is used up.
    QUOTA_CPU = "admission.cpu-quota-exceeded", "leaves no CPU for what its namespace asks for", Never, State;
    /// The quota on memory is used up.
    QUOTA_MEMORY = "admission.memory-quota-exceeded", "leaves no memory for what its namespace asks for", Never, State;
    /// The quota on pods is used up.
    QUOTA_PODS = "admission.pod-quota-exceeded", "leaves no pod for what its namespace asks for", Never, State;
    /// The quota on Services is used up.
    QUOTA_SERVICES = "admission.service-quota-exceeded", "leaves no Service for what its namespace asks for", Never, State;
    /// The quota on storage is used up.
    QUOTA_STORAGE = "admission.storage-quota-exceeded", "leaves too little storage for what its namespace asks for", Never, State;
    /// Another quota is used up.
    QUOTA_OBJECTS = "admission.object-quota-exceeded", "leaves no object of a kind for what its namespace asks for", Never, State;
    /// A quota wants requests or limits to be set.
    QUOTA_DEMANDS = "admission.quota-requests-unset", "sets no requests or limits, and a quota demands them", Never, Infrastructure;
    /// A limit range forbids the amount.
    LIMIT_RANGE = "admission.limit-range-violated", "asks for an amount that a LimitRange forbids", Never, Infrastructure;
    /// The service account does not exist.
    ACCOUNT_MISSING = "admission.service-account-missing", "runs as a service account that does not exist", Never, State;
    /// A webhook does not answer.
    WEBHOOK_DOWN = "admission.webhook-unreachable", "is refused because an admission webhook does not answer", Never, Infrastructure;
    /// A webhook says no.
    WEBHOOK_DENIED = "admission.webhook-denied", "is denied by an admission webhook", Never, Infrastructure;
    /// A ValidatingAdmissionPolicy says no.
    POLICY_DENIED = "admission.policy-denied", "is denied by a ValidatingAdmissionPolicy", Never, Infrastructure;
    /// The pod security level says no.
    POD_SECURITY = "admission.pod-security-denied", "violates the pod security level of its namespace", Never, Infrastructure;
    /// No security context constraint allows it.
    SECURITY_CONSTRAINT = "admission.security-constraint-denied", "fits no security context constraint or pod security policy", Never, Infrastructure;
    /// The priority class does not exist.
    PRIORITY_CLASS = "admission.priority-class-missing", "names a PriorityClass that does not exist", Never, Infrastructure;
    /// The account lacks a right.
    RBAC = "admission.rbac-denied", "lacks a right that it needs from the API", Never, Infrastructure;
    /// What the template asks for is not valid.
    INVALID = "admission.pod-invalid", "describes pods that the API does not accept", Never, Infrastructure;
}

/// Finds what is refused now, and what was.
pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    refusals::detect(world, &mut merged);
    quotas::detect(world, &mut merged);
    unsaid::detect(world, &mut merged);
    accounts::detect(world, &mut merged);
    rbac::detect(world, &mut merged);
    merged.into(findings);
}

#[cfg(test)]
mod tests;
