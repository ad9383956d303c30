use std::collections::BTreeMap;

use firstfault_model::{Name, Value};

use crate::world::{Event, Form, Object, World};

type Key = (Name, Option<Name>, Name);

/// Merges what several sources say of one object: the fullest first, the others fill in.
pub(crate) fn objects(all: Vec<Object>) -> BTreeMap<Key, Object> {
    let mut groups: BTreeMap<Key, Vec<Object>> = BTreeMap::new();
    for object in all.into_iter().filter(|o| !o.name.is_empty() && !o.origins.is_empty()) {
        groups.entry((object.kind.clone(), object.namespace.clone(), object.name.clone())).or_default().push(object);
    }
    adopt_namespaces(&mut groups);
    groups.into_iter().map(|(key, group)| (key, merge(group))).collect()
}

/// An object printed without its namespace (`kubectl get pods` in the context's own, a manifest that
/// is applied with `-n`) is the one of that name, if there is just one.
fn adopt_namespaces(groups: &mut BTreeMap<Key, Vec<Object>>) {
    let mut places: BTreeMap<(Name, Name), Vec<Name>> = BTreeMap::new();
    for (kind, namespace, name) in groups.keys() {
        if let Some(namespace) = namespace {
            places.entry((kind.clone(), name.clone())).or_default().push(namespace.clone());
        }
    }
    let homeless: Vec<Key> = groups.keys().filter(|(_, namespace, _)| namespace.is_none()).cloned().collect();
    for key in homeless {
        let Some([namespace]) = places.get(&(key.0.clone(), key.2.clone())).map(Vec::as_slice) else { continue };
        let Some(mut objects) = groups.remove(&key) else { continue };
        for object in &mut objects {
            object.namespace = Some(namespace.clone());
        }
        groups.entry((key.0, Some(namespace.clone()), key.2)).or_default().extend(objects);
    }
}

fn form(object: &Object) -> Form {
    object.origins.first().map_or(Form::Table, |o| o.form)
}

/// Live sources by fullness, a manifest last: it says what should be, not what is.
fn rank(form: Form) -> u8 {
    match form {
        Form::Api => 3,
        Form::Describe => 2,
        Form::Table => 1,
        Form::Manifest => 0,
    }
}

/// The fullest first; of equally full ones the newest, by the API's own count or else by place.
fn newest_and_fullest_first(a: &Object, b: &Object) -> std::cmp::Ordering {
    let key = |o: &Object| (rank(form(o)), o.at("metadata.resourceVersion").as_int());
    let place = |o: &Object| o.origins.first().map(|origin| origin.place.clone());
    key(b).cmp(&key(a)).then_with(|| place(b).cmp(&place(a)))
}

fn merge(mut group: Vec<Object>) -> Object {
    if group.len() > 1 {
        group.sort_by(newest_and_fullest_first);
    }
    let mut group = group.into_iter();
    let Some(mut best) = group.next() else { unreachable!("a group has a member") };
    let whole = form(&best) == Form::Api;
    for other in group {
        // What the API printed in full is unset where it is not there.
        if !whole {
            fill(&mut best.body, &other.body);
        }
        for origin in other.origins {
            if !best.origins.contains(&origin) {
                best.origins.push(origin);
            }
        }
    }
    best
}

/// Fills in what is unknown; lists whose items have names (containers, volumes, ports) item by item.
fn fill(mine: &mut Value, theirs: &Value) {
    match (mine, theirs) {
        (mine @ Value::Null, theirs) => *mine = theirs.clone(),
        (Value::Map(mine), Value::Map(theirs)) => {
            for (key, value) in theirs.iter() {
                fill(mine.entry(key), value);
            }
        }
        (Value::List(mine), Value::List(theirs)) => {
            for item in mine.iter_mut() {
                let name = item.get("name").clone();
                let same_name = |t: &&Value| !name.is_null() && *t.get("name") == name;
                if let Some(other) = theirs.iter().find(same_name) {
                    fill(item, other);
                }
            }
        }
        _ => {}
    }
}

