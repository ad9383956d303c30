//! jq programs: one that yields anything but `null` and `false` matches.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Filter, Vars, data, ops, unwrap_valr};
use jaq_json::{Val, read};
use memchr::memmem::Finder;

/// Outputs looked at; a program that yields more has decided long before.
const MOST_OUTPUTS: usize = 1_000;

/// Filters that a rule has no business with: they end the run, or look at the clock and the environment.
const OUTSIDE: &[&str] = &["halt", "halt_error", "now", "env", "input_line_number", "localtime", "strflocaltime"];

/// A compiled program.
pub(super) struct Program {
    filter: Filter<data::JustLut<Val>>,
    /// Stands in every record that matches, unless that has escapes.
    fixed: Option<Finder<'static>>,
}

impl Program {
    /// Compiles it; the error says that it cannot be read.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let loader = Loader::new(defs.filter(|def| !OUTSIDE.contains(&def.name)));
        let arena = Arena::default();
        let unreadable = || format!("`{}` is no jq program", text.trim());
        let modules = loader.load(&arena, File { code: text, path: () }).map_err(|_| unreadable())?;
        let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let funs = funs.filter(|fun| !OUTSIDE.contains(&fun.0));
        let filter = Compiler::default().with_funs(funs).compile(modules).map_err(|_| unreadable())?;
        let fixed = load::parse(text, |parser| parser.term()).as_ref().and_then(compared);
        Ok(Self { filter, fixed: fixed.map(|text| Finder::new(&text).into_owned()) })
    }

    /// Whether a record's text is JSON that the program says yes to.
    pub(super) fn matches(&self, text: &str) -> bool {
        // A record that begins with its time is no JSON; this is told without parsing.
        if !text.trim_start().starts_with(['{', '[', '"', 't', 'f', 'n']) {
            return false;
        }
        // Nor is it parsed where what a member is compared with does not stand in it.
        if let Some(fixed) = &self.fixed
            && fixed.find(text.as_bytes()).is_none()
            && memchr::memchr(b'\\', text.as_bytes()).is_none()
        {
            return false;
        }
        let Ok(input) = read::parse_single(text.as_bytes()) else { return false };
        let context = Ctx::<data::JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        let mut outputs = self.filter.id.run((context, input)).map(unwrap_valr).take(MOST_OUTPUTS);
        outputs.any(|output| output.is_ok_and(|value| !matches!(value, Val::Null | Val::Bool(false))))
    }
}

/// The text that a program compares a part of its input with, where it is false without: `.kind == "Pod" and …`.
fn compared(term: &Term<&str>) -> Option<String> {
    let Term::BinOp(left, operator, right) = term else { return None };
    match operator {
        BinaryOp::And => compared(left).or_else(|| compared(right)),
        BinaryOp::Cmp(ops::Cmp::Eq) => [(left, right), (right, left)].into_iter().find_map(|(one, other)| {
            plain(one).filter(|_| matches!(&**other, Term::Path(of, _) if matches!(**of, Term::Id)))
        }),
        _ => None,
    }
}

/// A string without escapes and insertions, which JSON writes as it is.
fn plain(term: &Term<&str>) -> Option<String> {
    let Term::Str(None, parts) = term else { return None };
    let mut text = String::new();
    for part in parts {
        let StrPart::Str(part) = part else { return None };
        text.push_str(part);
    }
    let is_plain = !text.is_empty() && !text.contains(|c: char| c == '"' || c == '\\' || c.is_control());
    is_plain.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_member_is_compared_with_stands_in_the_record() {
        let fixed = |text: &str| {
            let program = Program::new(text).expect("a program");
            program.fixed.map(|finder| String::from_utf8_lossy(finder.needle()).into_owned())
        };
        assert_eq!(fixed(r#".kind == "Pod" and (.spec.user != null)"#), Some("Pod".to_owned()));
        assert_eq!(fixed(r#"(.a // 0) > 1 and "x/y" == .b.c"#), Some("x/y".to_owned()));
        for none in
            [r#".kind == "Pod" or .a"#, r#".kind != "Pod""#, r#""Pod" | . == "Pod""#, r#".a == "\(.b)""#, ".a == 1"]
        {
            assert_eq!(fixed(none), None, "{none}");
        }
        let program = Program::new(r#".kind == "Pod""#).expect("a program");
        assert!(program.matches(r#"{"kind":"P\u006fd"}"#), "an escape");
        assert!(!program.matches(r#"{"kind":"Node"}"#));
    }

    #[test]
    fn a_program_matches_when_it_yields_anything_true() {
        let program =
            Program::new(r#".kind == "Pod" and (.spec.user // 0) != 0 and (.spec.volumes[]? | .nfs != null)"#);
        let program = program.expect("a program");
        assert!(program.matches(r#"{"kind":"Pod","spec":{"user":7,"volumes":[{"x":1},{"nfs":{}}]}}"#));
        assert!(!program.matches(r#"{"kind":"Pod","spec":{"user":0,"volumes":[{"nfs":{}}]}}"#));
        assert!(!program.matches(r#"{"kind":"Pod","spec":{"user":7}}"#), "no output is no match");
        assert!(!program.matches("2026-11-24T10:00:00Z {}"), "no JSON is no match");
        assert!(!Program::new(".a.b").expect("a program").matches(r#"{"a":3}"#), "an error is no match");
        assert!(Program::new(".a |").is_err());
        assert!(Program::new("halt").is_err(), "a rule ends no run");
        assert!(Program::new("now > 0").is_err(), "a rule sees no clock");
    }
}
