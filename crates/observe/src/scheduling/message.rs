//! The scheduler's own message, for when nodes were not collected.

use super::constraint::{Constraint, taint};

/// What a `FailedScheduling` event says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// How many nodes there are.
    pub(crate) nodes: Option<u32>,
    /// What each excluded how many nodes.
    pub(crate) reasons: Vec<(u32, Constraint)>,
    /// The pod's claims are not bound yet.
    pub(crate) unbound_claims: bool,
    /// A claim that does not exist.
    pub(crate) missing_claim: Option<String>,
    /// The taints as `key: value`, where they are named.
    pub(crate) taints: Vec<String>,
}

impl Said {
    /// The taint of a key as the message names it: its key and its value.
    pub(crate) fn taint(&self, key: &str) -> Option<(&str, &str)> {
        let mut named = self.taints.iter().filter_map(|taint| taint.split_once(':'));
        named.find(|(named, _)| named.trim() == key).map(|(key, value)| (key.trim(), value.trim()))
    }
}

/// Reads a message of any version: `0/4 nodes are available: 1 node(s) were unschedulable,
/// 3 Insufficient cpu. preemption: …`, or the old `No nodes are available that match all of
/// the predicates: Insufficient cpu (3), …`.
pub(crate) fn parse(message: &str) -> Said {
    let mut said = Said { nodes: nodes(message), ..Said::default() };
    let text = message.split(" preemption: ").next().unwrap_or(message);
    said.unbound_claims = text.contains("unbound immediate PersistentVolumeClaims")
        || text.contains("unbound PersistentVolumeClaims")
        || text.contains("didn't find available persistent volumes to bind");
    said.missing_claim = missing_claim(text);
    let reasons =
        text.split_once("nodes are available: ").or_else(|| text.split_once("predicates: ")).map_or("", |(_, r)| r);
    for part in parts(reasons) {
        let (count, reason) = counted(part);
        said.taints.extend(named_taint(reason));
        let Some(constraint) = constraint(reason) else { continue };
        match said.reasons.iter_mut().find(|(_, known)| *known == constraint) {
            Some((total, _)) => *total = total.saturating_add(count),
            None => said.reasons.push((count, constraint)),
        }
    }
    said
}

fn nodes(message: &str) -> Option<u32> {
    let (before, _) = message.split_once(" nodes are available")?;
    before.rsplit('/').next()?.trim().parse().ok()
}

fn missing_claim(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("persistentvolumeclaim \"")?;
    let (name, rest) = rest.split_once('"')?;
    rest.trim_start().starts_with("not found").then(|| name.to_owned())
}

