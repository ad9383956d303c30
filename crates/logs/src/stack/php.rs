//! What PHP prints of an uncaught exception (`Zend/zend_exceptions.c`), and what Monolog writes of a caught one
//! (`LineFormatter`).

use super::frame::{Frame, Raised, is_name, place};

pub(super) fn read<'a>(lines: &[&'a str]) -> Option<Vec<Raised<'a>>> {
    let mut chain: Vec<Raised<'a>> = Vec::new();
    // Where the frame that is read next was left: the place that its caller's line prints.
    let mut left = ("", 0);
    let mut root_last = false;
    for line in lines {
        if let Some((raised, at)) = exception(line) {
            root_last |= line.contains("[object] (");
            chain.push(raised);
            left = at;
        } else if let Some((at, function)) = call(line)
            && let Some(raised) = chain.last_mut()
        {
            raised.frames.push(Frame { function, file: left.0, line: left.1 });
            left = at;
        }
    }
    // PHP prints what came first first; Monolog the other way round.
    if root_last {
        chain.reverse();
    }
    for raised in &mut chain {
        if raised.frames.is_empty() && left.1 > 0 {
            raised.frames.push(Frame { function: "", file: left.0, line: left.1 });
        }
    }
    Some(chain)
}

type Location<'a> = (&'a str, u32);

/// `PHP Fatal error:  Uncaught RuntimeException: text in /app/x.php:12`, `Next LogicException: text in …`,
/// `[object] (RuntimeException(code: 0): text at /app/x.php:12)`.
fn exception(line: &str) -> Option<(Raised<'_>, Location<'_>)> {
    if let Some((_, rest)) = line.split_once("[object] (") {
        let (kind, rest) = rest.split_once("(code: ")?;
        let (_, rest) = rest.split_once("): ")?;
        let (message, at) = rest.trim_end_matches(['"', '}', ']', ' ']).trim_end_matches(')').rsplit_once(" at ")?;
        return is_name(kind).then_some((Raised::new(kind, message), place(at)?));
    }
    let bare = line.trim();
    let text = match bare.split_once("Uncaught ") {
        Some((before, text)) if before.contains("PHP ") || before.contains("Fatal error") => text,
        _ => bare.strip_prefix("Next ")?,
    };
    let (text, at) = text.rsplit_once(" in ")?;
    let (kind, message) = text.split_once(": ").unwrap_or((text, ""));
    is_name(kind).then_some((Raised::new(kind, message), place(at)?))
}

/// `#0 /app/x.php(34): Cart->total()`, `#1 [internal function]: …`, `#2 {main}`.
fn call(line: &str) -> Option<(Location<'_>, &str)> {
    let (number, rest) = line.trim().strip_prefix('#')?.split_once(' ')?;
    number.parse::<u32>().ok()?;
    if rest.starts_with("{main}") {
        return Some((("", 0), "{main}"));
    }
    let (at, function) = rest.split_once(": ")?;
    let function = function.split('(').next().unwrap_or(function);
    if at == "[internal function]" {
        return Some(((at, 0), function));
    }
    let (file, number) = at.strip_suffix(')')?.rsplit_once('(')?;
    Some(((file, number.parse().ok()?), function))
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::super::tests::{check, check_same};

    #[test]
    fn the_first_exception_is_the_root_of_an_uncaught_one() {
        let text = "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /app/vendor/db/Connection.php:44\nStack trace:\n#0 /app/vendor/db/Connection.php(44): PDO->__construct()\n#1 /app/src/Cart.php(12): Db\\Connection->open('mysql:...')\n#2 /app/public/index.php(3): Shop\\Cart->total()\n#3 {main}\n\nNext RuntimeException: no cart in /app/src/Cart.php:15\nStack trace:\n#0 /app/public/index.php(3): Shop\\Cart->total()\n#1 {main}\n  thrown in /app/src/Cart.php on line 15\n";
        check(
            text,
            Language::Php,
            "PDOException",
            "SQLSTATE[HY000] [2002] Connection refused",
            Some("Shop\\Cart->total (/app/src/Cart.php:12)"),
        );
        check_same(text, &text.replace("(12)", "(14)").replace("mysql:", "other:"));
    }

    #[test]
    fn monolog_names_the_previous_one_last() {
        let text = "production.ERROR: no cart {\"exception\":\"[object] (RuntimeException(code: 0): no cart at /app/src/Cart.php:15)\n[stacktrace]\n#0 /app/public/index.php(3): Shop\\Cart->total()\n#1 {main}\n\n[previous exception] [object] (PDOException(code: 2002): refused at /app/src/Db.php:44)\n[stacktrace]\n#0 /app/src/Cart.php(12): Shop\\Db->open()\n#1 {main}\n\"}\n";
        check(text, Language::Php, "PDOException", "refused", Some("Shop\\Db->open (/app/src/Db.php:44)"));
    }

    #[test]
    fn without_a_trace_the_place_is_known() {
        let text = "PHP Fatal error:  Uncaught Error: Call to undefined function mysqli_connect() in /app/db.php:7";
        check(text, Language::Php, "Error", "Call to undefined function mysqli_connect()", Some("/app/db.php:7"));
    }
}
