use firstfault_gather::{Event, Object, World};
use firstfault_model::{Entity, Finding, Grade, Value};

use super::{CONFIG_ERROR, CONFIG_MAP_MISSING, KEY_MISSING, RUNS_AS_ROOT, SECRET_MISSING, from_event, from_pod};
use crate::merge::Merged;
use crate::pod::{containers, pod_spec};

/// What the containers' states say, and what the spec refers to and a complete listing lacks.
pub(super) fn judge(world: &World, pod: &Object, merged: &mut Merged) {
    for container in containers(pod) {
        if !matches!(container.waiting(), "CreateContainerConfigError" | "CreateContainerError") {
            continue;
        }
        let message = container.waiting_message();
        let what = format!("container {}, {}: {message}", container.name, container.waiting());
        if container.waiting() == "CreateContainerConfigError" {
            merged.add(from_pod(world, &CONFIG_ERROR, pod, &what).with("container", container.name));
        }
        if let Some(said) = read(message, pod.namespace.as_deref()) {
            merged.add(said.dress(from_pod(world, said.declaration(), pod, &what)).with("container", container.name));
        }
    }
    for reference in references(pod_spec(pod)) {
        missing_by_listing(world, pod, &reference, merged);
    }
}

/// `Failed` and `FailedMount` events.
pub(super) fn by_event(world: &World, event: &Event, merged: &mut Merged) {
    if !matches!(event.reason.as_str(), "Failed" | "FailedMount" | "FailedCreateContainer") {
        return;
    }
    if let Some(said) = read(&event.message, event.about.namespace.as_deref()) {
        let mut finding = said.dress(from_event(world, said.declaration(), event));
        if exists_now(world, &said) {
            finding = finding.in_state(firstfault_model::State::Recovered);
        }
        merged.add(finding);
    }
}

/// The missing object is there now, so only a restart of the kubelet's loop is due.
fn exists_now(world: &World, said: &Said) -> bool {
    let Said::Missing(entity) = said else { return false };
    world.object_of(entity).is_some_and(Object::is_live)
}

/// What a message of the kubelet says.
enum Said {
    Missing(Entity),
    Key { key: String, of: Entity },
    Root,
}

impl Said {
    fn declaration(&self) -> &'static firstfault_model::Declaration {
        match self {
            Self::Missing(entity) if entity.kind == "Secret" => &SECRET_MISSING,
            Self::Missing(_) => &CONFIG_MAP_MISSING,
            Self::Key { .. } => &KEY_MISSING,
            Self::Root => &RUNS_AS_ROOT,
        }
    }

    fn dress(&self, finding: Finding) -> Finding {
        match self {
            Self::Missing(entity) => {
                finding.with("object", entity.name.as_str()).with("kind", entity.kind.as_str()).about(entity.clone())
            }
            Self::Key { key, of } => finding
                .with("key", key.as_str())
                .with("object", of.name.as_str())
                .with("kind", of.kind.as_str())
                .about(of.clone()),
            Self::Root => finding,
        }
    }
}

fn read(message: &str, namespace: Option<&str>) -> Option<Said> {
    let entity = |kind: &str, name: &str| Entity::namespaced(kind, namespace.unwrap_or(""), name);
    if message.contains("container has runAsNonRoot and image")
        || message.contains("runAsNonRoot and image will run as root")
    {
        return Some(Said::Root);
    }
    for (word, kind) in [
        ("configmap \"", "ConfigMap"),
        ("secret \"", "Secret"),
        ("configmaps \"", "ConfigMap"),
        ("secrets \"", "Secret"),
    ] {
        if let Some((name, rest)) = message.split_once(word).and_then(|(_, rest)| rest.split_once('"'))
            && rest.trim_start().starts_with("not found")
        {
            return Some(Said::Missing(entity(kind, name)));
        }
    }
    if let Some((_, rest)) = message.split_once("couldn't find key ") {
        let (key, rest) = rest.split_once(" in ")?;
        let (kind, name) = rest.split_once(' ')?;
        let name = name.split(|c: char| c.is_whitespace() || c == ',').next()?.rsplit('/').next()?;
        return Some(Said::Key { key: key.to_owned(), of: entity(kind, name) });
    }
    if let Some((before, key)) = message.split_once("references non-existent ") {
        let kind = if key.starts_with("secret") { "Secret" } else { "ConfigMap" };
        let key = key.split_once("key: ").map_or("", |(_, key)| key.trim());
        let volume = before.split('"').nth(1).unwrap_or("");
        return Some(Said::Key { key: key.to_owned(), of: entity(kind, volume) });
    }
    None
}

/// A ConfigMap or Secret that a pod spec cannot do without.
struct Reference<'a> {
    kind: &'static str,
    name: &'a str,
    key: &'a str,
    container: &'a str,
}

fn references(spec: &Value) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    for container in spec.get("containers").list().iter().chain(spec.get("initContainers").list()) {
        let named = container.get("name").text();
        for from in container.get("envFrom").list() {
            for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                push(&mut found, kind, from.get(field), "name", "", named);
            }
        }
        for env in container.get("env").list() {
            for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                let of = env.get("valueFrom").get(field);
                push(&mut found, kind, of, "name", of.get("key").text(), named);
            }
        }
    }
    for volume in spec.get("volumes").list() {
        push(&mut found, "ConfigMap", volume.get("configMap"), "name", "", "");
        push(&mut found, "Secret", volume.get("secret"), "secretName", "", "");
    }
    found
}

fn push<'a>(
    found: &mut Vec<Reference<'a>>,
    kind: &'static str,
    of: &'a Value,
    field: &str,
    key: &'a str,
    container: &'a str,
) {
    let name = of.get(field).text();
    if !name.is_empty() && of.get("optional").as_bool() != Some(true) {
        found.push(Reference { kind, name, key, container });
    }
}

fn missing_by_listing(world: &World, pod: &Object, reference: &Reference<'_>, merged: &mut Merged) {
    let namespace = pod.namespace.as_deref();
    let other = Entity::namespaced(reference.kind, namespace.unwrap_or(""), reference.name);
    let started = containers(pod).iter().any(|c| c.name == reference.container && (c.runs() || c.ended().is_some()));
    if started {
        return; // it had all it needed
    }
    let (declaration, what) = if world.is_missing(reference.kind, namespace, reference.name) {
        let declaration = if reference.kind == "Secret" { &SECRET_MISSING } else { &CONFIG_MAP_MISSING };
        (declaration, format!("refers to {} {}, which is not in the listing", reference.kind, reference.name))
    } else if lacks_key(world, &other, reference.key) {
        (
            &KEY_MISSING,
            format!("refers to key {} of {} {}, which it does not have", reference.key, reference.kind, reference.name),
        )
    } else {
        return;
    };
    merged.add(
        from_pod(world, declaration, pod, &what)
            .graded(Grade::Strong)
            .with("object", reference.name)
            .with("kind", reference.kind)
            .with("key", reference.key)
            .with("container", reference.container)
            .about(other),
    );
}

fn lacks_key(world: &World, entity: &Entity, key: &str) -> bool {
    !key.is_empty()
        && world.object_of(entity).is_some_and(|object| {
            let data = |field: &str| object.at(field).entries().any(|(k, _)| k == key);
            let printed = ["data", "binaryData"].iter().any(|field| !object.at(field).is_null());
            object.is_whole() && printed && !["data", "binaryData", "stringData"].into_iter().any(data)
        })
}
