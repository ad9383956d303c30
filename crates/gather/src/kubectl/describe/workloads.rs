//! What runs pods.

use firstfault_model::Value;

use super::grid::{Grid, time};
use super::tree::Node;
use super::{Description, metadata, pods};
use crate::kubectl::words;

/// Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet.
pub(super) fn fill(description: &Description, body: &mut Value) {
    if let Some(template) = pods::template(description) {
        body.set("spec.template", template);
    }
    if let Some(selector) = words::known(description.value("Selector")) {
        let selector = words::selector(selector);
        let plain = description.kind == "ReplicationController";
        body.set("spec.selector", if plain { selector.at("matchLabels").clone() } else { selector });
    }
    if let Some(grid) = description.find("Conditions").and_then(Grid::under) {
        body.set("status.conditions", grid.conditions());
    }
    replicas(description, body);
    roll_out(description, body);
    daemon_set(description, body);
    pods_status(description, body);
    if description.kind == "StatefulSet" {
        claim_templates(description, body);
    }
}

/// `3 desired | 3 updated | 3 total | 3 available | 0 unavailable` or `1 current / 2 desired`.
fn replicas(description: &Description, body: &mut Value) {
    for part in description.value("Replicas").split(['|', '/']) {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let field = match what.trim() {
            "desired" => "spec.replicas",
            "updated" => "status.updatedReplicas",
            "total" | "current" => "status.replicas",
            "available" => "status.availableReplicas",
            "unavailable" => "status.unavailableReplicas",
            _ => continue,
        };
        words::set_number(body, field, number);
    }
}

fn roll_out(description: &Description, body: &mut Value) {
    words::set_known(body, "spec.strategy.type", description.value("StrategyType"));
    words::set_number(body, "spec.minReadySeconds", description.value("MinReadySeconds"));
    for part in description.value("RollingUpdateStrategy").split(',') {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let field = if what.contains("unavailable") { "maxUnavailable" } else { "maxSurge" };
        body.set(&format!("spec.strategy.rollingUpdate.{field}"), words::number_or_text(number));
    }
    words::set_known(body, "spec.updateStrategy.type", description.value("Update Strategy"));
    if let Some(partition) = description.find("Update Strategy").map(|node| node.value_of("Partition")) {
        words::set_number(body, "spec.updateStrategy.rollingUpdate.partition", partition);
    }
    for (key, field) in [("OldReplicaSets", "oldReplicaSets"), ("NewReplicaSet", "newReplicaSet")] {
        if let Some(node) = description.find(key).filter(|node| words::known(node.value).is_some()) {
            body.set(&format!("status.printed.{field}"), Value::str(&node.text()));
        }
    }
    // A paused Deployment says so in its condition only.
    let paused = |condition: &Value| condition.at("reason").text() == "DeploymentPaused";
    if body.at("status.conditions").list().iter().any(paused) {
        body.set("spec.paused", Value::Bool(true));
    }
}

fn daemon_set(description: &Description, body: &mut Value) {
    for (key, field) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        words::set_number(body, &format!("status.{field}"), description.value(key));
    }
    let desired = body.at("status.desiredNumberScheduled").as_int();
    let available = body.at("status.numberAvailable").as_int();
    if let (Some(desired), Some(available)) = (desired, available) {
        body.set("status.numberUnavailable", Value::Int(desired.saturating_sub(available).max(0)));
    }
    if let Some(selector) = words::known(description.value("Node-Selector")) {
        body.set("spec.template.spec.nodeSelector", words::labels(selector));
    }
}

/// `3 Running / 0 Waiting / 0 Succeeded / 0 Failed`: counts of pods by phase.
fn pods_status(description: &Description, body: &mut Value) {
    for part in description.value("Pods Status").split('/') {
        if let Some((number, what)) = part.trim().split_once(' ') {
            words::set_number(body, &format!("status.printedPods.{}", what.trim().to_ascii_lowercase()), number);
        }
    }
}

