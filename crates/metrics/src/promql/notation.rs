//! The notation of series in the files of `promtool test rules`: `1+2x3 _ 5x2`.

use std::fmt::Write as _;

/// A series may not expand to more samples than this.
const MOST: usize = 100_000;

/// The values of a text; `None` stands for a missing sample (`_`, or `stale`).
#[must_use]
pub fn expand(text: &str) -> Option<Vec<Option<f64>>> {
    let mut values = Vec::new();
    for word in text.split_whitespace() {
        let (start, times) = match word.rsplit_once('x') {
            Some((start, times)) => (start, Some(times.parse::<usize>().ok()?)),
            None => (word, None),
        };
        if times.unwrap_or(0).saturating_add(values.len()) > MOST {
            return None;
        }
        match start {
            // `_x3` is three missing samples, and `1x3` is four samples.
            "_" | "stale" => values.extend(std::iter::repeat_n(None, times.unwrap_or(1))),
            start => {
                let (from, step) = stepped(start)?;
                values.extend((0..=times.unwrap_or(0)).map(|i| Some(from + step * i as f64)));
            }
        }
    }
    Some(values)
}

/// `1`, `1+2`, `1-2`.
fn stepped(word: &str) -> Option<(f64, f64)> {
    let joint = word
        .char_indices()
        .skip(1)
        .find(|(at, c)| matches!(c, '+' | '-') && !word[..*at].ends_with(['e', 'E']))
        .map(|(at, _)| at);
    match joint {
        Some(at) => Some((word[..at].parse().ok()?, word[at..].parse().ok()?)),
        None => Some((word.parse().ok()?, 0.0)),
    }
}

/// Writes values in this notation, equal neighbours as `5x2`.
#[must_use]
pub fn write_values(values: &[Option<f64>]) -> String {
    let mut out = String::new();
    let mut i = 0;
    while i < values.len() {
        let same = values[i..].iter().take_while(|v| **v == values[i]).count();
        if !out.is_empty() {
            out.push(' ');
        }
        let _ = match (values[i], same) {
            (None, 1) => write!(out, "_"),
            (None, same) => write!(out, "_x{same}"),
            (Some(value), 1) => write!(out, "{value}"),
            (Some(value), same) => write!(out, "{value}x{}", same - 1),
        };
        i += same;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_and_read_back() {
        let values = vec![Some(1.0), Some(1.0), Some(1.0), None, None, Some(-2.5), None, Some(3e9)];
        let text = write_values(&values);
        assert_eq!(text, "1x2 _x2 -2.5 _ 3000000000");
        assert_eq!(expand(&text), Some(values));
    }

    #[test]
    fn steps_go_up_and_down() {
        assert_eq!(expand("0+10x2 5-1x1"), Some(vec![Some(0.0), Some(10.0), Some(20.0), Some(5.0), Some(4.0)]));
        assert_eq!(expand("1e3+1e2x1"), Some(vec![Some(1000.0), Some(1100.0)]));
        assert_eq!(expand("1x999999999"), None);
        assert_eq!(expand("one"), None);
    }
}
