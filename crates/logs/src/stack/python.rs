//! What CPython's `traceback` prints (`Lib/traceback.py`): chained exceptions, and groups since 3.11.

use super::frame::{Frame, Raised, indent, is_name};
use crate::format::is_exception_head;

const HEADING: &str = "Traceback (most recent call last):";

/// A traceback whose exception has not been read.
struct Open<'a> {
    /// The outermost first, as they are printed.
    frames: Vec<Frame<'a>>,
    /// The indentation of `File` lines.
    depth: usize,
}

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    // In the order of printing: the cause before what it caused.
    let mut chain: Vec<Raised<'a>> = Vec::new();
    let mut open: Option<Open<'a>> = None;
    // The next exception is a member of the group before it.
    let mut member = false;
    for line in lines {
        let line = without_margin(line);
        if line.trim_end().ends_with(HEADING) {
            open = Some(Open { frames: Vec::new(), depth: 0 });
            continue;
        }
        if let Some(number) = separator(line) {
            if number > 1 {
                break;
            }
            member = true;
            continue;
        }
        let raised = match &mut open {
            Some(section) => {
                if let Some(frame) = frame(line) {
                    section.depth = indent(line);
                    section.frames.push(frame);
                    continue;
                }
                let Some(mut raised) = exception(line, section) else { continue };
                raised.frames = std::mem::take(&mut section.frames);
                raised.frames.reverse();
                open = None;
                raised
            }
            None if member => {
                let Some(raised) = Raised::from_head(line.trim()) else { continue };
                raised
            }
            None => continue,
        };
        let at = chain.len().saturating_sub(usize::from(std::mem::take(&mut member)));
        chain.insert(at, raised);
    }
    // Cut off before the exception's own line.
    if chain.is_empty() {
        let mut frames = open.filter(|open| !open.frames.is_empty())?.frames;
        frames.reverse();
        chain.push(Raised { kind: "exception", message: "", frames });
    }
    Some(chain)
}

/// A line of an exception group without the rulers left of it.
fn without_margin(line: &str) -> &str {
    let bare = line.trim_start();
    match bare.strip_prefix(['|', '+']) {
        Some(rest) if rest.starts_with(' ') => &rest[1..],
        Some(rest) if rest.is_empty() => rest,
        _ => line,
    }
}

/// The number in `+-+---------------- 1 ----------------`.
fn separator(line: &str) -> Option<u32> {
    let ruler = line.trim().trim_start_matches(['+', '-']);
    if !line.contains("+----------------") {
        return None;
    }
    ruler.trim().split(' ').next()?.parse().ok()
}

/// `File "/app/cart.py", line 41, in total`.
fn frame(line: &str) -> Option<Frame<'_>> {
    let (file, rest) = line.trim().strip_prefix("File \"")?.split_once("\", line ")?;
    let (number, function) = rest.split_once(", in ").unwrap_or((rest, ""));
    Some(Frame { function: function.trim(), file, line: number.trim().parse().ok()? })
}

/// `ValueError: text` after the frames: it stands further left than they do.
fn exception<'a>(line: &'a str, section: &Open<'_>) -> Option<Raised<'a>> {
    let flat = section.depth == 0;
    if section.frames.is_empty() || !flat && indent(line) >= section.depth {
        return None;
    }
    let raised = Raised::from_head(line.trim())?;
    (if flat { is_exception_head(raised.kind) } else { is_name(raised.kind) }).then_some(raised)
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::{check, check_other, check_same};

    #[test]
    fn the_cause_is_printed_first() {
        let text = "ERROR:root:handler failed\nTraceback (most recent call last):\n  File \"/srv/shop/cart.py\", line 4, in a\n    try: load()\n         ^^^^^^\n  File \"/srv/shop/cart.py\", line 2, in load\n    def load(): json.loads(\"{\")\n  File \"/usr/lib/python3.11/json/decoder.py\", line 353, in raw_decode\n    obj, end = self.scan_once(s, idx)\njson.decoder.JSONDecodeError: Expecting value: line 1 column 2 (char 1)\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/srv/shop/cart.py\", line 7, in b\n    try: a()\nRuntimeError: cannot load\nline two\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/srv/shop/cart.py\", line 9, in <module>\n    b()\nKeyError: 'k'\n";
        check(
            text,
            Language::Python,
            "json.decoder.JSONDecodeError",
            "Expecting value: line 1 column 2 (char 1)",
            Some("load (/srv/shop/cart.py:2)"),
        );
    }

    #[test]
    fn the_first_member_stands_for_a_group() {
        let text = "  + Exception Group Traceback (most recent call last):\n  |   File \"/srv/t.py\", line 11, in <module>\n  |     raise ExceptionGroup(\"eg\", [ValueError(1), TypeError(\"t\")])\n  | ExceptionGroup: eg (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"/srv/w.py\", line 3, in work\n    |     int(\"x\")\n    | ValueError: 1\n    +---------------- 2 ----------------\n    | TypeError: t\n    +------------------------------------\n";
        check(text, Language::Python, "ValueError", "1", Some("work (/srv/w.py:3)"));
        let bare = text.replace("    | Traceback (most recent call last):\n    |   File \"/srv/w.py\", line 3, in work\n    |     int(\"x\")\n", "");
        check(&bare, Language::Python, "ValueError", "1", Some("<module> (/srv/t.py:11)"));
    }

    #[test]
    fn libraries_are_passed_over_and_names_need_no_ending() {
        let text = "Traceback (most recent call last):\n  File \"/app/main.py\", line 17, in rec\n    get()\n  File \"/app/.venv/lib/python3.12/site-packages/requests/api.py\", line 9, in get\n    raise Quiet\nQuiet\n";
        check(text, Language::Python, "Quiet", "", Some("rec (/app/main.py:17)"));
        check_same(text, &text.replace("17", "99").replace("/app/", "/srv/other/"));
        let deeper = "  File \"/app/main.py\", line 16, in rec\n    rec(n+1)\n".repeat(40);
        let recursion = |times: &str| {
            format!(
                "Traceback (most recent call last):\n{deeper}  [Previous line repeated {times} more times]\nRecursionError: maximum recursion depth exceeded\n"
            )
        };
        check_same(&recursion("996"), &recursion("12"));
        check_other(text, &recursion("9"));
    }

    #[test]
    fn a_syntax_error_has_a_frame_without_function() {
        let text = "Traceback (most recent call last):\n  File \"/srv/t.py\", line 19, in <module>\n    eval(\"1+\")\n  File \"<string>\", line 1\n    1+\nSyntaxError: invalid syntax\n";
        check(text, Language::Python, "SyntaxError", "invalid syntax", Some("<module> (/srv/t.py:19)"));
    }

    #[test]
    fn a_traceback_cut_off_before_its_exception_keeps_its_frames() {
        let text = "Traceback (most recent call last):\n  File \"/srv/t.py\", line 19, in go\n    x()\n";
        check(text, Language::Python, "exception", "", Some("go (/srv/t.py:19)"));
    }
}
