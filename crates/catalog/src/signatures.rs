use std::collections::BTreeMap;

use firstfault_model::{Background, Declaration, SignatureSpec, Trust};
use serde::Deserialize;
use serde_json::Value;

use crate::CatalogError;

/// A finding that log messages stand for (`log-signatures/findings.yaml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatedFinding {
    id: String,
    says: String,
    background: String,
    trust: String,
}

/// One known message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatedSignature {
    name: String,
    finding: String,
    #[serde(default)]
    literals: Vec<String>,
    #[serde(default)]
    pattern: Option<String>,
    /// Lines that must match; a test walks them.
    #[serde(default, rename = "match")]
    _match: Vec<String>,
    /// Look-alikes that must not match.
    #[serde(default, rename = "differ")]
    _differ: Vec<String>,
}

/// The log signatures of the catalogue's files.
///
/// # Errors
/// A file that is not a list of signatures, or a signature of an undeclared finding.
pub fn signatures(files: &[(String, Value)]) -> Result<Vec<SignatureSpec>, CatalogError> {
    let mut findings: BTreeMap<String, Declaration> = BTreeMap::new();
    let wrong = |path: &str, message: String| CatalogError::Parse { path: path.to_owned(), message };
    for (path, contents) in files.iter().filter(|(path, _)| path.ends_with("findings.yaml")) {
        let stated: Vec<StatedFinding> =
            serde_json::from_value(contents.clone()).map_err(|e| wrong(path, e.to_string()))?;
        for finding in stated {
            let declaration = declaration(&finding).map_err(|message| wrong(path, message))?;
            findings.insert(finding.id, declaration);
        }
    }
    let mut specs = Vec::new();
    for (path, contents) in files.iter().filter(|(path, _)| !path.ends_with("findings.yaml")) {
        let stated: Vec<StatedSignature> =
            serde_json::from_value(contents.clone()).map_err(|e| wrong(path, e.to_string()))?;
        for signature in stated {
            let finding = *findings.get(&signature.finding).ok_or_else(|| {
                wrong(path, format!("`{}` stands for the undeclared finding `{}`", signature.name, signature.finding))
            })?;
            let literals = signature.literals.iter().map(|l| l.to_lowercase()).collect();
            specs.push(SignatureSpec { finding, name: signature.name, literals, pattern: signature.pattern });
        }
    }
    Ok(specs)
}

fn declaration(stated: &StatedFinding) -> Result<Declaration, String> {
    let background = match stated.background.as_str() {
        "never" => Background::Never,
        "rarely" => Background::Rarely,
        "sometimes" => Background::Sometimes,
        "often" => Background::Often,
        other => return Err(format!("`{other}` is no background")),
    };
    let trust = match stated.trust.as_str() {
        "application" => Trust::Application,
        "infrastructure" => Trust::Infrastructure,
        "state" => Trust::State,
        other => return Err(format!("`{other}` is no trust")),
    };
    // The catalogue is loaded once a process; its ids live as long as the process does.
    let keep = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    Ok(Declaration { id: keep(&stated.id), says: keep(&stated.says), background, trust })
}
