//! Gateways and proxies whose own configuration sends a path to the wrong place.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_gather::{Alert, Object, World};
use firstfault_model::{Entity, Evidence, Finding, Grade, Name, Relation};

use super::backends::Backends;
use super::nearness::{extends, mistyped};
use super::proxy_routes::{Route, dialect, routes};
use super::targets::{Target, Targets, ports_of};
use crate::application::cite;
use crate::registry::declare;

declare! {
    /// Its path is routed to another Service.
    MISROUTED = "gateway.path-misrouted", "has its path routed to another Service", Never, State;
    /// Its path is routed nowhere, while the others' are.
    NOT_ROUTED = "gateway.path-not-routed", "has no route although requests for its path arrive", Rarely, State;
    /// The configuration names a backend that does not exist.
    BACKEND_UNKNOWN = "gateway.backend-unknown", "routes to a host that no Service has", Never, State;
    /// The configuration names a port that the backend does not have.
    BACKEND_PORT = "gateway.backend-port-unknown", "routes to a port that the Service does not have", Never, State;
    /// Requests for its path are answered with 404.
    NOT_FOUND = "alert.path-not-found", "has its paths answered with 404", Rarely, Infrastructure;
}

/// A ConfigMap that holds a gateway's routes.
struct Table<'w> {
    map: &'w Object,
    proxy: &'static str,
    routes: Vec<Route>,
}

/// Looks at the routes in every ConfigMap.
pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let tables: Vec<Table> = world.kind("ConfigMap").flat_map(tables_of).collect();
    if tables.is_empty() {
        return;
    }
    let backends = Backends::of(world);
    let targets = Targets::of(world);
    for table in &tables {
        let namespace = table.map.namespace.as_deref().unwrap_or_default();
        let names = Names::of(world, &backends, namespace);
        unknown_backends(world, &targets, &names, table, namespace, findings);
        misrouted(world, &backends, &names, table, findings);
        not_routed(world, &backends, &names, table, findings);
    }
}

fn tables_of(map: &Object) -> Vec<Table<'_>> {
    let texts = map.at("data").entries().filter_map(|(_, value)| value.as_str());
    texts
        .filter_map(|text| {
            let proxy = dialect(text)?.name();
            let routes = routes(text);
            (!routes.is_empty()).then_some(Table { map, proxy, routes })
        })
        .collect()
}

/// What Services and workloads of a namespace are called, without the words that all share.
struct Names {
    /// Core word to the Service or workload; cores of several are left out.
    by_core: BTreeMap<String, Name>,
    shared: BTreeSet<String>,
}

/// Words that say what kind of thing a name is, not which.
const KINDS: [&str; 10] = ["service", "svc", "server", "api", "app", "backend", "deployment", "srv", "ms", "micro"];

impl Names {
    fn of(world: &World, backends: &Backends, namespace: &str) -> Self {
        let mut names: BTreeSet<Name> = world.kind_in("Service", Some(namespace)).map(|s| s.name.clone()).collect();
        names.extend(
            backends
                .in_namespace(Some(namespace))
                .iter()
                .filter(|b| b.entity.kind != "Pod")
                .map(|b| b.entity.name.clone()),
        );
        let mut first_words: BTreeMap<&str, usize> = BTreeMap::new();
        for name in &names {
            *first_words.entry(name.split('-').next().unwrap_or(name)).or_default() += 1;
        }
        // A prefix of the whole system ("acme-stock", "acme-mail", …) tells nothing apart.
        let common = |count: usize| count >= 3 && count * 2 > names.len();
        let shared: BTreeSet<String> =
            first_words.into_iter().filter(|(_, n)| common(*n)).map(|(word, _)| word.to_owned()).collect();
        let mut by_core: BTreeMap<String, Vec<Name>> = BTreeMap::new();
        for name in names {
            let core = core(&name, &shared);
            if core.len() >= 3 {
                by_core.entry(core).or_default().push(name);
            }
        }
        let by_core = by_core
            .into_iter()
            .filter(|(_, names)| names.len() == 1)
            .map(|(core, mut names)| (core, names.remove(0)))
            .collect();
        Self { by_core, shared }
    }

    /// The one that a path names: the first of its words that is a name.
    fn named_by(&self, path: &str) -> Option<&Name> {
        let words = path.split(['/', '?']).filter(|word| !word.is_empty() && !word.contains(['*', '{', '$', ':']));
        words.take(4).filter(|word| !is_version(word)).find_map(|word| self.by_core.get(&core(word, &self.shared)))
    }
}

fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
        || KINDS.contains(&word)
}

