//! What a remedy's step does, read from the command itself.

use crate::plan::{Command, Does, Strategy};

/// Tools whose name at the beginning of a step makes it a command.
const TOOLS: &[&str] = &[
    "argocd",
    "chronyc",
    "cmctl",
    "crictl",
    "curl",
    "dig",
    "docker",
    "etcdctl",
    "flux",
    "helm",
    "istioctl",
    "journalctl",
    "kubeadm",
    "kubectl",
    "linkerd",
    "nerdctl",
    "oc",
    "openssl",
    "podman",
    "psql",
    "redis-cli",
    "resolvectl",
    "ssh",
    "sudo",
    "systemctl",
    "terraform",
    "velero",
];

/// Kinds whose deletion takes data with it, or everything inside.
const HOLD_DATA: &[&str] = &[
    "crd",
    "customresourcedefinition",
    "customresourcedefinitions",
    "namespace",
    "namespaces",
    "ns",
    "persistentvolume",
    "persistentvolumeclaim",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pv",
    "pvc",
    "volumesnapshot",
    "volumesnapshots",
];

/// `kubectl` verbs that only look.
const LOOKS: &[&str] = &[
    "api-resources",
    "api-versions",
    "auth",
    "cluster-info",
    "describe",
    "diff",
    "events",
    "explain",
    "get",
    "logs",
    "top",
    "version",
    "wait",
];

/// `kubectl` verbs with `--dry-run=server`, in the words of `kubectl VERB --help`; a roll-out's restart, pause and
/// resume have none.
const DRY_RUNS: &[&str] = &[
    "annotate",
    "apply",
    "autoscale",
    "cordon",
    "create",
    "delete",
    "drain",
    "expose",
    "label",
    "patch",
    "replace",
    "rollout undo",
    "scale",
    "set",
    "taint",
    "uncordon",
];

/// A step: a command with what it does, or work by hand.
pub(crate) struct Action {
    command: Option<String>,
    by_hand: Option<String>,
    does: Does,
    strategy: Strategy,
    dry_run: Option<String>,
}

impl Action {
    /// Reads a step of a remedy.
    pub(crate) fn of(step: &str) -> Self {
        let step = on_host(step).unwrap_or_else(|| step.to_owned());
        let Some(words) = words(&step) else { return Self::by_hand(&step) };
        let parts: Vec<&[String]> =
            words.split(|w| matches!(w.as_str(), "|" | "||" | "&&" | ";")).filter(|part| !part.is_empty()).collect();
        let seen: Vec<(Does, Strategy)> = parts.iter().map(|part| effect(part)).collect();
        let (does, strategy) =
            seen.iter().max_by_key(|(does, _)| *does).copied().unwrap_or((Does::Changes, Strategy::AtOnce));
        let dry_run = match &parts[..] {
            [one] if does != Does::Reads => dry_run(one, &step),
            _ => None,
        };
        Self { command: Some(step), by_hand: None, does, strategy, dry_run }
    }

    fn by_hand(text: &str) -> Self {
        let lower = text.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|w| lower.contains(w));
        let does = if says(&["fsck", "xfs_repair", "mkfs", "wipe"]) {
            Does::Destroys
        } else if lower.starts_with("read ") || lower.starts_with("look ") || lower.starts_with("find ") {
            Does::Reads
        } else {
            Does::Changes
        };
        let strategy = match does {
            Does::Reads => Strategy::ReadOnly,
            _ if says(&["canary", "tenth of the traffic", "% of the traffic"]) => Strategy::Canary,
            _ if says(&["blue-green", "second set beside"]) => Strategy::BlueGreen,
            _ if says(&["feature flag", "turn the flag"]) => Strategy::Flag,
            _ if says(&["failover", "fail over", "promote"]) => Strategy::Failover,
            _ if says(&["node pool", "replicas", "scale"]) => Strategy::Scale,
            _ if says(&["reboot", "rescue mode", "drain"]) => Strategy::DrainAndRestart,
            _ => Strategy::AtOnce,
        };
        Self { command: None, by_hand: Some(text.to_owned()), does, strategy, dry_run: None }
    }

    pub(crate) fn does(&self) -> Does {
        self.does
    }

    pub(crate) fn strategy(&self) -> Strategy {
        self.strategy
    }

    pub(crate) fn into_command(self) -> Command {
        Command { run: self.command, by_hand: self.by_hand, does: self.does, dry_run: self.dry_run }
    }
}

/// `on HOST: COMMAND` as a command over SSH; "on the node: …" names no host and stays prose.
fn on_host(step: &str) -> Option<String> {
    let (host, command) = step.strip_prefix("on ")?.split_once(": ")?;
    let first = command.split_whitespace().next()?;
    let one_word = !host.contains(' ') || host.starts_with('\'');
    (one_word && TOOLS.contains(&first)).then(|| {
        let root = if first == "sudo" { "" } else { "sudo " };
        format!("ssh {host} {root}{command}")
    })
}

