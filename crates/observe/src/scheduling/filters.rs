//! The scheduler's filters: which constraints of a pod does a node fail?

use firstfault_gather::World;
use firstfault_model::Value;

use super::affinity;
use super::ask::{Ask, host_ports};
use super::cluster::{Cluster, Node};
use super::constraint::{Constraint, Verdict, taint};
use crate::selector;
use firstfault_model::Quantity;

/// For one node: every constraint that the pod has, and whether the node meets it.
pub(crate) type Row = Vec<(Constraint, Verdict)>;

/// Evaluates a pod against every node.
pub(crate) fn matrix(world: &World, cluster: &Cluster<'_>, ask: &Ask<'_>) -> Vec<Row> {
    let common = Common::new(world, cluster, ask);
    cluster.nodes.iter().map(|node| row(world, cluster, ask, &common, node)).collect()
}

/// What is computed once a pod.
struct Common {
    requests: Vec<(String, Quantity)>,
    ports: Vec<(String, String, i64)>,
    claims: Vec<String>,
    pod_affinity: affinity::Terms,
    spread: Vec<affinity::Spread>,
}

impl Common {
    fn new(world: &World, cluster: &Cluster<'_>, ask: &Ask<'_>) -> Self {
        let mut requests: Vec<_> = ask.requests().into_iter().filter(|(_, amount)| *amount > Quantity::ZERO).collect();
        requests.push(("pods".into(), Quantity::ONE));
        Self {
            requests,
            ports: ask.host_ports(),
            claims: ask.claims(),
            pod_affinity: affinity::Terms::new(world, cluster, ask),
            spread: affinity::spreads(cluster, ask),
        }
    }
}

fn row(world: &World, cluster: &Cluster<'_>, ask: &Ask<'_>, common: &Common, node: &Node<'_>) -> Row {
    let mut row = Row::new();
    let mut put = |constraint, verdict| row.push((constraint, verdict));
    if ask.spec("nodeSelector").entries().next().is_some() {
        put(Constraint::Selector, selects(ask, node));
    }
    let affinity = required_node_affinity(ask);
    if !affinity.is_null() {
        put(
            Constraint::NodeAffinity,
            if node.knows_labels() { fits_affinity(affinity, node).into() } else { Verdict::Unknown },
        );
    }
    put(Constraint::Cordon, node.cordoned().map(|cordoned| !cordoned || tolerates_cordon(ask)).into());
    untolerated(ask, node, &mut put);
    for (resource, wanted) in &common.requests {
        put(Constraint::Resource(resource.clone()), has_room(node, resource, *wanted));
    }
    if !common.ports.is_empty() {
        put(Constraint::HostPort, port_is_free(&common.ports, node));
    }
    for claim in &common.claims {
        if let Some(reaches) = reaches_volume(world, ask, claim, node) {
            put(Constraint::Volume, reaches);
        }
    }
    common.pod_affinity.evaluate(cluster, node, &mut put);
    for spread in &common.spread {
        put(spread.constraint(node), spread.verdict(node));
    }
    row
}

fn selects(ask: &Ask<'_>, node: &Node<'_>) -> Verdict {
    if !node.knows_labels() {
        return Verdict::Unknown;
    }
    selector::has_all(ask.spec("nodeSelector"), node.labels()).into()
}

/// The node affinity that is required, or `Null`.
pub(crate) fn required_node_affinity<'w>(ask: &Ask<'w>) -> &'w Value {
    ask.spec("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms")
}

/// Whether a node meets one of the terms.
pub(crate) fn fits_affinity(terms: &Value, node: &Node<'_>) -> bool {
    terms.list().iter().any(|term| fits_term(term, node))
}

fn fits_term(term: &Value, node: &Node<'_>) -> bool {
    let expressions = term.at("matchExpressions").list();
    let fields = term.at("matchFields").list();
    // An empty term matches no node, as in the API.
    (!expressions.is_empty() || !fields.is_empty())
        && expressions.iter().all(|requirement| selector::meets(requirement, node.labels()))
        && fields.iter().all(|field| fits_field(field, node))
}

fn fits_field(field: &Value, node: &Node<'_>) -> bool {
    let named = field.at("values").list().iter().any(|name| name.text() == node.name());
    match field.at("operator").text() {
        "NotIn" => !named,
        _ => named,
    }
}

/// The node that a DaemonSet's pod is meant for.
pub(crate) fn pinned_node<'w>(ask: &Ask<'w>) -> Option<&'w str> {
    let terms = required_node_affinity(ask).list();
    let field = terms.first()?.at("matchFields.0");
    (field.at("key").text() == "metadata.name").then(|| field.at("values.0").as_str())?
}

