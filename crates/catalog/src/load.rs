use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use firstfault_model::{Background, Declaration, SignatureSpec};
use serde_json::value::RawValue;

use crate::signatures::signatures;
use crate::{AlertTemplate, Effect, FailureMode, PolicyTemplate};

/// The failure modes, the effects of faults on victims, and the declared findings.
#[derive(Debug, Default)]
pub struct Catalog {
    /// By id.
    pub modes: BTreeMap<String, FailureMode>,
    /// By effect class.
    pub effects: BTreeMap<String, Effect>,
    /// Every finding that can be made, by id.
    pub declarations: BTreeMap<&'static str, Declaration>,
    /// The file each mode came from.
    pub files: BTreeMap<String, String>,
    /// Alert rules as templates, in the order of their files.
    pub alerts: Vec<AlertTemplate>,
    /// Admission policies as templates, in the order of their files.
    pub policies: Vec<PolicyTemplate>,
    /// Known log messages, in the order of their files.
    pub signatures: Vec<SignatureSpec>,
}

/// Why a catalogue file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A folder or file could not be read.
    #[error("{path}: {error}")]
    Read {
        /// The file or folder.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// A file is not what a failure mode looks like.
    #[error("{path}: {message}")]
    Parse {
        /// The file.
        path: String,
        /// What is wrong, with the line where it is known.
        message: String,
    },
}

/// The catalogue that was built in: `[path, contents]` pairs.
static EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/catalog.json"));

impl Catalog {
    /// The built-in catalogue with the findings that the detectors declare.
    ///
    /// # Errors
    /// A built-in file that is no failure mode; a test keeps this from happening.
    pub fn embedded(declared: impl IntoIterator<Item = Declaration>) -> Result<Self, CatalogError> {
        let mut catalog = Self::default();
        for declaration in declared {
            catalog.declarations.insert(declaration.id, declaration);
        }
        let parse = |message: serde_json::Error, path: &str| CatalogError::Parse {
            path: path.into(),
            message: message.to_string(),
        };
        let entries: Vec<(&str, &RawValue)> =
            serde_json::from_str(EMBEDDED).map_err(|e| parse(e, "built-in catalogue"))?;
        let mut messages = Vec::new();
        for (path, contents) in entries {
            let text = contents.get();
            if path == "effects.yaml" {
                catalog.effects = serde_json::from_str(text).map_err(|e| parse(e, path))?;
            } else if path.starts_with("alerts/") {
                let alerts: Vec<AlertTemplate> = serde_json::from_str(text).map_err(|e| parse(e, path))?;
                catalog.alerts.extend(alerts);
            } else if path.starts_with("policies/") {
                let policies: Vec<PolicyTemplate> = serde_json::from_str(text).map_err(|e| parse(e, path))?;
                catalog.policies.extend(policies);
            } else if path.starts_with("log-signatures/") {
                messages.push((path, text));
            } else {
                let mode: FailureMode = serde_json::from_str(text).map_err(|e| parse(e, path))?;
                catalog.add(path.to_owned(), mode);
            }
        }
        catalog.signatures = signatures(&messages)?;
        for signature in &catalog.signatures {
            catalog.declarations.insert(signature.finding.id, signature.finding);
        }
        Ok(catalog)
    }

    /// Adds the failure modes of a folder of one's own; those with a known id replace it.
    ///
    /// # Errors
    /// A folder that cannot be read, or a file that is no failure mode, with its line.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), CatalogError> {
        let read = |error: io::Error, path: &Path| CatalogError::Read { path: path.display().to_string(), error };
        let mut paths: Vec<_> = fs::read_dir(folder)
            .map_err(|e| read(e, folder))?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.add_folder(&path)?;
            } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                let text = fs::read_to_string(&path).map_err(|e| read(e, &path))?;
                let name = path.display().to_string();
                let mode = serde_saphyr::from_str(&text)
                    .map_err(|error| CatalogError::Parse { path: name.clone(), message: error.to_string() })?;
                self.add(name, mode);
            }
        }
        Ok(())
    }

    /// The background probability of a finding.
    #[must_use]
    pub fn background(&self, finding: &str) -> f64 {
        self.declarations.get(finding).map_or(Background::Sometimes, |d| d.background).probability()
    }

    /// The finding's sentence, or its id.
    #[must_use]
    pub fn says<'a>(&'a self, finding: &'a str) -> &'a str {
        self.declarations.get(finding).map_or(finding, |d| d.says)
    }

    fn add(&mut self, path: String, mode: FailureMode) {
        self.files.insert(mode.id.clone(), path);
        self.modes.insert(mode.id.clone(), mode);
    }
}
