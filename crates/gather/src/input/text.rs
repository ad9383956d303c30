use std::borrow::Cow;

/// Bytes as text: UTF-8 with what is invalid replaced, UTF-16 by its mark or its zeros; line feeds
/// only; no escape codes; what a terminal would have overwritten is gone. `None` for binary data.
pub(crate) fn clean(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = decode(bytes)?;
    if memchr::memchr3(b'\r', 0x1b, 0x08, text.as_bytes()).is_none() {
        return Some(text);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let ended = line.ends_with('\n');
        out.push_str(&overwrite(&strip_escapes(line.trim_end_matches(['\n', '\r']))));
        if ended {
            out.push('\n');
        }
    }
    Some(Cow::Owned(out))
}

pub(super) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return Some(encoding.decode_without_bom_handling(&bytes[mark..]).0);
    }
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = head.iter().filter(|b| **b == 0).count();
    if zeros * 3 > head.len() {
        let odd = head.iter().skip(1).step_by(2).filter(|b| **b == 0).count();
        // Text without a mark has its zeros nearly all in one half of the pairs.
        let encoding = if odd * 10 >= zeros * 9 {
            encoding_rs::UTF_16LE
        } else if (zeros - odd) * 10 >= zeros * 9 {
            encoding_rs::UTF_16BE
        } else {
            return None;
        };
        return Some(encoding.decode_without_bom_handling(bytes).0);
    }
    if zeros > 0 && head.len() > 16 && zeros * 50 > head.len() {
        return None;
    }
    Some(String::from_utf8_lossy(bytes))
}

/// One line as it is seen: no carriage return at its end, no escape codes, nothing that was overwritten.
pub(crate) fn tidy(line: &str) -> Cow<'_, str> {
    let line = line.trim_end_matches('\r');
    if memchr::memchr3(b'\r', 0x1b, 0x08, line.as_bytes()).is_none() {
        return Cow::Borrowed(line);
    }
    Cow::Owned(overwrite(&strip_escapes(line)).to_string())
}

/// Removes ANSI escape sequences (CSI, OSC and two-character ones).
fn strip_escapes(line: &str) -> Cow<'_, str> {
    if !line.contains('\x1b') {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\x1b' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
            Some(']') => while chars.next().is_some_and(|c| c != '\x07' && c != '\x1b') {},
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// What a line looks like after carriage returns and backspaces.
fn overwrite(line: &str) -> Cow<'_, str> {
    if !line.contains(['\r', '\x08']) {
        return Cow::Borrowed(line);
    }
    let mut shown: Vec<char> = Vec::new();
    let mut at: usize = 0;
    for c in line.chars() {
        match c {
            '\r' => at = 0,
            '\x08' => at = at.saturating_sub(1),
            c => {
                if at < shown.len() {
                    shown[at] = c;
                } else {
                    shown.push(c);
                }
                at += 1;
            }
        }
    }
    Cow::Owned(shown.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consoles_become_plain_lines() {
        assert_eq!(clean(b"a\r\nb\r\n").as_deref(), Some("a\nb\n"));
        assert_eq!(clean(b"\x1b[31mred\x1b[0m\x1b]0;title\x07!").as_deref(), Some("red!"));
        assert_eq!(clean(b"10%\r20%\r30%").as_deref(), Some("30%"));
        assert_eq!(clean(b"kubectk\x08l get").as_deref(), Some("kubectl get"));
        assert_eq!(clean(b"\xff\xfeh\0i\0").as_deref(), Some("hi"));
        assert_eq!(clean(b"h\0i\0 \0t\0h\0e\0r\0e\0").as_deref(), Some("hi there"));
        assert_eq!(clean(b"caf\xe9").as_deref(), Some("caf\u{fffd}"));
        assert_eq!(
            clean(&[0x7f, b'E', b'L', b'F', 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 9, 9, 0, 0, 8, 0, 0, 1, 2, 3]),
            None
        );
    }
}
