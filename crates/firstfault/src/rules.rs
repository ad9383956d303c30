//! Rules of others, from files.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use firstfault_logs::cre::{RuleError, Rules};
use firstfault_model::{FileCoverage, Name, Place, Problem};

use crate::mistake::Mistake;

/// Reads a YAML file of rules, or all that stand in a folder.
pub(crate) fn load(at: &Path) -> anyhow::Result<(Rules, Vec<RuleError>)> {
    let missing =
        || Mistake::error(format!("no rules at {}", at.display()), "give a YAML file of rules, or a folder of them");
    let mut paths = Vec::new();
    if at.is_dir() {
        for entry in fs::read_dir(at).with_context(|| format!("cannot read {}", at.display()))? {
            paths.push(entry?.path());
        }
        paths.retain(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml"));
        paths.sort();
    } else if at.is_file() {
        paths.push(at.to_owned());
    }
    if paths.is_empty() {
        return Err(missing());
    }
    let mut files = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.push((path.display().to_string(), text));
    }
    Ok(Rules::load(&files))
}

/// What was made of the rules: those that were rejected are told with file and line.
pub(crate) fn coverage(at: &Path, rules: &Rules, errors: &[RuleError]) -> FileCoverage {
    let problem = |error: &RuleError| {
        let rule = error.rule.as_deref().map_or_else(String::new, |rule| format!("{rule}: "));
        let line = u32::try_from(error.line).unwrap_or(0);
        Problem { place: Place::line(&Name::from(error.file.as_str()), line), what: format!("{rule}{}", error.what) }
    };
    FileCoverage {
        path: at.display().to_string().into(),
        read_as: "rules of others".to_owned(),
        items: rules.len(),
        problems: errors.iter().map(problem).collect(),
    }
}
