//! XML elements over several lines: events of Windows, log4j's and `java.util.logging`'s XML.

use super::moment::Moment;
use super::notation::{self, Orders};
use super::pretty::Part;
use super::severity;

/// An element that is a record.
#[derive(Debug)]
struct Element {
    name: &'static str,
    /// What stands before its time; the first that is found counts.
    times: &'static [&'static str],
    /// What stands before its level.
    level: &'static str,
}

/// Sources: the schema of Windows events (`Event`, `System/TimeCreated/@SystemTime`, `System/Level`), log4j's `XMLLayout`,
/// `java.util.logging.XMLFormatter`.
const ELEMENTS: &[Element] = &[
    Element { name: "Event", times: &["SystemTime=", "timeMillis=", "epochSecond="], level: "<Level>" },
    Element { name: "log4j:event", times: &["timestamp="], level: "level=" },
    Element { name: "record", times: &["<millis>", "<date>"], level: "<level>" },
];

/// Follows elements of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Xml {
    element: &'static Element,
    /// Inside an element.
    inside: bool,
    /// Its time was read.
    timed: bool,
}

impl Xml {
    /// For a file of elements, on a line each or over several.
    pub(super) fn learn<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let opens = |line: &str| ELEMENTS.iter().find(|element| opens(line, element.name));
        let element = lines.take(12).find_map(opens)?;
        Some(Self { element, inside: false, timed: false })
    }

    pub(super) fn line(&mut self, line: &str, orders: Orders) -> Part {
        let begins = opens(line, self.element.name);
        if begins {
            (self.inside, self.timed) = (true, false);
        }
        let mut part = Part { begins, frame: !self.inside, ..Part::default() };
        if self.inside {
            if !self.timed {
                part.time = self.element.times.iter().find_map(|name| moment(after(line, name)?, orders));
                self.timed = part.time.is_some();
            }
            part.level = after(line, self.element.level).and_then(|text| {
                let word = &text[..text.bytes().take_while(u8::is_ascii_alphanumeric).count()];
                // Windows counts from 1, critical, to 5, verbose.
                word.parse().ok().map(severity::windows).or_else(|| severity::word(word))
            });
        }
        if closes(line, self.element.name) {
            self.inside = false;
        }
        part
    }
}

/// What follows a name, without the quote.
fn after<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split_once(name).map(|(_, rest)| rest.trim_start_matches(['"', '\'']))
}

fn moment(text: &str, orders: Orders) -> Option<Moment> {
    notation::read(text.as_bytes(), 0, orders).map(|found| found.moment)
}

/// `<Event>` or `<Event xmlns=…>` at the beginning of a line; `<EventData>` is another.
fn opens(line: &str, name: &str) -> bool {
    let rest = line.trim_start().strip_prefix('<').and_then(|rest| rest.strip_prefix(name));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '>']))
}

fn closes(line: &str, name: &str) -> bool {
    line.contains("</")
        && line.split("</").any(|rest| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('>')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    fn parts(text: &str) -> Option<Vec<(bool, bool, bool, Option<Level>)>> {
        let mut xml = Xml::learn(text.lines())?;
        let orders = Orders { long: None, short: None };
        let parts = text.lines().map(|line| xml.line(line, orders));
        Some(parts.map(|p| (p.begins, p.frame, p.time.is_some(), p.level)).collect())
    }

    #[test]
    fn elements_over_lines_are_records() {
        let event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>\n <System>\n  <EventID>7031</EventID>\n  <Level>2</Level>\n  <TimeCreated SystemTime='2026-11-24T10:00:01.5Z'/>\n </System>\n <EventData>\n  <Data>x</Data>\n </EventData>\n</Event>\n";
        let parts = parts(&format!("<?xml version='1.0'?>\n<Events>\n{event}{event}</Events>\n")).expect("elements");
        assert_eq!(parts.iter().filter(|p| p.0).count(), 2);
        assert_eq!(parts.iter().filter(|p| p.1).count(), 3, "the lines around them");
        assert_eq!(parts.iter().filter(|p| p.2).count(), 2);
        assert_eq!(parts.iter().filter_map(|p| p.3).collect::<Vec<_>>(), [Level::Error, Level::Error]);
    }

    #[test]
    fn the_formatter_of_java_is_read() {
        let record = "<record>\n  <date>2026-11-24T10:00:01.123456Z</date>\n  <millis>1795514401123</millis>\n  <level>SEVERE</level>\n  <message>no</message>\n</record>\n";
        let parts = parts(&format!("<log>\n{record}</log>\n")).expect("elements");
        assert_eq!(parts.iter().filter(|p| p.2).count(), 1, "a record has one time");
        assert_eq!(parts.iter().filter_map(|p| p.3).collect::<Vec<_>>(), [Level::Error]);
    }

    #[test]
    fn an_element_may_stand_on_one_line() {
        let event =
            "<Event><System><Level>3</Level><TimeCreated SystemTime='2026-11-24T10:00:01Z'/></System></Event>\n";
        let warning = (true, false, true, Some(Level::Warn));
        assert_eq!(parts(&event.repeat(2)), Some(vec![warning, warning]));
        assert_eq!(parts("<EventData>\n<recorder>\n"), None);
    }
}
