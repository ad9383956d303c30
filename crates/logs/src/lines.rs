//! Text to lines.

/// The lines of a text, without their line feeds; what stands behind the last one is a line as well.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(end) = memchr::memchr(b'\n', rest.as_bytes()) else { return Some(std::mem::take(&mut rest)) };
        let line = &rest[..end];
        rest = &rest[end + 1..];
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_line_feed_ends_a_line_and_begins_none() {
        for (text, expected) in [("", &[][..]), ("a", &["a"]), ("a\n", &["a"]), ("\na\n\nä", &["", "a", "", "ä"])] {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected);
        }
    }
}
