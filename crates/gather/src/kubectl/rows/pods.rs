//! Rows of pods, and of what they use.

use firstfault_model::{Map, Value};

use crate::kubectl::table::Row;
use crate::kubectl::{ages, words};

/// A pod.
pub(super) fn pod(row: &Row, body: &mut Value) {
    words::set_known(body, "status.podIP", row.cell("IP"));
    words::set_known(body, "spec.nodeName", row.cell("NODE"));
    words::set_known(body, "status.nominatedNodeName", row.cell("NOMINATED NODE"));
    let ready = words::fraction(row.cell("READY"));
    let status = row.cell("STATUS");
    if !status.is_empty() {
        body.set("status.printed.STATUS", Value::str(status));
    }
    phase(status, body);
    containers(status, ready, body);
    restarts(status, row.cell("RESTARTS"), body);
    readiness(status, ready, body);
}

/// How a pod's STATUS is to be understood.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Running,
    Unstarted,
    Gone,
    Waiting,
    Ended,
    Rejected,
    Nothing,
}

fn told(status: &str) -> Told {
    match status {
        "Running" | "NotReady" => Told::Running,
        "Pending" | "SchedulingGated" => Told::Unstarted,
        "Terminating" | "Unknown" | "NodeLost" | "" => Told::Gone,
        "Completed"
        | "Succeeded"
        | "Error"
        | "OOMKilled"
        | "ContainerCannotRun"
        | "StartError"
        | "DeadlineExceeded"
        | "ContainerStatusUnknown" => Told::Ended,
        "Evicted"
        | "NodeAffinity"
        | "Preempting"
        | "UnexpectedAdmissionError"
        | "Shutdown"
        | "Terminated"
        | "NodeShutdown"
        | "TopologyAffinityError"
        | "Failed" => Told::Rejected,
        _ if status.starts_with("OutOf") => Told::Rejected,
        _ if status.starts_with("ExitCode:") || status.starts_with("Signal:") => Told::Ended,
        _ if status.starts_with("Init:") => Told::Nothing,
        _ => Told::Waiting,
    }
}

fn phase(status: &str, body: &mut Value) {
    let phase = match told(status) {
        Told::Running => "Running",
        Told::Unstarted | Told::Nothing => "Pending",
        Told::Waiting if status == "CrashLoopBackOff" => "Running",
        Told::Waiting => "Pending",
        Told::Ended if matches!(status, "Completed" | "Succeeded") => "Succeeded",
        Told::Ended => "",
        Told::Rejected => "Failed",
        Told::Gone if matches!(status, "Unknown" | "NodeLost") => "Unknown",
        Told::Gone => "",
    };
    words::set_known(body, "status.phase", phase);
    match status {
        "Terminating" => body.set("metadata.deletionTimestamp", Value::Bool(true)),
        "SchedulingGated" => {
            words::push(body, "status.conditions", words::condition("PodScheduled", "False", "SchedulingGated", ""));
        }
        "NodeLost" => body.set("status.reason", Value::str(status)),
        _ if told(status) == Told::Rejected && status != "Failed" => body.set("status.reason", Value::str(status)),
        _ => {}
    }
}

/// No row tells more containers than this.
const MOST_CONTAINERS: i64 = 100;

fn containers(status: &str, ready: Option<(i64, i64)>, body: &mut Value) {
    if let Some(init) = status.strip_prefix("Init:") {
        body.set("status.initContainerStatuses", init_containers(init));
    }
    let Some((ready, total)) = ready.filter(|&(ready, total)| ready >= 0 && ready <= total && total <= MOST_CONTAINERS)
    else {
        return;
    };
    let sick = state(status);
    let mut statuses = Vec::new();
    for at in 0..total {
        let is_ready = at >= total - ready;
        let mut container = Value::default();
        container.set("ready", Value::Bool(is_ready));
        if is_ready {
            container.set("state.running", Value::Map(Map::default()));
        } else if let Some(state) = &sick {
            container.set("state", state.clone());
        }
        statuses.push(container);
    }
    if told(status) != Told::Unstarted && total > 0 {
        body.set("status.containerStatuses", Value::List(statuses));
    }
}

/// The state of the containers that are not ready.
fn state(status: &str) -> Option<Value> {
    let mut state = Value::default();
    match told(status) {
        Told::Running => state.set("running", Value::Map(Map::default())),
        Told::Waiting => state.set("waiting.reason", Value::str(status)),
        Told::Nothing => state.set("waiting.reason", Value::str("PodInitializing")),
        Told::Ended => {
            let (reason, code) = ended(status);
            state.set("terminated.reason", Value::str(reason));
            if let Some(code) = code {
                state.set("terminated.exitCode", Value::Int(code));
            }
        }
        Told::Unstarted | Told::Gone | Told::Rejected => return None,
    }
    Some(state)
}

