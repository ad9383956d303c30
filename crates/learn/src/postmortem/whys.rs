//! The five whys, the fault tree and the cause-and-effect diagram: three views of the causal chain.

use firstfault_model::case::{CaseEvidence, Hypothesis};
use firstfault_report::words::{cut, percent, split};

use super::course::{Course, Milestone};
use super::document::{Bone, Event, Excluded, Gate, Guard, Part, Proof, Safeguard, Twig, Why};
use super::facts::{Facts, clock, lasted, predicate, proof, time};

/// Steps from the effect to the cause that are asked about; one more asks why nobody was told.
const WHYS: usize = 5;
/// Twigs of a bone shown.
const TWIGS: usize = 4;

/// The facts from what was felt down to the cause, each explained by the next.
pub(crate) struct Steps<'a> {
    pub(crate) facts: Vec<&'a CaseEvidence>,
    /// The fact that tells the cause itself, where one lies below the needed one (a heap profile).
    pub(crate) deeper: Option<&'a CaseEvidence>,
}

impl<'a> Steps<'a> {
    pub(crate) fn of(facts: &Facts<'a>) -> Self {
        let mut steps: Vec<&CaseEvidence> = Vec::new();
        let mut add = |fact: Option<&'a CaseEvidence>| {
            if let Some(fact) = fact
                && steps.iter().all(|known| known.says != fact.says)
            {
                steps.push(fact);
            }
        };
        for link in facts.first.chain.iter().rev().filter(|l| l.entity != facts.first.entity) {
            let says = format!("{} {}", link.entity, link.what);
            add(facts.first.evidence.iter().find(|e| e.says == says));
        }
        add(facts.fact("service.no-ready-endpoints").filter(|e| !facts.is_own(e)));
        for layer in [Layer::Availability, Layer::Pod, Layer::Loop, Layer::Ending] {
            let own = facts.first.evidence.iter().filter(|e| facts.is_own(e) && !facts.is_needed(e));
            let fitting = own.filter(|e| layer_of(&e.finding) == Some(layer));
            let weight = |e: &CaseEvidence| facts.weight(&e.finding);
            // Of several places of one finding the first is shown.
            add(fitting.fold(None, |best: Option<&CaseEvidence>, e| match best {
                Some(best) if weight(best) >= weight(e) => Some(best),
                _ => Some(e),
            }));
        }
        add(facts.cause());
        let deeper =
            facts.first.evidence.iter().find(|e| facts.is_own(e) && layer_of(&e.finding) == Some(Layer::Inside));
        // What says least between the effect and the cause goes first.
        for layer in [Layer::Pod, Layer::Loop, Layer::Availability] {
            if steps.len() > WHYS
                && let Some(at) = steps.iter().skip(1).position(|e| layer_of(&e.finding) == Some(layer))
            {
                steps.remove(at + 1);
            }
        }
        while steps.len() > WHYS {
            steps.remove(1);
        }
        Self { facts: steps, deeper }
    }
}

impl Facts<'_> {
    fn is_needed(&self, fact: &CaseEvidence) -> bool {
        self.mode.is_some_and(|m| m.needs.contains(&fact.finding))
    }
}

/// How deep below the effect a finding lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    Availability,
    Pod,
    Loop,
    Ending,
    Inside,
}

fn layer_of(finding: &str) -> Option<Layer> {
    Some(match finding.split('.').next()? {
        "workload" | "service" | "ingress" | "route" | "gateway" | "errors" | "statefulset" | "rollout" => {
            Layer::Availability
        }
        "container" if finding == "container.crash-looping" => Layer::Loop,
        "pod" if finding == "pod.restarting" => Layer::Loop,
        "pod" | "probe" | "lifecycle" => Layer::Pod,
        "container" | "startup" | "image" | "application" | "kernel" | "node" => Layer::Ending,
        "profile" => Layer::Inside,
        _ => return None,
    })
}

/// What was felt, in the person's words or as it was seen.
fn top(facts: &Facts<'_>, steps: &Steps<'_>) -> String {
    let said = facts.case.symptoms.first().map(|s| format!("“{}”", cut(s, 160)));
    said.or_else(|| steps.facts.first().map(|f| f.says.clone())).unwrap_or_else(|| facts.first.title.clone())
}

pub(crate) fn whys(facts: &Facts<'_>, steps: &Steps<'_>, safeguards: &[Safeguard]) -> Vec<Why> {
    let mut whys: Vec<Why> = Vec::new();
    let mut question = top(facts, steps);
    for fact in &steps.facts {
        if question == fact.says {
            continue;
        }
        whys.push(Why {
            question: std::mem::replace(&mut question, fact.says.clone()),
            answer: fact.says.clone(),
            proof: proof(fact),
        });
    }
    let what = facts.mode.map_or("", |m| m.what.as_str());
    let below = steps.deeper.or_else(|| facts.cause());
    if let Some(fact) = below {
        let deeper = steps.deeper.map(|f| format!("{}. ", f.says)).unwrap_or_default();
        let answer = format!("{deeper}{}. {what}", facts.first.title).trim().to_owned();
        whys.push(Why { question, answer, proof: proof(fact) });
        question = facts.first.title.clone();
    }
    if let Some(change) = change_before(facts) {
        let (says, proof) = change;
        whys.push(Why { question: question.clone(), answer: says, proof });
    }
    if let Some(guard) =
        safeguards.iter().find(|g| matches!(g.state, Guard::Missing | Guard::Weak) && g.proof.is_some())
        && let Some(proof) = &guard.proof
    {
        let question = "Nobody was told before it was felt, and nothing stopped it".to_owned();
        let answer = format!("{} ({}): {}", guard.name, guard.state.word(), guard.why);
        whys.push(Why { question, answer, proof: proof.clone() });
    }
    whys
}

