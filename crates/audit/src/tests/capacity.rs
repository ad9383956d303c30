//! Quotas, volumes, autoscalers, nodes, disks.

use super::{GOOD, audited, codes, live, says, world};

#[test]
fn quotas_near_their_end_are_found() {
    let quota = |used: &str| {
        format!(
            "apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: share, namespace: bakery}}\nspec: {{hard: {{requests.cpu: \"10\"}}}}\nstatus: {{hard: {{requests.cpu: \"10\", services.loadbalancers: \"1\"}}, used: {{requests.cpu: {used}, services.loadbalancers: \"1\"}}}}\n"
        )
    };
    let said = audited(&live(&quota("9500m"))).remarks;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].what.contains("9500m of 10 used, 95 %"), "{}", said[0].what);
    assert!(codes(&live(&quota("6"))).is_empty());
}

/// Samples of a volume's use, one an hour, from `first` GiB on, by `step` GiB each, of 100 GiB.
fn volume(first: f64, step: f64) -> String {
    let mut text = String::from("# TYPE kubelet_volume_stats_used_bytes gauge\n");
    let labels = "{namespace=\"bakery\",persistentvolumeclaim=\"ledger\"}";
    for hour in 0..24 {
        let at = 1_777_885_200_000_u64 + hour * 3_600_000;
        let used = (first + step * hour as f64) * f64::from(1 << 30);
        text.push_str(&format!("kubelet_volume_stats_used_bytes{labels} {used:.0} {at}\n"));
        text.push_str(&format!("kubelet_volume_stats_capacity_bytes{labels} {} {at}\n", 100_u64 << 30));
    }
    text
}

#[test]
fn a_volume_that_fills_up_has_a_forecast() {
    let said = audited(&world(&volume(60.0, 0.5))).remarks;
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].code, "FF702");
    // 71.5 of 100 GiB after the last hour, half a GiB each: 57 hours, two days.
    assert!(said[0].what.contains("71 % of 100Gi used, full in 2 days"), "{}", said[0].what);
    assert!(codes(&world(&volume(60.0, 0.0))).is_empty(), "it does not grow");
    assert!(codes(&world(&volume(60.0, 0.05))).is_empty(), "three weeks are no news");
    assert!(says(&world(&volume(90.0, 0.0)), "FF702"), "it is nearly full");
}

#[test]
fn an_autoscaler_that_wants_more_than_it_may_is_found() {
    let scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: till, namespace: bakery}\nspec:\n  minReplicas: 3\n  maxReplicas: 6\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: till}\nstatus: {currentReplicas: 6, conditions: [{type: ScalingLimited, status: \"True\", reason: TooManyReplicas}]}\n";
    let text = format!("{GOOD}{scaler}");
    assert_eq!(codes(&live(&text)), ["FF703"]);
    for near in [
        text.replace("status: \"True\"", "status: \"False\""),
        text.replace("TooManyReplicas", "TooFewReplicas"),
        text.replace("minReplicas: 3", "minReplicas: 6"),
    ] {
        assert!(codes(&live(&near)).is_empty(), "{near}");
    }
}

/// Three nodes of 4 CPUs, and four pods that ask for some.
fn cluster(cpu: &str) -> String {
    let mut text = String::new();
    for node in ["elm", "oak", "yew"] {
        text.push_str(&format!("---\napiVersion: v1\nkind: Node\nmetadata: {{name: {node}}}\nspec: {{}}\nstatus: {{allocatable: {{cpu: \"4\", memory: 16Gi}}}}\n"));
    }
    for (nth, node) in ["elm", "oak", "yew", "elm"].into_iter().enumerate() {
        text.push_str(&format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: bake-{nth}, namespace: bakery}}\nspec:\n  nodeName: {node}\n  containers: [{{name: bake, image: \"registry.example/bake:1\", resources: {{requests: {{cpu: {cpu}, memory: 1Gi}}, limits: {{memory: 1Gi}}}}}}]\nstatus: {{phase: Running}}\n"));
    }
    text
}

#[test]
fn a_cluster_that_cannot_lose_a_node_is_found() {
    assert_eq!(codes(&live(&cluster("2500m"))), ["FF704"]);
    assert!(codes(&live(&cluster("2"))).is_empty(), "eight of eight fit");
}

#[test]
fn one_node_and_one_control_plane_are_told_apart() {
    let node = |name: &str, more: &str| {
        format!(
            "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}{more}}}\nspec: {{}}\nstatus: {{allocatable: {{cpu: \"4\", memory: 16Gi}}}}\n"
        )
    };
    let control = ", labels: {node-role.kubernetes.io/control-plane: \"\"}";
    assert_eq!(codes(&live(&node("elm", control))), ["FF407"]);
    let workers = format!("{}{}", node("oak", ""), node("yew", ""));
    assert_eq!(codes(&live(&format!("{}{workers}", node("elm", control)))), ["FF408"]);
    assert!(codes(&live(&workers)).is_empty(), "the control plane is somebody else's");
}

#[test]
fn disks_near_their_end_are_found_and_images_are_not() {
    let df = |used: u32| {
        format!(
            "$ ssh elm df -h\nFilesystem      Size  Used Avail Use% Mounted on\n/dev/sda2       100G   {used}G   {}G  {used}% /\n/dev/loop3       64M   64M     0 100% /snap/core/7\n",
            100 - used
        )
    };
    assert_eq!(codes(&world(&df(91))), ["FF705"]);
    assert!(codes(&world(&df(60))).is_empty());
}
