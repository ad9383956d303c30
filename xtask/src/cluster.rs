//! A dump of a made-up cluster, as `kubectl get … -A -o json` writes it, for measuring scale.

use std::fs::{File, create_dir_all};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::bail;
use serde_json::{Value, json};

/// Pods a node.
const DENSITY: usize = 30;
/// Pods a workload.
const REPLICAS: usize = 10;
/// Workloads a namespace.
const WORKLOADS: usize = 20;

/// The hidden faults: namespace number, and what is wrong there.
const FAULTS: [&str; 10] = [
    "image-tag-missing",
    "image-unauthorized",
    "oom-killed",
    "crash-loop",
    "secret-missing",
    "node-selector",
    "cpu-too-large",
    "service-selector",
    "claim-class-missing",
    "taint",
];

/// Writes nodes, pods, deployments, replica sets, services, claims and events.
pub(crate) fn run(nodes: usize, folder: &Path) -> anyhow::Result<()> {
    let pods = nodes * DENSITY;
    if pods < FAULTS.len() * REPLICAS * WORKLOADS {
        bail!("the ten faults need at least {} nodes", FAULTS.len() * REPLICAS * WORKLOADS / DENSITY + 1);
    }
    create_dir_all(folder)?;
    write_list(&folder.join("nodes.json"), "NodeList", (0..nodes).map(node))?;
    write_list(&folder.join("pods.json"), "PodList", (0..pods).map(|i| pod(i, nodes)))?;
    let workloads = pods / REPLICAS;
    write_list(&folder.join("deployments.json"), "DeploymentList", (0..workloads).map(deployment))?;
    write_list(&folder.join("replicasets.json"), "ReplicaSetList", (0..workloads).map(replica_set))?;
    write_list(&folder.join("services.json"), "ServiceList", (0..workloads).map(service))?;
    write_list(&folder.join("persistentvolumeclaims.json"), "PersistentVolumeClaimList", [claim()].into_iter())?;
    write_list(&folder.join("storageclasses.json"), "StorageClassList", [storage_class()].into_iter())?;
    write_list(&folder.join("secrets.json"), "SecretList", std::iter::empty())?;
    write_list(&folder.join("events.json"), "EventList", events())?;
    println!(
        "{pods} pods on {nodes} nodes in {}; faults in namespaces team-0 to team-9, workload app-0:",
        folder.display()
    );
    for (i, fault) in FAULTS.iter().enumerate() {
        println!("  team-{i}/app-0  {fault}");
    }
    Ok(())
}

fn write_list(path: &Path, kind: &str, items: impl Iterator<Item = Value>) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let version = match kind {
        "DeploymentList" | "ReplicaSetList" => "apps/v1",
        "StorageClassList" => "storage.k8s.io/v1",
        _ => "v1",
    };
    write!(file, "{{\n  \"apiVersion\": \"{version}\",\n  \"kind\": \"{kind}\",\n  \"items\": [")?;
    for (i, mut item) in items.enumerate() {
        item["apiVersion"] = json!(version);
        item["kind"] = json!(kind.trim_end_matches("List"));
        let text = serde_json::to_string_pretty(&item)?;
        write!(file, "{}\n{text}", if i == 0 { "" } else { "," })?;
    }
    writeln!(file, "\n  ],\n  \"metadata\": {{\"resourceVersion\": \"1\"}}\n}}")?;
    file.flush()?;
    Ok(())
}

/// Namespace and name of a workload.
fn workload(i: usize) -> (String, String) {
    (format!("team-{}", i / WORKLOADS), format!("app-{}", i % WORKLOADS))
}

fn fault_of(workload: usize) -> Option<&'static str> {
    (workload.is_multiple_of(WORKLOADS)).then(|| FAULTS.get(workload / WORKLOADS).copied()).flatten()
}

