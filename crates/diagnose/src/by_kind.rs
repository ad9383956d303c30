//! What kubectl can do with which kind. The catalogue writes a command once, as for a Deployment; for a kind that
//! has no roll-outs or logs of its own it is said in the words that work there.
//!
//! Sources: `kubectl rollout --help` (Deployments, DaemonSets, StatefulSets), `kubectl logs --help` and the selectors
//! that kubectl knows for pods behind an object (polymorphichelpers).

use std::borrow::Cow;

use firstfault_model::Entity;

/// The text in a catalogue's command that names its entity.
const ITSELF: [&str; 2] = ["{kind}/{name}", "{kind} {name}"];

/// How to keep an object so that it can be made again, and how to make it again.
struct Kept {
    save: &'static str,
    again: &'static str,
}

fn kept(kind: &str) -> Kept {
    match kind {
        // A Job's selector is made for its first life and is refused in a second one.
        "Job" => Kept {
            save: "get {kind} {name} -o json | jq 'del(.spec.selector,.spec.template.metadata.labels[\"controller-uid\",\"batch.kubernetes.io/controller-uid\"])' > before.json",
            again: "replace --force -f before.json",
        },
        "Pod" => Kept { save: "get {kind} {name} -o yaml > before.yaml", again: "replace --force -f before.yaml" },
        _ => Kept { save: "get {kind} {name} -o yaml > before.yaml", again: "apply -f before.yaml" },
    }
}

/// Kinds of this program's own (a service known from a log, a host): kubectl does not know them.
fn is_unknown_to_kubectl(kind: &str) -> bool {
    kind.starts_with(|c: char| c.is_ascii_lowercase())
}

fn rolls_out(kind: &str) -> bool {
    matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet")
}

fn has_logs(kind: &str) -> bool {
    rolls_out(kind) || matches!(kind, "Pod" | "Job" | "ReplicaSet" | "ReplicationController" | "Service")
}

fn is_cluster_wide(entity: &Entity) -> bool {
    entity.namespace.is_none()
        && matches!(
            &*entity.kind,
            "Node"
                | "Namespace"
                | "PersistentVolume"
                | "StorageClass"
                | "ClusterRole"
                | "ClusterRoleBinding"
                | "PriorityClass"
                | "GatewayClass"
                | "IngressClass"
                | "APIService"
                | "CustomResourceDefinition"
                | "ValidatingWebhookConfiguration"
                | "MutatingWebhookConfiguration"
                | "ValidatingAdmissionPolicy"
        )
}

/// The name of an entity's kind in a command.
pub(crate) fn word(entity: &Entity) -> Cow<'_, str> {
    if is_unknown_to_kubectl(&entity.kind) { "KIND".into() } else { Cow::Borrowed(&entity.kind) }
}

/// The command that can be given for this entity.
pub(crate) fn resolve<'t>(template: &'t str, entity: &Entity) -> Cow<'t, str> {
    let kind = entity.kind.as_str();
    let mut text = Cow::Borrowed(template);
    if !is_unknown_to_kubectl(kind) {
        if !rolls_out(kind) {
            let (restart, status) = instead(kind);
            for (verb, words) in [
                ("rollout undo", kept(kind).again),
                ("rollout restart", restart),
                ("rollout status", status),
                ("rollout history", "describe {kind} {name}"),
            ] {
                text = swap(text, verb, words);
            }
        }
        if !has_logs(kind) {
            let pod = if kind == "CronJob" { "job/NAME_OF_A_RUN" } else { "POD" };
            text = swap_name(text, "logs", pod);
            text = swap_name(text, "exec", pod);
        }
    }
    if is_cluster_wide(entity) && text.contains("-n {namespace} ") {
        text = text.replace("-n {namespace} ", "").into();
    }
    text
}

/// The step that has to come first, so that what takes a remedy back can work.
pub(crate) fn save_first(entity: &Entity, steps: &[String], rollback: &str) -> Option<String> {
    let kind = entity.kind.as_str();
    let needs = !is_unknown_to_kubectl(kind) && !rolls_out(kind) && names(rollback, "rollout undo");
    let kept = kept(kind);
    let file = kept.again.rsplit(' ').next().unwrap_or("before.yaml");
    let saved = steps.iter().any(|step| step.contains(file));
    (needs && !saved).then(|| format!("kubectl -n {{namespace}} {}", kept.save))
}

