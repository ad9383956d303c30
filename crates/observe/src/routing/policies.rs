//! NetworkPolicies, evaluated: whether they let one workload reach another.

use std::net::IpAddr;

use firstfault_gather::{Object, World};
use firstfault_model::Value;

use super::backends::Backend;
use super::service_ports::declared;
use crate::selector::matches;

/// The direction that a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

/// One end of a connection.
#[derive(Clone, Copy)]
pub(crate) struct End<'w> {
    /// Its namespace.
    pub(crate) namespace: &'w str,
    /// Its pods' labels.
    pub(crate) labels: &'w Value,
    /// The namespace's labels, where they are known.
    pub(crate) namespace_labels: &'w Value,
}

/// Why a connection is not let through.
pub(crate) struct Denial<'w> {
    /// The policy to blame: the one that comes nearest to allowing it.
    pub(crate) policy: &'w Object,
    /// What its rules lack.
    pub(crate) lacks: Lacks,
}

/// What the rules of the policies lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lacks {
    /// There is no rule at all.
    Rules,
    /// No rule names this peer.
    Peer,
    /// A rule names the peer, with other ports.
    Port,
}

/// The words of a direction.
impl Direction {
    fn rules(self) -> &'static str {
        match self {
            Self::Ingress => "spec.ingress",
            Self::Egress => "spec.egress",
        }
    }

    fn peers(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// The end that a workload is.
pub(crate) fn end<'w>(world: &'w World, backend: &Backend<'w>) -> End<'w> {
    let namespace = backend.object.namespace.as_deref().unwrap_or_default();
    end_of(world, namespace, backend.labels())
}

/// The end that pods of a namespace with these labels are.
pub(crate) fn end_of<'w>(world: &'w World, namespace: &'w str, labels: &'w Value) -> End<'w> {
    let object = world.object("Namespace", None, namespace);
    End { namespace, labels, namespace_labels: object.map_or(&Value::Null, |o| o.at("metadata.labels")) }
}

/// Whether a policy applies to a direction. The API fills `policyTypes` in; in manifests
/// it may be unset, and then it is ingress, and egress where there is such a section.
pub(crate) fn applies(policy: &Object, direction: Direction) -> bool {
    let types = policy.at("spec.policyTypes").list();
    if types.is_empty() {
        return direction == Direction::Ingress || !policy.at("spec.egress").is_null();
    }
    types.iter().any(|t| t.text().eq_ignore_ascii_case(direction.word()))
}

/// The policies of a namespace that select pods with these labels. A row of a table gives no rules: not those.
pub(crate) fn selecting<'w>(world: &'w World, at: End<'w>, direction: Direction) -> Vec<&'w Object> {
    world
        .kind_in("NetworkPolicy", Some(at.namespace))
        .filter(|policy| policy.has_spec() && applies(policy, direction))
        .filter(|policy| selects(policy.at("spec.podSelector"), at.labels))
        .collect()
}

/// A podSelector that is unset or empty selects every pod.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    selector.is_null() || matches(selector, labels)
}

/// Whether policies on one end let the other end through; `None` if they do.
pub(crate) fn denied<'w>(
    world: &'w World,
    at: End<'w>,
    peer: End<'w>,
    direction: Direction,
    port: &dyn Fn(&Value) -> bool,
) -> Option<Denial<'w>> {
    let policies = selecting(world, at, direction);
    let mut nearest: Option<Denial<'w>> = None;
    for policy in policies {
        let rules = policy.at(direction.rules()).list();
        let mut lacks = Lacks::Rules;
        for rule in rules {
            let peers = rule.get(direction.peers()).list();
            let named = peers.is_empty() || peers.iter().any(|p| names(p, at.namespace, peer));
            let ports = rule.get("ports").list();
            let open = ports.is_empty() || ports.iter().any(port);
            if named && open {
                return None;
            }
            lacks = lacks.max(if named { Lacks::Port } else { Lacks::Peer });
        }
        if nearest.as_ref().is_none_or(|n| lacks > n.lacks) {
            nearest = Some(Denial { policy, lacks });
        }
    }
    nearest
}

