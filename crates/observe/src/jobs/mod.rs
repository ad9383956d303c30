//! Jobs that failed or wait, and schedules that were missed.

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Entity, Finding, Grade, State};
use jiff::{SignedDuration, Timestamp};

use crate::merge::Merged;
use crate::pod::{age, condition, event_age, time};
use crate::registry::declare;
use crate::words::is_asked_about;

declare! {
    /// Its pods failed as often as they may.
    BACKOFF_LIMIT = "job.backoff-limit-exceeded", "failed as often as its backoff limit allows", Never, State;
    /// It took longer than it may.
    DEADLINE = "job.deadline-exceeded", "took longer than its deadline allows", Never, State;
    /// Its pods fail, and it tries on.
    RETRYING = "job.pods-failing", "has pods that failed and tries again", Rarely, State;
    /// `suspend: true` on a Job that has not run.
    SUSPENDED = "job.suspended", "is suspended and does not run", Rarely, State;
    /// `suspend: true` on a CronJob.
    CRON_SUSPENDED = "job.schedule-suspended", "is suspended, so that its schedule does not run", Sometimes, State;
    /// It is suspended, and an incident is about it.
    NEEDED = "job.needed-but-suspended", "is suspended although it is needed", Never, State;
    /// The controller could not start it in time.
    MISSED = "job.schedule-missed", "missed its schedule", Never, State;
    /// The run before is still going.
    OVERLAPS = "job.run-still-active", "is not started because the run before is still active", Never, Infrastructure;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    for job in world.kind("Job").filter(|j| j.is_live()) {
        failed(world, job, &mut merged);
        suspended(world, job, &mut merged);
    }
    for cron in world.kind("CronJob").filter(|c| c.is_live()) {
        schedule(world, cron, &mut merged);
    }
    by_events(world, &mut merged);
    merged.into(findings);
}

fn failed(world: &World, job: &Object, merged: &mut Merged) {
    let failed = condition(job, "Failed");
    let carrier = world.carrier(job);
    let reason = why_it_failed(world, job);
    let failures = job.at("status.failed").as_int().unwrap_or(0);
    let since = time(failed.get("lastTransitionTime"));
    let state = if succeeded_after(world, &carrier, job, since) { State::Recovered } else { State::Current };
    let declaration = match (failed.get("status").text(), reason) {
        ("True", "DeadlineExceeded") => &DEADLINE,
        ("True", _) => &BACKOFF_LIMIT,
        _ if failures > 0 && job.at("status.succeeded").as_int().unwrap_or(0) == 0 => &RETRYING,
        _ => return,
    };
    let what = format!("Job {}: {reason} {} ({failures} pods failed)", job.name, failed.get("message").text());
    merged.add(
        Finding::new(declaration, carrier, job.cite(&what))
            .graded(Grade::Certain)
            .in_state(state)
            .seen(since.or_else(|| time(job.at("status.startTime"))), since.or(world.now))
            .with("job", job.name.as_str())
            .with("failures", failures.to_string())
            .with("limit", job.at("spec.backoffLimit").as_int().unwrap_or(6).to_string())
            .with(
                "deadline",
                job.at("spec.activeDeadlineSeconds").as_int().map_or_else(String::new, |s| s.to_string()),
            ),
    );
}

/// The reason of its Failed condition; a table prints none, and its event has it.
fn why_it_failed<'a>(world: &'a World, job: &'a Object) -> &'a str {
    let reason = condition(job, "Failed").get("reason").text();
    if !reason.is_empty() {
        return reason;
    }
    let entity = job.entity();
    let events = world.events_about(&entity).map(|event| event.reason.as_str());
    events.filter(|reason| matches!(*reason, "DeadlineExceeded" | "BackoffLimitExceeded")).last().unwrap_or("")
}

/// Whether the same schedule has had a good run since.
fn succeeded_after(world: &World, carrier: &Entity, job: &Object, since: Option<Timestamp>) -> bool {
    carrier.kind == "CronJob"
        && world.kind_in("Job", job.namespace.as_deref()).any(|other| {
            other.name != job.name
                && world.carrier(other) == *carrier
                && condition(other, "Complete").get("status").text() == "True"
                && time(other.at("status.completionTime")) > since
        })
}

fn suspended(world: &World, job: &Object, merged: &mut Merged) {
    let done = condition(job, "Complete").get("status").text() == "True"
        || condition(job, "Failed").get("status").text() == "True";
    let said = condition(job, "Suspended").get("status").text() == "True";
    if (job.at("spec.suspend").as_bool() == Some(true) || said) && !done {
        let what = format!("Job {}: suspend: true", job.name);
        needed(world, job, &what, merged);
        merged.add(
            Finding::new(&SUSPENDED, world.carrier(job), job.cite(&what))
                .graded(Grade::Certain)
                .seen(time(condition(job, "Suspended").get("lastTransitionTime")), world.now),
        );
    }
}

fn schedule(world: &World, cron: &Object, merged: &mut Merged) {
    let schedule = cron.at("spec.schedule").text();
    let last = time(cron.at("status.lastScheduleTime"));
    if cron.at("spec.suspend").as_bool() == Some(true) {
        let what = format!("CronJob {}: suspend: true, schedule: {schedule}", cron.name);
        needed(world, cron, &what, merged);
        merged.add(
            Finding::new(&CRON_SUSPENDED, cron.entity(), cron.cite(&what))
                .graded(Grade::Certain)
                .seen(last, world.now)
                .with("schedule", schedule),
        );
        return;
    }
    let printed = || cron.at("status.printedLastScheduleAge").as_int().map(SignedDuration::from_secs);
    let since_last = age(world, last).or_else(printed);
    let overdue = period(schedule).zip(since_last).is_some_and(|(period, age)| age > period * 3);
    if overdue {
        let what = format!(
            "CronJob {}: schedule {schedule}, last run {}",
            cron.name,
            cron.at("status.lastScheduleTime").show()
        );
        merged.add(
            Finding::new(&MISSED, cron.entity(), cron.cite(&what))
                .graded(Grade::Fair) // "now" may be later than the state that was printed
                .seen(last, world.now)
                .with("schedule", schedule),
        );
    }
}

