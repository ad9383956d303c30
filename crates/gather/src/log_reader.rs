//! Log files, log output of commands, and recorded error summaries.

use std::io::BufRead;
use std::thread;

use firstfault_logs::{Digest, DigestBuilder};
use firstfault_model::{Entity, Evidence, Masked, Name, Place, kind};

use crate::formats::{Chunk, Context, Format};
use crate::host;
use crate::input::lines;
use crate::world::{CommandError, Log, Yield};

pub(crate) const FORMATS: &[Format] = &[
    Format { name: "error summary", recognise: recognise_summary, read: read_summary },
    Format { name: "cluster-info log", recognise: recognise_framed, read: read_framed },
    host::JOURNAL,
    host::KERNEL_LOG,
    host::SYSTEM_LOG,
    Format { name: "log", recognise: recognise_log, read: read_log },
];

/// Whose log a chunk is, as its path or command tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) entity: Entity,
    pub(crate) container: Option<Name>,
    pub(crate) previous: bool,
}

fn recognise_log(chunk: &Chunk<'_>) -> u8 {
    if let Some(command) = chunk.command {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        let verb = command.arguments().first().copied().unwrap_or("");
        return match (command.program(), verb) {
            ("kubectl", "logs")
            | ("docker" | "podman" | "crictl" | "nerdctl", "logs")
            | ("journalctl" | "dmesg" | "stern", _) => 95,
            ("cat" | "tail" | "head" | "less" | "grep" | "zcat", _) if words.iter().any(|w| w.contains("log")) => 80,
            _ => 0,
        };
    }
    let path = chunk.path.as_str();
    let named =
        path.ends_with(".log") || path.contains(".log.") || path.starts_with("logs/") || path.contains("/logs/");
    if named || path.contains("var/log/") || path.contains("journalctl") {
        return 70;
    }
    // Most lines begin with a time: a log by content.
    let looks = |line: &&str| {
        line.len() > 20
            && line.as_bytes()[..20].iter().filter(|b| b.is_ascii_digit()).count() >= 8
            && line.contains(':')
    };
    let head: Vec<&str> = chunk.text.lines().filter(|l| !l.trim().is_empty()).take(40).collect();
    let json = head.iter().filter(|l| l.starts_with('{') && l.trim_end().ends_with('}')).count();
    let timed = head.iter().filter(|l| looks(l)).count();
    if head.len() >= 2 && (timed * 2 > head.len() || (json * 2 > head.len() && head.len() > 1)) {
        30
    } else {
        u8::from(path.ends_with(".txt") && head.len() > 3) * 2
    }
}

fn read_log(chunk: &Chunk<'_>, yields: &mut Yield) {
    let owner = owner(chunk);
    let trimmed = chunk.text.trim();
    if trimmed.lines().count() <= 3 && is_command_error(trimmed) {
        return push_error(chunk, trimmed, yields);
    }
    let mut builder = digest(chunk);
    chunk.text.lines().for_each(|line| builder.line(line));
    push(chunk.path, owner, builder.finish(), yields);
}

/// What kubectl says when it cannot show a log.
fn is_command_error(text: &str) -> bool {
    [
        "Error from server",
        "error: ",
        "Error: Error from server",
        "unable to retrieve container logs",
        "Unable to connect to the server",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

fn push_error(chunk: &Chunk<'_>, message: &str, yields: &mut Yield) {
    let place = Place::line(chunk.path, chunk.first_line);
    yields.errors.push(CommandError {
        command: chunk.command.map(|c| c.line.clone()),
        message: message.to_owned(),
        evidence: Evidence { place, excerpt: Masked::new(message) },
    });
}

/// A digest of nothing yet, for the lines of a chunk.
pub(crate) fn digest<'a>(chunk: &Chunk<'a>) -> DigestBuilder<'a> {
    DigestBuilder::new(&chunk.context.signatures, &chunk.context.assume, chunk.context.modified, chunk.first_line)
}

pub(crate) fn push(path: &Name, owner: Owner, digest: Digest, yields: &mut Yield) {
    if digest.records > 0 {
        yields.logs.push(Log {
            entity: owner.entity,
            container: owner.container,
            previous: owner.previous,
            path: path.clone(),
            digest,
        });
    }
}

