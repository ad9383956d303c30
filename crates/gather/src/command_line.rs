//! Command lines: taken apart as a shell would, or told by a file's name.

use crate::Command;

/// Programs that people run while they look for a fault; a prompt is believed before one of these.
pub(crate) const PROGRAMS: &[&str] = &[
    "kubectl",
    "oc",
    "k",
    "helm",
    "systemctl",
    "journalctl",
    "dmesg",
    "free",
    "df",
    "du",
    "top",
    "ps",
    "ss",
    "netstat",
    "ip",
    "nc",
    "ncat",
    "curl",
    "wget",
    "dig",
    "nslookup",
    "host",
    "ping",
    "traceroute",
    "openssl",
    "crictl",
    "docker",
    "podman",
    "ssh",
    "cat",
    "date",
    "uptime",
    "tail",
    "head",
    "grep",
    "ls",
    "telnet",
    "redis-cli",
    "mysql",
    "psql",
    "istioctl",
    "etcdctl",
    "sudo",
    "watch",
    "uname",
    "hostname",
    "lsof",
    "iptables",
    "nft",
    "vmstat",
    "iostat",
    "sar",
    "mpstat",
    "mount",
    "findmnt",
    "lsblk",
    "chronyc",
    "timedatectl",
    "ntpq",
    "ntpstat",
    "hwclock",
    "sysctl",
    "conntrack",
    "hostnamectl",
    "ifconfig",
    "ping6",
    "smartctl",
    "nsenter",
    "nerdctl",
    "kubeadm",
    "minikube",
    "getent",
    "resolvectl",
    "argocd",
    "flux",
    "stern",
    "echo",
    "env",
    "exit",
    "cd",
    "time",
    "for",
    "while",
    "export",
    "jq",
    "aws",
    "gcloud",
    "az",
    "go",
];

/// A command line taken apart: the host it runs on, its own words, and what it is piped into.
pub(crate) fn parse(line: &str) -> Command {
    let (own, piped) = cut_pipe(line);
    let mut words = split(own);
    let mut host = None;
    loop {
        let skip = match words.first().map(String::as_str) {
            Some("sudo" | "time" | "watch" | "nohup") => {
                let mut skip = 1;
                while words.get(skip).is_some_and(|w| w.starts_with('-')) {
                    skip += if matches!(words[skip].as_str(), "-u" | "-n") { 2 } else { 1 };
                }
                skip
            }
            Some("ssh") => {
                let mut at = 1;
                while words.get(at).is_some_and(|w| w.starts_with('-')) {
                    at += if matches!(words[at].as_str(), "-i" | "-p" | "-l" | "-o" | "-J") { 2 } else { 1 };
                }
                host = words.get(at).map(|h| h.rsplit('@').next().unwrap_or(h).to_owned());
                at + 1
            }
            Some(word)
                if word.contains('=')
                    && !word.starts_with('-')
                    && word
                        .split('=')
                        .next()
                        .is_some_and(|k| !k.is_empty() && k.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) =>
            {
                1
            }
            _ => break,
        };
        if skip >= words.len() {
            break;
        }
        words.drain(..skip);
        // `ssh HOST 'a command in quotes'`
        if words.len() == 1 && words[0].contains(' ') {
            words = split(&words[0].clone());
        }
    }
    Command { line: line.to_owned(), host, words, piped }
}

fn cut_pipe(line: &str) -> (&str, Option<String>) {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '|') => return (line[..at].trim_end(), Some(line[at + 1..].trim().to_owned())),
            (None, ';') => return (line[..at].trim_end(), None),
            _ => {}
        }
    }
    (line, None)
}

/// Words as a shell splits them; quotes are taken off.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut inside) = (None, false);
    for c in text.chars() {
        match (quote, c) {
            (None, '\'' | '"') => (quote, inside) = (Some(c), true),
            (Some(open), c) if open == c => quote = None,
            (None, c) if c.is_whitespace() => {
                if inside {
                    words.push(std::mem::take(&mut word));
                }
                inside = false;
            }
            (_, c) => {
                word.push(c);
                inside = true;
            }
        }
    }
    if inside {
        words.push(word);
    }
    words
}

/// The command that a file's name tells: `kubectl-get-pods-n-shop.txt`, `01-kubectl-describe-pod-x.txt`,
/// `crictl_ps_-a`, `journalctl_--no-pager_--unit_crio`.
pub(crate) fn command_of_name(path: &str) -> Option<Command> {
    let name = path.rsplit('/').next()?;
    let known = |word: &str| PROGRAMS.contains(&word) && word.len() > 1;
    if name.contains('_') || path.contains("sos_commands/") {
        let line = name.trim_end_matches(".txt").replace('_', " ");
        let command = parse(&line);
        return command.words.first().is_some_and(|w| known(w)).then_some(command);
    }
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let mut words: Vec<&str> = stem.split('-').filter(|w| !w.is_empty()).collect();
    if words.first().is_some_and(|w| w.chars().all(|c| c.is_ascii_digit())) {
        words.remove(0);
    }
    let program = *words.first()?;
    // `go-app.yaml` is an application's manifest rather than what `go` printed.
    if !known(program) || (program != "kubectl" && program != "oc" && !matches!(ending, "" | "txt" | "out")) {
        return None;
    }
    // Dashes of names and options are lost in a file's name: only program, verb and kind are sure.
    let sure: Vec<String> =
        words.iter().take(if program == "kubectl" { 3 } else { 2 }).map(|w| (*w).to_owned()).collect();
    Some(Command { line: sure.join(" "), host: None, words: sure, piped: Some("name of the file".to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_tell_a_command() {
        assert_eq!(
            command_of_name("x/01-kubectl-describe-pod-web-n-shop.txt").map(|c| c.line),
            Some("kubectl describe pod".to_owned())
        );
        assert_eq!(command_of_name("sos_commands/crio/crictl_ps_-a").map(|c| c.line), Some("crictl ps -a".to_owned()));
        assert!(command_of_name("logs/api.log").is_none());
    }
}
