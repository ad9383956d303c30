//! What Ruby prints of an uncaught exception (`error.c`), and what Rails, Sidekiq and `full_message` write.

use super::frame::{Frame, Raised, is_name};

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let first = lines.iter().position(|line| frame(line).is_some())?;
    let mut chain: Vec<Raised<'a>> = Vec::new();
    // Otherwise the exception is named in the first frame's line.
    if headed(lines[first]).is_none() {
        chain.extend(lines[..first].iter().rev().find_map(|line| named(line)));
    }
    for line in &lines[first..] {
        let Some((call, rest)) = frame(line) else {
            if line.trim() == "Causes:" || line.trim().starts_with("Cause") {
                continue;
            }
            // Rails names the causes after the trace: `PG::ConnectionBad (text)`.
            if !chain.is_empty()
                && let Some(raised) = named(line).filter(|raised| raised.kind.contains("::"))
            {
                chain.push(raised);
            }
            continue;
        };
        chain.extend(exception(rest));
        chain.last_mut()?.frames.push(call);
    }
    // A cause is printed after what it caused.
    chain.reverse();
    Some(chain)
}

/// `/app/cart.rb:41:in 'Cart#total'` with what follows: `: text (KeyError)` in the line that begins a trace.
fn frame(line: &str) -> Option<(Frame<'_>, &str)> {
    let bare = line.trim();
    let bare = bare.split_once("from ").map_or(bare, |(_, rest)| rest);
    let (place, rest) = bare.split_once(":in ")?;
    let (file, number) = place.rsplit_once(':')?;
    let file = file.rsplit([' ', '\t']).next().unwrap_or(file);
    let is_source =
        file.contains(".rb") || file.contains("bin/") || file.starts_with("<internal:") || file.ends_with(".ru");
    let rest = rest.strip_prefix(['`', '\''])?;
    let (function, rest) = rest.split_once('\'')?;
    is_source.then_some(())?;
    Some((Frame { function, file, line: number.parse().ok()? }, rest))
}

fn headed(line: &str) -> Option<Raised<'_>> {
    exception(frame(line)?.1)
}

/// `: undefined method 'x' for nil (NoMethodError)`.
fn exception(rest: &str) -> Option<Raised<'_>> {
    let text = rest.strip_prefix(": ")?;
    let (message, kind) = match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((message, kind)) => (message, kind),
        None => (text, "StandardError"),
    };
    is_name(kind).then(|| Raised::new(kind, message))
}

/// `NoMethodError (undefined method 'x' for nil):`, `KeyError: text`, with what a logger puts before it.
fn named(line: &str) -> Option<Raised<'_>> {
    let bare = line.trim().trim_end_matches(':');
    let begins = std::iter::once(0).chain(bare.match_indices([' ', '\t']).take(64).map(|(at, _)| at + 1));
    begins.map(|at| &bare[at..]).find_map(|text| {
        let (kind, message) = text.split_once(" (").or_else(|| text.split_once(": ")).unwrap_or((text, ""));
        let is_class = is_name(kind) && kind.starts_with(|c: char| c.is_ascii_uppercase());
        let known =
            ["Error", "Exception", "Invalid", "NotFound", "Timeout", "Bad"].iter().any(|end| kind.ends_with(end));
        (is_class && (known || kind.contains("::"))).then(|| Raised::new(kind, message.trim_end_matches(')')))
    })
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::check;

    #[test]
    fn an_uncaught_exception_names_its_cause_last() {
        let text = "/app/lib/cart.rb:12:in `rescue in total': no cart (RuntimeError)\n\tfrom /app/lib/cart.rb:9:in `total'\n\tfrom bin/run.rb:3:in `<main>'\n/usr/local/bundle/gems/pg-1.5/lib/pg/connection.rb:7:in `connect': connection refused (PG::ConnectionBad)\n\tfrom /app/lib/db.rb:4:in `open'\n\tfrom bin/run.rb:3:in `<main>'\n";
        check(text, Language::Ruby, "PG::ConnectionBad", "connection refused", Some("open (/app/lib/db.rb:4)"));
    }

    #[test]
    fn rails_writes_the_exception_above_the_trace() {
        let text = "NoMethodError (undefined method 'price' for nil):\n  \napp/models/cart.rb:31:in 'Cart#total'\napp/controllers/carts_controller.rb:8:in 'CartsController#show'\n";
        check(
            text,
            Language::Ruby,
            "NoMethodError",
            "undefined method 'price' for nil",
            Some("Cart#total (app/models/cart.rb:31)"),
        );
        let sidekiq = "2026-11-24T10:00:00Z pid=1 tid=a WARN: KeyError: key not found: :id\n/usr/local/lib/ruby/3.3.0/json.rb:3:in `fetch'\n/app/jobs/pay.rb:12:in `perform'\n";
        check(sidekiq, Language::Ruby, "KeyError", "key not found: :id", Some("perform (/app/jobs/pay.rb:12)"));
    }
}
