//! Base64, as Secrets hold their data.

/// Decodes standard base64 into text; `None` if it is neither.
pub(crate) fn decode(text: &str) -> Option<String> {
    String::from_utf8(bytes(text)?).ok()
}

/// Decodes standard base64; `None` if it is none.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u8);
    for letter in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=').take(1 << 20) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_and_the_rest_is_refused() {
        assert_eq!(decode("cGctd3JpdGU=").as_deref(), Some("pg-write"));
        assert_eq!(decode("NTQzMg==").as_deref(), Some("5432"));
        assert_eq!(decode("<redacted>"), None);
        assert_eq!(decode(""), Some(String::new()));
    }
}
