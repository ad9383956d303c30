use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Finding, Masked};

use super::{
    COMMAND_NOT_EXECUTABLE, COMMAND_NOT_FOUND, DIRECTORY_MISSING, EXEC_FORMAT, POST_START, START_ERROR, from_event,
    from_pod,
};
use crate::merge::Merged;
use crate::pod::{Container, containers};
use crate::words::{Logs, cite};

pub(super) fn judge(world: &World, pod: &Object, merged: &mut Merged) {
    for container in containers(pod) {
        let ended = container.ended();
        let message = match ended.map(|e| e.get("message").text()) {
            Some(message) if !message.is_empty() => message,
            _ => container.waiting_message(),
        };
        let reason = ended.map_or("", |e| e.get("reason").text());
        let code = ended.and_then(|e| e.get("exitCode").as_int());
        let not_started = matches!(reason, "StartError" | "ContainerCannotRun")
            || matches!(container.waiting(), "RunContainerError" | "CreateContainerError" | "PostStartHookError");
        let what = format!("container {}, {reason}{} {message}", container.name, container.waiting());
        let command = command_of(message, container.spec);
        let mut say = |declaration: &Declaration| {
            merged.add(
                from_pod(world, declaration, pod, &what)
                    .with("container", container.name)
                    .with("command", command.as_str())
                    .with("image", container.image())
                    .with("exit_code", code.map_or(String::new(), |c| c.to_string()))
                    .with("error", gist(message)),
            );
        };
        if container.waiting() == "PostStartHookError" {
            say(&POST_START);
        } else if not_started {
            if !message.contains("OOM-killed") {
                say(&START_ERROR);
            }
            if let Some(declaration) = read(message) {
                say(declaration);
            }
        }
        // A shell's own answers.
        match code {
            Some(127) => say(&COMMAND_NOT_FOUND),
            Some(126) => say(&COMMAND_NOT_EXECUTABLE),
            _ => {}
        }
    }
}

/// A log of more lines is one of a program that did run.
const UNSTARTED: u64 = 3;

/// Some runtimes write to the container's own output that its program cannot be run: then that
/// is all there is in its log.
pub(super) fn by_log(world: &World, pod: &Object, logs: &Logs<'_>, merged: &mut Merged) {
    let carrier = world.carrier(pod);
    for container in containers(pod).iter().filter(|c| ended_badly(c)) {
        for log in logs.about(&carrier, container.name).filter(|log| log.digest.lines <= UNSTARTED) {
            let said = log.digest.last_words.iter().find(|words| is_of_the_runtime(words.text.as_str()));
            let Some((words, declaration)) = said.and_then(|words| Some((words, read(words.text.as_str())?))) else {
                continue;
            };
            merged.add(
                Finding::new(declaration, carrier.clone(), cite(log, words))
                    .seen(words.at, words.at)
                    .with("pod", pod.name.as_str())
                    .with("container", container.name)
                    .with("command", command_of(words.text.as_str(), container.spec))
                    .with("image", container.image()),
            );
        }
    }
}

fn ended_badly(container: &Container<'_>) -> bool {
    let code = container.ended().and_then(|ended| ended.get("exitCode").as_int());
    container.ready() != Some(true) && (code.is_some_and(|code| code != 0) || container.waiting() == "CrashLoopBackOff")
}

/// `exec /app: exec format error`, `standard_init_linux.go:228: exec user process caused: …`
fn is_of_the_runtime(line: &str) -> bool {
    line.starts_with("exec /")
        || line.starts_with("standard_init_linux.go")
        || line.starts_with("exec container process")
}

pub(super) fn by_event(world: &World, event: &Event, merged: &mut Merged) {
    match event.reason.as_str() {
        "FailedPostStartHook" => merged.add(from_event(world, &POST_START, event)),
        "Failed" | "FailedStart" if event.message.contains("container") => {
            if let Some(declaration) = read(&event.message) {
                let command = command_of(&event.message, &firstfault_model::Value::Null);
                merged.add(from_event(world, declaration, event).with("command", command));
            }
        }
        _ => {}
    }
}

/// What is left of a runtime's message without the names of all that passed it on.
fn gist(message: &str) -> String {
    let passed_on =
        ["error during container init: ", "unable to start container process: ", "OCI runtime create failed: "];
    let rest = passed_on.iter().find_map(|words| Some(message.split_once(words)?.1)).unwrap_or(message);
    let rest: String = rest.trim_end_matches(": unknown").chars().take(200).collect();
    Masked::new(&rest).as_str().to_owned()
}

/// The texts of runc, crun and the kernel.
fn read(message: &str) -> Option<&'static Declaration> {
    let has = |text: &str| message.contains(text);
    if has("exec format error") {
        Some(&EXEC_FORMAT)
    } else if has("executable file not found in") {
        Some(&COMMAND_NOT_FOUND)
    } else if has("chdir to cwd") || has("mkdir") && has("cwd") {
        Some(&DIRECTORY_MISSING)
    } else if has("apparmor") || has("/proc/self/attr") || has("seccomp") {
        None // a security profile and not the program
    } else if has("no such file or directory") && (has("exec") || has("stat /")) && !has("mount") {
        Some(&COMMAND_NOT_FOUND)
    } else if has("permission denied") && has("exec") {
        Some(&COMMAND_NOT_EXECUTABLE)
    } else {
        None
    }
}

/// The command that was tried: what stands in `exec: "…"`, else what the spec says.
fn command_of(message: &str, spec: &firstfault_model::Value) -> String {
    for before in ["exec: \"", "stat ", "exec container process `", "exec /"] {
        if let Some((_, rest)) = message.split_once(before) {
            let name = rest.split(['"', ':', '`']).next().unwrap_or("");
            if !name.is_empty() {
                let root = if before.ends_with('/') { "/" } else { "" };
                return format!("{root}{name}").chars().take(120).collect();
            }
        }
    }
    let words = |field: &str| spec.get(field).list().iter().map(|w| w.show()).collect::<Vec<_>>().join(" ");
    let command = words("command");
    let command = if command.is_empty() { words("args") } else { command };
    command.chars().take(120).collect()
}
