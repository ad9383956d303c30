use askama::Template;
use firstfault_model::case::{Case, CaseEvidence, Hypothesis, RuleMatch, Status};

use crate::diagram::{service_map, time_line};
use crate::words;

#[derive(Template)]
#[template(path = "case.html")]
struct Page<'a> {
    case: &'a Case,
    first: Option<&'a Hypothesis>,
    rivals: Vec<&'a Hypothesis>,
    faults: Vec<&'a Hypothesis>,
    verdict: String,
    class: &'static str,
    map: String,
    time_line: String,
}

impl Page<'_> {
    fn percent(&self, p: &f64) -> String {
        words::percent(*p)
    }
    fn sureness(&self, p: &f64) -> &'static str {
        words::sureness(*p)
    }
    fn place(&self, evidence: &CaseEvidence) -> String {
        words::place(evidence)
    }
    fn rule(&self, rule: &RuleMatch) -> String {
        words::rule(rule)
    }
    fn authors<'a>(&self, rule: &'a RuleMatch) -> Vec<(&'static str, &'a str)> {
        words::authors(rule).collect()
    }
    fn clock(&self, at: &Option<String>) -> String {
        words::clock(at.as_deref())
    }
    fn probability(&self, p: &Option<f64>) -> String {
        p.map_or_else(|| "–".to_owned(), |p| format!("{p:.3}"))
    }
    fn signed(&self, weight: &f64) -> String {
        format!("{weight:+.3}")
    }
}

/// The report as one self-contained HTML page: no script, nothing loaded, a strict policy.
#[must_use]
pub fn html(case: &Case) -> String {
    let (rivals, faults) = words::split(case);
    let page = Page {
        case,
        first: case.hypotheses.first(),
        rivals,
        faults,
        verdict: words::verdict(case),
        class: match case.status {
            Status::Incident => "incident",
            Status::Healthy => "healthy",
            Status::Insufficient => "insufficient",
        },
        map: service_map(case),
        time_line: time_line(case),
    };
    page.render().expect("rendering into a text cannot fail")
}
