use std::fmt;

use crate::Name;

/// A thing that can carry a fault or suffer from one.
///
/// Kubernetes objects have their own kind (`Deployment`); everything else a kind of
/// [`kind`], written in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    /// `Deployment`, `Node`, `service`, `host`, …
    pub kind: Name,
    /// The Kubernetes namespace, where there is one.
    pub namespace: Option<Name>,
    /// The name, without a port or a generated suffix.
    pub name: Name,
}

/// Kinds of entities that are not Kubernetes objects.
pub mod kind {
    /// A service known only from logs, traces or metrics.
    pub const SERVICE: &str = "service";
    /// A machine that is not known to be a Kubernetes node.
    pub const HOST: &str = "host";
    /// A database server.
    pub const DATABASE: &str = "database";
    /// Something outside that was called.
    pub const EXTERNAL: &str = "external";
    /// A name that is looked up in DNS.
    pub const DNS_NAME: &str = "dns-name";
    /// An X.509 certificate.
    pub const CERTIFICATE: &str = "certificate";
    /// The cluster's control plane as a whole.
    pub const CLUSTER: &str = "cluster";
}

impl Entity {
    /// An entity without a namespace.
    #[must_use]
    pub fn new(kind: &str, name: &str) -> Self {
        Self { kind: kind.into(), namespace: None, name: name.into() }
    }

    /// An entity in a namespace; an empty one counts as none.
    #[must_use]
    pub fn namespaced(kind: &str, namespace: &str, name: &str) -> Self {
        let namespace = (!namespace.is_empty()).then(|| namespace.into());
        Self { kind: kind.into(), namespace, name: name.into() }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{}/{namespace}/{}", self.kind, self.name),
            None => write!(f, "{}/{}", self.kind, self.name),
        }
    }
}
