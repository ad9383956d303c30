use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher as _;

use firstfault_catalog::Catalog;
use firstfault_model::case::{
    Case, CaseEntity, CaseEvidence, CaseWindow, EvidenceSet, Hypothesis, Moment, Remedy, RuleMatch, SCHEMA, Severity,
    SourceFile, Status, Test, Weight,
};
use firstfault_model::{Entity, Finding, Health, Masked, Name, State};

use crate::by_kind;
use crate::chain::chain;
use crate::coverage;
use crate::faults::{Fault, faults};
use crate::situation::Situation;
use crate::status::{LEAST_PROBABILITY, collect, status};
use crate::template::{Facts, plain};
use crate::theory::{Forming, Theory, is_strong, weight};

/// A theory less likely than this among its competitors is not shown.
const LEAST_SHOWN: f64 = 0.01;

/// Alternatives shown for each fault.
const MOST_ALTERNATIVES: usize = 5;

/// Places shown for one finding.
const MOST_PLACES: usize = 5;

/// The diagnosis.
#[must_use]
pub fn diagnose(situation: &Situation<'_>, catalog: &Catalog) -> Case {
    let forming = Forming::new(situation, catalog);
    let theories = forming.theories();
    let faults = faults(&theories);
    let explained: BTreeSet<usize> = faults
        .iter()
        .filter_map(|f| f.theories.first())
        // A theory that is a mere hint explains nothing away.
        .filter(|(_, p)| *p >= LEAST_PROBABILITY)
        .flat_map(|&(i, _)| theories[i].explains.keys().copied())
        .collect();
    let unexplained: Vec<&Finding> = situation
        .findings
        .iter()
        .enumerate()
        .filter(|(i, f)| !explained.contains(i) && is_strong(f, catalog))
        .map(|(_, f)| f)
        .collect();
    let (status, over) = status(situation, &faults, &theories, unexplained.len());
    let first = faults.first().and_then(|f| f.theories.first()).map(|&(i, _)| &theories[i]);
    let affected = first.map_or_else(Vec::new, |t| affected(t, situation.findings));
    let severity = match (status, first) {
        (Status::Incident, Some(theory)) => crate::severity::severity(situation, theory, &affected),
        _ => Severity { level: None, reasons: Vec::new() },
    };
    Case {
        schema: SCHEMA.to_owned(),
        status,
        over,
        severity,
        window: CaseWindow {
            from: situation.incident.window.from.map(|t| t.to_string()),
            to: situation.incident.window.to.or(situation.now).map(|t| t.to_string()),
        },
        symptoms: situation.incident.symptom.iter().map(|s| Masked::new(s).to_string()).collect(),
        hypotheses: hypotheses(situation, catalog, &theories, &faults),
        none_probability: faults.first().map_or(1.0, |f| f.none),
        affected: affected.iter().map(CaseEntity::from).collect(),
        unaffected: unaffected(situation, first, &affected),
        timeline: timeline(situation, catalog),
        changes: changes(situation),
        coverage: coverage::lines(situation),
        collect: if status == Status::Insufficient { collect(situation) } else { Vec::new() },
        unexplained: left_over(situation, catalog, status, &unexplained),
        remarks: remarks(situation, catalog, &explained),
        rules: rules(situation, catalog),
        notes: situation.notes.iter().cloned().chain(coverage::unseen(situation)).collect(),
        evidence: EvidenceSet { paths: Vec::new(), hash: hash_of(situation.sources) },
        sources: situation
            .sources
            .iter()
            .map(|(path, bytes, hash)| SourceFile {
                path: path.to_string(),
                bytes: *bytes,
                hash: format!("{hash:016x}"),
            })
            .collect(),
    }
}

/// Strong facts that no theory explains. Where there is no theory to speak of, the rules of others that matched come
/// first: there is nothing better to look at.
fn left_over(
    situation: &Situation<'_>,
    catalog: &Catalog,
    status: Status,
    unexplained: &[&Finding],
) -> Vec<CaseEvidence> {
    let wanted = |finding: &&Finding| finding.id == RULE && finding.state == State::Current;
    let rules = situation.findings.iter().filter(wanted).take(if status == Status::Incident { 0 } else { 20 });
    rules.chain(unexplained.iter().copied().take(20)).flat_map(|f| evidence(f, catalog)).collect()
}

/// A rule of others matched a log.
const RULE: &str = "log.rule";

/// The rules of others that matched, the gravest first.
fn rules(situation: &Situation<'_>, catalog: &Catalog) -> Vec<RuleMatch> {
    let mut rules: Vec<RuleMatch> = situation
        .findings
        .iter()
        .filter(|finding| finding.id == RULE)
        .map(|finding| RuleMatch {
            rule: finding.field("rule").to_owned(),
            title: finding.field("title").to_owned(),
            severity: finding.field("severity").parse().ok(),
            entity: CaseEntity::from(&finding.entity),
            count: finding.field("count").parse().unwrap_or(0),
            file: finding.field("file").to_owned(),
            cause: finding.field("cause").to_owned(),
            mitigation: finding.field("mitigation").to_owned(),
            evidence: evidence(finding, catalog),
        })
        .collect();
    rules.sort_by_key(|rule| rule.severity.unwrap_or(u8::MAX));
    rules
}

