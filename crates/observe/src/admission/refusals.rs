//! Controllers that cannot create pods or claims: `FailedCreate`, `ReplicaFailure`, and `kubectl` that is refused.

use std::collections::BTreeMap;

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Entity, Evidence, Finding, State};
use jiff::Timestamp;

use super::denial::{Denial, parse};
use super::{
    ACCOUNT_MISSING, CREATES_NO_PODS, INVALID, LIMIT_RANGE, POD_SECURITY, POLICY_DENIED, PRIORITY_CLASS, QUOTA_DEMANDS,
    SECURITY_CONSTRAINT, WEBHOOK_DENIED, WEBHOOK_DOWN, quotas,
};
use crate::merge::Merged;
use crate::pod::{condition, time};

/// Somebody was refused.
pub(super) struct Refusal {
    /// The workload that wants the object.
    pub(super) carrier: Entity,
    pub(super) namespace: Option<String>,
    pub(super) denial: Denial,
    pub(super) evidence: Evidence,
    pub(super) seen: (Option<Timestamp>, Option<Timestamp>),
    pub(super) state: State,
}

/// Reads every refusal.
pub(super) fn detect(world: &World, merged: &mut Merged) {
    for refusal in of_events(world).into_iter().chain(of_conditions(world)).chain(of_commands(world)) {
        say(world, &refusal, merged);
    }
}

fn of_events(world: &World) -> Vec<Refusal> {
    let mut by_owner: BTreeMap<&Entity, Vec<&Event>> = BTreeMap::new();
    for event in &world.events {
        if is_refusal(event) || event.reason == "SuccessfulCreate" {
            by_owner.entry(&event.about).or_default().push(event);
        }
    }
    let mut refusals = Vec::new();
    for (owner, events) in by_owner {
        let lacks = lacks_pods(world, owner);
        let newest = events.last().copied();
        // What was said last is what holds; an earlier other reason has gone.
        let last_kind = newest.filter(|event| is_refusal(event)).and_then(|event| parse(&event.message));
        for event in events.iter().filter(|event| is_refusal(event)) {
            let Some(denial) = parse(&event.message) else { continue };
            let holds = same_kind(last_kind.as_ref(), &denial) || newest_of_same_age(newest, event);
            let state = if lacks.unwrap_or(true) && holds { State::Current } else { State::Recovered };
            refusals.push(Refusal {
                carrier: world.carrier_of(owner),
                namespace: owner.namespace.as_deref().map(str::to_owned),
                denial,
                evidence: event.cite(),
                seen: (event.first, event.last),
                state,
            });
        }
    }
    refusals
}

fn is_refusal(event: &Event) -> bool {
    let failed = matches!(event.reason.as_str(), "FailedCreate" | "FailedUpdate" | "FailedPatch");
    failed && !matches!(event.about.kind.as_str(), "Pod")
}

fn same_kind(last: Option<&Denial>, denial: &Denial) -> bool {
    last.is_some_and(|last| std::mem::discriminant(last) == std::mem::discriminant(denial))
}

/// Events without times stand in any order, so that the last of them need not be the newest.
fn newest_of_same_age(newest: Option<&Event>, event: &Event) -> bool {
    newest.is_some_and(|newest| newest.last == event.last && newest.ago == event.ago && newest.reason == event.reason)
}

/// Whether a controller has fewer pods than it wants, now; `None` if that is not known.
pub(super) fn lacks_pods(world: &World, owner: &Entity) -> Option<bool> {
    let object = world.object_of(owner).filter(|object| object.is_live());
    let own = object.and_then(lacks);
    own.or_else(|| {
        let carrier = world.carrier_of(owner);
        world.object_of(&carrier).filter(|object| object.is_live()).and_then(lacks)
    })
}

fn lacks(object: &Object) -> Option<bool> {
    let number = |path: &str| object.at(path).as_int();
    let unset_is_none = |path: &str| number(path).or_else(|| object.is_whole().then_some(0));
    match object.kind.as_str() {
        "DaemonSet" => Some(unset_is_none("status.currentNumberScheduled")? < number("status.desiredNumberScheduled")?),
        "Job" => {
            let done = unset_is_none("status.succeeded")?;
            let active = unset_is_none("status.active")?;
            Some(done < number("spec.completions").unwrap_or(1) && active == 0)
        }
        "Deployment" => {
            let wanted = number("spec.replicas")?;
            let missing = number("status.unavailableReplicas").is_some_and(|n| n > 0);
            let failing = condition(object, "ReplicaFailure").get("status").text() == "True";
            let updated = number("status.updatedReplicas").is_some_and(|n| n < wanted);
            let have = unset_is_none("status.replicas").or_else(|| number("status.readyReplicas"))?;
            Some(have < wanted || missing || failing || updated)
        }
        _ => Some(
            unset_is_none("status.replicas").or_else(|| number("status.readyReplicas"))? < number("spec.replicas")?,
        ),
    }
}

fn of_conditions(world: &World) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for kind in ["ReplicaSet", "Deployment", "ReplicationController"] {
        for object in world.kind(kind).filter(|object| object.is_live()) {
            let failure = condition(object, "ReplicaFailure");
            if failure.get("status").text() != "True" || lacks(object) == Some(false) {
                continue;
            }
            let message = failure.get("message").text();
            let Some(denial) = parse(message) else { continue };
            refusals.push(Refusal {
                carrier: world.carrier(object),
                namespace: object.namespace.as_deref().map(str::to_owned),
                denial,
                evidence: object.cite(&format!("{kind} {}: ReplicaFailure: {message}", object.name)),
                seen: (time(failure.get("lastTransitionTime")), None),
                state: State::Current,
            });
        }
    }
    refusals
}

