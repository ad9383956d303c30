//! Resources, probes, disruption, single points, images, timeouts, configuration.

use super::{GOOD, audited, codes, live, manifests, says};

/// `GOOD` with one text replaced by another.
fn spoilt(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replace(from, to)
}

const RESOURCES: &str = "resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}";

#[test]
fn missing_requests_and_limits_are_told_apart() {
    for (resources, expected) in [
        ("resources: {}", "FF101"),
        ("resources: {requests: {cpu: 100m}}", "FF102"),
        ("resources: {requests: {cpu: 100m, memory: 128Mi}}", "FF103"),
        ("resources: {requests: {memory: 128Mi}, limits: {memory: 128Mi}}", "FF104"),
    ] {
        let text = spoilt(RESOURCES, resources);
        assert!(codes(&live(&text)).contains(&expected.to_owned()), "{resources}: {:?}", codes(&live(&text)));
    }
    // Without any, one remark says it all.
    assert_eq!(codes(&live(&spoilt(RESOURCES, "resources: {}"))), ["FF101"]);
    // A limit is the request as well.
    assert!(codes(&live(&spoilt(RESOURCES, "resources: {limits: {cpu: 1, memory: 128Mi}}"))).is_empty());
}

#[test]
fn what_an_operator_makes_is_mended_in_its_own_resource() {
    let owned = spoilt("till:4.2.0", "till:latest").replacen(
        "metadata: {name: till,",
        "metadata: {ownerReferences: [{kind: Bakery, name: rye, controller: true}], name: till,",
        1,
    );
    let said = audited(&live(&owned)).remarks;
    assert!(said[0].mend.starts_with("in Bakery rye, which makes it"), "{}", said[0].mend);
}

#[test]
fn only_the_container_that_lacks_it_is_changed() {
    let second =
        "      - {name: helper, image: \"registry.example/helper:1\", resources: {requests: {cpu: 1m, memory: 1Mi}}}\n";
    let said = audited(&live(&spoilt("      containers:\n", &format!("      containers:\n{second}")))).remarks;
    assert_eq!(said[0].mend, "kubectl -n bakery set resources deployment/till -c helper --limits=memory=LIMIT");
}

#[test]
fn defaults_of_the_namespace_and_autoscalers_of_size_count() {
    let bare = spoilt(RESOURCES, "resources: {}");
    let range = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: usual, namespace: bakery}\nspec:\n  limits: [{type: Container, default: {memory: 256Mi}, defaultRequest: {cpu: 100m, memory: 128Mi}}]\n";
    assert!(codes(&live(&format!("{bare}{range}"))).is_empty());
    let other = range.replace("bakery", "mill");
    assert!(says(&live(&format!("{bare}{other}")), "FF101"));
    let sized = "---\napiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: till, namespace: bakery}\nspec:\n  targetRef: {kind: Deployment, name: till}\n";
    assert!(codes(&live(&format!("{bare}{sized}"))).is_empty());
}

#[test]
fn a_volume_in_memory_needs_a_bound() {
    let volume = "      volumes: [{name: scratch, emptyDir: {medium: Memory}}]\n      containers:\n";
    let text = spoilt("      containers:\n", volume).replace(", limits: {memory: 256Mi}", "");
    assert!(says(&live(&text), "FF105"));
    for near in [
        text.replace("{medium: Memory}", "{medium: Memory, sizeLimit: 64Mi}"),
        text.replace("{medium: Memory}", "{}"),
        spoilt("      containers:\n", volume),
    ] {
        assert!(!says(&live(&near), "FF105"), "{near}");
    }
}

const READY: &str = "        readinessProbe: {httpGet: {path: /ready, port: 8080}}\n";

