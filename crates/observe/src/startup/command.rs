use firstfault_gather::{Event, Object, World};
use firstfault_model::Declaration;

use super::{
    COMMAND_NOT_EXECUTABLE, COMMAND_NOT_FOUND, DIRECTORY_MISSING, EXEC_FORMAT, POST_START, START_ERROR, from_event,
    from_pod,
};
use crate::merge::Merged;
use crate::pod::containers;

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
        let what = format!("container {}: {reason}{} {message}", container.name, container.waiting());
        let command = command_of(message, container.spec);
        let mut say = |declaration: &Declaration| {
            merged.add(
                from_pod(world, declaration, pod, &what)
                    .with("container", container.name)
                    .with("command", command.as_str())
                    .with("image", container.image())
                    .with("exit_code", code.map_or(String::new(), |c| c.to_string())),
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

/// The texts of runc, crun and the kernel.
fn read(message: &str) -> Option<&'static Declaration> {
    let has = |text: &str| message.contains(text);
    if has("exec format error") {
        Some(&EXEC_FORMAT)
    } else if has("executable file not found in") {
        Some(&COMMAND_NOT_FOUND)
    } else if has("chdir to cwd") || has("mkdir") && has("cwd") {
        Some(&DIRECTORY_MISSING)
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
    for before in ["exec: \"", "stat "] {
        if let Some((_, rest)) = message.split_once(before) {
            let name = rest.split(['"', ':']).next().unwrap_or("");
            if !name.is_empty() {
                return name.chars().take(120).collect();
            }
        }
    }
    let words = |field: &str| spec.get(field).list().iter().map(|w| w.show()).collect::<Vec<_>>().join(" ");
    let command = words("command");
    let command = if command.is_empty() { words("args") } else { command };
    command.chars().take(120).collect()
}