/// Streams a log that is too large to hold.
pub(crate) fn read_stream(path: &Name, input: &mut dyn BufRead, context: &Context, yields: &mut Yield) {
    let owner = owner_by_path(path);
    // The kernel's reports are looked for in the logs of hosts only.
    let mut watch = (owner.entity.kind == kind::HOST).then(|| host::Watch::new(path, context, false));
    let mut number = 0u32;
    let digest = thread::scope(|scope| {
        let mut builder = DigestBuilder::beside(scope, &context.signatures, &context.assume, context.modified);
        // What comes before a break is kept.
        let _ = lines(input, &mut |line| {
            number = number.saturating_add(1);
            if let Some(watch) = &mut watch {
                watch.line(number, line);
            }
            builder.line(line);
        });
        builder.finish()
    });
    if let Some(watch) = watch {
        let on = watch.host().map_or_else(|| owner.entity.clone(), |host| Entity::new(kind::HOST, host));
        watch.finish(&on, yields);
    }
    yields.read_as = "log".to_owned();
    push(path, owner, digest, yields);
}

fn recognise_framed(chunk: &Chunk<'_>) -> u8 {
    if chunk.text.trim_start().starts_with("==== START logs for container") { 96 } else { 0 }
}

/// What `kubectl cluster-info dump` writes in place of a log that it was not given.
fn is_no_log(line: &str) -> bool {
    line.starts_with("Request log error: ") || line.starts_with("Create log error: ")
}

/// `==== START logs for container C of pod NS/P ====` … `==== END logs …`.
fn read_framed(chunk: &Chunk<'_>, yields: &mut Yield) {
    let mut open: Option<(Owner, DigestBuilder<'_>)> = None;
    for (i, line) in chunk.text.lines().enumerate() {
        let number = chunk.first_line + u32::try_from(i).unwrap_or(u32::MAX - chunk.first_line);
        if let Some(rest) = line.strip_prefix("==== START logs for container ") {
            let (container, pod) = rest.trim_end_matches(['=', ' ']).split_once(" of pod ").unwrap_or((rest, ""));
            let (namespace, name) = pod.split_once('/').unwrap_or(("", pod));
            let owner = Owner {
                entity: Entity::namespaced("Pod", namespace, name),
                container: Some(container.into()),
                previous: false,
            };
            open = Some((
                owner,
                DigestBuilder::new(
                    &chunk.context.signatures,
                    &chunk.context.assume,
                    chunk.context.modified,
                    number + 1,
                ),
            ));
        } else if line.starts_with("==== END logs") {
            if let Some((owner, builder)) = open.take() {
                push(chunk.path, owner, builder.finish(), yields);
            }
        } else if is_no_log(line) {
            push_error(chunk, line, yields);
        } else if let Some((_, builder)) = &mut open {
            builder.line(line);
        }
    }
    if let Some((owner, builder)) = open {
        push(chunk.path, owner, builder.finish(), yields);
    }
}

fn recognise_summary(chunk: &Chunk<'_>) -> u8 {
    let text = chunk.text.trim_start();
    let counted = text.starts_with('{') && text.contains("\"patterns\"") && text.contains("\"sample\"");
    let listed = text.starts_with('{')
        && chunk.path.contains("log")
        && chunk.path.ends_with(".json")
        && text.lines().count() < 20_000;
    if counted {
        90
    } else if listed && summary(text).is_some() {
        75
    } else {
        0
    }
}

/// Samples of error lines with their counts, by container.
fn summary(text: &str) -> Option<Vec<(Option<String>, Vec<(String, u64)>)>> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let map = value.as_object()?;
    if let Some(patterns) = map.get("patterns").and_then(|p| p.as_array()) {
        let samples = patterns.iter().filter_map(|p| {
            Some((
                p.get("sample")?.as_str()?.to_owned(),
                p.get("count").and_then(serde_json::Value::as_u64).unwrap_or(1),
            ))
        });
        return Some(vec![(None, samples.collect())]);
    }
    let lists = map.iter().map(|(container, lines)| {
        let lines = lines.as_array()?.iter().map(|l| Some((l.as_str()?.to_owned(), 1))).collect::<Option<Vec<_>>>()?;
        Some((Some(container.clone()), lines))
    });
    lists.collect::<Option<Vec<_>>>().filter(|l| !l.is_empty())
}

fn read_summary(chunk: &Chunk<'_>, yields: &mut Yield) {
    let base = owner_by_path(chunk.path);
    for (container, samples) in summary(chunk.text).unwrap_or_default() {
        let previous = base.previous || container.as_deref() == Some("previous");
        let container = container.filter(|c| !matches!(c.as_str(), "app" | "previous" | "current")).map(Name::from);
        let mut builder = DigestBuilder::new(
            &chunk.context.signatures,
            &chunk.context.assume,
            chunk.context.modified,
            chunk.first_line,
        );
        for (sample, count) in samples {
            if is_command_error(sample.trim()) {
                push_error(chunk, sample.trim(), yields);
                continue;
            }
            for (i, line) in sample.lines().enumerate() {
                builder.counted_line(line, if i == 0 { count } else { 1 });
            }
        }
        push(chunk.path, Owner { entity: base.entity.clone(), container, previous }, builder.finish(), yields);
    }
}

