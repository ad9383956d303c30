use std::collections::BTreeSet;

use firstfault_model::Trust;

use crate::score::APPLICATION_CAP;
use crate::theory::Theory;

/// One fault: the theories that compete for the same findings, the likeliest first.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Index of a theory and its probability.
    pub(crate) theories: Vec<(usize, f64)>,
    /// The probability that it is none of them.
    pub(crate) none: f64,
    /// What the faults before it explain: no proof of this one.
    pub(crate) explained_before: BTreeSet<usize>,
}

/// Softmax temperature, fitted on `scenarios/` so that what is said at p is right p of the time.
const TEMPERATURE: f64 = 1.3;

/// More faults than this at once are not told apart.
const MOST_FAULTS: usize = 64;

/// A theory that explains less than the background does is none.
const LEAST_SCORE: f64 = -1.0;

/// Few causes: takes the best theory, then the best for what is left, until nothing is left.
pub(crate) fn faults(theories: &[Theory<'_>]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut explained: BTreeSet<usize> = BTreeSet::new();
    let mut open: BTreeSet<usize> = (0..theories.len()).collect();
    let mut order: Vec<usize> = open.iter().copied().collect();
    let score: Vec<f64> = theories.iter().map(Theory::score).collect();
    order.sort_by(|&a, &b| {
        let key = |i: usize| (!theories[i].over, score[i]);
        key(b)
            .partial_cmp(&key(a))
            .unwrap_or(std::cmp::Ordering::Equal)
            .then_with(|| (&theories[a].mode.id, &theories[a].entity).cmp(&(&theories[b].mode.id, &theories[b].entity)))
    });
    for &best in &order {
        if !open.contains(&best) || faults.len() == MOST_FAULTS {
            continue;
        }
        let own = &theories[best];
        let unexplained = own.needs.iter().any(|i| !explained.contains(i));
        let left = |i: usize| score[i] - taken(&theories[i], &explained).map(|(_, w)| w).sum::<f64>();
        // Beside what is wrong now, what has healed is history.
        let is_history = own.over && faults.iter().any(|fault: &Fault| !theories[fault.theories[0].0].over);
        if !unexplained || is_history || left(best) < LEAST_SCORE {
            continue;
        }
        let competitors: Vec<usize> =
            order.iter().copied().filter(|&i| i != best && open.contains(&i) && competes(own, &theories[i])).collect();
        let fault = Fault { explained_before: explained.clone(), ..weigh(best, &competitors, theories, left) };
        open.remove(&best);
        for i in &competitors {
            open.remove(i);
        }
        explained.extend(own.explains.iter().filter(|(_, w)| **w >= 0.0).map(|(i, _)| *i));
        faults.push(fault);
    }
    faults
}

/// What a theory owes to findings that an earlier fault explains: they are no sign of a second one.
pub(crate) fn taken<'t>(
    theory: &'t Theory<'t>,
    explained: &'t BTreeSet<usize>,
) -> impl Iterator<Item = (usize, f64)> + 't {
    let others = theory.explains.iter().filter(|(i, _)| explained.contains(i) && !theory.needs.contains(i));
    others.map(|(i, weight)| (*i, weight.max(0.0)))
}

/// Two theories compete when one explains what makes the other a theory.
fn competes(best: &Theory<'_>, other: &Theory<'_>) -> bool {
    let covers = |a: &Theory<'_>, b: &Theory<'_>| b.needs.iter().all(|i| a.explains.contains_key(i));
    let shares = best.needs.iter().any(|i| other.needs.contains(i));
    shares || covers(best, other) || covers(other, best) || best.entity == other.entity
}

fn weigh(best: usize, competitors: &[usize], theories: &[Theory<'_>], score: impl Fn(usize) -> f64) -> Fault {
    let all: Vec<usize> = std::iter::once(best).chain(competitors.iter().copied()).collect();
    let top = score(best).max(0.0);
    let exponent = |s: f64| ((s - top) / TEMPERATURE).exp();
    let none = exponent(0.0);
    let total: f64 = none + all.iter().map(|&i| exponent(score(i))).sum::<f64>();
    let mut ranked: Vec<(usize, f64)> = all.iter().map(|&i| (i, exponent(score(i)) / total)).collect();
    let mut freed = 0.0;
    for (i, p) in &mut ranked {
        if theories[*i].trust == Trust::Application && *p > APPLICATION_CAP {
            freed += *p - APPLICATION_CAP;
            *p = APPLICATION_CAP;
        }
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Fault { theories: ranked, none: none / total + freed, explained_before: BTreeSet::new() }
}
