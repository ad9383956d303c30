//! What people said in numbers, computed again and held against what was measured.
//!
//! Only one kind of sum is understood: things that arrive at a rate, each of a size, and a total
//! that they are said to fill (`10,000 logins a minute of 80 bytes fill 3 GB in an hour`).

use std::sync::OnceLock;

use firstfault_report::words::cut;
use jiff::SignedDuration;
use regex::Regex;

use super::document::{Claim, Proof};
use super::facts::{bytes, digits, lasted, thousands};
use super::growth::Growth;

/// Products that differ by less than this factor are taken to fit: what people say is rounded.
const FITS: f64 = 1.5;

/// A rate, a size of each, and a total, as somebody said them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// Things a minute.
    rate: f64,
    /// What they are: `logins`.
    things: String,
    /// Bytes of each.
    each: f64,
    /// Bytes that are said to be filled.
    total: Option<f64>,
    /// Minutes in which.
    within: Option<f64>,
}

impl Said {
    /// The sum in a sentence; none where it does not hold a rate and a size.
    pub(crate) fn of(text: &str) -> Option<Self> {
        static PATTERNS: OnceLock<[Regex; 4]> = OnceLock::new();
        let [rate, each, total, within] = PATTERNS.get_or_init(|| {
            [
                r"(?i)(\d[\d,._']*)\s*(k|m|thousand|million)?\s+([a-z][a-z -]{1,30}?)\s*(?:\ba\b|\ban\b|\bper\b|/)\s*(second|sec|s|minute|min|hour|h|day|d)\b",
                r"(?i)(\d[\d,.]*)\s*(bytes?|B|kB|KiB|MB|MiB)\s+(?:each|apiece|per\b|a\s+(?:token|entry|item|message|row|session|request)|(?:in|into)\b)",
                r"(?i)fill(?:s|ed|ing)?\s+(?:up\s+)?(?:the\s+|all\s+)?(\d[\d,.]*)\s*(kB|MB|GB|TB|KiB|MiB|GiB|TiB)\b",
                r"(?i)\b(?:in|within|over|after)\s+(?:some\s+|about\s+)?(an?|the|\d[\d,.]*)\s+(second|minute|hour|day)s?\b",
            ]
            .map(|p| Regex::new(p).expect("a fixed pattern"))
        });
        let captures = rate.captures(text)?;
        let many = match captures.get(2).map(|m| m.as_str().to_lowercase()).as_deref() {
            Some("k" | "thousand") => 1e3,
            Some("m" | "million") => 1e6,
            _ => 1.0,
        };
        let a_minute = number(&captures[1])? * many / minutes(&captures[4])?;
        let size = each.captures(text)?;
        let filled = total.captures(text).and_then(|c| Some(number(&c[1])? * unit(&c[2])?));
        let time = within.captures(text).and_then(|c| {
            let count = if c[1].starts_with(|d: char| d.is_ascii_digit()) { number(&c[1])? } else { 1.0 };
            Some(count * minutes(&c[2])?)
        });
        let said = Self {
            rate: a_minute,
            things: captures[3].trim().to_owned(),
            each: number(&size[1])? * unit(&size[2])?,
            total: filled,
            within: time,
        };
        (said.rate > 0.0 && said.each > 0.0).then_some(said)
    }

    /// Bytes a minute.
    fn a_minute(&self) -> f64 {
        self.rate * self.each
    }

    /// What comes out, and whether it fits what was said and measured.
    pub(crate) fn recomputed(&self, growth: Option<&Growth>) -> String {
        let sum = self.a_minute();
        let mut out = format!(
            "{} {} a minute × {} = {} a minute, {} in an hour",
            thousands(self.rate),
            self.things,
            bytes(self.each),
            bytes(sum),
            bytes(sum * 60.0)
        );
        let mut fits = true;
        if let Some(total) = self.total {
            let needed = total / sum;
            out.push_str(&format!("; to fill {} takes {}", bytes(total), in_time(needed)));
            if let Some(within) = self.within {
                let same = (1.0 / FITS..=FITS).contains(&(needed / within));
                fits &= same;
                out.push_str(&if same { String::new() } else { format!(", not {}", in_time(within)) });
            }
        }
        out.push('.');
        if let Some(growth) = growth {
            let all = growth.a_minute() * growth.replicas as f64;
            let times = all / sum;
            fits &= (1.0 / FITS..=FITS).contains(&times);
            out.push_str(&format!(
                " Measured: {} a minute in each of {} replicas, {} in all, which is {} times as much: {} for each of them, or {} of {} a minute.",
                bytes(growth.a_minute()),
                growth.replicas,
                bytes(all),
                digits(times),
                bytes(all / self.rate),
                thousands((all / self.each / 100.0).round() * 100.0),
                bytes(self.each),
            ));
        }
        out.push_str(if fits {
            " It fits."
        } else {
            " What was said does not fit; this report goes by what was measured."
        });
        out
    }
}

