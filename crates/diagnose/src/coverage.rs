//! What was looked at, and what nobody could see.

use firstfault_model::case::CoverageLine;
use firstfault_model::{Fate, Loss, Masked};

use crate::Situation;

/// What was read from each file, and what collectors of logs did not deliver.
pub(crate) fn lines(situation: &Situation<'_>) -> Vec<CoverageLine> {
    let files = situation.coverage.files.iter().map(|file| CoverageLine {
        subject: file.path.to_string(),
        what: file.read_as.clone(),
        items: file.items,
        problems: file
            .problems
            .iter()
            .map(|p| format!("{}:{}: {}", p.place.path, p.place.lines.0, Masked::new(&p.what)))
            .collect(),
    });
    let losses = situation.losses.iter().map(|loss| CoverageLine {
        subject: format!("{}:{}", loss.place.path, loss.place.lines.0),
        what: sentence(loss),
        items: usize::try_from(loss.records.unwrap_or(loss.messages)).unwrap_or(usize::MAX),
        problems: Vec::new(),
    });
    files.chain(losses).collect()
}

/// What has to be said of it in every report: records that may be gone.
pub(crate) fn unseen<'a>(situation: &'a Situation<'_>) -> impl Iterator<Item = String> + 'a {
    situation.losses.iter().filter(|loss| loss.fate != Fate::Delayed).map(sentence)
}

/// `records were lost by fluent-bit on node n1 between … and … (312 records): absence in these logs proves nothing`.
fn sentence(loss: &Loss) -> String {
    let what = match loss.fate {
        Fate::Lost => "records were lost by",
        Fate::Refused => "records were refused by the full buffer of",
        Fate::Delayed => "records were delayed by",
    };
    let on = loss.node.as_ref().map_or_else(|| format!("in {}", loss.entity), |node| format!("on node {node}"));
    let when = match loss.seen {
        Some((first, last)) if first == last => format!(" at {first}"),
        Some((first, last)) => format!(" between {first} and {last}"),
        None => String::new(),
    };
    let count = match (loss.records, loss.messages) {
        (Some(records), _) => format!("{records} records"),
        (None, 1) => "told once".to_owned(),
        (None, messages) => format!("told {messages} times"),
    };
    let proves = match loss.fate {
        Fate::Lost | Fate::Refused => "absence in the logs that it collected proves nothing",
        Fate::Delayed => "the newest records may be missing in the logs that it collected",
    };
    Masked::new(&format!("{what} {} {on}{when} ({count}): {proves}", loss.collector)).to_string()
}

#[cfg(test)]
mod tests {
    use firstfault_model::{Entity, Place};

    use super::*;

    #[test]
    fn a_loss_says_who_where_when_and_how_many() {
        let mut loss = Loss {
            collector: "fluent-bit".into(),
            entity: Entity::namespaced("DaemonSet", "logging", "fluent-bit"),
            node: Some("n1".into()),
            fate: Fate::Lost,
            seen: "2026-11-24T10:02:00Z".parse().ok().zip("2026-11-24T10:05:00Z".parse().ok()),
            records: Some(312),
            messages: 4,
            place: Place::line(&"logs/f.log".into(), 3),
        };
        assert_eq!(
            sentence(&loss),
            "records were lost by fluent-bit on node n1 between 2026-11-24T10:02:00Z and 2026-11-24T10:05:00Z (312 records): absence in the logs that it collected proves nothing"
        );
        loss = Loss { node: None, fate: Fate::Delayed, seen: None, records: None, ..loss };
        assert_eq!(
            sentence(&loss),
            "records were delayed by fluent-bit in DaemonSet/logging/fluent-bit (told 4 times): the newest records may be missing in the logs that it collected"
        );
    }
}
