//! A Kubernetes object as far as the evidence shows it.

use firstfault_model::{Entity, Evidence, Masked, Name, Place, Value};

/// A partial Kubernetes object. Its body has the API's own shape (`spec.template.spec…`),
/// whichever tool printed it; what the tool did not print is `Null`.
#[derive(Clone, Debug)]
pub struct Object {
    /// The singular kind: `Pod`, `Deployment`, `EndpointSlice`, …
    pub kind: Name,
    /// `None` for cluster-scoped kinds.
    pub namespace: Option<Name>,
    /// The name.
    pub name: Name,
    /// `metadata`, `spec`, `status`, `data`, … in the API's shape.
    pub body: Value,
    /// Where it was seen, the fullest first.
    pub origins: Vec<Origin>,
}

/// Where an object was seen, and how fully.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// File and lines.
    pub place: Place,
    /// How it was printed.
    pub form: Form,
}

/// How an object was printed; the later, the fuller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A row of `kubectl get`.
    Table,
    /// A file of what should be: no `uid`, no `status`. It does not show that the object exists.
    Manifest,
    /// `kubectl describe`.
    Describe,
    /// JSON or YAML from the API.
    Api,
}

impl Object {
    /// The object as an entity.
    #[must_use]
    pub fn entity(&self) -> Entity {
        Entity { kind: self.kind.clone(), namespace: self.namespace.clone(), name: self.name.clone() }
    }

    /// The value at a dotted path of the body.
    #[must_use]
    pub fn at(&self, path: &str) -> &Value {
        self.body.at(path)
    }

    /// Whether the cluster was seen to hold it (and not only a manifest that asks for it).
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.origins.iter().any(|origin| origin.form != Form::Manifest)
    }

    /// Whether it was printed in full, so that an unset field is known to be unset.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.origins.iter().any(|origin| origin.form == Form::Api)
    }

    /// Whether its spec was printed at all (by `describe`, the API or a manifest).
    #[must_use]
    pub fn has_spec(&self) -> bool {
        self.origins.iter().any(|origin| origin.form != Form::Table)
    }

    /// A label.
    #[must_use]
    pub fn label(&self, key: &str) -> &str {
        self.at("metadata.labels").get(key).text()
    }

    /// Its place in the fullest source, with `what` as the excerpt
    /// (a field as the source would print it: `nodeSelector: disktype=ssd`).
    #[must_use]
    pub fn cite(&self, what: &str) -> Evidence {
        Evidence { place: self.origins[0].place.clone(), excerpt: Masked::new(what) }
    }

    /// Like [`Object::cite`], rendering the value at `path` as the excerpt.
    #[must_use]
    pub fn cite_at(&self, path: &str) -> Evidence {
        let field = path.rsplit('.').next().unwrap_or(path);
        self.cite(&format!("{} {}: {field}: {}", self.kind, self.name, self.at(path).show()))
    }
}
