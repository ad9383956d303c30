//! The postmortem of a case: what happened, why, what it cost, and what is to be done.
//!
//! Pure: a case, what could be read of its evidence, and the catalogue go in; a document comes out.
//! No person is named in it, whatever the evidence holds: see [`persons`].

mod actions;
mod arithmetic;
mod course;
mod diagram;
mod document;
mod facts;
mod growth;
mod html;
mod impact;
mod markdown;
pub mod persons;
mod prevention;
mod safeguards;
mod series;
mod template;
mod whys;

use firstfault_catalog::Catalog;
use firstfault_gather::World;
use firstfault_model::case::{Case, Status};
use firstfault_report::words::{percent, place, sureness, verdict};

pub use document::{
    Action, Bone, Chart, Claim, Event, Excluded, Gate, Guard, Impact, Mending, Number, Part, Phase, Postmortem, Proof,
    SCHEMA, Safeguard, Seen, Similar, Timeline, Twig, Why, schema,
};
pub use html::html;
pub use markdown::markdown;
pub use template::{TemplateError, render};

use course::Course;
use document::Claim as Statement;
use facts::{Facts, clock, lasted};

/// What the postmortem is written from.
pub struct Sources<'a> {
    /// The case.
    pub case: &'a Case,
    /// Its evidence, where it could be read.
    pub world: Option<&'a World>,
    /// The failure modes.
    pub catalog: &'a Catalog,
    /// What is not as it was when the case was saved.
    pub notes: &'a [String],
    /// Earlier cases that are alike.
    pub similar: Vec<Similar>,
    /// Names that must not be printed either, beyond those that are recognised.
    pub persons: &'a [String],
}

/// There is nothing to write about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoIncident {
    /// The evidence shows nothing that matters.
    #[error("the case is healthy: there is no incident to write about")]
    Healthy,
    /// The evidence names no cause.
    #[error("the case names no cause: its evidence is not enough for a postmortem")]
    Insufficient,
}

/// Writes the postmortem.
///
/// # Errors
/// Where the case holds no incident, or no theory of its cause.
pub fn write(sources: Sources<'_>) -> Result<Postmortem, NoIncident> {
    let Sources { case, world, catalog, notes, similar, persons } = sources;
    if case.status == Status::Healthy {
        return Err(NoIncident::Healthy);
    }
    let facts = Facts::of(case, world, catalog).ok_or(NoIncident::Insufficient)?;
    let course = Course::of(&facts);
    let growth = growth::of(&facts, &course);
    let loss = impact::of(&facts, &course);
    let safeguards = safeguards::of(&facts, &course);
    let steps = whys::Steps::of(&facts);
    let mending = actions::mending(&facts, &loss.usual, growth.as_ref());
    let mut unknown = loss.unknown;
    unknown.extend(actions::unknown(&facts, &course, notes));
    let document = Postmortem {
        schema: SCHEMA.to_owned(),
        title: format!("{}: {}", facts.first.entity, facts.first.title),
        verdict: verdict(case),
        failure_mode: facts.first.failure_mode.clone(),
        cause: facts.first.entity.to_string(),
        summary: summary(&facts, &course),
        whys: whys::whys(&facts, &steps, &safeguards),
        cause_and_effect: whys::bones(&facts, &course, &safeguards),
        fault_tree: whys::fault_tree(&facts, &steps, &course, &safeguards),
        excluded: whys::excluded(&facts),
        worked: actions::worked(&facts, &course, &safeguards),
        actions: actions::actions(&facts, &safeguards, &mending),
        lessons: actions::lessons(&facts, &course, &safeguards),
        timeline: course::timeline(&facts, &course),
        recomputed: recomputed(&facts, growth.as_ref()),
        impact: loss.impact,
        charts: loss.charts,
        mending,
        safeguards,
        similar,
        unknown,
    };
    Ok(persons::blameless(document, &facts, persons))
}

fn summary(facts: &Facts<'_>, course: &Course) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(symptom) = facts.case.symptoms.first() {
        out.push(format!("What was felt: “{symptom}”."));
    }
    out.push(facts.first.summary.clone());
    out.extend(facts.case.severity.reasons.first().map(|r| format!("How bad: {}; {r}.", verdict(facts.case))));
    if let Some((from, to)) = course.effect() {
        let lasts = lasted(to.duration_since(from));
        out.push(if course.recovered.is_some() {
            format!("It was felt from {} to {}, for {lasts}.", clock(from), clock(to))
        } else {
            format!("It has been felt since {}, for {lasts} by the end of the evidence at {}.", clock(from), clock(to))
        });
    }
    out.push(format!(
        "How sure: {} ({}), from {} facts; {} other theories were weighed.",
        percent(facts.first.probability),
        sureness(facts.first.probability),
        facts.first.evidence.len(),
        facts.case.hypotheses.iter().skip(1).filter(|h| !h.independent).count()
    ));
    out
}

/// Times and numbers that do not fit each other: noted, computed again, and not repeated.
fn recomputed(facts: &Facts<'_>, growth: Option<&growth::Growth>) -> Vec<Statement> {
    let notes = facts.case.notes.iter().filter(|n| actions::is_clock(n));
    let mut out: Vec<Statement> = notes.map(|n| Statement { says: n.clone(), proof: None }).collect();
    let said = facts.world.into_iter().flat_map(|w| w.incident.said.iter().map(String::as_str));
    out.extend(arithmetic::of(said, "incident.yaml", growth));
    let symptoms = facts.case.symptoms.iter().map(String::as_str);
    out.extend(arithmetic::of(symptoms, "what was felt", growth));
    if let Some(growth) = growth {
        out.extend(own_age(facts, growth));
    }
    out
}

/// A climb that is longer than what stands on it: it began with a start, or before the measurement.
fn own_age(facts: &Facts<'_>, growth: &growth::Growth) -> Option<Statement> {
    let from_zero = growth.time_from_empty(growth.first);
    let fact = facts.cause()?;
    let began = growth.from.checked_sub(from_zero).ok()?;
    Some(Statement {
        says: format!(
            "At the measured {} a minute the {} of the first sample were reached in {} from nothing: the climb began about {}, or slower and earlier; the first sample at {} is not its beginning.",
            facts::bytes(growth.a_minute()),
            facts::bytes(growth.first),
            lasted(from_zero),
            clock(began),
            clock(growth.from)
        ),
        proof: Some(Proof { place: place(fact), excerpt: firstfault_report::words::cut(&fact.excerpt, 240) }),
    })
}