pub(crate) fn owner(chunk: &Chunk<'_>) -> Owner {
    let Some(command) = chunk.command else { return owner_by_path(chunk.path) };
    let host = || Entity::new(kind::HOST, command.host.as_deref().unwrap_or("host"));
    if command.program() != "kubectl" {
        let of_runtime =
            matches!(command.program(), "docker" | "podman" | "nerdctl" | "crictl") && command.has(&["logs"]);
        if let Some(name) = of_runtime.then(|| command.words.last()).flatten().filter(|w| *w != "logs") {
            return Owner { entity: Entity::new("container", name), container: None, previous: false };
        }
        let unit = command.option("-u", "--unit").map(Name::from);
        return Owner { entity: host(), container: unit, previous: false };
    }
    let arguments = command.arguments();
    let target = arguments.get(1).copied().unwrap_or("");
    let (kind_word, name) = target.split_once('/').unwrap_or(("pod", target));
    let kind = match kind_word {
        "deploy" | "deployment" | "deployments" | "deployment.apps" => "Deployment",
        "sts" | "statefulset" | "statefulsets" => "StatefulSet",
        "ds" | "daemonset" => "DaemonSet",
        "job" | "jobs" => "Job",
        "svc" | "service" => "Service",
        _ => "Pod",
    };
    let name = if name.is_empty() {
        command.option("-l", "--selector").and_then(|s| s.split('=').nth(1)).unwrap_or("")
    } else {
        name
    };
    let container = command.option("-c", "--container").or_else(|| arguments.get(2).copied()).map(Name::from);
    Owner {
        entity: Entity::namespaced(kind, command.namespace().unwrap_or(""), name),
        container,
        previous: command.has(&["-p", "--previous", "--previous=true"]),
    }
}

/// `pods/logs/NS/POD/CONTAINER.log`, `namespaces/NS/pods/POD/C/C/logs/current.log`, `NS_POD_C.previous.log`,
/// `SERVICE.CONTAINER.log`, `SERVICE.log`.
fn owner_by_path(path: &Name) -> Owner {
    let parts: Vec<&str> = path.split('/').collect();
    let file = parts.last().copied().unwrap_or("");
    let previous = file.contains("previous");
    let stem = file.trim_end_matches(".txt").trim_end_matches(".json");
    let stem = stem.split(".log").next().unwrap_or(stem).trim_end_matches("-previous").trim_end_matches(".previous");
    if parts.contains(&"sos_commands") || parts.contains(&"sos_logs") {
        return Owner { entity: Entity::new(kind::HOST, "host"), container: Some(stem.into()), previous };
    }
    if let Some((namespace, pod, container)) = kubelet_path(&parts) {
        return pod_owner(namespace, pod, Some(container), previous);
    }
    if let [.., "pod", namespace, "logs", pod, _] = parts.as_slice() {
        return pod_owner(namespace, pod, None, previous);
    }
    if let [.., "node", "logs", _] = parts.as_slice() {
        return Owner { entity: Entity::new(kind::HOST, stem), container: None, previous };
    }
    if let Some(at) = parts.iter().position(|p| *p == "namespaces")
        && let (Some(namespace), Some("pods"), Some(pod), Some(container)) =
            (parts.get(at + 1), parts.get(at + 2).copied(), parts.get(at + 3), parts.get(at + 4))
    {
        return pod_owner(namespace, pod, Some(container), previous);
    }
    if let Some(at) = parts.iter().rposition(|p| *p == "logs")
        && let [namespace, pod, _] = parts[at + 1..]
    {
        return pod_owner(namespace, pod, Some(stem), previous);
    }
    if file == "logs.txt" && parts.len() >= 3 {
        return pod_owner(parts[parts.len() - 3], parts[parts.len() - 2], None, previous);
    }
    if let Some((namespace, rest)) = stem.split_once('_') {
        let (pod, container) = rest.split_once('_').map_or((rest, None), |(p, c)| (p, Some(c)));
        return pod_owner(namespace, pod, container, previous);
    }
    if parts.iter().any(|p| matches!(*p, "nodes" | "node" | "hosts" | "sos_commands")) || path.contains("var/log") {
        let host = parts
            .iter()
            .position(|p| matches!(*p, "nodes" | "hosts"))
            .and_then(|i| parts.get(i + 1))
            .copied()
            .unwrap_or("host");
        return Owner { entity: Entity::new(kind::HOST, host), container: Some(stem.into()), previous };
    }
    let (service, container) = stem.split_once('.').map_or((stem, None), |(s, c)| (s, Some(c)));
    Owner { entity: Entity::new(kind::SERVICE, service), container: container.map(Name::from), previous }
}