fn metadata(namespace: Option<&str>, name: &str, i: usize) -> Value {
    let mut metadata = json!({
        "name": name, "uid": format!("{i:08x}-0000-4000-8000-{:012x}", i * 7919), "resourceVersion": format!("{}", i + 1000),
        "creationTimestamp": "2026-05-01T08:00:00Z",
        "managedFields": [{"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1", "time": "2026-05-01T08:00:00Z",
            "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:ownerReferences": {".": {}}},
            "f:spec": {"f:containers": {"k:{\"name\":\"main\"}": {".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:ports": {},
            "f:resources": {".": {}, "f:limits": {".": {}, "f:cpu": {}, "f:memory": {}}, "f:requests": {".": {}, "f:cpu": {}, "f:memory": {}}}}}}}}],
    });
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}

fn node(i: usize) -> Value {
    let name = format!("node-{i}");
    let mut metadata = metadata(None, &name, i);
    metadata["labels"] = json!({"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": format!("zone-{}", i % 3), "disk": "hdd", "pool": if i == 0 { "reserved" } else { "general" }});
    let taints =
        if i == 0 { json!([{"key": "reserved", "value": "batch", "effect": "NoSchedule"}]) } else { Value::Null };
    let healthy = |kind: &str, status: &str| {
        json!({"type": kind, "status": status, "reason": "Kubelet", "message": "kubelet is posting",
        "lastHeartbeatTime": "2026-06-01T09:59:00Z", "lastTransitionTime": "2026-05-01T08:00:00Z"})
    };
    json!({"metadata": metadata, "spec": {"taints": taints},
        "status": {"allocatable": {"cpu": "16", "memory": "64Gi", "pods": "110"}, "capacity": {"cpu": "16", "memory": "64Gi", "pods": "110"},
        "conditions": [healthy("MemoryPressure", "False"), healthy("DiskPressure", "False"), healthy("PIDPressure", "False"), healthy("Ready", "True")]}})
}

