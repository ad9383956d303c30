//! What a stack trace is about.

use crate::format::is_exception_head;

/// The type of the innermost exception of a stack trace.
pub(super) fn root_exception(record: &str) -> Option<&str> {
    let Some((first, rest)) = record.split_once('\n') else { return head(record) };
    let cause = rest.lines().rev().find(|l| l.trim_start().starts_with("Caused by: "));
    cause.and_then(head).or_else(|| rest.lines().rev().find_map(head)).or_else(|| head(first))
}

fn head(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("Caused by: ").unwrap_or(line);
    is_exception_head(line).then(|| line.split([':', ' ']).next().unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::root_exception;

    #[test]
    fn the_cause_that_is_told_last_is_the_root() {
        let trace = "failed\nx.OuterException: a\n\tat a.B.c(B.java:1)\nCaused by: x.MiddleException: b\nCaused by: x.InnerException: c\n\t... 3 more";
        assert_eq!(root_exception(trace), Some("x.InnerException"));
        assert_eq!(root_exception("failed\nx.OuterException: a"), Some("x.OuterException"));
        assert_eq!(root_exception("x.OuterException: a"), Some("x.OuterException"));
        assert_eq!(root_exception("the ErrorHandler: is ready"), None);
    }
}
