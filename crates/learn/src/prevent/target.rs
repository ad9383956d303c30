//! What a rule is about: an entity of the case as label matchers, and as labels of example series.

use std::sync::LazyLock;

use firstfault_gather::World;
use firstfault_model::case::{Case, CaseEntity};
use firstfault_model::{Entity, Quantity};
use regex::Regex;

/// A placeholder of a template.
static PLACEHOLDER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("<([a-z]+(?:-[a-z]+)*)>(,?)").ok());

/// A suffix that a ReplicaSet's pods could have; for series whose pod the evidence does not name.
const MADE_UP_HASH: &str = "7d4b9c6f5";
const MADE_UP_POD: &str = "x2x4z";

/// An entity with what the evidence knows of its pods.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) entity: CaseEntity,
    /// Names of its pods, in order.
    pub(super) pods: Vec<String>,
    /// The container that the rules are about, if it is clear which.
    pub(super) container: Option<String>,
    /// Limits of that container in bytes and cores.
    pub(super) memory_limit: Option<f64>,
    pub(super) cpu_limit: Option<f64>,
    /// What the names of its pods look like, where its name says so.
    pub(super) owned: Option<Regex>,
}

/// How placeholders are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As matchers of a selector.
    Matchers,
    /// As the labels of a series.
    Labels,
}

impl Target {
    pub(super) fn of(entity: &CaseEntity, case: &Case, world: Option<&World>) -> Self {
        let mut target = Self {
            entity: entity.clone(),
            pods: Vec::new(),
            container: said_container(entity, case),
            memory_limit: None,
            cpu_limit: None,
            owned: None,
        };
        let made = entity.kind != firstfault_model::kind::SERVICE;
        let names = target.pods_pattern().filter(|_| made);
        target.owned = names.and_then(|names| Regex::new(&format!("^(?:{names})$")).ok());
        let Some(world) = world else { return target };
        let carrier = model_entity(entity);
        let pods = world.kind("Pod").filter(|pod| world.carrier(pod) == carrier);
        let pods: Vec<_> = pods.filter(|pod| pod.is_live()).collect();
        target.pods = pods.iter().map(|pod| pod.name.to_string()).collect();
        let templates = pods.iter().map(|pod| pod.at("spec.containers"));
        let own = world.object_of(&carrier).map(|object| object.at("spec.template.spec.containers"));
        for containers in templates.chain(own) {
            let named = |container: &&firstfault_model::Value| {
                target.container.as_deref().is_none_or(|name| container.get("name").text() == name)
            };
            let containers: Vec<_> = containers.list().iter().filter(named).collect();
            let [container] = containers[..] else { continue };
            let name = container.get("name").text().to_owned();
            let limit = |resource: &str| Quantity::of(container.at("resources.limits").get(resource));
            target.memory_limit = target.memory_limit.or(limit("memory").map(Quantity::units));
            target.cpu_limit = target.cpu_limit.or(limit("cpu").map(Quantity::units));
            target.container = Some(name).filter(|name| !name.is_empty()).or(target.container);
        }
        target
    }

    /// Its kind, namespace and name, as people write it.
    pub(super) fn says(&self) -> String {
        let namespace = self.entity.namespace.as_ref().map(|n| format!("{n}/")).unwrap_or_default();
        format!("{} {namespace}{}", self.entity.kind, self.entity.name)
    }

    /// A pod of it: a real one, or a name that such a pod could have.
    pub(super) fn a_pod(&self) -> String {
        let name = &self.entity.name;
        self.pods.first().cloned().unwrap_or_else(|| match self.entity.kind.as_str() {
            "Pod" => name.clone(),
            "StatefulSet" => format!("{name}-0"),
            "DaemonSet" | "Job" | "ReplicaSet" | "ReplicationController" => format!("{name}-{MADE_UP_POD}"),
            "CronJob" => format!("{name}-29000000-{MADE_UP_POD}"),
            _ => format!("{name}-{MADE_UP_HASH}-{MADE_UP_POD}"),
        })
    }

    /// Whether a name is one that its pods have; for pods that only metrics know.
    pub(super) fn owns(&self, pod: &str) -> bool {
        self.owned.as_ref().is_some_and(|names| names.is_match(pod))
    }

    pub(super) fn a_container(&self) -> String {
        self.container.clone().unwrap_or_else(|| self.entity.name.clone())
    }

    /// Fills the placeholders of a template.
    pub(super) fn fill(&self, text: &str, form: Form) -> String {
        let Some(placeholder) = PLACEHOLDER.as_ref() else { return text.to_owned() };
        let filled = placeholder.replace_all(text, |found: &regex::Captures| {
            let comma = &found[2];
            match &found[1] {
                "name" => format!("{}{comma}", quiet(&self.entity.name)),
                "name-pattern" => format!("{}{comma}", escaped(&pattern(&self.entity.name))),
                word => match self.labels(word, form) {
                    Some(labels) if labels.is_empty() => String::new(),
                    Some(labels) => labels + comma,
                    None => found[0].to_owned(),
                },
            }
        });
        filled.replace(",}", "}")
    }

