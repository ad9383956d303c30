//! C and C++: what libstdc++ says of an exception that nobody caught, gdb, the sanitizers of LLVM, systemd-coredump.

use super::frame::{Frame, Raised, place};

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let nth = lines.iter().position(|line| said(line).is_some());
    let mut raised = nth.and_then(|nth| said(lines[nth]))?;
    if raised.message.is_empty() {
        let what = lines.iter().find_map(|line| line.trim().strip_prefix("what():"));
        raised.message = what.unwrap_or("").trim();
    }
    for line in lines {
        let Some((number, frame)) = frame(line) else { continue };
        // A second stack tells of another time: where it was freed, allocated, another thread.
        if number == 0 && !raised.frames.is_empty() {
            break;
        }
        raised.frames.push(frame);
    }
    Some(vec![raised])
}

/// The failure that a line names.
fn said(line: &str) -> Option<Raised<'_>> {
    let bare = line.trim();
    if let Some((_, rest)) = bare.split_once("terminate called after throwing an instance of '") {
        return rest.split_once('\'').map(|(kind, _)| Raised::new(kind, ""));
    }
    if let Some((_, rest)) = bare.split_once("Sanitizer: ") {
        let (before, _) = bare.split_once("Sanitizer: ")?;
        let is_report = before.contains("ERROR: ") || before.contains("WARNING: ");
        let kind = rest.split(' ').next().unwrap_or(rest);
        return is_report.then(|| Raised::new(kind, rest));
    }
    if let Some((_, rest)) = bare.split_once("received signal ") {
        let (kind, message) = rest.split_once(", ").unwrap_or((rest, ""));
        return kind.starts_with("SIG").then(|| Raised::new(kind, message.trim_end_matches('.')));
    }
    if let Some((_, rest)) = bare.split_once("Program terminated with signal ") {
        let (kind, message) = rest.split_once(", ").unwrap_or((rest, ""));
        return Some(Raised::new(kind.trim_end_matches('.'), message.trim_end_matches('.')));
    }
    if let Some((_, rest)) = bare.split_once("Assertion `") {
        return rest.ends_with("failed.").then(|| Raised::new("assertion", rest));
    }
    if let Some((_, rest)) = bare.split_once("Caught ")
        && let Some((kind, _)) = rest.split_once(", suspect faulting address")
    {
        return Some(Raised::new(kind, ""));
    }
    let dumped = bare.starts_with("Process ") && bare.ends_with("dumped core.");
    dumped.then(|| Raised::new("core dump", bare))
}

/// `#3  0x00007f in shop::Cart::total (this=0x7f) at cart.cpp:3`, `#0 0x55ee in shop::put(int*) /src/cart.cpp:2`,
/// `#1  0x00007f n/a (libc.so.6 + 0x8b)`, `#2: Shop::run() [0x55]`.
fn frame(line: &str) -> Option<(u32, Frame<'_>)> {
    let bare = line.trim();
    let at = bare.find('#')?;
    // A logger's words may stand before it, but nothing of the program's.
    if !bare[..at].trim_end().is_empty() && !bare[..at].ends_with("] ") {
        return None;
    }
    let rest = &bare[at + 1..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number: u32 = rest[..digits].parse().ok()?;
    let rest = rest[digits..].trim_start_matches(':').trim_start();
    let rest = match rest.strip_prefix("0x") {
        Some(address) => address.split_once(' ').map_or("", |(_, rest)| rest.trim_start()),
        None => rest,
    };
    let rest = rest.strip_prefix("in ").unwrap_or(rest);
    if rest.is_empty() || rest.starts_with(['/', '{', '[']) {
        return None;
    }
    let rest = rest.split(" [0x").next().unwrap_or(rest);
    if let Some((function, at)) = rest.rsplit_once(" at ").or_else(|| rest.rsplit_once(" from ")) {
        let (file, line) = place(at).unwrap_or((at, 0));
        return Some((number, Frame { function: without_values(function), file, line }));
    }
    // The sanitizers print the place, or the library in brackets, after a blank.
    let (function, at) = match rest.rsplit_once(' ') {
        Some((function, at)) if place(at).is_some() => (function, at),
        _ => rest.split_once(" (").map_or((rest, ""), |(function, at)| (function, at.trim_end_matches(')'))),
    };
    let (file, line) = place(at).unwrap_or((at, 0));
    Some((number, Frame { function: without_values(function), file, line }))
}

/// Without the values that it was called with: `(this=0x7f, n=9)`; the types of an overload stay.
fn without_values(function: &str) -> &str {
    match function.split_once(" (") {
        Some((name, values)) if values.contains('=') || values == ")" => name,
        _ => function,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::{check, check_same};

    #[test]
    fn a_debugger_prints_the_stack_of_what_nobody_caught() {
        let text = "terminate called after throwing an instance of 'std::out_of_range'\n  what():  vector::_M_range_check: __n (which is 9) >= this->size() (which is 0)\n\nProgram received signal SIGABRT, Aborted.\n#0  __pthread_kill_implementation (threadid=<optimized out>, signo=signo@entry=6) at ./nptl/pthread_kill.c:44\n#1  0x00007ffff7a44472 in __GI_abort () at ./stdlib/abort.c:79\n#2  0x00007ffff7c9d919 in ?? () from /lib/x86_64-linux-gnu/libstdc++.so.6\n#3  0x0000555555555251 in std::vector<int, std::allocator<int> >::at (this=0x7fffffffe6c0, __n=9) at /usr/include/c++/12/bits/stl_vector.h:1175\n#4  0x00005555555551d5 in shop::Cart::total (this=0x7fffffffe6bf, v=std::vector of length 0) at t.cpp:3\n#5  0x0000555555555181 in main () at t.cpp:4\n";
        check(
            text,
            Language::Native,
            "std::out_of_range",
            "vector::_M_range_check: __n (which is 9) >= this->size() (which is 0)",
            Some("shop::Cart::total (t.cpp:3)"),
        );
        check_same(text, &text.replace("0x7fff", "0x7ffe").replace("t.cpp:3", "t.cpp:5"));
    }

    #[test]
    fn a_sanitizer_prints_the_failure_first() {
        let text = "==10968==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000018 at pc 0x55eeb7f0c1c4 bp 0x7ffce7769ff0 sp 0x7ffce7769fe8\nWRITE of size 4 at 0x602000000018 thread T0\n    #0 0x55eeb7f0c1c3 in shop::put(int*) /src/u.cpp:2\n    #1 0x55eeb7f0c1fa in main /src/u.cpp:3\n    #2 0x7fc1d6e45249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58\n\nfreed by thread T0 here:\n    #0 0x7fc1d70b76a8 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52\n    #1 0x55eeb7f0c1ee in other /src/u.cpp:9\n";
        check(
            text,
            Language::Native,
            "heap-use-after-free",
            "heap-use-after-free on address 0x602000000018 at pc 0x55eeb7f0c1c4 bp 0x7ffce7769ff0 sp 0x7ffce7769fe8",
            Some("shop::put(int*) (/src/u.cpp:2)"),
        );
    }

    #[test]
    fn a_core_dump_names_libraries_in_brackets() {
        let text = "Process 711 (cart) of user 0 dumped core.\n\nStack trace of thread 711:\n#0  0x00007f21c3a8c9fc n/a (libc.so.6 + 0x8c9fc)\n#1  0x000055d1c0ffee01 shop_total (cart + 0x1e01)\n";
        check(
            text,
            Language::Native,
            "core dump",
            "Process 711 (cart) of user 0 dumped core.",
            Some("shop_total (cart + 0x1e01)"),
        );
    }
}