/// Splits at commas outside braces: `{key: value}` may hold some.
fn parts(reasons: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    let pieces = reasons.split(move |c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    pieces.map(|part| part.trim().trim_end_matches('.')).filter(|part| !part.is_empty())
}

/// `3 Insufficient cpu` or `Insufficient cpu (3)`.
fn counted(part: &str) -> (u32, &str) {
    if let Some((number, reason)) = part.split_once(' ')
        && let Ok(count) = number.parse()
    {
        return (count, reason);
    }
    if let Some((reason, number)) = part.rsplit_once(" (")
        && let Ok(count) = number.trim_end_matches(')').parse()
    {
        return (count, reason);
    }
    (1, part)
}

fn named_taint(reason: &str) -> Option<String> {
    let (_, rest) = reason.split_once("taint")?;
    let (_, inside) = rest.split_once('{')?;
    Some(inside.split('}').next()?.trim().to_owned())
}

fn constraint(reason: &str) -> Option<Constraint> {
    let text = reason.to_lowercase();
    let has = |words: &str| text.contains(words);
    if let Some(resource) = reason.strip_prefix("Insufficient ") {
        return Some(Constraint::Resource(resource.trim().to_owned()));
    }
    if has("too many pods") {
        return Some(Constraint::Resource("pods".into()));
    }
    if has("untolerated taint") || has("had taint") || text.starts_with("podtoleratesnodetaints") {
        let key = named_taint(reason).and_then(|taint| taint.split([':', ' ', '=']).next().map(str::to_owned));
        return Some(taint(&key.unwrap_or_default()));
    }
    if has("unschedulable") {
        return Some(Constraint::Cordon);
    }
    if has("anti-affinity") || has("antiaffinity") {
        return Some(Constraint::PodAntiAffinity);
    }
    if has("volume node affinity")
        || has("persistentvolume's node affinity")
        || has("no available volume zone")
        || has("novolumezoneconflict")
    {
        return Some(Constraint::Volume);
    }
    if has("pod affinity") || has("inter-pod affinity") || has("matchinterpodaffinity") {
        return Some(Constraint::PodAffinity);
    }
    if has("topology spread") {
        return Some(if has("missing required label") { Constraint::SpreadLabel } else { Constraint::Spread });
    }
    if has("node affinity") || has("node selector") || has("matchnodeselector") || has("nodeaffinity") {
        return Some(Constraint::SelectorOrAffinity);
    }
    if has("free ports") || has("podfitshostports") {
        return Some(Constraint::HostPort);
    }
    if has("max volume count") || has("maxcsivolumecount") {
        return Some(Constraint::VolumeLimit);
    }
    if has("not ready")
        || has("network unavailable")
        || has("unreachable")
        || has("disk pressure")
        || has("memory pressure")
        || has("pid pressure")
    {
        return Some(Constraint::Ill("node.kubernetes.io/not-ready".into()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(message: &str) -> Vec<(u32, Constraint)> {
        parse(message).reasons
    }

    #[test]
    fn the_new_wording_is_read() {
        let said = parse(
            "0/9 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 2 node(s) were unschedulable, \
             2 Insufficient cpu, 1 Too many pods, 3 node(s) didn't match Pod's node affinity/selector. \
             preemption: 0/9 nodes are available: 5 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.",
        );
        assert_eq!(said.nodes, Some(9));
        assert_eq!(said.taint("dedicated"), Some(("dedicated", "gpu")));
        assert_eq!(
            said.reasons,
            [
                (1, Constraint::Taint("dedicated".into())),
                (2, Constraint::Cordon),
                (2, Constraint::Resource("cpu".into())),
                (1, Constraint::Resource("pods".into())),
                (3, Constraint::SelectorOrAffinity),
            ]
        );
    }

    #[test]
    fn old_wordings_are_read() {
        assert_eq!(
            reasons(
                "No nodes are available that match all of the predicates: Insufficient memory (3), MatchNodeSelector (1)."
            ),
            [(3, Constraint::Resource("memory".into())), (1, Constraint::SelectorOrAffinity)]
        );
        assert_eq!(
            reasons(
                "0/3 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 2 node(s) didn't match node selector."
            ),
            [(1, Constraint::Taint("node-role.kubernetes.io/master".into())), (2, Constraint::SelectorOrAffinity)]
        );
        assert_eq!(
            reasons(
                "0/5 nodes are available: 5 node(s) didn't match pod affinity/anti-affinity, 5 node(s) didn't match pod anti-affinity rules."
            ),
            [(10, Constraint::PodAntiAffinity)]
        );
    }

    #[test]
    fn volumes_and_spread_are_told_apart() {
        assert_eq!(
            reasons("0/3 nodes are available: 3 node(s) had volume node affinity conflict."),
            [(3, Constraint::Volume)]
        );
        assert_eq!(
            reasons(
                "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label)."
            ),
            [(3, Constraint::SpreadLabel)]
        );
        let unbound = parse(
            "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
        );
        assert!(unbound.unbound_claims && unbound.reasons.is_empty());
        let missing = parse("0/3 nodes are available: persistentvolumeclaim \"cache\" not found.");
        assert_eq!(missing.missing_claim.as_deref(), Some("cache"));
    }

    #[test]
    fn nonsense_is_nothing() {
        assert_eq!(parse("skip schedule deleting pod: shop/api"), Said::default());
        assert_eq!(reasons("0/x nodes are available: {{{,,, 4294967296 Insufficient , (9)."), []);
    }
}