#[test]
fn readiness_is_asked_for_behind_a_service_only() {
    let text = spoilt(READY, "");
    assert_eq!(codes(&live(&text)), ["FF201"]);
    let (workload, _) = text.split_once("---\n").expect("several documents");
    assert!(!says(&live(workload), "FF201"), "no Service sends to it");
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: inventory, namespace: bakery}\nspec:\n  template:\n    metadata: {labels: {app: till}}\n    spec:\n      restartPolicy: Never\n      containers: [{name: count, image: \"registry.example/count:1\", resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}}]\n";
    assert!(codes(&live(job)).is_empty(), "a Job serves nobody");
}

#[test]
fn liveness_that_is_readiness_or_impatient_is_found() {
    let same = spoilt("path: /alive", "path: /ready");
    assert_eq!(codes(&live(&same)), ["FF202"]);
    let later = same.replace("initialDelaySeconds: 10", "initialDelaySeconds: 10, failureThreshold: 9");
    assert!(codes(&live(&later)).is_empty(), "it gives up much later");
    assert_eq!(
        codes(&live(&spoilt("initialDelaySeconds: 10", "failureThreshold: 1, initialDelaySeconds: 60"))),
        ["FF203"]
    );
    let quick = spoilt("initialDelaySeconds: 10", "periodSeconds: 2");
    assert_eq!(codes(&live(&quick)), ["FF203"]);
    let started = quick.replace(
        READY,
        &format!("{READY}        startupProbe: {{httpGet: {{path: /alive, port: 8080}}, failureThreshold: 30}}\n"),
    );
    assert!(codes(&live(&started)).is_empty(), "a startup probe waits for the start");
}

#[test]
fn budgets_that_are_missing_or_wrong_are_told_apart() {
    let (served, _) = GOOD.rsplit_once("---\n").expect("several documents");
    assert_eq!(codes(&live(served)), ["FF301"]);
    assert_eq!(codes(&live(&spoilt("maxUnavailable: 1", "maxUnavailable: 0"))), ["FF302"]);
    assert_eq!(codes(&live(&spoilt("maxUnavailable: 1", "minAvailable: 3"))), ["FF302"]);
    assert!(codes(&live(&spoilt("maxUnavailable: 1", "minAvailable: 2"))).is_empty());
    let astray = GOOD.replace(
        "maxUnavailable: 1\n  selector: {matchLabels: {app: till}}",
        "maxUnavailable: 1\n  selector: {matchLabels: {app: tills}}",
    );
    assert_eq!(codes(&live(&astray)), ["FF301", "FF303"]);
    // What is scaled to zero is still what the budget is for.
    assert!(codes(&live(&spoilt("replicas: 3", "replicas: 0"))).is_empty());
}

#[test]
fn a_budget_is_missed_only_where_budgets_were_listed() {
    let (served, _) = GOOD.rsplit_once("---\n").expect("several documents");
    let mut world = live(served);
    world.coverage.kinds.remove("PodDisruptionBudget");
    assert!(codes(&world).is_empty());
    let said = audited(&manifests(served)).remarks;
    assert!(said[0].what.contains("among these manifests"), "{said:?}");
}

#[test]
fn a_daemon_set_needs_no_budget_and_no_second_replica() {
    let (workload, rest) = GOOD.split_once("---\n").expect("several documents");
    let (service, _) = rest.split_once("---\n").expect("several documents");
    let agent = workload
        .replace("kind: Deployment", "kind: DaemonSet")
        .replace("  replicas: 3\n", "")
        .replace("  strategy: {type: RollingUpdate}\n", "");
    assert!(codes(&live(&format!("{agent}---\n{service}"))).is_empty());
}

#[test]
fn recreate_is_right_only_where_a_volume_forces_it() {
    assert_eq!(codes(&live(&spoilt("{type: RollingUpdate}", "{type: Recreate}"))), ["FF304"]);
    let all = spoilt("{type: RollingUpdate}", "{type: RollingUpdate, rollingUpdate: {maxUnavailable: 100%}}");
    assert_eq!(codes(&live(&all)), ["FF304"]);
    let claims = "      volumes: [{name: data, persistentVolumeClaim: {claimName: ledger}}]\n      containers:\n";
    let kept = spoilt("{type: RollingUpdate}", "{type: Recreate}").replace("      containers:\n", claims);
    assert!(!says(&live(&kept), "FF304"));
}

#[test]
fn one_replica_is_a_single_point_if_somebody_needs_it() {
    let alone = spoilt("replicas: 3", "replicas: 1").replace("maxUnavailable: 1", "maxUnavailable: 100%");
    assert_eq!(codes(&live(&alone)), ["FF401"]);
    // Recreate makes it no better.
    assert!(says(&live(&alone.replace("{type: RollingUpdate}", "{type: Recreate}")), "FF401"));
    let (workload, _) = alone.split_once("---\n").expect("several documents");
    assert!(codes(&live(workload)).is_empty(), "nobody sends to it");
    let scaled = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: till, namespace: bakery}\nspec:\n  minReplicas: 1\n  maxReplicas: 9\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: till}\n";
    assert!(says(&live(&format!("{GOOD}{scaled}")), "FF401"), "the autoscaler may go down to one");
    assert!(!says(&live(&format!("{alone}{}", scaled.replace("minReplicas: 1", "minReplicas: 3"))), "FF401"));
    let cron = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly, namespace: bakery}\nspec:\n  schedule: \"0 3 * * *\"\n  concurrencyPolicy: Forbid\n  jobTemplate:\n    spec:\n      activeDeadlineSeconds: 900\n      template:\n        spec:\n          restartPolicy: Never\n          containers: [{name: bake, image: \"registry.example/bake:1\", resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}}]\n";
    assert!(codes(&live(cron)).is_empty(), "a scheduled job is no server");
    assert_eq!(codes(&live(&cron.replace("      activeDeadlineSeconds: 900\n", ""))), ["FF1303"]);
    assert!(
        codes(&live(&cron.replace("      activeDeadlineSeconds: 900\n", "").replace("Forbid", "Replace"))).is_empty()
    );
}

