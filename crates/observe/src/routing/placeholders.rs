//! Placeholders in settings: `$(NAME)`, `${NAME}`, `${NAME:default}`, `${NAME:-default}`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)|\$\{([A-Za-z_][A-Za-z0-9_.-]*?)(?::-?([^{}]*))?\}")
        .expect("a constant pattern")
});

/// Replaces what `lookup` knows, then what has a default; the rest stays.
pub(crate) fn expand(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let replace = |found: &Captures| {
        let name = found.get(1).or(found.get(2)).map_or("", |m| m.as_str());
        lookup(name).or_else(|| found.get(3).map(|m| m.as_str().to_owned())).unwrap_or_else(|| found[0].to_owned())
    };
    PLACEHOLDER.replace_all(text, replace).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in_and_defaults_stand_in() {
        let known = |name: &str| (name == "HOST").then(|| "pg".to_owned());
        assert_eq!(expand("$(HOST):5432 ${HOST} ${PORT:5432} ${X:-y} ${Z}", &known), "pg:5432 pg 5432 y ${Z}");
    }
}
