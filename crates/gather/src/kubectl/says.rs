//! What other commands say: `auth can-i`, `rollout`, `drain`, `exec`, `apply`, `version`, …

use firstfault_model::{Change, Entity, Name};

use super::columns::Columns;
use super::sheet::Sheet;
use super::{answers, words};
use crate::kinds;
use crate::{CanI, Yield};

/// Reads the output of a command that is neither `get` nor `describe`.
pub(super) fn read(sheet: &Sheet, command: Option<&str>, out: &mut Yield) {
    complaints(sheet, command, out);
    let Some(asked) = &sheet.asked else { return };
    match (asked.verb.as_str(), asked.subverb.as_str()) {
        ("auth", "can-i") => can_i(sheet, out),
        ("rollout", "history") => history(sheet, out),
        ("rollout", "status") => status(sheet, command, out),
        _ => {}
    }
}

/// Every complaint once, however often it is repeated.
pub(super) fn complaints(sheet: &Sheet, command: Option<&str>, out: &mut Yield) {
    for (line, text) in sheet.lines.iter().enumerate() {
        let text = text.trim();
        let known = out.errors.iter().any(|error| error.message == text);
        if answers::is_complaint(text) && !known {
            out.errors.push(sheet.complaint(line, text, command));
        }
    }
}

/// `yes`, `no`, `no - no RBAC policy matched`; or the list.
fn can_i(sheet: &Sheet, out: &mut Yield) {
    let Some(asked) = &sheet.asked else { return };
    let namespace = asked.namespace.as_ref().map(Name::to_string);
    if asked.words.is_empty() {
        return list(sheet, namespace.as_deref(), out);
    }
    let Some((line, answer)) = sheet.lines.iter().enumerate().find(|(_, line)| is_answer(line)) else { return };
    out.can_i.push(CanI {
        subject: asked.subject.clone(),
        verb: asked.words[0].clone(),
        resource: asked.words.get(1).cloned().unwrap_or_default(),
        namespace,
        allowed: answer.trim().starts_with("yes"),
        evidence: sheet.cite(line),
    });
}

fn is_answer(line: &str) -> bool {
    matches!(line.split_whitespace().next(), Some("yes" | "no"))
}

/// `auth can-i --list`: one answer for each verb of each resource.
fn list(sheet: &Sheet, namespace: Option<&str>, out: &mut Yield) {
    let Some(asked) = &sheet.asked else { return };
    let mut columns: Option<Columns> = None;
    for (line, text) in sheet.lines.iter().enumerate() {
        if text.starts_with("Resources ") {
            columns = Columns::of(text);
            continue;
        }
        let Some(known) = &columns else { continue };
        let Some(cells) = known.cells(text) else { continue };
        let cell = |title: &str| known.position(title).and_then(|at| cells.get(at)).copied().unwrap_or("");
        let resource = cell("Resources");
        if words::known(resource).is_none() {
            continue;
        }
        for verb in cell("Verbs").trim_matches(['[', ']']).split_whitespace() {
            out.can_i.push(CanI {
                subject: asked.subject.clone(),
                verb: verb.to_owned(),
                resource: resource.to_owned(),
                namespace: namespace.map(str::to_owned),
                allowed: true,
                evidence: sheet.cite(line),
            });
        }
    }
}

/// What a rollout command is about: from its words, else from the first line (`deployment.apps/api`).
fn subject(sheet: &Sheet) -> Option<Entity> {
    let asked = sheet.asked.as_ref()?;
    let named = asked.kinds.first().cloned().zip(asked.names.first().cloned());
    let (kind, name) = match named {
        Some(named) => named,
        None => {
            let (kind, name) = sheet.lines.first()?.trim().split_once('/')?;
            (kinds::kind_of(kind)?, name.split_whitespace().next()?.to_owned())
        }
    };
    Some(Entity { kind, namespace: sheet.namespace(), name: name.as_str().into() })
}

/// `REVISION  CHANGE-CAUSE`: each revision was a change, at a time that is not printed.
fn history(sheet: &Sheet, out: &mut Yield) {
    let Some(entity) = subject(sheet) else { return };
    for (line, text) in sheet.lines.iter().enumerate() {
        let mut parts = text.trim().splitn(2, char::is_whitespace);
        let Some(revision) = parts.next().filter(|word| words::number(word).is_some()) else { continue };
        let cause = parts.next().and_then(words::known);
        let what = match cause {
            Some(cause) => format!("revision {revision}: {}", firstfault_model::Masked::new(cause)),
            None => format!("revision {revision}"),
        };
        out.changes.push(Change { entity: entity.clone(), at: None, what, evidence: sheet.cite(line) });
    }
}

/// `Waiting for deployment "api" rollout to finish: …` as the last word means that it is stuck.
fn status(sheet: &Sheet, command: Option<&str>, out: &mut Yield) {
    let last = sheet.lines.iter().enumerate().rev().find(|(_, line)| !line.trim().is_empty());
    if let Some((line, text)) = last
        && text.trim().starts_with("Waiting for ")
    {
        out.errors.push(sheet.complaint(line, text.trim(), command));
    }
}

/// A file that says nothing but complaints and remarks.
pub(super) fn is_only_complaints(lines: &[&str]) -> bool {
    let mut said = lines.iter().filter(|line| !line.trim().is_empty()).peekable();
    said.peek().is_some()
        && said.all(|line| {
            answers::is_complaint(line) || answers::is_remark(line) || answers::nothing_found(line).is_some()
        })
}
