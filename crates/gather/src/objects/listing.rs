//! Which kinds a list shows completely, so that what is not in it is missing.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_model::{Name, Value};

use crate::{Form, Yield};

use super::accept::Accepted;
use super::asked::Asked;
use super::tree::{Extent, Hint};
use crate::kinds::is_namespaced;

/// What a list says of itself, and what was seen in it.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// `List`, `PodList`, or nothing for an array or an internal list.
    kind: String,
    /// `metadata` of the list.
    metadata: Value,
    /// It was cut off.
    truncated: bool,
    seen: BTreeMap<Name, BTreeSet<Option<Name>>>,
    manifests: bool,
}

impl List {
    /// A list of which no item was seen yet.
    pub(crate) fn new(kind: String, metadata: Value, truncated: bool) -> Self {
        Self { kind, metadata, truncated, ..Self::default() }
    }

    /// The kind of items that do not say theirs.
    pub(crate) fn item_kind(&self) -> Option<&str> {
        self.kind.strip_suffix("List").filter(|kind| !kind.is_empty())
    }

    /// Notes an item.
    pub(crate) fn saw(&mut self, accepted: Accepted) {
        if let Accepted::Object(kind, namespace, form) = accepted {
            self.manifests |= form == Form::Manifest;
            self.seen.entry(kind).or_default().insert(namespace);
        }
    }

    /// Notes what it lists completely. An empty list of events says nothing: events expire.
    pub(crate) fn note(self, asked: Option<&Asked>, hint: &Hint, out: &mut Yield) {
        let paged = !self.metadata.get("continue").text().is_empty();
        if self.truncated || paged || self.manifests {
            return;
        }
        let listed = match asked {
            Some(asked) => self.as_asked(asked),
            None => self.as_seen(hint),
        };
        out.listed.extend(listed.into_iter().filter(|(kind, _)| kind != "Event"));
    }

    fn as_asked(&self, asked: &Asked) -> Vec<(Name, Option<Name>)> {
        let everywhere = asked.everywhere || self.namespaces().len() > 1;
        let namespace = asked.namespace.as_deref().map(Name::from).or_else(|| self.namespaces().into_iter().next());
        let scope = |kind: &str| match is_namespaced(kind) {
            Some(false) => Some(None),
            _ if everywhere => Some(None),
            _ => namespace.clone().map(Some),
        };
        asked.kinds.iter().filter_map(|kind| Some((Name::from(*kind), scope(kind)?))).collect()
    }

    fn as_seen(&self, hint: &Hint) -> Vec<(Name, Option<Name>)> {
        let typed = self.item_kind().or(hint.kind);
        match (typed, hint.extent) {
            (Some(kind), Extent::Cluster) => vec![(kind.into(), None)],
            (Some(kind), Extent::Namespace) => vec![(kind.into(), hint.namespace.clone())],
            (None, Extent::Cluster) => self.seen.keys().map(|kind| (kind.clone(), None)).collect(),
            (None, Extent::Namespace) => self.seen.keys().map(|kind| (kind.clone(), hint.namespace.clone())).collect(),
            (Some(kind), Extent::Unknown) if self.seen.is_empty() => self.empty(kind, hint).into_iter().collect(),
            // A bare array is what a filter leaves as likely as a whole listing.
            (_, Extent::Unknown) if self.kind.is_empty() && hint.tree.is_empty() => Vec::new(),
            (_, Extent::Unknown) => self.present(),
        }
    }

    /// An empty list of one kind: its link or the path must say where.
    fn empty(&self, kind: &str, hint: &Hint) -> Option<(Name, Option<Name>)> {
        if is_namespaced(kind) == Some(false) {
            return (self.kind != "List").then(|| (kind.into(), None));
        }
        let link = self.metadata.get("selfLink").text();
        let linked = link.split("/namespaces/").nth(1).and_then(|rest| rest.split('/').next());
        let namespace = linked.map(Name::from).or_else(|| hint.namespace.clone())?;
        Some((kind.into(), Some(namespace)))
    }

    /// The kinds that are there. One request lists one namespace or all of them, so two
    /// namespaces mean all.
    fn present(&self) -> Vec<(Name, Option<Name>)> {
        let namespaces = self.namespaces();
        let one = match namespaces.len() {
            1 => namespaces.into_iter().next(),
            _ => None,
        };
        let scope = |kind: &Name| if is_namespaced(kind) == Some(false) { None } else { one.clone() };
        let known = |kind: &Name| is_namespaced(kind).is_some() || one.is_some() || self.seen[kind].len() > 1;
        self.seen.keys().filter(|kind| known(kind)).map(|kind| (kind.clone(), scope(kind))).collect()
    }

    fn namespaces(&self) -> BTreeSet<Name> {
        self.seen.values().flatten().flatten().cloned().collect()
    }
}
