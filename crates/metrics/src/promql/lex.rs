use super::PromqlError;

/// A word of the language, with the byte where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or key word.
    Word(String),
    /// A number.
    Number(f64),
    /// Milliseconds.
    Duration(i64),
    /// A quoted text.
    Text(String),
    /// A sign: an operator, a bracket or a comma.
    Sign(&'static str),
}

/// Signs, the longer before the shorter that begin like them.
const SIGNS: &[&str] = &[
    "=~", "!~", "==", "!=", ">=", "<=", ">", "<", "=", "+", "-", "*", "/", "%", "^", "(", ")", "{", "}", "[", "]", ",",
];

pub(super) fn lex(expression: &str) -> Result<Vec<(usize, Token)>, PromqlError> {
    let error = |what: &str, at: usize| PromqlError { what: what.into(), at, expression: expression.into() };
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = expression[at..].chars().next() {
        let rest = &expression[at..];
        let (token, long) = if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if c == '"' || c == '\'' {
            text(rest, c).ok_or_else(|| error("a text without an end", at))?
        } else if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|d: char| d.is_ascii_digit())) {
            number(rest).ok_or_else(|| error("no number and no duration", at))?
        } else if c.is_ascii_alphabetic() || c == '_' || c == ':' {
            let word: String =
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':')).collect();
            let long = word.len();
            (Token::Word(word), long)
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).ok_or_else(|| error("no such sign", at))?;
            (Token::Sign(sign), sign.len())
        };
        tokens.push((at, token));
        at += long;
    }
    Ok(tokens)
}

/// A quoted text with the escapes of Go that label values use.
fn text(rest: &str, quote: char) -> Option<(Token, usize)> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((Token::Text(value), at + 1)),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'r' => value.push('\r'),
                other @ ('\\' | '"' | '\'') => value.push(other),
                _ => return None,
            },
            c => value.push(c),
        }
    }
    None
}

/// A number, or a duration such as `1h30m`.
fn number(rest: &str) -> Option<(Token, usize)> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if rest[digits..].starts_with(['m', 's', 'h', 'd', 'w', 'y']) {
        let word: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        return Some((Token::Duration(duration(&word)?), word.len()));
    }
    let mut long = 0;
    let bytes = rest.as_bytes();
    while long < bytes.len() {
        let exponent_sign = matches!(bytes[long], b'+' | b'-') && long > 0 && matches!(bytes[long - 1], b'e' | b'E');
        if !(bytes[long].is_ascii_digit() || matches!(bytes[long], b'.' | b'e' | b'E') || exponent_sign) {
            break;
        }
        long += 1;
    }
    Some((Token::Number(rest[..long].parse().ok()?), long))
}

/// Milliseconds of `1h30m`, `15s`, `500ms`.
pub(super) fn duration(word: &str) -> Option<i64> {
    let mut rest = word;
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let units: [(&str, i64); 7] = [
            ("ms", 1),
            ("s", 1_000),
            ("m", 60_000),
            ("h", 3_600_000),
            ("d", 86_400_000),
            ("w", 7 * 86_400_000),
            ("y", 365 * 86_400_000),
        ];
        let (unit, milliseconds) = units.iter().find(|(unit, _)| rest.starts_with(unit))?;
        rest = &rest[unit.len()..];
        sum = sum.checked_add(count.checked_mul(*milliseconds)?)?;
    }
    Some(sum)
}
