//! What Elixir's `Exception.format` and Erlang's `erl_error` write: crash reports, terminating servers, the shell.

use super::frame::{Frame, Raised, is_name, place};

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let mut raised: Option<Raised<'a>> = None;
    for line in lines {
        let bare = line.trim();
        if let Some(known) = exception(bare) {
            // What is said further down is closer to the root: `** (EXIT) an exception was raised:` before it.
            if raised.as_ref().is_none_or(|known| known.frames.is_empty()) {
                raised = Some(known);
            }
        } else if let Some(raised) = &mut raised
            && let Some(frame) = elixir(bare).or_else(|| erlang(bare))
        {
            raised.frames.push(frame);
        }
    }
    raised.filter(|raised| !raised.frames.is_empty()).map(|raised| vec![raised])
}

/// `** (KeyError) key :adapter not found`, `exception error: bad argument`.
fn exception(bare: &str) -> Option<Raised<'_>> {
    if let Some((_, rest)) = bare.split_once("** (") {
        let (kind, message) = rest.split_once(") ")?;
        return is_name(kind).then(|| Raised::new(kind, message));
    }
    let (_, rest) = bare.split_once("exception ")?;
    let (kind, message) = rest.split_once(": ")?;
    matches!(kind, "error" | "exit" | "throw").then(|| Raised::new(kind, message))
}

/// `(shop 0.1.0) lib/shop/cart.ex:41: Shop.Cart.total/1`.
fn elixir(bare: &str) -> Option<Frame<'_>> {
    let (at, function) = bare.split_once(": ")?;
    let (file, line) = place(at)?;
    let is_source = [".ex", ".exs", ".erl", ".yrl", ".eex", ".heex"].iter().any(|end| file.ends_with(end));
    is_source.then_some(Frame { function, file, line })
}

/// `in function  shop_cart:total/1 (src/shop_cart.erl, line 41)`.
fn erlang(bare: &str) -> Option<Frame<'_>> {
    let call = bare.strip_prefix("in function ").or_else(|| bare.strip_prefix("in call from "))?.trim_start();
    let Some((function, at)) = call.strip_suffix(')').and_then(|call| call.split_once(" (")) else {
        return Some(Frame { function: call, file: "", line: 0 });
    };
    let (file, line) = at.split_once(", line ")?;
    Some(Frame { function, file, line: line.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::check;

    #[test]
    fn elixir_names_the_application_before_the_file() {
        let text = "[error] GenServer Shop.Cart terminating\n** (KeyError) key :price not found in: %{}\n    (elixir 1.15.7) lib/map.ex:535: Map.fetch!/2\n    (shop 0.1.0) lib/shop/cart.ex:41: Shop.Cart.total/1\n    (stdlib 5.1) gen_server.erl:1113: :gen_server.try_handle_cast/3\n";
        check(
            text,
            Language::Erlang,
            "KeyError",
            "key :price not found in: %{}",
            Some("Shop.Cart.total/1 ((shop 0.1.0) lib/shop/cart.ex:41)"),
        );
        let exit = "Application shop exited: shutdown\n    ** (EXIT) an exception was raised:\n        ** (MatchError) no match of right hand side value: {:ok, 1}\n            (shop 0.1.0) lib/shop/cache.ex:15: Shop.Cache.init/1\n";
        check(
            exit,
            Language::Erlang,
            "MatchError",
            "no match of right hand side value: {:ok, 1}",
            Some("Shop.Cache.init/1 ((shop 0.1.0) lib/shop/cache.ex:15)"),
        );
    }

    #[test]
    fn a_crash_report_of_erlang_is_read() {
        let text = "crasher:\n    initial call: shop_cart:init/1\n    exception error: no match of right hand side value {error,not_found}\n      in function  lists:nth/2 (lists.erl, line 3)\n      in call from shop_cart:total/1 (src/shop_cart.erl, line 41)\n      in call from gen_server:try_handle_call/4 (gen_server.erl, line 661)\n";
        check(
            text,
            Language::Erlang,
            "error",
            "no match of right hand side value {error,not_found}",
            Some("shop_cart:total/1 (src/shop_cart.erl:41)"),
        );
    }
}
