//! Which safeguards were there, computed from what was collected: alerts, limits, probes, budgets, spread.

use std::collections::BTreeSet;

use firstfault_gather::{Alert, Object, World};
use firstfault_model::{Looked, Value};
use firstfault_report::words::cut;

use super::course::Course;
use super::document::{Guard, Proof, Safeguard};
use super::facts::{Facts, bytes, cited, digits, entity, lasted, list, share};
use super::growth;
use super::prevention::{Sort, telling_words};

/// A limit of which more than this share is used in quiet times leaves no room for a fault to be noticed.
const TIGHT: f64 = 0.6;

/// All that can be said of safeguards, the missing ones first.
pub(crate) fn of(facts: &Facts<'_>, course: &Course) -> Vec<Safeguard> {
    let mut all = vec![signal(facts, course)];
    all.extend(prevents(facts));
    match facts.world {
        None => {
            all.push(guard("limits, probes, budgets", Guard::NotKnown, "the evidence could not be read again", None));
        }
        Some(world) => workload(facts, course, world, &mut all),
    }
    let mut seen = BTreeSet::new();
    all.retain(|g| seen.insert(g.name.clone()));
    all.sort_by_key(|g| g.state);
    all
}

fn guard(name: &str, state: Guard, why: impl Into<String>, proof: Option<Proof>) -> Safeguard {
    Safeguard { name: name.to_owned(), state, why: why.into(), proof }
}

/// What an alert on the cause's own signal would speak of.
fn signal_words(finding: &str, mode: &str) -> Vec<&'static str> {
    const TOPICS: &[(&str, &[&str])] = &[
        ("memory", &["memory", "oom", "rss", "heap", "leak"]),
        ("cpu", &["cpu", "throttl"]),
        ("latency", &["latency", "slow", "duration", "response time", "p99", "p95"]),
        ("errors", &["error", "5xx", "fail"]),
        ("traffic", &["traffic", "request rate", "throughput", "qps", "rps"]),
        ("storage", &["volume", "disk", "filesystem", "persistentvolume", "claim", "inode"]),
        ("image", &["image", "pull"]),
        ("tls", &["cert", "tls", "expir"]),
        ("dns", &["dns", "resolv"]),
        ("scheduling", &["pending", "unschedul", "schedul"]),
        ("probe", &["ready", "probe", "health"]),
        ("container", &["crash", "restart", "oom", "waiting"]),
        ("node", &["node", "kubelet"]),
        ("job", &["job", "cron"]),
        ("autoscaler", &["hpa", "autoscal", "replica"]),
        ("resource", &["quota", "limit", "request"]),
        ("admission", &["admission", "webhook", "quota", "denied", "replica"]),
        ("service", &["endpoint", "service", "backend"]),
        ("ingress", &["ingress", "5xx", "backend"]),
        ("gateway", &["gateway", "route", "5xx"]),
        ("database", &["database", "postgres", "mysql", "replication", "deadlock"]),
        ("dependency", &["connection", "database", "queue", "refused"]),
        ("network", &["network", "packet", "retrans", "loss"]),
        ("connections", &["connection", "pool"]),
        ("startup", &["waiting", "init", "creating", "crash"]),
        ("rollout", &["rollout", "replica", "progress"]),
        ("workload", &["replica", "available"]),
        ("host", &["node", "host", "disk"]),
        ("log", &["log", "error"]),
    ];
    let of = |topic: &str| {
        TOPICS.iter().filter(|(t, _)| *t == topic).flat_map(|(_, w)| w.iter().copied()).collect::<Vec<_>>()
    };
    let words = of(finding.split('.').next().unwrap_or_default());
    if words.is_empty() { of(mode.split('.').next().unwrap_or_default()) } else { words }
}

fn alert_text(alert: &Alert) -> String {
    let labels: Vec<&str> = alert.labels.iter().filter(|(k, _)| *k != "severity").map(|(_, v)| v.as_str()).collect();
    format!("{} {} {}", alert.name, alert.summary, labels.join(" ")).to_lowercase()
}

