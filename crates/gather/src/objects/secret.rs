//! The values of Secrets, decoded.

use firstfault_model::{Map, Name, Value};

/// The longest value that is decoded: hosts, ports and connection strings are short.
const LONGEST: usize = 64 * 1024;

/// Adds `decoded` beside `data`: the same keys with their texts, so that a detector can compare a
/// host or port with what exists. `decoded` is never shown other than through `Masked`.
pub(crate) fn decode_data(secret: &mut Value) {
    let mut decoded: Vec<(Name, Value)> = Vec::new();
    for (key, value) in secret.get("data").entries() {
        if let Some(text) = value.as_str().and_then(base64).and_then(|bytes| String::from_utf8(bytes).ok()) {
            decoded.push((key.clone(), Value::Str(text.into())));
        }
    }
    for (key, value) in secret.get("stringData").entries() {
        decoded.push((key.clone(), value.clone()));
    }
    if !decoded.is_empty() {
        secret.set("decoded", Value::Map(Map(decoded)));
    }
}

/// Standard base64 with or without padding and line breaks; `None` for anything else.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.trim_end().trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' => continue,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFF_FFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_what_is_redacted_is_left() {
        let mut secret = Value::default();
        secret.set("data.host", Value::str("ZGItbWFpbi5zaG9w"));
        secret.set("data.port", Value::str("NTQzMg=="));
        secret.set("data.key", Value::str("***HIDDEN***"));
        decode_data(&mut secret);
        assert_eq!(secret.at("decoded.host").text(), "db-main.shop");
        assert_eq!(secret.at("decoded.port").text(), "5432");
        assert!(secret.at("decoded.key").is_null());
    }
}