#[test]
fn what_keeps_data_is_not_told_to_scale() {
    let alone = spoilt("replicas: 3", "replicas: 1").replace("kind: Deployment", "kind: StatefulSet");
    let said = audited(&live(&alone)).remarks;
    let remark = said.iter().find(|r| r.code == "FF401").expect("one replica");
    assert!(!remark.mend.contains("scale") && remark.mend.contains("replication"), "{}", remark.mend);
}

/// Three pods of the good Deployment on the given nodes, and four nodes in two zones.
fn placed(nodes: [&str; 3]) -> String {
    let mut text = GOOD.to_owned();
    for (nth, node) in nodes.into_iter().enumerate() {
        let pod = format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: till-7d9c5b8f6d-x2k4{nth}, namespace: bakery, labels: {{app: till}}, ownerReferences: [{{kind: Deployment, name: till, controller: true}}]}}\nspec:\n  nodeName: {node}\n  containers: [{{name: till, image: \"registry.example/till:4.2.0\", resources: {{requests: {{cpu: 100m, memory: 128Mi}}, limits: {{memory: 256Mi}}}}}}]\nstatus: {{phase: Running}}\n"
        );
        text.push_str(&pod);
    }
    for (node, zone) in [("birch", "a"), ("elm", "a"), ("oak", "b"), ("yew", "b")] {
        let node = format!(
            "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {node}, labels: {{topology.kubernetes.io/zone: {zone}}}}}\nspec: {{}}\nstatus: {{allocatable: {{cpu: \"8\", memory: 32Gi, pods: \"110\"}}}}\n"
        );
        text.push_str(&node);
    }
    text
}

#[test]
fn replicas_on_one_node_or_in_one_zone_are_found() {
    assert_eq!(codes(&live(&placed(["elm", "elm", "elm"]))), ["FF402"]);
    assert_eq!(codes(&live(&placed(["elm", "birch", "elm"]))), ["FF403"]);
    assert!(codes(&live(&placed(["elm", "oak", "birch"]))).is_empty());
    // With one zone there is no other to spread to.
    assert!(codes(&live(&placed(["elm", "birch", "elm"]).replace("zone: b", "zone: a"))).is_empty());
}

#[test]
fn a_manifest_without_a_rule_of_spread_is_found() {
    let line = GOOD.lines().find(|l| l.contains("topologySpread")).expect("a rule of spread");
    let bare = GOOD.replace(&format!("{line}\n"), "");
    assert_eq!(codes(&manifests(&bare)), ["FF404"]);
    let apart = bare.replace(
        "      containers:\n",
        "      affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}\n      containers:\n",
    );
    assert!(codes(&manifests(&apart)).is_empty());
}

