//! Canaries of every kind in every place, and ordinary text that must stay as it is.

use super::canaries::{ALNUM, Canary, HEX, Random, base64, canaries};
use super::*;

/// The places in which evidence holds a secret.
fn contexts(name: &str, value: &str) -> Vec<(&'static str, String)> {
    let half = value.len() / 2;
    vec![
        ("environment", format!("PATH=/usr/bin\n{name}={value}\nHOME=/root")),
        (
            "environment list",
            format!(
                "      env:\n      - name: {name}\n        value: {value}\n      - name: MODE\n        value: live"
            ),
        ),
        ("describe", format!("    Environment:\n      {name}:  {value}\n      MODE:  live")),
        ("JSON", format!("{{\"name\":\"{name}\",\"value\":\"{value}\"}}")),
        ("JSON in a string", format!("{{\"msg\":\"{{\\\"{name}\\\":\\\"{value}\\\"}}\"}}")),
        ("YAML", format!("config:\n  {name}: \"{value}\"\n  mode: live")),
        ("flow", format!("{{name: {name}, value: {value}}}")),
        (
            "stack trace",
            format!(
                "java.lang.IllegalStateException: cannot connect ({name}={value})\n\tat com.acme.Db.open(Db.java:12)"
            ),
        ),
        ("coloured", format!("\u{1b}[33m{name}\u{1b}[0m={}\u{1b}[1m{}\u{1b}[0m", &value[..half], &value[half..])),
        ("Secret", format!("apiVersion: v1\nkind: Secret\ndata:\n  {name}: {}\ntype: Opaque", base64(value))),
    ]
}

#[test]
fn no_canary_is_seen_in_any_place() {
    let mut random = Random(0x5EED_1234_ABCD_0001);
    for round in 0..5 {
        for Canary { name, value, hidden } in canaries(&mut random) {
            for (place, text) in contexts(name, &value) {
                // Only names that say so make a bare password secret; the others are told by form.
                let masked = Masked::new(&text);
                assert!(!masked.as_str().contains(&hidden), "round {round}: {name} in {place}:\n{masked}");
                assert!(!masked.as_str().contains(&base64(&value)), "round {round}: {name} in {place}:\n{masked}");
                assert!(masked.as_str().contains("<secret:"), "{name} in {place}:\n{masked}");
            }
        }
    }
}

#[test]
fn masking_twice_changes_nothing() {
    let mut random = Random(0x5EED_1234_ABCD_0002);
    for Canary { name, value, .. } in canaries(&mut random) {
        for (place, text) in contexts(name, &value) {
            let once = Masked::new(&text);
            assert_eq!(Masked::new(once.as_str()), once, "{name} in {place}");
        }
    }
}

#[test]
fn equal_secrets_have_equal_marks_and_what_is_no_secret_stays() {
    let masked = Masked::new("postgres://shop:k8Sx!aa2@db-1:5432/orders and DB_PASSWORD=k8Sx!aa2").to_string();
    let mark = mark("k8Sx!aa2");
    assert_eq!(masked, format!("postgres://shop:{mark}@db-1:5432/orders and DB_PASSWORD={mark}"));
}