/// How the kubelet names logs on a node: `pods/NS_POD_UID/CONTAINER/0.log`, and links to them as
/// `containers/POD_NS_CONTAINER-ID.log` (`pkg/kubelet/kuberuntime`). Names of pods have no `_`.
fn kubelet_path<'p>(parts: &[&'p str]) -> Option<(&'p str, &'p str, &'p str)> {
    let named = |text: &'p str| {
        let mut names = text.splitn(3, '_');
        Some((names.next()?, names.next()?, names.next().filter(|last| !last.contains('_'))?))
    };
    match *parts {
        [.., "pods", folder, container, file] if file.starts_with(|c: char| c.is_ascii_digit()) => {
            let (namespace, pod, _) = named(folder)?;
            Some((namespace, pod, container))
        }
        [.., "containers", file] => {
            let (pod, namespace, container) = named(file)?;
            let (container, id) = container.rsplit_once('-')?;
            let id = id.split('.').next().unwrap_or_default();
            let is_id = id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
            is_id.then_some((namespace, pod, container))
        }
        _ => None,
    }
}

/// Whose log a file is, in a word: the name of a service, a pod or a unit, and of the container where that is another.
pub(crate) fn source(path: &Name) -> String {
    let Owner { entity, container, .. } = owner_by_path(path);
    let name = entity.name.to_string();
    match container {
        // `cart_service.log` may be a namespace and a pod, or a name with two words.
        None if entity.kind == "Pod" && !path.contains(&format!("/{name}")) => {
            entity.namespace.map_or(name.clone(), |namespace| format!("{namespace}_{name}"))
        }
        Some(unit) if entity.kind == kind::HOST => unit.to_string(),
        Some(container) if !name.starts_with(container.as_str()) => format!("{name}/{container}"),
        _ => name,
    }
}

fn pod_owner(namespace: &str, pod: &str, container: Option<&str>, previous: bool) -> Owner {
    Owner { entity: Entity::namespaced("Pod", namespace, pod), container: container.map(Name::from), previous }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, entity: &str, container: Option<&str>, previous: bool) {
        let owner = owner_by_path(&path.into());
        assert_eq!(
            (owner.entity.to_string().as_str(), owner.container.as_deref(), owner.previous),
            (entity, container, previous),
            "{path}"
        );
    }

    #[test]
    fn options_may_stand_before_the_verb() {
        let out = crate::read_one_text("a.txt", Some("kubectl -n shop logs api-0"), "PANIC: no space left on device\n");
        assert_eq!((out.read_as.as_str(), out.logs[0].entity.to_string().as_str()), ("log", "Pod/shop/api-0"));
    }

    #[test]
    fn a_path_tells_whose_log_it_is() {
        check("logs/orders.log", "service/orders", None, false);
        check("logs/orders.istio-proxy.log", "service/orders", Some("istio-proxy"), false);
        check("logs/orders.previous.log", "service/orders", None, true);
        check("logs/shop_api-7c9-x2k4q.log", "Pod/shop/api-7c9-x2k4q", None, false);
        check("x/namespaces/a/pods/p/c/c/logs/previous.log", "Pod/a/p", Some("c"), true);
        check("node-1/var/log/pods/shop_api-7c9_0f3a-11/app/0.log", "Pod/shop/api-7c9", Some("app"), false);
        check(
            "pods/shop_api-7c9_0f3a-11/side-car/3.log.20261124-100000.gz",
            "Pod/shop/api-7c9",
            Some("side-car"),
            false,
        );
        let id = "0123456789abcdef".repeat(4);
        let link = format!("var/log/containers/api-7c9_shop_side-car-{id}.log");
        check(&link, "Pod/shop/api-7c9", Some("side-car"), false);
        check("cluster-resources/pods/logs/a/p/c-previous.log", "Pod/a/p", Some("c"), true);
        check("dump/a/p/logs.txt", "Pod/a/p", None, false);
        check("config/pod/a/logs/p/errors.log", "Pod/a/p", None, false);
        check("config/node/logs/n1.example.log", "host/n1.example", None, false);
        check(
            "sos_commands/logs/journalctl_--no-pager_--boot",
            "host/host",
            Some("journalctl_--no-pager_--boot"),
            false,
        );
    }

    #[test]
    fn what_stands_in_place_of_a_log_is_told_from_one() {
        assert!(is_no_log("Request log error: an error on the server has prevented the request from succeeding"));
        assert!(!is_no_log("2030-01-01T00:00:00Z Request log error: quota"));
    }
}
