use jiff::{SignedDuration, Timestamp};

use crate::world::World;

/// A log's time further than this past all other sources is a clock or a year gone wrong.
const TOO_FAR: SignedDuration = SignedDuration::from_hours(24);

/// "Now" is the end of the window, else a printed time of collection, else the newest time that
/// the cluster's own objects and events tell, else that of logs and metrics.
pub(crate) fn set_now(world: &mut World, collected: &[Timestamp]) {
    if let Some(to) = world.incident.window.to {
        world.now = Some(to);
        return;
    }
    let state = newest_of_state(world).into_iter().chain(collected.iter().copied()).max();
    // Series, alerts and spans have whole dates; objects may have been made long before.
    let dated = state.into_iter().chain(newest_of_signals(world)).max();
    world.now = dated.into_iter().chain(newest_of_logs(world, dated)).max();
}

fn newest_of_state(world: &World) -> Option<Timestamp> {
    let events = world.events.iter().filter_map(|e| e.last.or(e.first));
    let objects = world.objects.values().flat_map(|object| {
        let conditions = object.at("status.conditions").list().iter();
        let times = conditions
            .flat_map(|c| ["lastHeartbeatTime", "lastTransitionTime", "lastProbeTime"].map(|k| c.get(k).text()));
        let statuses = object.at("status.containerStatuses").list().iter();
        let starts = statuses.flat_map(|s| {
            ["state.running.startedAt", "lastState.terminated.finishedAt", "state.terminated.finishedAt"]
                .map(|k| s.at(k).text())
        });
        let own = [object.at("metadata.creationTimestamp").text(), object.at("spec.renewTime").text()];
        times.chain(starts).chain(own).filter_map(|text| text.parse::<Timestamp>().ok()).collect::<Vec<_>>()
    });
    events.chain(objects).max()
}

fn newest_of_signals(world: &World) -> Option<Timestamp> {
    let series = world.series.iter().filter_map(|s| s.points.last().map(|p| p.0));
    let alerts = world.alerts.iter().filter_map(|a| a.since);
    let spans = world.spans.iter().map(|s| s.start);
    series.chain(alerts).chain(spans).max()
}

fn newest_of_logs(world: &World, others: Option<Timestamp>) -> Option<Timestamp> {
    let plausible = |t: &Timestamp| others.is_none_or(|other| t.duration_since(other) < TOO_FAR);
    world.logs.iter().filter_map(|log| log.digest.last).filter(plausible).max()
}
