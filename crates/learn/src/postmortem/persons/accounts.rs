//! Names that look like users and stand for no person.

/// System users, software and roles: accounts that nobody is behind, or nobody in particular.
const TECHNICAL: &[&str] = &[
    "admin",
    "administrator",
    "agent",
    "airflow",
    "alertmanager",
    "anonymous",
    "ansible",
    "apache",
    "api",
    "app",
    "application",
    "appuser",
    "argocd",
    "automation",
    "aws",
    "azure",
    "backup",
    "bin",
    "bot",
    "build",
    "builder",
    "centos",
    "channel",
    "chef",
    "ci",
    "circleci",
    "client",
    "clients",
    "cloud-user",
    "cluster",
    "consul",
    "container",
    "controller",
    "core",
    "cron",
    "customer",
    "daemon",
    "database",
    "debian",
    "default",
    "dependabot",
    "deploy",
    "deployer",
    "deployment",
    "dev",
    "developer",
    "dns",
    "docker",
    "ec2-user",
    "elastic",
    "elasticsearch",
    "engineer",
    "envoy",
    "etcd",
    "everyone",
    "false",
    "fedora",
    "flux",
    "gateway",
    "gcp",
    "git",
    "github",
    "github-actions",
    "gitlab",
    "gitlab-runner",
    "grafana",
    "guest",
    "haproxy",
    "helm",
    "here",
    "host",
    "hpa",
    "http",
    "https",
    "istio",
    "java",
    "jenkins",
    "job",
    "jovyan",
    "kafka",
    "keycloak",
    "kube",
    "kube-apiserver",
    "kube-scheduler",
    "kubeadm",
    "kubectl",
    "kubelet",
    "kubernetes",
    "kubernetes-admin",
    "localhost",
    "mail",
    "main",
    "master",
    "minikube",
    "mongodb",
    "mysql",
    "n/a",
    "nginx",
    "no-reply",
    "nobody",
    "node",
    "none",
    "nonroot",
    "noreply",
    "null",
    "on-call",
    "oncall",
    "operations",
    "operator",
    "ops",
    "oracle",
    "owner",
    "person",
    "pipeline",
    "platform",
    "postgres",
    "postmaster",
    "prometheus",
    "proxy",
    "puppet",
    "rabbitmq",
    "readonly",
    "redis",
    "release",
    "renovate",
    "root",
    "runner",
    "salt",
    "scheduler",
    "security",
    "self",
    "sentry",
    "server",
    "service",
    "serviceaccount",
    "spinnaker",
    "spring",
    "sre",
    "ssh",
    "sshd",
    "support",
    "sync",
    "sys",
    "system",
    "systemd",
    "team",
    "tekton",
    "terraform",
    "test",
    "tester",
    "travis",
    "true",
    "ubuntu",
    "undefined",
    "unknown",
    "upgrade",
    "user",
    "username",
    "users",
    "vagrant",
    "vault",
    "vscode",
    "web",
    "webhook",
    "worker",
    "www",
    "www-data",
    "zookeeper",
];

/// Endings and beginnings of the names of machines.
const ENDS: &[&str] = &[
    "-controller",
    "-operator",
    "-autoscaler",
    "-manager",
    "-scheduler",
    "-agent",
    "-bot",
    "[bot]",
    "-sa",
    "-svc",
    "-service",
    "-runner",
    "-proxy",
    "-admin",
    "-exporter",
    "-provisioner",
    "-worker",
    "-user",
    "_user",
    "-system",
    "-team",
    "-job",
    "-server",
    "-account",
    "-role",
    "_app",
    "-app",
    "-ci",
    "-cd",
    ".service",
    ".socket",
    ".timer",
];
const STARTS: &[&str] =
    &["system:", "svc-", "sa-", "kube-", "ci-", "bot-", "app-", "role-", "arn:", "spiffe:", "serviceaccount:"];