/// The last change of the cause before it began, and how long before.
fn change_before(facts: &Facts<'_>) -> Option<(String, Proof)> {
    let began = facts.cause().and_then(|f| time(f.since.as_deref()))?;
    let dated = facts.case.changes.iter().filter(|c| c.entity == facts.first.entity);
    let before = dated.filter_map(|c| Some((time(c.at.as_deref()).filter(|at| *at <= began)?, c)));
    let (at, change) = before.max_by_key(|(at, _)| *at)?;
    let place = if change.line == 0 { change.path.clone() } else { format!("{}:{}", change.path, change.line) };
    let says = format!(
        "the version that runs is {}, {} before the first sight of it; nothing newer is in the evidence",
        change.what,
        lasted(began.duration_since(at))
    );
    Some((says, Proof { place, excerpt: cut(&change.what, 240) }))
}

/// Theories that compete with the first and were left, and why.
pub(crate) fn excluded(facts: &Facts<'_>) -> Vec<Excluded> {
    let (rivals, _) = split(facts.case);
    rivals.into_iter().map(|rival| one_excluded(facts, rival)).collect()
}

fn one_excluded(facts: &Facts<'_>, rival: &Hypothesis) -> Excluded {
    let against = rival.against.first();
    let because = against.map_or_else(|| unsupported(facts, rival), |a| a.says.clone());
    Excluded {
        theory: format!("{}: {}", rival.entity, rival.title),
        probability: percent(rival.probability),
        because,
        proof: against.map(proof),
    }
}

/// Why a theory without a contrary fact is behind: what it misses, or what it does not explain.
fn unsupported(facts: &Facts<'_>, rival: &Hypothesis) -> String {
    let says = |id: &str| facts.catalog.says(id).to_owned();
    let absent = rival.weights.iter().filter_map(|w| Some((w.of.strip_prefix("absent: ")?, w.weight)));
    if let Some((id, _)) = absent.min_by(|a, b| a.1.total_cmp(&b.1)) {
        return format!("looked for and not seen: {} {}", rival.entity, says(id));
    }
    let explains = |h: &Hypothesis, id: &str| h.evidence.iter().any(|e| e.finding == id);
    let mut left = facts.first.evidence.iter().filter(|e| !explains(rival, &e.finding));
    match left.next() {
        Some(fact) => format!("it does not explain that {}", fact.says),
        None => format!(
            "it explains the same facts less well ({} against {})",
            percent(rival.probability),
            percent(facts.first.probability)
        ),
    }
}

/// Ishikawa's diagram: theories by the catalogue's area, and the circumstances by kind.
pub(crate) fn bones(facts: &Facts<'_>, course: &Course, safeguards: &[Safeguard]) -> Vec<Bone> {
    let mut bones: Vec<Bone> = Vec::new();
    let mut put = |category: &str, text: String, part: Part| {
        let bone = match bones.iter().position(|b| b.category == category) {
            Some(at) => &mut bones[at],
            None => {
                bones.push(Bone { category: category.to_owned(), twigs: Vec::new() });
                let last = bones.len() - 1;
                &mut bones[last]
            }
        };
        if bone.twigs.len() < TWIGS {
            bone.twigs.push(Twig { text, part });
        }
    };
    put(&facts.first.area, format!("{}: {}", facts.first.entity.name, facts.first.title), Part::Cause);
    if let Some(fact) =
        facts.first.evidence.iter().find(|e| facts.is_own(e) && layer_of(&e.finding) == Some(Layer::Inside))
    {
        put(&facts.first.area, predicate(fact, &facts.first.entity).to_owned(), Part::Cause);
    }
    let (rivals, faults) = split(facts.case);
    for rival in rivals {
        put(&rival.area, format!("{}: {}", rival.entity.name, rival.title), Part::Excluded);
    }
    for fault in faults.iter().take(TWIGS) {
        put(&fault.area, format!("{}: {}", fault.entity.name, fault.title), Part::Contributes);
    }
    let (text, part) = change_twig(facts, course);
    put("change", text, part);
    for (finding, part) in
        [("traffic.steady", Part::Excluded), ("traffic.surged", Part::Contributes), ("traffic.fell", Part::Neutral)]
    {
        if let Some(fact) = facts.fact(finding) {
            put("load", predicate(fact, &facts.first.entity).to_owned(), part);
        }
    }
    for guard in safeguards {
        let part = match guard.state {
            Guard::Missing | Guard::Weak | Guard::DidNotStop => Part::Contributes,
            Guard::NotKnown => Part::Unknown,
            Guard::Present => Part::Neutral,
        };
        put("safeguards", format!("{}: {}", cut(&guard.name, 64), guard.state.word()), part);
    }
    bones
}

