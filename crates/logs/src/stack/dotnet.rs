//! What .NET's `Exception.ToString` writes (`System.Private.CoreLib`, `Exception.cs`): the inner exceptions in the head,
//! and the frames of the innermost first.

use super::Language;
use super::at;
use super::frame::{Frame, Raised, is_name};

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let first = lines.iter().position(|line| at::of(Language::DotNet, line).is_some())?;
    let mut chain: Vec<Raised<'a>> = Vec::new();
    for line in &lines[..first] {
        heads(line, &mut chain);
    }
    if chain.is_empty() {
        return None;
    }
    chain.reverse();
    let mut of = 0;
    let mut frames: Vec<Frame<'a>> = Vec::new();
    for line in &lines[first..] {
        let bare = line.trim();
        // An aggregate prints each member once more after its own frames.
        if bare.starts_with("---> (Inner Exception #") {
            break;
        }
        if bare.starts_with("--- End of inner exception stack trace") {
            if let Some(raised) = chain.get_mut(of) {
                raised.frames = std::mem::take(&mut frames);
            }
            of = (of + 1).min(chain.len() - 1);
        } else if let Some(frame) = at::of(Language::DotNet, line) {
            frames.push(frame);
        }
    }
    chain[of].frames.append(&mut frames);
    Some(chain)
}

/// `System.AggregateException: text ---> System.Net.Http.HttpRequestException: text`; the inner ones may begin lines.
fn heads<'a>(line: &'a str, chain: &mut Vec<Raised<'a>>) {
    let bare = line.trim();
    let (own, inner) = match bare.strip_prefix("---> ") {
        Some(inner) => ("", inner),
        None => bare.split_once(" ---> ").unwrap_or((bare, "")),
    };
    let is_exception = |raised: &Raised<'_>| raised.kind.contains('.') && raised.kind.starts_with(char::is_uppercase);
    if chain.is_empty() && !own.is_empty() {
        // The log's own words may stand before it.
        let begins = std::iter::once(0).chain(own.match_indices(' ').take(64).map(|(at, _)| at + 1));
        let found = begins.filter_map(|at| exception(&own[at..])).find(is_exception);
        chain.extend(found);
    }
    for text in inner.split(" ---> ").filter(|text| !text.is_empty()) {
        chain.extend(exception(text).filter(is_exception));
    }
}

/// `System.Net.Sockets.SocketException (111): Connection refused`.
fn exception(text: &str) -> Option<Raised<'_>> {
    let (kind, message) = text.split_once(": ").unwrap_or((text, ""));
    let kind = kind.split_once(" (").map_or(kind, |(kind, _)| kind).trim_end_matches(':');
    is_name(kind).then(|| Raised::new(kind, message))
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::{check, check_other, check_same};

    #[test]
    fn the_innermost_exception_has_the_first_frames() {
        let text = "Unhandled exception. System.InvalidOperationException: no price\n ---> System.Net.Http.HttpRequestException: Connection refused (prices:80)\n ---> System.Net.Sockets.SocketException (111): Connection refused\n   at System.Net.Sockets.Socket.<ConnectAsync>g__WaitForConnectWithCancellation|285_0(AwaitableSocketAsyncEventArgs saea)\n   --- End of inner exception stack trace ---\n   at System.Net.Http.HttpConnectionPool.ConnectAsync(HttpRequestMessage request)\n--- End of stack trace from previous location ---\n   at Shop.Prices.<>c__DisplayClass25_0.<Get>b__0(String id) in /src/Prices.cs:line 41\n   --- End of inner exception stack trace ---\n   at Shop.Program.Main(String[] args) in /src/Program.cs:line 7\n";
        check(
            text,
            Language::DotNet,
            "System.Net.Sockets.SocketException",
            "Connection refused",
            Some("Shop.Prices.<>c__DisplayClass25_0.<Get>b__0 (/src/Prices.cs:41)"),
        );
        check_same(
            text,
            &text.replace("DisplayClass25_0", "DisplayClass31_2").replace("b__0", "b__4").replace("line 41", "line 43"),
        );
        check_other(text, &text.replace("<Get>", "<Put>"));
    }

    #[test]
    fn frameworks_before_core_write_the_chain_on_one_line() {
        let text = "2026-11-24 10:00:00 ERROR failed System.AggregateException: One or more errors occurred. ---> System.IO.IOException: disk full\n   at Shop.Disk.Write(Byte[] data)\n   --- End of inner exception stack trace ---\n   at System.Threading.Tasks.Task.Wait()\n---> (Inner Exception #0) System.IO.IOException: disk full\n   at Shop.Other.Write()<---\n";
        check(text, Language::DotNet, "System.IO.IOException", "disk full", Some("Shop.Disk.Write"));
    }
}
