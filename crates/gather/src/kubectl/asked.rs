//! What a kubectl command line asked for.

use firstfault_model::Name;

use crate::Command;
use crate::kinds;

/// A kubectl or oc command line, as far as readers care.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// `get`, `describe`, `auth`, `rollout`, …
    pub(super) verb: String,
    /// The word after the verb where it is one of its own (`auth can-i`, `rollout status`).
    pub(super) subverb: String,
    /// The kinds, in order.
    pub(super) kinds: Vec<Name>,
    /// Names of single objects.
    pub(super) names: Vec<String>,
    /// `-n`.
    pub(super) namespace: Option<Name>,
    /// `-A`.
    pub(super) everywhere: bool,
    /// A selector, a field selector, a limit, a watch of changes only or a pipe: not all is shown.
    pub(super) narrowed: bool,
    /// The output passed through a filter that may drop the header.
    pub(super) filtered: bool,
    /// `--no-headers`.
    pub(super) headless: bool,
    /// `-o`.
    pub(super) output: String,
    /// `-L`/`--label-columns`.
    pub(super) label_columns: Vec<String>,
    /// `--as`.
    pub(super) subject: Option<String>,
    /// All words that are no flag, after the verb.
    pub(super) words: Vec<String>,
    /// Only the name of the file tells the command: its options are not known.
    pub(super) vague: bool,
}

/// Flags that take their value from the next word.
const TAKE_VALUE: &[&str] = &[
    "-n",
    "--namespace",
    "-o",
    "--output",
    "-l",
    "--selector",
    "--field-selector",
    "--context",
    "--cluster",
    "--user",
    "--kubeconfig",
    "-s",
    "--server",
    "--token",
    "--as",
    "--as-group",
    "-f",
    "--filename",
    "-c",
    "--container",
    "--sort-by",
    "-L",
    "--label-columns",
    "--limit",
    "--chunk-size",
    "--request-timeout",
    "--tail",
    "--since",
    "--since-time",
    "--image",
    "--timeout",
    "--revision",
    "-k",
    "--replicas",
    "--template",
    "--for",
    "--types",
    "-v",
    "--as-uid",
    "--raw",
];

impl Asked {
    /// Reads a command that a prompt or a file's name told; `None` if it runs neither kubectl nor oc.
    pub(super) fn of(command: &Command) -> Option<Self> {
        let (_, rest) = first_command(&command.line);
        let words: Vec<_> = command.words.iter().take_while(|word| *word != "|").cloned().collect();
        let inner = command.words[words.len()..].join(" ");
        let mut asked = Self::of_words(&words, if inner.is_empty() { rest } else { &inner })?;
        // A command that was piped although its line holds no pipe comes from a file's name.
        asked.vague = command.piped.is_some() && rest.is_empty() && inner.is_empty();
        asked.narrowed |= asked.vague;
        if asked.vague {
            asked.kinds.retain(|kind| kinds::known(&kind.to_ascii_lowercase()).is_some());
        }
        Some(asked)
    }

