use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Labels by name; the metric's name stands under [`NAME`](super::NAME).
///
/// Shared until one of them is changed: an evaluation at every step hands the same labels on again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Labels(Arc<BTreeMap<String, String>>);

impl Labels {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a label off; nothing is copied where it is not there.
    pub fn remove(&mut self, name: &str) {
        if self.0.contains_key(name) {
            Arc::make_mut(&mut self.0).remove(name);
        }
    }

    /// Keeps the labels whose name is wanted; nothing is copied where that is all of them.
    pub(super) fn keep(&mut self, wanted: impl Fn(&String) -> bool) {
        if !self.0.keys().all(&wanted) {
            Arc::make_mut(&mut self.0).retain(|name, _| wanted(name));
        }
    }
}

impl Deref for Labels {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Labels {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl From<BTreeMap<String, String>> for Labels {
    fn from(labels: BTreeMap<String, String>) -> Self {
        Self(Arc::new(labels))
    }
}

impl FromIterator<(String, String)> for Labels {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(labels: T) -> Self {
        Self(Arc::new(labels.into_iter().collect()))
    }
}
