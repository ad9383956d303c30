//! Which records are wanted.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use regex::{Regex, RegexBuilder};

use super::entries::Entry;
use super::identity::Identity;
use crate::format::time_zone;

/// Memory that a regular expression may take once it is compiled.
const MOST_COMPILED: usize = 4 << 20;

/// A moment, and how far from it a record may be.
#[derive(Clone, Debug)]
pub struct Around {
    when: When,
    within: SignedDuration,
}

#[derive(Clone, Debug)]
enum When {
    Instant(Timestamp),
    /// A time of day, on whichever day the logs are of.
    Clock(Time, TimeZone),
}

impl Around {
    /// Reads a time: with zone (RFC 3339), or a date and a time, or a time of day, which are taken in `timezone`, else in UTC.
    /// `None` for what is no time.
    #[must_use]
    pub fn parse(text: &str, timezone: Option<&str>, within: SignedDuration) -> Option<Self> {
        let text = text.trim();
        let zone = || timezone.map_or(Some(TimeZone::UTC), time_zone);
        let when = if let Ok(at) = text.parse::<Timestamp>() {
            When::Instant(at)
        } else if text.contains('-') {
            When::Instant(zone()?.to_timestamp(text.parse::<DateTime>().ok()?).ok()?)
        } else {
            When::Clock(text.parse::<Time>().ok()?, zone()?)
        };
        Some(Self { when, within: within.abs() })
    }

    /// How far from the moment a time is, negative before it; for a time of day also on which day that is.
    pub(super) fn distance(&self, at: Timestamp) -> (SignedDuration, Option<Date>) {
        match &self.when {
            When::Instant(moment) => (at.duration_since(*moment), None),
            When::Clock(clock, zone) => {
                let at = zone.to_datetime(at);
                let half = SignedDuration::from_hours(12);
                let here = at.duration_since(at.date().to_datetime(*clock));
                let (date, whole) = if here > half {
                    (at.date().tomorrow(), here - half - half)
                } else if here < -half {
                    (at.date().yesterday(), here + half + half)
                } else {
                    (Ok(at.date()), here)
                };
                (whole, Some(date.unwrap_or(at.date())))
            }
        }
    }

    pub(super) fn is_within(&self, distance: SignedDuration) -> bool {
        distance.abs() <= self.within
    }

    /// The moment; for a time of day, on a day.
    #[must_use]
    pub fn moment(&self, day: Option<Date>) -> Option<Timestamp> {
        match &self.when {
            When::Instant(at) => Some(*at),
            When::Clock(clock, zone) => zone.to_timestamp(day?.to_datetime(*clock)).ok(),
        }
    }

    /// How far from the moment a record may be.
    #[must_use]
    pub fn within(&self) -> SignedDuration {
        self.within
    }
}

/// A regular expression that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// Which records are wanted: those for which all that is asked holds.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub(super) around: Option<Around>,
    id: Option<Identity>,
    grep: Option<Regex>,
}

impl Selection {
    /// Records around a moment, with an id, that match a regular expression; what is not given is not asked for.
    ///
    /// # Errors
    /// Where the regular expression is none, or compiles to too much.
    pub fn new(around: Option<Around>, id: Option<&str>, grep: Option<&str>) -> Result<Self, Unreadable> {
        let regex = |text: &str| {
            // Lines of a record are lines to the expression too.
            let built = RegexBuilder::new(text).multi_line(true).size_limit(MOST_COMPILED).build();
            built.map_err(|error| Unreadable(error.to_string()))
        };
        Ok(Self { around, id: id.map(Identity::new), grep: grep.map(regex).transpose()? })
    }

    /// Whether records are wanted for what they say, not for their time alone.
    #[must_use]
    pub fn reads_text(&self) -> bool {
        self.id.is_some() || self.grep.is_some()
    }

    /// Whether a record's text, and who wrote it, are what is asked for. `source` is the log's.
    pub(super) fn wants(&self, entry: &Entry, source: &str) -> bool {
        let named = |id: &Identity| {
            [&entry.text, &entry.writer, &entry.message].into_iter().any(|text| id.is_in(text)) || id.is_in(source)
        };
        self.grep.as_ref().is_none_or(|regex| regex.is_match(&entry.text) || regex.is_match(&entry.message))
            && self.id.as_ref().is_none_or(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, timezone: Option<&str>) -> Option<Around> {
        Around::parse(text, timezone, SignedDuration::from_secs(30))
    }

    #[test]
    fn a_moment_is_written_in_several_ways() {
        let at = |text, timezone| around(text, timezone).and_then(|a| a.moment(None)).map(|t| t.to_string());
        assert_eq!(at("2026-11-24T14:31:45+01:00", None).as_deref(), Some("2026-11-24T13:31:45Z"));
        assert_eq!(at("2026-11-24 14:31:45.5Z", None).as_deref(), Some("2026-11-24T14:31:45.5Z"));
        assert_eq!(at("2026-11-24 14:31:45", None).as_deref(), Some("2026-11-24T14:31:45Z"));
        assert_eq!(at("2026-11-24T14:31", Some("Europe/Berlin")).as_deref(), Some("2026-11-24T13:31:00Z"));
        for text in ["", "noon", "25:00", "2026-13-01T00:00:00Z", "1732458705"] {
            assert!(around(text, None).is_none(), "{text}");
        }
        assert!(around("14:31", Some("Nowhere/Land")).is_none());
    }

    #[test]
    fn a_time_of_day_is_on_the_day_that_is_nearer() {
        let clock = around("23:59:50", None).expect("a time of day");
        let distance = |at: &str| clock.distance(at.parse().expect("a time"));
        let (after, day) = distance("2026-11-25T00:00:05Z");
        assert_eq!((after.as_secs(), day.map(|d| d.to_string()).as_deref()), (15, Some("2026-11-24")));
        let (before, day) = distance("2026-11-25T23:59:00Z");
        assert_eq!((before.as_secs(), day.map(|d| d.to_string()).as_deref()), (-50, Some("2026-11-25")));
        assert_eq!(clock.moment(day).map(|t| t.to_string()).as_deref(), Some("2026-11-25T23:59:50Z"));
        let early = around("00:00:10", Some("+02:00")).expect("a time of day");
        let (before, day) = early.distance("2026-11-24T21:59:59Z".parse().expect("a time"));
        assert_eq!((before.as_secs(), day.map(|d| d.to_string()).as_deref()), (-11, Some("2026-11-25")));
    }

    #[test]
    fn all_that_is_asked_has_to_hold() {
        let entry = Entry {
            message: "added".to_owned(),
            text: "{\"message\":\"added\",\"request_id\":\"r-7\"}".to_owned(),
            writer: "cart-1".to_owned(),
            ..Entry::default()
        };
        let wants = |id, grep| Selection::new(None, id, grep).expect("a selection").wants(&entry, "shop");
        assert!(wants(Some("r-7"), None) && wants(Some("cart-1"), None) && wants(Some("shop"), None));
        assert!(wants(Some("r-7"), Some("^added$")));
        assert!(!wants(Some("r-7"), Some("removed")) && !wants(Some("r-8"), Some("added")));
        assert!(Selection::new(None, None, Some("a(")).is_err());
        assert!(Selection::new(None, None, Some("(a{1000}){1000}")).is_err(), "too much memory");
    }
}
