//! What the Go runtime prints of a panic or a fatal error (`runtime/panic.go`, `runtime/traceback.go`), and the stacks of
//! `runtime/debug`, zap and pkg/errors, which are written alike.

use super::frame::{Frame, Raised, place};

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let mut frames: Vec<Frame<'a>> = Vec::new();
    let mut first = None;
    for (nth, line) in lines.iter().enumerate() {
        // The goroutine that failed is the first; what others did meanwhile is not asked.
        let begins = line.starts_with("goroutine ") || line.starts_with("created by ");
        if begins && !frames.is_empty() && !frames.iter().all(|f| f.function.starts_with("runtime.")) {
            break;
        }
        let Some((file, number)) = source(line) else { continue };
        let Some(above) = nth.checked_sub(1).and_then(|at| lines.get(at)) else { continue };
        if let Some(function) = function(above) {
            first = first.or(nth.checked_sub(1));
            frames.push(Frame { function, file, line: number });
        }
    }
    // A handler that caught it stands above the panic; the failure is below.
    let panics = |f: &Frame<'_>| f.function == "panic" || f.function == "runtime.gopanic";
    if let Some(at) = frames.iter().rposition(panics) {
        frames.drain(..=at);
    }
    let mut raised = match said(lines) {
        Some(raised) => raised,
        None => Raised::new("error", above(&lines[..first?])),
    };
    raised.frames = frames;
    Some(vec![raised])
}

/// `panic: text`, `fatal error: text`, `http: panic serving 10.0.0.7:4711: text`: the first, as others come of it.
fn said<'a>(lines: &[&'a str]) -> Option<Raised<'a>> {
    lines.iter().enumerate().find_map(|(nth, line)| {
        let bare = line.trim();
        if let Some(text) = bare.strip_prefix("fatal error: ") {
            // Other programs begin so too: only with a stack it is Go's.
            return lines[nth..]
                .iter()
                .any(|l| l.starts_with("goroutine ") || l.starts_with("runtime stack:"))
                .then(|| Raised::new("fatal error", text));
        }
        if let Some((_, text)) = bare.split_once("http: panic serving ").and_then(|(_, rest)| rest.split_once(": ")) {
            return Some(Raised::new("panic", text));
        }
        let text = bare.strip_prefix("panic: ")?;
        Some(Raised::new("panic", text.strip_suffix(" [recovered]").unwrap_or(text)))
    })
}

/// The nearest text above the first frame.
fn above<'a>(lines: &[&'a str]) -> &'a str {
    let is_text =
        |line: &&&str| !line.trim().is_empty() && !line.starts_with("goroutine ") && !line.starts_with("[signal");
    lines.iter().rev().find(is_text).map_or("", |line| line.trim())
}

/// `/src/cart.go:88 +0x1d`.
fn source(line: &str) -> Option<(&str, u32)> {
    let bare = line.trim();
    if !bare.contains(".go:") {
        return None;
    }
    let path = bare.split(" +0x").next().unwrap_or(bare);
    place(path.split(" fp=").next().unwrap_or(path)).filter(|(file, _)| file.ends_with(".go") && !file.contains(' '))
}

/// `shop/cart.(*Server).Add(0xc000, {0x1, 0x2})` without what it was called with.
fn function(line: &str) -> Option<&str> {
    let bare = line.trim();
    let name = match bare.strip_suffix(')').and_then(|call| call.rsplit_once('(')) {
        Some((name, _)) => name,
        None => bare,
    };
    let is_function = !name.is_empty() && !name.contains([' ', '=']) && (name.contains('.') || name == "panic");
    is_function.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::{check, check_other, check_same};

    #[test]
    fn a_panic_is_read_with_the_goroutine_that_failed() {
        let text = "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1b2c]\n\ngoroutine 34 [running]:\nruntime.panicmem(...)\n\t/usr/local/go/src/runtime/panic.go:262\nexample.com/shop/cart.(*Server).Add(0x0, {0xc000012345, 0x2})\n\t/src/cart/server.go:88 +0x1d\ngithub.com/gin-gonic/gin.(*Context).Next(0xc0)\n\t/root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go:174 +0x2b\nmain.main()\n\t/src/main.go:12 +0x1a\n\ngoroutine 1 [chan receive]:\nmain.other()\n\t/src/other.go:3 +0x1a\n";
        check(
            text,
            Language::Go,
            "panic",
            "runtime error: invalid memory address or nil pointer dereference",
            Some("example.com/shop/cart.(*Server).Add (/src/cart/server.go:88)"),
        );
        check_same(
            text,
            &text.replace("goroutine 34", "goroutine 7112").replace("0xc000012345", "0xc00099").replace(":88 ", ":91 "),
        );
        check_other(text, &text.replace("cart.(*Server).Add", "cart.(*Server).Drop"));
    }

    #[test]
    fn a_handler_that_recovered_is_not_the_failure() {
        let text = "2026/11/24 10:00:00 http: panic serving 10.0.0.7:4711: no such cart\ngoroutine 19 [running]:\nnet/http.(*conn).serve.func1()\n\t/usr/local/go/src/net/http/server.go:1947 +0xb0\nmain.recovery.func1()\n\t/src/recovery.go:3 +0x1\npanic({0x6a1b20?, 0x7b2c30?})\n\t/usr/local/go/src/runtime/panic.go:785 +0x124\nmain.total(...)\n\t/src/cart.go:9\nnet/http.HandlerFunc.ServeHTTP(0x1, {0x2, 0x3}, 0x4)\n\t/usr/local/go/src/net/http/server.go:2220 +0x29\n";
        check(text, Language::Go, "panic", "no such cart", Some("main.total (/src/cart.go:9)"));
    }

    #[test]
    fn the_runtime_ends_a_program_without_a_panic() {
        let text = "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.wait(0xc0)\n\t/src/w.go:5 +0x2\nmain.main()\n\t/src/main.go:12 +0x1a\n";
        check(
            text,
            Language::Go,
            "fatal error",
            "all goroutines are asleep - deadlock!",
            Some("main.wait (/src/w.go:5)"),
        );
        let own = "fatal error: concurrent map writes\n\nruntime stack:\nruntime.throw({0x1?, 0x2?})\n\t/usr/local/go/src/runtime/panic.go:1101 +0x48\n\ngoroutine 5 [running]:\nshop/stock.Take(0x1)\n\t/src/stock.go:4 +0x1\n";
        check(own, Language::Go, "fatal error", "concurrent map writes", Some("shop/stock.Take (/src/stock.go:4)"));
    }

    #[test]
    fn loggers_print_the_stack_of_an_error() {
        let text = "cannot pay: no such card\nmain.pay\n\t/src/pay.go:12\nmain.main\n\t/src/main.go:30\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:283\n";
        check(text, Language::Go, "error", "cannot pay: no such card", Some("main.pay (/src/pay.go:12)"));
    }

    #[test]
    fn the_first_panic_is_the_root() {
        let text = "panic: first [recovered]\n\tpanic: second\n\ngoroutine 1 [running]:\nmain.a.func1.2()\n\t/src/a.go:1 +0x1\n";
        check(text, Language::Go, "panic", "first", Some("main.a.func1.2 (/src/a.go:1)"));
    }
}
