use proptest::prelude::*;

use super::{Language, read};

/// Reads a trace and compares the root, what it says and the application's deepest frame; every cut of the text is
/// read without a panic.
#[track_caller]
pub(super) fn check(text: &str, language: Language, exception: &str, message: &str, frame: Option<&str>) {
    let trace = read(text).expect("a trace");
    assert_eq!(
        (trace.language, trace.exception.as_str(), trace.message.as_str(), trace.frame.as_deref()),
        (Some(language), exception, message, frame),
        "{text}"
    );
    for (at, _) in text.char_indices() {
        let _ = read(&text[..at]);
        let _ = read(&text[at..]);
    }
}

/// Two texts are traces of the same failure.
#[track_caller]
pub(super) fn check_same(one: &str, other: &str) {
    let (one, other) = (read(one).expect("a trace"), read(other).expect("a trace"));
    assert_eq!(one.fingerprint, other.fingerprint, "{one:?} {other:?}");
}

/// Two texts are traces of different failures.
#[track_caller]
pub(super) fn check_other(one: &str, other: &str) {
    let (one, other) = (read(one).expect("a trace"), read(other).expect("a trace"));
    assert_ne!(one.fingerprint, other.fingerprint, "{one:?} {other:?}");
}

#[test]
fn ordinary_text_is_no_trace() {
    for text in [
        "",
        "order 17 accepted",
        "the panic: button was pressed\nat noon (again)",
        "fatal error: cannot open config\nexit",
        "# Heading\n#1 first point\n#2 second point",
        "listening at http://0.0.0.0:8080\nready",
        "SELECT a\n  FROM b\n WHERE c = 1",
        "files:\n  /app/a.txt:3\n  /app/b.txt:7",
        "usage: cart [options]\n    at least one item",
        "\"main\" #1 prio=5 runnable\n   java.lang.Thread.State: RUNNABLE\n\tat com.shop.Cart.run(Cart.java:3)",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn an_exception_without_frames_is_known_by_its_name() {
    let trace = read("request failed\njava.net.ConnectException: Connection refused").expect("an exception");
    assert_eq!((trace.language, trace.exception.as_str(), trace.frame), (None, "java.net.ConnectException", None));
    check_same("ValueError: no order 17", "ValueError: no order 9");
    check_other("ValueError: no order 17", "ValueError: no customer 17");
}

#[test]
fn a_trace_on_one_line_is_read() {
    let line = r#"level=error msg=failed stack="java.lang.IllegalStateException: no\n\tat com.shop.Cart.total(Cart.java:41)\n""#;
    check(line, Language::Java, "java.lang.IllegalStateException", "no", Some("com.shop.Cart.total (Cart.java:41)"));
}

proptest! {
    /// Pieces of traces in any order, cut anywhere.
    #[test]
    fn any_lines_are_read(lines in prop::collection::vec(prop::sample::select(PIECES), 0..24), cut in 0usize..2000) {
        let text = lines.join("\n");
        let mut end = cut.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        if let Some(trace) = read(&text[..end]) {
            prop_assert!(!trace.exception.is_empty());
            prop_assert_eq!(read(&text[..end]), Some(trace));
        }
    }

    #[test]
    fn any_text_is_read(text in "[ -~\\n\\t'\"|#ü]{0,300}") {
        let _ = read(&text);
    }
}

const PIECES: &[&str] = &[
    "java.lang.RuntimeException: no",
    "Caused by: java.io.IOException: x",
    "Caused by: [CIRCULAR REFERENCE: java.lang.Exception: a]",
    "Wrapped by: a.b.C",
    "\tSuppressed: java.lang.Exception: s",
    "\tat a.b.C.d(C.java:1)",
    "\t... 12 more",
    "... 99999999999999999999 more",
    "Traceback (most recent call last):",
    "  File \"/app/ü.py\", line 3, in f",
    "    return 1",
    "ValueError: no",
    "  + Exception Group Traceback (most recent call last):",
    "  +-+---------------- 1 ----------------",
    "    | TypeError: t",
    "    +---------------- 2 ----------------",
    "panic: boom",
    "goroutine 1 [running]:",
    "main.main()",
    "\t/src/main.go:7 +0x1d",
    "panic({0x1, 0x2})",
    "Error: x",
    "    at f (/app/a.js:1:2)",
    "  [cause]: TypeError: y",
    "  [errors]: [",
    "System.Exception: a ---> System.Exception: b",
    "   at A.B.C(String s) in /a.cs:line 3",
    "   --- End of inner exception stack trace ---",
    "/app/a.rb:1:in 'f': m (E)",
    "\tfrom /app/a.rb:2:in 'g'",
    "PHP Fatal error:  Uncaught E: m in /a.php:1",
    "#0 /a.php(3): f()",
    "#1 {main}",
    "thread 'main' panicked at src/a.rs:1:2:",
    "stack backtrace:",
    "   0: a::b",
    "             at ./a.rs:1:2",
    "terminate called after throwing an instance of 'E'",
    "#0  0x0000 in f (x=1) at a.cpp:1",
    "** (KeyError) key",
    "    (a 0.1.0) lib/a.ex:1: A.f/1",
    "",
];
