//! A workload as far as the evidence shows it: what patches and policies are filled with.

use std::collections::BTreeMap;

use firstfault_act::Phase;
use firstfault_gather::{Form, Object, World};
use firstfault_model::Value as Body;
use firstfault_model::case::CaseEntity;

use super::Situation;
use super::manifest::said;
use super::target::model_entity;

/// `Deployment shop/api`, or `Node worker-2`: on one line, masked.
pub(super) fn plain(entity: &CaseEntity) -> String {
    said(&entity.to_string())
}

/// A container of a workload's pods.
#[derive(Clone, Debug)]
pub(super) struct Container<'a> {
    pub(super) name: String,
    pub(super) body: &'a Body,
}

/// A workload and what was found of it.
#[derive(Clone, Debug)]
pub(super) struct Workload<'a> {
    pub(super) entity: CaseEntity,
    /// Its own object, where the evidence holds its spec.
    object: Option<&'a Object>,
    /// The spec of its pods: from its template, else from one of them.
    pub(super) pod: &'a Body,
    /// Whether every field of the pods' spec was printed, so that what is not there is not set.
    pub(super) whole: bool,
}

impl<'a> Workload<'a> {
    /// The workload of an entity, if it is one and the evidence holds a spec of it or of a pod.
    pub(super) fn of(entity: &CaseEntity, world: &'a World) -> Option<Self> {
        if !matches!(entity.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") {
            return None;
        }
        let carrier = model_entity(entity);
        let full = |object: &Object| object.origins.iter().any(|o| matches!(o.form, Form::Api | Form::Manifest));
        let entity = entity.clone();
        let own = world.object_of(&carrier).filter(|o| !o.at("spec.template.spec.containers").list().is_empty());
        if let Some(object) = own {
            let pod = object.at("spec.template.spec");
            return Some(Self { entity, object: Some(object), pod, whole: full(object) });
        }
        let mut pods = world.kind("Pod").filter(|pod| world.carrier(pod) == carrier);
        let pod = pods.find(|pod| pod.is_live() && !pod.at("spec.containers").list().is_empty())?;
        Some(Self { entity, object: None, pod: pod.at("spec"), whole: full(pod) })
    }

    /// Its containers that have a name.
    pub(super) fn containers(&self) -> Vec<Container<'a>> {
        let list = self.pod.get("containers").list();
        list.iter()
            .map(|body| Container { name: said(body.get("name").text()), body })
            .filter(|container| !container.name.is_empty())
            .collect()
    }

    /// How many replicas it asks for.
    pub(super) fn replicas(&self) -> Option<i64> {
        // The API's default where the field is known to be unset.
        let default = (self.whole && self.entity.kind != "DaemonSet").then_some(1);
        self.object?.at("spec.replicas").as_int().or(default)
    }

    /// The labels that it selects its pods by, if all of them are ones that Kubernetes would take.
    pub(super) fn labels(&self) -> Option<BTreeMap<String, String>> {
        let labels: BTreeMap<String, String> = self
            .object?
            .at("spec.selector.matchLabels")
            .entries()
            .map(|(key, value)| (key.to_string(), value.show()))
            .collect();
        let fine = |text: &String| {
            text.len() < 254 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/'))
        };
        (!labels.is_empty() && labels.iter().all(|(k, v)| fine(k) && fine(v) && said(v) == *v)).then_some(labels)
    }

    /// Whether its pods mount a claim, which one pod at a time may hold.
    pub(super) fn has_claim(&self) -> bool {
        self.pod.get("volumes").list().iter().any(|v| !v.get("persistentVolumeClaim").is_null())
    }
}

/// The container and the memory limit that the plan proposes for the first theory.
pub(super) fn memory_limit(situation: &Situation) -> Option<(Option<String>, String)> {
    let plan = situation.plan()?;
    for step in plan.steps.iter().filter(|s| matches!(s.phase, Phase::Restore | Phase::Fix)) {
        for run in step.commands.iter().filter_map(|c| c.run.as_deref()) {
            let Some((_, after)) = run.split_once("--limits=memory=") else { continue };
            let limit: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
            let known = limit.starts_with(|c: char| c.is_ascii_digit());
            let container = run.split_once(" -c ").and_then(|(_, after)| after.split_whitespace().next());
            // A container that is still a word in capitals, or quoted, is not known.
            let container =
                container.filter(|c| c.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            if known {
                return Some((container.map(str::to_owned), limit));
            }
        }
    }
    None
}
