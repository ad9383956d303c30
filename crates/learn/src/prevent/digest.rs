//! The rules and what they did, for a terminal.

use std::fmt::Write as _;

use super::Situation;
use super::alerts::Alerts;
use super::amount::{duration, lasting};
use super::backtest::Backtest;
use super::rule::{AlertRule, Verdict, clock};

/// A warning that comes less than this before the outage finds nobody at the keyboard: milliseconds.
const ENOUGH: i64 = 5 * 60_000;

/// What a reader has to know before the rules.
pub(super) fn preface(alerts: &Alerts, situation: &Situation) -> Vec<String> {
    let (measured, moments) = (&alerts.measured, alerts.moments);
    let mut says = Vec::new();
    if situation.world.is_none() {
        says.push("the evidence is not at hand, so no rule could be tried on the incident's own series".into());
    } else if measured.end == 0 {
        says.push(
            "the evidence has no series of what these rules watch, so none could be tried on the incident".into(),
        );
    } else {
        let quiet = if moments.has_quiet(measured.step) {
            format!("well until {}", clock(measured, moments.begin))
        } else {
            "no time in which all was well, so that silence then is not shown".into()
        };
        let felt = moments
            .outage
            .map_or("not known when it was felt".into(), |at| format!("felt from {}", clock(measured, at)));
        let day = |at: i64| measured.time(at).map_or(String::new(), |t| t.strftime("%Y-%m-%d ").to_string());
        let from = day(0) + &clock(measured, 0);
        let to = if day(0) == day(measured.end) { String::new() } else { day(measured.end) }
            + &clock(measured, measured.end);
        says.push(format!("tried on the incident's own series, {from} to {to} UTC: {quiet}; {felt}"));
    }
    for (name, how) in &measured.how {
        if how != "as the evidence has it" {
            says.push(format!("{name}: {how}"));
        }
    }
    says
}

/// All rules: the good ones with their condition, the others with the reason.
pub(super) fn rules(alerts: &Alerts) -> String {
    let mut out = String::new();
    for rule in alerts.good().filter(|r| matches!(r.verdict, Verdict::Proven(_))) {
        one(&mut out, rule);
        if let Verdict::Proven(result) = &rule.verdict {
            let _ = writeln!(out, "  proven: {}", did(result, alerts));
        }
        passed_over(&mut out, rule);
    }
    if let Some(burn) = &alerts.burn {
        let _ = writeln!(
            out,
            "Error budget of {} (objective {} %, recording rules included)",
            burn.whose(),
            burn.objective()
        );
        for (name, times, long, result) in burn.lines() {
            let did = match result {
                Some(result) if result.on_quiet > 0 => "fires while all was well on these series".to_owned(),
                Some(result) if result.fires.is_some() => format!("proven: {}", did(result, alerts)),
                Some(_) => "stays silent on this incident".to_owned(),
                None => "not proven: the evidence before the outage is shorter than its window".to_owned(),
            };
            let _ = writeln!(out, "  {name}: {times} times too fast over {long}: {did}");
        }
    }
    for rule in alerts.good() {
        let Verdict::Unproven(missing) = &rule.verdict else { continue };
        one(&mut out, rule);
        let _ = writeln!(
            out,
            "  needs the metric exported ({}: {}); not proven on this incident, only on made-up series",
            rule.template.exporter,
            missing.join(", ")
        );
    }
    for rule in alerts.rules.iter().filter(|r| r.verdict == Verdict::NotGood) {
        let _ = writeln!(out, "{}: not good on this incident, because", rule.template.alert);
        for why in &rule.rejected {
            let _ = writeln!(out, "  {why}");
        }
    }
    out
}

fn one(out: &mut String, rule: &AlertRule) {
    let holds = if rule.holds_for > 0 { format!(" for {}", duration(rule.holds_for)) } else { String::new() };
    let cause = if rule.of_cause { ", watches the cause" } else { "" };
    let _ = writeln!(out, "{} ({}{cause}, {})", rule.template.alert, rule.template.severity, rule.target.says());
    let _ = writeln!(out, "  {}{holds}", rule.expr);
}

/// Choices that were tried before the one that was taken.
fn passed_over(out: &mut String, rule: &AlertRule) {
    for why in &rule.rejected {
        let _ = writeln!(out, "  not {why}");
    }
}

/// What a rule did on the incident's own series.
fn did(result: &Backtest, alerts: &Alerts) -> String {
    let Some(fires) = result.fires else { return "never fires".into() };
    let at = clock(&alerts.measured, fires);
    let when = match alerts.moments.outage {
        Some(outage) if fires < outage => {
            let lead = outage - fires;
            let short = if lead < ENOUGH { " (too short for a person to act)" } else { "" };
            format!("fires at {at}, {} before it was felt{short}", lasting(lead))
        }
        Some(outage) if fires > outage => format!("fires at {at}, {} after it was first felt", lasting(fires - outage)),
        Some(_) => format!("fires at {at}, when it was first felt"),
        None => format!("fires at {at}"),
    };
    let times = if result.in_incident == 1 { "once".to_owned() } else { format!("{} times", result.in_incident) };
    let quiet = if alerts.moments.has_quiet(alerts.measured.step) {
        format!("never in the {} before", lasting(alerts.moments.begin))
    } else {
        "no quiet time to be silent in".to_owned()
    };
    format!("{when}; {times} in the incident, {quiet}")
}

/// Each rule in a line: when it first fires, how long before the outage, how often in the incident and before.
pub(super) fn table(alerts: &Alerts) -> String {
    let mut rows: Vec<[String; 4]> =
        vec![["rule", "first fires", "in the incident", "while all was well"].map(String::from)];
    let row = |name: &str, result: &Backtest| {
        let first = match (result.fires, alerts.moments.outage) {
            (Some(at), Some(outage)) if at < outage => {
                format!("{}, {} before it was felt", clock(&alerts.measured, at), lasting(outage - at))
            }
            (Some(at), Some(outage)) if at > outage => {
                format!("{}, {} after it was felt", clock(&alerts.measured, at), lasting(at - outage))
            }
            (Some(at), _) => clock(&alerts.measured, at),
            (None, _) => "never".to_owned(),
        };
        [name.to_owned(), first, result.in_incident.to_string(), result.on_quiet.to_string()]
    };
    for rule in &alerts.rules {
        rows.push(match &rule.verdict {
            Verdict::Proven(result) => row(&rule.template.alert, result),
            Verdict::Unproven(missing) => {
                let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
                let first = missing.first().map_or("", String::as_str);
                [rule.template.alert.clone(), format!("not tried: no {first}{more}"), String::new(), String::new()]
            }
            Verdict::NotGood => {
                [rule.template.alert.clone(), "not good, see `firstfault prevent`".into(), String::new(), String::new()]
            }
        });
    }
    for (name, .., result) in alerts.burn.iter().flat_map(|b| b.lines()) {
        rows.push(result.map_or_else(
            || [name.to_owned(), "not tried: less evidence than its window".into(), String::new(), String::new()],
            |result| row(name, result),
        ));
    }
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for [name, first, within, before] in &rows {
        let line = format!("{name:<0$}  {first:<1$}  {within:<2$}  {before}", widths[0], widths[1], widths[2]);
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// The proof in a line.
pub(super) fn proof(alerts: &Alerts) -> String {
    let proven = alerts.good().filter(|r| matches!(r.verdict, Verdict::Proven(_))).count();
    let made_up = alerts.good().filter(|r| matches!(r.verdict, Verdict::Unproven(_))).count();
    format!("{proven} rules on the incident's own series, {made_up} on made-up series only\n")
}