fn tolerates_cordon(ask: &Ask<'_>) -> bool {
    let cordon = Taint { key: "node.kubernetes.io/unschedulable", value: "", effect: "NoSchedule" };
    ask.spec("tolerations").list().iter().any(|toleration| cordon.is_tolerated_by(toleration))
}

struct Taint<'v> {
    key: &'v str,
    value: &'v str,
    effect: &'v str,
}

impl Taint<'_> {
    fn is_tolerated_by(&self, toleration: &Value) -> bool {
        let effect = toleration.at("effect").text();
        let key = toleration.at("key").text();
        let exists = toleration.at("operator").text() == "Exists";
        let key_fits = key == self.key || (key.is_empty() && exists);
        let value_fits = exists || toleration.at("value").show_or_empty() == self.value;
        (effect.is_empty() || effect == self.effect) && key_fits && value_fits
    }
}

/// The value of a toleration may be a bare number or truth value in YAML.
trait ShowOrEmpty {
    fn show_or_empty(&self) -> String;
}

impl ShowOrEmpty for Value {
    fn show_or_empty(&self) -> String {
        if self.is_null() { String::new() } else { self.show() }
    }
}

/// The taint of a node that is not ready.
pub(super) const NOT_READY: &str = "node.kubernetes.io/not-ready";

fn untolerated(ask: &Ask<'_>, node: &Node<'_>, put: &mut impl FnMut(Constraint, Verdict)) {
    let tolerations = ask.spec("tolerations");
    let known = !tolerations.is_null() || ask.is_whole();
    let Some(taints) = node.taints() else {
        // The node controller taints what is not ready, also where no source prints it.
        let ill = Taint { key: NOT_READY, value: "", effect: "NoSchedule" };
        if node.is_ready() == Some(false) && !tolerations.list().iter().any(|t| ill.is_tolerated_by(t)) {
            put(taint(NOT_READY), if known { Verdict::Fails } else { Verdict::Unknown });
        }
        return;
    };
    for value in taints.filter(|taint| matches!(taint.at("effect").text(), "NoSchedule" | "NoExecute")) {
        let shown = value.at("value").show_or_empty();
        let found = Taint { key: value.at("key").text(), value: &shown, effect: value.at("effect").text() };
        let tolerated = tolerations.list().iter().any(|toleration| found.is_tolerated_by(toleration));
        let verdict = if known || tolerated { tolerated.into() } else { Verdict::Unknown };
        put(taint(found.key), verdict);
    }
}

fn has_room(node: &Node<'_>, resource: &str, wanted: Quantity) -> Verdict {
    if node.allocatable.is_empty() {
        let size = super::instance_types::of(node.labels());
        let all = size.and_then(|size| size.get(resource).copied());
        return if all.is_some_and(|all| wanted > all) { Verdict::Fails } else { Verdict::Unknown };
    }
    match (node.gives(resource), node.free(resource)) {
        (Some(all), _) if wanted > all => Verdict::Fails,
        (_, Some(free)) if wanted > free => Verdict::Fails,
        (Some(_), _) if node.requested_known => Verdict::Meets,
        _ => Verdict::Unknown,
    }
}

fn port_is_free(wanted: &[(String, String, i64)], node: &Node<'_>) -> Verdict {
    let taken = node.pods.iter().any(|pod| {
        let host_network = pod.at("spec.hostNetwork").as_bool() == Some(true);
        let containers = pod.at("spec.containers").list().iter();
        containers
            .flat_map(|container| host_ports(container, host_network))
            .any(|port| wanted.iter().any(|w| clash(w, &port)))
    });
    (!taken).into()
}

fn clash(a: &(String, String, i64), b: &(String, String, i64)) -> bool {
    let everywhere = |address: &str| address == "0.0.0.0" || address.is_empty();
    a.2 == b.2 && a.0 == b.0 && (a.1 == b.1 || everywhere(&a.1) || everywhere(&b.1))
}

/// Whether the volume behind a claim can be used on a node; `None` if it is bound to none that is known.
fn reaches_volume(world: &World, ask: &Ask<'_>, claim: &str, node: &Node<'_>) -> Option<Verdict> {
    let claim = world.object("PersistentVolumeClaim", ask.namespace, claim)?;
    let volume =
        world.object("PersistentVolume", None, claim.at("spec.volumeName").as_str().filter(|n| !n.is_empty())?)?;
    let terms = volume.at("spec.nodeAffinity.required.nodeSelectorTerms");
    if terms.is_null() {
        return None;
    }
    Some(if node.knows_labels() { fits_affinity(terms, node).into() } else { Verdict::Unknown })
}