fn ended(status: &str) -> (&str, Option<i64>) {
    match status {
        "Completed" | "Succeeded" => ("Completed", Some(0)),
        "OOMKilled" => ("OOMKilled", Some(137)),
        _ => match status.split_once(':') {
            Some(("ExitCode", code)) => ("Error", code.parse().ok()),
            Some(("Signal", signal)) => ("Error", signal.parse::<i64>().ok().and_then(|s| s.checked_add(128))),
            _ => (status, None),
        },
    }
}

/// `Init:1/3` is the second of three running; `Init:Error` one that failed.
fn init_containers(init: &str) -> Value {
    if let Some((done, total)) = words::fraction(init) {
        let total = total.clamp(0, MOST_CONTAINERS);
        let status = |at: i64| {
            let mut container = Value::default();
            if at < done {
                container.set("state.terminated.reason", Value::str("Completed"));
                container.set("state.terminated.exitCode", Value::Int(0));
                container.set("ready", Value::Bool(true));
            } else {
                container.set("ready", Value::Bool(false));
            }
            container
        };
        return Value::List((0..total).map(status).collect());
    }
    let mut container = Value::default();
    container.set("ready", Value::Bool(false));
    let field = if told(init) == Told::Ended { "terminated" } else { "waiting" };
    let (reason, code) = if field == "terminated" { ended(init) } else { (init, None) };
    container.set(&format!("state.{field}.reason"), Value::str(reason));
    if let Some(code) = code {
        container.set("state.terminated.exitCode", Value::Int(code));
    }
    Value::List(vec![container])
}

/// `3 (5m ago)`.
fn restarts(status: &str, cell: &str, body: &mut Value) {
    let (count, ago) = match cell.split_once('(') {
        Some((count, ago)) => (count.trim(), ago.trim_end_matches(')').trim_end_matches(" ago")),
        None => (cell.trim(), ""),
    };
    let Some(count) = words::number(count) else { return };
    body.set("status.printedRestarts", count.clone());
    if let Some(ago) = ages::seconds(ago) {
        body.set("status.printedLastRestartAge", Value::Int(ago));
    }
    // The row counts all containers together (while they start, the init containers); the one
    // that is not ready comes first.
    let list = if status.starts_with("Init:") { "initContainerStatuses" } else { "containerStatuses" };
    if body.at("status").get(list).is_null() {
        return;
    }
    if let Value::List(containers) = body.entry("status").entry(list) {
        if let Some(first) = containers.iter_mut().find(|container| container.at("ready").as_bool() == Some(false)) {
            first.set("restartCount", count);
        } else if let Some(first) = containers.first_mut() {
            first.set("restartCount", count);
        }
    }
}

fn readiness(status: &str, ready: Option<(i64, i64)>, body: &mut Value) {
    let Some((ready, total)) = ready else { return };
    if matches!(told(status), Told::Running | Told::Waiting | Told::Nothing) {
        let truth = if ready == total && status == "Running" { "True" } else { "False" };
        words::push(body, "status.conditions", words::condition("Ready", truth, "", ""));
    }
}

/// `kubectl top pods`.
pub(super) fn pod_metrics(row: &Row, body: &mut Value) {
    let mut usage = Value::default();
    words::set_known(&mut usage, "cpu", row.cell("CPU(cores)"));
    words::set_known(&mut usage, "memory", row.cell("MEMORY(bytes)"));
    let mut container = Value::default();
    if row.has("POD") {
        words::set_known(&mut container, "name", row.cell("NAME"));
    }
    container.set("usage", usage);
    body.set("containers", Value::List(vec![container]));
}

/// `kubectl top nodes`.
pub(super) fn node_metrics(row: &Row, body: &mut Value) {
    words::set_known(body, "usage.cpu", row.cell("CPU(cores)"));
    words::set_known(body, "usage.memory", row.cell("MEMORY(bytes)"));
    for (title, field) in [("CPU%", "cpu"), ("CPU(%)", "cpu"), ("MEMORY%", "memory"), ("MEMORY(%)", "memory")] {
        if let Some(percent) = words::number(row.cell(title).trim_end_matches('%')) {
            body.set(&format!("usagePercent.{field}"), percent);
        }
    }
}