/// Whether an alert on the signal that shows the cause fired, and in time.
fn signal(facts: &Facts<'_>, course: &Course) -> Safeguard {
    let finding = facts.cause().map_or("", |f| f.finding.as_str());
    let topic = finding.split('.').next().unwrap_or("the cause");
    let title = format!("an alert on the cause's own signal ({topic} of {})", facts.first.entity);
    let Some(world) = facts.world else {
        return guard(&title, Guard::NotKnown, "the evidence could not be read again", None);
    };
    if world.alerts.is_empty() {
        let why = "no alerts and no rules were collected; `curl …/api/v1/rules` and `/api/v1/alerts` of Prometheus would show them";
        return guard(&title, Guard::NotKnown, why, None);
    }
    let words = signal_words(finding, &facts.first.failure_mode);
    let covers = |alert: &&Alert| {
        let text = alert_text(alert);
        let about = alert.about.as_ref().is_none_or(|about| facts.concerns(about));
        about && words.iter().any(|w| text.contains(w))
    };
    if let Some(alert) = world.alerts.iter().find(covers) {
        return fired(&title, alert, course);
    }
    let named = |a: &Alert| {
        let at = a.since.map_or_else(String::new, |at| format!(" (since {})", super::facts::clock(at)));
        format!("{}{at}", a.name)
    };
    let names: Vec<String> = world.alerts.iter().map(named).collect();
    let fired = if names.len() == 1 { "the one alert" } else { "the alerts" };
    let verb = if names.len() == 1 { "watches an effect" } else { "watch effects" };
    let why = format!(
        "{fired} in the evidence, {}, {verb}; none speaks of {topic} of {}",
        list(&names, 4),
        facts.first.entity.name
    );
    guard(&title, Guard::Missing, why, world.alerts.first().map(|a| cited(&a.evidence)))
}

fn fired(title: &str, alert: &Alert, course: &Course) -> Safeguard {
    let proof = Some(cited(&alert.evidence));
    match (alert.since, course.felt.as_ref()) {
        (Some(at), Some(felt)) if at < felt.at => {
            let why = format!("{} fired {} before it was felt", alert.name, lasted(felt.at.duration_since(at)));
            guard(title, Guard::Present, why, proof)
        }
        (Some(at), Some(felt)) => {
            let why = format!("{} fired {} after it was felt", alert.name, lasted(at.duration_since(felt.at)));
            guard(title, Guard::Weak, why, proof)
        }
        _ => guard(
            title,
            Guard::Present,
            format!("{} fired; when in relation to the effect is not known", alert.name),
            proof,
        ),
    }
}

/// What the catalogue says would have prevented it, held against what was collected.
fn prevents(facts: &Facts<'_>) -> Vec<Safeguard> {
    facts.first.prevents.iter().map(|sentence| prevent(facts, sentence)).collect()
}

fn prevent(facts: &Facts<'_>, sentence: &str) -> Safeguard {
    let sort = Sort::of(sentence);
    let title = format!("{}: {}", sort.word(), cut(sentence, 200));
    if sort != Sort::Alert {
        let why = match sort {
            Sort::Test => {
                "no result of such a test is in the evidence; whether it exists or not, the fault came past it into production"
            }
            Sort::Policy => "no such rule is in the evidence; whether it exists or not, the fault came past it",
            Sort::Document => "dashboards and runbooks are not part of the evidence",
            _ => "what runs is not built so, as far as this fault shows",
        };
        let state = if sort == Sort::Document { Guard::NotKnown } else { Guard::DidNotStop };
        return guard(&title, state, why, None);
    }
    let Some(world) = facts.world.filter(|w| !w.alerts.is_empty()) else {
        return guard(&title, Guard::NotKnown, "no alerts and no rules were collected", None);
    };
    let words = telling_words(sentence);
    let covering = world.alerts.iter().find(|alert| {
        let text = alert_text(alert);
        let hits = words.iter().filter(|w| text.contains(w.as_str())).count();
        hits >= 2 || (hits == 1 && words.len() == 1)
    });
    match covering {
        Some(alert) => {
            guard(&title, Guard::Present, format!("{} speaks of it", alert.name), Some(cited(&alert.evidence)))
        }
        None => {
            let why = format!("none of the {} alerts in the evidence speaks of it", world.alerts.len());
            guard(&title, Guard::Missing, why, world.alerts.first().map(|a| cited(&a.evidence)))
        }
    }
}

