//! Whole texts in the forms that tools write them.

use super::*;
use crate::{Context, Form};

fn read_at(path: &str, text: &str) -> Yield {
    let context = Context::default();
    let path = path.into();
    let chunk = Chunk { path: &path, first_line: 1, command: None, text, context: &context };
    let mut out = Yield::default();
    if let Some(format) =
        FORMATS.iter().max_by_key(|format| (format.recognise)(&chunk)).filter(|f| (f.recognise)(&chunk) > 0)
    {
        (format.read)(&chunk, &mut out);
    }
    out
}

fn named(out: &Yield) -> Vec<String> {
    out.objects.iter().map(|object| object.entity().to_string()).collect()
}

fn listed(out: &Yield) -> Vec<String> {
    out.listed.iter().map(|(kind, ns)| format!("{kind} {}", ns.as_deref().unwrap_or("*"))).collect()
}

const POD: &str = r#"{
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "till-1", "namespace": "shop", "uid": "11", "creationTimestamp": "2026-03-01T10:00:00Z"},
            "spec": {"nodeName": "n1"},
            "status": {"phase": "Running"}
        }"#;

#[test]
fn a_list_of_one_namespace_lists_the_kinds_it_shows() {
    let text = format!(
        "{{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {POD}\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {{\"resourceVersion\": \"\"}}\n}}\n"
    );
    let out = read_at("objects.json", &text);
    assert_eq!(named(&out), ["Pod/shop/till-1"]);
    assert_eq!(listed(&out), ["Pod shop"]);
    assert_eq!(out.objects[0].origins[0].place.lines, (4, 10));
    assert_eq!(out.objects[0].origins[0].form, Form::Api);
    assert!(out.problems.is_empty());
}

#[test]
fn a_single_object_lists_nothing() {
    let out = read_at("pod.json", POD);
    assert_eq!(named(&out), ["Pod/shop/till-1"]);
    assert!(out.listed.is_empty());
}

#[test]
fn typed_lists_give_their_items_the_kind() {
    let text = r#"{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{"resourceVersion":"7"},
        "items":[{"metadata":{"name":"till","namespace":"shop","uid":"1"},"spec":{}}]}"#;
    let out = read_at("b/cluster-resources/deployments/shop.json", text);
    assert_eq!(named(&out), ["Deployment/shop/till"]);
    assert_eq!(listed(&out), ["Deployment shop"]);
}

#[test]
fn an_empty_list_in_a_tree_is_a_complete_listing_but_of_events() {
    let empty = |kind: &str| {
        format!(r#"{{"kind":"{kind}","apiVersion":"v1","metadata":{{"resourceVersion":"7"}},"items":[]}}"#)
    };
    assert_eq!(listed(&read_at("dump/shop/pods.json", &empty("PodList"))), ["Pod shop"]);
    assert!(listed(&read_at("dump/shop/events.json", &empty("EventList"))).is_empty());
    assert!(listed(&read_at("pods.json", &empty("List"))).is_empty());
}

#[test]
fn a_page_of_a_list_is_not_complete() {
    let text = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"eyJ2"},
        "items":[{"metadata":{"name":"a","namespace":"shop","uid":"1"}}]}"#;
    assert!(listed(&read_at("dump/shop/pods.json", text)).is_empty());
}

#[test]
fn two_namespaces_mean_all() {
    let other = POD.replace("shop", "bank");
    let text = format!("{{\"apiVersion\":\"v1\",\"items\":[{POD},{other}],\"kind\":\"List\"}}");
    assert_eq!(listed(&read_at("pods.json", &text)), ["Pod *"]);
}

#[test]
fn a_bare_array_takes_kind_and_namespace_from_its_path() {
    let text = r#"[{"metadata":{"name":"data","uid":"3"},"spec":{"accessModes":["ReadWriteOnce"]}}]"#;
    let out = read_at("cluster-resources/pvcs/shop.json", text);
    assert_eq!(named(&out), ["PersistentVolumeClaim/shop/data"]);
    assert_eq!(listed(&out), ["PersistentVolumeClaim shop"]);
}

