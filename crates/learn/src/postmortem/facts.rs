//! What all sections ask of a case, its evidence and the catalogue.

use firstfault_catalog::{Catalog, FailureMode};
use firstfault_gather::World;
use firstfault_model::case::{Case, CaseEntity, CaseEvidence, Hypothesis};
use firstfault_model::{Entity, Evidence};
use firstfault_report::words::{cut, place};
use jiff::{SignedDuration, Timestamp};

use super::document::Proof;

/// Longest excerpt that a proof shows, in characters.
const EXCERPT: usize = 240;

/// A case, its first theory, and what of its evidence could be read.
pub(crate) struct Facts<'a> {
    pub(crate) case: &'a Case,
    pub(crate) first: &'a Hypothesis,
    /// The failure mode, where the catalogue at hand still has it.
    pub(crate) mode: Option<&'a FailureMode>,
    /// The evidence; none where it is gone.
    pub(crate) world: Option<&'a World>,
    pub(crate) catalog: &'a Catalog,
}

impl<'a> Facts<'a> {
    /// None without a theory.
    pub(crate) fn of(case: &'a Case, world: Option<&'a World>, catalog: &'a Catalog) -> Option<Self> {
        let first = case.hypotheses.first()?;
        Some(Self { case, first, mode: catalog.modes.get(&first.failure_mode), world, catalog })
    }

    /// The first fact of a kind among those that the first theory explains.
    pub(crate) fn fact(&self, finding: &str) -> Option<&'a CaseEvidence> {
        self.first.evidence.iter().find(|e| e.finding == finding)
    }

    /// The facts that make the theory: on its own entity, one of its `needs`.
    pub(crate) fn cause(&self) -> Option<&'a CaseEvidence> {
        let needed = |e: &&CaseEvidence| self.mode.is_some_and(|m| m.needs.contains(&e.finding));
        self.first.evidence.iter().find(needed).or_else(|| self.first.evidence.first())
    }

    /// Whether a fact is about an entity.
    pub(crate) fn is_about(&self, fact: &CaseEvidence, entity: &CaseEntity) -> bool {
        about(fact, entity)
    }

    /// Whether a fact is about the thing that carries the fault.
    pub(crate) fn is_own(&self, fact: &CaseEvidence) -> bool {
        about(fact, &self.first.entity)
    }

    /// A field of any fact of the first theory, the needed ones first.
    pub(crate) fn field(&self, name: &str) -> Option<&'a str> {
        let known = |value: &&str| !value.is_empty() && *value != "unknown";
        self.first.evidence.iter().find_map(|e| e.fields.get(name).map(String::as_str).filter(known))
    }

    /// The weight of a finding on its own in the first theory's arithmetic.
    pub(crate) fn weight(&self, finding: &str) -> f64 {
        self.first.weights.iter().filter(|w| w.of == finding).map(|w| w.weight).fold(0.0, f64::max)
    }

    /// Whom it concerns: the cause and those that suffer.
    pub(crate) fn concerned(&self) -> impl Iterator<Item = &'a CaseEntity> {
        std::iter::once(&self.first.entity).chain(&self.case.affected)
    }

    /// Whether an entity of the world is the cause or one of those that suffer, also under another kind
    /// (`service auth` for `Deployment auth`).
    pub(crate) fn concerns(&self, entity: &Entity) -> bool {
        let carrier = self.world.map_or_else(|| entity.clone(), |w| w.carrier_of(entity));
        self.concerned().any(|known| same(known, &carrier))
    }

    /// The newest moment that the evidence knows.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        let known = self.world.and_then(|w| w.now);
        known.or_else(|| time(self.case.window.to.as_deref())).or_else(|| {
            let facts = self.first.evidence.iter();
            facts.filter_map(|e| time(e.until.as_deref()).max(time(e.since.as_deref()))).max()
        })
    }
}

/// Whether two names stand for the same thing: by name, and by namespace where both have one.
pub(crate) fn same(known: &CaseEntity, entity: &Entity) -> bool {
    let namespaces = (known.namespace.as_deref(), entity.namespace.as_deref());
    known.name == entity.name.as_str()
        && (namespaces.0 == namespaces.1 || namespaces.0.is_none() || namespaces.1.is_none())
}

/// The same entity in the words of the model.
pub(crate) fn entity(known: &CaseEntity) -> Entity {
    Entity {
        kind: known.kind.as_str().into(),
        namespace: known.namespace.as_deref().map(Into::into),
        name: known.name.as_str().into(),
    }
}

