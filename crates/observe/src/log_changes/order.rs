//! In which order services began to log new errors.

use std::collections::BTreeMap;

use firstfault_model::{Entity, Finding, Grade};
use jiff::{SignedDuration, Timestamp};

use super::FIRST_ERROR;

/// Services named in an order.
const NAMED: usize = 8;
/// Two clocks may tell the same moment so far apart.
const SAME_MOMENT: SignedDuration = SignedDuration::from_secs(1);

/// The earliest new error of each service.
#[derive(Default)]
pub(super) struct Firsts(BTreeMap<Entity, (Timestamp, Finding)>);

impl Firsts {
    /// Adds a new error.
    pub(super) fn add(&mut self, finding: &Finding) {
        let Some(since) = finding.since else { return };
        match self.0.get_mut(&finding.entity) {
            Some((known, _)) if *known <= since => {}
            Some(later) => *later = (since, finding.clone()),
            None => {
                self.0.insert(finding.entity.clone(), (since, finding.clone()));
            }
        }
    }

    /// Who began, where several log new errors.
    pub(super) fn finding(self) -> Option<Finding> {
        let mut order: Vec<(Timestamp, Finding)> = self.0.into_values().collect();
        order.sort_by_key(|(since, _)| *since);
        let [(began, first), (next, _), ..] = order.as_slice() else { return None };
        let mut evidence = order.iter().filter_map(|(_, finding)| finding.evidence.first().cloned());
        let lead = next.duration_since(*began);
        let grade = if lead > SAME_MOMENT { first.grade } else { Grade::Weak };
        let named = order.iter().take(NAMED).map(|(since, finding)| said(finding, *since, *began));
        let rest = order.len().saturating_sub(NAMED);
        let mut named = named.collect::<Vec<_>>().join(", ");
        if rest > 0 {
            named.push_str(&format!(" and {rest} more"));
        }
        let message = first.field("message").to_owned();
        let finding = Finding::new(&FIRST_ERROR, first.entity.clone(), evidence.next()?)
            .citing(evidence.take(NAMED - 1))
            .graded(grade)
            .seen(Some(*began), first.until)
            .with("message", message)
            .with("order", named);
        Some(finding)
    }
}

/// `cart at 10:00:01`, `shop 4 s later`.
fn said(finding: &Finding, since: Timestamp, began: Timestamp) -> String {
    let name = &finding.entity.name;
    match since.duration_since(began).as_secs() {
        0 if since == began => format!("{name} at {}", since.strftime("%H:%M:%S")),
        later => format!("{name} {later} s later"),
    }
}
