//! Rights that an application's service account lacks: from its log, and from `kubectl auth can-i`.

use firstfault_gather::World;
use firstfault_model::{Entity, Evidence, Finding, Grade, Masked, Place, State};

use super::RBAC;
use super::denial::{Denial, parse};
use crate::merge::Merged;
use crate::pod::pod_spec;

/// Finds what service accounts were denied.
pub(super) fn detect(world: &World, merged: &mut Merged) {
    of_logs(world, merged);
    of_answers(world, merged);
}

/// `pods is forbidden: User "system:serviceaccount:ci:bot" cannot list resource "pods" …`
fn of_logs(world: &World, merged: &mut Merged) {
    for log in &world.logs {
        let shapes = log.digest.warnings().map(|shape| (&shape.example, shape.seen));
        let last = log.digest.last_words.iter().map(|words| (words, words.at.map(|at| (at, at))));
        for (words, seen) in shapes.chain(last) {
            let Some(Denial::Rbac { user, verb, resource }) = parse(&words.text.as_str().replace("\\\"", "\"")) else {
                continue;
            };
            let Some(account) = account(&user) else { continue };
            let evidence = Evidence { place: Place::line(&log.path, words.line), excerpt: words.text.clone() };
            let carrier = world.carrier_of(&log.entity);
            let grade = if confirmed(world, &account, &verb, &resource) { Grade::Certain } else { Grade::Strong };
            merged.add(
                Finding::new(&RBAC, carrier, evidence)
                    .graded(grade)
                    .seen(seen.map(|s| s.0), seen.map(|s| s.1))
                    .with("account", account.name.as_str())
                    .with("verb", verb)
                    .with("resource", resource)
                    .about(account),
            );
        }
    }
}

/// `system:serviceaccount:NAMESPACE:NAME`.
fn account(user: &str) -> Option<Entity> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    Some(Entity::namespaced("ServiceAccount", namespace, name))
}

/// `kubectl auth can-i list pods --as=system:serviceaccount:ci:bot` says no.
fn of_answers(world: &World, merged: &mut Merged) {
    for answer in world.can_i.iter().filter(|answer| !answer.allowed) {
        let Some(account) = answer.subject.as_deref().and_then(account) else { continue };
        let carrier = user_of(world, &account).unwrap_or_else(|| account.clone());
        let mut places = vec![answer.evidence.clone()];
        places.extend(roles_of(world, &account).into_iter().filter_map(|role| rules(world, &role)));
        let mut places = places.into_iter();
        let Some(first) = places.next() else { continue };
        merged.add(
            Finding::new(&RBAC, carrier, first)
                .citing(places)
                .graded(Grade::Strong)
                .in_state(State::Current)
                .with("account", account.name.as_str())
                .with("verb", answer.verb.as_str())
                .with("resource", answer.resource.as_str())
                .about(account),
        );
    }
}

/// The workload that runs as an account.
fn user_of(world: &World, account: &Entity) -> Option<Entity> {
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod"];
    kinds.iter().find_map(|kind| {
        let mut workloads = world.kind_in(kind, account.namespace.as_deref());
        let user =
            workloads.find(|workload| pod_spec(workload).get("serviceAccountName").text() == account.name.as_str())?;
        Some(world.carrier(user))
    })
}

/// The roles that are bound to an account.
fn roles_of(world: &World, account: &Entity) -> Vec<Entity> {
    let bindings = world.kind_in("RoleBinding", account.namespace.as_deref()).chain(world.kind("ClusterRoleBinding"));
    let bound = bindings.filter(|binding| {
        binding.at("subjects").list().iter().any(|subject| {
            let namespace = subject.at("namespace").as_str().or(binding.namespace.as_deref());
            subject.at("kind").text() == "ServiceAccount"
                && subject.at("name").text() == account.name.as_str()
                && namespace == account.namespace.as_deref()
        })
    });
    bound
        .map(|binding| {
            let (kind, name) = (binding.at("roleRef.kind").text(), binding.at("roleRef.name").text());
            let namespace = if kind == "Role" { binding.namespace.clone() } else { None };
            Entity { kind: kind.into(), namespace, name: name.into() }
        })
        .collect()
}

fn rules(world: &World, role: &Entity) -> Option<Evidence> {
    let object = world.object_of(role)?;
    let text = object.at("rules").show();
    let place = object.cite(&format!("{} {}: rules: {text}", object.kind, object.name)).place;
    Some(Evidence { place, excerpt: Masked::new(&format!("{} {}: rules: {}", object.kind, object.name, clip(&text))) })
}

fn clip(text: &str) -> &str {
    text.char_indices().nth(200).map_or(text, |(end, _)| &text[..end])
}

/// Whether the account's roles are known and none allows it.
fn confirmed(world: &World, account: &Entity, verb: &str, resource: &str) -> bool {
    let roles = roles_of(world, account);
    let known: Vec<_> = roles.iter().filter_map(|role| world.object_of(role)).collect();
    let allows = |rule: &firstfault_model::Value| {
        let has = |path: &str, wanted: &str| {
            rule.at(path).list().iter().any(|v| matches!(v.text(), "*") || v.text() == wanted)
        };
        has("verbs", verb) && has("resources", resource)
    };
    !known.is_empty()
        && known.len() == roles.len()
        && !known.iter().any(|role| role.at("rules").list().iter().any(allows))
}
