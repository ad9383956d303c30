//! Files whose records are not lines: objects over several lines, exports, statements between comments.

use super::super::pretty::Pretty;
use super::super::xml::Xml;
use super::super::{notation, severity};
use super::{Line, State};
use jiff::Timestamp;

/// How the lines of a file make records.
#[derive(Clone, Debug)]
pub(super) enum Mode {
    /// Each record begins a line.
    Lines,
    /// JSON over several lines.
    Pretty(Pretty),
    /// XML elements over several lines.
    Xml(Xml),
    /// `KEY=value` lines with a blank line after each entry.
    JournalExport,
    /// MySQL's slow log: `# Time:` and `# User@Host:` before statements.
    SlowQueries {
        /// The last line was `# Time:`.
        after_time: bool,
    },
}

impl Mode {
    /// From the first lines, whole and without what carries them.
    pub(super) fn learn<'a>(lines: &[String], texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        if let Some(pretty) = Pretty::learn(texts.clone()) {
            return Self::Pretty(pretty);
        }
        if let Some(xml) = Xml::learn(texts) {
            return Self::Xml(xml);
        }
        if lines.iter().any(|l| l.starts_with("__REALTIME_TIMESTAMP=")) {
            return Self::JournalExport;
        }
        if lines.iter().any(|l| l.starts_with("# User@Host:")) {
            return Self::SlowQueries { after_time: false };
        }
        Self::Lines
    }

    /// Whether the places of times in its lines can be learned.
    pub(super) fn has_lines(&self) -> bool {
        matches!(self, Self::Lines | Self::SlowQueries { .. })
    }
}

impl State {
    /// What a line says in a file whose records are not lines.
    pub(super) fn mode_line<'a>(&mut self, text: &'a str) -> Option<Line<'a>> {
        let part = match &mut self.mode {
            Mode::Lines => return None,
            Mode::JournalExport => return Some(self.export(text)),
            Mode::SlowQueries { .. } => return Some(self.slow(text)),
            Mode::Pretty(pretty) => pretty.line(text, self.places.orders),
            Mode::Xml(xml) => xml.line(text, self.places.orders),
        };
        Some(Line {
            time: part.time.and_then(|m| self.assumed.resolve(m)),
            level: part.level,
            message: text,
            shown: text,
            begins: part.begins,
            continues: !part.begins,
            nothing: part.frame || text.trim().is_empty(),
            json: part.begins && matches!(self.mode, Mode::Pretty(_)),
            ..Line::default()
        })
    }

    fn export<'a>(&mut self, text: &'a str) -> Line<'a> {
        let mut line = Line { message: text, shown: text, continues: true, ..Line::default() };
        line.begins = text.starts_with("__CURSOR=");
        line.continues = !line.begins;
        line.nothing = text.is_empty();
        if let Some((key, value)) = text.split_once('=') {
            match key {
                "__REALTIME_TIMESTAMP" => {
                    line.time = value.parse().ok().and_then(|us| Timestamp::from_microsecond(us).ok());
                }
                "PRIORITY" => line.level = value.parse().ok().map(severity::syslog),
                "MESSAGE" => line.message = value,
                _ => {}
            }
        }
        line
    }

    fn slow<'a>(&mut self, text: &'a str) -> Line<'a> {
        let mut line = Line { message: text, shown: text, ..Line::default() };
        line.nothing = text.is_empty();
        let is_time = text.starts_with("# Time:");
        let is_user = text.starts_with("# User@Host:");
        let moment = if is_time {
            let value = text["# Time:".len()..].trim_start();
            notation::read(value.as_bytes(), 0, self.places.orders).map(|f| f.moment)
        } else if let Some(value) = text.strip_prefix("SET timestamp=") {
            notation::read(value.as_bytes(), 0, self.places.orders).map(|f| f.moment)
        } else {
            None
        };
        line.time = moment.and_then(|m| self.assumed.resolve(m));
        if let Mode::SlowQueries { after_time } = &mut self.mode {
            line.begins = is_time || is_user && !*after_time;
            *after_time = is_time;
        }
        line.continues = !line.begins;
        line
    }
}
