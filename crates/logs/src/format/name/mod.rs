//! The names of formats: a table each for a family of writers, every entry with a sample.
//!
//! A name is what a person reads; where the time, the level and the message of a line are is found without it.

mod carried;
mod delivery;
mod general;
mod json;
mod platform;
mod runtimes;
mod stores;
mod web;

/// What tells a format.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// Some lines of it.
    pub sample: &'static str,
    /// Whether a line is one of its lines.
    is: fn(&str) -> bool,
}

/// Special ones first: the first whose lines are most of a log's gives it its name.
const FAMILIES: &[&[Format]] = &[
    carried::FORMATS,
    json::FORMATS,
    web::FORMATS,
    stores::FORMATS,
    runtimes::FORMATS,
    delivery::FORMATS,
    platform::FORMATS,
    general::FORMATS,
];

/// All formats that have a name.
pub fn formats() -> impl Iterator<Item = &'static Format> {
    FAMILIES.iter().copied().flatten()
}

/// The name of the format of most of some lines.
pub(super) fn of(lines: &[String]) -> &'static str {
    let lines = || lines.iter().filter(|l| !l.is_empty() && !l.starts_with([' ', '\t']));
    let all = lines().filter(|l| !l.starts_with('#')).count().max(1);
    let fits = |format: &&Format| {
        let n = lines().filter(|l| (format.is)(l)).count();
        // A heading stands once.
        n * 2 >= all || n > 0 && format.sample.starts_with('#')
    };
    formats().find(fits).map_or("text", |f| f.name)
}

/// Whether a line begins with `YYYY?MM?DD?HH:MM:SS`, whatever the marks.
fn dated(line: &str) -> bool {
    let b = line.as_bytes();
    b.len() >= 19 && [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18].iter().all(|i| b[*i].is_ascii_digit())
}

/// What follows the first of some marks within the first bytes of a line.
fn after<'a>(line: &'a str, mark: &str, within: usize) -> Option<&'a str> {
    let at = line.find(mark).filter(|at| *at <= within)?;
    line.get(at + mark.len()..)
}

#[cfg(test)]
mod tests;