/// `Volume Claims:` of a StatefulSet; several follow one another.
fn claim_templates(description: &Description, body: &mut Value) {
    let Some(list) = description.find("Volume Claims") else { return };
    let mut claims: Vec<Value> = Vec::new();
    for line in &list.children {
        if line.key == "Name" {
            let mut claim = Value::default();
            claim.set("metadata.name", Value::str(line.value));
            claims.push(claim);
            continue;
        }
        let Some(claim) = claims.last_mut() else { continue };
        match line.key {
            "StorageClass" => words::set_known(claim, "spec.storageClassName", line.value),
            "Capacity" => words::set_known(claim, "spec.resources.requests.storage", line.value),
            "Access Modes" => claim.set("spec.accessModes", words::access_modes(line.value)),
            "Labels" => claim.set("metadata.labels", metadata::labels(line)),
            _ => {}
        }
    }
    if !claims.is_empty() {
        body.set("spec.volumeClaimTemplates", Value::List(claims));
    }
}

/// A Job.
pub(super) fn job(description: &Description, body: &mut Value) {
    if let Some(template) = pods::template(description) {
        body.set("spec.template", template);
    }
    if let Some(selector) = words::known(description.value("Selector")) {
        body.set("spec.selector", words::selector(selector));
    }
    for (key, field) in
        [("Parallelism", "parallelism"), ("Completions", "completions"), ("Backoff Limit", "backoffLimit")]
    {
        words::set_number(body, &format!("spec.{field}"), description.value(key));
    }
    words::set_known(body, "spec.completionMode", description.value("Completion Mode"));
    words::set_number(
        body,
        "spec.activeDeadlineSeconds",
        description.value("Active Deadline Seconds").trim_end_matches('s'),
    );
    words::set_number(body, "spec.ttlSecondsAfterFinished", description.value("TTL Seconds After Finished"));
    if let Ok(suspended) = description.value("Suspend").to_ascii_lowercase().parse::<bool>() {
        body.set("spec.suspend", Value::Bool(suspended));
    }
    for (key, field) in [("Start Time", "startTime"), ("Completed At", "completionTime")] {
        if let Some(text) = words::known(description.value(key)) {
            body.set(&format!("status.{field}"), time(text));
        }
    }
    job_pods(description.value("Pods Statuses"), body);
    if let Some(grid) = description.find("Conditions").and_then(Grid::under) {
        body.set("status.conditions", grid.conditions());
    }
}

/// `0 Active (0 Ready) / 1 Succeeded / 0 Failed`.
fn job_pods(line: &str, body: &mut Value) {
    for part in line.split('/') {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let field = match what.split_whitespace().next().unwrap_or("") {
            "Active" | "Running" => "active",
            "Succeeded" => "succeeded",
            "Failed" => "failed",
            _ => continue,
        };
        words::set_number(body, &format!("status.{field}"), number);
        if let Some(ready) = what.split_once('(').and_then(|(_, ready)| ready.split_whitespace().next()) {
            words::set_number(body, "status.ready", ready);
        }
    }
}

/// A CronJob.
pub(super) fn cron_job(description: &Description, body: &mut Value) {
    if let Some(template) = pods::template(description) {
        body.set("spec.jobTemplate.spec.template", template);
    }
    words::set_known(body, "spec.schedule", description.value("Schedule"));
    words::set_known(body, "spec.timeZone", description.value("Time Zone"));
    words::set_known(body, "spec.concurrencyPolicy", description.value("Concurrency Policy"));
    if let Ok(suspended) = description.value("Suspend").to_ascii_lowercase().parse::<bool>() {
        body.set("spec.suspend", Value::Bool(suspended));
    }
    for (key, field) in [
        ("Successful Job History Limit", "spec.successfulJobsHistoryLimit"),
        ("Failed Job History Limit", "spec.failedJobsHistoryLimit"),
        ("Parallelism", "spec.jobTemplate.spec.parallelism"),
        ("Completions", "spec.jobTemplate.spec.completions"),
        ("Backoff Limit", "spec.jobTemplate.spec.backoffLimit"),
    ] {
        words::set_number(body, field, description.value(key));
    }
    let deadline = description.value("Starting Deadline Seconds").trim_end_matches('s');
    words::set_number(body, "spec.startingDeadlineSeconds", deadline);
    if let Some(text) = words::known(description.value("Last Schedule Time")) {
        body.set("status.lastScheduleTime", time(text));
    }
    let active = description.find("Active Jobs").into_iter().flat_map(Node::values).flat_map(|line| line.split(','));
    let jobs: Vec<_> = active
        .filter_map(words::known)
        .map(|name| words::map([("kind", Value::str("Job")), ("name", Value::str(name.trim()))]))
        .collect();
    if description.find("Active Jobs").is_some() {
        body.set("status.active", Value::List(jobs));
    }
}
