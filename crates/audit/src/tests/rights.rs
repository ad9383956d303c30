//! Exposure, privileges, webhooks, certificates, API versions.

use super::{GOOD, audited, codes, live, manifests, says};

#[test]
fn a_store_that_the_outside_reaches_is_found() {
    let open = "apiVersion: v1\nkind: Service\nmetadata: {name: ledger, namespace: bakery}\nspec:\n  type: LoadBalancer\n  selector: {app: ledger}\n  ports: [{port: 5432}]\n";
    assert_eq!(codes(&live(open)), ["FF1001"]);
    for near in [
        open.replace("LoadBalancer", "ClusterIP"),
        open.replace("5432", "443"),
        open.replace("  selector:", "  loadBalancerSourceRanges: [10.0.0.0/8]\n  selector:"),
        open.replace(
            "metadata: {",
            "metadata: {annotations: {service.beta.kubernetes.io/aws-load-balancer-internal: \"true\"}, ",
        ),
    ] {
        assert!(codes(&live(&near)).is_empty(), "{near}");
    }
}

#[test]
fn plain_http_is_found_unless_something_in_front_ends_tls() {
    let plain = format!(
        "{GOOD}---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: shop, namespace: bakery}}\nspec:\n  rules: [{{host: shop.example, http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: till, port: {{number: 80}}}}}}}}]}}}}]\n"
    );
    assert_eq!(codes(&live(&plain)), ["FF1002"]);
    let ended = plain.replace(
        "metadata: {name: shop,",
        "metadata: {annotations: {alb.ingress.kubernetes.io/certificate-arn: x}, name: shop,",
    );
    assert!(codes(&live(&ended)).is_empty());
}

#[test]
fn a_secret_in_the_spec_is_found_and_never_printed() {
    let with = |value: &str| {
        GOOD.replace("        ports:", &format!("        env: [{{name: LEDGER_PASSWORD, {value}}}]\n        ports:"))
    };
    let audit = audited(&live(&with("value: tulip-4711-red")));
    assert_eq!(audit.remarks.len(), 1);
    assert_eq!(audit.remarks[0].code, "FF1003");
    for text in [crate::json(&audit), crate::terminal(&audit), crate::markdown(&audit), crate::sarif(&audit)] {
        assert!(!text.contains("tulip"), "{text}");
    }
    assert!(codes(&live(&with("valueFrom: {secretKeyRef: {name: ledger, key: password}}"))).is_empty());
}

#[test]
fn the_run_of_a_node_is_found_and_agents_that_need_it_are_not() {
    let privileged = GOOD.replace("        ports:", "        securityContext: {privileged: true}\n        ports:");
    assert_eq!(codes(&live(&privileged)), ["FF1101"]);
    let mounts = |path: &str, access: &str| {
        GOOD.replace(
            "      containers:\n",
            &format!("      volumes: [{{name: host, hostPath: {{path: {path}}}}}]\n      containers:\n"),
        )
        .replace(
            "        ports:",
            &format!("        volumeMounts: [{{name: host, mountPath: /host{access}}}]\n        ports:"),
        )
    };
    assert_eq!(codes(&live(&mounts("/var/run/docker.sock", ""))), ["FF1101"]);
    assert!(codes(&live(&mounts("/proc", ", readOnly: true"))).is_empty());
    assert!(codes(&live(&mounts("/srv/bread", ""))).is_empty());
    let driver = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: driver, namespace: storage}\nspec:\n  selector: {matchLabels: {app: driver}}\n  template:\n    metadata: {labels: {app: driver}}\n    spec:\n      priorityClassName: system-node-critical\n      hostNetwork: true\n      containers: [{name: driver, image: \"registry.example/driver:1\", securityContext: {privileged: true}, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}}]\n";
    assert!(codes(&live(driver)).is_empty());
    assert_eq!(
        codes(&live(&GOOD.replace("      containers:\n", "      hostNetwork: true\n      containers:\n"))),
        ["FF1102"]
    );
}

#[test]
fn rights_of_an_administrator_are_found_where_a_workload_has_them() {
    let binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: deployer}\nroleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, namespace: bakery, name: deployer}]\n";
    assert_eq!(codes(&live(binding)), ["FF1103"]);
    assert!(codes(&live(&binding.replace("bakery", "kube-system"))).is_empty());
    assert!(codes(&live(&binding.replace("cluster-admin", "view"))).is_empty());
    let people = binding
        .replace("{kind: ServiceAccount, namespace: bakery, name: deployer}", "{kind: Group, name: \"ops:admins\"}");
    assert!(codes(&live(&people)).is_empty(), "people may be administrators");
    let everybody = binding.replace(
        "{kind: ServiceAccount, namespace: bakery, name: deployer}",
        "{kind: Group, name: \"system:authenticated\"}",
    );
    assert_eq!(codes(&live(&everybody)), ["FF1104"]);
    let builtin = everybody
        .replace("name: deployer}", "name: \"system:discovery\"}")
        .replace("cluster-admin", "system:discovery");
    assert!(codes(&live(&builtin)).is_empty());
}

