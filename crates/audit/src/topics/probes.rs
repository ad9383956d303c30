//! Probes: whether traffic stops before a pod that cannot serve, and whether a restart comes too easily.

use firstfault_model::Value;

use crate::check::{Check, Remark};
use crate::scope::{Scope, Workload};

const PROBES: &str = "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/";

const NO_READINESS: Check = Check {
    code: "FF201",
    title: "no readiness probe behind a Service",
    modes: &["performance.requests-failing", "application.failing", "container.crash-loop"],
    share: 0.3,
    means: "Its Service sends requests to a pod from the moment its process starts, also while it loads, and a roll-out of a broken version goes on to the end.",
    mend: "Add a readinessProbe that asks what a request needs, on the port that the Service uses.",
    reference: PROBES,
};

const SAME_PROBES: Check = Check {
    code: "FF202",
    title: "a liveness probe that is its readiness probe",
    modes: &["probe.liveness-failing", "probe.liveness-too-impatient"],
    share: 0.3,
    means: "Whatever makes it not ready for a moment, such as a slow dependency, restarts it as well, all replicas at once.",
    mend: "Let liveness ask only the process itself, or let it fail much later than readiness (failureThreshold).",
    reference: PROBES,
};

const IMPATIENT: Check = Check {
    code: "FF203",
    title: "an impatient liveness probe",
    modes: &["probe.liveness-too-impatient"],
    share: 0.6,
    means: "One slow answer, or a start that takes a little longer than usual, restarts it; under load that makes the load worse.",
    mend: "Add a startupProbe for the start, and let liveness fail three times over half a minute or more.",
    reference: PROBES,
};

pub(crate) const CHECKS: &[&Check] = &[&NO_READINESS, &SAME_PROBES, &IMPATIENT];

/// A start, with its first requests, that is slower than this many seconds is nothing unusual.
const USUAL_START: i64 = 15;

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for workload in scope.servers() {
        readiness(workload, out);
        for container in workload.containers() {
            liveness(workload, container, out);
        }
    }
}

fn readiness(workload: &Workload<'_>, out: &mut Vec<Remark>) {
    let probed = workload.containers().any(|c| !c.get("readinessProbe").is_null());
    let gated = !workload.spec.get("readinessGates").list().is_empty();
    let Some(service) = workload.services.first().filter(|_| !probed && !gated) else { return };
    // A Service that lists pods which are not ready does not ask for readiness.
    if workload.services.iter().all(|s| s.at("spec.publishNotReadyAddresses").as_bool() == Some(true)) {
        return;
    }
    let alive = workload.containers().any(|c| !c.get("livenessProbe").is_null());
    let what = match alive {
        true => format!("Service {} sends to it, and it has no readiness probe", service.name),
        false => format!("Service {} sends to it, and it has no probe at all", service.name),
    };
    let port = service.at("spec.ports.0.targetPort");
    let port = if port.is_null() { service.at("spec.ports.0.port").show() } else { port.show() };
    let mend = format!(
        "add to its container: readinessProbe: {{tcpSocket: {{port: {port}}}}}, or better an httpGet that asks what a request needs"
    );
    out.push(workload.remark(&NO_READINESS, workload.reach_of_one(), &what).mended_by(&mend));
}

fn liveness(workload: &Workload<'_>, container: &Value, out: &mut Vec<Remark>) {
    let liveness = container.get("livenessProbe");
    if liveness.is_null() {
        return;
    }
    let name = container.get("name").text();
    let readiness = container.get("readinessProbe");
    let number = |probe: &Value, field: &str, default: i64| probe.get(field).as_int().unwrap_or(default);
    let failures = |probe: &Value| number(probe, "failureThreshold", 3);
    let period = |probe: &Value| number(probe, "periodSeconds", 10);
    let lasts = |probe: &Value| period(probe) * failures(probe);
    if asks(liveness).is_some() && asks(liveness) == asks(readiness) && lasts(liveness) <= lasts(readiness) {
        let what = format!("container {name}: liveness and readiness ask the same, and liveness gives up as soon");
        // A dependency that is slow hits all replicas together.
        out.push(workload.remark(&SAME_PROBES, workload.reach, &what));
        return;
    }
    let starts = !container.get("startupProbe").is_null();
    let first = number(liveness, "initialDelaySeconds", 0) + lasts(liveness) - period(liveness)
        + number(liveness, "timeoutSeconds", 1);
    let what = match (failures(liveness), starts) {
        (1, _) => format!("container {name}: one missed answer of its liveness probe restarts it"),
        (_, false) if first < USUAL_START => {
            format!(
                "container {name}: its liveness probe restarts it {first} s after its start, without a startupProbe"
            )
        }
        _ => return,
    };
    out.push(workload.remark(&IMPATIENT, workload.reach_of_one(), &what));
}

/// What a probe asks, without its times.
fn asks(probe: &Value) -> Option<(&'static str, &Value)> {
    ["httpGet", "tcpSocket", "grpc", "exec"].into_iter().map(|how| (how, probe.get(how))).find(|(_, v)| !v.is_null())
}
