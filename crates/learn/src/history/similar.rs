//! How alike two cases are, from 0 to 1, and why.
//!
//! ```text
//! likeness = 0.40 · findings + 0.30 · mode + 0.15 · entity + 0.15 · chain
//!
//! findings = Σ w(f) over what both show / Σ w(f) over what either shows      (weighted Jaccard index)
//! w(f)     = ln(1 + (N + 1) / (n(f) + 1))    N cases in the history, n(f) of them show f
//! mode     = 1 for the same failure mode, ½ for another one of the same area
//! entity   = 1 for the same entity, ½ for the same kind and name in another namespace
//! chain    = 2 · L / (a + b)    L: longest common subsequence of the two chains with a and b steps
//! ```
//!
//! A finding that every case shows weighs ln 2, one that no case in the history has weighs most: what is rare says more
//! (inverse document frequency). A step of a chain is how it got there, the kind of thing, and what is seen on it, so
//! that chains agree across names. Where people said what the cause was, the mode is theirs; where they called the
//! answer wrong, the case has no mode.

use serde::Serialize;

use super::Error;
use super::document::Document;
use super::record::Outline;
use super::signs::{self, NONE, Signs, Words};
use super::store::History;

/// How much each part counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Weights {
    /// Of the findings.
    pub findings: f64,
    /// Of the failure mode.
    pub mode: f64,
    /// Of the entity.
    pub entity: f64,
    /// Of the chain.
    pub chain: f64,
}

/// The weights; they sum to 1. Facts count most, the answer less, since it is made from them; names change, so the
/// entity counts least, with the chain, whose steps are facts as well.
pub const WEIGHTS: Weights = Weights { findings: 0.40, mode: 0.30, entity: 0.15, chain: 0.15 };

/// A case that is like the one asked about.
#[derive(Clone, Debug, Serialize)]
pub struct Likeness {
    /// The case.
    pub case: Outline,
    /// From 0 to 1.
    pub likeness: f64,
    /// What each part gave, before its weight.
    pub agreement: Agreement,
}

/// What each part gave, from 0 to 1, and what agrees.
#[derive(Clone, Debug, Serialize)]
pub struct Agreement {
    /// The weighted Jaccard index of the findings.
    pub findings: f64,
    /// 1 same, ½ same area.
    pub mode: f64,
    /// 1 same, ½ same kind and name.
    pub entity: f64,
    /// The share of common steps.
    pub chain: f64,
    /// Findings that both show, the weightiest first.
    pub shared: Vec<Shared>,
    /// Findings that only the case asked about shows.
    pub only_asked: Vec<String>,
    /// Findings that only the past case shows.
    pub only_past: Vec<String>,
    /// The common steps of the chains, in order.
    pub steps: Vec<String>,
}

/// A finding that both show, and how much it weighs.
#[derive(Clone, Debug, Serialize)]
pub struct Shared {
    /// Its id.
    pub finding: String,
    /// w(f).
    pub weight: f64,
}

impl History {
    /// The past cases that are most like this one, the best first, at most `most` and none below `least`. The case
    /// itself is left out where the history has it.
    ///
    /// # Errors
    /// [`Error::Damaged`], or what SQLite says.
    pub fn similar(&self, asked: &Document, least: f64, most: usize) -> Result<Vec<Likeness>, Error> {
        let (signs, unknown) = Words::of(asked.digest()).looked_up(&self.connection)?;
        let past = signs::all(&self.connection)?;
        let rarity = Rarity::of(past.iter().map(|(_, signs)| signs));
        let itself = self.known(asked)?;
        let mut ranked: Vec<(f64, Parts, usize)> = past
            .iter()
            .enumerate()
            .filter(|(_, (id, _))| Some(*id) != itself)
            .map(|(at, (_, other))| (compare(&signs, other, &rarity), at))
            .map(|(parts, at)| (parts.likeness(), parts, at))
            .filter(|(likeness, ..)| *likeness >= least && *likeness > 0.0)
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
        ranked.truncate(most);
        let name = |number: u32| match unknown.iter().find(|(n, _)| *n == number) {
            Some((_, word)) => Ok(signs::bare(word).to_owned()),
            None => signs::word(&self.connection, number),
        };
        ranked
            .into_iter()
            .map(|(likeness, parts, at)| {
                let (id, other) = &past[at];
                let case =
                    self.outline(*id)?.ok_or_else(|| Error::Damaged(format!("case {id} has signs but is gone")))?;
                let agreement = explain(&signs, other, parts, &rarity, &name)?;
                Ok(Likeness { case, likeness: rounded(likeness), agreement })
            })
            .collect()
    }
}

