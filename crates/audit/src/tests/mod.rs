//! What the audit says of worlds that are read from a few lines of YAML. Every check has a hit, and
//! beside it what looks alike and must stay silent.

mod alerts;
mod capacity;
mod rights;
mod suppressions;
mod workloads;

use firstfault_catalog::Catalog;
use firstfault_gather::{Options, World, gather_stdin};

use crate::{Audit, Suppressions, audit};

/// Every kind that checks ask for, so that what is not in a test's list is missing.
const KINDS: &str = "deployments,statefulsets,daemonsets,cronjobs,jobs,pods,services,ingresses,configmaps,secrets,pvc,\
                     pdb,hpa,resourcequotas,limitranges,networkpolicies,nodes,clusterrolebindings,rolebindings";

/// A world that was read from a text.
pub(super) fn world(text: &str) -> World {
    gather_stdin(text.as_bytes(), &Options::default()).expect("a text can be read")
}

/// YAML documents as manifests in a folder.
pub(super) fn manifests(documents: &str) -> World {
    world(documents)
}

/// YAML documents as the API lists them, all kinds of them completely.
pub(super) fn live(documents: &str) -> World {
    let mut text = format!(
        "$ kubectl get {KINDS} -A -o yaml\napiVersion: v1\nkind: List\nmetadata:\n  resourceVersion: \"\"\nitems:\n"
    );
    for document in documents.split("---\n").filter(|d| !d.trim().is_empty()) {
        for (nth, line) in document.lines().filter(|l| !l.trim().is_empty()).enumerate() {
            text.push_str(if nth == 0 { "- " } else { "  " });
            // Only the API writes a uid.
            let stamped =
                line.replace("metadata: {", "metadata: {uid: 5e1f, creationTimestamp: \"2026-05-04T09:00:00Z\", ");
            text.push_str(&stamped);
            text.push('\n');
        }
    }
    world(&text)
}

pub(super) fn catalog() -> Catalog {
    Catalog::embedded([]).expect("the catalogue is readable")
}

pub(super) fn audited(world: &World) -> Audit {
    audit(world, &catalog(), &Suppressions::default(), None).expect("nothing is suppressed")
}

/// The codes that are said of something, in order.
pub(super) fn codes(world: &World) -> Vec<String> {
    let mut codes: Vec<String> = audited(world).remarks.into_iter().map(|r| r.code).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Whether a check speaks.
pub(super) fn says(world: &World, code: &str) -> bool {
    codes(world).iter().any(|c| c == code)
}

/// A Deployment as it should be, with a Service before it, to be spoilt in one place by a test.
pub(super) const GOOD: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: till, namespace: bakery}
spec:
  replicas: 3
  selector: {matchLabels: {app: till}}
  strategy: {type: RollingUpdate}
  template:
    metadata: {labels: {app: till}}
    spec:
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: till}}}]
      containers:
      - name: till
        image: registry.example/till:4.2.0
        ports: [{containerPort: 8080}]
        resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
        readinessProbe: {httpGet: {path: /ready, port: 8080}}
        livenessProbe: {httpGet: {path: /alive, port: 8080}, initialDelaySeconds: 10}
---
apiVersion: v1
kind: Service
metadata: {name: till, namespace: bakery}
spec:
  selector: {app: till}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: till, namespace: bakery}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: till}}
"#;

#[test]
fn what_is_as_it_should_be_gives_an_empty_list() {
    for world in [live(GOOD), manifests(GOOD)] {
        let audit = audited(&world);
        assert!(audit.remarks.is_empty(), "{:#?}", audit.remarks);
        assert_eq!(audit.looked.workloads, 1);
        assert!(!audit.looked.is_nothing());
    }
}

#[test]
fn nothing_printed_in_full_is_nothing_to_audit() {
    let world = world(
        "$ kubectl get deployments -n bakery\nNAME   READY   UP-TO-DATE   AVAILABLE   AGE\ntill   1/1     1            1           3d\n",
    );
    let audit = audited(&world);
    assert!(audit.looked.is_nothing() && audit.remarks.is_empty());
    assert_eq!(audit.looked.unjudged, 1);
}

#[test]
fn checks_have_codes_of_their_own_and_failure_modes_that_exist() {
    let catalog = catalog();
    let mut before = 0;
    for (topic, check) in crate::checks() {
        let code: u32 = check.code.strip_prefix("FF").and_then(|n| n.parse().ok()).expect("FF and a number");
        assert!(code > before, "{} comes in order ({topic})", check.code);
        before = code;
        for mode in check.modes {
            assert!(catalog.modes.contains_key(*mode), "{}: no failure mode {mode}", check.code);
        }
        assert!(check.share > 0.0 && check.share <= 1.0, "{}", check.code);
        assert!(check.means.ends_with('.') && check.mend.ends_with('.'), "{} is said in sentences", check.code);
        assert!(check.reference.starts_with("https://"), "{}", check.code);
    }
}

#[test]
fn the_score_is_the_product_that_is_printed() {
    let world = live(&GOOD.replace("replicas: 3", "replicas: 1"));
    for remark in audited(&world).remarks {
        let score = &remark.score;
        let product = score.prior * score.share * score.urgency * score.reach.value;
        assert!((product - score.value).abs() < 1e-9, "{remark:?}");
        let priors: f64 = remark.modes.iter().map(|m| m.prior).sum();
        assert!(remark.modes.is_empty() || (priors - score.prior).abs() < 1e-9);
    }
}

#[test]
fn what_customers_meet_and_what_many_depend_on_ranks_higher() {
    let alone = GOOD.replace("replicas: 3", "replicas: 1");
    let ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop, namespace: bakery}\nspec:\n  tls: [{hosts: [shop.example], secretName: shop}]\n  rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: till, port: {number: 80}}}}]}}]\n";
    let caller = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: oven, namespace: bakery}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: oven}}\n  template:\n    metadata: {labels: {app: oven}}\n    spec:\n      containers: [{name: oven, image: \"registry.example/oven:1\", env: [{name: TILL_URL, value: \"http://till.bakery:80\"}], resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}}]\n";
    let value = |text: &str| {
        let audit = audited(&live(text));
        audit.remarks.into_iter().find(|r| r.code == "FF401" && r.entity.name == "till").expect("one replica").score
    };
    let inner = value(&alone);
    let faced = value(&format!("{alone}{ingress}"));
    let needed = value(&format!("{alone}{caller}"));
    assert!(faced.reach.customer_facing && faced.value > inner.value);
    assert_eq!(needed.reach.dependents, 1);
    assert!(needed.value > inner.value);
}
