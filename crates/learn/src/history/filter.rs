//! Which cases are meant.

use firstfault_model::case::{CaseEntity, Status};
use jiff::Timestamp;

use super::document::path;
use super::record::Outline;

/// Whether work on a case goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Something is left to do.
    Open,
    /// It was called resolved, or the time of mending is known.
    Resolved,
}

/// Which cases are meant; what is not set admits all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A failure mode's id, or the beginning of it up to a dot.
    pub failure_mode: Option<String>,
    /// The catalogue's area.
    pub area: Option<String>,
    /// `KIND/NAMESPACE/NAME`, `NAMESPACE/NAME`, `KIND/NAME` or a name.
    pub entity: Option<String>,
    /// 1 to 4.
    pub severity: Option<u8>,
    /// Whether it was an incident.
    pub status: Option<Status>,
    /// A tag that it must have.
    pub tag: Option<String>,
    /// Began then or later.
    pub since: Option<Timestamp>,
    /// Began before then.
    pub until: Option<Timestamp>,
    /// Open or resolved.
    pub progress: Option<Progress>,
}

impl Filter {
    /// Whether the case is meant. One without a beginning is placed by the time when it was added.
    #[must_use]
    pub fn admits(&self, outline: &Outline) -> bool {
        let began = outline.began().unwrap_or(outline.added_at);
        let asked = |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
        asked(&self.failure_mode, &|id| outline.failure_mode().is_some_and(|mode| mode_is(mode, id)))
            && asked(&self.area, &|area| outline.area() == Some(area))
            && asked(&self.entity, &|name| outline.facts.entity.as_ref().is_some_and(|e| entity_is(e, name)))
            && asked(&self.tag, &|tag| outline.remarks.tags.contains(tag))
            && self.severity.is_none_or(|level| outline.facts.severity == Some(level))
            && self.status.is_none_or(|status| outline.facts.status == status)
            && self.since.is_none_or(|since| began >= since)
            && self.until.is_none_or(|until| began < until)
            && self.progress.is_none_or(|progress| progress == outline.progress())
    }
}

impl Outline {
    /// Whether work on it goes on.
    #[must_use]
    pub fn progress(&self) -> Progress {
        if self.remarks.resolved || self.remarks.mended.is_some() { Progress::Resolved } else { Progress::Open }
    }
}

fn mode_is(mode: &str, wanted: &str) -> bool {
    mode.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn entity_is(entity: &CaseEntity, wanted: &str) -> bool {
    let whole = path(entity);
    let kind_and_name = format!("{}/{}", entity.kind, entity.name);
    whole == wanted || kind_and_name == wanted || whole.strip_suffix(wanted).is_some_and(|rest| rest.ends_with('/'))
}