/// The letters of a name that tell it apart: `acme-stock-service`, `stockservice` and `Stock` are `stock`.
fn core(name: &str, shared: &BTreeSet<String>) -> String {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let words = match words.split_first() {
        Some((first, rest)) if shared.contains(*first) && !rest.is_empty() => rest,
        _ => &words[..],
    };
    let words = match words.split_last() {
        Some((last, rest)) if KINDS.contains(last) && !rest.is_empty() => rest,
        _ => words,
    };
    let joined = words.concat();
    let bare = KINDS.iter().find_map(|kind| joined.strip_suffix(kind)).filter(|bare| bare.len() >= 3);
    bare.unwrap_or(&joined).to_owned()
}

/// Paths that name one Service and lead to another.
fn misrouted(world: &World, backends: &Backends, names: &Names, table: &Table, findings: &mut Vec<Finding>) {
    let first = |host: &str| host.split('.').next().unwrap_or(host).to_owned();
    let named: Vec<(&Route, &Name)> =
        table.routes.iter().filter_map(|r| names.named_by(&r.path).map(|n| (r, n))).collect();
    let straight = named.iter().filter(|(route, name)| first(&route.host) == name.as_str()).count();
    for (route, name) in &named {
        let to = first(&route.host);
        let reached_otherwise = table.routes.iter().any(|r| first(&r.host) == name.as_str());
        let variant = core(&to, &names.shared).starts_with(&core(name, &names.shared)) && extends(&to, name);
        if to == name.as_str() || reached_otherwise || variant {
            continue;
        }
        let id_agrees = !route.id.is_empty() && core(&route.id, &names.shared) == core(name, &names.shared);
        let failing = not_found(world, &route.path);
        let known = names.by_core.values().any(|n| n.as_str() == to);
        let most_are_straight = straight >= 2 && straight * 4 >= (named.len()) * 3;
        let grade = match (most_are_straight, id_agrees, failing.is_some()) {
            (true, true, _) | (_, _, true) => Grade::Certain,
            (true, false, false) if known => Grade::Strong,
            (false, true, false) => Grade::Strong,
            _ => Grade::Fair,
        };
        let excerpt = format!("ConfigMap {}: path {} -> {}", table.map.name, route.path, route.host);
        let entity = workload_of(world, backends, table.map, name);
        findings.push(
            Finding::new(&MISROUTED, entity, table.map.cite(&excerpt))
                .graded(grade)
                .with("path", route.path.clone())
                .with("goes_to", to)
                .with("proxy", table.proxy)
                .with("config", table.map.name.to_string())
                .citing(failing.map(|a| a.evidence.clone()))
                .about(table.map.entity()),
        );
    }
}

/// The workload behind a Service's name, else the Service.
fn workload_of(world: &World, backends: &Backends, map: &Object, name: &str) -> Entity {
    let namespace = map.namespace.as_deref();
    let service = world.object("Service", namespace, name);
    let selected = service.and_then(|s| backends.selected_by(s).first().map(|b| b.entity.clone()));
    let namesake = || backends.in_namespace(namespace).iter().find(|b| b.entity.name == name).map(|b| b.entity.clone());
    selected.or_else(namesake).unwrap_or_else(|| Entity::namespaced("Service", namespace.unwrap_or_default(), name))
}

/// An alert that says 404 of a path under a prefix.
fn not_found<'w>(world: &'w World, prefix: &str) -> Option<&'w Alert> {
    let prefix = prefix.trim_end_matches(['*', '/']);
    if prefix.len() < 2 {
        return None;
    }
    world.alerts.iter().find(|alert| {
        says_404(alert) && (alert.summary.contains(prefix) || alert.labels.values().any(|v| v.contains(prefix)))
    })
}

fn says_404(alert: &Alert) -> bool {
    let says = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "404");
    says(&alert.summary) || says(&alert.name) || alert.labels.values().any(|v| says(v))
}

/// 404 for a path that names a Service for which there is no route, while most have one.
fn not_routed(world: &World, backends: &Backends, names: &Names, table: &Table, findings: &mut Vec<Finding>) {
    for alert in world.alerts.iter().filter(|alert| says_404(alert)) {
        let paths = alert
            .labels
            .values()
            .map(String::as_str)
            .chain(alert.summary.split_whitespace())
            .filter(|t| t.starts_with('/'));
        for path in paths {
            let Some(name) = names.named_by(path) else { continue };
            let entity = workload_of(world, backends, table.map, name);
            findings.push(
                Finding::new(&NOT_FOUND, entity.clone(), alert.evidence.clone())
                    .with("path", path)
                    .seen(alert.since, None),
            );
            let covered = table.routes.iter().any(|r| {
                let prefix = r.path.trim_end_matches(['*', '/']);
                path.starts_with(prefix) || r.host.split('.').next() == Some(name.as_str())
            });
            if !covered && table.routes.len() >= 3 {
                let evidence = table.map.cite(&format!(
                    "ConfigMap {}: {} routes, none for {path}",
                    table.map.name,
                    table.routes.len()
                ));
                let finding = Finding::new(&NOT_ROUTED, entity, evidence).citing([alert.evidence.clone()]);
                findings.push(
                    finding
                        .with("path", path)
                        .with("proxy", table.proxy)
                        .with("config", table.map.name.to_string())
                        .about(table.map.entity()),
                );
            }
        }
    }
}

