use serde::Deserialize;
use serde_json::Value;

/// An admission policy as a template, as a file in `catalog/policies/` says.
///
/// With `checks` it becomes a `ValidatingAdmissionPolicy`, with `kyverno` a `ClusterPolicy` of Kyverno. Placeholders in
/// expressions: `<namespace>`, `<name>`, `<container>`, `<memory-limit>` (inside quotes of CEL) and `<registries>` (a
/// list); a policy whose placeholder the case cannot fill is left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyTemplate {
    /// Its name in the cluster.
    pub id: String,
    /// What is so where it holds.
    pub title: String,
    /// Failure modes that it keeps out.
    pub prevents: Vec<String>,
    /// What it looks at.
    #[serde(default)]
    pub on: Vec<PolicyTarget>,
    /// CEL conditions under which it looks at all.
    #[serde(default)]
    pub conditions: Vec<String>,
    /// What has to be true.
    #[serde(default)]
    pub checks: Vec<PolicyCheck>,
    /// Rules of Kyverno, for what needs other objects than the one that is admitted.
    #[serde(default)]
    pub kyverno: Vec<Value>,
    /// Examples (`object`, `oldObject`) that it refuses; a test evaluates them.
    #[serde(default, rename = "refuses")]
    _refuses: Vec<Value>,
    /// Examples, close to those, that it lets pass.
    #[serde(default, rename = "allows")]
    _allows: Vec<Value>,
}

/// Kinds of objects that a policy looks at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyTarget {
    /// `apps`; empty for the core group.
    pub group: String,
    /// `v1`, …
    #[serde(default = "version")]
    pub version: String,
    /// `deployments`, …
    pub resources: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`.
    #[serde(default = "operations")]
    pub operations: Vec<String>,
}

fn version() -> String {
    "v1".to_owned()
}

fn operations() -> Vec<String> {
    ["CREATE", "UPDATE"].map(str::to_owned).to_vec()
}

/// A CEL expression that has to be true, and what is said where it is not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyCheck {
    /// Over `object` and `oldObject`.
    pub expression: String,
    /// What the author of a refused object reads.
    pub message: String,
}
