//! How alike two names are: a mistyped name lies near the right one.

/// The number of single-letter edits between two names, at most `limit` (else `None`).
pub(crate) fn edits(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit || a.len().max(b.len()) > 128 {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(before + 1);
        }
    }
    row.last().copied().filter(|&edits| edits <= limit)
}

/// Whether one is the other mistyped: a letter or two differ, or two are swapped.
pub(crate) fn mistyped(a: &str, b: &str) -> bool {
    let allowed = if a.len().min(b.len()) < 5 { 1 } else { 2 };
    a != b && edits(a, b, allowed).is_some() && !differ_by_number(a, b)
}

/// Whether one is the other with a word more at its beginning or end: `db` and `db-old`.
pub(crate) fn extends(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    long != short
        && (long.strip_prefix(short).is_some_and(|rest| rest.starts_with(['-', '.', '_']))
            || long.strip_suffix(short).is_some_and(|rest| rest.ends_with(['-', '.', '_'])))
}

/// `shard-1` and `shard-2` are two things, not one mistyped.
fn differ_by_number(a: &str, b: &str) -> bool {
    let stem = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    stem(a) == stem(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_near_and_another_number_is_not() {
        assert!(mistyped("invoices", "invoice"));
        assert!(mistyped("ngnix", "nginx"));
        assert!(!mistyped("shard-1", "shard-2"));
        assert!(!mistyped("web", "api"));
        assert!(extends("ledger", "ledger-old"));
        assert!(!extends("ledger", "ledgers"));
    }
}
