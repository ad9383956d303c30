//! Which program really ran, and where: behind `kubectl exec … --`, `ssh`, `docker exec`, `chroot /host`.

use firstfault_model::{Entity, kind};

use crate::formats::Chunk;

/// The program whose output a chunk is, and the thing that it ran on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inside {
    /// The program's own words, the program first.
    pub(crate) words: Vec<String>,
    /// The pod, node or host; a host without a name where nothing tells it.
    pub(crate) on: Entity,
}

/// More wrappings than this nobody writes.
const DEEPEST: usize = 6;

/// Takes the wrappings off a chunk's command.
pub(crate) fn inside(chunk: &Chunk<'_>) -> Option<Inside> {
    let command = chunk.command?;
    // Output that went through a filter of lines is still this program's.
    let words: Vec<String> = command.words.iter().take_while(|w| *w != "|").cloned().collect();
    let mut found = Inside { words, on: here(chunk) };
    for _ in 0..DEEPEST {
        let program = found.program().to_owned();
        let (skip, on) = match program.as_str() {
            "kubectl" | "oc" | "k" => match kubectl(&found.words) {
                Some(inner) => inner,
                None => break,
            },
            "docker" | "podman" | "nerdctl" | "crictl" => match runtime(&found.words) {
                Some(inner) => inner,
                None => break,
            },
            "chroot" => (2, None),
            "timeout" => (timeout(&found.words), None),
            "nsenter" => match found.words.iter().position(|w| w == "--") {
                Some(at) => (at + 1, None),
                None => {
                    (found.words.iter().skip(1).take_while(|w| w.starts_with('-') || is_number(w)).count() + 1, None)
                }
            },
            "minikube" => match found.words.iter().position(|w| w == "--") {
                Some(at) => (at + 1, Some(Entity::new(kind::HOST, "minikube"))),
                None => break,
            },
            "sh" | "bash" | "ash" | "/bin/sh" => match shell(&found.words) {
                Some(line) => {
                    found.words = crate::command_line::parse(line).words;
                    continue;
                }
                None => break,
            },
            "sudo" | "exec" | "nohup" | "env" => (1, None),
            _ => break,
        };
        if skip >= found.words.len() {
            break;
        }
        found.words.drain(..skip);
        found.on = on.unwrap_or(found.on);
    }
    Some(found)
}

impl Inside {
    /// The program's name without its folder.
    pub(crate) fn program(&self) -> &str {
        let word = self.words.first().map_or("", String::as_str);
        word.rsplit('/').next().unwrap_or(word)
    }

    /// Whether a word is among them.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }

    /// The words that are neither the program nor options.
    pub(crate) fn plain(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).map(String::as_str).filter(|w| !w.starts_with(['-', '+']))
    }
}

/// Whether the chunk is the output of one of these programs, wherever it ran.
pub(crate) fn runs(chunk: &Chunk<'_>, programs: &[&str]) -> bool {
    chunk.command.is_some() && inside(chunk).is_some_and(|inner| programs.contains(&inner.program()))
}

/// The host that a chunk without wrappings is about; without a name if nothing tells it.
pub(crate) fn here(chunk: &Chunk<'_>) -> Entity {
    Entity::new(kind::HOST, &super::host_of(chunk).unwrap_or_default())
}