#[test]
fn a_webhook_on_one_replica_that_fails_closed_is_found() {
    let (good, _) = GOOD.rsplit_once("---\n").expect("several documents");
    let hook = "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: guard}\nwebhooks: [{name: guard.bakery.example, failurePolicy: Fail, clientConfig: {service: {namespace: bakery, name: till}}, rules: [{apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}]\n";
    let alone = format!("{}{hook}", good.replace("replicas: 3", "replicas: 1"));
    assert!(says(&live(&alone), "FF405"));
    assert!(!says(&live(&format!("{good}{hook}")), "FF405"), "three replicas");
    assert!(!says(&live(&alone.replace("failurePolicy: Fail", "failurePolicy: Ignore")), "FF405"));
    assert!(!says(&live(&alone.replace("resources: [pods]", "resources: [loaves]")), "FF405"));
}

/// A certificate object of cert-manager, and a newer object that tells the time: 4 May 2026, 09:00.
fn managed(renewal: &str, until: &str) -> String {
    format!(
        "{GOOD}---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {{name: shop, namespace: bakery}}\nspec: {{secretName: shop}}\nstatus: {{renewalTime: \"{renewal}\", notAfter: \"{until}\"}}\n"
    )
}

#[test]
fn a_renewal_that_is_overdue_is_found() {
    assert_eq!(codes(&live(&managed("2026-05-01T00:00:00Z", "2026-05-31T00:00:00Z"))), ["FF602"]);
    assert!(codes(&live(&managed("2026-05-04T06:00:00Z", "2026-06-04T00:00:00Z"))).is_empty(), "due for hours only");
}

#[test]
fn certificates_that_a_tool_showed_are_judged_by_the_time_of_the_evidence() {
    let shown = |until: &str| {
        format!(
            "$ date -u\nMon May  4 09:00:00 UTC 2026\n$ openssl x509 -in /etc/ssl/shop.crt -noout -subject -dates\nsubject=CN = shop.example\nnotBefore=May  1 00:00:00 2025 GMT\nnotAfter={until} GMT\n"
        )
    };
    let world = super::world(&shown("May 10 00:00:00 2026"));
    let said = audited(&world).remarks;
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].code, "FF601");
    assert!(said[0].what.contains("in 5 days (2026-05-10)"), "{}", said[0].what);
    assert!(codes(&super::world(&shown("Dec  1 00:00:00 2026"))).is_empty());
}

#[test]
fn api_versions_are_judged_against_the_cluster_where_it_is_known() {
    let old = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: nightly, namespace: bakery}\nspec: {suspend: true}\n";
    assert_eq!(codes(&manifests(old)), ["FF802"]);
    assert!(codes(&manifests(&old.replace("v1beta1", "v1"))).is_empty());
    // A live object shows whichever version was asked for.
    assert!(codes(&live(old)).is_empty());
    let node = |version: &str| {
        format!(
            "{old}---\napiVersion: v1\nkind: Node\nmetadata: {{name: elm, uid: 5e1f}}\nspec: {{}}\nstatus: {{nodeInfo: {{kubeletVersion: {version}}}}}\n"
        )
    };
    assert!(says(&manifests(&node("v1.33.2")), "FF801"));
    assert!(says(&manifests(&node("v1.24.1")), "FF802"));
}
