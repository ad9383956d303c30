use std::collections::BTreeMap;

use firstfault_model::{Name, Value};

use crate::world::{Event, Form, Object, World};

type Key = (Name, Option<Name>, Name);

/// Merges what several sources say of one object: the fullest first, the others fill in.
pub(crate) fn objects(all: Vec<Object>) -> BTreeMap<Key, Object> {
    let mut groups: BTreeMap<Key, Vec<Object>> = BTreeMap::new();
    for object in all {
        groups.entry((object.kind.clone(), object.namespace.clone(), object.name.clone())).or_default().push(object);
    }
    groups.into_iter().map(|(key, group)| (key, merge(group))).collect()
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

fn merge(mut group: Vec<Object>) -> Object {
    group.sort_by_key(|object| std::cmp::Reverse(rank(form(object))));
    let mut group = group.into_iter();
    let Some(mut best) = group.next() else { unreachable!("a group has a member") };
    for other in group {
        fill(&mut best.body, &other.body);
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
                if let Some(other) = theirs.iter().find(|t| !name.is_null() && *t.get("name") == name) {
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
    world.events.sort_by_key(|e| e.last);
}