#[test]
fn the_stream_of_a_dump_is_many_documents() {
    let nodes = r#"{"kind":"NodeList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"n1","uid":"1"}}]}"#;
    let pods = format!("{{\n\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"items\": [{POD}]}}");
    let text = format!(
        "{nodes}\n{pods}\n==== START logs for container till of pod shop/till-1 ====\n[x] {{\n==== END logs for container till of pod shop/till-1 ====\n"
    );
    let out = read_at("dump.txt", &text);
    assert_eq!(named(&out), ["Node/n1", "Pod/shop/till-1"]);
    assert_eq!(listed(&out), ["Node *", "Pod shop"]);
}

#[test]
fn internal_objects_get_kind_from_the_path() {
    let text = r#"{"Items":[{"name":"till-1","namespace":"shop","uid":"1","selfLink":"/api/v1/namespaces/shop/pods/till-1",
        "Spec":{"NodeName":"n1"},"Status":{"Phase":"Running"}}]}"#;
    let out = read_at("dump/shop/pods.json", text);
    assert_eq!(named(&out), ["Pod/shop/till-1"]);
    assert_eq!(out.objects[0].at("spec.nodeName").text(), "n1");
}

#[test]
fn objects_of_an_insights_archive_have_no_kind() {
    let text = r#"{"metadata":{"name":"till-1","namespace":"shop","uid":"1"},"spec":{},"status":{"phase":"Running"}}"#;
    assert_eq!(named(&read_at("config/pod/shop/till-1.json", text)), ["Pod/shop/till-1"]);
    let events = r#"{"items":[{"namespace":"shop","lastTimestamp":"2026-08-24T11:40:44Z","reason":"BackOff","message":"m","type":"Warning"}]}"#;
    assert_eq!(read_at("events/shop.json", events).events.len(), 1);
}

#[test]
fn an_error_of_the_api_is_kept() {
    let text = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \"a\" not found","reason":"NotFound","code":404}"#;
    assert_eq!(read_at("a.json", text).errors[0].message, "Error from server (NotFound): pods \"a\" not found");
}

#[test]
fn other_json_is_left_to_others() {
    for text in [
        r#"{"level":"info","msg":"started","kind":"server"}"#,
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get"}"#,
        r#"[{"labels":{"alertname":"X"},"state":"firing"}]"#,
        r#"{"data":[{"traceID":"1","spans":[]}]}"#,
    ] {
        let out = read_at("x.json", text);
        assert!(out.read_as.is_empty(), "{text}");
    }
}

