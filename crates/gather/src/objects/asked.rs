//! What a command that printed objects asked for.

use crate::formats::Command;
use crate::kinds::{ALL, kind_of_resource};

/// What a `kubectl get … -o json|yaml` asked for, if it listed kinds as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The kinds.
    pub(crate) kinds: Vec<&'static str>,
    /// The namespace, if the command names one.
    pub(crate) namespace: Option<String>,
    /// `-A`.
    pub(crate) everywhere: bool,
}

/// Reads a `kubectl get` command. `None` where it selects (names, `-l`, `--field-selector`, a
/// pipe) or is another command.
pub(crate) fn asked(command: &Command) -> Option<Asked> {
    let arguments = command.arguments();
    let selects = command.piped.is_some()
        || command.option("-l", "--selector").is_some()
        || command.option("", "--field-selector").is_some()
        || command.option("-f", "--filename").is_some();
    let ["get", resources] = arguments[..] else { return None };
    if command.program() != "kubectl" || selects || resources.contains('/') {
        return None;
    }
    let kinds = resources.split(',').flat_map(|resource| match resource {
        "all" => ALL.to_vec(),
        _ => kind_of_resource(resource).into_iter().collect(),
    });
    Some(Asked {
        kinds: kinds.collect(),
        namespace: command.namespace().map(str::to_owned),
        everywhere: command.all_namespaces(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Command {
        let (words, piped) = line.split_once('|').map_or((line, None), |(l, p)| (l, Some(p.trim().to_owned())));
        let words = words.split_whitespace().map(str::to_owned).collect();
        Command { line: line.to_owned(), host: None, words, piped }
    }

    #[test]
    fn only_whole_listings_count_as_asked() {
        let all = asked(&command("kubectl get pods,svc,netpol -n shop -o json")).expect("a listing");
        assert_eq!(all.kinds, ["Pod", "Service", "NetworkPolicy"]);
        assert_eq!(all.namespace.as_deref(), Some("shop"));
        assert!(asked(&command("oc get all -A -o yaml")).expect("a listing").everywhere);
        for selected in [
            "kubectl get pod web-1 -o json",
            "kubectl get pods -l app=web -o json",
            "kubectl get pods --field-selector=status.phase=Running -o json",
            "kubectl get pods -o json | jq .items[0]",
            "kubectl get deploy/web -o yaml",
            "kubectl describe pods",
        ] {
            assert_eq!(asked(&command(selected)), None, "{selected}");
        }
    }
}
