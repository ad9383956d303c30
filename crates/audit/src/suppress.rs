//! Suppressions: narrow, with a reason, and with an end.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde::Deserialize;

use crate::report::AuditEntity;

/// `firstfault.toml`, as far as the audit reads it.
#[derive(Clone, Debug, Default)]
pub struct Suppressions {
    list: Vec<Suppression>,
}

#[derive(Clone, Debug)]
pub(crate) struct Suppression {
    pub(crate) code: String,
    pub(crate) entity: String,
    pub(crate) reason: String,
    pub(crate) until: Date,
}

/// Why `firstfault.toml` cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SuppressionError {
    /// It is not TOML, or a field is missing, unknown or of another type.
    #[error("{0}")]
    Malformed(String),
    /// A suppression is too wide, or has no sense.
    #[error("the suppression of {code} for {entity}: {problem}")]
    Refused {
        /// Its code.
        code: String,
        /// Its entity.
        entity: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// Whether a suppression is over cannot be said without a time.
    #[error("the evidence tells no time, so it cannot be said whether suppressions are over")]
    NoTime,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    audit: Section,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    #[serde(default)]
    suppress: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    entity: String,
    reason: String,
    until: toml::value::Datetime,
}

impl Suppressions {
    /// Reads the text of `firstfault.toml`: `[[audit.suppress]]` with `code`, `entity`, `reason` and
    /// `until`. Other tables are left alone.
    ///
    /// # Errors
    /// Text that is no TOML; a suppression that lacks a field, has a code that no check has, names no
    /// entity, or says no reason.
    pub fn parse(text: &str) -> Result<Self, SuppressionError> {
        let file: File =
            toml::from_str(text).map_err(|e| SuppressionError::Malformed(e.to_string().trim_end().to_owned()))?;
        let list: Result<Vec<Suppression>, SuppressionError> = file.audit.suppress.into_iter().map(judge).collect();
        Ok(Self { list: list? })
    }

    /// Those that hold at a moment, and what is to be said of the others.
    pub(crate) fn at(&self, now: Option<Timestamp>) -> Result<(Vec<&Suppression>, Vec<String>), SuppressionError> {
        if self.list.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let today = TimeZone::UTC.to_datetime(now.ok_or(SuppressionError::NoTime)?).date();
        let mut holding = Vec::new();
        let mut notes = Vec::new();
        for suppression in &self.list {
            if suppression.until < today {
                notes.push(format!("{} is over since {}", suppression.say(), suppression.until));
            } else if suppression.until > today.saturating_add(1.year()) {
                let problem = "`until` is more than a year ahead";
                return Err(suppression.refuse(problem));
            } else {
                holding.push(suppression);
            }
        }
        Ok((holding, notes))
    }
}

fn judge(entry: Entry) -> Result<Suppression, SuppressionError> {
    let until = entry.until.date.and_then(|d| Date::new(i16::try_from(d.year).ok()?, d.month as i8, d.day as i8).ok());
    let suppression = Suppression {
        code: entry.code,
        entity: entry.entity,
        reason: entry.reason.trim().to_owned(),
        until: until.unwrap_or(Date::MIN),
    };
    let problem = match () {
        () if until.is_none() => "`until` is no date",
        () if crate::checks().all(|(_, c)| c.code != suppression.code) => "no check has this code",
        () if suppression.reason.is_empty() => "say a reason",
        () if is_too_wide(&suppression.entity) => {
            "name the entity (KIND/NAMESPACE/NAME or KIND/NAME); of each part, `*` may only be the end"
        }
        () => return Ok(suppression),
    };
    Err(suppression.refuse(problem))
}

/// A kind must be named; a namespace and a name need two letters before a star.
fn is_too_wide(pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('/').collect();
    let narrow = |part: &str| match part.split_once('*') {
        None => !part.is_empty(),
        Some((start, rest)) => rest.is_empty() && start.chars().count() >= 2,
    };
    !(2..=3).contains(&parts.len()) || parts[0].contains('*') || !parts.iter().all(|p| narrow(p))
}