/// Three digits: more would claim what the measure cannot hold.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// How many cases show each finding.
struct Rarity {
    cases: usize,
    /// By the finding's number.
    shown: Vec<u32>,
}

impl Rarity {
    fn of<'a>(past: impl Iterator<Item = &'a Signs> + Clone) -> Self {
        let most = past.clone().filter_map(|signs| signs.findings.last()).max().copied().unwrap_or(0);
        let mut shown = vec![0; most as usize + 1];
        let mut cases = 0;
        for signs in past {
            cases += 1;
            for &finding in &signs.findings {
                shown[finding as usize] += 1;
            }
        }
        Self { cases, shown }
    }

    /// w(f).
    fn weight(&self, finding: u32) -> f64 {
        let shown = self.shown.get(finding as usize).copied().unwrap_or(0);
        (1.0 + (self.cases as f64 + 1.0) / (f64::from(shown) + 1.0)).ln()
    }
}

/// What each part gave, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Parts {
    findings: f64,
    mode: f64,
    entity: f64,
    chain: f64,
}

impl Parts {
    fn likeness(self) -> f64 {
        WEIGHTS.findings * self.findings
            + WEIGHTS.mode * self.mode
            + WEIGHTS.entity * self.entity
            + WEIGHTS.chain * self.chain
    }
}

fn compare(asked: &Signs, past: &Signs, rarity: &Rarity) -> Parts {
    let graded = |same: (u32, u32), near: (u32, u32)| match () {
        () if same.0 != NONE && same.0 == same.1 => 1.0,
        () if near.0 != NONE && near.0 == near.1 => 0.5,
        () => 0.0,
    };
    Parts {
        findings: jaccard(&asked.findings, &past.findings, rarity),
        mode: graded((asked.mode, past.mode), (asked.area, past.area)),
        entity: graded((asked.entity, past.entity), (asked.twin, past.twin)),
        chain: match asked.steps.len() + past.steps.len() {
            0 => 0.0,
            steps => 2.0 * common(&asked.steps, &past.steps).len() as f64 / steps as f64,
        },
    }
}

/// Where the numbers of two ascending lists stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Left,
    Right,
    Both,
}

fn merge(left: &[u32], right: &[u32], mut each: impl FnMut(u32, In)) {
    let (mut i, mut j) = (0, 0);
    loop {
        match (left.get(i), right.get(j)) {
            (Some(&a), Some(&b)) if a == b => {
                each(a, In::Both);
                (i, j) = (i + 1, j + 1);
            }
            (Some(&a), b) if b.is_none_or(|&b| a < b) => {
                each(a, In::Left);
                i += 1;
            }
            (_, Some(&b)) => {
                each(b, In::Right);
                j += 1;
            }
            (_, None) => return,
        }
    }
}

fn jaccard(left: &[u32], right: &[u32], rarity: &Rarity) -> f64 {
    let (mut both, mut either) = (0.0, 0.0);
    merge(left, right, |finding, place| {
        let weight = rarity.weight(finding);
        either += weight;
        if place == In::Both {
            both += weight;
        }
    });
    if either > 0.0 { both / either } else { 0.0 }
}

/// The most steps of a chain that are compared.
const MOST_STEPS: usize = 64;