    /// The labels that a placeholder stands for; none if there is no such placeholder.
    fn labels(&self, word: &str, form: Form) -> Option<String> {
        let entity = &self.entity;
        let matchers = form == Form::Matchers;
        let namespace = || entity.namespace.as_deref().map(|n| equal("namespace", n));
        let named = |label: &str, kinds: &[&str]| {
            let own = kinds.contains(&entity.kind.as_str());
            (own || !matchers).then(|| equal(label, &entity.name))
        };
        let a_node = |label: &str, port: &str| match (self.is_node(), form) {
            (true, Form::Matchers) if port.is_empty() => Some(equal(label, &entity.name)),
            (true, Form::Matchers) => Some(like(label, &format!("{}(:[0-9]+)?", pattern(&entity.name)))),
            (true, Form::Labels) => Some(equal(label, &format!("{}{port}", entity.name))),
            (false, Form::Matchers) => None,
            (false, Form::Labels) => Some(equal(label, &format!("node-1{port}"))),
        };
        let parts: Vec<Option<String>> = match word {
            "namespace" => vec![namespace()],
            "pod" => vec![namespace(), self.pod(form)],
            "container" => vec![namespace(), self.pod(form), self.container(form)],
            "deployment" => vec![namespace(), named("deployment", &["Deployment"])],
            "statefulset" => vec![namespace(), named("statefulset", &["StatefulSet"])],
            "daemonset" => vec![namespace(), named("daemonset", &["DaemonSet"])],
            "service" => vec![namespace(), named("endpoint", &["Service"])],
            "ingress" => vec![named("ingress", &["Ingress"])],
            "workload" => vec![namespace(), Some(equal("workload", &entity.name))],
            "mesh" => vec![entity.namespace.as_deref().map(|n| equal("destination_service_namespace", n))],
            "node" => vec![a_node("node", "")],
            "instance" => vec![a_node("instance", ":9100")],
            _ => return None,
        };
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(","))
    }

    fn is_node(&self) -> bool {
        matches!(self.entity.kind.as_str(), "Node" | "host")
    }

    /// What the names of its pods look like, as an expression; none where its name says nothing of them.
    fn pods_pattern(&self) -> Option<String> {
        let name = pattern(&self.entity.name);
        Some(match self.entity.kind.as_str() {
            "Deployment" | "Rollout" => format!("{name}-[a-z0-9]+-[a-z0-9]+"),
            "StatefulSet" => format!("{name}-[0-9]+"),
            "DaemonSet" | "Job" | "ReplicationController" | "ReplicaSet" => format!("{name}-[a-z0-9]+"),
            "CronJob" => format!("{name}-[0-9]+-[a-z0-9]+"),
            "service" => format!("{name}(-.*)?"),
            // The name of a Service is not the name of its pods.
            _ => return None,
        })
    }

    fn pod(&self, form: Form) -> Option<String> {
        let name = pattern(&self.entity.name);
        let pods = match self.entity.kind.as_str() {
            _ if form == Form::Labels => return Some(equal("pod", &self.a_pod())),
            "Pod" => return Some(equal("pod", &self.entity.name)),
            _ => self.pods_pattern()?,
        };
        let fits = self.owned.as_ref().is_none_or(|names| self.pods.iter().all(|pod| names.is_match(pod)));
        Some(like("pod", &if fits { pods } else { format!("{name}(-.*)?") }))
    }

    fn container(&self, form: Form) -> Option<String> {
        match (&self.container, form) {
            (_, Form::Labels) => Some(equal("container", &self.a_container())),
            (Some(name), Form::Matchers) => Some(equal("container", name)),
            // cAdvisor has sums of a pod and its pause container as well, without a name or as `POD`.
            (None, Form::Matchers) => Some(r#"container!~"|POD""#.to_owned()),
        }
    }
}

/// The container that the case's findings name, if all name the same.
fn said_container(entity: &CaseEntity, case: &Case) -> Option<String> {
    let first = case.hypotheses.first()?;
    if first.entity != *entity {
        return None;
    }
    let mut names = first.evidence.iter().filter_map(|e| e.fields.get("container")).filter(|n| !n.is_empty());
    let name = names.next()?;
    names.all(|other| other == name).then(|| name.clone())
}

pub(super) fn model_entity(entity: &CaseEntity) -> Entity {
    match &entity.namespace {
        Some(namespace) => Entity::namespaced(&entity.kind, namespace, &entity.name),
        None => Entity::new(&entity.kind, &entity.name),
    }
}

/// A text without what `PromQL`, YAML or Prometheus' templates would take for more than text.
pub(super) fn quiet(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '{' | '}' | '<' | '>') { '_' } else { c }).collect()
}

/// A regular expression that matches a name.
fn pattern(name: &str) -> String {
    regex::escape(&quiet(name)).replace("\\-", "-")
}

pub(super) fn equal(label: &str, value: &str) -> String {
    format!("{label}=\"{}\"", escaped(&quiet(value)))
}

fn like(label: &str, pattern: &str) -> String {
    format!("{label}=~\"{}\"", escaped(pattern))
}

/// A text inside quotes of `PromQL`.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