impl Suppression {
    /// Whether a remark is meant.
    pub(crate) fn meets(&self, code: &str, entity: &AuditEntity) -> bool {
        let own: Vec<&str> = [Some(entity.kind.as_str()), entity.namespace.as_deref(), Some(entity.name.as_str())]
            .into_iter()
            .flatten()
            .collect();
        let parts: Vec<&str> = self.entity.split('/').collect();
        // A path that is a name has slashes of its own.
        let parts = if parts.len() > own.len() { self.entity.splitn(own.len(), '/').collect() } else { parts };
        self.code == code
            && parts.len() == own.len()
            && parts.iter().zip(&own).all(|(pattern, text)| fits(pattern, text))
    }

    /// `suppression of FF401 for Deployment/shop/web`
    pub(crate) fn say(&self) -> String {
        format!("the suppression of {} for {}", self.code, self.entity)
    }

    fn refuse(&self, problem: &'static str) -> SuppressionError {
        SuppressionError::Refused { code: self.code.clone(), entity: self.entity.clone(), problem }
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == text, |start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(fields: &str) -> Result<Suppressions, SuppressionError> {
        Suppressions::parse(&format!("[[audit.suppress]]\n{fields}"))
    }

    const GOOD: &str = "code = \"FF401\"\nentity = \"Deployment/shop/web\"\nreason = \"a demo\"\nuntil = 2026-06-30\n";

    fn entity(kind: &str, namespace: &str, name: &str) -> AuditEntity {
        AuditEntity { kind: kind.into(), namespace: Some(namespace.into()), name: name.into() }
    }

    #[test]
    fn a_suppression_holds_until_its_end_and_for_its_entity_only() {
        let suppressions = one(GOOD).expect("it is good");
        let at = |time: &str| suppressions.at(Some(time.parse().expect("a time"))).expect("it can be judged");
        let (holding, notes) = at("2026-06-30T12:00:00Z");
        assert!(notes.is_empty());
        assert!(holding[0].meets("FF401", &entity("Deployment", "shop", "web")));
        assert!(!holding[0].meets("FF401", &entity("Deployment", "shop", "web2")));
        assert!(!holding[0].meets("FF402", &entity("Deployment", "shop", "web")));
        let (holding, notes) = at("2026-07-01T00:00:00Z");
        assert!(holding.is_empty());
        assert_eq!(notes, ["the suppression of FF401 for Deployment/shop/web is over since 2026-06-30"]);
    }

    #[test]
    fn what_is_wide_endless_or_without_reason_is_refused() {
        for (from, to) in [
            ("Deployment/shop/web", "*"),
            ("Deployment/shop/web", "Deployment/*/web"),
            ("Deployment/shop/web", "Deployment/shop/*"),
            ("Deployment/shop/web", "*/shop/web"),
            ("Deployment/shop/web", "web"),
            ("a demo", " "),
            ("FF401", "FF999"),
            ("2026-06-30", "12:00:00"),
            ("until = 2026-06-30\n", ""),
            ("reason = \"a demo\"\n", ""),
            ("code", "codes"),
        ] {
            assert!(one(&GOOD.replace(from, to)).is_err(), "{to}");
        }
        let distant = one(&GOOD.replace("2026-06-30", "2028-01-01")).expect("it can be read");
        assert!(distant.at(Some("2026-06-01T00:00:00Z".parse().expect("a time"))).is_err());
        assert_eq!(one(GOOD).expect("it is good").at(None).err(), Some(SuppressionError::NoTime));
    }

    #[test]
    fn a_star_ends_a_part() {
        let wide = one(&GOOD.replace("shop/web", "shop/web-*")).expect("it is good");
        let (holding, _) = wide.at(Some("2026-06-01T00:00:00Z".parse().expect("a time"))).expect("judged");
        assert!(holding[0].meets("FF401", &entity("Deployment", "shop", "web-eu")));
        assert!(!holding[0].meets("FF401", &entity("Deployment", "shop", "api-eu")));
    }

    #[test]
    fn other_tables_are_left_alone() {
        assert!(Suppressions::parse("[other]\nx = 1\n").is_ok());
        assert!(Suppressions::parse("").is_ok());
    }
}