/// Hosts and ports of routes against the Services.
/// A line in a reader's log that says that a host of the table does not resolve.
fn unresolved(world: &World, map: &Entity, host: &str) -> Option<Evidence> {
    let reads = |carrier: &Entity| {
        let relations = &world.relations;
        relations.iter().any(|(from, r, to, _)| *r == Relation::ReadsConfig && to == map && from == carrier)
    };
    let logs = world.logs.iter().filter(|log| reads(&world.carrier_of(&log.entity)));
    logs.flat_map(|log| log.digest.hits.iter().map(move |hit| (log, hit)))
        .find(|(_, hit)| hit.finding.id == "log.name-not-resolved" && names_host(hit.latest.text.as_str(), host))
        .map(|(log, hit)| cite(log, &hit.latest))
}

fn names_host(text: &str, host: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))).any(|word| word == host)
}

fn unknown_backends(
    world: &World,
    targets: &Targets,
    names: &Names,
    table: &Table,
    namespace: &str,
    findings: &mut Vec<Finding>,
) {
    let mut said = BTreeSet::new();
    for route in &table.routes {
        let excerpt = format!("ConfigMap {}: path {} -> {}", table.map.name, route.path, route.host);
        if !said.insert((route.host.clone(), route.port)) {
            continue;
        }
        let fill = |finding: Finding| {
            finding.with("path", route.path.clone()).with("host", route.host.clone()).with("proxy", table.proxy)
        };
        match targets.resolve(&route.host, namespace) {
            Target::Missing(service) => {
                let near = names.by_core.values().find(|n| mistyped(n, &service.name) || extends(n, &service.name));
                // A table often lists what is not deployed; a name that differs by a letter was meant.
                // So was one that the proxy itself has looked for in vain.
                let said = unresolved(world, &table.map.entity(), &route.host);
                let grade = if near.is_some() || said.is_some() { Grade::Certain } else { Grade::Weak };
                let finding = Finding::new(&BACKEND_UNKNOWN, table.map.entity(), table.map.cite(&excerpt));
                let finding = fill(finding.graded(grade).citing(said));
                findings
                    .push(near.into_iter().fold(finding, |f, near| f.with("near", near.to_string())).about(service));
            }
            Target::Service(service) => {
                let ports = ports_of(service);
                let Some(port) = route.port.filter(|p| !ports.is_empty() && !ports.contains(&i64::from(*p))) else {
                    continue;
                };
                if service.at("spec.clusterIP").text() == "None" {
                    continue;
                }
                let has = ports.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
                let finding =
                    Finding::new(&BACKEND_PORT, table.map.entity(), table.map.cite(&format!("{excerpt}:{port}")))
                        .graded(Grade::Certain);
                findings.push(fill(finding).with("port", port.to_string()).with("has", has).about(service.entity()));
            }
            Target::Elsewhere => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Sample, ids};

    fn gateway(mail_goes_to: &str) -> Sample {
        let text = ["stock", "mail", "cart", "offers"].map(|name| {
            let to = if name == "mail" { mail_goes_to } else { name };
            format!("        - id: {name}\\n          uri: lb://acme-{to}-service\\n          predicates:\\n            - Path=/api/v1/{name}service/**\\n")
        });
        let body = format!(r#"{{"data":{{"application.yml":"spring:\n  routes:\n{}"}}}}"#, text.concat());
        let mut sample = Sample::default().api("ConfigMap/shop/gateway", &body).listed(&["Service"]);
        for name in ["stock", "mail", "cart", "offers"] {
            sample = sample.api(&format!("Service/shop/acme-{name}-service"), r#"{"spec":{"ports":[{"port":80}]}}"#);
        }
        sample
    }

    #[test]
    fn a_path_that_leads_to_another_service_stands_out_among_its_peers() {
        let found = gateway("cart").found(detect);
        assert_eq!(ids(&found), ["gateway.path-misrouted"]);
        assert_eq!(found[0].entity.name.as_str(), "acme-mail-service");
        assert_eq!(found[0].field("goes_to"), "acme-cart-service");
        assert_eq!(found[0].grade, Grade::Certain);
    }

    #[test]
    fn straight_routes_and_a_canary_are_well() {
        assert!(gateway("mail").found(detect).is_empty());
    }

    #[test]
    fn a_mistyped_backend_is_seen() {
        let found = gateway("mial").found(detect);
        assert!(ids(&found).contains(&"gateway.backend-unknown"));
    }

    #[test]
    fn names_are_compared_without_what_all_share() {
        let shared = BTreeSet::from(["acme".to_owned()]);
        assert_eq!(core("acme-stock-service", &shared), "stock");
        assert_eq!(core("stockservice", &shared), "stock");
        assert_eq!(core("order-other", &shared), "orderother");
    }
}
