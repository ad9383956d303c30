//! Rows of what runs pods, scales them or guards them.

use firstfault_model::{Map, Value};

use crate::kubectl::table::Row;
use crate::kubectl::{ages, words};

/// Containers, images and selector of the wide form.
fn template(row: &Row, at: &str, body: &mut Value) {
    if let Some(names) = row.known("CONTAINERS").or(row.known("CONTAINER(S)")) {
        let images = row.known("IMAGES").or(row.known("IMAGE(S)")).unwrap_or("");
        body.set(&format!("{at}.template.spec.containers"), words::containers(names, images));
    }
    if let Some(selector) = row.known("SELECTOR") {
        body.set("spec.selector", words::selector(selector));
    }
}

/// A Deployment.
pub(super) fn deployment(row: &Row, body: &mut Value) {
    let (ready, wanted) = match words::fraction(row.cell("READY")) {
        Some(both) => (Some(both.0), Some(both.1)),
        None => (None, row.cell("DESIRED").parse().ok()),
    };
    if let Some(ready) = ready {
        body.set("status.readyReplicas", Value::Int(ready));
    }
    words::set_number(body, "status.replicas", row.cell("CURRENT"));
    words::set_number(body, "status.updatedReplicas", row.cell("UP-TO-DATE"));
    words::set_number(body, "status.availableReplicas", row.cell("AVAILABLE"));
    if let Some(wanted) = wanted {
        body.set("spec.replicas", Value::Int(wanted));
        // With a surge more may be unavailable than the row tells; that none is cannot be said.
        if let Some(available) = row.cell("AVAILABLE").parse::<i64>().ok().filter(|available| *available < wanted) {
            body.set("status.unavailableReplicas", Value::Int(wanted.saturating_sub(available)));
        }
    }
    template(row, "spec", body);
}

/// A ReplicaSet or ReplicationController.
pub(super) fn replica_set(row: &Row, body: &mut Value) {
    words::set_number(body, "spec.replicas", row.cell("DESIRED"));
    words::set_number(body, "status.replicas", row.cell("CURRENT"));
    words::set_number(body, "status.readyReplicas", row.cell("READY"));
    template(row, "spec", body);
}

/// A StatefulSet.
pub(super) fn stateful_set(row: &Row, body: &mut Value) {
    if let Some((ready, wanted)) = words::fraction(row.cell("READY")) {
        body.set("spec.replicas", Value::Int(wanted));
        body.set("status.readyReplicas", Value::Int(ready));
    }
    words::set_number(body, "spec.replicas", row.cell("DESIRED"));
    words::set_number(body, "status.replicas", row.cell("CURRENT"));
    template(row, "spec", body);
}

/// A DaemonSet.
pub(super) fn daemon_set(row: &Row, body: &mut Value) {
    words::set_number(body, "status.desiredNumberScheduled", row.cell("DESIRED"));
    words::set_number(body, "status.currentNumberScheduled", row.cell("CURRENT"));
    words::set_number(body, "status.numberReady", row.cell("READY"));
    words::set_number(body, "status.updatedNumberScheduled", row.cell("UP-TO-DATE"));
    words::set_number(body, "status.numberAvailable", row.cell("AVAILABLE"));
    let counts = (row.cell("DESIRED").parse::<i64>(), row.cell("AVAILABLE").parse::<i64>());
    if let (Ok(desired), Ok(available)) = counts {
        body.set("status.numberUnavailable", Value::Int(desired.saturating_sub(available).max(0)));
    }
    if let Some(selector) = row.known("NODE SELECTOR").or(row.known("NODE-SELECTOR")) {
        body.set("spec.template.spec.nodeSelector", words::labels(selector));
    }
    template(row, "spec", body);
}

