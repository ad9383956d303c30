use std::collections::BTreeMap;

use serde::Deserialize;

/// An alert rule as a template, as a file in `catalog/alerts/` says.
///
/// Placeholders: `<container>`, `<pod>`, `<deployment>`, `<service>`, `<node>`, `<instance>`, `<namespace>`, … stand for
/// label matchers of the case's entity (and, in the example series, for its labels); `<name>` for its name; `<window>`,
/// `<horizon>` and `<threshold>` for what a try says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertTemplate {
    /// The rule's name.
    pub alert: String,
    /// The findings that it would have shown; `image.*` stands for all that begin so.
    pub watches: Vec<String>,
    /// Kinds of entities that it is for; all if there are none.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Who exports its metrics.
    pub exporter: String,
    /// The condition.
    pub expr: String,
    /// Recording rules that the condition reads, by name.
    #[serde(default)]
    pub records: BTreeMap<String, String>,
    /// Windows, thresholds and durations, the preferred first.
    pub tries: Vec<AlertTry>,
    /// `warning` or `critical`.
    pub severity: String,
    /// Grafana's unit of the value that is compared.
    pub unit: String,
    /// What is so when it fires; `{{ $labels.x }}` is replaced by Prometheus.
    pub summary: String,
    /// What to look at first.
    pub advice: String,
    /// Made-up series on which it fires, in the notation of `promtool`, one sample a minute.
    pub fires: BTreeMap<String, String>,
    /// Made-up series, close to those, on which it must stay silent.
    pub silent: BTreeMap<String, String>,
    /// The same signal in Datadog.
    #[serde(default)]
    pub datadog: Option<DatadogTemplate>,
    /// The same signal in CloudWatch.
    #[serde(default)]
    pub cloudwatch: Option<CloudWatchTemplate>,
}

/// One choice of a rule's numbers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertTry {
    /// The range that it looks at: `5m`.
    #[serde(default)]
    pub window: Option<String>,
    /// Seconds that it looks ahead.
    #[serde(default)]
    pub horizon: Option<u32>,
    /// What is compared with.
    #[serde(default)]
    pub threshold: Option<Threshold>,
    /// How long the condition has to hold: `10m`.
    #[serde(rename = "for")]
    pub holds_for: String,
}

/// What a rule compares with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Threshold {
    /// This number.
    Fixed(f64),
    /// A number between what the evidence shows while all is well, and before the outage.
    FromEvidence(Computed),
}

/// The word for a threshold that the evidence gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Computed {
    /// `computed`.
    Computed,
}

/// A metric monitor of Datadog.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatadogTemplate {
    /// The query, with `<tags>`, `<service-tags>`, `<threshold>`.
    pub query: String,
}

/// A metric alarm of CloudWatch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloudWatchTemplate {
    /// `ContainerInsights`, `AWS/ApplicationELB`, …
    pub namespace: String,
    /// The metric's name there.
    pub metric: String,
    /// `Average`, `Maximum`, `Sum`, `p99`.
    pub statistic: String,
    /// Its threshold, where the rule's own does not fit.
    #[serde(default)]
    pub threshold: Option<f64>,
    /// What the rule's threshold is multiplied with: 100 for percent.
    #[serde(default = "one")]
    pub scale: f64,
    /// Names of its dimensions.
    pub dimensions: Vec<String>,
}

fn one() -> f64 {
    1.0
}

impl AlertTemplate {
    /// Whether it would have shown a finding.
    #[must_use]
    pub fn watches(&self, finding: &str) -> bool {
        self.watches.iter().any(|w| match w.strip_suffix('*') {
            Some(start) => finding.starts_with(start),
            None => w == finding,
        })
    }

    /// Whether it is for entities of a kind.
    #[must_use]
    pub fn suits(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|k| k == kind)
    }
}
