//! `key=value` pairs.

/// The value of the first key that a text has, without its quotes; escapes are left as they are.
pub(crate) fn value<'a>(text: &'a str, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| of_key(text, key))
}

fn of_key<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let bytes = text.as_bytes();
    for equals in memchr::memchr_iter(b'=', bytes) {
        let Some(from) = equals.checked_sub(key.len()) else { continue };
        if &bytes[from..equals] != key.as_bytes() || from > 0 && !bytes[from - 1].is_ascii_whitespace() {
            continue;
        }
        let value = &text[equals + 1..];
        return match value.strip_prefix('"') {
            Some(quoted) => Some(&quoted[..quote_end(quoted.as_bytes())]),
            None => value.split_ascii_whitespace().next(),
        };
    }
    None
}

fn quote_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn values_are_found_by_their_keys() {
        let text = r#"time=1 level=info msg="it \"is\" so" err="#;
        assert_eq!(value(text, &["msg"]), Some(r#"it \"is\" so"#));
        assert_eq!(value(text, &["lvl", "level"]), Some("info"));
        assert_eq!(value(text, &["vel"]), None);
        assert_eq!(value("msg=\"open", &["msg"]), Some("open"));
        assert_eq!(value("msg=\"open\\", &["msg"]), Some("open\\"));
    }
}