    /// Reads a command line.
    #[cfg(test)]
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (words, rest) = first_command(line);
        Self::of_words(&words, rest)
    }

    fn of_words(words: &[String], rest: &str) -> Option<Self> {
        let at = words.iter().position(|word| is_client(word))?;
        if words[..at].iter().any(|word| !is_prefix(word)) {
            return None;
        }
        let mut asked = Self { filtered: is_filter(rest), ..Self::default() };
        asked.narrowed = asked.filtered || drops_rows(rest);
        let mut words = words[at + 1..].iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            if word == "--" {
                break;
            }
            if !word.starts_with('-') || word == "-" {
                asked.words.push(word.to_owned());
                continue;
            }
            let (flag, mut value) = match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value)),
                None => (word, None),
            };
            if value.is_none() && TAKE_VALUE.contains(&flag) {
                value = words.next();
            }
            asked.flag(flag, value.unwrap_or(""));
        }
        asked.understand();
        Some(asked)
    }

    fn flag(&mut self, flag: &str, value: &str) {
        match flag {
            "-n" | "--namespace" if !value.is_empty() => self.namespace = Some(value.into()),
            "-A" | "--all-namespaces" => self.everywhere = value != "false",
            "-o" | "--output" => self.output = value.to_owned(),
            "-l" | "--selector" | "--field-selector" | "--limit" | "-f" | "--filename" | "-k" | "--for" | "--types"
            | "--watch-only" => self.narrowed = true,
            "--no-headers" => self.headless = value != "false",
            "-L" | "--label-columns" => self.label_columns.extend(value.split(',').map(str::to_owned)),
            "--as" => self.subject = Some(value.to_owned()),
            _ => self.glued(flag, value),
        }
    }

    /// Short flags with their value or one another glued on: `-owide`, `-nshop`, `-Aowide`.
    fn glued(&mut self, flag: &str, value: &str) {
        if flag.starts_with("--") || flag.len() < 3 || !flag.is_ascii() {
            return;
        }
        let (short, rest) = flag.split_at(2);
        match short {
            "-n" => self.namespace = Some(rest.into()),
            "-o" if value.is_empty() => self.output = rest.to_owned(),
            "-o" => self.output = format!("{rest}={value}"),
            "-l" => self.narrowed = true,
            "-L" => self.label_columns.extend(rest.split(',').map(str::to_owned)),
            "-A" => {
                self.everywhere = true;
                self.glued(&format!("-{rest}"), value);
            }
            _ => {}
        }
    }

    fn understand(&mut self) {
        let mut words = std::mem::take(&mut self.words);
        if words.is_empty() {
            return;
        }
        self.verb = words.remove(0);
        if matches!(self.verb.as_str(), "auth" | "rollout" | "top" | "set" | "config" | "adm") && !words.is_empty() {
            self.subverb = words.remove(0);
        }
        if self.verb == "adm" {
            self.verb = std::mem::take(&mut self.subverb);
        }
        if self.verb == "events" {
            self.kinds.push("Event".into());
        }
        match self.verb.as_str() {
            "top" => self.kinds.extend(kinds::kind_of(&self.subverb)),
            "get" | "describe" | "rollout" | "scale" | "lineage" | "tree" => self.resources(&words),
            _ => {}
        }
        self.words = words;
    }

    fn resources(&mut self, words: &[String]) {
        if words.iter().any(|word| word.contains('/')) {
            for (kind, name) in words.iter().filter_map(|word| word.split_once('/')) {
                self.add_kind(kind);
                self.names.push(name.to_owned());
            }
            return;
        }
        if let Some(first) = words.first() {
            first.split(',').for_each(|kind| self.add_kind(kind));
            self.names.extend(words[1..].iter().cloned());
        }
    }

    fn add_kind(&mut self, word: &str) {
        if word == "all" {
            self.kinds.extend(kinds::ALL.iter().map(|kind| Name::from(*kind)));
        } else if let Some(kind) = kinds::kind_of(word)
            && !self.kinds.contains(&kind)
        {
            self.kinds.push(kind);
        }
    }

    /// The one kind that was asked for.
    pub(super) fn kind(&self) -> Option<&Name> {
        match self.kinds.as_slice() {
            [kind] => Some(kind),
            _ => None,
        }
    }

    /// Whether the answer shows all objects of the kinds (in the namespace).
    pub(super) fn is_whole(&self) -> bool {
        !self.narrowed && self.names.is_empty()
    }

    /// Whether the output is a table (and no JSON, YAML or template).
    pub(super) fn prints_table(&self) -> bool {
        matches!(self.output.as_str(), "" | "wide" | "name") || self.output.starts_with("custom-columns")
    }
}

fn is_client(word: &str) -> bool {
    matches!(word.rsplit('/').next(), Some("kubectl" | "oc" | "k" | "k3s-kubectl" | "kubectl.exe" | "microk8s.kubectl"))
}

/// What may stand before kubectl: `sudo`, `k3s`, variables.
fn is_prefix(word: &str) -> bool {
    matches!(word, "sudo" | "k3s" | "microk8s" | "minikube" | "watch" | "time" | "$" | "#" | "-n" | "-E" | "--" | "env")
        || word.contains('=')
        || word.bytes().all(|b| b.is_ascii_digit())
}