/// The part of a pod that its template fixes, with the fault in it.
fn pod_spec(workload: usize) -> Value {
    let (_, name) = self::workload(workload);
    let fault = fault_of(workload);
    let image = match fault {
        Some("image-tag-missing") => format!("registry.example.net/{name}:v9.9.9"),
        _ => format!("registry.example.net/{name}:v1.4.2"),
    };
    let cpu = if fault == Some("cpu-too-large") { "64" } else { "100m" };
    let mut spec = json!({
        "containers": [{"name": "main", "image": image, "imagePullPolicy": "IfNotPresent",
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
            "env": (0..20).map(|k| json!({"name": format!("SETTING_{k}"), "value": format!("value-{k}")})).collect::<Vec<_>>(),
            "resources": {"limits": {"cpu": cpu, "memory": "256Mi"}, "requests": {"cpu": cpu, "memory": "128Mi"}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3},
            "livenessProbe": {"httpGet": {"path": "/live", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3},
            "volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true}]}],
        "volumes": [{"name": "token", "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}]}}],
        "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "serviceAccountName": "default", "schedulerName": "default-scheduler",
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
            {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]});
    match fault {
        Some("secret-missing") => {
            spec["containers"][0]["envFrom"] = json!([{"secretRef": {"name": "app-0-credentials"}}]);
        }
        Some("node-selector") => spec["nodeSelector"] = json!({"disk": "nvme"}),
        Some("taint") => spec["nodeSelector"] = json!({"pool": "reserved"}),
        Some("claim-class-missing") => {
            spec["volumes"]
                .as_array_mut()
                .expect("a list")
                .push(json!({"name": "data", "persistentVolumeClaim": {"claimName": "app-0-data"}}));
        }
        _ => {}
    }
    spec
}

fn pod(i: usize, nodes: usize) -> Value {
    let workload_index = i / REPLICAS;
    let (namespace, app) = workload(workload_index);
    let fault = fault_of(workload_index);
    let mut metadata = metadata(Some(&namespace), &pod_name(workload_index, i % REPLICAS), i);
    metadata["labels"] =
        json!({"app": app, "pod-template-hash": hash(workload_index), "tier": "backend", "owner": namespace});
    metadata["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{app}-{}", hash(workload_index)), "controller": true, "uid": "x"}]);
    let mut spec = pod_spec(workload_index);
    let pending = matches!(fault, Some("node-selector" | "cpu-too-large" | "claim-class-missing" | "taint"));
    if !pending {
        spec["nodeName"] = json!(format!("node-{}", 1 + i % (nodes - 1)));
    }
    json!({"metadata": metadata, "spec": spec, "status": status(fault, pending, i)})
}

fn status(fault: Option<&str>, pending: bool, i: usize) -> Value {
    let condition = |kind: &str, ok: bool, reason: &str, message: &str| json!({"type": kind, "status": if ok { "True" } else { "False" }, "reason": reason, "message": message, "lastTransitionTime": "2026-06-01T09:00:00Z"});
    if pending {
        return json!({"phase": "Pending", "qosClass": "Burstable", "conditions": [condition("PodScheduled", false, "Unschedulable", scheduling(fault))]});
    }
    let (waiting, last, restarts) = match fault {
        Some("image-tag-missing") => (
            json!({"reason": "ImagePullBackOff", "message": "Back-off pulling image \"registry.example.net/app-0:v9.9.9\": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image \"registry.example.net/app-0:v9.9.9\": failed to resolve reference \"registry.example.net/app-0:v9.9.9\": registry.example.net/app-0:v9.9.9: not found"}),
            Value::Null,
            0,
        ),
        Some("image-unauthorized") => (
            json!({"reason": "ImagePullBackOff", "message": "Back-off pulling image \"registry.example.net/app-0:v1.4.2\": ErrImagePull: failed to pull and unpack image \"registry.example.net/app-0:v1.4.2\": failed to resolve reference \"registry.example.net/app-0:v1.4.2\": failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized"}),
            Value::Null,
            0,
        ),
        Some("oom-killed") => (
            json!({"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=main"}),
            json!({"terminated": {"reason": "OOMKilled", "exitCode": 137, "startedAt": "2026-06-01T09:55:00Z", "finishedAt": "2026-06-01T09:57:00Z"}}),
            14,
        ),
        Some("crash-loop") => (
            json!({"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=main"}),
            json!({"terminated": {"reason": "Error", "exitCode": 1, "startedAt": "2026-06-01T09:57:00Z", "finishedAt": "2026-06-01T09:57:01Z"}}),
            16,
        ),
        Some("secret-missing") => (
            json!({"reason": "CreateContainerConfigError", "message": "secret \"app-0-credentials\" not found"}),
            Value::Null,
            0,
        ),
        _ => (Value::Null, Value::Null, 0),
    };
    let ready = waiting.is_null();
    let state =
        if ready { json!({"running": {"startedAt": "2026-05-01T08:00:10Z"}}) } else { json!({"waiting": waiting}) };
    json!({"phase": if ready || restarts > 0 { "Running" } else { "Pending" }, "podIP": format!("10.{}.{}.{}", i / 65536, i / 256 % 256, i % 256), "qosClass": "Burstable",
        "conditions": [condition("Initialized", true, "", ""), condition("Ready", ready, "", ""), condition("ContainersReady", ready, "", ""), condition("PodScheduled", true, "", "")],
        "containerStatuses": [{"name": "main", "image": "registry.example.net/app:v1.4.2", "ready": ready, "started": ready, "restartCount": restarts, "state": state, "lastState": if last.is_null() { json!({}) } else { last }}]})
}

fn scheduling(fault: Option<&str>) -> &'static str {
    match fault {
        Some("cpu-too-large") => {
            "0/1000 nodes are available: 1 node(s) had untolerated taint(s), 999 Insufficient cpu. preemption: 0/1000 nodes are available: 1000 Preemption is not helpful for scheduling."
        }
        Some("claim-class-missing") => {
            "0/1000 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1000 nodes are available: 1000 Preemption is not helpful for scheduling."
        }
        Some("taint") => {
            "0/1000 nodes are available: 1 node(s) had untolerated taint(s), 999 node(s) didn't match Pod's node affinity/selector."
        }
        _ => {
            "0/1000 nodes are available: 1 node(s) had untolerated taint(s), 999 node(s) didn't match Pod's node affinity/selector. preemption: 0/1000 nodes are available: 1000 Preemption is not helpful for scheduling."
        }
    }
}

fn hash(workload: usize) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    (0..9).map(|k| LETTERS[(workload * 31 + k * k * 17 + 5) % LETTERS.len()] as char).collect()
}

