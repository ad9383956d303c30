//! `date`: when the evidence was taken.

use jiff::Timestamp;

use super::ran;
use crate::formats::{Chunk, Format};
use crate::world::Yield;

pub(super) const DATE: Format = Format { name: "date", recognise, read };

fn recognise(chunk: &Chunk<'_>) -> u8 {
    if ran(chunk, &["date"]) && chunk.text.lines().find_map(time).is_some() { 95 } else { 0 }
}

fn read(chunk: &Chunk<'_>, yields: &mut Yield) {
    yields.collected_at.extend(chunk.text.lines().take(8).filter_map(time));
}

/// A time as `date`, `date -R` or `date -Is` prints it, where the zone is UTC or a number.
fn time(line: &str) -> Option<Timestamp> {
    let line = line.trim();
    if let Ok(time) = line.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(line) {
        return Some(zoned.timestamp());
    }
    // `Mon Apr 27 09:14:22 UTC 2026`, `Mon Apr 27 09:14:22 AM UTC 2026`, `Mon 27 Apr 2026 09:14:22 AM UTC`
    let words: Vec<&str> = line.split_whitespace().collect();
    let month = words.iter().find_map(|word| month(word))?;
    let clock = words.iter().position(|word| word.matches(':').count() == 2)?;
    let number = |least: usize, word: &&&str| word.len() >= least && word.bytes().all(|b| b.is_ascii_digit());
    let year = words.iter().find(|word| number(4, word))?;
    let day: u8 = words.iter().find(|word| number(1, word) && word.len() < 3)?.parse().ok()?;
    if !words.iter().any(|word| matches!(*word, "UTC" | "GMT" | "Z" | "+00")) {
        return None;
    }
    let mut parts = words[clock].split(':');
    let hour: u8 = parts.next()?.parse().ok()?;
    let hour = match words.get(clock + 1) {
        Some(&"AM") => hour % 12,
        Some(&"PM") => hour % 12 + 12,
        _ => hour,
    };
    let rest: Vec<&str> = parts.collect();
    format!("{year}-{month:02}-{day:02}T{hour:02}:{}Z", rest.join(":")).parse().ok()
}

fn month(word: &str) -> Option<usize> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.iter().position(|month| *month == word).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_all_their_forms() {
        let expected = "2026-04-27T21:14:22Z".parse().ok();
        for text in [
            "Mon Apr 27 21:14:22 UTC 2026",
            "Mon Apr 27 09:14:22 PM UTC 2026",
            "Mon 27 Apr 2026 09:14:22 PM UTC",
            "2026-04-27T21:14:22+00:00",
            "Mon, 27 Apr 2026 23:14:22 +0200",
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
        assert_eq!(time("Mon Apr 27 21:14:22 CEST 2026"), None);
        assert_eq!(time("date: invalid option -- 'x'"), None);
    }
}