/// The words of the first command, and what follows it from the first pipe on.
fn first_command(line: &str) -> (Vec<String>, &str) {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => word.push(letter),
            (None, '\'' | '"') => quote = Some(letter),
            (None, '|' | ';' | '>' | '&') => {
                // `2>&1` and `2>/dev/null`: the digit belongs to the redirection.
                if letter == '>' && word == "2" {
                    word.clear();
                }
                push(&mut words, &mut word);
                return (words, &line[at..]);
            }
            (None, _) if letter.is_whitespace() => push(&mut words, &mut word),
            (None, _) => word.push(letter),
        }
    }
    push(&mut words, &mut word);
    (words, "")
}

fn push(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

fn pipes(rest: &str) -> impl Iterator<Item = &str> {
    rest.split('|').skip(1).map(str::trim)
}

/// Whether a filter of lines stands behind the command, so that a header may be gone.
fn is_filter(rest: &str) -> bool {
    pipes(rest).any(|part| {
        let tool = part.trim_start_matches(['(', '{', ' ']).split_whitespace().next().unwrap_or("");
        matches!(
            tool,
            "grep" | "egrep" | "fgrep" | "rg" | "awk" | "sed" | "tail" | "cut" | "uniq" | "sort" | "findstr" | "jq"
        )
    })
}

/// Whether what stands behind the command may drop lines.
fn drops_rows(rest: &str) -> bool {
    pipes(rest).any(|part| {
        let tool = part.trim_start_matches(['(', '{', ' ']).split_whitespace().next().unwrap_or("");
        !matches!(tool, "cat" | "tee" | "less" | "more" | "column")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Asked {
        Asked::parse(line).expect("a kubectl command")
    }

    #[test]
    fn a_plain_listing_is_whole() {
        let a = asked("kubectl get pods,svc -n shop -o wide 2>&1");
        assert_eq!(a.kinds, ["Pod", "Service"]);
        assert_eq!(a.namespace.as_deref(), Some("shop"));
        assert!(a.is_whole() && a.prints_table() && !a.everywhere);
    }

    #[test]
    fn flags_may_be_glued_and_values_follow_equal_signs() {
        assert_eq!(asked("kubectl -nshop get po -owide").namespace.as_deref(), Some("shop"));
        assert_eq!(asked("kubectl get po --namespace=shop -o=json").output, "json");
        assert!(asked("kubectl get po -Aowide").everywhere);
    }

    #[test]
    fn names_selectors_and_filters_narrow() {
        for line in [
            "kubectl get pod api-0 -n shop",
            "kubectl get pods -l app=api",
            "kubectl get pods --field-selector=status.phase!=Running -A",
            "kubectl get pods -A | grep api",
            "kubectl get events -n shop | (head -n 1; tail -n 300)",
            "kubectl get deploy/api",
        ] {
            assert!(!asked(line).is_whole(), "{line}");
        }
        assert!(asked("kubectl get pods -A | grep api").filtered);
        assert!(asked("sudo k3s kubectl get pods | tee pods.txt").is_whole());
    }

    #[test]
    fn other_programs_are_not_kubectl() {
        assert_eq!(Asked::parse("grep kubectl notes.txt"), None);
        assert_eq!(Asked::parse("docker ps"), None);
    }

    #[test]
    fn verbs_of_two_words() {
        let a = asked("kubectl auth can-i list pods -n shop --as=system:serviceaccount:shop:api");
        assert_eq!((a.verb.as_str(), a.subverb.as_str()), ("auth", "can-i"));
        assert_eq!(a.words, ["list", "pods"]);
        assert_eq!(a.subject.as_deref(), Some("system:serviceaccount:shop:api"));
        let a = asked("kubectl rollout status deploy/api -n shop --timeout=5s");
        assert_eq!((a.kinds[0].as_str(), a.names[0].as_str()), ("Deployment", "api"));
    }
}