/// A Job.
pub(super) fn job(row: &Row, body: &mut Value) {
    let completions = row.cell("COMPLETIONS");
    if let Some((done, wanted)) = completions.split_once('/') {
        words::set_number(body, "status.succeeded", done);
        let (wanted, parallel) = wanted.split_once(" of ").unwrap_or((wanted, ""));
        words::set_number(body, if parallel.is_empty() { "spec.completions" } else { "spec.parallelism" }, wanted);
        words::set_number(body, "spec.parallelism", parallel);
    }
    match row.cell("STATUS") {
        "Complete" => words::push(body, "status.conditions", words::condition("Complete", "True", "", "")),
        "Failed" => words::push(body, "status.conditions", words::condition("Failed", "True", "", "")),
        "SuccessCriteriaMet" => {
            words::push(body, "status.conditions", words::condition("SuccessCriteriaMet", "True", "", ""));
        }
        "FailureTarget" => words::push(body, "status.conditions", words::condition("FailureTarget", "True", "", "")),
        "Suspended" => {
            body.set("spec.suspend", Value::Bool(true));
            words::push(body, "status.conditions", words::condition("Suspended", "True", "", ""));
        }
        "Terminating" => body.set("metadata.deletionTimestamp", Value::Bool(true)),
        _ => {}
    }
    if let Some(seconds) = row.known("DURATION").and_then(ages::seconds) {
        body.set("status.printedDuration", Value::Int(seconds));
    }
    template(row, "spec", body);
}

/// A CronJob.
pub(super) fn cron_job(row: &Row, body: &mut Value) {
    words::set_known(body, "spec.schedule", row.cell("SCHEDULE"));
    words::set_known(body, "spec.timeZone", row.cell("TIMEZONE"));
    match row.cell("SUSPEND") {
        "True" | "true" => body.set("spec.suspend", Value::Bool(true)),
        "False" | "false" => body.set("spec.suspend", Value::Bool(false)),
        _ => {}
    }
    words::set_number(body, "status.printedActive", row.cell("ACTIVE"));
    if let Some(seconds) = row.known("LAST SCHEDULE").and_then(ages::seconds) {
        body.set("status.printedLastScheduleAge", Value::Int(seconds));
    }
    if let Some(names) = row.known("CONTAINERS") {
        let containers = words::containers(names, row.known("IMAGES").unwrap_or(""));
        body.set("spec.jobTemplate.spec.template.spec.containers", containers);
    }
}

/// A HorizontalPodAutoscaler.
pub(super) fn autoscaler(row: &Row, body: &mut Value) {
    if let Some((kind, name)) = row.cell("REFERENCE").split_once('/') {
        body.set("spec.scaleTargetRef", words::map([("kind", Value::str(kind)), ("name", Value::str(name))]));
    }
    words::set_number(body, "spec.minReplicas", row.cell("MINPODS"));
    words::set_number(body, "spec.maxReplicas", row.cell("MAXPODS"));
    words::set_number(body, "status.currentReplicas", row.cell("REPLICAS"));
    let targets = row.cell("TARGETS");
    words::set_known(body, "status.printed.TARGETS", targets);
    for target in words::split_outside_brackets(targets, ',') {
        autoscaler_target(target.trim(), body);
    }
}

/// One target: `cpu: 45%/80%`, `45%/80%`, `<unknown>/60%`, `cpu: 120m/100m (avg)`.
fn autoscaler_target(target: &str, body: &mut Value) {
    let (name, values) = match target.split_once(": ") {
        Some((name, values)) => (name.trim(), values),
        None => ("", target),
    };
    let Some((current, wanted)) = values.split_once('/') else { return };
    let is_resource = matches!(name, "cpu" | "memory") || (name.is_empty() && wanted.ends_with('%'));
    if !is_resource {
        return;
    }
    let name = if name.is_empty() { "cpu" } else { name };
    let metric = |text: &str, field: &str| {
        let mut value = Map::default();
        match text.trim().strip_suffix('%').and_then(words::number) {
            Some(percent) => *value.entry("averageUtilization") = percent,
            None => *value.entry("averageValue") = Value::str(text.trim().trim_end_matches(" (avg)")),
        }
        let resource = words::map([("name", Value::str(name)), (field, Value::Map(value))]);
        words::map([("type", Value::str("Resource")), ("resource", resource)])
    };
    words::push(body, "spec.metrics", metric(wanted, "target"));
    if words::known(current).is_some() {
        words::push(body, "status.currentMetrics", metric(current, "current"));
    }
}

/// A PodDisruptionBudget.
pub(super) fn disruption_budget(row: &Row, body: &mut Value) {
    for (title, path) in [("MIN AVAILABLE", "spec.minAvailable"), ("MAX UNAVAILABLE", "spec.maxUnavailable")] {
        if let Some(value) = row.known(title) {
            body.set(path, words::number_or_text(value));
        }
    }
    words::set_number(body, "status.disruptionsAllowed", row.cell("ALLOWED DISRUPTIONS"));
}
