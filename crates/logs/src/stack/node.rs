//! What V8 writes into `error.stack`, and what Node.js's `util.inspect` prints around it: causes and the members of an
//! `AggregateError` (`lib/internal/util/inspect.js`).

use super::Language;
use super::at;
use super::frame::{Raised, is_name};

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let first = lines.iter().position(|line| at::of(Language::Node, line).is_some())?;
    let mut chain: Vec<Raised<'a>> = vec![above(&lines[..first]).unwrap_or_default()];
    // The members of an aggregate follow; the first stands for all.
    let mut members = false;
    for line in &lines[first..] {
        let bare = line.trim();
        if let Some(frame) = at::of(Language::Node, line) {
            chain.last_mut()?.frames.push(frame);
        } else if let Some(cause) = bare.strip_prefix("[cause]: ") {
            chain.extend(error(cause.trim_matches(['[', ']', ' ', '{'])));
        } else if bare.starts_with("[errors]: [") {
            members = true;
        } else if members && let Some(member) = error(bare) {
            if chain.len() > 1 && !chain.last()?.frames.is_empty() && members_begun(&chain) {
                break;
            }
            chain.push(member);
        }
    }
    // Without a name the outermost is no error: a `console.trace` or a warning.
    chain.retain(|raised| !raised.kind.is_empty());
    chain.reverse();
    Some(chain)
}

/// Whether the last one is a member already: its aggregate stands before it.
fn members_begun(chain: &[Raised<'_>]) -> bool {
    chain.iter().rev().nth(1).is_some_and(|raised| raised.kind.starts_with("AggregateError"))
}

/// The error above its first frame; its message may have several lines.
fn above<'a>(lines: &[&'a str]) -> Option<Raised<'a>> {
    lines.iter().rev().find_map(|line| {
        let bare = line.trim();
        let bare = bare.strip_prefix("Uncaught ").unwrap_or(bare);
        error(bare).or_else(|| {
            // `x: TypeError: text` on the line of the log's own words.
            let (at, _) = bare.rmatch_indices(' ').take(64).find(|(at, _)| error(&bare[at + 1..]).is_some())?;
            error(&bare[at + 1..])
        })
    })
}

/// `TypeError: text`, `Error [ERR_X]: text`, `DbError`.
fn error(text: &str) -> Option<Raised<'_>> {
    let (kind, message) = text.split_once(':').unwrap_or((text, ""));
    let (kind, _) = kind.split_once(" [").unwrap_or((kind, ""));
    let is_error = is_name(kind)
        && (kind.ends_with("Error") || kind.ends_with("Exception") || kind.ends_with("Warning"))
        && kind.starts_with(|c: char| c.is_ascii_uppercase());
    is_error.then(|| Raised::new(kind, message.trim()))
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::{check, check_same};

    #[test]
    fn the_root_is_the_innermost_cause() {
        let text = "DbError: query failed\n    at mid (/app/t.js:3:54)\n    at Object.<anonymous> (/app/t.js:6:1)\n    ... 5 lines matching cause stack trace ...\n    at node:internal/main/run_main_module:28:49 {\n  code: 'E_DB',\n  [cause]: Error: connect ECONNREFUSED 127.0.0.1:5432\n      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)\n      at Pool.connect (/app/node_modules/pg/lib/pool.js:9:1)\n      at async inner (/app/t.js:2:27) {\n    code: 'ECONNREFUSED',\n    errno: -111\n  }\n}\n";
        check(text, Language::Node, "Error", "connect ECONNREFUSED 127.0.0.1:5432", Some("inner (/app/t.js:2)"));
    }

    #[test]
    fn the_first_member_stands_for_an_aggregate() {
        let text = "AggregateError: gwak\n    at Object.<anonymous> (/app/t.js:5:15)\n    at node:internal/main/run_main_module:28:49 {\n  [errors]: [\n    TypeError: blep\n        at one (/app/t.js:5:35)\n        at node:internal/main/run_main_module:28:49,\n    RangeError: blop\n        at two (/app/t.js:5:57)\n  ]\n}\n";
        check(text, Language::Node, "TypeError", "blep", Some("one (/app/t.js:5)"));
    }

    #[test]
    fn an_uncaught_error_is_read_below_its_source() {
        let text = "/app/t.js:3\nasync function mid(){ throw new DbError('query failed'); }\n                      ^\n\nTypeError [ERR_INVALID_ARG_TYPE]: The \"path\" argument must be a string\n    at new Cart (/app/t.js:3:54)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n\nNode.js v20.20.2\n";
        check(text, Language::Node, "TypeError", "The \"path\" argument must be a string", Some("Cart (/app/t.js:3)"));
    }

    #[test]
    fn a_frame_without_function_is_its_file() {
        let text = "query failed: Error: no\nwith details\n    at file:///app/dist/main.4f2a91cc.js:6:175\n    at Array.map (<anonymous>)\n";
        check(text, Language::Node, "Error", "no", Some("file:///app/dist/main.4f2a91cc.js:6"));
        check_same(text, &text.replace("4f2a91cc", "99e7b0aa").replace(":6:", ":8:"));
    }
}
