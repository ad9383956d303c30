//! Calls between services: how many, how many fail, how long, and how much of it is neither side's work.

use std::collections::BTreeMap;

use firstfault_model::{Name, Place};
use jiff::{SignedDuration, Timestamp};

use crate::span::Span;

/// All calls of one service to another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Who calls.
    pub caller: Name,
    /// Who is called.
    pub callee: Name,
    /// How many calls.
    pub calls: usize,
    /// How many of them failed, by the caller's or the callee's account.
    pub errors: usize,
    /// How many failed although the callee saw nothing of them.
    pub unanswered: usize,
    /// The first failure's text or status.
    pub error: Option<String>,
    /// Durations as the caller measured them (as the callee did, where only that is known).
    pub durations: Vec<(Timestamp, SignedDuration)>,
    /// What the caller waited longer than the callee worked, where both were measured.
    pub gaps: Vec<(Timestamp, SignedDuration)>,
    /// The slowest or first failed call.
    pub place: Place,
}

/// The edges of all traces, by caller and callee.
#[must_use]
pub fn edges(spans: &[Span]) -> Vec<Edge> {
    let by_id: BTreeMap<(&Name, &Name), usize> =
        spans.iter().enumerate().map(|(i, s)| ((&s.trace, &s.id), i)).collect();
    let mut answered: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, span) in spans.iter().enumerate() {
        let parent = span.parent.as_ref().and_then(|p| by_id.get(&(&span.trace, p)));
        if let Some(&parent) = parent.filter(|&&p| spans[p].service != span.service) {
            answered.entry(parent).or_insert(i);
        }
    }
    let mut edges: BTreeMap<(Name, Name), Edge> = BTreeMap::new();
    for (&caller, &callee) in &answered {
        let (from, to) = (&spans[caller], &spans[callee]);
        // A server's span that calls without a span of its own for the call measures more than the call.
        let measured = if from.client { from } else { to };
        let edge = edge(&mut edges, &from.service, &to.service, &to.place);
        add(edge, measured, from.client && from.error || to.error, false);
        if from.client {
            let gap = from.duration.saturating_sub(to.duration).max(SignedDuration::ZERO);
            edge.gaps.push((from.start, gap));
        }
    }
    for (i, span) in spans.iter().enumerate() {
        let Some(peer) = span.peer.as_ref().filter(|peer| **peer != span.service) else { continue };
        if answered.contains_key(&i) {
            continue;
        }
        let edge = edge(&mut edges, &span.service, peer, &span.place);
        add(edge, span, span.error, span.error);
    }
    edges.into_values().collect()
}

fn edge<'a>(edges: &'a mut BTreeMap<(Name, Name), Edge>, caller: &Name, callee: &Name, place: &Place) -> &'a mut Edge {
    edges.entry((caller.clone(), callee.clone())).or_insert_with(|| Edge {
        caller: caller.clone(),
        callee: callee.clone(),
        calls: 0,
        errors: 0,
        unanswered: 0,
        error: None,
        durations: Vec::new(),
        gaps: Vec::new(),
        place: place.clone(),
    })
}

fn add(edge: &mut Edge, span: &Span, failed: bool, unanswered: bool) {
    edge.calls += 1;
    edge.errors += usize::from(failed);
    edge.unanswered += usize::from(unanswered);
    if failed && edge.error.is_none() {
        edge.error = Some(span.status.clone().unwrap_or_else(|| span.operation.to_string()));
        edge.place = span.place.clone();
    }
    edge.durations.push((span.start, span.duration));
}

/// The time that a span spent itself: its duration without the time in which a child ran.
#[must_use]
pub fn self_time(span: &Span, children: &[&Span]) -> SignedDuration {
    let end = span.start.saturating_add(span.duration).unwrap_or(span.start);
    let mut covered: Vec<(Timestamp, Timestamp)> = children
        .iter()
        .map(|child| {
            let child_end = child.start.saturating_add(child.duration).unwrap_or(child.start);
            (child.start.max(span.start), child_end.min(end))
        })
        .filter(|(from, to)| from < to)
        .collect();
    covered.sort_unstable();
    let mut busy = SignedDuration::ZERO;
    let mut reached = span.start;
    for (from, to) in covered {
        if to > reached {
            busy = busy.saturating_add(to.duration_since(from.max(reached)));
            reached = to;
        }
    }
    span.duration.saturating_sub(busy).max(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: &str, service: &str, start: i64, millis: i64) -> Span {
        Span {
            trace: "t".into(),
            id: id.into(),
            parent: (!parent.is_empty()).then(|| parent.into()),
            service: service.into(),
            operation: "op".into(),
            start: Timestamp::from_millisecond(1_767_607_200_000 + start).expect("a time"),
            duration: SignedDuration::from_millis(millis),
            error: false,
            client: false,
            peer: None,
            status: None,
            place: Place::line(&"t.json".into(), 1),
        }
    }

    #[test]
    fn children_that_overlap_are_counted_once() {
        let root = span("a", "", "front", 0, 100);
        // 10..40 and 30..60 cover 50, 90..130 covers 10 more within the parent
        let children = [span("b", "a", "x", 10, 30), span("c", "a", "y", 30, 30), span("d", "a", "z", 90, 40)];
        let children: Vec<&Span> = children.iter().collect();
        assert_eq!(self_time(&root, &children), SignedDuration::from_millis(40));
    }

    #[test]
    fn an_edge_knows_what_neither_side_worked() {
        let mut call = span("b", "a", "front", 1, 900);
        call.client = true;
        let all = [span("a", "", "front", 0, 1000), call, span("c", "b", "till", 400, 100)];
        let edges = edges(&all);
        assert_eq!(edges.len(), 1);
        assert_eq!((edges[0].caller.as_str(), edges[0].callee.as_str(), edges[0].calls), ("front", "till", 1));
        assert_eq!(edges[0].gaps[0].1, SignedDuration::from_millis(800));
    }

    #[test]
    fn a_call_that_nobody_answered_is_known_by_its_peer() {
        let mut call = span("b", "a", "front", 1, 30_000);
        (call.client, call.error, call.peer, call.status) =
            (true, true, Some("till".into()), Some("deadline exceeded".into()));
        let edges = edges(&[span("a", "", "front", 0, 30_001), call]);
        assert_eq!((edges[0].errors, edges[0].unanswered), (1, 1));
        assert_eq!(edges[0].error.as_deref(), Some("deadline exceeded"));
    }
}