/// `Error from server (Forbidden): error when creating "web.yaml": services "web" is forbidden: exceeded quota: …`
fn of_commands(world: &World) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for error in &world.errors {
        let Some(denial) = parse(&error.message).filter(|denial| !matches!(denial, Denial::Rbac { .. })) else {
            continue;
        };
        let namespace = error.command.as_deref().and_then(namespace_of);
        let Some((kind, name)) = refused_object(&error.message) else { continue };
        let carrier = Entity { kind: kind.into(), namespace: namespace.clone().map(Into::into), name: name.into() };
        let exists = world.object_of(&carrier).is_some_and(Object::is_live);
        let state = if exists { State::Recovered } else { State::Current };
        refusals.push(Refusal {
            carrier,
            namespace,
            denial,
            evidence: error.evidence.clone(),
            seen: (None, None),
            state,
        });
    }
    refusals
}

fn namespace_of(command: &str) -> Option<String> {
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        if matches!(word, "-n" | "--namespace") {
            return words.next().map(str::to_owned);
        }
        if let Some(name) = word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n=")) {
            return Some(name.to_owned());
        }
    }
    None
}

fn refused_object(message: &str) -> Option<(&'static str, &str)> {
    const KINDS: &[(&str, &str)] = &[
        ("services \"", "Service"),
        ("persistentvolumeclaims \"", "PersistentVolumeClaim"),
        ("pods \"", "Pod"),
        ("deployments.apps \"", "Deployment"),
        ("secrets \"", "Secret"),
        ("configmaps \"", "ConfigMap"),
        ("jobs.batch \"", "Job"),
    ];
    KINDS.iter().find_map(|(label, kind)| {
        let (_, rest) = message.split_once(label)?;
        rest.split_once('"').map(|(name, _)| (*kind, name))
    })
}

fn say(world: &World, refusal: &Refusal, merged: &mut Merged) {
    let place = |declaration: &Declaration, entity: &Entity| {
        Finding::new(declaration, entity.clone(), refusal.evidence.clone())
            .in_state(refusal.state)
            .seen(refusal.seen.0, refusal.seen.1)
    };
    let here = |declaration: &Declaration| place(declaration, &refusal.carrier);
    let mut cause: Option<Entity> = None;
    let finding = match &refusal.denial {
        Denial::Quota { .. } => {
            let finding = quotas::refused(refusal);
            cause = finding.as_ref().map(|f| f.entity.clone());
            finding
        }
        Denial::QuotaDemands { quota, fields } => {
            Some(here(&QUOTA_DEMANDS).with("quota", quota).with("demands", fields))
        }
        Denial::LimitRange { rule } => Some(here(&LIMIT_RANGE).with("rule", rule)),
        Denial::ServiceAccount { name } => {
            let account = Entity {
                kind: "ServiceAccount".into(),
                namespace: refusal.namespace.clone().map(Into::into),
                name: name.as_str().into(),
            };
            let exists = world.object_of(&account).is_some_and(Object::is_live);
            if exists && refusal.state == State::Recovered {
                return; // whoever makes both at once sees a workload made before its account
            }
            let finding = here(&ACCOUNT_MISSING).with("account", name).about(account);
            Some(if exists { finding.in_state(State::Recovered) } else { finding })
        }
        Denial::WebhookDown { webhook, error } => {
            Some(with_configuration(world, webhook, here(&WEBHOOK_DOWN).with("webhook", webhook).with("error", error)))
        }
        Denial::WebhookDenied { webhook, reason } => Some(with_configuration(
            world,
            webhook,
            here(&WEBHOOK_DENIED).with("webhook", webhook).with("reason", reason),
        )),
        Denial::Policy { policy, reason } => {
            let about = Entity::new("ValidatingAdmissionPolicy", policy);
            Some(here(&POLICY_DENIED).with("policy", policy).with("reason", reason).about(about))
        }
        Denial::PodSecurity { level, violations } => {
            Some(here(&POD_SECURITY).with("level", level).with("violations", violations))
        }
        Denial::SecurityConstraint { reason } => Some(here(&SECURITY_CONSTRAINT).with("reason", reason)),
        // The start-up topic says it of the class.
        Denial::RuntimeClass { .. } => None,
        Denial::PriorityClass { name } => {
            let exists = world.object("PriorityClass", None, name).is_some_and(Object::is_live);
            let finding = here(&PRIORITY_CLASS).with("class", name).about(Entity::new("PriorityClass", name));
            Some(if exists { finding.in_state(State::Recovered) } else { finding })
        }
        Denial::Rbac { user, verb, resource } => {
            Some(here(&super::RBAC).with("account", user).with("verb", verb).with("resource", resource))
        }
        Denial::Invalid { reason } => Some(here(&INVALID).with("reason", reason)),
    };
    let state = finding.as_ref().map_or(refusal.state, |finding| finding.state);
    if let Some(finding) = finding {
        cause = cause.or_else(|| finding.other.clone());
        merged.add(finding);
    }
    if matches!(refusal.carrier.kind.as_str(), "Service" | "PersistentVolumeClaim" | "Secret" | "ConfigMap" | "Pod") {
        return;
    }
    let consequence = here(&CREATES_NO_PODS).in_state(state);
    merged.add(match cause {
        Some(cause) => consequence.about(cause),
        None => consequence,
    });
}

/// Names the object that configures a webhook, if it was collected.
fn with_configuration(world: &World, webhook: &str, finding: Finding) -> Finding {
    for kind in ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] {
        let has = |object: &&Object| object.at("webhooks").list().iter().any(|hook| hook.at("name").text() == webhook);
        if let Some(object) = world.kind(kind).find(has) {
            let place = object.cite(&format!("{kind} {}: webhook {webhook}", object.name));
            return finding.about(object.entity()).citing([place]);
        }
    }
    finding
}