/// What a finding says, with the title of what it is about, or the root and the application's deepest frame of a trace.
fn says(finding: &Finding, catalog: &Catalog) -> String {
    let says = catalog.says(finding.id);
    match (finding.field("title"), finding.field("exception"), finding.field("frame")) {
        ("", _, "") => says.to_owned(),
        ("", exception, frame) => format!("{says}: {exception} in {frame}"),
        (title, ..) => format!("{says}: {title}"),
    }
}

/// What somebody may have set on purpose, and what looks like a fault only to one who misses something.
const COULD_BE_MEANT: &[&str] =
    &["budget.allows-no-eviction", "job.schedule-suspended", "job.suspended", "policy.allows-nobody", "rollout.paused"];

/// Remarks shown at most.
const MOST_REMARKS: usize = 20;

/// Such facts that no theory takes as its own, one place each.
fn remarks(situation: &Situation<'_>, catalog: &Catalog, explained: &BTreeSet<usize>) -> Vec<CaseEvidence> {
    let meant = |(i, finding): &(usize, &Finding)| {
        finding.state == State::Current && COULD_BE_MEANT.contains(&finding.id) && !explained.contains(i)
    };
    let remarks = situation.findings.iter().enumerate().filter(meant).take(MOST_REMARKS);
    remarks.filter_map(|(_, finding)| evidence(finding, catalog).into_iter().next()).collect()
}

/// One hash for all files that were read.
fn hash_of(sources: &[(Name, u64, u64)]) -> String {
    let mut hasher = rustc_hash::FxHasher::default();
    for (path, _, hash) in sources {
        hasher.write(path.as_bytes());
        hasher.write_u64(*hash);
    }
    format!("{:016x}", hasher.finish())
}

