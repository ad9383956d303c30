//! Alerts on metrics that are not there.

use std::collections::{BTreeMap, BTreeSet};

use firstfault_metrics::promql::{Expr, Operator};

use super::{Alert, UNKNOWN_METRIC, remark};
use crate::check::Remark;
use crate::scope::Scope;

pub(super) fn look(scope: &Scope<'_>, alerts: &[Alert<'_>], recorded: &[&str], out: &mut Vec<Remark>) {
    let known: BTreeSet<&str> = scope.world.metric_names.keys().map(|name| &**name).collect();
    let exposed = exposed(scope);
    for alert in alerts {
        for name in alert.expr.iter().flat_map(names) {
            let synthetic = name.starts_with("ALERTS") || name.contains(':') || recorded.contains(&name.as_str());
            if synthetic || known.contains(name.as_str()) || exposed.contains(name.as_str()) {
                continue;
            }
            let near = nearest(known.iter().chain(&exposed).copied(), &name);
            let what = match (known.is_empty(), near) {
                // The server listed all names.
                (false, Some(near)) => format!("no metric is called {name}; {near} is"),
                (false, None) => format!("no metric is called {name}"),
                // Only pages of some targets were seen: a name that is nearly one of theirs is a slip.
                (true, Some(near)) => format!("no page of metrics here has {name}; one has {near}"),
                (true, None) => continue,
            };
            out.push(remark(&UNKNOWN_METRIC, alert.object, alert.name, &what));
            break;
        }
    }
}

/// The names of all metrics that an expression needs. One below `absent` or on the right of `or`
/// or `unless` may be missing on purpose.
fn names(expr: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    collect(expr, &mut names);
    names
}

fn collect(expr: &Expr, names: &mut Vec<String>) {
    match expr {
        Expr::Instant(selector) | Expr::Range(selector, _) => names.extend(selector.name.clone()),
        Expr::Negative(of) | Expr::Aggregate { of, .. } => collect(of, names),
        Expr::Call(name, _) if name == "absent" => {}
        Expr::Call(_, arguments) => arguments.iter().for_each(|argument| collect(argument, names)),
        Expr::Binary { operator: Operator::Or, .. } | Expr::Number(_) => {}
        Expr::Binary { operator: Operator::Unless, left, .. } => collect(left, names),
        Expr::Binary { left, right, .. } => {
            collect(left, names);
            collect(right, names);
        }
    }
}

/// Names on the pages of targets. A page of a whole target says what that target has.
fn exposed<'a>(scope: &Scope<'a>) -> BTreeSet<&'a str> {
    let pages: BTreeMap<&str, &str> =
        scope.world.coverage.files.iter().map(|file| (&*file.path, file.read_as.as_str())).collect();
    let on_page = |path: &str| pages.get(path).is_some_and(|read_as| read_as.contains("exposition"));
    scope.world.series.iter().filter(|s| on_page(&s.place.path)).map(|s| &*s.metric).collect()
}

/// A name that differs by a letter or two, or only in its ending.
fn nearest<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> Option<&'a str> {
    const ENDINGS: &[&str] = &["_total", "_count", "_sum", "_bucket", "_seconds", "_bytes"];
    let stem = |name: &str| ENDINGS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned();
    let near = |name: &&str| {
        let close = name.len().abs_diff(wanted.len()) <= 2 && wanted.len() > 6 && distance(name, wanted) <= 2;
        // `x_sum` and `x_count` are brothers, not slips; `x` and `x_total` are one thing.
        let ending = stem(name) == stem(wanted) && (stem(name) == *name || stem(wanted) == wanted);
        close || ending
    };
    names.filter(near).min_by_key(|name| (distance(name, wanted), *name))
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(200).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(200).enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = replaced.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_metric() {
        let names = ["shop_orders_total", "shop_order_seconds_count", "go_goroutines"];
        let near = |wanted| nearest(names.iter().copied(), wanted);
        assert_eq!(near("shop_order_total"), Some("shop_orders_total"));
        assert_eq!(near("shop_orders"), Some("shop_orders_total"));
        assert_eq!(near("shop_refunds_total"), None);
        assert_eq!(near("shop_order_seconds_sum"), None);
    }

    #[test]
    fn what_may_be_missing_on_purpose_is_not_asked_for() {
        let all = |text: &str| names(&firstfault_metrics::promql::parse(text).expect("a test's own expression"));
        assert_eq!(all("rate(a_total[5m]) / b > 1"), ["a_total", "b"]);
        assert!(all("absent(a)").is_empty());
        assert_eq!(all("a > 1 unless b"), ["a"]);
        assert!(all("a > 1 or b > 1").is_empty());
    }
}
