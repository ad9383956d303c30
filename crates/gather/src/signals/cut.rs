//! JSON that was cut off: the part that is whole.

/// Deeper than this is no document of ours.
const DEEPEST: usize = 64;

/// The text up to the last value that is complete, with everything that is open closed. None
/// where nothing is complete, where it is too deep, or where it is no JSON.
pub(super) fn mended(text: &str) -> Option<String> {
    let mut open: Vec<u8> = Vec::new();
    let mut in_string = false;
    let mut escaped = false;
    let mut keep: Option<(usize, Vec<u8>)> = None;
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                if open.len() == DEEPEST {
                    return None;
                }
                open.push(byte);
            }
            b'}' | b']' => {
                let begun = open.pop()?;
                if (begun == b'{') != (byte == b'}') {
                    return None;
                }
                keep = Some((at + 1, open.clone()));
            }
            _ => {}
        }
    }
    let (end, open) = keep.filter(|(_, open)| !open.is_empty())?;
    let mut whole = text[..end].to_owned();
    whole.extend(open.iter().rev().map(|begun| if *begun == b'{' { '}' } else { ']' }));
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_complete_stays() {
        assert_eq!(mended(r#"{"a":[{"b":1},{"b":"x]"},{"b":"#).as_deref(), Some(r#"{"a":[{"b":1},{"b":"x]"}]}"#));
        assert_eq!(mended(r#"{"a":"#), None);
        assert_eq!(mended("[}"), None);
        assert_eq!(mended(&"[".repeat(100_000)), None);
    }
}
