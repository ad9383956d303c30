//! What changed in the logs when the incident began: new errors and bursts, the order in which services began to fail,
//! streams that fell silent, messages and values that shifted.

mod order;
mod silence;
mod streams;
#[cfg(test)]
mod tests;

use firstfault_gather::World;
use firstfault_logs::Level;
use firstfault_logs::change::{Change, What, changes};
use firstfault_model::{Declaration, Finding, Grade, Health, Masked, State};

use self::streams::{Stream, Streams};
use crate::application::{cite, state};
use crate::merge::Merged;
use crate::registry::declare;

declare! {
    /// An error of a kind that the log did not have before.
    NEW_ERROR = "log.new-error", "logs an error that it never logged before", Often, Application;
    /// An error that it always had, now far more often, and not because there is more to do.
    ERROR_BURST = "log.error-burst", "logs an error far more often than before", Often, Application;
    /// Of several that log new errors, the one that began.
    FIRST_ERROR = "log.first-error", "was the first to log a new error", Sometimes, Application;
    /// It wrote steadily and stopped, while others go on.
    SILENCE = "log.silence", "has stopped logging while others go on", Sometimes, Application;
    /// A message that came all along.
    VANISHED = "log.vanished", "no longer logs a message that came all along", Often, Application;
    /// A message that is no error, more or less often than the rest.
    RATE_SHIFT = "log.rate-shift", "logs a message at another rate than before", Often, Application;
    /// One pod, customer or status stands in most of the records of a message.
    VALUE_SHIFT = "log.value-shift", "logs a message mostly with one value, as it did not before", Often, Application;
}

pub(crate) fn detect(world: &World, findings: &mut Vec<Finding>) {
    let mut merged = Merged::default();
    let streams = Streams::of(world);
    let (mut compared, mut of) = (Vec::new(), Vec::new());
    for stream in streams.timed() {
        if let Some(comparison) = stream.compare(world) {
            compared.push(comparison);
            of.push(stream);
        }
    }
    let mut all = changes(&compared);
    // The surest says what the finding says; the others add their places.
    all.sort_by(|a, b| (a.chance.total_cmp(&b.chance)).then(b.after.cmp(&a.after)).then(a.stream.cmp(&b.stream)));
    let mut firsts = order::Firsts::default();
    for change in &all {
        let stream = of[change.stream];
        let Some(finding) = from(world, stream, change) else { continue };
        if finding.id == NEW_ERROR.id && finding.state == State::Current {
            firsts.add(&finding);
        }
        merged.add(finding);
    }
    if let Some(first) = firsts.finding() {
        merged.add(first);
    }
    silence::detect(world, &streams, &mut merged);
    merged.into(findings);
}

fn from(world: &World, stream: &Stream<'_>, change: &Change<'_>) -> Option<Finding> {
    let (declaration, grade) = meaning(change)?;
    // What a log that has ended no longer says, says nothing.
    if stream.log.previous && !matches!(change.what, What::New | What::More) {
        return None;
    }
    let shape = change.shape;
    let until = shape.seen.map(|(_, last)| last);
    let well = stream.health == Some(Health::Well);
    let mut finding = Finding::new(declaration, stream.carrier.clone(), cite(stream.log, &shape.example))
        .graded(grade)
        .in_state(match declaration.id {
            id if id == VANISHED.id => State::Current,
            _ => state(world, stream.log, until, well),
        })
        .seen(change.since, until)
        .with("message", Masked::new(&shape.template).as_str())
        .with("before", change.before.to_string())
        .with("after", change.after.to_string())
        .with("times", times(change.times))
        .with("chance", chance(change.chance));
    if let What::Value { place, value, share_before, share_after } = change.what {
        let before = shape.varying.get(place).map_or("", |v| v.before.as_str());
        finding = finding.with("value", Masked::new(&format!("{before}{value}")).as_str()).with(
            "share",
            format!("{:.0} % of the records, {:.0} % before", share_after * 100.0, share_before * 100.0),
        );
    }
    if let Some(container) = &stream.log.container {
        finding = finding.with("container", container.as_str());
    }
    Some(finding)
}

/// Which finding a change is, and how sure.
fn meaning(change: &Change<'_>) -> Option<(&'static Declaration, Grade)> {
    let is_error = change.shape.level >= Some(Level::Error);
    if !change.is_sure() {
        return is_error.then_some((&NEW_ERROR, Grade::Weak));
    }
    let declaration = match (change.what, is_error) {
        (What::New, true) => &NEW_ERROR,
        (What::More, true) => &ERROR_BURST,
        (What::More | What::Fewer, false) => &RATE_SHIFT,
        (What::Vanished, false) => &VANISHED,
        (What::Value { .. }, _) => &VALUE_SHIFT,
        // An error that stops is good news, and a new message of any other kind is no news.
        (What::Vanished | What::Fewer, true) | (What::New, false) | (What::Same, _) => return None,
    };
    Some((declaration, Grade::Fair))
}

/// `12 times as often`.
fn times(ratio: f64) -> String {
    match ratio {
        r if r.is_infinite() => String::new(),
        r if r >= 10.0 => format!("{r:.0}"),
        r => format!("{r:.2}"),
    }
}

/// `below 0.000001`, `0.0004`.
fn chance(p: f64) -> String {
    if p < 1e-6 { "below 0.000001".to_owned() } else { format!("{p:.6}").trim_end_matches('0').to_owned() }
}
