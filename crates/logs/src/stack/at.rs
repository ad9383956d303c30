//! `at` lines: Java, .NET and Node.js begin their frames with the same word.

use super::Language;
use super::frame::{Frame, place};

/// The language of an `at` line, and its frame.
pub(super) fn frame(line: &str) -> Option<(Language, Frame<'_>)> {
    let bare = line.trim();
    let call = bare.strip_prefix("at ")?;
    if let Some(frame) = node(call) {
        return Some((Language::Node, frame));
    }
    if let Some(frame) = java(call) {
        return Some((Language::Java, frame));
    }
    dotnet(call).map(|frame| (Language::DotNet, frame))
}

/// The frame of an `at` line, if it is of that language.
pub(super) fn of(language: Language, line: &str) -> Option<Frame<'_>> {
    frame(line).and_then(|(found, frame)| (found == language).then_some(frame))
}

/// `com.shop.Cart.total(Cart.java:41) ~[app.jar:?]`, `java.base/java.net.URI.<init>(URI.java:623)`.
fn java(call: &str) -> Option<Frame<'_>> {
    let (function, rest) = call.split_once('(')?;
    let (location, _) = rest.split_once(')')?;
    let is_function = function.contains('.') && !function.contains(' ');
    let (file, line) = location.rsplit_once(':').unwrap_or((location, ""));
    let is_file = [".java", ".kt", ".scala", ".groovy", ".clj", ".kts", ".sc"].iter().any(|end| file.ends_with(end));
    let numbered = !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()) && !file.contains(['/', ' ', ',']);
    let unknown = matches!(location, "Native Method" | "Unknown Source" | "<generated>" | "Unknown Source:0");
    (is_function && (is_file || numbered || unknown)).then(|| Frame {
        function: without_module(function),
        file: if unknown { "" } else { file },
        line: line.parse().unwrap_or(0),
    })
}

/// Without the loader and module before a class: `app//`, `java.base/`, `loader/module@1.0/`.
fn without_module(function: &str) -> &str {
    // A hidden class has a slash of its own: `Cart$$Lambda/0x00000008.run`.
    let end = function.find("Lambda").unwrap_or(function.len());
    function[..end].rfind('/').map_or(function, |slash| &function[slash + 1..])
}

/// `mid (/app/cart.js:3:54)`, `async /app/cart.js:3:54`, `new Cart (file:///app/cart.mjs:1:2)`, `Array.map (<anonymous>)`.
fn node(call: &str) -> Option<Frame<'_>> {
    // Inspected errors close what they print on the last frame's line.
    let call = call.trim_end_matches([' ', '{', ',']).trim();
    let call = call.strip_prefix("async ").unwrap_or(call);
    if let Some((function, location)) = call.strip_suffix(')').and_then(|call| call.rsplit_once(" (")) {
        let function = function.strip_prefix("new ").unwrap_or(function);
        if matches!(location, "<anonymous>" | "native") || location.starts_with("index ") {
            return Some(Frame { function, file: "<anonymous>", line: 0 });
        }
        return columned(location).map(|(file, line)| Frame { function, file, line });
    }
    let (file, line) = columned(call).filter(|(file, _)| !file.contains([' ', '(']))?;
    Some(Frame { function: "", file, line })
}

/// `path:line:column`, both numbers.
fn columned(text: &str) -> Option<(&str, u32)> {
    let (rest, column) = text.rsplit_once(':')?;
    let (path, line) = rest.rsplit_once(':')?;
    column.parse::<u32>().ok()?;
    Some((path, line.parse().ok()?))
}

/// `Shop.Cart.Total(List`1 items) in /src/Cart.cs:line 41`, `Shop.Cart.Total () [0x00000] in <5a7b>:0`.
fn dotnet(call: &str) -> Option<Frame<'_>> {
    let (function, rest) = call.split_once('(')?;
    let function = function.trim_end();
    // `async Task<int> Shop.Cart.Total()`: demystified traces have the type returned before the name.
    let function = function.rsplit(' ').next().unwrap_or(function);
    if !function.contains('.') || !rest.contains(')') {
        return None;
    }
    let location = rest.rsplit_once(") in ").or_else(|| rest.rsplit_once("] in ")).map_or("", |(_, location)| location);
    if let Some((file, line)) = location.rsplit_once(":line ") {
        return Some(Frame { function, file, line: line.trim().parse().unwrap_or(0) });
    }
    let (file, line) = place(location).filter(|(file, _)| !file.starts_with('<')).unwrap_or(("", 0));
    Some(Frame { function, file, line })
}