/// The words of a shell command; nothing for prose. A comment behind `#` is no part of it.
fn words(step: &str) -> Option<Vec<String>> {
    let first = step.split_whitespace().next()?;
    if !TOOLS.contains(&first) || step.contains('\n') {
        return None;
    }
    shlex::split(step)
}

/// What one command of a pipe does.
fn effect(words: &[String]) -> (Does, Strategy) {
    let bare: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.starts_with('-')).collect();
    match bare.first().copied() {
        // Behind the host stands a command of its own.
        Some("ssh") => {
            return words
                .iter()
                .position(|w| Some(&w.as_str()) == bare.get(1))
                .map_or_else(look, |host| effect(&words[host + 1..]));
        }
        Some("sudo") => return effect(&words[1..]),
        _ => {}
    }
    match bare.first().copied() {
        Some("kubectl" | "oc") => kubectl(words),
        Some("systemctl") => match bare.get(1).copied() {
            Some("status" | "show" | "cat" | "list-units" | "is-active" | "is-failed") => look(),
            _ => (Does::Changes, Strategy::AtOnce),
        },
        Some("reboot") => (Does::Changes, Strategy::DrainAndRestart),
        Some(
            "journalctl" | "cat" | "ls" | "head" | "tail" | "grep" | "jq" | "dig" | "nslookup" | "openssl" | "curl"
            | "ps" | "df" | "du" | "free" | "dmesg" | "ss" | "sort" | "awk" | "base64" | "wc",
        ) => look(),
        Some("sysctl") if !words.iter().any(|w| w == "-w") => look(),
        Some("resolvectl" | "chronyc") => match bare.get(1).copied() {
            Some("status" | "query" | "statistics" | "tracking" | "sources" | "sourcestats") | None => look(),
            _ => (Does::Changes, Strategy::AtOnce),
        },
        Some("crictl" | "docker" | "nerdctl" | "podman") => match bare.get(1).copied() {
            Some("ps" | "images" | "inspect" | "logs" | "stats" | "info" | "version" | "df") => look(),
            // Building an image and pushing it changes no running system.
            Some("build" | "buildx" | "push" | "pull" | "tag") => (Does::Changes, Strategy::AtOnce),
            _ => (Does::Changes, Strategy::AtOnce),
        },
        Some("helm" | "argocd" | "flux" | "istioctl" | "linkerd" | "velero") => {
            let looks = ["get", "list", "status", "history", "diff", "analyze", "check", "proxy-status", "describe"];
            if bare.iter().skip(1).take(2).any(|w| looks.contains(w)) {
                look()
            } else {
                (Does::Changes, Strategy::Rolling)
            }
        }
        _ => (Does::Changes, Strategy::AtOnce),
    }
}

fn look() -> (Does, Strategy) {
    (Does::Reads, Strategy::ReadOnly)
}

/// The verb and what follows, without the flags and their values.
fn verb(words: &[String]) -> Vec<&str> {
    /// Flags of `kubectl` whose value is the next word.
    const WITH_VALUE: &[&str] = &[
        "-n",
        "--namespace",
        "--context",
        "-c",
        "--container",
        "-f",
        "--filename",
        "-o",
        "--output",
        "-l",
        "-p",
        "--type",
    ];
    let mut out = Vec::new();
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        if WITH_VALUE.contains(&word.as_str()) {
            rest.next();
        } else if !word.starts_with('-') {
            out.push(word.as_str());
        }
    }
    out
}

fn kubectl(words: &[String]) -> (Does, Strategy) {
    let said = verb(words);
    let forced = words.iter().any(|w| w == "--force" || w == "--grace-period=0");
    let (does, strategy) = match said[..] {
        [verb, ..] if LOOKS.contains(&verb) => look(),
        ["rollout", "status" | "history", ..] => look(),
        ["rollout" | "set", ..] => (Does::Changes, Strategy::Rolling),
        ["scale" | "autoscale", ..] => (Does::Changes, Strategy::Scale),
        ["drain" | "cordon" | "uncordon" | "taint", ..] => (Does::Changes, Strategy::DrainAndRestart),
        ["delete", kind, ..] => {
            let kind = kind.split(['/', '.']).next().unwrap_or(kind).to_lowercase();
            let does = if HOLD_DATA.contains(&kind.as_str()) { Does::Destroys } else { Does::Changes };
            (does, if kind.starts_with("po") { Strategy::Rolling } else { Strategy::AtOnce })
        }
        ["exec" | "debug", ..] => inside(words),
        ["patch" | "edit" | "apply" | "replace", kind, ..] if rolls(kind) => (Does::Changes, Strategy::Rolling),
        _ => (Does::Changes, Strategy::AtOnce),
    };
    if forced && does != Does::Reads { (Does::Destroys, strategy) } else { (does, strategy) }
}

fn rolls(kind: &str) -> bool {
    let kind = kind.split(['/', '.']).next().unwrap_or(kind).to_lowercase();
    ["deployment", "deployments", "deploy", "statefulset", "statefulsets", "sts", "daemonset", "daemonsets", "ds"]
        .contains(&kind.as_str())
}

