use firstfault_gather::{Object, World};
use firstfault_model::{Declaration, Finding, Grade};
use jiff::SignedDuration;

use super::{CRASHES, EXITS_CLEANLY, EXITS_WITH_ERROR, KILLED, LAST_ERROR};
use crate::merge::Merged;
use crate::pod::{Container, age, containers, is_settled, pods_at_work, runs_to_an_end, time};
use crate::words::{Logs, cite};

const LATELY: SignedDuration = SignedDuration::from_mins(30);

pub(super) fn detect(world: &World, logs: &Logs<'_>, merged: &mut Merged) {
    for pod in pods_at_work(world) {
        for container in containers(pod) {
            ending(world, pod, &container, logs, merged);
        }
    }
}

fn ending(world: &World, pod: &Object, container: &Container<'_>, logs: &Logs<'_>, merged: &mut Merged) {
    let carrier = world.carrier(pod);
    let Some(ended) = container.ended() else {
        if container.waiting() == "CrashLoopBackOff" {
            last_error(pod, container, &carrier, logs, merged);
        }
        return;
    };
    let code = ended.get("exitCode").as_int();
    let reason = ended.get("reason").text();
    let when = time(ended.get("finishedAt"));
    let recent = age(world, when).is_none_or(|age| age < LATELY);
    let well =
        container.ready() == Some(true) && !(recent && container.restarts() >= 3) || is_settled(world, pod, container);
    let by_probe = crate::probes::was_killed_by_probe(world, pod, container.name);
    if well || reason == "OOMKilled" || ended.get("message").text().contains("OOM-killed") || by_probe {
        return;
    }
    let Some(declaration) = meaning(code, reason, container, runs_to_an_end(&carrier)) else { return };
    let what = format!(
        "Pod {}: {}container {} ended: {reason}, exit code {}{}",
        pod.name,
        if container.init { "init " } else { "" },
        container.name,
        code.map_or_else(|| "unknown".to_owned(), |c| c.to_string()),
        code.map_or("", signal_of),
    );
    merged.add(
        Finding::new(declaration, carrier.clone(), pod.cite(&what))
            .graded(Grade::Certain)
            .seen(time(ended.get("startedAt")).or(when), world.now)
            .with("pod", pod.name.as_str())
            .with("container", container.name)
            .with("exit_code", code.map_or_else(|| "unknown".to_owned(), |c| c.to_string()))
            .with("restarts", container.restarts().to_string()),
    );
    last_error(pod, container, &carrier, logs, merged);
}

fn meaning(
    code: Option<i64>,
    reason: &str,
    container: &Container<'_>,
    to_an_end: bool,
) -> Option<&'static Declaration> {
    match code {
        Some(0) if container.init || to_an_end => None,
        Some(0) if container.restarts() >= 2 || container.waiting() == "CrashLoopBackOff" => Some(&EXITS_CLEANLY),
        Some(0) => None,
        Some(132 | 134 | 135 | 136 | 139) => Some(&CRASHES),
        Some(137) => Some(&KILLED),
        Some(143) => None,
        Some(_) => Some(&EXITS_WITH_ERROR),
        None if matches!(reason, "Error" | "ContainerCannotRun") => Some(&EXITS_WITH_ERROR),
        None => None,
    }
}

fn signal_of(code: i64) -> &'static str {
    match code {
        132 => " (illegal instruction)",
        134 => " (abort)",
        135 => " (bus error)",
        136 => " (arithmetic error)",
        137 => " (SIGKILL)",
        139 => " (segmentation fault)",
        _ => "",
    }
}

/// The line of a record that says the most: its first one, but of a Python trace the last one.
fn gist(record: &str) -> &str {
    let mut lines = record.lines();
    let first = lines.next().unwrap_or("");
    if !record.contains("Traceback (most recent call last)") {
        return first;
    }
    lines.rfind(|line| !line.trim().is_empty() && !line.starts_with(' ')).unwrap_or(first)
}

/// The application's own last error, as the reason of its end. Also the message that it left
/// for the kubelet.
fn last_error(
    pod: &Object,
    container: &Container<'_>,
    carrier: &firstfault_model::Entity,
    logs: &Logs<'_>,
    merged: &mut Merged,
) {
    if let Some((log, words)) = logs.last_error(carrier, container.name) {
        let line = gist(words.text.as_str());
        merged.add(
            Finding::new(&LAST_ERROR, carrier.clone(), cite(log, words))
                .graded(Grade::Fair)
                .seen(words.at, words.at)
                .with("container", container.name)
                .with("error", line.chars().take(200).collect::<String>()),
        );
        return;
    }
    let left = container.ended().map_or("", |e| e.get("message").text());
    if !left.is_empty() && !left.contains("OCI runtime") {
        let error: String = left.lines().next().unwrap_or("").chars().take(200).collect();
        let what = format!("Pod {}: container {} left the message: {error}", pod.name, container.name);
        let evidence = pod.cite(&what);
        let error = firstfault_model::Masked::new(&error).as_str().to_owned();
        merged.add(
            Finding::new(&LAST_ERROR, carrier.clone(), evidence)
                .graded(Grade::Fair)
                .with("container", container.name)
                .with("error", error),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::gist;

    #[test]
    fn a_python_trace_is_told_by_its_last_line() {
        let record = "ERROR unhandled\nTraceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'port'\n";
        assert_eq!(gist(record), "KeyError: 'port'");
        assert_eq!(
            gist("java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)"),
            "java.lang.IllegalStateException: no"
        );
    }
}
