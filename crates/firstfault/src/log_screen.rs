//! The picture of a log that has no end yet, on a terminal.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use console::{Term, truncate_str};
use firstfault_logs::live::{Kind, Picture};

use crate::log_overview::level_name;
use crate::log_words::visible;

/// The time over which the rate is taken.
const RATE: Duration = Duration::from_secs(5);

/// A part of the terminal that is drawn anew each time.
pub(crate) struct Screen {
    term: Term,
    /// Lines that stand there.
    drawn: usize,
    /// How many records there were at some moments.
    history: VecDeque<(Duration, u64)>,
}

impl Screen {
    /// On standard output, where that is a terminal.
    pub(crate) fn new() -> Option<Self> {
        let term = Term::buffered_stdout();
        (term.is_term() && !console::is_dumb()).then(|| Self { term, drawn: 0, history: VecDeque::new() })
    }

    /// Lines that the picture may have.
    pub(crate) fn rows(&self) -> usize {
        usize::from(self.term.size().0).saturating_sub(1)
    }

    /// Draws how things stand.
    pub(crate) fn draw(&mut self, pictures: &[Picture], paths: &[PathBuf], now: Duration) -> io::Result<()> {
        let columns = self.term.size().1;
        let records = pictures.iter().map(|p| p.records).sum();
        self.history.push_back((now, records));
        while self.history.len() > 2 && self.history.front().is_some_and(|(then, _)| now - *then > RATE) {
            self.history.pop_front();
        }
        let rate = self.history.front().map_or(0.0, |(then, before)| {
            let seconds = (now - *then).as_secs_f64();
            if seconds > 0.0 { (records - before) as f64 / seconds } else { 0.0 }
        });
        let lines = picture(pictures, paths, rate, self.rows());
        self.term.clear_last_lines(self.drawn)?;
        for line in &lines {
            self.term.write_line(&truncate_str(line, usize::from(columns), "…"))?;
        }
        self.drawn = lines.len();
        self.term.flush()
    }

    /// Takes the picture away.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.term.clear_last_lines(std::mem::take(&mut self.drawn))?;
        self.term.flush()
    }
}

/// The lines of the picture, at most so many: the numbers, known messages, what is new, what is frequent.
fn picture(pictures: &[Picture], paths: &[PathBuf], rate: f64, rows: usize) -> Vec<String> {
    let several = pictures.len() > 1;
    let name = |at: usize| if several { format!("{}  ", paths[at].display()) } else { String::new() };
    let mut lines = Vec::new();
    for (at, picture) in pictures.iter().enumerate() {
        let levels: String =
            picture.levels.iter().rev().map(|(level, n)| format!(", {n} {}", level_name(*level))).collect();
        let last = picture.last.map(|t| format!("; {t}")).unwrap_or_default();
        lines.push(format!("{}{} lines, {} records{levels}{last}", name(at), picture.lines, picture.records));
    }
    lines.push(format!("{rate:.0} records/s"));
    for (at, picture) in pictures.iter().enumerate() {
        for known in &picture.known {
            lines.push(format!(
                "known {:>8}  {}{}: {}",
                known.count,
                name(at),
                known.signature,
                visible(known.text.as_str())
            ));
        }
    }
    // The numbers are always there; of the rest, what is new goes before what is frequent.
    lines.truncate((rows * 2 / 3).max(1));
    let mut show = |new: bool, of: fn(&Picture) -> &[Kind], most: usize| {
        let all = pictures.iter().enumerate().flat_map(|(at, p)| of(p).iter().map(move |kind| (at, kind)));
        let mut all: Vec<(usize, &Kind)> = all.filter(|(_, kind)| kind.new == new).collect();
        all.sort_by_key(|(_, kind)| std::cmp::Reverse(kind.count));
        for (at, kind) in all.into_iter().take(most) {
            let (word, level) = (if new { "new" } else { "" }, kind.level.map_or("", level_name));
            let text = visible(kind.template.as_str());
            lines.push(format!("{word:<5} {:>8}  {level:<7}  {}{text}", kind.count, name(at)));
        }
        lines.len()
    };
    let used = show(true, |p| &p.new, rows / 3);
    show(false, |p| &p.kinds, rows.saturating_sub(used));
    lines.truncate(rows);
    lines
}

#[cfg(test)]
mod tests {
    use firstfault_model::Masked;

    use super::*;

    #[test]
    fn the_picture_has_its_numbers_first_and_fits() {
        let kind = |text: &str, count, new| Kind { template: Masked::new(text), count, level: None, new };
        let fresh: Vec<Kind> = (0..30).map(|i| kind(&format!("fresh {i}"), 30 - i, true)).collect();
        let picture_of = Picture {
            lines: 40,
            records: 39,
            kinds: vec![kind("frequent\u{9b}2J", 90, false)],
            new: fresh,
            ..Picture::default()
        };
        let lines = picture(&[picture_of], &[PathBuf::from("-")], 2.5, 12);
        assert_eq!(lines[0], "40 lines, 39 records");
        assert_eq!(lines.iter().filter(|l| l.starts_with("new ")).count(), 4);
        assert!(lines.len() <= 12 && lines.iter().any(|l| l.ends_with("frequent")), "{lines:?}");
    }
}
