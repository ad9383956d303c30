use jiff::Timestamp;

use crate::Entity;

/// The time of the incident, as far as it was given. Either end may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The beginning.
    pub from: Option<Timestamp>,
    /// The end.
    pub to: Option<Timestamp>,
}

impl Window {
    /// Whether a time lies inside; an open end holds everything on its side.
    #[must_use]
    pub fn contains(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time <= to)
    }
}

/// What the person said about the incident (`incident.yaml` and options).
#[derive(Clone, Debug, Default)]
pub struct Incident {
    /// What is felt, in the person's words.
    pub symptom: Option<String>,
    /// When.
    pub window: Window,
    /// What it is about.
    pub about: Vec<Entity>,
    /// How to read times without a zone or year.
    pub assume: Assume,
    /// What people said of it in numbers, to be computed again.
    pub said: Vec<String>,
}

/// How to read times that do not say it themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assume {
    /// An IANA name or an offset such as `+08:00`.
    pub timezone: Option<String>,
    /// The year of dates without one.
    pub year: Option<i16>,
    /// The offset in which the window was written: that of the clock which whoever exported metrics read as well.
    pub window_offset: Option<String>,
}
