//! The addresses that workloads are told to use, with where each stands.

use std::collections::BTreeMap;

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Evidence, Name, Value};

use super::addresses::{Address, Meaning, addresses, meaning, port_key};
use super::backends::{Backend, Backends};
use super::targets::is_label;

/// An address that a workload is told to use.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// The workload.
    pub(crate) caller: Entity,
    /// The setting's name, or the file's.
    pub(crate) key: String,
    /// The address.
    pub(crate) address: Address,
    /// Where it stands: in the workload itself, or in a ConfigMap or Secret.
    pub(crate) source: Option<Entity>,
    /// How surely it is used.
    pub(crate) form: Written,
    /// The place.
    pub(crate) evidence: Evidence,
}

/// How an address was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Written {
    /// Somewhere in a mounted file.
    File,
    /// In an argument or command.
    Argument,
    /// In an environment variable.
    Variable,
}

/// A setting: its name, value, and the object that holds it.
struct Setting<'w> {
    key: &'w str,
    value: String,
    holder: &'w Object,
}

/// All references of all workloads.
pub(crate) fn references(world: &World, backends: &Backends) -> Vec<Reference> {
    let mut found = Vec::new();
    for backend in backends.all() {
        for spec in backend.specs().take(1) {
            for container in spec.at("containers").list().iter().chain(spec.at("initContainers").list()) {
                of_container(world, backend, container, &mut found);
            }
            of_mounted_files(world, backend, spec, &mut found);
        }
    }
    found
}

fn of_container(world: &World, backend: &Backend, container: &Value, found: &mut Vec<Reference>) {
    let settings = settings(world, backend, container);
    let by_key: BTreeMap<&str, &Setting> = settings.iter().map(|s| (s.key, s)).collect();
    for setting in &settings {
        let kind = meaning(setting.key);
        if kind == Meaning::Own {
            continue;
        }
        let mut all = addresses(&expand(&setting.value, &by_key));
        if all.is_empty() && kind == Meaning::Peer {
            all.extend(bare_host(setting, &by_key));
        }
        for address in all {
            found.push(reference(backend, setting.key, address, setting.holder, Written::Variable));
        }
    }
    let mut flag = "";
    for argument in ["command", "args"].iter().flat_map(|field| container.at(field).list()) {
        let text = argument.text();
        let before = std::mem::replace(&mut flag, if text.starts_with('-') { text } else { "" });
        let key = if text.starts_with('-') { text.split('=').next().unwrap_or(text) } else { before };
        if meaning(key) != Meaning::Own {
            for address in addresses(&expand(text, &by_key)) {
                found.push(reference(
                    backend,
                    if key.is_empty() { "command" } else { key },
                    address,
                    backend.object,
                    Written::Argument,
                ));
            }
        }
    }
}

fn reference(backend: &Backend, key: &str, address: Address, holder: &Object, form: Written) -> Reference {
    let source = (holder.kind == "ConfigMap" || holder.kind == "Secret").then(|| holder.entity());
    let from = source.as_ref().map_or_else(String::new, |e| format!(" (from {} {})", e.kind, e.name));
    let port = address.port.filter(|_| address.port_written).map_or_else(String::new, |p| format!(":{p}"));
    let excerpt = format!("{}: {key}={}{port}{from}", backend.entity.name, address.host);
    Reference {
        caller: backend.entity.clone(),
        key: key.to_owned(),
        address,
        source,
        form,
        evidence: holder.cite(&excerpt),
    }
}

/// A host without a port in its value; another setting may hold the port.
fn bare_host(setting: &Setting, by_key: &BTreeMap<&str, &Setting>) -> Option<Address> {
    let host = setting.value.trim().trim_end_matches('.').to_ascii_lowercase();
    if host.is_empty() || host.len() > 253 || !host.split('.').all(is_label) {
        return None;
    }
    let port = port_key(setting.key).and_then(|key| by_key.get(key.as_str()).and_then(|s| s.value.trim().parse().ok()));
    Some(Address { host, port, port_written: port.is_some() })
}

/// `$(NAME)` and `${NAME}` replaced by the environment's values, `${NAME:default}` by its default.
fn expand(text: &str, by_key: &BTreeMap<&str, &Setting>) -> String {
    if !text.contains('$') || text.len() > 65536 {
        return text.to_owned();
    }
    let lookup = |name: &str| by_key.get(name).map(|s| s.value.clone());
    super::placeholders::expand(text, &lookup)
}

/// The settings of a container: its variables and those of whole ConfigMaps and Secrets.
fn settings<'w>(world: &'w World, backend: &Backend<'w>, container: &'w Value) -> Vec<Setting<'w>> {
    let namespace = backend.entity.namespace.as_deref();
    let mut settings = Vec::new();
    for from in container.at("envFrom").list() {
        for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
            let Some(object) = world.object(kind, namespace, from.at(field).get("name").text()) else { continue };
            for (key, _) in data(object) {
                settings.extend(value_in(object, key).map(|value| Setting { key, value, holder: object }));
            }
        }
    }
    for variable in container.at("env").list() {
        let key = variable.get("name").text();
        if let Some(value) = variable.get("value").as_str() {
            settings.push(Setting { key, value: value.to_owned(), holder: backend.object });
            continue;
        }
        for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
            let wanted = variable.at("valueFrom").get(field);
            let Some(object) = world.object(kind, namespace, wanted.get("name").text()) else { continue };
            settings.extend(value_in(object, wanted.get("key").text()).map(|value| Setting {
                key,
                value,
                holder: object,
            }));
        }
    }
    settings
}

/// The keys of a ConfigMap or Secret.
fn data(object: &Object) -> impl Iterator<Item = (&Name, &Value)> {
    object.at("data").entries().chain(object.at("stringData").entries())
}

/// A value of a ConfigMap or Secret, decoded; it is compared here and never printed whole.
fn value_in(object: &Object, key: &str) -> Option<String> {
    // A Secret's values were decoded when it was read.
    let value = object.at(if object.kind == "Secret" { "decoded" } else { "data" }).get(key);
    (!value.is_null()).then(|| value.show())
}

/// Addresses in ConfigMaps that are mounted as files.
fn of_mounted_files(world: &World, backend: &Backend, spec: &Value, found: &mut Vec<Reference>) {
    let namespace = backend.entity.namespace.as_deref();
    for volume in spec.at("volumes").list() {
        let projected = volume.at("projected.sources").list().iter().map(|source| source.at("configMap.name").text());
        for name in [volume.at("configMap.name").text()].into_iter().chain(projected) {
            let Some(map) = world.object("ConfigMap", namespace, name) else { continue };
            for (file, content) in data(map).filter(|_| !is_of_the_platform(name)) {
                of_file(backend, map, file, content.text(), found);
            }
        }
    }
}

/// Certificates and the like that every namespace has.
fn is_of_the_platform(name: &str) -> bool {
    name.ends_with(".crt") || name.contains("root-cert") || name.contains("ca-bundle") || name.contains("ca-crl")
}

fn of_file(backend: &Backend, map: &Object, file: &str, content: &str, found: &mut Vec<Reference>) {
    for line in content.lines().take(5000) {
        let line = line.trim();
        if line.starts_with('#') || line.starts_with("//") || line.starts_with(';') || line.starts_with("--") {
            continue;
        }
        let key = line.split(['=', ':', ' ']).next().unwrap_or_default().trim_matches(['"', '-', ' ']);
        if meaning(key) == Meaning::Own {
            continue;
        }
        let line = super::placeholders::expand(line, &|_| None);
        for address in addresses(&line) {
            found.push(reference(backend, file, address, map, Written::File));
        }
    }
}
