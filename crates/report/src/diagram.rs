//! Inline SVG: the way of the fault as a map, and the time line. No script, no style of its own
//! beyond classes of the page.

use std::fmt::Write as _;

use firstfault_model::case::{Case, CaseEntity, Moment};
use jiff::Timestamp;

use crate::markup::xml as escape;
use crate::words::cut;

const BOX: (usize, usize) = (230, 44);
const GAP: (usize, usize) = (60, 18);
const MOST_VICTIMS: usize = 12;

/// The cause, the chain, and those that suffer, from left to right. Empty without a theory.
pub(crate) fn service_map(case: &Case) -> String {
    let Some(first) = case.hypotheses.first() else { return String::new() };
    let mut columns: Vec<Vec<&CaseEntity>> = vec![vec![&first.entity]];
    for link in &first.chain {
        if columns.iter().flatten().all(|known| **known != link.entity) {
            columns.push(vec![&link.entity]);
        }
    }
    let victims: Vec<&CaseEntity> = case
        .affected
        .iter()
        .filter(|victim| columns.iter().flatten().all(|known| known != victim))
        .take(MOST_VICTIMS)
        .collect();
    if !victims.is_empty() {
        columns.push(victims);
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(1);
    let width = columns.len() * (BOX.0 + GAP.0);
    let height = rows * (BOX.1 + GAP.1) + 10;
    let mut svg = format!(
        "<svg role=\"img\" aria-label=\"the way of the fault\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">"
    );
    for (x, column) in columns.iter().enumerate() {
        for (y, node) in column.iter().enumerate() {
            let (left, top) = (x * (BOX.0 + GAP.0), y * (BOX.1 + GAP.1) + 5);
            if x > 0 {
                let _ = write!(
                    svg,
                    "<path class=\"edge\" d=\"M{} {} C{} {} {} {} {left} {}\"/>",
                    left - GAP.0,
                    5 + BOX.1 / 2,
                    left - GAP.0 / 2,
                    5 + BOX.1 / 2,
                    left - GAP.0 / 2,
                    top + BOX.1 / 2,
                    top + BOX.1 / 2
                );
            }
            let class = if x == 0 { "cause" } else { "victim" };
            let _ = write!(
                svg,
                "<g><title>{}</title><rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\
                 <text class=\"kind\" x=\"{}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\">{}</text></g>",
                escape(&node.to_string()),
                BOX.0,
                BOX.1,
                left + 10,
                top + 16,
                escape(&cut(&node.kind, 28)),
                left + 10,
                top + 34,
                escape(&cut(&node.name, 28))
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// Dots over time with the incident's window behind them. Empty with fewer than two times.
pub(crate) fn time_line(case: &Case) -> String {
    let parse = |moment: &Moment| moment.at.as_deref().and_then(|t| t.parse::<Timestamp>().ok()).map(|t| t.as_second());
    let times: Vec<(i64, &Moment)> = case.timeline.iter().filter_map(|m| Some((parse(m)?, m))).collect();
    let (Some(start), Some(end)) = (times.iter().map(|t| t.0).min(), times.iter().map(|t| t.0).max()) else {
        return String::new();
    };
    if end <= start {
        return String::new();
    }
    const WIDTH: f64 = 900.0;
    let x = |t: i64| 10.0 + (t.clamp(start, end) - start) as f64 / (end - start) as f64 * WIDTH;
    let mut svg =
        String::from("<svg role=\"img\" aria-label=\"time line\" viewBox=\"0 0 920 60\" width=\"920\" height=\"60\">");
    let edge = |t: &Option<String>| t.as_deref().and_then(|t| t.parse::<Timestamp>().ok()).map(|t| t.as_second());
    if let Some(from) = edge(&case.window.from) {
        let to = edge(&case.window.to).unwrap_or(end);
        let _ = write!(
            svg,
            "<rect class=\"window\" x=\"{:.1}\" y=\"5\" width=\"{:.1}\" height=\"36\"/>",
            x(from),
            (x(to) - x(from)).max(1.0)
        );
    }
    svg.push_str("<line class=\"axis\" x1=\"10\" y1=\"41\" x2=\"910\" y2=\"41\"/>");
    for (t, moment) in &times {
        let title = format!("{} {} {}", moment.at.as_deref().unwrap_or(""), moment.entity, moment.what);
        let _ = write!(
            svg,
            "<circle class=\"moment\" cx=\"{:.1}\" cy=\"24\" r=\"4\"><title>{}</title></circle>",
            x(*t),
            escape(&title)
        );
    }
    let label = |t: i64| Timestamp::from_second(t).map_or_else(|_| String::new(), |t| t.to_string());
    let _ = write!(
        svg,
        "<text x=\"10\" y=\"56\">{}</text><text class=\"end\" x=\"910\" y=\"56\">{}</text></svg>",
        label(start),
        label(end)
    );
    svg
}
