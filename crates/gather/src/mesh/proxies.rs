//! `istioctl proxy-status`: which proxies have taken the configuration that they were sent.

use firstfault_model::{Entity, Problem};

use super::ProxySync;
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host::{cite, head};
use crate::kubectl::Columns;

pub(super) const STATUS: Format = Format { name: "istioctl proxy-status", recognise, read };
pub(super) const CONFIG: Format =
    Format { name: "a proxy's configuration: not used", recognise: is_config, read: |_, _| {} };

/// The kinds of configuration that have a column.
const TYPES: &[&str] = &["CDS", "LDS", "EDS", "RDS", "ECDS"];

fn ran(chunk: &Chunk<'_>, verbs: &[&str]) -> bool {
    chunk.command.is_some_and(|c| c.program() == "istioctl" && c.has(verbs))
}

fn is_header(line: &str) -> bool {
    let mut words = line.split_whitespace();
    matches!(words.next(), Some("NAME" | "PROXY")) && ["CDS", "LDS"].iter().all(|t| line.contains(t))
}

fn recognise(chunk: &Chunk<'_>) -> u8 {
    let shown = head(chunk).take(3).any(is_header);
    match (ran(chunk, &["proxy-status", "ps"]), shown) {
        // With a pod's name it prints the differences of two configurations.
        (true, true) => 95,
        (false, true) if chunk.command.is_none() => 90,
        (true, false) => 40,
        _ => 0,
    }
}

fn is_config(chunk: &Chunk<'_>) -> u8 {
    if ran(chunk, &["proxy-config", "pc"]) { 95 } else { 0 }
}

fn read(chunk: &Chunk<'_>, out: &mut Yield) {
    let mut columns: Option<Columns> = None;
    for (index, line) in chunk.text.lines().enumerate() {
        if is_header(line) {
            columns = Columns::of(line);
            continue;
        }
        let Some(known) = columns.as_ref().filter(|_| !line.trim().is_empty()) else { continue };
        let Some(cells) = known.cells(line) else {
            let place = cite(chunk, index, "").place;
            out.problems.push(Problem { place, what: "the row does not fit its header".to_owned() });
            continue;
        };
        let Some((name, namespace)) = cells.first().and_then(|name| name.rsplit_once('.')) else { continue };
        let state = |kind: &str| known.position(kind).and_then(|at| cells.get(at)).copied().unwrap_or_default();
        // NOT SENT: there is nothing to send, as of routes to a gateway without any.
        let stale = TYPES.iter().filter(|kind| state(kind).starts_with("STALE")).map(|kind| (*kind).to_owned());
        out.mesh.proxies.push(ProxySync {
            pod: Entity::namespaced("Pod", namespace, name),
            stale: stale.collect(),
            evidence: cite(chunk, index, line),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::read_one_text;

    fn told(text: &str) -> Vec<String> {
        let out = read_one_text("a.txt", Some("istioctl proxy-status"), text);
        assert_eq!((out.read_as.as_str(), out.problems.len()), ("istioctl proxy-status", 0));
        out.mesh.proxies.iter().map(|p| format!("{} {}", p.pod, p.stale.join(","))).collect()
    }

    #[test]
    fn the_table_of_each_version() {
        let old = "PROXY                    CDS        LDS        EDS               RDS          PILOT                  VERSION\napi-6dcc-wsjz4.shop      SYNCED     SYNCED     SYNCED (100%)     STALE        istio-pilot-75bd-tf    1.1.2\n";
        assert_eq!(told(old), ["Pod/shop/api-6dcc-wsjz4 RDS"]);
        let new = "NAME                   CLUSTER        CDS                LDS        EDS        RDS          ECDS         ISTIOD             VERSION\ngw-66c9-cmb7x.edge     Kubernetes     SYNCED (13m)       SYNCED     SYNCED     NOT SENT     NOT SENT     istiod-6cf8-wm     1.22.1\napi-0.shop             Kubernetes     STALE (Never Acknowledged)     STALE     SYNCED     SYNCED     NOT SENT     istiod-6cf8-wm     1.22.1\n";
        assert_eq!(told(new), ["Pod/edge/gw-66c9-cmb7x ", "Pod/shop/api-0 CDS,LDS"]);
        assert_eq!(read_one_text("proxies.txt", None, new).mesh.proxies.len(), 2);
    }

    #[test]
    fn a_proxys_configuration_is_named() {
        let out = read_one_text(
            "a.txt",
            Some("istioctl pc cluster api-0.shop"),
            "SERVICE FQDN   PORT   SUBSET\nx   80   -\n",
        );
        assert_eq!(out.read_as, "a proxy's configuration: not used");
    }
}