fn pod_name(workload_index: usize, replica: usize) -> String {
    let (_, app) = workload(workload_index);
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let tail: String =
        (0..5).map(|k| LETTERS[(replica * 7 + k * 11 + workload_index) % LETTERS.len()] as char).collect();
    format!("{app}-{}-{tail}", hash(workload_index))
}

fn broken(workload: usize) -> bool {
    !matches!(fault_of(workload), None | Some("service-selector"))
}

fn deployment(i: usize) -> Value {
    let (namespace, name) = workload(i);
    let ready = if broken(i) { 0 } else { REPLICAS };
    let mut metadata = metadata(Some(&namespace), &name, i);
    metadata["labels"] = json!({"app": name});
    let available = if broken(i) { "False" } else { "True" };
    json!({"metadata": metadata,
        "spec": {"replicas": REPLICAS, "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(i)}},
        "status": {"replicas": REPLICAS, "readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": REPLICAS,
            "conditions": [{"type": "Available", "status": available, "reason": "MinimumReplicas", "lastTransitionTime": "2026-06-01T09:00:00Z"}]}})
}

fn replica_set(i: usize) -> Value {
    let (namespace, name) = workload(i);
    let mut metadata = metadata(Some(&namespace), &format!("{name}-{}", hash(i)), i);
    metadata["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "controller": true, "uid": "x"}]);
    json!({"metadata": metadata, "spec": {"replicas": REPLICAS}, "status": {"replicas": REPLICAS, "readyReplicas": if broken(i) { 0 } else { REPLICAS }}})
}

fn service(i: usize) -> Value {
    let (namespace, name) = workload(i);
    let selector = if fault_of(i) == Some("service-selector") { "app-zero".to_owned() } else { name.clone() };
    json!({"metadata": metadata(Some(&namespace), &name, i), "spec": {"type": "ClusterIP", "selector": {"app": selector},
        "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}], "clusterIP": format!("10.96.{}.{}", i / 256 % 256, i % 256)}})
}

fn claim() -> Value {
    json!({"metadata": metadata(Some("team-8"), "app-0-data", 1), "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast-ssd", "resources": {"requests": {"storage": "10Gi"}}}, "status": {"phase": "Pending"}})
}

fn storage_class() -> Value {
    json!({"metadata": metadata(None, "standard", 1), "provisioner": "disk.csi.example.net", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"})
}

fn events() -> impl Iterator<Item = Value> {
    FAULTS.iter().enumerate().filter_map(|(i, fault)| {
        let workload_index = i * WORKLOADS;
        let (reason, message) = match *fault {
            "node-selector" | "cpu-too-large" | "claim-class-missing" | "taint" => ("FailedScheduling", scheduling(Some(fault))),
            "crash-loop" | "oom-killed" => ("BackOff", "Back-off restarting failed container main"),
            "secret-missing" => ("Failed", "Error: secret \"app-0-credentials\" not found"),
            _ => return None,
        };
        let (namespace, _) = workload(workload_index);
        let pod = pod_name(workload_index, 0);
        Some(json!({"metadata": metadata(Some(&namespace), &format!("{pod}.1"), i), "involvedObject": {"kind": "Pod", "namespace": namespace, "name": pod},
            "reason": reason, "message": message, "type": "Warning", "count": 40, "firstTimestamp": "2026-06-01T09:00:00Z", "lastTimestamp": "2026-06-01T09:58:00Z",
            "source": {"component": "kubelet"}}))
    })
}
