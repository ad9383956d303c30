//! What may do more than its work needs.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Value};

use crate::check::{Check, Remark};
use crate::reach::Reach;
use crate::scope::{Scope, Workload, is_platform};

const HOST: Check = Check {
    code: "FF1101",
    title: "the run of its node",
    modes: &["node.kernel-problem", "node.disk-pressure", "admission.pod-security-denied"],
    share: 0.6,
    means: "A fault or a break-in in this container is one of the node and of everything on it, and a namespace with a pod security level refuses the pod.",
    mend: "Drop privileged and the host's folders; give the one capability or the one folder, read-only, that it needs.",
    reference: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
};

const HOST_NAMESPACES: Check = Check {
    code: "FF1102",
    title: "the network or the processes of its node",
    modes: &["scheduling.host-port-taken", "admission.pod-security-denied"],
    share: 0.3,
    means: "It shares ports and processes with its node, network policies do not hold it, and two of them do not fit on one node.",
    mend: "Remove hostNetwork, hostPID and hostIPC unless it is an agent of the node.",
    reference: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
};

const ADMINISTRATOR: Check = Check {
    code: "FF1103",
    title: "the rights of an administrator",
    modes: &["rollout.zero-replicas", "service.missing", "startup.config-map-missing", "startup.secret-missing"],
    share: 0.2,
    means: "A wrong call or a break-in there can read every Secret and delete everything in the cluster.",
    mend: "Bind a Role that names the verbs and resources it uses (kubectl auth can-i --list shows what it has).",
    reference: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
};

const EVERYBODY: Check = Check {
    code: "FF1104",
    title: "rights for everybody",
    modes: &["rollout.zero-replicas", "service.missing", "startup.config-map-missing", "startup.secret-missing"],
    share: 0.4,
    means: "Whoever reaches the API server has these rights, without or with any login.",
    mend: "Delete the binding, and bind the accounts that need it.",
    reference: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
};

pub(crate) const CHECKS: &[&Check] = &[&HOST, &HOST_NAMESPACES, &ADMINISTRATOR, &EVERYBODY];

/// Folders of a node through which a container takes the node over.
const OWNING: &[&str] = &[
    "/",
    "/etc",
    "/root",
    "/proc",
    "/dev",
    "/usr",
    "/var",
    "/var/lib",
    "/var/run",
    "/run",
    "/var/lib/kubelet",
    "/var/lib/docker",
];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for workload in &scope.workloads {
        host(workload, out);
        // An agent on each node is there for the node.
        if !workload.is_daemon() {
            namespaces(workload, out);
        }
    }
    for kind in ["ClusterRoleBinding", "RoleBinding"] {
        for binding in scope.world.kind(kind).filter(|b| b.has_spec()) {
            rights(scope.world, binding, out);
        }
    }
}

fn host(workload: &Workload<'_>, out: &mut Vec<Remark>) {
    let privileged = |c: &&Value| c.at("securityContext.privileged").as_bool() == Some(true);
    let what = match workload.containers().find(privileged) {
        Some(container) => format!("container {} is privileged", container.get("name").text()),
        None => match taken_folder(workload) {
            Some(folder) => format!("mounts {folder} of its node, and may write there"),
            None => return,
        },
    };
    // Storage and network drivers cannot work without; they say so by their class.
    let class = workload.spec.get("priorityClassName").text();
    let driver = workload.is_daemon() && (class.starts_with("system-") || is_driver(workload));
    if !driver {
        out.push(workload.remark(&HOST, Reach::ITSELF, &what));
    }
}

/// A container of a storage driver registers itself with the kubelet.
fn is_driver(workload: &Workload<'_>) -> bool {
    workload.containers().any(|c| c.get("image").text().contains("node-driver-registrar"))
}