#[test]
fn secrets_of_other_shapes() {
    for (text, hidden) in [
        ("mongodb+srv://app:p%40ss/W0rd@cluster0.acme.example/db", "W0rd"),
        ("amqp://guest:gu3st-Pw@mq:5672", "gu3st-Pw"),
        ("jdbc:mysql://db-1:3306/shop?user=app&password=Tr0ub4dor&useSSL=false", "Tr0ub4dor"),
        ("app:Tr0ub4dor@tcp(db-1:3306)/shop", "Tr0ub4dor"),
        ("jdbc:oracle:thin:app/Tr0ub4dor@db-1:1521:x", "Tr0ub4dor"),
        ("> Authorization: Bearer 8f14e45fceea167a5a36", "8f14e45fceea"),
        ("Authorization: Basic c2hvcDpUcjB1YjRkb3I=", "c2hvcDpUcjB1"),
        ("authorization=[Bearer 8f14e45fceea167a5a36]", "8f14e45fceea"),
        ("Cookie: session=Zm9vYmFy8821; theme=dark", "Zm9vYmFy"),
        ("X-Api-Key: 8f14e45fceea167a", "8f14e45fceea"),
        ("curl -u shop:Tr0ub4dor https://api.acme.example", "Tr0ub4dor"),
        ("ALTER USER app IDENTIFIED BY 'Tr0ub4dor';", "Tr0ub4dor"),
        ("CREATE ROLE app LOGIN PASSWORD 'Tr0ub4dor'", "Tr0ub4dor"),
        ("CREATE USER 'app'@'%' IDENTIFIED WITH mysql_native_password BY 'Tr0ub4dor'", "Tr0ub4dor"),
        ("args: [\"--db-password\", \"Tr0ub4dor\"]", "Tr0ub4dor"),
        ("server --api-token Tr0ub4dorTok3n --port 80", "Tr0ub4dorTok3n"),
        ("server --password=Tr0ub4dor", "Tr0ub4dor"),
        ("connecting with password: Tr0ub4dor9", "Tr0ub4dor9"),
        ("https://files.blob.core.example/c?sv=2024&sig=aB3%2FxYz9Qw%3D&se=1", "aB3%2FxYz9Qw"),
        ("{\"auths\":{\"registry.acme.example\":{\"auth\":\"c2hvcDpUcjB1YjRkb3I=\"}}}", "c2hvcDpUcjB1"),
        (".dockerconfigjson: eyJhdXRocyI6eyJyIjp7ImF1dGgiOiJjMmh2Y0RwVWNqQjFZalJrYjNJPSJ9fX0=", "eyJhdXRocyI6eyJ"),
        ("password: \"two words\"", "two words"),
        ("{name: DB_PASSWORD, value: Tr0ub4dor}", "Tr0ub4dor"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAAA\n-----END RSA PRIVATE KEY-----", "MIIEow"),
        ("\"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----\\n\"", "MIIEvQ"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ", "MIIEvQ"),
        ("AKIAIOSFODNN7ABCDEFG wJalrXUtnFEMIK7MDENGbPxRfiCYaBcDeFgH0123", "wJalrXUtnFEMI"),
        ("[client] client_secret = 'x9-Tr0ub4dor'", "x9-Tr0ub4dor"),
        ("Environment:\n      REDIS_PASS:   hunterly", "hunterly"),
    ] {
        let masked = Masked::new(text);
        assert!(!masked.as_str().contains(hidden), "{text}\n{masked}");
    }
}

/// Lines that look like secrets and are none.
const LOOK_ALIKES: &[&str] = &[
    "2026-03-01 10:00:00 UTC [77] FATAL:  password authentication failed for user \"shop\"",
    "Error: secret \"db-credentials\" not found",
    "MountVolume.SetUp failed for volume \"tls\" : secret \"web-tls\" not found",
    "        secretKeyRef:\n          name: db-credentials\n          key: password",
    "  secretName: web-tls",
    "imagePullSecrets: [regcred]",
    "E0301 10:00:00.000000 1 reflector.go:150] \"Failed to watch\" err=\"Unauthorized\" secret=\"shop/db-credentials\"",
    "unexpected token: } in JSON at position 12",
    "invalid token: signature is invalid",
    "Failed to fetch token: context deadline exceeded",
    "token expired",
    "error: token: expired",
    "  DB_PASSWORD:  <set to the key 'password' in secret 'db-credentials'>  Optional: false",
    "DB_PASSWORD=$(DB_PASSWORD_FROM_FILE)",
    "automountServiceAccountToken: false",
    "prompt_tokens=512 completion_tokens=64 max_tokens: 4096",
    "    /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-x7k2p (ro)",
    "token_file=/var/run/secrets/kubernetes.io/serviceaccount/token",
    "Image ID: docker.io/library/web@sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b Merge branch 'main'",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 user=42",
    "request 123e4567-e89b-12d3-a456-426614174000 GET http://cart:7070/items?id=9 200 12ms",
    "http://10.0.0.1:8080/path@v2/x",
    "Successfully assigned shop/web-6d4cf56db6-x7k2p to ip-10-0-3-77",
    "primary key: id, foreign key: order_id, cache key: user:42:cart",
    "author: bob, authority: cart:7070, authorization-mode=Node,RBAC",
    "Bearer token missing",
    "Basic health check passed",
    "basic auth is enabled",
    "--service-account-key-file=/etc/kubernetes/pki/sa.pub --tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
    "passed=3 failed=0 bypass=true compass: north",
    "PWD=/app\nOLDPWD=/",
    "x509: certificate signed by unknown authority",
    "kubernetes.io/service-account-token   3      12d",
    "NAME   TYPE   DATA   AGE\nregcred   kubernetes.io/dockerconfigjson   1   3d",
    "Access denied for user 'app'@'10.0.0.9' (using password: YES)",
    "NOAUTH Authentication required. ERR AUTH <password> called without any password configured",
    "level=info msg=\"reloaded\" key=shop/web keys=12 partition_key=7",
    "ssh-keygen: task-0123456789abcdefghij done, disk-sk1 ok",
    "  key: tls.crt\n  path: tls.crt",
    "SecretName:  web-tls\n    Optional:    false",
    "Tokens:              default-token-x7k2p",
    "Mountable secrets:   <none>",
    "io.kubernetes.pod.uid=aa0b3d4e-0000-4c1e-8a52-1f0d5f5a0e11",
    "etag W/\"5e8c-17f3a2b4c5d\" etcd revision 8812 compacted",
    "glibc-2.31-glusterfs-client glance-api.service",
];

#[test]
fn look_alikes_stay_as_they_are() {
    for line in LOOK_ALIKES {
        assert_eq!(Masked::new(line).as_str(), *line);
    }
}

#[test]
fn a_megabyte_of_ordinary_log_is_not_altered() {
    let mut r = Random(0x5EED_1234_ABCD_0003);
    let mut log = String::new();
    while log.len() < 1 << 20 {
        let (uid, sha, pod) = (r.text(HEX, 12), r.text(HEX, 64), r.text(b"bcdfghjklmnpqrstvwxz2456789", 5));
        let base = r.text(ALNUM, 44);
        log += &match r.next() % 10 {
            0 => format!(
                "2026-03-01T10:00:00.123Z INFO  cart handled GET /cart/{uid} in {}ms status=200\n",
                r.next() % 900
            ),
            1 => format!("Pulled image \"registry.acme.example/cart@sha256:{sha}\" in 2.1s\n"),
            2 => format!(
                "I0301 10:00:00.000001       1 controller.go:42] \"Reconciled\" pod=\"shop/cart-6d4cf56db6-{pod}\" requeue=false\n"
            ),
            3 => format!(
                "{{\"level\":\"warn\",\"ts\":1772359200.1,\"msg\":\"slow query\",\"trace_id\":\"{uid}{uid}\",\"rows\":12}}\n"
            ),
            4 => format!(
                "10.0.0.7 - - [01/Mar/2026:10:00:00 +0000] \"POST /v1/orders HTTP/1.1\" 201 88 \"-\" \"curl/8.5.0\" {uid}\n"
            ),
            5 => format!("etag={base}= size={} cache=hit\n", r.next() % 9999),
            6 => format!("commit {} deployed revision {}\n", r.text(HEX, 40), r.next() % 50),
            7 => format!(
                "\tat com.acme.shop.Cart$Builder.lambda$put$3(Cart.java:{}) ~[cart-1.4.2.jar:?]\n",
                r.next() % 400
            ),
            8 => {
                format!("integrity sha512-{base}{base}== resolved https://registry.acme.example/pad/-/pad-1.3.0.tgz\n")
            }
            _ => LOOK_ALIKES[r.next() as usize % LOOK_ALIKES.len()].to_owned() + "\n",
        };
    }
    let masked = Masked::new(&log);
    if let Some((line, got)) = log.lines().zip(masked.as_str().lines()).find(|(a, b)| a != b) {
        panic!("altered:\n{line}\n{got}");
    }
    assert_eq!(masked.as_str(), log);
}
