//! What `Throwable.printStackTrace` writes (JDK, `java/lang/Throwable.java`), and logback and log4j after it.

use super::Language;
use super::at;
use super::frame::{Raised, indent};
use crate::format::is_exception_head;

/// Frames that two traces share; more are left out.
const MOST_SHARED: usize = 256;
/// Words of a line that may be an exception's name.
const MOST_WORDS: usize = 64;

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let first = lines.iter().position(|line| at::of(Language::Java, line).is_some())?;
    // Where a collector took the indentation away, what was suppressed goes on until the cause.
    let flat = indent(lines[first]) == 0;
    let mut chain: Vec<Raised<'a>> = head(&lines[..first]).into_iter().collect();
    let mut root_first = false;
    let mut suppressed: Option<usize> = None;
    for (nth, line) in lines.iter().enumerate() {
        let (bare, depth) = (line.trim(), indent(line));
        let cause = bare.strip_prefix("Caused by: ");
        if let Some(at) = suppressed {
            let inside = if flat { cause.is_none() } else { depth > at || depth == at && cause.is_some() };
            if inside {
                continue;
            }
            suppressed = None;
        }
        let outer = bare.strip_prefix("Wrapped by: ");
        if bare.starts_with("Suppressed: ") {
            suppressed = Some(depth);
        } else if let Some(text) = cause.or(outer) {
            root_first |= outer.is_some();
            // `[CIRCULAR REFERENCE: …]` names one that stands above.
            chain.extend(Raised::from_head(text).filter(|raised| raised.kind.contains('.')));
        } else if nth >= first
            && let Some(frame) = at::of(Language::Java, line)
        {
            chain.last_mut()?.frames.push(frame);
        } else if let Some(common) = common_frames(bare)
            && let [.., enclosing, last] = chain.as_mut_slice()
        {
            let room = MOST_SHARED.saturating_sub(last.frames.len());
            let from = enclosing.frames.len().saturating_sub(common.min(room));
            last.frames.extend_from_slice(&enclosing.frames[from..]);
        }
    }
    // The cause is printed after what it caused, unless `%rEx` turned them round.
    if !root_first {
        chain.reverse();
    }
    Some(chain)
}

/// The exception above the first frame: at the beginning of a line, or the last one named in the line before.
fn head<'a>(above: &[&'a str]) -> Option<Raised<'a>> {
    let starts = above.iter().rev().find_map(|line| {
        let bare = line.trim();
        let bare = bare.strip_prefix("Caused by: ").unwrap_or(bare);
        let bare = match bare.strip_prefix("Exception in thread \"") {
            Some(rest) => rest.split_once("\" ").map_or(rest, |(_, rest)| rest),
            None => bare,
        };
        Raised::from_head(bare).filter(|raised| is_exception(raised.kind))
    });
    starts.or_else(|| {
        let line = above.last()?;
        let words = || line.rmatch_indices([' ', '\t', '[', '(', '=', '"']).take(MOST_WORDS);
        let named = || words().filter_map(|(at, mark)| Raised::from_head(&line[at + mark.len()..]));
        named()
            .find(|raised| is_exception_head(raised.kind))
            .or_else(|| named().find(|raised| is_exception(raised.kind)))
    })
}

/// A class in a package; the state of a thread in a dump is none.
fn is_exception(kind: &str) -> bool {
    let (package, class) = kind.rsplit_once('.').unwrap_or(("", kind));
    let is_class = class.starts_with(|c: char| c.is_ascii_uppercase()) && kind != "java.lang.Thread.State";
    is_class && (is_exception_head(kind) || package.contains('.') && package.starts_with(char::is_lowercase))
}

