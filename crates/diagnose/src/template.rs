//! Filling the catalogue's templates with a case's own names and values.

use firstfault_model::case::CaseEntity;
use firstfault_model::shell::{is_harmless, quote};
use firstfault_model::{Entity, Finding};

use crate::by_kind;

/// What placeholders stand for in one theory.
pub(crate) struct Facts<'a> {
    pub(crate) entity: &'a Entity,
    pub(crate) findings: Vec<&'a Finding>,
}

impl Facts<'_> {
    fn value(&self, name: &str) -> Option<String> {
        let named = match name {
            "entity" => Some(plain(self.entity)),
            "kind" => Some(self.entity.kind.to_string()),
            "name" => Some(self.entity.name.to_string()),
            "namespace" | "ns" => self.entity.namespace.as_ref().map(ToString::to_string),
            "other" => self.findings.iter().find_map(|f| f.other.as_ref()).map(plain),
            _ => None,
        };
        named.or_else(|| {
            self.findings
                .iter()
                .find_map(|f| f.fields.iter().find(|(n, v)| *n == name && !v.is_empty()).map(|(_, v)| v.clone()))
        })
    }

    /// A sentence; `None` if a placeholder has no value. A part in brackets is left out if one
    /// of its own has none: `{entity} ends with an error[: {error}].`
    pub(crate) fn sentence(&self, template: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, (part, after))) =
            rest.split_once('[').and_then(|(before, inside)| Some((before, inside.split_once(']')?)))
        {
            filled.push_str(&fill(before, |name| self.value(name))?);
            filled.push_str(&fill(part, |name| self.value(name)).unwrap_or_default());
            rest = after;
        }
        filled.push_str(&fill(rest, |name| self.value(name))?);
        Some(filled)
    }

    /// A command: what comes from evidence is quoted for a POSIX shell; what is not known stays
    /// as a word in capitals to be filled in. So does what would meet a second shell or stand inside
    /// quotes, unless it is harmless as it is: there quoting does not hold.
    pub(crate) fn command(&self, template: &str) -> String {
        let template = by_kind::resolve(template, self.entity);
        let mut quotes = None;
        let mut seen = 0;
        let twice = template.starts_with("ssh ") || template.starts_with("on ") || template.contains("sh -c ");
        let filled = fill(&template, |name| {
            // The placeholders come in the order in which they stand.
            let at = template[seen..].find(&format!("{{{name}}}")).map_or(template.len(), |i| seen + i);
            for c in template[seen..at].chars().filter(|c| matches!(c, '\'' | '"')) {
                quotes = match quotes {
                    None => Some(c),
                    Some(open) if open == c => None,
                    open => open,
                };
            }
            seen = (at + name.len() + 2).min(template.len());
            let value = if name == "kind" { Some(by_kind::word(self.entity).into_owned()) } else { self.value(name) };
            let value = value.filter(|v| is_harmless(v) || (quotes.is_none() && !twice));
            Some(value.map_or_else(|| name.to_uppercase().replace(' ', "_"), |value| quote(&value)))
        });
        filled.unwrap_or_else(|| template.into_owned())
    }
}

/// `Deployment shop/api`, or `node worker-2`.
pub(crate) fn plain(entity: &Entity) -> String {
    CaseEntity::from(entity).to_string()
}

/// Replaces `{name}`; braces around anything but a word stay as they are (JSON paths, Go templates).
fn fill(template: &str, mut value: impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let word = after.find('}').map(|close| &after[..close]).filter(|w| is_word(w));
        match word {
            Some(word) => {
                out.push_str(&value(word)?);
                rest = &after[word.len() + 1..];
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Some(out)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_placeholders_are_named_in_commands_and_refused_in_sentences() {
        let entity = Entity::namespaced("Deployment", "shop", "api");
        let facts = Facts { entity: &entity, findings: vec![] };
        assert_eq!(
            facts.command("kubectl -n {namespace} get node {node} -o jsonpath='{.spec}'"),
            "kubectl -n shop get node NODE -o jsonpath='{.spec}'"
        );
        assert_eq!(facts.sentence("{name} waits for {node}"), None);
        assert_eq!(facts.sentence("{name} waits[ for {node}][ in {namespace}]."), Some("api waits in shop.".into()));
    }

    #[test]
    fn what_quoting_does_not_hold_is_left_to_a_person() {
        let hostile = Entity::namespaced("Deployment", "shop", "$(reboot)");
        let facts = Facts { entity: &hostile, findings: vec![] };
        assert_eq!(facts.command("kubectl -n {namespace} get deploy {name}"), "kubectl -n shop get deploy '$(reboot)'");
        assert_eq!(facts.command("ssh {name} uptime"), "ssh NAME uptime");
        assert_eq!(
            facts.command("kubectl -n {namespace} patch x -p '{\"a\":\"{name}\"}' # {name}"),
            "kubectl -n shop patch x -p '{\"a\":\"NAME\"}' # '$(reboot)'"
        );
    }
}