fn change_twig(facts: &Facts<'_>, course: &Course) -> (String, Part) {
    /// A change within a day before the beginning is a suspect.
    const NEAR: i64 = 24 * 3600;
    let began = course.began.as_ref().or(course.felt.as_ref()).map(|m| m.at);
    let dated = facts.case.changes.iter().filter_map(|c| Some((time(c.at.as_deref())?, c)));
    let before = dated.filter(|(at, _)| began.is_none_or(|b| *at <= b)).max_by_key(|(at, _)| *at);
    match (before, began) {
        (Some((at, change)), Some(began)) => {
            let ago = began.duration_since(at);
            let part = if ago.as_secs() <= NEAR { Part::Contributes } else { Part::Neutral };
            (format!("{}: {}, {} before", change.entity.name, cut(&change.what, 60), lasted(ago)), part)
        }
        (Some((_, change)), None) => (format!("{}: {}", change.entity.name, cut(&change.what, 60)), Part::Unknown),
        (None, _) => ("no dated change in the evidence".to_owned(), Part::Unknown),
    }
}

/// Which events combine to what was felt.
pub(crate) fn fault_tree(facts: &Facts<'_>, steps: &Steps<'_>, course: &Course, safeguards: &[Safeguard]) -> Event {
    let mut event = bottom(facts, steps, course, safeguards);
    let cause = facts.cause().map(|f| f.says.as_str());
    for fact in steps.facts.iter().rev().filter(|f| Some(f.says.as_str()) != cause) {
        event = above(facts, fact, event);
    }
    let mut from = vec![event];
    from.extend(excluded(facts).into_iter().take(TWIGS).map(|left| Event {
        text: left.theory,
        gate: Gate::None,
        part: Part::Excluded,
        note: Some(format!("excluded: {}", left.because)),
        from: Vec::new(),
    }));
    let (_, faults) = split(facts.case);
    from.extend(faults.into_iter().take(TWIGS).map(|fault| Event {
        text: format!("{}: {}", fault.entity, fault.title),
        gate: Gate::None,
        part: Part::Contributes,
        note: Some("apart from it, also wrong".to_owned()),
        from: Vec::new(),
    }));
    let gate = if from.len() > 1 { Gate::Or } else { Gate::None };
    Event { text: top(facts, steps), gate, part: Part::Cause, note: felt_note(course), from }
}

fn felt_note(course: &Course) -> Option<String> {
    course.felt.as_ref().map(|m: &Milestone| format!("since {}", clock(m.at)))
}

fn above(facts: &Facts<'_>, fact: &CaseEvidence, below: Event) -> Event {
    let note = Some(firstfault_report::words::place(fact));
    let field = |key: &str| fact.fields.get(key).and_then(|v| v.parse::<u32>().ok());
    let mut from = vec![below];
    let mut gate = Gate::None;
    // A workload is down when none of several replicas is left: the same fault has to hit each.
    if let (Some(0), Some(wanted)) = (field("ready"), field("wanted"))
        && wanted > 1
        && facts.is_own(fact)
    {
        gate = Gate::And;
        from.push(Event {
            text: format!("it hits {wanted} of {wanted} replicas: they are alike"),
            gate: Gate::None,
            part: Part::Contributes,
            note: None,
            from: Vec::new(),
        });
    }
    Event { text: fact.says.clone(), gate, part: Part::Cause, note, from }
}

/// The cause, and what had to be so that it came to an effect.
fn bottom(facts: &Facts<'_>, steps: &Steps<'_>, course: &Course, safeguards: &[Safeguard]) -> Event {
    let cause = facts.cause();
    let leaf =
        |text: String, part: Part, note: Option<String>| Event { text, gate: Gate::None, part, note, from: Vec::new() };
    let mut from =
        vec![leaf(facts.first.title.clone(), Part::Cause, steps.deeper.or(cause).map(firstfault_report::words::place))];
    if let Some(limit) = facts.field("limit") {
        from.push(leaf(format!("the limit is {limit}"), Part::Contributes, None));
    }
    let own = |g: &&Safeguard| matches!(g.state, Guard::Missing | Guard::Weak) && !g.name.starts_with("alert:");
    for guard in safeguards.iter().filter(own).take(2) {
        let note = guard.proof.as_ref().map(|p| p.place.clone());
        from.push(leaf(format!("{}: {}", guard.name, guard.state.word()), Part::Contributes, note));
    }
    let gate = if from.len() > 1 { Gate::And } else { Gate::None };
    let text = cause.map_or_else(|| facts.first.title.clone(), |f| f.says.clone());
    let since = course.began.as_ref().map(|m| format!("since {}", clock(m.at)));
    let or_before = if course.began_or_before { " or before" } else { "" };
    Event { text, gate, part: Part::Cause, note: since.map(|s| s + or_before), from }
}