/// Whether an entry of `from` or `to` names an end. What is not known counts as named.
fn names(entry: &Value, own_namespace: &str, peer: End) -> bool {
    let block = entry.get("ipBlock");
    if !block.is_null() {
        return true; // pod addresses may lie in it; `covers` decides where one is known
    }
    let namespaces = entry.get("namespaceSelector");
    let in_namespace =
        if namespaces.is_null() { own_namespace == peer.namespace } else { namespace_fits(namespaces, peer) };
    in_namespace && selects(entry.get("podSelector"), peer.labels)
}

/// Every namespace has its name as a label; its other labels may be unknown, and then it may fit.
fn namespace_fits(selector: &Value, peer: End) -> bool {
    let unknown = peer.namespace_labels.is_null();
    let by_name = |key: &str, value: &Value| key == "kubernetes.io/metadata.name" && value.text() == peer.namespace;
    let fits_map = selector.at("matchLabels").entries().all(|(key, value)| {
        by_name(key, value)
            || if unknown {
                &**key != "kubernetes.io/metadata.name"
            } else {
                peer.namespace_labels.get(key).show() == value.show()
            }
    });
    let fits_expressions = selector.at("matchExpressions").list().iter().all(|r| {
        if r.get("key").text() == "kubernetes.io/metadata.name" {
            let listed = r.get("values").list().iter().any(|v| v.text() == peer.namespace);
            return match r.get("operator").text() {
                "In" => listed,
                "NotIn" => !listed,
                "DoesNotExist" => false,
                _ => true,
            };
        }
        unknown || crate::selector::meets(r, peer.namespace_labels)
    });
    fits_map && fits_expressions
}

/// Whether a rule's port entry opens a number, or a name, of a workload's port.
pub(crate) fn opens(entry: &Value, number: i64, protocol: &str, backend: &Backend) -> bool {
    let wanted = match entry.get("protocol").text() {
        "" => "TCP",
        protocol => protocol,
    };
    if wanted != protocol {
        return false;
    }
    let port = entry.get("port");
    match (port.as_int(), port.as_str()) {
        (Some(from), _) => {
            let to = entry.get("endPort").as_int().unwrap_or(from);
            (from..=to).contains(&number)
        }
        (None, Some(name)) => declared(backend).iter().any(|d| d.name == name && d.number == Some(number)),
        (None, None) => true,
    }
}

/// Whether an address block holds an address.
pub(crate) fn covers(block: &Value, address: &str) -> Option<bool> {
    let address: IpAddr = address.parse().ok()?;
    let inside = in_cidr(block.get("cidr").text(), address)?;
    let except = block.get("except").list().iter().any(|cidr| in_cidr(cidr.text(), address) == Some(true));
    Some(inside && !except)
}

fn in_cidr(cidr: &str, address: IpAddr) -> Option<bool> {
    let (base, length) = cidr.split_once('/')?;
    let length: u32 = length.parse().ok()?;
    Some(match (base.parse().ok()?, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32u32.checked_sub(length)?).unwrap_or(0);
            u32::from(base) & mask == u32::from(address) & mask
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128u32.checked_sub(length)?).unwrap_or(0);
            u128::from(base) & mask == u128::from(address) & mask
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::json;

    #[test]
    fn address_blocks_hold_what_lies_inside_and_not_their_exceptions() {
        let block = json(r#"{"cidr":"10.0.0.0/8","except":["10.9.0.0/16"]}"#);
        assert_eq!(covers(&block, "10.1.2.3"), Some(true));
        assert_eq!(covers(&block, "10.9.2.3"), Some(false));
        assert_eq!(covers(&block, "192.168.0.1"), Some(false));
        assert_eq!(covers(&json(r#"{"cidr":"0.0.0.0/0"}"#), "8.8.8.8"), Some(true));
        assert_eq!(covers(&json(r#"{"cidr":"nonsense"}"#), "8.8.8.8"), None);
    }

    #[test]
    fn unset_policy_types_mean_ingress_and_egress_where_it_has_a_section() {
        let policy = |body| crate::sample::Sample::default().api("NetworkPolicy/a/b", body);
        let world = policy(r#"{"spec":{"podSelector":{}}}"#);
        let object = world.0.object("NetworkPolicy", Some("a"), "b").expect("made above");
        assert!(applies(object, Direction::Ingress));
        assert!(!applies(object, Direction::Egress));
    }
}
