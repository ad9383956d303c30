use std::fmt::Write as _;

/// All checks as a Markdown page, by topic.
#[must_use]
pub fn check_list() -> String {
    let mut out = String::from(
        "# Checks of `firstfault audit`\n\n\
         Rank = prior of the failure modes × share that the safeguard would have stopped or shown × urgency × blast radius.\n\
         Codes never change their meaning. The hundreds are the topic.\n",
    );
    let mut topic = "";
    for (name, check) in crate::checks() {
        if name != topic {
            let _ = writeln!(out, "\n## {name}");
            topic = name;
        }
        let _ = writeln!(out, "\n### {}: {}\n\n{}\n", check.code, check.title, check.means);
        let _ = writeln!(out, "- Mend: {}", check.mend);
        if check.modes.is_empty() {
            let _ = writeln!(out, "- Stands for no failure mode of the catalogue; it counts as a rare one");
        } else {
            let modes: Vec<String> = check.modes.iter().map(|m| format!("`{m}`")).collect();
            let _ = writeln!(out, "- Lets happen or hides: {} (share {})", modes.join(", "), check.share);
        }
        let _ = writeln!(out, "- See <{}>", check.reference);
    }
    out
}
