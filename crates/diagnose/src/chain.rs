use firstfault_catalog::Catalog;
use firstfault_model::case::{CaseEntity, Link};
use firstfault_model::{Entity, Finding};

use crate::theory::Theory;

/// What is seen this often without a fault is a circumstance, no link of a chain.
const CIRCUMSTANCE: f64 = 0.2;

/// From the cause along relations to the farthest thing that shows it.
pub(crate) fn chain(theory: &Theory<'_>, findings: &[Finding], catalog: &Catalog) -> Vec<Link> {
    let mut links = vec![link(&theory.entity, &theory.mode.title, theory.onset.map(|t| t.to_string()), None)];
    let mut own: Vec<&Finding> = theory
        .explains
        .keys()
        .filter(|i| !theory.needs.contains(i))
        .map(|&i| &findings[i])
        .filter(|f| f.entity == theory.entity && catalog.background(f.id) < CIRCUMSTANCE)
        .collect();
    own.sort_by_key(|f| (f.since.is_none(), f.since));
    for finding in own {
        let at = finding.since.map(|t| t.to_string());
        links.push(link(&theory.entity, catalog.says(finding.id), at, Some("shows".to_owned())));
    }
    // What tells most of each.
    let hit = |entity: &Entity| {
        let of = theory.explains.iter().filter(|(i, _)| findings[**i].entity == *entity);
        of.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0))).map(|(&i, _)| &findings[i])
    };
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
    Link { entity: CaseEntity::from(entity), what: what.to_owned(), at, via }
}
