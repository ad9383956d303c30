//! Lines that belong to the record before them by their look: stack traces and wrapped text.

/// Whether a line cannot begin a record: indented, or part of a stack trace.
pub(crate) fn continues(text: &str) -> bool {
    text.is_empty() || text.starts_with([' ', '\t']) || in_stack(text)
}

/// Whether a line is part of a stack trace, and nothing else: these are joined even where each line has a time of
/// its own from the runtime.
pub(crate) fn is_frame(text: &str) -> bool {
    let bare = text.trim_start();
    // rsyslog writes a tab as its octal number.
    let bare = bare.trim_start_matches("#011");
    let indented = bare.len() < text.len();
    if bare.starts_with("Caused by: ") || bare.starts_with("Suppressed: ") {
        return true;
    }
    indented
        && ((bare.starts_with("at ") && bare.contains('('))
            || (bare.starts_with("... ") && (bare.ends_with(" more") || bare.contains("common frames")))
            || (bare.starts_with("File \"") && bare.contains(", line "))
            || (bare.starts_with('/') && bare.contains(".go:"))
            || bare.starts_with("from /"))
}

fn in_stack(text: &str) -> bool {
    // Few letters begin such a line, which sorts out most lines at once.
    let starts: &[&str] = match text.as_bytes().first() {
        Some(b'C') => &["Caused by:"],
        Some(b'S') => &["Suppressed:"],
        Some(b'.') => &["... "],
        Some(b'g') => &["goroutine "],
        Some(b'[') => &["[signal "],
        Some(b'T') => &["Traceback (most", "The above exception"],
        Some(b'D') => &["During handling"],
        Some(b'c') => &["created by "],
        Some(b's') => &["stack backtrace:"],
        Some(b'n') => &["note: run with `RUST_BACKTRACE"],
        Some(b'-') => &["--- End of ", "---> "],
        _ => &[],
    };
    starts.iter().any(|p| text.starts_with(p))
        || (text.starts_with("at ") && text.contains('('))
        || is_exception_head(text)
        || is_go_frame(text)
}

/// `java.lang.IllegalStateException: text`, `ValueError: text` alone on a line.
pub(crate) fn is_exception_head(text: &str) -> bool {
    let head = &text[..memchr::memchr2(b':', b' ', text.as_bytes()).unwrap_or(text.len())];
    let last = head.as_bytes().last().copied().unwrap_or_default();
    if head.len() <= 8
        || !matches!(last, b'n' | b'r' | b'e' | b't')
        || !["Exception", "Error", "Throwable", "Fault"].iter().any(|s| head.ends_with(s))
    {
        return false;
    }
    let last = head.rsplit(['.', '$']).next().unwrap_or("");
    ["Exception", "Error", "Throwable", "Fault"].iter().any(|s| last.ends_with(s) && last.len() > s.len())
        && head.chars().all(|c| c.is_alphanumeric() || "._$".contains(c))
        && last.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `example.com/shop/cart.(*Server).Add(0xc000, {0x1, 0x2})`: a function by its import path.
fn is_go_frame(text: &str) -> bool {
    if !text.trim_end().ends_with(')') {
        return false;
    }
    let Some((name, _)) = text.split_once('(') else { return false };
    !name.is_empty()
        && name.contains('.')
        && !name.contains([' ', '=', ':'])
        && (name.contains('/') || name.starts_with("main.") || name.starts_with("runtime.") || name == "panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_stack_traces_continue() {
        for text in [
            "\tat a.B.c(B.java:1)",
            "at a.B.c(B.java:1)",
            "Caused by: x.YException: z",
            "java.net.ConnectException: refused",
            "  File \"x.py\", line 3",
            "goroutine 1 [running]:",
            "main.(*Cart).Add(0xc00011, {0x1, 0x2})",
            "example.com/shop/cart.Handle(...)",
            "stack backtrace:",
            "The above exception was the direct cause of the following exception:",
            "--- End of stack trace from previous location ---",
            "created by main.main in goroutine 1",
            "",
        ] {
            assert!(continues(text), "{text}");
        }
        for text in ["ERROR failed (twice)", "listening on main.example.com", "panic: boom", "GET /a.b(c)"] {
            assert!(!continues(text), "{text}");
        }
    }

    #[test]
    fn only_frames_are_frames() {
        for text in [
            "\tat a.B.c(B.java:1)",
            "Caused by: x: y",
            "\t... 12 more",
            "  File \"a\", line 1, in x",
            "\t/src/a.go:7 +0x1",
            "#011at a.B.c(B.java:1)",
        ] {
            assert!(is_frame(text), "{text}");
        }
        for text in ["  raise error", "  fail(error)", "at noon (again)", "java.net.ConnectException: refused"] {
            assert!(!is_frame(text), "{text}");
        }
    }
}
