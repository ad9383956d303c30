//! `key=value` pairs.

/// The value of the first of some keys that a text has, without its quotes; escapes are left as they are.
pub(crate) fn value<'a>(text: &'a str, keys: &[&str]) -> Option<&'a str> {
    let bytes = text.as_bytes();
    let (mut best, mut at) = (keys.len(), 0);
    for equals in memchr::memchr_iter(b'=', bytes) {
        if let Some(key) = keys[..best].iter().position(|key| is_key(&bytes[..equals], key)) {
            (best, at) = (key, equals + 1);
            if best == 0 {
                break;
            }
        }
    }
    if best == keys.len() {
        return None;
    }
    let value = &text[at..];
    match value.strip_prefix('"') {
        Some(quoted) => Some(&quoted[..quote_end(quoted.as_bytes())]),
        None => value.split_ascii_whitespace().next(),
    }
}

/// Whether a text ends with a key, and nothing but a blank is before it.
fn is_key(before: &[u8], key: &str) -> bool {
    // The last letter rules out nearly all.
    if before.last() != key.as_bytes().last() {
        return false;
    }
    before.strip_suffix(key.as_bytes()).is_some_and(|rest| rest.last().is_none_or(u8::is_ascii_whitespace))
}

/// Whether a text has a message as a pair, and no error as another one.
pub(crate) fn has_message_only(text: &str) -> bool {
    let mut message = false;
    for equals in memchr::memchr_iter(b'=', text.as_bytes()) {
        let before = &text.as_bytes()[..equals];
        match before.last() {
            Some(b'r') if before.ends_with(b"err") || before.ends_with(b"error") => return false,
            Some(b'g') => message |= before.ends_with(b"msg"),
            _ => {}
        }
    }
    message
}

fn quote_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if bytes[at + next] == b'"' {
            return at + next;
        }
        at += next + 2;
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