/// Counts repeated events once, with the widest times.
pub(crate) fn events(world: &mut World) {
    let now = world.now;
    let mut merged: BTreeMap<(firstfault_model::Entity, Name, String), Event> = BTreeMap::new();
    for mut event in std::mem::take(&mut world.events) {
        if let (Some(now), Some((first, last))) = (now, event.ago) {
            event.first = event.first.or_else(|| now.checked_sub(first).ok());
            event.last = event.last.or_else(|| now.checked_sub(last).ok());
        }
        event.first = event.first.or(event.last);
        event.last = event.last.or(event.first);
        let key = (event.about.clone(), event.reason.clone(), event.message.clone());
        match merged.get_mut(&key) {
            Some(known) => {
                known.count = known.count.max(event.count);
                known.first = [known.first, event.first].into_iter().flatten().min();
                known.last = [known.last, event.last].into_iter().flatten().max();
                known.ago = match (known.ago, event.ago) {
                    (Some(a), Some(b)) => Some((a.0.max(b.0), a.1.min(b.1))),
                    (a, b) => a.or(b),
                };
                known.warning |= event.warning;
                if known.from.is_empty() {
                    known.from = event.from;
                }
            }
            None => {
                merged.insert(key, event);
            }
        }
    }
    world.events = merged.into_values().collect();
    // Without a clock the ages tell the order.
    world.events.sort_by_key(|e| (e.last, std::cmp::Reverse(e.ago.map(|(_, last)| last))));
}

/// An event that was printed without the kind of what it is about: a pod or node of that name, or the one object that
/// has it. Of which there is none or several, it is about nothing that is known, and left out.
pub(crate) fn name_events(world: &mut World) {
    let (mut named, unnamed): (Vec<Event>, Vec<Event>) =
        std::mem::take(&mut world.events).into_iter().partition(|e| !e.about.kind.is_empty());
    for mut event in unnamed {
        let fits = |o: &&Object| {
            o.name == event.about.name
                && (event.about.namespace.is_none() || o.namespace.is_none() || o.namespace == event.about.namespace)
        };
        let usual = ["Pod", "Node"].into_iter().find_map(|kind| world.kind(kind).find(fits));
        let only = || {
            let mut all = world.objects.values().filter(fits);
            all.next().filter(|_| all.next().is_none())
        };
        if let Some(object) = usual.or_else(only) {
            event.about = object.entity();
            named.push(event);
        }
    }
    world.events = named;
}

/// An event printed without its namespace is about the object of that kind and name, if there is just one.
pub(crate) fn adopt_events(world: &mut World) {
    let mut places: BTreeMap<(Name, Name), Vec<Name>> = BTreeMap::new();
    for (kind, namespace, name) in world.objects.keys() {
        if let Some(namespace) = namespace {
            places.entry((kind.clone(), name.clone())).or_default().push(namespace.clone());
        }
    }
    for event in &mut world.events {
        if event.about.namespace.is_none()
            && let Some([namespace]) =
                places.get(&(event.about.kind.clone(), event.about.name.clone())).map(Vec::as_slice)
        {
            event.about.namespace = Some(namespace.clone());
        }
        // Events about nodes lie in the namespace `default`, but a node lies in none.
        let key = (event.about.kind.clone(), None, event.about.name.clone());
        if event.about.namespace.is_some() && (world.objects.contains_key(&key) || is_cluster_scoped(&event.about.kind))
        {
            event.about.namespace = None;
        }
    }
}

fn is_cluster_scoped(kind: &str) -> bool {
    matches!(
        kind,
        "Node"
            | "Namespace"
            | "PersistentVolume"
            | "StorageClass"
            | "APIService"
            | "PriorityClass"
            | "VolumeAttachment"
    )
}

#[cfg(test)]
mod tests {
    use firstfault_model::Place;

    use super::*;
    use crate::world::Origin;