/// What stands for a restart, and for waiting until it is done.
fn instead(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "Pod" => (kept("Pod").again, "wait --for=condition=Ready {kind}/{name} --timeout=5m"),
        "Job" => (kept("Job").again, "wait --for=condition=Complete {kind}/{name} --timeout=10m"),
        "CronJob" => ("create job --from=cronjob/{name} {name}-by-hand", "get jobs -w"),
        "ReplicaSet" | "ReplicationController" => ("delete pods -l SELECTOR_OF_{kind}", "get {kind} {name} -w"),
        _ => ("describe {kind} {name}", "get {kind} {name} -w"),
    }
}

fn names(text: &str, verb: &str) -> bool {
    ITSELF.iter().any(|itself| text.contains(&format!("{verb} {itself}")))
}

/// Puts other words in the place of a verb with this entity, and of the options that go with it.
fn swap<'t>(text: Cow<'t, str>, verb: &str, words: &str) -> Cow<'t, str> {
    let Some((at, length)) = ITSELF.iter().find_map(|itself| {
        let sought = format!("{verb} {itself}");
        text.find(&sought).map(|at| (at, sought.len()))
    }) else {
        return text;
    };
    let mut rest = &text[at + length..];
    while let Some(option) = rest.strip_prefix(" --") {
        rest = option.find(' ').map_or("", |end| &option[end..]);
    }
    swap(format!("{}{words}{rest}", &text[..at]).into(), verb, words)
}

fn swap_name<'t>(text: Cow<'t, str>, verb: &str, name: &str) -> Cow<'t, str> {
    let sought = format!("{verb} {}", ITSELF[0]);
    if text.contains(&sought) { text.replace(&sought, &format!("{verb} {name}")).into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: &str, template: &str) -> String {
        resolve(template, &Entity::namespaced(kind, "shop", "api")).into_owned()
    }

    #[test]
    fn only_kinds_with_roll_outs_are_rolled() {
        const UNDO: &str = "kubectl -n {namespace} rollout undo {kind}/{name} --to-revision=CURRENT";
        assert_eq!(said("StatefulSet", UNDO), UNDO);
        assert_eq!(said("Job", UNDO), "kubectl -n {namespace} replace --force -f before.json");
        assert_eq!(said("Pod", UNDO), "kubectl -n {namespace} replace --force -f before.yaml");
        assert_eq!(said("PersistentVolumeClaim", UNDO), "kubectl -n {namespace} apply -f before.yaml");
    }

    #[test]
    fn options_of_a_verb_go_with_it_and_prose_stays() {
        let status = "kubectl -n {namespace} rollout status {kind}/{name} --timeout=5m ends";
        assert_eq!(
            said("Job", status),
            "kubectl -n {namespace} wait --for=condition=Complete {kind}/{name} --timeout=10m ends"
        );
    }

    #[test]
    fn logs_are_asked_of_what_has_them() {
        let logs = "kubectl -n {namespace} logs {kind}/{name} --previous";
        assert_eq!(said("Job", logs), logs);
        assert_eq!(said("Certificate", logs), "kubectl -n {namespace} logs POD --previous");
    }

    #[test]
    fn what_has_no_namespace_is_not_looked_for_in_one() {
        assert_eq!(
            resolve("kubectl -n {namespace} get {kind} {name}", &Entity::new("Node", "n1")),
            "kubectl get {kind} {name}"
        );
    }

    #[test]
    fn what_is_to_be_made_again_is_saved_first() {
        let pod = Entity::namespaced("Pod", "shop", "api");
        let undo = "kubectl -n {namespace} rollout undo {kind}/{name}";
        assert!(save_first(&pod, &[], undo).is_some_and(|step| step.contains("> before.yaml")));
        assert_eq!(save_first(&pod, &["kubectl get pod api -o yaml > before.yaml".to_owned()], undo), None);
        assert_eq!(save_first(&Entity::namespaced("Deployment", "shop", "api"), &[], undo), None);
    }
}
