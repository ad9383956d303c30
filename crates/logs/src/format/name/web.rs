//! Web servers, proxies and load balancers.

use super::{Format, after, dated};

/// `[24/Nov/2026:10:00:01 +0000] "GET / HTTP/1.1"`, whatever stands before it.
fn common(line: &str) -> bool {
    line.contains("] \"") && line.contains(" HTTP/")
}

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "zeek",
        sample: "#separator \\x09\n#fields\tts\tuid\tid.orig_h\n#types\ttime\tstring\taddr\n1795514401.123456\tCHhAvVGS1DHFjwGM9\t10.0.0.1",
        is: |l| l.starts_with("#separator") || l.starts_with("#fields\t"),
    },
    Format {
        name: "w3c",
        sample: "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem sc-status\n2026-11-24 10:00:01 10.0.0.1 GET /pay 502",
        is: |l| l.starts_with("#Fields:"),
    },
    Format {
        name: "envoy-access",
        sample: r#"[2026-11-24T10:00:01.123Z] "GET /pay HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 19 0 - "-" "curl/8" "7a" "pay" "-" - outbound|80||pay.shop.svc.cluster.local - 10.0.0.2:80 10.0.0.1:2817 - default"#,
        is: |l| l.starts_with("[20") && after(l, "Z] \"", 30).is_some(),
    },
    Format {
        name: "envoy",
        sample: "[2026-11-24 10:00:01.123][7][error][config] [source/common/config/grpc_stream.h:123] gRPC config stream closed: 14, no healthy upstream",
        is: |l| {
            let thread = after(l, "][", 30).and_then(|r| r.split_once("][")).map_or("", |(thread, _)| thread);
            l.starts_with("[20") && !thread.is_empty() && thread.bytes().all(|b| b.is_ascii_digit())
        },
    },
    Format {
        name: "haproxy",
        sample: r#"Nov 24 10:00:01 lb haproxy[7]: 10.0.0.1:33317 [24/Nov/2026:10:00:01.123] front pay/pay-1 10/0/-1/-1/3 503 2750 - - SC-- 1/1/1/1/3 0/0 "GET /pay HTTP/1.1""#,
        is: |l| l.contains(" haproxy[") || l.contains("[haproxy] "),
    },
    Format {
        name: "traefik",
        sample: r#"10.0.0.1 - - [24/Nov/2026:10:00:01 +0000] "GET /pay HTTP/1.1" 502 11 "-" "-" 12 "pay@docker" "http://10.0.0.2:80" 3ms"#,
        is: |l| common(l) && l.ends_with("ms") && l.contains('@'),
    },
    Format {
        name: "aws-s3",
        sample: r#"79a5 shop [24/Nov/2026:10:00:01 +0000] 10.0.0.1 79a5 3E57427F3EXAMPLE REST.GET.OBJECT pay.csv "GET /pay.csv HTTP/1.1" 403 AccessDenied 243 - 7 - "-" "curl/8" -"#,
        is: |l| l.contains(" HTTP/") && [" REST.", " BATCH.", " S3."].iter().any(|m| l.contains(m)),
    },
    Format {
        name: "aws-alb",
        sample: r#"https 2026-11-24T10:00:01.123456Z app/web/50dc6c495c0c9188 10.0.0.1:2817 10.0.0.2:80 0.000 0.001 0.000 502 - 34 366 "GET https://pay.example:443/ HTTP/1.1" "curl/8" - - arn:aws:elasticloadbalancing:eu-west-1:7:targetgroup/pay/7 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-11-24T10:00:01.000000Z "forward" "-" "-""#,
        is: |l| {
            ["http ", "https ", "h2 ", "grpcs ", "ws ", "wss "].iter().any(|p| l.strip_prefix(p).is_some_and(dated))
        },
    },
    Format {
        name: "aws-elb",
        sample: r#"2026-11-24T10:00:01.123456Z web 10.0.0.1:2817 10.0.0.2:80 0.000073 0.001048 0.000057 502 502 0 29 "GET http://pay.example:80/ HTTP/1.1" "curl/8" - -"#,
        is: |l| dated(l) && l.contains(" \"") && l.contains("://") && l.contains(" HTTP/"),
    },
    Format {
        name: "access-log",
        sample: r#"10.1.2.3 - ann [24/Nov/2026:10:00:01 +0000] "GET /pay HTTP/1.1" 502 157 "-" "curl/8""#,
        is: |l| common(l) && l.contains('['),
    },
    Format {
        name: "nginx-error",
        sample: r#"2026/11/24 10:00:01 [error] 7#7: *12 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: pay, request: "GET / HTTP/1.1""#,
        is: |l| dated(l) && after(l, "] ", 40).is_some_and(|r| after(r, "#", 8).is_some()),
    },
    Format {
        name: "apache-error",
        sample: "[Tue Nov 24 10:00:01.123456 2026] [proxy:error] [pid 7:tid 140] (111)Connection refused: AH00957: HTTP: attempt to connect to 10.0.0.2:8080 failed",
        is: |l| {
            let day = |d: &&str| l.get(1..4) == Some(d);
            l.starts_with('[') && ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().any(day)
        },
    },
    Format {
        name: "vpc-flow",
        sample: "2 123456789010 eni-0a 10.0.0.1 10.0.0.2 443 50000 6 10 840 1795514401 1795514461 REJECT OK",
        is: |l| l.contains(" eni-") && (l.ends_with(" OK") || l.ends_with(" NODATA") || l.ends_with(" SKIPDATA")),
    },
    Format {
        name: "squid",
        sample: "1795514401.123    614 10.0.0.1 TCP_MISS/503 7 GET http://pay/ - DIRECT/10.0.0.2 text/html",
        is: |l| l.contains(" TCP_") && l.as_bytes().first().is_some_and(u8::is_ascii_digit),
    },
];
