//! What the Service detectors say of invented systems.

use firstfault_model::Grade;

use super::services::detect;
use crate::sample::{Sample, ids};

const WEB: &str = r#"{"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
    "spec":{"containers":[{"name":"web","ports":[{"containerPort":8080,"name":"http"}],
    "readinessProbe":{"httpGet":{"port":8080,"path":"/"}}}]}}}}"#;

fn pod(labels: &str) -> String {
    format!(
        r#"{{"metadata":{{"labels":{labels}}},"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True"}}]}},
        "spec":{{"containers":[{{"name":"web","ports":[{{"containerPort":8080,"name":"http"}}]}}]}}}}"#
    )
}

fn shop(service: &str) -> Sample {
    Sample::default().api("Deployment/shop/web", WEB).api("Service/shop/web", service).listed(&[
        "Pod",
        "Service",
        "Deployment",
    ])
}

#[test]
fn a_selector_with_a_wrong_value_selects_nothing() {
    let found = shop(r#"{"spec":{"selector":{"app":"webb"},"ports":[{"port":80,"targetPort":8080}]}}"#).found(detect);
    assert_eq!(ids(&found), ["service.selects-nothing"]);
    assert_eq!(found[0].grade, Grade::Certain);
    assert_eq!(found[0].field("value"), "webb");
    assert_eq!(found[0].field("has"), "web");
    assert_eq!(found[0].other.as_ref().map(|e| e.name.as_str()), Some("web"));
}

#[test]
fn without_a_list_of_pods_nothing_is_said_of_a_selector() {
    let world = Sample::default()
        .api("Deployment/shop/web", WEB)
        .api("Service/shop/web", r#"{"spec":{"selector":{"app":"webb"},"ports":[{"port":80}]}}"#);
    assert!(world.found(detect).is_empty());
}

#[test]
fn a_fitting_service_is_well() {
    let found = shop(r#"{"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":"http"}]}}"#).found(detect);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_pods_of_another_workload_are_the_wrong_ones() {
    let found = shop(r#"{"spec":{"selector":{"app":"mail"},"ports":[{"port":80,"targetPort":8080}]}}"#)
        .api("Pod/shop/mail", &pod(r#"{"app":"mail"}"#))
        .found(detect);
    assert_eq!(ids(&found), ["service.selects-wrong-pods"]);
    assert_eq!(found[0].field("selected"), "mail");
}

#[test]
fn a_target_port_that_is_declared_nowhere_is_wrong() {
    let found = shop(r#"{"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8081}]}}"#).found(detect);
    assert_eq!(ids(&found), ["service.target-port-wrong"]);
    assert_eq!(found[0].field("declared"), "8080");
    let named = shop(r#"{"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":"web"}]}}"#).found(detect);
    assert_eq!(ids(&named), ["service.target-port-name-unknown"]);
}

#[test]
fn an_undeclared_port_that_the_process_is_told_to_use_is_fine() {
    let body = WEB.replace(r#""name":"web","ports""#, r#""name":"web","env":[{"name":"PORT","value":"9000"}],"ports""#);
    let found = Sample::default()
        .api("Deployment/shop/web", &body)
        .api("Service/shop/web", r#"{"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":9000}]}}"#)
        .found(detect);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn udp_to_a_tcp_server_is_the_wrong_protocol_and_dns_is_not() {
    let found =
        shop(r#"{"spec":{"selector":{"app":"web"},"ports":[{"port":8080,"targetPort":8080,"protocol":"UDP"}]}}"#)
            .found(detect);
    assert_eq!(ids(&found), ["service.protocol-wrong"]);
    assert_eq!(found[0].field("serves"), "TCP");
    let both = r#"{"spec":{"selector":{"app":"web"},"ports":[{"port":53,"targetPort":8080,"protocol":"UDP"},{"port":53,"targetPort":8080,"protocol":"TCP"}]}}"#;
    assert!(shop(both).found(detect).is_empty());
}

#[test]
fn unready_pods_make_a_victim_of_the_service() {
    let unready = pod(r#"{"app":"web"}"#).replace("True", "False");
    let found = Sample::default()
        .api("Pod/shop/web", &unready)
        .api("Service/shop/web", r#"{"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}}"#)
        .listed(&["Pod"])
        .found(detect);
    assert_eq!(ids(&found), ["service.no-ready-endpoints"]);
}

#[test]
fn only_a_manifest_asks_for_the_service() {
    let found = Sample::default()
        .api("Deployment/shop/web", WEB)
        .manifest("Service/shop/web", r#"{"spec":{"selector":{"app":"web"}}}"#)
        .listed(&["Service"])
        .found(detect);
    assert_eq!(ids(&found), ["service.missing"]);
}

#[test]
fn an_alias_of_nothing_and_a_set_without_its_service() {
    let found = Sample::default()
        .api("Service/shop/db", r#"{"spec":{"type":"ExternalName","externalName":"pg.data.svc.cluster.local"}}"#)
        .api("StatefulSet/shop/queue", r#"{"spec":{"serviceName":"queue-headless","replicas":3}}"#)
        .listed(&["Service"])
        .found(detect);
    assert_eq!(ids(&found), ["service.external-name-unknown", "statefulset.service-missing"]);
    let elsewhere = Sample::default()
        .api("Service/shop/db", r#"{"spec":{"type":"ExternalName","externalName":"db.example.com"}}"#)
        .listed(&["Service"])
        .found(detect);
    assert!(elsewhere.is_empty());
}
