use std::collections::BTreeMap;

use firstfault_model::{Background, Declaration, SignatureSpec, Trust};
use serde::Deserialize;

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

/// One known message. Its lines that must match and must not are left out of what is embedded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatedSignature<'a> {
    name: String,
    finding: &'a str,
    literals: Vec<String>,
    #[serde(default)]
    pattern: Option<String>,
}

/// The log signatures of the catalogue's files, given by path and JSON.
pub(crate) fn signatures(files: &[(&str, &str)]) -> Result<Vec<SignatureSpec>, CatalogError> {
    let mut findings: BTreeMap<String, Declaration> = BTreeMap::new();
    let wrong = |path: &str, message: String| CatalogError::Parse { path: path.to_owned(), message };
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with("findings.yaml")) {
        let stated: Vec<StatedFinding> = serde_json::from_str(text).map_err(|e| wrong(path, e.to_string()))?;
        for finding in stated {
            let declaration = declaration(&finding).map_err(|message| wrong(path, message))?;
            findings.insert(finding.id, declaration);
        }
    }
    let mut specs = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !path.ends_with("findings.yaml")) {
        let stated: Vec<StatedSignature<'_>> = serde_json::from_str(text).map_err(|e| wrong(path, e.to_string()))?;
        for StatedSignature { name, finding, literals, pattern } in stated {
            let finding = *findings
                .get(finding)
                .ok_or_else(|| wrong(path, format!("`{name}` stands for the undeclared finding `{finding}`")))?;
            specs.push(SignatureSpec { finding, name, literals, pattern });
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