/// Limits, probes, budgets, replicas and spread of the workload that carries the fault.
fn workload(facts: &Facts<'_>, course: &Course, world: &World, all: &mut Vec<Safeguard>) {
    let cause = entity(&facts.first.entity);
    let object = world.object_of(&cause);
    let is_workload = object.is_some_and(|o| !world.pod_spec(o).is_null()) || world.pods_of(&cause).next().is_some();
    if !is_workload {
        return;
    }
    let specs = object.into_iter().chain(world.pods_of(&cause)).filter(|o| o.has_spec());
    let spec = specs.map(|o| (o, world.pod_spec(o))).find(|(_, spec)| !spec.get("containers").list().is_empty());
    match spec {
        Some((object, spec)) => {
            for container in spec.get("containers").list() {
                limit(facts, course, object, container, all);
                probes(object, container, all);
            }
        }
        None => {
            let why = "only tables show the workload; `kubectl describe` or `-o yaml` would show its spec";
            all.push(guard("limits and requests", Guard::NotKnown, why, None));
            all.push(guard("probes", Guard::NotKnown, why, None));
        }
    }
    budget(facts, world, all);
    replicas(facts, world, object, all);
    autoscaler(facts, world, all);
}

fn limit(facts: &Facts<'_>, course: &Course, object: &Object, container: &Value, all: &mut Vec<Safeguard>) {
    let of = container.get("name").text();
    let (limits, requests) = (container.at("resources.limits"), container.at("resources.requests"));
    let title = format!("a memory limit of container {of}");
    let memory = limits.get("memory");
    if memory.is_null() {
        let why = "its spec was printed and has none";
        all.push(guard(
            &title,
            Guard::Missing,
            why,
            Some(cited(&object.cite(&format!("container {of}: no memory limit")))),
        ));
    } else {
        let cite = cited(&object.cite(&format!("container {of}: memory limit {}", memory.show())));
        all.push(match growth::of(facts, course) {
            Some(growth) if growth.usual_share().is_some_and(|s| s > TIGHT) => guard(
                &title,
                Guard::Weak,
                format!(
                    "{}; {} of it were in use when the measurement began, {} below it, which at {} a minute is {} of warning",
                    memory.show(),
                    share((growth.usual_share().unwrap_or_default() * 100.0).round() / 100.0),
                    bytes(growth.room()),
                    bytes(growth.a_minute()),
                    lasted(growth.time_to_full()),
                ),
                Some(cite),
            ),
            _ => guard(&title, Guard::Present, memory.show(), Some(cite)),
        });
    }
    let title = format!("requests of container {of}");
    let shown: Vec<String> = requests.entries().map(|(k, v)| format!("{k} {}", v.show())).collect();
    let (state, why) = if shown.is_empty() {
        (Guard::Missing, "its spec was printed and has none".to_owned())
    } else {
        (Guard::Present, shown.join(", "))
    };
    let what =
        format!("container {of}: requests {}", if shown.is_empty() { "none".to_owned() } else { shown.join(", ") });
    all.push(guard(&title, state, why, Some(cited(&object.cite(&what)))));
}

fn probes(object: &Object, container: &Value, all: &mut Vec<Safeguard>) {
    let of = container.get("name").text();
    for (key, word) in [("readinessProbe", "readiness"), ("livenessProbe", "liveness")] {
        let probe = container.get(key);
        let title = format!("a {word} probe of container {of}");
        let (state, why) = if probe.is_null() {
            (Guard::Missing, "its spec was printed and has none".to_owned())
        } else {
            (Guard::Present, cut(&probe.show(), 100))
        };
        let what = format!(
            "container {of}: {word} probe {}",
            if probe.is_null() { "none".to_owned() } else { cut(&probe.show(), 100) }
        );
        all.push(guard(&title, state, why, Some(cited(&object.cite(&what)))));
    }
}

