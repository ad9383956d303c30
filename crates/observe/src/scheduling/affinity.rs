//! Filters that look at the pods on other nodes: pod affinity, pod anti-affinity, spreading.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Object, World};
use firstfault_model::Value;

use super::ask::Ask;
use super::cluster::{Cluster, Node};
use super::constraint::{Constraint, Verdict};
use super::filters::{fits_affinity, required_node_affinity};
use crate::selector;

/// The pod's required terms, with the topology values where matching pods run.
pub(crate) struct Terms {
    affinity: Vec<Term>,
    anti_affinity: Vec<Term>,
    /// Topology keys and values that pods already there keep this one out of.
    kept_out_of: BTreeSet<(String, String)>,
    /// The pod itself meets its own affinity terms, and no pod anywhere does: it may be the first.
    may_be_first: bool,
}

struct Term {
    key: String,
    /// Topology values where a matching pod runs.
    at: BTreeSet<String>,
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

impl Terms {
    pub(crate) fn new(world: &World, cluster: &Cluster<'_>, ask: &Ask<'_>) -> Self {
        let read = |kind: &str| -> Vec<Term> {
            let terms = ask.spec("affinity").at(kind).at(REQUIRED).list();
            terms.iter().map(|term| Term::new(world, cluster, ask, term)).collect()
        };
        let affinity = read("podAffinity");
        let own = ask.spec("affinity").at("podAffinity").at(REQUIRED).list();
        let may_be_first = affinity.iter().all(|term| term.at.is_empty())
            && own.iter().all(|term| selector::matches(term.at("labelSelector"), ask.labels()));
        Self {
            affinity,
            anti_affinity: read("podAntiAffinity"),
            kept_out_of: kept_out_of(world, cluster, ask),
            may_be_first,
        }
    }

    /// Judges one node.
    pub(crate) fn evaluate(&self, cluster: &Cluster<'_>, node: &Node<'_>, put: &mut impl FnMut(Constraint, Verdict)) {
        // Where no pod is known to run anywhere, "none runs there" would be a guess.
        let knows_pods = cluster.nodes.iter().any(|node| !node.pods.is_empty());
        for term in &self.affinity {
            let verdict = if !knows_pods { Verdict::Unknown } else { (self.may_be_first || term.is_at(node)).into() };
            put(Constraint::PodAffinity, verdict);
        }
        let keeps_out = self.anti_affinity.iter().any(|term| term.is_at(node))
            || self.kept_out_of.iter().any(|(key, value)| topology(node, key).as_deref() == Some(value));
        if keeps_out || !self.anti_affinity.is_empty() {
            put(
                Constraint::PodAntiAffinity,
                if keeps_out {
                    Verdict::Fails
                } else if knows_pods {
                    Verdict::Meets
                } else {
                    Verdict::Unknown
                },
            );
        }
    }
}

impl Term {
    fn new(world: &World, cluster: &Cluster<'_>, ask: &Ask<'_>, term: &Value) -> Self {
        let key = term.at("topologyKey").text().to_owned();
        let matching = |pod: &Object| {
            in_namespaces(world, term, ask.namespace, pod)
                && selector::matches(term.at("labelSelector"), pod.at("metadata.labels"))
        };
        let hosts = cluster.nodes.iter().filter(|node| node.pods.iter().any(|pod| matching(pod)));
        Self { at: hosts.filter_map(|node| topology(node, &key)).collect(), key }
    }