fn about(fact: &CaseEvidence, entity: &CaseEntity) -> bool {
    let name = entity.to_string();
    fact.says.strip_prefix(&name).is_some_and(|rest| rest.starts_with(' '))
}

/// What a fact says, without its subject.
pub(crate) fn predicate<'a>(fact: &'a CaseEvidence, entity: &CaseEntity) -> &'a str {
    let name = entity.to_string();
    fact.says.strip_prefix(&name).map_or(fact.says.as_str(), str::trim_start)
}

/// A fact as a proof.
pub(crate) fn proof(fact: &CaseEvidence) -> Proof {
    Proof { place: place(fact), excerpt: cut(&fact.excerpt, EXCERPT) }
}

/// Evidence of the world as a proof.
pub(crate) fn cited(evidence: &Evidence) -> Proof {
    let place = match evidence.place.lines {
        (0, _) => evidence.place.path.to_string(),
        (a, b) if a == b => format!("{}:{a}", evidence.place.path),
        (a, b) => format!("{}:{a}-{b}", evidence.place.path),
    };
    Proof { place, excerpt: cut(evidence.excerpt.as_str(), EXCERPT) }
}

/// An RFC 3339 text.
pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// `14:32:00 UTC`, with the date where it is not the incident's day.
pub(crate) fn clock(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(11..19).unwrap_or(&text))
}

/// `45 s`, `18 min`, `1 h 2 min`, `5 d 5 h`.
pub(crate) fn lasted(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let two = |a: i64, one: &str, b: i64, other: &str| {
        if b == 0 { format!("{a} {one}") } else { format!("{a} {one} {b} {other}") }
    };
    match seconds {
        s if s < 60 => format!("{s} s"),
        s if s < 600 => two(s / 60, "min", s % 60, "s"),
        s if s < 3600 => format!("{} min", (s + 30) / 60),
        s if s < 86_400 => two(s / 3600, "h", s % 3600 / 60, "min"),
        s => two(s / 86_400, "d", s % 86_400 / 3600, "h"),
    }
}

/// Three digits: `0.203`, `60.2`, `412`, `2.95`.
pub(crate) fn digits(value: f64) -> String {
    let size = value.abs();
    match size {
        0.0 => "0".to_owned(),
        s if s >= 1e15 => format!("{value:.2e}"),
        s if s >= 100.0 => thousands(value.round()),
        s if s >= 10.0 => format!("{value:.1}"),
        s if s >= 1.0 => format!("{value:.2}"),
        s if s >= 0.001 => format!("{value:.3}"),
        _ => format!("{value:.1e}"),
    }
}

/// `445,000`: a whole number in groups of three.
pub(crate) fn thousands(value: f64) -> String {
    let plain = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (nth, digit) in plain.chars().enumerate() {
        if nth > 0 && (plain.len() - nth) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0.0 { format!("-{out}") } else { out }
}

/// A share of 1 as percent: `100 %`, `0.1 %`.
pub(crate) fn share(value: f64) -> String {
    let percent = digits(value * 100.0);
    let plain = if percent.contains('.') { percent.trim_end_matches('0').trim_end_matches('.') } else { &percent };
    format!("{plain} %")
}

/// Bytes in decimal units: `2.95 GB`.
pub(crate) fn bytes(value: f64) -> String {
    for (unit, size) in [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] {
        if value.abs() >= size {
            return format!("{} {unit}", digits(value / size));
        }
    }
    format!("{} B", digits(value))
}

/// `a`, `a and b`, `a, b and c`, and at most so many of them.
pub(crate) fn list(items: &[String], most: usize) -> String {
    let shown = &items[..items.len().min(most)];
    let more = items.len() - shown.len();
    match (shown, more) {
        ([], _) => String::new(),
        ([one], 0) => one.clone(),
        ([head @ .., last], 0) => format!("{} and {last}", head.join(", ")),
        (shown, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_two_units_at_most() {
        for (seconds, text) in
            [(45, "45 s"), (90, "1 min 30 s"), (1080, "18 min"), (3720, "1 h 2 min"), (450_000, "5 d 5 h")]
        {
            assert_eq!(lasted(SignedDuration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn numbers_keep_three_digits() {
        assert_eq!(digits(0.2034), "0.203");
        assert_eq!(digits(60.19), "60.2");
        assert_eq!(digits(444_960.0), "444,960");
        assert_eq!(bytes(2_950_000_000.0), "2.95 GB");
        assert_eq!(share(0.001), "0.1 %");
    }

    #[test]
    fn lists_end_with_and() {
        let items: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(list(&items, 5), "a, b and c");
        assert_eq!(list(&items, 2), "a, b and 1 more");
    }
}