fn in_time(minutes: f64) -> String {
    lasted(SignedDuration::from_secs((minutes * 60.0).min(1e10) as i64))
}

fn number(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | '_' | '\'')).collect();
    plain.trim_end_matches('.').parse().ok().filter(|v: &f64| v.is_finite())
}

fn minutes(unit: &str) -> Option<f64> {
    Some(match unit.to_lowercase().as_str() {
        "second" | "sec" | "s" => 1.0 / 60.0,
        "minute" | "min" => 1.0,
        "hour" | "h" => 60.0,
        "day" | "d" => 1440.0,
        _ => return None,
    })
}

fn unit(unit: &str) -> Option<f64> {
    Some(match unit {
        u if u.eq_ignore_ascii_case("b") || u.to_lowercase().starts_with("byte") => 1.0,
        "kB" | "KB" | "kb" => 1e3,
        "MB" | "mb" => 1e6,
        "GB" | "gb" => 1e9,
        "TB" | "tb" => 1e12,
        "KiB" | "kib" => 1024.0,
        "MiB" | "mib" => 1024.0 * 1024.0,
        "GiB" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "TiB" | "tib" => 1024.0_f64.powi(4),
        _ => return None,
    })
}

/// Each sentence that holds a sum, and what comes out.
pub(crate) fn of<'a>(said: impl Iterator<Item = &'a str>, place: &str, growth: Option<&Growth>) -> Vec<Claim> {
    /// Sentences read at most, and their longest.
    const MOST: (usize, usize) = (20, 1000);
    let sums = said.take(MOST.0).map(|text| cut(text, MOST.1)).filter_map(|text| {
        let said = Said::of(&text)?;
        let says = format!("It was said: “{text}” Computed again: {}", said.recomputed(growth));
        Some(Claim { says, proof: Some(Proof { place: place.to_owned(), excerpt: text }) })
    });
    sums.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_people_quote_is_computed_again() {
        let said = Said::of("2,000 uploads a minute of 50 kB each fill 6 GB in an hour").expect("a sum");
        // 2,000 × 50 kB = 100 MB a minute: 6 GB in an hour
        assert_eq!(
            said.recomputed(None),
            "2,000 uploads a minute × 50.0 kB = 100 MB a minute, 6.00 GB in an hour; to fill 6.00 GB takes 1 h. It fits."
        );
        let wrong = Said::of("2,000 uploads a minute of 50 bytes each fill 6 GB in an hour").expect("a sum");
        let text = wrong.recomputed(None);
        // 100 kB a minute: 60,000 minutes
        assert!(text.contains("takes 41 d 16 h, not 1 h"), "{text}");
        assert!(text.ends_with("goes by what was measured."), "{text}");
    }

    #[test]
    fn a_sentence_without_a_sum_says_nothing() {
        for text in ["the site is down since 9", "3 GB are full", "10 pods a minute restart", "2 a b c"] {
            assert_eq!(Said::of(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_measured_is_held_against_it() {
        let growth = Growth {
            slope: 1e6,
            first: 0.0,
            limit: None,
            replicas: 2,
            from: jiff::Timestamp::UNIX_EPOCH,
            to: jiff::Timestamp::UNIX_EPOCH,
        };
        let text = Said::of("1,000 logins per minute, 60 bytes per token").expect("a sum").recomputed(Some(&growth));
        // 60 kB a minute said; 2 × 60 MB a minute measured
        assert!(text.contains("which is 2,000 times as much: 120 kB for each of them"), "{text}");
    }
}
