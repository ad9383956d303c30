//! jq programs: one that yields anything but `null` and `false` matches.

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Filter, Vars, data, unwrap_valr};
use jaq_json::{Val, read};

/// Outputs looked at; a program that yields more has decided long before.
const MOST_OUTPUTS: usize = 1_000;

/// Filters that a rule has no business with: they end the run, or look at the clock and the environment.
const OUTSIDE: &[&str] = &["halt", "halt_error", "now", "env", "input_line_number", "localtime", "strflocaltime"];

/// A compiled program.
pub(super) struct Program {
    filter: Filter<data::JustLut<Val>>,
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
        Ok(Self { filter })
    }

    /// Whether a record's text is JSON that the program says yes to.
    pub(super) fn matches(&self, text: &str) -> bool {
        // A record that begins with its time is no JSON; this is told without parsing.
        if !text.trim_start().starts_with(['{', '[', '"', 't', 'f', 'n']) {
            return false;
        }
        let Ok(input) = read::parse_single(text.as_bytes()) else { return false };
        let context = Ctx::<data::JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        let mut outputs = self.filter.id.run((context, input)).map(unwrap_valr).take(MOST_OUTPUTS);
        outputs.any(|output| output.is_ok_and(|value| !matches!(value, Val::Null | Val::Bool(false))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