fn hypotheses(
    situation: &Situation<'_>,
    catalog: &Catalog,
    theories: &[Theory<'_>],
    faults: &[Fault],
) -> Vec<Hypothesis> {
    let mut shown = Vec::new();
    for (nth, fault) in faults.iter().enumerate() {
        for (place, &(i, p)) in fault.theories.iter().take(1 + MOST_ALTERNATIVES).enumerate() {
            // What the evidence rules out is said with its reason, however unlikely it became.
            let ruled_out = nth == 0 && !theories[i].against.is_empty();
            if p >= LEAST_SHOWN || place == 0 || ruled_out {
                shown.push((nth, i, p));
            }
        }
    }
    let mut out: Vec<Hypothesis> = shown
        .into_iter()
        .map(|(nth, i, p)| hypothesis(situation, catalog, &theories[i], p, &faults[nth], nth > 0))
        .collect();
    for (at, hypothesis) in out.iter_mut().enumerate() {
        hypothesis.rank = at + 1;
    }
    out
}

fn hypothesis(
    situation: &Situation<'_>,
    catalog: &Catalog,
    theory: &Theory<'_>,
    probability: f64,
    fault: &Fault,
    independent: bool,
) -> Hypothesis {
    let findings = situation.findings;
    let mode = theory.mode;
    let mut order: Vec<usize> = theory.explains.keys().copied().collect();
    order.sort_by(|a, b| {
        let key = |i: &usize| (theory.needs.contains(i), findings[*i].entity == theory.entity);
        key(b).cmp(&key(a)).then(theory.explains[b].total_cmp(&theory.explains[a])).then(a.cmp(b))
    });
    let own: Vec<&Finding> = order.iter().map(|&i| &findings[i]).collect();
    let facts = Facts { entity: &theory.entity, findings: own.clone() };
    let says = || {
        own.first().map_or_else(
            || mode.title.clone(),
            |f| format!("{}: {} {}", mode.title, plain(&theory.entity), catalog.says(f.id)),
        )
    };
    let summary = facts.sentence(&mode.summary).filter(|s| !s.is_empty()).unwrap_or_else(says);
    let mut tests: Vec<(f64, Test)> = mode
        .tests
        .iter()
        .map(|t| {
            let outcomes = t.outcomes.iter().map(|o| facts.sentence(o).unwrap_or_else(|| o.clone())).collect();
            (t.cost, Test { command: facts.command(&t.command), decides: t.decides.clone(), outcomes })
        })
        .collect();
    tests.sort_by(|a, b| a.0.total_cmp(&b.0));
    let weights = weights(theory, fault, findings);
    Hypothesis {
        rank: 0,
        failure_mode: mode.id.clone(),
        title: mode.title.clone(),
        area: mode.area.clone(),
        entity: CaseEntity::from(&theory.entity),
        probability,
        score: weights.iter().map(|w| w.weight).sum(),
        summary: Masked::new(&summary).to_string(),
        independent,
        chain: chain(theory, findings, catalog),
        evidence: own.iter().flat_map(|f| evidence(f, catalog)).collect(),
        against: theory.against.iter().flat_map(|&i| evidence(&findings[i], catalog)).collect(),
        weights,
        tests: tests.into_iter().map(|(_, t)| t).collect(),
        remedies: mode
            .remedies
            .iter()
            .map(|r| Remedy {
                kind: r.kind.clone(),
                title: r.title.clone(),
                steps: by_kind::save_first(&theory.entity, &r.steps, &r.rollback)
                    .iter()
                    .chain(&r.steps)
                    .map(|s| facts.command(s))
                    .collect(),
                risk: r.risk.clone(),
                rollback: facts.command(&r.rollback),
                verification: facts.command(&r.verification),
            })
            .collect(),
        prevents: mode.prevents.clone(),
        twins: mode.twin.clone(),
        references: mode.references.clone(),
    }
}

/// The arithmetic behind a probability: what an earlier fault explains is taken off again, line by line.
fn weights(theory: &Theory<'_>, fault: &Fault, findings: &[Finding]) -> Vec<Weight> {
    let taken = crate::faults::taken(theory, &fault.explained_before).filter(|(_, weight)| *weight > 0.0);
    let off = taken
        .map(|(i, w)| weight(&format!("explained already: {}", findings[i].id), &findings[i].entity, None, None, -w));
    theory.weights.iter().cloned().chain(off).collect()
}

fn evidence(finding: &Finding, catalog: &Catalog) -> Vec<CaseEvidence> {
    let says = format!("{} {}", plain(&finding.entity), says(finding, catalog));
    let fields: BTreeMap<String, String> =
        finding.fields.iter().map(|(name, value)| ((*name).to_owned(), Masked::new(value).to_string())).collect();
    finding
        .evidence
        .iter()
        .take(MOST_PLACES)
        .map(|e| CaseEvidence {
            finding: finding.id.to_owned(),
            says: says.clone(),
            path: e.place.path.to_string(),
            lines: [e.place.lines.0, e.place.lines.1],
            excerpt: e.excerpt.to_string(),
            fields: fields.clone(),
            since: finding.since.map(|t| t.to_string()),
            until: finding.until.map(|t| t.to_string()),
        })
        .collect()
}

fn affected(theory: &Theory<'_>, findings: &[Finding]) -> Vec<Entity> {
    let hit: BTreeSet<&Entity> =
        theory.explains.keys().map(|&i| &findings[i].entity).filter(|e| **e != theory.entity).collect();
    hit.into_iter().cloned().collect()
}

fn unaffected(situation: &Situation<'_>, first: Option<&Theory<'_>>, affected: &[Entity]) -> Vec<CaseEntity> {
    let cause = first.map(|t| &t.entity);
    let well =
        situation.health.iter().filter(|(e, h)| **h == Health::Well && Some(*e) != cause && !affected.contains(e));
    well.map(|(e, _)| CaseEntity::from(e)).take(50).collect()
}

fn timeline(situation: &Situation<'_>, catalog: &Catalog) -> Vec<Moment> {
    let mut moments: Vec<(jiff::Timestamp, Moment)> = Vec::new();
    for finding in situation.findings {
        let Some(at) = finding.since else { continue };
        let first = &finding.evidence[0];
        let what = match finding.state {
            State::Current => says(finding, catalog),
            State::Recovered => format!("{} (recovered)", says(finding, catalog)),
        };
        moments.push((
            at,
            Moment {
                at: Some(at.to_string()),
                entity: CaseEntity::from(&finding.entity),
                what,
                path: first.place.path.to_string(),
                line: first.place.lines.0,
            },
        ));
    }
    moments.sort_by(|a, b| (a.0, &a.1.entity, &a.1.what).cmp(&(b.0, &b.1.entity, &b.1.what)));
    let skip = moments.len().saturating_sub(100);
    moments.into_iter().skip(skip).map(|(_, m)| m).collect()
}

fn changes(situation: &Situation<'_>) -> Vec<Moment> {
    let mut changes: Vec<_> = situation.changes.iter().collect();
    changes.sort_by(|a, b| (a.at, &a.entity, &a.what).cmp(&(b.at, &b.entity, &b.what)));
    changes
        .iter()
        .map(|c| Moment {
            at: c.at.map(|t| t.to_string()),
            entity: CaseEntity::from(&c.entity),
            what: Masked::new(&c.what).to_string(),
            path: c.evidence.place.path.to_string(),
            line: c.evidence.place.lines.0,
        })
        .collect()
}
