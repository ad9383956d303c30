//! The values of Secrets, decoded.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
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

/// Standard base64 with or without padding, line breaks passed over; `None` for anything else.
fn base64(text: &str) -> Option<Vec<u8>> {
    if text.len() > LONGEST {
        return None;
    }
    let text: String = text.trim().chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    BASE64.decode(text).ok()
}

/// As the API writes it, and as people do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

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
        assert_eq!(base64("NTQz\nMg").as_deref(), Some(&b"5432"[..]));
        assert_eq!(base64("7 bytes"), None);
    }
}
