//! Words from evidence in commands that a person will run.

/// Quotes for a POSIX shell; a leading dash cannot become an option, a control character not a line.
#[must_use]
pub fn quote(value: &str) -> String {
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if is_harmless(&value) {
        return value;
    }
    let safe = if value.starts_with('-') { format!("./{value}") } else { value };
    format!("'{}'", safe.replace('\'', r"'\''"))
}

/// One word for any shell, and no option.
#[must_use]
pub fn is_harmless(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    !value.is_empty() && value.chars().all(plain) && !value.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_one_harmless_word() {
        assert_eq!(quote("api-7"), "api-7");
        assert_eq!(quote("$(reboot)"), "'$(reboot)'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("a\nb"), "'a b'");
        assert_eq!(quote("--all"), "'./--all'");
    }
}