const MANIFESTS: &str = "\
# the shop
apiVersion: apps/v1
kind: Deployment
metadata:
  name: till
  namespace: shop
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: till
        env:
        - {name: PORT, value: \"8080\"}
        - {name: MODE, value: on}
---
kind: [broken
---
apiVersion: v1
kind: Service
metadata:
  name: till
spec:
  ports:
  - port: 80
    targetPort: 0o17
";

#[test]
fn a_broken_document_leaves_the_others() {
    let out = read_at("shop.yaml", MANIFESTS);
    assert_eq!(named(&out), ["Deployment/shop/till", "Service/till"]);
    assert_eq!(out.problems.len(), 1);
    let till = &out.objects[0];
    assert_eq!(till.origins[0].form, Form::Manifest);
    assert_eq!(till.origins[0].place.lines, (1, 15));
    assert_eq!(till.at("spec.replicas").as_int(), Some(3));
    assert_eq!(till.at("spec.template.spec.containers.0.env.0.value").as_str(), Some("8080"));
    assert_eq!(out.objects[1].origins[0].place.lines, (19, 26));
    assert!(out.listed.is_empty());
}

#[test]
fn items_of_a_yaml_list_have_their_own_lines() {
    let text = "---\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    managedFields:\n    - apiVersion: v1\n      fieldsV1:\n        f:x: {}\n    name: a\n    namespace: shop\n    uid: \"1\"\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: b\n    namespace: shop\n    uid: \"2\"\nkind: PodList\nmetadata:\n  resourceVersion: \"9\"\n";
    let out = read_at("x/namespaces/shop/core/pods.yaml", text);
    let lines: Vec<_> = out.objects.iter().map(|object| object.origins[0].place.lines).collect();
    assert_eq!(lines, [(4, 13), (14, 19)]);
    assert!(out.objects[0].at("metadata.managedFields").is_null());
    assert_eq!(listed(&out), ["Pod shop"]);
}

#[test]
fn a_yaml_list_that_ends_in_the_middle_keeps_what_was_whole() {
    let text = "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n    namespace: shop\n    uid: \"1\"\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: b\n";
    let out = read_at("pods.yaml", text);
    assert_eq!(named(&out), ["Pod/shop/a"]);
    assert!(out.listed.is_empty());
    assert_eq!(out.problems.len(), 1);
}

#[test]
fn a_template_is_said_to_be_one() {
    let text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\nspec:\n  {{- if .Values.x }}\n  type: NodePort\n  {{- end }}\n";
    let out = read_at("service.yaml", text);
    assert!(out.objects.is_empty());
    assert!(out.problems[0].what.starts_with("a template"), "{:?}", out.problems);
}

#[test]
fn a_bomb_of_aliases_is_a_problem() {
    let mut text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bomb\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let before = level - 1;
        text += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 9].join(", "));
    }
    let out = read_at("bomb.yaml", &text);
    assert_eq!(out.problems[0].what, "its aliases copy too much");
}

#[test]
fn a_hundred_thousand_levels_are_a_problem() {
    for deep in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
        let out = read_at("deep.yaml", &format!("apiVersion: v1\nkind: X\nmetadata:\n  name: a\nspec:\n  {deep}"));
        assert_eq!(out.problems.len(), 1);
    }
    let out = read_at(
        "deep.json",
        &format!("{{\"apiVersion\":\"v1\",\"kind\":\"X\",\"spec\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)),
    );
    assert_eq!(out.problems[0].what, "nested deeper than 128 levels");
}

#[test]
fn any_cut_keeps_the_items_before_it() {
    let second = POD.replace("till-1", "till-2");
    let text = format!("{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{POD},\n{second}]}}");
    let whole = text.find(POD).expect("in it") + POD.len();
    for cut in 0..=text.len() {
        let out = read_at("pods.json", &text[..cut]);
        if cut >= whole {
            assert_eq!(out.objects.first().map(|o| o.name.as_str()), Some("till-1"), "cut at {cut} of {whole}");
        }
        assert!(cut == text.len() || out.listed.is_empty(), "cut at {cut}");
    }
    // Until its separator is whole, what follows a document is a broken line of that document.
    let first = MANIFESTS.find("---").expect("in it") + "---\n".len();
    for cut in 0..=MANIFESTS.len() {
        let out = read_at("shop.yaml", &MANIFESTS[..cut]);
        let names = named(&out);
        assert!(
            cut < first || names.first().is_some_and(|name| name.ends_with("till")),
            "cut at {cut}: {:?}",
            out.problems
        );
    }
}

#[test]
fn what_a_collector_was_refused_is_a_problem() {
    let out = read_at("cluster-resources/pods-errors.json", r#"{"shop":"pods is forbidden"}"#);
    assert_eq!(out.problems[0].what, "the collector could not list it: shop: pods is forbidden");
}

#[test]
fn secrets_are_decoded_beside_their_data() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  port: NTQzMg==\n";
    assert_eq!(read_at("s.yaml", text).objects[0].at("decoded.port").text(), "5432");
}