fn budget(facts: &Facts<'_>, world: &World, all: &mut Vec<Safeguard>) {
    let title = "a disruption budget";
    let namespace = facts.first.entity.namespace.as_deref();
    let labels = world.object_of(&entity(&facts.first.entity)).map(World::pod_labels);
    let matching = world.kind_in("PodDisruptionBudget", namespace).find(|pdb| {
        let mut wanted = pdb.at("spec.selector.matchLabels").entries().peekable();
        wanted.peek().is_some() && labels.is_some_and(|labels| wanted.all(|(k, v)| labels.get(k) == v))
    });
    all.push(match (matching, world.coverage.of("PodDisruptionBudget", namespace)) {
        (Some(pdb), _) => {
            guard(title, Guard::Present, format!("PodDisruptionBudget {}", pdb.name), Some(cited(&pdb.cite_at("spec"))))
        }
        (None, Looked::Completely) => guard(title, Guard::Missing, "they were listed, and none selects its pods", None),
        (None, _) => guard(title, Guard::NotKnown, "PodDisruptionBudgets were not collected", None),
    });
}

fn replicas(facts: &Facts<'_>, world: &World, object: Option<&Object>, all: &mut Vec<Safeguard>) {
    let wanted = object.and_then(|o| o.at("spec.replicas").as_int()).or_else(|| facts.field("wanted")?.parse().ok());
    if let Some(wanted) = wanted {
        let proof = object.map(|o| cited(&o.cite(&format!("{} {}: {wanted} replicas", o.kind, o.name))));
        let state = if wanted > 1 { Guard::Present } else { Guard::Missing };
        let why = if wanted > 1 {
            format!("{wanted} are wanted")
        } else {
            "one replica is a single point of failure".to_owned()
        };
        all.push(guard("more than one replica", state, why, proof));
    }
    let cause = entity(&facts.first.entity);
    let placed: Vec<&Object> = world.pods_of(&cause).filter(|p| !p.at("spec.nodeName").text().is_empty()).collect();
    let nodes: BTreeSet<&str> = placed.iter().map(|p| p.at("spec.nodeName").text()).collect();
    if placed.len() > 1 {
        let state = if nodes.len() > 1 { Guard::Present } else { Guard::Missing };
        let why =
            format!("{} pods on {} {}", placed.len(), nodes.len(), if nodes.len() == 1 { "node" } else { "nodes" });
        let proof =
            placed.first().map(|p| cited(&p.cite(&format!("Pod {} runs on {}", p.name, p.at("spec.nodeName").text()))));
        all.push(guard("spread over nodes", state, why, proof));
    }
}

fn autoscaler(facts: &Facts<'_>, world: &World, all: &mut Vec<Safeguard>) {
    let namespace = facts.first.entity.namespace.as_deref();
    let of = world
        .kind_in("HorizontalPodAutoscaler", namespace)
        .find(|hpa| hpa.at("spec.scaleTargetRef.name").text() == facts.first.entity.name);
    all.push(match (of, world.coverage.of("HorizontalPodAutoscaler", namespace)) {
        (Some(hpa), _) => {
            let most = hpa
                .at("spec.maxReplicas")
                .as_int()
                .map_or_else(String::new, |m| format!(", at most {} replicas", digits(m as f64)));
            guard("an autoscaler", Guard::Present, format!("{}{most}", hpa.name), Some(cited(&hpa.cite_at("spec"))))
        }
        (None, Looked::Completely) => {
            guard("an autoscaler", Guard::Missing, "they were listed, and none scales it", None)
        }
        (None, _) => guard("an autoscaler", Guard::NotKnown, "HorizontalPodAutoscalers were not collected", None),
    });
}