/// The folder of the node that a container mounts for writing, if it is one that gives the node away.
fn taken_folder<'a>(workload: &Workload<'a>) -> Option<&'a str> {
    workload.spec.get("volumes").list().iter().find_map(|volume| {
        let path = volume.at("hostPath.path").as_str()?;
        let bare = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        let gives = OWNING.contains(&bare) || bare.ends_with(".sock");
        let name = volume.get("name").text();
        let writes = workload
            .containers()
            .flat_map(|c| c.get("volumeMounts").list())
            .any(|mount| mount.get("name").text() == name && mount.get("readOnly").as_bool() != Some(true));
        (gives && writes).then_some(path)
    })
}

fn namespaces(workload: &Workload<'_>, out: &mut Vec<Remark>) {
    let shared =
        ["hostNetwork", "hostPID", "hostIPC"].into_iter().filter(|k| workload.spec.get(k).as_bool() == Some(true));
    let shared: Vec<&str> = shared.collect();
    if !shared.is_empty() {
        out.push(workload.remark(&HOST_NAMESPACES, Reach::ITSELF, &shared.join(", ")));
    }
}

fn rights(world: &World, binding: &Object, out: &mut Vec<Remark>) {
    let role = binding.at("roleRef");
    let (kind, name) = (role.get("kind").text(), role.get("name").text());
    let all = kind == "ClusterRole" && name == "cluster-admin" || is_everything(world, binding, kind, name);
    for subject in binding.at("subjects").list() {
        let who = subject.get("name").text();
        let everybody = subject.get("kind").text() == "Group"
            && matches!(who, "system:unauthenticated" | "system:authenticated" | "system:serviceaccounts")
            || who == "system:anonymous";
        let wide = binding.kind == "ClusterRoleBinding";
        let what = format!("{} {} gives {kind} {name} to {who}", binding.kind, binding.name);
        let evidence = binding.cite(&what);
        if everybody && !is_builtin(binding) && (all || writes(world, binding, kind, name)) {
            let reach = if wide { Reach::CLUSTER } else { Reach::ITSELF };
            out.push(Remark::new(&EVERYBODY, binding.entity(), &what, reach, evidence));
        } else if wide && all && subject.get("kind").text() == "ServiceAccount" {
            let namespace = subject.get("namespace").text();
            if !is_platform(Some(namespace)) {
                let account = Entity::namespaced("ServiceAccount", namespace, who);
                out.push(Remark::new(&ADMINISTRATOR, account, &what, Reach::CLUSTER, evidence));
            }
        }
    }
}

/// What a cluster comes with.
fn is_builtin(binding: &Object) -> bool {
    binding.name.starts_with("system:") || binding.label("kubernetes.io/bootstrapping") == "rbac-defaults"
}

fn rules<'a>(world: &'a World, binding: &Object, kind: &str, name: &str) -> &'a [Value] {
    let namespace = binding.namespace.as_deref().filter(|_| kind == "Role");
    world.object(kind, namespace, name).map_or(&[], |role| role.at("rules").list())
}

fn has(rule: &Value, field: &str, values: &[&str]) -> bool {
    rule.get(field).list().iter().any(|v| values.contains(&v.text()))
}

/// Every verb on every resource of every group.
fn is_everything(world: &World, binding: &Object, kind: &str, name: &str) -> bool {
    let all = |rule: &&Value| ["verbs", "resources", "apiGroups"].iter().all(|field| has(rule, field, &["*"]));
    rules(world, binding, kind, name).iter().any(|rule| all(&rule))
}

/// Whether it lets change something, or read Secrets.
fn writes(world: &World, binding: &Object, kind: &str, name: &str) -> bool {
    if kind == "ClusterRole" && matches!(name, "admin" | "edit") {
        return true;
    }
    rules(world, binding, kind, name).iter().any(|rule| {
        let changes = has(rule, "verbs", &["*", "create", "update", "patch", "delete", "deletecollection"]);
        let reviews = has(rule, "apiGroups", &["authorization.k8s.io", "authentication.k8s.io"]);
        changes && !reviews || has(rule, "resources", &["secrets"])
    })
}
