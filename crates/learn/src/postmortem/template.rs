//! A postmortem in a form of one's own: a minijinja template gets the document's data.

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State};

use firstfault_report::markup;

use super::document::Postmortem;

/// Steps of a template at most; a loop over all of a large document takes a few thousand.
const FUEL: u64 = 2_000_000;
/// Templates, macros and loops nested at most.
const RECURSION: usize = 64;

/// The template cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

/// Renders a template. Its name's extension decides how values are escaped: HTML for `.html`, `.htm`,
/// `.xml` and `.svg`, JSON for `.json`, Markdown for `.md` and `.markdown`, else not at all.
///
/// # Errors
/// Where the template has a mistake, names what the document does not hold, or does not end.
pub fn render(document: &Postmortem, name: &str, source: &str) -> Result<String, TemplateError> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(escape_of);
    environment.set_formatter(format);
    let fail = |error: Error| {
        let line = error.line().map_or_else(String::new, |line| format!(" in line {line}"));
        TemplateError(format!("{name}{line}: {error}"))
    };
    environment.add_template(name, source).map_err(fail)?;
    let template = environment.get_template(name).map_err(fail)?;
    template.render(Value::from_serialize(document)).map_err(fail)
}

fn escape_of(name: &str) -> AutoEscape {
    let name = name.strip_suffix(".j2").or_else(|| name.strip_suffix(".jinja")).unwrap_or(name);
    match name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase().as_str() {
        "html" | "htm" | "xml" | "xhtml" | "svg" => AutoEscape::Html,
        "json" => AutoEscape::Json,
        "md" | "markdown" => AutoEscape::Custom("markdown"),
        _ => AutoEscape::None,
    }
}

/// Writes a value; what stands in Markdown is escaped here, since minijinja knows HTML and JSON only.
fn format(out: &mut Output<'_>, state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    match state.auto_escape() {
        AutoEscape::Custom(_) if value.is_safe() || value.kind() == ValueKind::Number => write(out, &value.to_string()),
        AutoEscape::Custom(_) => write(out, &markup::text(&value.to_string())),
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn write(out: &mut Output<'_>, text: &str) -> Result<(), Error> {
    out.write_str(text).map_err(|_| Error::new(ErrorKind::WriteFailure, "cannot write into a text"))
}