/// Where the chunk's program ran.
pub(crate) fn place(chunk: &Chunk<'_>) -> Entity {
    inside(chunk).map_or_else(|| here(chunk), |inner| inner.on)
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn timeout(words: &[String]) -> usize {
    let options = words.iter().skip(1).take_while(|w| w.starts_with('-')).count();
    // `timeout -k 5 10 command`: the option's value is a number as well.
    let numbers = words.iter().skip(1 + options).take_while(|w| w.starts_with(|c: char| c.is_ascii_digit())).count();
    1 + options + numbers
}

/// `sh -c 'LINE'`.
fn shell(words: &[String]) -> Option<&str> {
    let at = words.iter().position(|w| matches!(w.as_str(), "-c" | "-lc" | "-ec" | "-xc"))?;
    words.get(at + 1).map(String::as_str)
}

/// Options of kubectl whose value is the next word.
const WITH_VALUE: &[&str] = &[
    "-n",
    "--namespace",
    "-c",
    "--container",
    "--context",
    "--kubeconfig",
    "--image",
    "--as",
    "-l",
    "--overrides",
    "--restart",
    "--target",
    "--profile",
    "-s",
    "--server",
    "--cluster",
    "--user",
];

/// `kubectl exec POD … -- COMMAND`, `kubectl debug node/NODE … -- chroot /host COMMAND`, `kubectl run X … -- COMMAND`.
fn kubectl(words: &[String]) -> Option<(usize, Option<Entity>)> {
    let mut namespace = "";
    let mut plain: Vec<(usize, &str)> = Vec::new();
    let mut at = 1;
    while let Some(word) = words.get(at).map(String::as_str) {
        if word == "--" {
            break;
        }
        if let Some(value) = word.strip_prefix("--namespace=") {
            namespace = value;
        } else if word.starts_with('-') {
            if WITH_VALUE.contains(&word) {
                if matches!(word, "-n" | "--namespace") {
                    namespace = words.get(at + 1).map_or("", String::as_str);
                }
                at += 1;
            } else if word.len() > 2 && word.starts_with("-n") {
                namespace = &word[2..];
            }
        } else {
            plain.push((at, word));
        }
        at += 1;
    }
    let verb = plain.first()?.1;
    let target = plain.get(1).map_or("", |p| p.1);
    let begin = match words.iter().position(|w| w == "--") {
        Some(dashes) => dashes + 1,
        // The old form without dashes.
        None if verb == "exec" => plain.get(2)?.0,
        None => return None,
    };
    let on = match verb {
        "exec" | "debug" | "run" | "node-shell" => target_of(verb, target, namespace),
        _ => return None,
    };
    Some((begin, Some(on)))
}

fn target_of(verb: &str, target: &str, namespace: &str) -> Entity {
    let (kind, name) = target.split_once('/').unwrap_or(("pod", target));
    match kind {
        "node" | "nodes" | "no" => Entity::new("Node", name),
        _ if verb == "node-shell" => Entity::new("Node", name),
        "deploy" | "deployment" | "deployments" | "deployment.apps" => {
            Entity::namespaced("Deployment", namespace, name)
        }
        "sts" | "statefulset" | "statefulsets" => Entity::namespaced("StatefulSet", namespace, name),
        "ds" | "daemonset" | "daemonsets" => Entity::namespaced("DaemonSet", namespace, name),
        _ => Entity::namespaced("Pod", namespace, name),
    }
}

/// `docker exec [OPTIONS] CONTAINER COMMAND`.
fn runtime(words: &[String]) -> Option<(usize, Option<Entity>)> {
    let exec = words.iter().position(|w| w == "exec")?;
    let mut at = exec + 1;
    while let Some(word) = words.get(at).filter(|w| w.starts_with('-')) {
        at += if matches!(word.as_str(), "-u" | "--user" | "-e" | "--env" | "-w" | "--workdir") { 2 } else { 1 };
    }
    let name = words.get(at)?;
    Some((at + 1, Some(Entity::new("container", name))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::sample::chunk;

    fn check(line: &str, words: &str, on: &str) {
        let command = crate::command_line::parse(line);
        let chunk = chunk("session.txt", "", Some(&command));
        let found = inside(&chunk).expect("a command");
        assert_eq!((found.words.join(" ").as_str(), found.on.to_string().as_str()), (words, on), "{line}");
    }

    #[test]
    fn wrappings_come_off() {
        check("df -h", "df -h", "host/");
        check("ssh ops@birch-2 df -h", "df -h", "host/birch-2");
        check("kubectl -n shop exec -it api-0 -- df -h", "df -h", "Pod/shop/api-0");
        check("kubectl exec -n shop api-0 df -h /data", "df -h /data", "Pod/shop/api-0");
        check("kubectl exec deploy/api -nshop -c app -- sh -c 'ss -ltn'", "ss -ltn", "Deployment/shop/api");
        check(
            "kubectl debug node/birch-1 -it --image=busybox -- chroot /host journalctl -k",
            "journalctl -k",
            "Node/birch-1",
        );
        check("oc debug node/birch-1 -- chroot /host free -m", "free -m", "Node/birch-1");
        check("kubectl run t --rm -it --image=busybox --restart=Never -- nslookup api", "nslookup api", "Pod/t");
        check("docker exec -it web free", "free", "container/web");
        check("timeout 5 ping -c 3 10.1.2.3", "ping -c 3 10.1.2.3", "host/");
        check("sudo nsenter -t 1 -m -u -i -n -- dmesg -T", "dmesg -T", "host/");
    }

    #[test]
    fn kubectls_own_words_stay() {
        check("kubectl get pods -n shop", "kubectl get pods -n shop", "host/");
        check("docker ps -a", "docker ps -a", "host/");
    }
}