    fn object(form: Form, path: &str, namespace: Option<&str>, sets: &[(&str, &str)]) -> Object {
        let mut body = Value::default();
        for (path, value) in sets {
            body.set(path, Value::str(value));
        }
        let origin = Origin { place: Place::line(&path.into(), 1), form };
        Object {
            kind: "Pod".into(),
            namespace: namespace.map(Name::from),
            name: "web".into(),
            body,
            origins: vec![origin],
        }
    }

    fn one(all: Vec<Object>) -> Object {
        let merged = objects(all);
        assert_eq!(merged.len(), 1);
        merged.into_values().next().expect("one object")
    }

    #[test]
    fn an_event_without_a_kind_is_about_the_pod_of_its_name_or_about_nothing() {
        let mut world =
            World { objects: objects(vec![object(Form::Table, "a", Some("shop"), &[])]), ..World::default() };
        let event = |namespace: Option<&str>, name: &str| Event {
            about: firstfault_model::Entity {
                kind: Name::default(),
                namespace: namespace.map(Name::from),
                name: name.into(),
            },
            warning: true,
            reason: "BackOff".into(),
            message: String::new(),
            from: Name::default(),
            count: 1,
            first: None,
            last: None,
            ago: None,
            place: Place::line(&"e".into(), 1),
        };
        world.events = vec![event(Some("shop"), "web"), event(Some("bank"), "web"), event(None, "gone")];
        name_events(&mut world);
        let about: Vec<String> = world.events.iter().map(|e| e.about.to_string()).collect();
        assert_eq!(about, ["Pod/shop/web"]);
    }

    #[test]
    fn a_table_fills_a_description_in_and_overrides_nothing() {
        let table = object(Form::Table, "a", Some("shop"), &[("status.phase", "Running"), ("spec.nodeName", "n1")]);
        let described = object(Form::Describe, "b", Some("shop"), &[("status.phase", "Pending")]);
        let merged = one(vec![table, described]);
        assert_eq!(merged.at("status.phase").text(), "Pending");
        assert_eq!(merged.at("spec.nodeName").text(), "n1");
        assert_eq!(merged.origins.iter().map(|o| o.form).collect::<Vec<_>>(), [Form::Describe, Form::Table]);
    }

    #[test]
    fn what_the_api_left_unset_stays_unset() {
        let api = object(Form::Api, "a", Some("shop"), &[("spec.nodeName", "n1")]);
        let manifest = object(Form::Manifest, "b", Some("shop"), &[("spec.priorityClassName", "high")]);
        assert!(one(vec![manifest, api]).at("spec.priorityClassName").is_null());
    }

    #[test]
    fn the_newer_of_two_api_forms_wins() {
        let old =
            object(Form::Api, "z", Some("shop"), &[("metadata.resourceVersion", "99"), ("status.phase", "Pending")]);
        let new =
            object(Form::Api, "a", Some("shop"), &[("metadata.resourceVersion", "100"), ("status.phase", "Running")]);
        assert_eq!(one(vec![old, new]).at("status.phase").text(), "Running");
    }

    #[test]
    fn an_object_without_a_namespace_is_the_one_of_its_name() {
        let table = object(Form::Table, "a", None, &[("spec.nodeName", "n1")]);
        let described = object(Form::Describe, "b", Some("shop"), &[("status.phase", "Pending")]);
        assert_eq!(one(vec![table, described]).namespace.as_deref(), Some("shop"));
    }

    #[test]
    fn containers_are_filled_in_by_name() {
        let list = |key: &str, value: &str| {
            let mut item = Value::default();
            item.set("name", Value::str("app"));
            item.set(key, Value::str(value));
            Value::List(vec![item])
        };
        let mut described = object(Form::Describe, "a", Some("shop"), &[]);
        described.body.set("spec.containers", list("image", "web:1"));
        let mut manifest = object(Form::Manifest, "b", Some("shop"), &[]);
        manifest.body.set("spec.containers", list("workingDir", "/srv"));
        let merged = one(vec![described, manifest]);
        assert_eq!(merged.at("spec.containers.0.image").text(), "web:1");
        assert_eq!(merged.at("spec.containers.0.workingDir").text(), "/srv");
    }
}