#[test]
fn a_volume_of_one_node_and_pods_that_overlap_are_found() {
    let claims = "      volumes: [{name: data, persistentVolumeClaim: {claimName: ledger}}]\n      containers:\n";
    let claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: ledger, namespace: bakery}\nspec: {accessModes: [ReadWriteOnce]}\n";
    let text = format!("{}{claim}", spoilt("      containers:\n", claims));
    assert_eq!(codes(&live(&text)), ["FF406"]);
    assert!(codes(&live(&text.replace("ReadWriteOnce", "ReadWriteMany"))).is_empty());
    let one = text.replace("replicas: 3", "replicas: 1").replace("maxUnavailable: 1", "maxUnavailable: 100%");
    assert_eq!(codes(&live(&one)), ["FF401", "FF406"]);
    assert_eq!(codes(&live(&one.replace("{type: RollingUpdate}", "{type: Recreate}"))), ["FF401"]);
}

#[test]
fn moving_tags_are_found_and_digests_are_not() {
    assert_eq!(codes(&live(&spoilt("till:4.2.0", "till:latest"))), ["FF501"]);
    assert_eq!(codes(&live(&spoilt("till:4.2.0", "till"))), ["FF501"]);
    let digest = spoilt("till:4.2.0", "till:latest@sha256:9b2a");
    assert!(codes(&live(&digest)).is_empty());
}

#[test]
fn settings_without_an_end_are_found_where_they_stand() {
    let with = |variable: &str| spoilt("        ports:", &format!("        env: [{variable}]\n        ports:"));
    assert_eq!(codes(&live(&with("{name: STOCK_READ_TIMEOUT, value: \"0\"}"))), ["FF1301"]);
    assert_eq!(codes(&live(&with("{name: STOCK_MAX_RETRIES, value: \"-1\"}"))), ["FF1302"]);
    assert!(codes(&live(&with("{name: STOCK_READ_TIMEOUT, value: 3s}"))).is_empty());
    let reads = with("").replace("        env: []\n", "        envFrom: [{configMapRef: {name: till}}]\n");
    let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: till, namespace: bakery}\ndata:\n  client.properties: |\n    request.timeout = none\n    retries = 3\n";
    let said = audited(&live(&format!("{reads}{map}"))).remarks;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].what.contains("ConfigMap till") && said[0].code == "FF1301");
}

#[test]
fn a_config_map_that_nobody_reads_is_found() {
    let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: prices, namespace: bakery}\ndata: {rye: \"4\"}\n";
    let text = format!("{GOOD}{map}");
    assert_eq!(codes(&live(&text)), ["FF1201"]);
    for near in [
        text.replace(
            "      containers:\n",
            "      volumes: [{name: prices, configMap: {name: prices}}]\n      containers:\n",
        ),
        text.replace("        ports:", "        args: [--config-map=prices]\n        ports:"),
        text.replace("metadata: {name: prices,", "metadata: {labels: {grafana_dashboard: \"1\"}, name: prices,"),
        text.replace(
            "metadata: {name: prices,",
            "metadata: {ownerReferences: [{kind: PriceList, name: x}], name: prices,",
        ),
        text.replace("name: prices, namespace", "name: kube-root-ca.crt, namespace"),
        text.replace("name: prices, namespace: bakery", "name: prices, namespace: kube-system"),
    ] {
        assert!(codes(&live(&near)).is_empty(), "{near}");
    }
    assert!(codes(&manifests(&text)).is_empty(), "what reads it may lie elsewhere");
}

#[test]
fn the_platform_and_what_is_leaving_are_not_the_users() {
    let bad = spoilt(RESOURCES, "resources: {}").replace("replicas: 3", "replicas: 1");
    assert!(!codes(&live(&bad)).is_empty());
    assert!(codes(&live(&bad.replace("bakery", "kube-system"))).is_empty());
    let leaving = bad.replace(
        "metadata: {name: till, namespace: bakery}\nspec:\n  replicas",
        "metadata: {name: till, namespace: bakery, deletionTimestamp: \"2026-05-04T10:00:00Z\"}\nspec:\n  replicas",
    );
    assert!(!says(&live(&leaving), "FF401"));
    let fixed = "apiVersion: v1\nkind: Pod\nmetadata: {name: etcd-elm, namespace: ops, annotations: {kubernetes.io/config.mirror: x}}\nspec: {containers: [{name: etcd, image: etcd}]}\n";
    assert!(codes(&live(fixed)).is_empty(), "a static pod is the kubelet's");
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: till, namespace: bakery}\nspec:\n  template:\n    spec:\n      containers: [{name: till, env: []}]\n";
    assert!(codes(&manifests(patch)).is_empty(), "a patch does not say what it leaves out");
}