/// How many of the enclosing trace's last frames follow: `... 12 more`, `... 12 common frames omitted`.
fn common_frames(bare: &str) -> Option<usize> {
    let (number, rest) = bare.strip_prefix("... ")?.split_once(' ')?;
    (rest == "more" || rest.starts_with("common frames")).then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::{check, check_other, check_same};

    #[test]
    fn the_root_is_the_last_cause_with_the_frames_it_shares() {
        let text = "java.lang.Exception: outer\n\tat com.shop.T.main(T.java:7)\n\tSuppressed: java.lang.IllegalStateException: close failed\n\t\tat com.shop.T$Res.close(T.java:3)\n\t\t... 1 more\n\tCaused by: java.io.IOException: not of the main one\n\t\t... 2 more\nCaused by: java.lang.RuntimeException: wrapped\nsecond line\n\tat com.shop.T.c(T.java:4)\n\tat com.shop.T.lambda$b$0(T.java:5)\n\t... 1 more\nCaused by: java.net.URISyntaxException: Expected scheme name at index 0: ::\n\tat java.base/java.net.URI$Parser.fail(URI.java:2976)\n\tat java.base/java.net.URI.<init>(URI.java:623)\n\t... 3 more\n";
        let message = "Expected scheme name at index 0: ::";
        let frame = Some("com.shop.T.c (T.java:4)");
        check(text, Language::Java, "java.net.URISyntaxException", message, frame);
        // Indentation that a collector took away changes nothing.
        let flat: Vec<&str> = text.lines().map(str::trim_start).collect();
        check(&flat.join("\n"), Language::Java, "java.net.URISyntaxException", message, frame);
    }

    #[test]
    fn circular_references_end_the_chain() {
        let text = "java.lang.Exception: a\n\tat com.shop.T.main(T.java:8)\nCaused by: java.lang.Exception: b\n\t... 1 more\nCaused by: [CIRCULAR REFERENCE: java.lang.Exception: a]\n";
        check(text, Language::Java, "java.lang.Exception", "b", Some("com.shop.T.main (T.java:8)"));
    }

    #[test]
    fn logback_may_print_the_root_first() {
        let text = "10:00:01 ERROR c.s.Api - failed\njava.net.ConnectException: Connection refused\n\tat java.base/sun.nio.ch.Net.connect0(Native Method)\n\tat com.shop.Db.open(Db.kt:12)\nWrapped by: com.shop.DbException: no database\n\tat com.shop.Api.get(Api.kt:30) ~[app.jar!/:1.0]\n";
        check(
            text,
            Language::Java,
            "java.net.ConnectException",
            "Connection refused",
            Some("com.shop.Db.open (Db.kt:12)"),
        );
    }

    #[test]
    fn the_exception_may_stand_in_the_line_of_the_log() {
        let text = "ERROR Uncaught exception in scheduled task: com.shop.OutOfStock: none left\n\tat com.shop.Stock.take(Stock.scala:9)\n";
        check(text, Language::Java, "com.shop.OutOfStock", "none left", Some("com.shop.Stock.take (Stock.scala:9)"));
        let thread = "Exception in thread \"main\" java.lang.RuntimeException\n\tat T.main(T.java:9)\n";
        check(thread, Language::Java, "java.lang.RuntimeException", "", Some("T.main (T.java:9)"));
    }

    #[test]
    fn a_framework_alone_is_the_application() {
        let text = "org.apache.kafka.common.errors.TimeoutException: no\n\tat java.base/java.util.ArrayList.get(ArrayList.java:1)\n\tat org.apache.kafka.clients.NetworkClient.poll(NetworkClient.java:9)\n";
        check(
            text,
            Language::Java,
            "org.apache.kafka.common.errors.TimeoutException",
            "no",
            Some("org.apache.kafka.clients.NetworkClient.poll (NetworkClient.java:9)"),
        );
    }

    #[test]
    fn what_is_generated_and_where_it_stands_does_not_count() {
        let trace = |line: u32, proxy: &str, lambda: &str, user: &str| {
            format!(
                "com.shop.E: no cart of {user}\n\tat com.shop.Cart.total(Cart.java:{line})\n\tat com.shop.Cart$$EnhancerBySpringCGLIB$${proxy}.total(<generated>)\n\tat jdk.internal.reflect.GeneratedMethodAccessor{line}.invoke(Unknown Source)\n\tat com.shop.Api$$Lambda${lambda}.run(Unknown Source)\n"
            )
        };
        check_same(
            &trace(26, "e7645040", "14/0x0000000800c03000", "alice"),
            &trace(31, "07e70d1e", "97/0x0000000801a40f18", "bob"),
        );
        check_other(
            &trace(1, "e7645040", "1/0x01", "a"),
            &trace(1, "e7645040", "1/0x01", "a").replace("Cart.total", "Cart.add"),
        );
        check_other(
            &trace(1, "e7645040", "1/0x01", "a"),
            &trace(1, "e7645040", "1/0x01", "a").replace("com.shop.E", "com.shop.F"),
        );
    }
}
