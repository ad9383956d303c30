use firstfault_model::case::{Status, Test};
use firstfault_model::{Health, Looked, Trust};

use crate::Situation;
use crate::faults::Fault;
use crate::theory::Theory;

/// Below this the leading theory is a hint, not an incident.
pub(crate) const LEAST_PROBABILITY: f64 = 0.5;

/// From here on a theory forbids to say that all is well.
const SUSPICION: f64 = 0.2;

/// Whether there is an incident, and whether it has ended.
pub(crate) fn status(
    situation: &Situation<'_>,
    faults: &[Fault],
    theories: &[Theory<'_>],
    unexplained: usize,
) -> (Status, bool) {
    let says_incident = |fault: &Fault, over: bool| {
        fault.theories.first().is_some_and(|&(i, p)| theories[i].over == over && p >= LEAST_PROBABILITY)
    };
    if faults.iter().any(|f| says_incident(f, false)) {
        return (Status::Incident, false);
    }
    if faults.iter().any(|f| says_incident(f, true)) {
        return (Status::Incident, true);
    }
    let unwell = situation.health.values().any(|h| *h == Health::Unwell);
    let suspected =
        faults.iter().any(|fault| fault.theories.first().is_some_and(|&(i, p)| !theories[i].over && p >= SUSPICION));
    let doubtful = unexplained > 0 || unwell || suspected || !looked_enough(situation);
    let status = if doubtful { Status::Insufficient } else { Status::Healthy };
    (status, false)
}

/// Enough was looked at when the state of workloads was printed and it is good. Nodes that are well
/// say nothing of what runs on them, and events tell of what happened, not of what is.
fn looked_enough(situation: &Situation<'_>) -> bool {
    // What is printed for the namespace of one's own bears no namespace.
    let well = situation.health.iter().any(|(entity, h)| *h == Health::Well && entity.kind != "Node");
    let seen = situation.looked.iter().any(|(entity, trust)| *trust == Trust::State && entity.namespace.is_some());
    well || seen
}

/// What to collect next: the kinds of evidence that nobody looked at, the most telling first.
pub(crate) fn collect(situation: &Situation<'_>) -> Vec<Test> {
    let namespace = situation
        .incident
        .about
        .iter()
        .find_map(|a| if &*a.kind == "Namespace" { Some(a.name.clone()) } else { a.namespace.clone() })
        .map_or_else(|| "NAMESPACE".to_owned(), |n| firstfault_model::shell::quote(&n));
    let wanted: &[(&str, String, &str)] = &[
        (
            "Pod",
            format!("kubectl get pods -n {namespace} -o yaml"),
            "which pods are not well, and what their containers say",
        ),
        (
            "Event",
            format!("kubectl get events -n {namespace} --sort-by=.lastTimestamp"),
            "what the cluster tried and could not do",
        ),
        (
            "Service",
            format!("kubectl get services,endpointslices -n {namespace} -o yaml"),
            "whether traffic has somewhere to go",
        ),
        ("Node", "kubectl describe nodes".to_owned(), "whether the machines are well and have room"),
    ];
    let mut tests: Vec<Test> = wanted
        .iter()
        .filter(|(kind, ..)| {
            !situation.coverage.kinds.get(*kind).is_some_and(|by| by.values().any(|l| *l > Looked::Not))
        })
        .map(|(_, command, decides)| Test {
            command: command.clone(),
            decides: (*decides).to_owned(),
            outcomes: Vec::new(),
        })
        .collect();
    let has_logs = situation.looked.iter().any(|(_, trust)| *trust == Trust::Application);
    if !has_logs {
        tests.push(Test {
            command: format!("kubectl logs -n {namespace} POD --all-containers --timestamps --tail=2000"),
            decides: "what the applications themselves say".to_owned(),
            outcomes: Vec::new(),
        });
    }
    tests.push(Test {
        command: "export latency, errors, traffic and saturation of the services from the hour before to now (query_range, 15 s steps)".to_owned(),
        decides: "which service changed first".to_owned(),
        outcomes: Vec::new(),
    });
    tests
}
