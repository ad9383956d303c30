use std::collections::{BTreeMap, BTreeSet};

use firstfault_model::{Entity, Name, kind};

use crate::world::{CommandError, Log, World};

/// Objects that the API said it does not have: kind in lower case and plural as in the message, namespace
/// of the command, name.
pub(crate) fn not_found(errors: &[CommandError]) -> BTreeSet<(String, Option<String>, String)> {
    let mut missing = BTreeSet::new();
    for error in errors {
        let Some((_, rest)) = error.message.split_once("(NotFound): ") else { continue };
        let mut parts = rest.split('"');
        if let (Some(kind), Some(name)) = (parts.next(), parts.next()) {
            let kind = kind.trim().split('.').next().unwrap_or_default();
            // A missing namespace or server is said in the same words of other commands.
            let command = error.command.as_deref().map(crate::command_line::parse);
            let namespace = command.as_ref().and_then(crate::Command::namespace).map(str::to_owned);
            missing.insert((kind.to_owned(), namespace, name.to_owned()));
        }
    }
    missing
}

/// Makes one entity of the same thing seen by several tools: a pod, its workload, a service.
pub(crate) fn resolve(world: &mut World) {
    let names = Names::new(world);
    for log in &mut world.logs {
        names.split_container(log);
        names.replace(&mut log.entity);
    }
    for series in &mut world.series {
        names.replace(&mut series.entity);
    }
    for alert in &mut world.alerts {
        if let Some(about) = &mut alert.about {
            names.replace(about);
        }
    }
    for profile in &mut world.profiles {
        names.replace(&mut profile.entity);
    }
    for disk in &mut world.disks {
        names.replace(&mut disk.on);
    }
}

/// Which object a bare name stands for.
pub(crate) struct Names {
    by_name: BTreeMap<Name, Vec<Entity>>,
    about: Vec<Name>,
}

/// The kinds that a bare name may stand for, the likeliest first.
const KINDS: &[&str] =
    &["Pod", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Service", "Node", "ReplicaSet"];

impl Names {
    pub(crate) fn new(world: &World) -> Self {
        let mut by_name: BTreeMap<Name, Vec<Entity>> = BTreeMap::new();
        for kind in KINDS {
            for object in world.kind(kind) {
                by_name.entry(object.name.clone()).or_default().push(object.entity());
            }
        }
        let about = world.incident.about.iter().filter(|e| &*e.kind == "Namespace").map(|e| e.name.clone()).collect();
        Self { by_name, about }
    }

    /// The object that an entity of a vague kind or without a namespace stands for.
    pub(crate) fn find(&self, entity: &Entity) -> Option<Entity> {
        let candidates = self.by_name.get(&entity.name)?;
        let vague = matches!(
            &*entity.kind,
            kind::SERVICE | "workload" | "container" | "" | kind::HOST | kind::DATABASE | kind::EXTERNAL
        );
        let fits = |c: &&Entity| {
            (entity.namespace.is_none() || c.namespace.is_none() || c.namespace == entity.namespace)
                && (vague || c.kind == entity.kind)
                && (&*entity.kind != kind::HOST || &*c.kind == "Node")
        };
        let fitting: Vec<&Entity> = candidates.iter().filter(fits).collect();
        let preferred = fitting.iter().find(|c| c.namespace.as_ref().is_some_and(|n| self.about.contains(n)));
        preferred.or_else(|| fitting.first()).map(|c| (*c).clone())
    }

    /// The Service of the same name, where a bare name stands for a workload.
    pub(crate) fn service(&self, entity: &Entity) -> Option<Entity> {
        let vague = matches!(&*entity.kind, kind::SERVICE | "workload" | "");
        vague.then(|| self.find(&Entity { kind: "Service".into(), ..entity.clone() })).flatten()
    }

    pub(crate) fn replace(&self, entity: &mut Entity) {
        if let Some(found) = self.find(entity) {
            *entity = found;
            return;
        }
        self.replace_compound(entity);
    }

    /// `db-0_postgres.log` looks like namespace and pod, and is pod and container where there is such a pod.
    fn split_container(&self, log: &mut Log) {
        let Some(pod) = log.entity.namespace.as_ref().filter(|_| log.container.is_none() && log.entity.kind == "Pod")
        else {
            return;
        };
        if self.find(&log.entity).is_some() {
            return;
        }
        let named = Entity { kind: "Pod".into(), namespace: None, name: pod.clone() };
        if let Some(found) = self.find(&named) {
            log.container = Some(log.entity.name.clone());
            log.entity = found;
        }
    }

    /// Names of files and series that hold more than the object's own name.
    fn replace_compound(&self, entity: &mut Entity) {
        // `shop_api-7c9-x2k4q` and `shop/api-7c9-x2k4q`: namespace and pod in one name.
        if entity.namespace.is_none()
            && let Some((namespace, name)) = entity.name.split_once(['_', '/'])
        {
            let split = Entity::namespaced("", namespace, name);
            // `api-7c9-x2k4q/app`: pod and container.
            let pod = Entity { name: namespace.into(), ..entity.clone() };
            if let Some(found) = self.find(&split).or_else(|| self.find(&pod)).or_else(|| self.of_gone_pod(&split)) {
                *entity = found;
                return;
            }
        }
        // `api.nginx`: service and container.
        if let Some((name, _)) = entity.name.split_once('.')
            && let Some(found) = self.find(&Entity { name: name.into(), ..entity.clone() })
        {
            *entity = found;
            return;
        }
        if let Some(found) = self.of_gone_pod(entity) {
            *entity = found;
        }
    }

    /// The Deployment, StatefulSet or DaemonSet whose pod, gone by now, had this name.
    fn of_gone_pod(&self, entity: &Entity) -> Option<Entity> {
        if !matches!(&*entity.kind, "" | kind::SERVICE | "workload" | "container") {
            return None;
        }
        let (stem, last) = entity.name.rsplit_once('-')?;
        let find = |kind: &str, name: &str| {
            self.find(&Entity { kind: kind.into(), name: name.into(), namespace: entity.namespace.clone() })
        };
        if super::owners::is_suffix(last) {
            let deployment = stem.rsplit_once('-').and_then(|(name, _)| find("Deployment", name));
            return deployment.or_else(|| find("DaemonSet", stem));
        }
        (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())).then(|| find("StatefulSet", stem)).flatten()
    }
}
