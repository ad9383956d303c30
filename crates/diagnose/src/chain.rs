use firstfault_catalog::Catalog;
use firstfault_model::case::{CaseEntity, Link};
use firstfault_model::{Entity, Finding};

use crate::theory::Theory;

/// From the cause along relations to the farthest thing that shows it.
pub(crate) fn chain(theory: &Theory<'_>, findings: &[Finding], catalog: &Catalog) -> Vec<Link> {
    let mut links = vec![link(&theory.entity, &theory.mode.title, theory.onset.map(|t| t.to_string()), None)];
    for &i in theory.explains.keys() {
        let finding = &findings[i];
        if finding.entity == theory.entity && !theory.needs.contains(&i) {
            links.push(link(
                &theory.entity,
                catalog.says(finding.id),
                finding.since.map(|t| t.to_string()),
                Some("shows".to_owned()),
            ));
        }
    }
    let hit = |entity: &Entity| theory.explains.keys().map(|&i| &findings[i]).find(|f| f.entity == *entity);
    let Some(end) = theory.reached.iter().rev().find(|r| hit(&r.entity).is_some()) else { return links };
    let mut way = vec![end];
    while let Some(before) = theory.reached.iter().find(|r| r.entity == way[way.len() - 1].from) {
        way.push(before);
    }
    for step in way.into_iter().rev() {
        let finding = hit(&step.entity);
        let what = finding.map_or_else(|| passes_on(step.via.word()), |f| catalog.says(f.id).to_owned());
        let at = finding.and_then(|f| f.since).map(|t| t.to_string());
        links.push(link(&step.entity, &what, at, Some(step.via.word().to_owned())));
    }
    links
}

fn passes_on(relation: &str) -> String {
    format!("passes it on ({relation})")
}

fn link(entity: &Entity, what: &str, at: Option<String>, via: Option<String>) -> Link {
    Link { entity: case_entity(entity), what: what.to_owned(), at, via }
}

pub(crate) fn case_entity(entity: &Entity) -> CaseEntity {
    CaseEntity {
        kind: entity.kind.to_string(),
        namespace: entity.namespace.as_ref().map(ToString::to_string),
        name: entity.name.to_string(),
    }
}