/// Domains whose addresses belong to machines.
const MACHINE_DOMAINS: &[&str] = &[
    "gserviceaccount.com",
    "svc",
    "cluster.local",
    "svc.cluster.local",
    "users.noreply.github.com",
    "localhost.localdomain",
];

/// Whether a name, in lower case, belongs to a machine, a system or a role.
pub(super) fn is_technical(name: &str) -> bool {
    let name = name.trim();
    if let Some((local, domain)) = name.split_once('@') {
        let machine = MACHINE_DOMAINS.iter().any(|d| domain == *d || domain.ends_with(&format!(".{d}")));
        return machine || is_technical(local);
    }
    TECHNICAL.binary_search(&name).is_ok()
        || ENDS.iter().any(|end| name.ends_with(end))
        || STARTS.iter().any(|start| name.starts_with(start))
        || name.bytes().all(|b| b.is_ascii_digit() || b"-_.".contains(&b))
        || is_hash(name)
}

/// Hexadecimal of some length with a digit in it: an id.
fn is_hash(name: &str) -> bool {
    name.len() >= 7
        && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && name.bytes().any(|b| b.is_ascii_digit())
}

/// Words that follow "by" and name no person, beyond the technical ones.
const AFTER_BY: &[&str] = &[
    "a",
    "about",
    "accident",
    "all",
    "an",
    "another",
    "any",
    "anyone",
    "argo",
    "around",
    "at",
    "chance",
    "changing",
    "click",
    "command",
    "default",
    "design",
    "each",
    "error",
    "eviction",
    "hand",
    "hpa",
    "in",
    "increasing",
    "it",
    "its",
    "itself",
    "kernel",
    "least",
    "limit",
    "means",
    "memory",
    "mistake",
    "more",
    "most",
    "no",
    "now",
    "one",
    "other",
    "others",
    "our",
    "policy",
    "quota",
    "request",
    "requests",
    "rule",
    "running",
    "script",
    "setting",
    "signal",
    "some",
    "somebody",
    "someone",
    "that",
    "the",
    "their",
    "them",
    "these",
    "this",
    "those",
    "time",
    "timeout",
    "traffic",
    "two",
    "us",
    "using",
    "way",
    "whom",
];

/// Whether a word after "by" is no person.
pub(super) fn is_no_agent(word: &str) -> bool {
    AFTER_BY.binary_search(&word).is_ok() || is_technical(word)
}

/// Given and family names that are everyday words as well: alone, they are not hidden.
const EVERYDAY: &[&str] = &[
    "and", "april", "art", "august", "baker", "bill", "black", "brown", "chance", "cook", "dean", "faith", "frank",
    "grace", "grant", "gray", "green", "hall", "hill", "hope", "hunter", "joy", "june", "king", "lake", "law", "long",
    "love", "major", "mark", "mason", "may", "miles", "norm", "page", "parker", "pat", "ray", "reed", "rich", "rob",
    "rose", "sandy", "short", "skip", "stone", "the", "via", "von", "van", "ward", "west", "white", "will", "wood",
    "young",
];

pub(super) fn is_everyday(word: &str) -> bool {
    EVERYDAY.contains(&word) || is_technical(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_are_searched_by_halves_are_sorted() {
        assert!(TECHNICAL.is_sorted());
        assert!(AFTER_BY.is_sorted());
    }

    #[test]
    fn machines_are_no_persons() {
        for name in [
            "root",
            "system:serviceaccount:shop:api",
            "argocd-image-updater-bot",
            "ec2-user",
            "deadbeef12",
            "ci@example.com",
            "till@shop-prod.iam.gserviceaccount.com",
            "dependabot[bot]",
            "svc-deploy",
            "orders-controller",
        ] {
            assert!(is_technical(name), "{name}");
        }
        for name in ["alice", "jdoe", "maria.lopez", "bob@example.com"] {
            assert!(!is_technical(name), "{name}");
        }
    }
}
