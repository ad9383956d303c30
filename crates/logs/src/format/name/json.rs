//! One JSON object a line, told by its members.

use super::Format;

fn has(line: &str, members: &[&str]) -> bool {
    line.starts_with('{') && members.iter().all(|m| line.contains(m))
}

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "journald-json",
        sample: r#"{"__REALTIME_TIMESTAMP":"1795514401123456","PRIORITY":"3","SYSLOG_IDENTIFIER":"pay","MESSAGE":"payment refused"}"#,
        is: |l| has(l, &["\"__REALTIME_TIMESTAMP\""]),
    },
    Format {
        name: "kubernetes-audit",
        sample: r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"7a","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","responseStatus":{"code":403},"requestReceivedTimestamp":"2026-11-24T10:00:01.123456Z"}"#,
        is: |l| has(l, &["audit.k8s.io/"]),
    },
    Format {
        name: "cloudtrail",
        sample: r#"{"eventVersion":"1.08","eventTime":"2026-11-24T10:00:01Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","errorCode":"AccessDenied","requestID":"7A"}"#,
        is: |l| has(l, &["\"eventVersion\"", "\"eventTime\""]),
    },
    Format {
        name: "mongodb-json",
        sample: r#"{"t":{"$date":"2026-11-24T10:00:01.123+00:00"},"s":"E","c":"STORAGE","id":22435,"ctx":"thread1","msg":"WiredTiger error","attr":{"error":28}}"#,
        is: |l| has(l, &["\"$date\"", "\"s\""]),
    },
    Format {
        name: "otlp-json",
        sample: r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795514401123000000","severityNumber":17,"severityText":"ERROR","body":{"stringValue":"payment refused"},"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]}]}]}"#,
        is: |l| has(l, &["\"timeUnixNano\""]) || has(l, &["\"resourceLogs\""]),
    },
    Format {
        name: "elasticsearch-json",
        sample: r#"{"type": "server", "timestamp": "2026-11-24T10:00:01,123Z", "level": "ERROR", "component": "o.e.b.ElasticsearchUncaughtExceptionHandler", "cluster.name": "shop", "node.name": "es-0", "message": "fatal error in thread [main]" }"#,
        is: |l| has(l, &["\"cluster.name\"", "\"node.name\""]),
    },
    Format {
        name: "postgres-json",
        sample: r#"{"timestamp":"2026-11-24 10:00:01.123 UTC","user":"app","dbname":"shop","pid":7,"error_severity":"ERROR","state_code":"23505","message":"duplicate key value violates unique constraint \"orders_pkey\""}"#,
        is: |l| has(l, &["\"error_severity\""]),
    },
    Format {
        name: "ecs",
        sample: r#"{"@timestamp":"2026-11-24T10:00:01.123Z","log.level":"ERROR","message":"payment refused","ecs.version":"1.6.0","service.name":"pay","log.logger":"c.e.Pay"}"#,
        is: |l| has(l, &["\"ecs.version\""]) || has(l, &["\"ecs\":{"]),
    },
    Format {
        name: "logstash",
        sample: r#"{"@timestamp":"2026-11-24T10:00:01.123Z","@version":"1","message":"payment refused","logger_name":"c.e.Pay","thread_name":"main","level":"ERROR","level_value":40000}"#,
        is: |l| has(l, &["\"@version\"", "\"@timestamp\""]),
    },
    Format {
        name: "clef",
        sample: r#"{"@t":"2026-11-24T10:00:01.1234567Z","@mt":"payment {Id} refused","@l":"Error","Id":7,"SourceContext":"Pay.Worker"}"#,
        is: |l| l.starts_with("{\"@t\":"),
    },
    Format {
        name: "hclog-json",
        sample: r#"{"@level":"error","@message":"payment refused","@module":"core","@timestamp":"2026-11-24T10:00:01.123456Z"}"#,
        is: |l| has(l, &["\"@level\"", "\"@message\""]),
    },
    Format {
        name: "gelf",
        sample: r#"{"version":"1.1","host":"web-1","short_message":"payment refused","timestamp":1795514401.123,"level":3,"_order":7}"#,
        is: |l| has(l, &["\"short_message\""]),
    },
    Format {
        name: "cloud-logging",
        sample: r#"{"insertId":"1x","logName":"projects/p/logs/stderr","severity":"ERROR","textPayload":"payment refused","timestamp":"2026-11-24T10:00:01.123456Z","resource":{"type":"k8s_container"}}"#,
        is: |l| {
            has(l, &["\"textPayload\""])
                || has(l, &["\"jsonPayload\""])
                || has(l, &["\"protoPayload\""])
                || has(l, &["\"logging.googleapis.com/"])
        },
    },
    Format {
        name: "caddy",
        sample: r#"{"level":"error","ts":1795514401.123,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"10.0.0.1","method":"GET","uri":"/"},"duration":0.001,"status":502}"#,
        is: |l| has(l, &["\"logger\":\"http.log"]),
    },
    Format {
        name: "traefik-json",
        sample: r#"{"ClientAddr":"10.0.0.1:2817","DownstreamStatus":502,"RequestMethod":"GET","RequestPath":"/","StartUTC":"2026-11-24T10:00:01.123Z","level":"info","msg":"","time":"2026-11-24T10:00:01Z"}"#,
        is: |l| has(l, &["\"DownstreamStatus\""]),
    },
    Format {
        name: "envoy-json",
        sample: r#"{"start_time":"2026-11-24T10:00:01.123Z","method":"GET","path":"/","protocol":"HTTP/1.1","response_code":503,"response_flags":"UH","duration":0,"upstream_cluster":"outbound|80||pay"}"#,
        is: |l| has(l, &["\"response_flags\""]),
    },
    Format {
        name: "log4j-json",
        sample: r#"{"instant":{"epochSecond":1795514401,"nanoOfSecond":123000000},"thread":"main","level":"ERROR","loggerName":"c.e.Pay","message":"payment refused"}"#,
        is: |l| has(l, &["\"loggerName\"", "\"level\""]),
    },
    Format {
        name: "tracing-json",
        sample: r#"{"timestamp":"2026-11-24T10:00:01.123456Z","level":"ERROR","fields":{"message":"payment refused","order":7},"target":"pay::order"}"#,
        is: |l| has(l, &["\"fields\":{", "\"target\":\""]),
    },
    Format {
        name: "bunyan",
        sample: r#"{"name":"pay","hostname":"web-1","pid":7,"level":50,"msg":"payment refused","time":"2026-11-24T10:00:01.123Z","v":0}"#,
        is: |l| has(l, &["\"v\":0", "\"pid\":", "\"hostname\":"]),
    },
    Format {
        name: "pino",
        sample: r#"{"level":50,"time":1795514401123,"pid":7,"hostname":"web-1","msg":"payment refused"}"#,
        is: |l| has(l, &["\"time\":", "\"pid\":", "\"hostname\":"]) && l.starts_with("{\"level\":"),
    },
    Format {
        name: "zap",
        sample: r#"{"level":"error","ts":1795514401.123,"caller":"pay/pay.go:12","msg":"payment refused","order":7}"#,
        is: |l| has(l, &["\"ts\":", "\"msg\":", "\"level\":"]),
    },
    Format {
        name: "slog",
        sample: r#"{"time":"2026-11-24T10:00:01.123456789Z","level":"ERROR","msg":"payment refused","order":7}"#,
        is: |l| l.starts_with("{\"time\":\"") && has(l, &["\",\"level\":\"", "\"msg\":\""]),
    },
    Format {
        name: "json",
        sample: r#"{"timestamp":"2026-11-24T10:00:01Z","level":"error","message":"payment refused"}"#,
        is: |l| l.starts_with('{') && l.ends_with('}'),
    },
];