/// The longest common subsequence, by the usual table.
fn common(left: &[u32], right: &[u32]) -> Vec<u32> {
    let (left, right) = (&left[..left.len().min(MOST_STEPS)], &right[..right.len().min(MOST_STEPS)]);
    let wide = right.len() + 1;
    let mut longest = vec![0_u8; (left.len() + 1) * wide];
    for (i, a) in left.iter().enumerate().rev() {
        for (j, b) in right.iter().enumerate().rev() {
            longest[i * wide + j] = if a == b {
                longest[(i + 1) * wide + j + 1] + 1
            } else {
                longest[(i + 1) * wide + j].max(longest[i * wide + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut steps = Vec::new();
    while i < left.len() && j < right.len() {
        if left[i] == right[j] {
            steps.push(left[i]);
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * wide + j] >= longest[i * wide + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    steps
}

fn explain(
    asked: &Signs,
    past: &Signs,
    parts: Parts,
    rarity: &Rarity,
    name: &impl Fn(u32) -> Result<String, Error>,
) -> Result<Agreement, Error> {
    let (mut shared, mut only_asked, mut only_past) = (Vec::new(), Vec::new(), Vec::new());
    merge(&asked.findings, &past.findings, |finding, place| match place {
        In::Both => shared.push(finding),
        In::Left => only_asked.push(finding),
        In::Right => only_past.push(finding),
    });
    let names = |numbers: &[u32]| numbers.iter().map(|&n| name(n)).collect::<Result<Vec<_>, _>>();
    let sorted = |numbers: &[u32]| {
        names(numbers).map(|mut names| {
            names.sort();
            names
        })
    };
    let mut weighed = shared
        .iter()
        .map(|&n| Ok(Shared { finding: name(n)?, weight: rounded(rarity.weight(n)) }))
        .collect::<Result<Vec<_>, Error>>()?;
    weighed.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.finding.cmp(&b.finding)));
    Ok(Agreement {
        findings: rounded(parts.findings),
        mode: parts.mode,
        entity: parts.entity,
        chain: rounded(parts.chain),
        shared: weighed,
        only_asked: sorted(&only_asked)?,
        only_past: sorted(&only_past)?,
        steps: names(&common(&asked.steps, &past.steps))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(mode: u32, area: u32, entity: u32, twin: u32, findings: &[u32], steps: &[u32]) -> Signs {
        Signs { mode, area, entity, twin, findings: findings.to_vec(), steps: steps.to_vec() }
    }

    #[test]
    fn the_likeness_is_what_a_hand_calculates() {
        // Three past cases. Finding 1 is in all, 2 in two, 3 in one; 4 is in none but the case asked about.
        let past = [
            signs(10, 20, 30, 40, &[1, 2], &[5, 6, 7]),
            signs(11, 20, 31, 40, &[1, 2, 3], &[]),
            signs(12, 21, 32, 42, &[1], &[]),
        ];
        let rarity = Rarity::of(past.iter());
        // w = ln(1 + 4 / (n + 1)): ln 2, ln 7/3, ln 3, ln 5.
        for (finding, weight) in [(1, std::f64::consts::LN_2), (2, 0.847_298), (3, 1.098_612), (4, 1.609_438)] {
            assert!((rarity.weight(finding) - weight).abs() < 1e-6, "finding {finding}");
        }
        let asked = signs(10, 20, 30, 40, &[1, 2, 4], &[5, 7, 8, 9]);
        let first = compare(&asked, &past[0], &rarity);
        // Both: 1, 2 = 1.540445; either: 1, 2, 4 = 3.149883. Chain: 5 then 7 of 4 + 3 steps.
        assert!((first.findings - 0.489_048).abs() < 1e-6, "{first:?}");
        assert!((first.chain - 4.0 / 7.0).abs() < 1e-12, "{first:?}");
        // 0.4 · 0.489048 + 0.3 + 0.15 + 0.15 · 0.571429 = 0.731334
        assert!((first.likeness() - 0.731_334).abs() < 1e-6, "{}", first.likeness());
        // Another mode of the area, the same name elsewhere: 0.4 · 1.540445 / 4.248495 + 0.15 + 0.075 = 0.370034
        let second = compare(&asked, &past[1], &rarity);
        assert!((second.likeness() - 0.370_034).abs() < 1e-6, "{}", second.likeness());
        // Nothing but the finding that all show: 0.4 · 0.693147 / 3.149883 = 0.088022
        let third = compare(&asked, &past[2], &rarity);
        assert!((third.likeness() - 0.088_022).abs() < 1e-6, "{}", third.likeness());
    }

    #[test]
    fn a_case_is_wholly_like_itself_and_two_without_anything_are_not_alike() {
        let one = signs(1, 2, 3, 4, &[5, 6], &[7, 8]);
        let rarity = Rarity::of([one.clone()].iter());
        assert!((compare(&one, &one, &rarity).likeness() - 1.0).abs() < 1e-12);
        let none = Signs::default();
        assert_eq!(compare(&none, &none, &rarity).likeness(), 0.0);
    }

    #[test]
    fn the_common_steps_keep_their_order() {
        assert_eq!(common(&[1, 2, 3, 4], &[2, 4, 3]), [2, 4]);
        assert_eq!(common(&[1, 2], &[2, 1]).len(), 1);
        assert!(common(&[], &[1]).is_empty());
    }
}
