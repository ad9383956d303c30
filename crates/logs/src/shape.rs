//! What is alike in messages that differ in numbers, names and times.

/// A template is cut to this many characters.
const LONGEST: usize = 240;

/// The message with `<num>`, `<hex>`, `<ip>`, `<uuid>` and `<path>` in place of what varies.
pub(crate) fn template(message: &str) -> String {
    let mut out = String::with_capacity(message.len().min(LONGEST) + 16);
    for (i, word) in message.split_whitespace().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push_word(&mut out, word);
        if out.len() > LONGEST {
            break;
        }
    }
    if out.len() > LONGEST {
        let mut end = LONGEST;
        while !out.is_char_boundary(end) {
            end -= 1;
        }
        out.truncate(end);
    }
    out
}

fn push_word(out: &mut String, word: &str) {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '<' && c != '>');
    if bare.is_empty() || !bare.bytes().any(|b| b.is_ascii_digit()) {
        out.push_str(word);
        return;
    }
    let kind = kind(bare);
    match word.find(bare) {
        Some(at) => {
            out.push_str(&word[..at]);
            match kind {
                Some(kind) => out.push_str(kind),
                None => digits(out, bare),
            }
            out.push_str(&word[at + bare.len()..]);
        }
        None => out.push_str(word),
    }
}

fn kind(word: &str) -> Option<&'static str> {
    let hex = |c: char| c.is_ascii_hexdigit();
    let parts: Vec<&str> = word.split('-').collect();
    if parts.len() == 5 && [8, 4, 4, 4, 12].iter().zip(&parts).all(|(n, p)| p.len() == *n && p.chars().all(hex)) {
        return Some("<uuid>");
    }
    let (host, _) = word.split_once(':').unwrap_or((word, ""));
    if host.split('.').count() == 4 && host.split('.').all(|p| p.parse::<u8>().is_ok()) {
        return Some("<ip>");
    }
    if word.starts_with('/') && word.len() > 1 {
        return Some("<path>");
    }
    if word.len() >= 8 && word.chars().all(hex) && word.chars().any(|c| c.is_ascii_alphabetic()) {
        return Some("<hex>");
    }
    let number = word.trim_start_matches(['-', '+']);
    let digits_end = number.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(number.len());
    let unit = &number[digits_end..];
    if digits_end > 0 && unit.is_empty() {
        return Some("<num>");
    }
    if digits_end > 0 && ["ns", "us", "µs", "ms", "s", "m", "h", "d"].contains(&unit) {
        return Some("<duration>");
    }
    None
}

/// A name with numbers in it: its digits vary.
fn digits(out: &mut String, word: &str) {
    let mut in_number = false;
    for c in word.chars() {
        if c.is_ascii_digit() {
            if !in_number {
                out.push_str("<num>");
            }
            in_number = true;
        } else {
            in_number = false;
            out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn what_varies_becomes_a_mark() {
        assert_eq!(template("took 31ms for user 42 at 10.0.0.7:8080"), "took <duration> for user <num> at <ip>");
        assert_eq!(
            template("pod web-7 id=4f2a91cc 550e8400-e29b-41d4-a716-446655440000"),
            "pod web-<num> id=<num>f<num>a<num>cc <uuid>"
        );
        assert_eq!(template("no numbers here"), "no numbers here");
    }
}