    fn is_at(&self, node: &Node<'_>) -> bool {
        topology(node, &self.key).is_some_and(|value| self.at.contains(&value))
    }
}

/// Whether a term looks at a pod's namespace: its own by default.
fn in_namespaces(world: &World, term: &Value, own: Option<&str>, pod: &Object) -> bool {
    let listed = term.at("namespaces").list();
    let by_label = term.at("namespaceSelector");
    let selected = || {
        let namespace = pod.namespace.as_deref().and_then(|name| world.object("Namespace", None, name));
        by_label.entries().next().is_none()
            || namespace.is_some_and(|n| selector::matches(by_label, n.at("metadata.labels")))
    };
    if listed.is_empty() && by_label.is_null() {
        return pod.namespace.as_deref() == own;
    }
    listed.iter().any(|name| Some(name.text()) == pod.namespace.as_deref()) || (!by_label.is_null() && selected())
}

/// The value of a node's topology label; the host name is the node's own where labels are unknown.
fn topology(node: &Node<'_>, key: &str) -> Option<String> {
    let value = node.labels().get(key);
    if value.is_null() {
        return (key == "kubernetes.io/hostname").then(|| node.name().to_owned());
    }
    Some(value.show())
}

/// Where pods that already run refuse this one by their own anti-affinity.
fn kept_out_of(world: &World, cluster: &Cluster<'_>, ask: &Ask<'_>) -> BTreeSet<(String, String)> {
    let Some(asking) = ask.pod else { return BTreeSet::new() };
    let mut places = BTreeSet::new();
    for node in &cluster.nodes {
        for pod in &node.pods {
            let terms = pod.at("spec.affinity.podAntiAffinity").at(REQUIRED).list().iter();
            let refusing = terms.filter(|term| {
                in_namespaces(world, term, pod.namespace.as_deref(), asking)
                    && selector::matches(term.at("labelSelector"), ask.labels())
            });
            for term in refusing {
                let key = term.at("topologyKey").text();
                places.extend(topology(node, key).map(|value| (key.to_owned(), value)));
            }
        }
    }
    places
}

/// One spread constraint that must hold.
pub(crate) struct Spread {
    key: String,
    max_skew: i64,
    counts: BTreeMap<String, i64>,
    least: i64,
}

/// The pod's spread constraints that forbid (and not only prefer).
pub(crate) fn spreads(cluster: &Cluster<'_>, ask: &Ask<'_>) -> Vec<Spread> {
    let constraints = ask.spec("topologySpreadConstraints").list().iter();
    constraints
        .filter(|constraint| constraint.at("whenUnsatisfiable").text() != "ScheduleAnyway")
        .map(|constraint| Spread::new(cluster, ask, constraint))
        .collect()
}

impl Spread {
    fn new(cluster: &Cluster<'_>, ask: &Ask<'_>, constraint: &Value) -> Self {
        let key = constraint.at("topologyKey").text().to_owned();
        let affinity = required_node_affinity(ask);
        let eligible = |node: &&Node<'_>| {
            selector::has_all(ask.spec("nodeSelector"), node.labels())
                && (affinity.is_null() || fits_affinity(affinity, node))
        };
        let mut counts = BTreeMap::new();
        for node in cluster.nodes.iter().filter(eligible) {
            let Some(value) = topology(node, &key) else { continue };
            let here = node.pods.iter().filter(|pod| {
                pod.namespace.as_deref() == ask.namespace
                    && selector::matches(constraint.at("labelSelector"), pod.at("metadata.labels"))
            });
            *counts.entry(value).or_insert(0) += i64::try_from(here.count()).unwrap_or(i64::MAX);
        }
        let least = counts.values().copied().min().unwrap_or(0);
        Self { key, max_skew: constraint.at("maxSkew").as_int().unwrap_or(1), counts, least }
    }

    /// What a node fails if it fails.
    pub(crate) fn constraint(&self, node: &Node<'_>) -> Constraint {
        if topology(node, &self.key).is_none() { Constraint::SpreadLabel } else { Constraint::Spread }
    }

    /// Whether one more pod there keeps within the skew.
    pub(crate) fn verdict(&self, node: &Node<'_>) -> Verdict {
        if !node.knows_labels() {
            return Verdict::Unknown;
        }
        let Some(value) = topology(node, &self.key) else { return Verdict::Fails };
        let here = self.counts.get(&value).copied().unwrap_or(0);
        (here + 1 - self.least <= self.max_skew).into()
    }
}
