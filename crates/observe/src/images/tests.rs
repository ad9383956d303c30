use super::detect;
use crate::sample::{Sample, ids};

/// A pod whose container waits with a reason and a message.
fn waiting(reason: &str, message: &str) -> Sample {
    let message = message.replace('"', "\\\"");
    Sample::default().api(
        "Pod/shop/cart-1",
        &format!(
            r#"{{"spec":{{"nodeName":"n1","imagePullSecrets":[{{"name":"pull"}}],"containers":[{{"name":"cart","image":"registry.acme.example/shop/cart:1.2"}}]}},
            "status":{{"phase":"Pending","containerStatuses":[{{"name":"cart","ready":false,"restartCount":0,
            "state":{{"waiting":{{"reason":"{reason}","message":"{message}"}}}}}}]}}}}"#
        ),
    )
}

fn said(message: &str) -> Vec<&'static str> {
    ids(&waiting("ErrImagePull", message).found(detect))
}

#[test]
fn the_registry_s_answer_decides_in_every_runtime_s_words() {
    let cases = [
        (
            r#"failed to resolve reference "registry.acme.example/shop/cart:1.2": registry.acme.example/shop/cart:1.2: not found"#,
            "image.not-found",
        ),
        (
            "Error response from daemon: manifest for registry.acme.example/shop/cart:1.2 not found: manifest unknown: manifest unknown",
            "image.tag-not-found",
        ),
        (
            "reading manifest 1.2 in registry.acme.example/shop/cart: name unknown: repository not found",
            "image.not-found",
        ),
        (
            "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
            "image.denied-or-missing",
        ),
        (
            "pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials",
            "image.unauthorized",
        ),
        (
            "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://registry.acme.example/token: 401 Unauthorized",
            "image.unauthorized",
        ),
        (
            "unexpected status from HEAD request to https://registry.acme.example/v2/shop/cart/manifests/1.2: 403 Forbidden",
            "image.unauthorized",
        ),
        (
            "429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
            "image.rate-limited",
        ),
        ("dial tcp: lookup registry.acme.example on 10.0.0.2:53: no such host", "image.registry-unresolvable"),
        (
            "dial tcp: lookup registry.acme.example on 10.0.0.2:53: read udp 10.0.0.9:4000->10.0.0.2:53: i/o timeout",
            "image.registry-unresolvable",
        ),
        ("dial tcp 192.0.2.7:443: i/o timeout", "image.registry-unreachable"),
        ("dial tcp 192.0.2.7:443: connect: connection refused", "image.registry-unreachable"),
        (
            "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "image.registry-untrusted",
        ),
        ("no match for platform in manifest: not found", "image.wrong-architecture"),
    ];
    for (message, id) in cases {
        assert!(said(message).contains(&id), "{message}: {:?}", said(message));
    }
}

#[test]
fn a_short_message_leaves_the_reason_open() {
    assert_eq!(said("Back-off pulling image registry.acme.example/shop/cart:1.2"), ["image.pull-failing"]);
}

#[test]
fn a_secret_that_is_not_in_a_complete_listing_is_missing() {
    let found = waiting("ImagePullBackOff", "").listed(&["Secret"]).found(detect);
    assert_eq!(ids(&found), ["image.pull-failing", "image.pull-secret-missing"]);
}

#[test]
fn a_running_pod_has_no_pull_trouble() {
    let world = Sample::default().api(
        "Pod/shop/cart-1",
        r#"{"spec":{"containers":[{"name":"cart","image":"a/b"}]},"status":{"phase":"Running","containerStatuses":[{"name":"cart","ready":true,"state":{"running":{}}}]}}"#,
    );
    assert!(world.found(detect).is_empty());
}
