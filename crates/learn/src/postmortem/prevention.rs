//! What the catalogue says would have prevented a failure, sorted by its kind.

/// What sort of safeguard a sentence of the catalogue speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A rule that tells somebody.
    Alert,
    /// A check before release.
    Test,
    /// A rule that refuses.
    Policy,
    /// Dashboards and runbooks.
    Document,
    /// A change of the design or its settings.
    Design,
}

impl Sort {
    /// The sort of a sentence, by the verb or noun that it turns on.
    pub(crate) fn of(sentence: &str) -> Self {
        let lower = sentence.to_lowercase();
        let starts = |any: &[&str]| any.iter().any(|w| lower.starts_with(w));
        let holds = |any: &[&str]| any.iter().any(|w| lower.contains(w));
        if starts(&["alert", "warn", "watch", "page"]) || holds(&["alert on", "alert when"]) {
            Self::Alert
        } else if starts(&["a dashboard", "a runbook", "keep a runbook", "write"]) || holds(&["runbook"]) {
            Self::Document
        } else if holds(&["rule for reviews", "policy", "limitrange", "refuse", "admission", "require ", "validate "]) {
            Self::Policy
        } else if starts(&[
            "a test",
            "test",
            "smoke",
            "load test",
            "let ci",
            "in ci",
            "check in",
            "start each",
            "start every",
            "run the",
            "run migrations",
        ]) || holds(&[" in ci", "load test", " ci "])
        {
            Self::Test
        } else {
            Self::Design
        }
    }

    /// `alert`, `test`, …
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Test => "test",
            Self::Policy => "policy",
            Self::Document => "document",
            Self::Design => "design",
        }
    }
}

/// The words of a sentence by which an alert that covers it would be known.
pub(crate) fn telling_words(sentence: &str) -> Vec<String> {
    /// Words of alerting itself, which tell nothing of its subject.
    const COMMON: &[&str] = &[
        "alert",
        "alerts",
        "warn",
        "when",
        "minutes",
        "minute",
        "each",
        "above",
        "below",
        "export",
        "number",
        "growth",
        "critical",
        "design",
        "million",
        "rate",
        "with",
        "that",
        "than",
        "more",
        "from",
        "under",
        "over",
        "service",
        "container",
        "containers",
        "kube",
        "status",
        "count",
        "total",
        "bytes",
        "seconds",
        "size",
    ];
    let lower = sentence.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() > 3 && !COMMON.contains(w));
    let mut words: Vec<String> = words.map(|w| w.trim_end_matches('s').to_owned()).collect();
    words.sort();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_sorted_by_what_they_ask_for() {
        for (sentence, sort) in [
            ("Alert when a pod stays in Init for 10 minutes", Sort::Alert),
            ("Export the number of entries of each cache and alert on it", Sort::Alert),
            ("A test that an expired entry leaves the cache", Sort::Test),
            ("Smoke-test the connection of each release", Sort::Test),
            ("A rule for reviews: every cache has a bound", Sort::Policy),
            ("A dashboard with memory; a runbook for kills", Sort::Document),
            ("Copy base images into a registry of one’s own", Sort::Design),
        ] {
            assert_eq!(Sort::of(sentence), sort, "{sentence}");
        }
    }
}
