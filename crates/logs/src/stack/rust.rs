//! What Rust's panic handler prints (`std/src/panicking.rs`), and the chain of causes of anyhow and eyre.

use super::frame::{Frame, Raised, place};

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let panic = lines.iter().position(|line| line.contains("panicked at "));
    let heading = lines.iter().position(|line| line.trim().eq_ignore_ascii_case("stack backtrace:"));
    let (mut raised, at) = match (panic, heading) {
        (Some(nth), _) => panicked(lines, nth)?,
        (None, Some(nth)) => (reported(&lines[..nth])?, None),
        (None, None) => return None,
    };
    let from = heading.map_or(lines.len(), |nth| nth + 1);
    let mut function: Option<&'a str> = None;
    for line in &lines[from..] {
        let bare = line.trim();
        if bare.contains("panicked at ") || bare.starts_with("note: ") {
            break;
        }
        if let Some(name) = numbered(bare) {
            raised.frames.extend(function.map(unplaced));
            function = Some(name);
        } else if let Some((file, line)) = bare.strip_prefix("at ").and_then(place)
            && let Some(function) = function.take()
        {
            raised.frames.push(Frame { function, file, line });
        }
    }
    raised.frames.extend(function.map(unplaced));
    if raised.frames.is_empty() {
        raised.frames.extend(at);
    }
    Some(vec![raised])
}

fn unplaced(function: &str) -> Frame<'_> {
    Frame { function, file: "", line: 0 }
}

/// `thread 'main' panicked at src/cart.rs:41:9:` before the message, or `panicked at 'text', src/cart.rs:41:9`.
fn panicked<'a>(lines: &[&'a str], nth: usize) -> Option<(Raised<'a>, Option<Frame<'a>>)> {
    let (before, rest) = lines[nth].split_once("panicked at ")?;
    if !before.contains("thread '") {
        return None;
    }
    let framed = |(file, line)| Frame { function: "", file, line };
    if let Some(quoted) = rest.strip_prefix('\'') {
        let (message, at) = quoted.rsplit_once("', ").unwrap_or((quoted, ""));
        return Some((Raised::new("panic", message), place(at).map(framed)));
    }
    let message = lines.get(nth + 1).map_or("", |line| line.trim());
    Some((Raised::new("panic", message), place(rest.trim_end_matches(':')).map(framed)))
}

/// `Error: text`, and the last of what `Caused by:` lists.
fn reported<'a>(lines: &[&'a str]) -> Option<Raised<'a>> {
    let head = lines.iter().find_map(|line| line.trim().strip_prefix("Error: "))?;
    let causes = lines.iter().position(|line| line.trim() == "Caused by:").map_or(lines.len(), |nth| nth + 1);
    let last = lines[causes..].iter().rev().map(|line| line.trim()).find(|line| !line.is_empty());
    let numbered =
        last.map(|line| line.split_once(": ").filter(|(n, _)| n.parse::<u32>().is_ok()).map_or(line, |(_, t)| t));
    Some(Raised::new("Error", numbered.unwrap_or(head)))
}

/// `3: shop::cart::total`, `12:     0x562ff564c98a - shop::cart::total`.
fn numbered(bare: &str) -> Option<&str> {
    let (number, rest) = bare.split_once(':')?;
    number.parse::<u32>().ok()?;
    let rest = rest.strip_prefix(' ')?.trim_start();
    let name = rest.strip_prefix("0x").and_then(|address| address.split_once(" - ")).map_or(rest, |(_, name)| name);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::{check, check_same};

    #[test]
    fn a_panic_is_read_with_its_backtrace() {
        let text = "thread 'worker' (10901) panicked at src/cart.rs:41:9:\nindex out of bounds: the len is 1 but the index is 7\nstack backtrace:\n   0: __rustc::rust_begin_unwind\n             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5\n   1: core::panicking::panic_bounds_check\n             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:271:5\n   2: <alloc::boxed::Box<F> as core::ops::FnOnce>::call_once\n   3: shop::cart::total\n             at ./src/cart.rs:41:9\n   4: shop::main::{{closure}}\n             at ./src/main.rs:7:2\nnote: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.\n\nthread 'main' (1) panicked at src/main.rs:9:1:\nsecond\n";
        check(
            text,
            Language::Rust,
            "panic",
            "index out of bounds: the len is 1 but the index is 7",
            Some("shop::cart::total (./src/cart.rs:41)"),
        );
        check_same(
            text,
            &text
                .replace(":41:9", ":44:2")
                .replace("59807616e1fa2540724bfbac14d7976d7e4a3860", "4d91de4e48198da2e33413efdcd9cd2cc0c46688"),
        );
    }

    #[test]
    fn without_a_backtrace_the_place_is_known() {
        let old = "thread 'main' panicked at 'called `Option::unwrap()` on a `None` value', src/main.rs:7:2\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        check(old, Language::Rust, "panic", "called `Option::unwrap()` on a `None` value", Some("src/main.rs:7"));
        let new = "thread 'main' panicked at src/main.rs:7:2:\nboom\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        check(new, Language::Rust, "panic", "boom", Some("src/main.rs:7"));
    }

    #[test]
    fn hashes_of_a_full_backtrace_do_not_count() {
        let full = |address: &str, hash: &str| {
            format!(
                "thread 'main' panicked at src/main.rs:7:2:\nboom\nstack backtrace:\n   0:     {address} - std[{hash}]::sys::backtrace::_print_fmt\n   1:     {address} - shop::total::h17d8437f66{hash}\n                               at src/main.rs:7:2\n"
            )
        };
        check_same(&full("0x562ff564c98a", "e28293b1"), &full("0x55d1c0ffee01", "aa0f68bd"));
    }

    #[test]
    fn a_reported_error_has_its_last_cause() {
        let text = "Error: cannot start\n\nCaused by:\n    0: cannot read config\n    1: No such file or directory (os error 2)\n\nStack backtrace:\n   0: anyhow::error::<impl anyhow::Error>::msg\n   1: shop::config::load\n             at ./src/config.rs:3:9\n";
        check(
            text,
            Language::Rust,
            "Error",
            "No such file or directory (os error 2)",
            Some("shop::config::load (./src/config.rs:3)"),
        );
    }
}