/// Nothing tells that a suspended job is missed, but that somebody asks about it.
fn needed(world: &World, object: &Object, what: &str, merged: &mut Merged) {
    if is_asked_about(world, &object.entity()) {
        merged.add(
            Finding::new(&NEEDED, world.carrier(object), object.cite(what))
                .graded(Grade::Certain)
                .with("schedule", object.at("spec.schedule").text()),
        );
    }
}

/// How often the usual forms of a schedule come; `None` for others.
fn period(schedule: &str) -> Option<SignedDuration> {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let every =
        |field: &str| field.strip_prefix("*/").and_then(|n| n.parse::<i64>().ok()).filter(|n| (1..=60).contains(n));
    match fields[..] {
        ["*", "*", "*", "*", "*"] => Some(SignedDuration::from_mins(1)),
        [minute, "*", "*", "*", "*"] => Some(SignedDuration::from_mins(every(minute).unwrap_or(60))),
        [_, hour, "*", "*", "*"] => Some(SignedDuration::from_hours(every(hour).unwrap_or(24))),
        ["@hourly"] => Some(SignedDuration::from_hours(1)),
        ["@daily" | "@midnight"] => Some(SignedDuration::from_hours(24)),
        _ => None,
    }
}

fn by_events(world: &World, merged: &mut Merged) {
    for event in &world.events {
        suspended_by_event(world, event, merged);
        let recent = event_age(world, event).is_none_or(|age| age < SignedDuration::from_hours(24));
        let state = if recent { State::Current } else { State::Recovered };
        let (declaration, carrier) = match (event.about.kind.as_str(), event.reason.as_str()) {
            ("CronJob", "FailedNeedsStart" | "TooManyMissedTimes" | "MissSchedule" | "UnexpectedMissedTimes") => {
                (&MISSED, event.about.clone())
            }
            ("CronJob", "JobAlreadyActive") => (&OVERLAPS, event.about.clone()),
            ("Job", reason @ ("BackoffLimitExceeded" | "DeadlineExceeded")) => {
                if world.object_of(&event.about).is_some_and(|job| !job.at("status.conditions").is_null()) {
                    continue;
                }
                (if reason == "DeadlineExceeded" { &DEADLINE } else { &BACKOFF_LIMIT }, world.carrier_of(&event.about))
            }
            _ => continue,
        };
        let grade = match event.reason.as_str() {
            "FailedNeedsStart" | "TooManyMissedTimes" => Grade::Certain,
            "JobAlreadyActive" if event.count < 3 => Grade::Fair, // one run that took a little longer
            _ => Grade::Strong,
        };
        merged.add(
            Finding::new(declaration, carrier, event.cite())
                .graded(grade)
                .in_state(state)
                .seen(event.first, event.last)
                .with("job", event.about.name.as_str()),
        );
    }
}

/// `Suspended` of a Job of which only events were seen, unless it was resumed since.
fn suspended_by_event(world: &World, event: &Event, merged: &mut Merged) {
    let job = &event.about;
    if event.reason != "Suspended" || job.kind != "Job" || world.object_of(job).is_some_and(Object::is_live) {
        return;
    }
    // Events are in order of last sight, and the controller speaks once of each change.
    let told = world.events_about(job).filter(|e| matches!(e.reason.as_str(), "Suspended" | "Resumed" | "Completed"));
    if told.last().is_none_or(|last| last.reason != "Suspended")
        || world.is_missing("Job", job.namespace.as_deref(), &job.name)
    {
        return;
    }
    let carrier = world.carrier_of(job);
    let finding = |declaration| Finding::new(declaration, carrier.clone(), event.cite()).seen(event.first, event.last);
    if is_asked_about(world, job) {
        merged.add(finding(&NEEDED));
    }
    merged.add(finding(&SUSPENDED));
}

#[cfg(test)]
mod tests {
    use super::detect;
    use crate::sample::{Sample, ids};

    #[test]
    fn a_job_over_its_limit_is_told_and_a_done_one_is_not() {
        let world = Sample::default()
            .api(
                "Job/shop/export",
                r#"{"spec":{"backoffLimit":3},"status":{"failed":4,"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded","message":"Job has reached the specified backoff limit"}]}}"#,
            )
            .api("Job/shop/import", r#"{"status":{"succeeded":1,"conditions":[{"type":"Complete","status":"True"}]}}"#);
        let found = world.found(detect);
        assert_eq!(ids(&found), ["job.backoff-limit-exceeded"]);
        assert_eq!(found[0].field("limit"), "3");
    }

    #[test]
    fn a_schedule_that_has_not_run_for_long_is_missed() {
        let mut world = Sample::default().api(
            "CronJob/shop/report",
            r#"{"spec":{"schedule":"*/5 * * * *","suspend":false},"status":{"lastScheduleTime":"2030-01-01T00:00:00Z"}}"#,
        );
        world.0.now = "2030-01-01T00:04:00Z".parse().ok();
        assert!(world.found(detect).is_empty());
        world.0.now = "2030-01-01T04:00:00Z".parse().ok();
        assert_eq!(ids(&world.found(detect)), ["job.schedule-missed"]);
    }
}
