//! Lines in which kubectl complains instead of answering.

/// How lines begin that are a complaint of the client or the server.
const COMPLAINTS: &[&str] = &[
    "Error from server",
    "error: ",
    "Error: ",
    "error when ",
    "Unable to connect to the server",
    "The connection to the server ",
    "Unable to use a TTY",
    "Error in configuration",
    "Error executing in Docker",
    "Internal error occurred",
    "command terminated with exit code",
    "unable to upgrade connection",
    "unable to retrieve the complete list of server APIs",
    "There are pending pods in node",
    "Cannot evict pod",
    "no matches for kind",
    "resource mapping not found",
    "unable to recognize ",
    "You must be logged in to the server",
    "Unauthorized",
    "etcdserver: ",
    "net/http: ",
    "dial tcp ",
    "timed out waiting for the condition",
    "Lost connection to ",
    "an error on the server",
    "Metrics not available",
    "Forbidden",
    "failed to ",
];

/// Whether a line is a complaint.
pub(super) fn is_complaint(line: &str) -> bool {
    let line = line.trim_start();
    COMPLAINTS.iter().any(|start| line.starts_with(start)) || is_invalid(line) || is_client_log(line)
}

/// `The pods "x" is invalid: …`, `The Deployment "x" is invalid: …`.
fn is_invalid(line: &str) -> bool {
    line.starts_with("The ") && line.contains("\" is invalid")
}

/// A klog line of kubectl itself: `E1124 13:40:00.000000   12345 memcache.go:265] …`.
fn is_client_log(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.len() > 20
        && matches!(bytes[0], b'E' | b'W' | b'F')
        && bytes[1..5].iter().all(u8::is_ascii_digit)
        && bytes[5] == b' '
        && line.contains(".go:")
        && line.contains("] ")
}

/// `No resources found`, `No resources found in shop namespace.`: the namespace, if it is named.
pub(super) fn nothing_found(line: &str) -> Option<Option<&str>> {
    let rest = line.trim().strip_prefix("No resources found")?;
    let rest = rest.trim_end_matches('.').trim();
    if rest.is_empty() {
        return Some(None);
    }
    let name = rest.strip_prefix("in ")?.strip_suffix(" namespace")?;
    Some(Some(name))
}

/// Remarks of kubectl that say nothing about the cluster.
pub(super) fn is_remark(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Warning: ")
        || line.starts_with("Flag --")
        || line.starts_with("Using deprecated")
        || line.starts_with("NOTE: ")
        || line.starts_with("Defaulted container ")
        || line.starts_with("If you don't see a command prompt")
        || line.starts_with("Continue ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_told_from_rows() {
        for line in [
            "Error from server (NotFound): pods \"api-0\" not found",
            "error: Metrics API not available",
            "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?",
            "Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout",
            "The pods \"probe\" is invalid: spec.containers: Required value",
            "E0312 10:11:12.131415   4242 memcache.go:265] couldn't get current server API group list",
        ] {
            assert!(is_complaint(line), "{line}");
        }
        assert!(!is_complaint("error-budget-7d9f   1/1   Running   0   5m"));
    }

    #[test]
    fn nothing_found_names_the_namespace() {
        assert_eq!(nothing_found("No resources found in shop namespace."), Some(Some("shop")));
        assert_eq!(nothing_found("No resources found"), Some(None));
        assert_eq!(nothing_found("No resources"), None);
    }
}