/// What a command inside a container does: known tools look, the rest is taken to change something.
fn inside(words: &[String]) -> (Does, Strategy) {
    const LOOK: &[&str] =
        &["cat", "ls", "env", "id", "df", "du", "ps", "ss", "netstat", "nslookup", "dig", "getent", "nc", "date"];
    let inner: Vec<&str> = words.iter().skip_while(|w| *w != "--").skip(1).map(String::as_str).collect();
    match inner[..] {
        [tool, ..] if LOOK.contains(&tool) => look(),
        ["wget" | "curl", ..] if !inner.iter().any(|w| ["-X", "--post-data", "-d", "--data"].contains(w)) => look(),
        _ => (Does::Changes, Strategy::AtOnce),
    }
}

/// The same command without effect.
fn dry_run(words: &[String], step: &str) -> Option<String> {
    match words.first()?.as_str() {
        "kubectl" | "oc" => {
            let said = verb(words);
            let file = words.iter().skip_while(|w| *w != "-f").nth(1);
            match (said.first().copied()?, file) {
                // A difference says more than "configured (server dry run)".
                ("apply", Some(file)) if !file.contains(' ') => Some(step.replacen(" apply ", " diff ", 1)),
                (verb, _) => {
                    let both = said.iter().take(2).copied().collect::<Vec<_>>().join(" ");
                    let able = DRY_RUNS.contains(&verb) || DRY_RUNS.contains(&both.as_str());
                    (able && !step.contains(['>', '#'])).then(|| format!("{step} --dry-run=server"))
                }
            }
        }
        "helm" => Some(format!("{step} --dry-run")),
        "argocd" if step.contains(" sync ") => Some(format!("{step} --dry-run")),
        "terraform" if step.contains(" apply") => Some(step.replacen(" apply", " plan", 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(step: &str) -> (Does, Strategy, Option<String>) {
        let action = Action::of(step);
        (action.does(), action.strategy(), action.dry_run)
    }

    #[test]
    fn commands_that_look_are_told_from_those_that_change() {
        assert_eq!(seen("kubectl -n shop get deployment api -o yaml > before.yaml").0, Does::Reads);
        assert_eq!(seen("kubectl -n shop rollout history deployment/api").0, Does::Reads);
        assert_eq!(seen("ssh node-1 sudo sysctl fs.file-max   # note the value").0, Does::Reads);
        assert_eq!(seen("ssh node-1 sudo sysctl -w fs.file-max=1000000").0, Does::Changes);
        assert_eq!(seen("kubectl -n shop exec deployment/api -- cat /proc/1/status").0, Does::Reads);
        assert_eq!(seen("kubectl -n shop exec deployment/api -- sh -c 'kill 1'").0, Does::Changes);
        assert_eq!(seen("kubectl -n get delete pod api-0").0, Does::Changes, "a namespace may be called `get`");
    }

    #[test]
    fn what_takes_data_or_is_forced_is_said_to_destroy() {
        for step in [
            "kubectl -n shop delete pvc data-0",
            "kubectl delete namespace/shop",
            "kubectl -n shop delete pod api-0 --grace-period=0 --force",
            "kubectl delete persistentvolume.v1 pv-1",
            "Boot into rescue mode and run fsck (ext4) on the device",
        ] {
            assert_eq!(seen(step).0, Does::Destroys, "{step}");
        }
        assert_eq!(seen("kubectl -n shop delete networkpolicy allow-web").0, Does::Changes);
    }

    #[test]
    fn a_change_is_tried_on_the_server_first_where_the_tool_can() {
        assert_eq!(
            seen("kubectl -n shop set image deployment/api api=registry/api:2").2.as_deref(),
            Some("kubectl -n shop set image deployment/api api=registry/api:2 --dry-run=server")
        );
        assert_eq!(seen("kubectl -n shop apply -f api.yaml").2.as_deref(), Some("kubectl -n shop diff -f api.yaml"));
        assert_eq!(seen("kubectl -n shop rollout restart deployment/api").2, None);
        assert!(seen("kubectl -n shop rollout undo deployment/api").2.is_some());
        assert_eq!(seen("kubectl -n shop get pods").2, None, "looking needs no trial");
    }

    #[test]
    fn prose_stays_prose() {
        let action = Action::of("Raise the size of the node pool by one in the tool that manages it").into_command();
        assert_eq!((action.run, action.does), (None, Does::Changes));
        let action = Action::of("on worker-1: systemctl start kubelet").into_command();
        assert_eq!(action.run.as_deref(), Some("ssh worker-1 sudo systemctl start kubelet"));
        let action = Action::of("on the node: install nfs-common").into_command();
        assert_eq!(action.run, None);
    }

    #[test]
    fn a_change_reaches_its_target_as_the_command_says() {
        assert_eq!(seen("kubectl -n shop patch deployment api -p '{}'").1, Strategy::Rolling);
        assert_eq!(seen("kubectl -n shop patch service api -p '{}'").1, Strategy::AtOnce);
        assert_eq!(seen("kubectl drain worker-1 --ignore-daemonsets").1, Strategy::DrainAndRestart);
        assert_eq!(seen("kubectl -n shop scale deployment/api --replicas=4").1, Strategy::Scale);
    }
}
