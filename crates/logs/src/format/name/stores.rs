//! Databases, caches, queues and what keeps their state.

use super::{Format, after, dated};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "postgres-csv",
        sample: r#"2026-11-24 10:00:01.123 UTC,"app","shop",7,"10.0.0.1:2817",5f3b.7,1,"INSERT",2026-11-24 09:00:00 UTC,3/12,0,ERROR,23505,"duplicate key value violates unique constraint ""orders_pkey""",,,,,,,,,"app""#,
        is: |l| dated(l) && l.get(19..).is_some_and(|r| after(r, ",", 12).is_some()) && l.matches(',').count() > 20,
    },
    Format {
        name: "postgres",
        sample: "2026-11-24 10:00:01.123 UTC [7] ERROR:  duplicate key value violates unique constraint \"orders_pkey\"",
        is: |l| {
            ["LOG:  ", "ERROR:  ", "FATAL:  ", "PANIC:  ", "WARNING:  ", "STATEMENT:  ", "DETAIL:  ", "HINT:  "]
                .iter()
                .any(|m| l.contains(m))
        },
    },
    Format {
        name: "mysql-slow",
        sample: "# Time: 2026-11-24T10:00:01.123456Z\n# User@Host: app[app] @  [10.0.0.1]  Id: 7\n# Query_time: 12.5  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 100000\nSELECT * FROM orders;",
        is: |l| l.starts_with("# Time:") || l.starts_with("# User@Host:"),
    },
    Format {
        name: "mysql",
        sample: "2026-11-24T10:00:01.123456Z 7 [ERROR] [MY-010119] [Server] Aborting",
        is: |l| {
            dated(l)
                && l.get(19..).is_some_and(|r| {
                    let mut words = r.split(' ').skip(1).filter(|w| !w.is_empty());
                    let thread = words.next().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()));
                    thread && words.next().is_some_and(|w| ["[ERROR]", "[Warning]", "[Note]", "[System]"].contains(&w))
                })
        },
    },
    Format {
        name: "redis",
        sample: "7:M 24 Nov 2026 10:00:01.123 # Can't save in background: fork: Cannot allocate memory",
        is: |l| {
            let Some((pid, rest)) = l.split_once(':') else { return false };
            pid.len() < 8
                && !pid.is_empty()
                && pid.bytes().all(|b| b.is_ascii_digit())
                && rest.as_bytes().first().is_some_and(|b| b"MSCX".contains(b))
                && rest.as_bytes().get(1) == Some(&b' ')
        },
    },
    Format {
        name: "rabbitmq",
        sample: "2026-11-24 10:00:01.123456+00:00 [error] <0.123.0> closing AMQP connection <0.123.0> (10.0.0.1:2817 -> 10.0.0.2:5672)",
        is: |l| dated(l) && after(l, "] <0.", 50).is_some(),
    },
    Format {
        name: "erlang-report",
        sample: "=ERROR REPORT==== 24-Nov-2026::10:00:01.123456 ===\n** Generic server pay terminating",
        is: |l| l.starts_with('=') && l.contains(" REPORT==== "),
    },
    Format {
        name: "elasticsearch",
        sample: "[2026-11-24T10:00:01,123][ERROR][o.e.b.Bootstrap          ] [es-0] node validation exception",
        is: |l| {
            let level = after(l, "][", 30).and_then(|r| r.split_once("][")).map_or("", |(level, _)| level.trim_end());
            l.starts_with("[20") && level.len() >= 4 && level.bytes().all(|b| b.is_ascii_uppercase())
        },
    },
    Format {
        name: "kafka",
        sample: "[2026-11-24 10:00:01,123] ERROR [KafkaServer id=0] Fatal error during KafkaServer startup. Prepare to shutdown (kafka.server.KafkaServer)",
        is: |l| {
            l.starts_with("[20")
                && l.ends_with(')')
                && l.rsplit_once(" (").is_some_and(|(_, c)| c.contains('.') && !c.contains(' '))
        },
    },
    Format {
        name: "zookeeper",
        sample: "2026-11-24 10:00:01,123 [myid:1] - ERROR [main:QuorumPeerMain@99] - Unexpected exception, exiting abnormally",
        is: |l| {
            dated(l)
                && (l.contains(" [myid:") || after(l, " - ", 40).is_some_and(|r| r.contains("@") && r.contains("] - ")))
        },
    },
    Format {
        name: "clickhouse",
        sample: "2026.11.24 10:00:01.123456 [ 7 ] {} <Error> Application: Caught exception while loading metadata",
        is: |l| dated(l) && after(l, "} <", 90).is_some(),
    },
    Format {
        name: "cassandra",
        sample: "ERROR [MutationStage-1] 2026-11-24 10:00:01,123 StorageProxy.java:7 - Failed to apply mutation locally",
        is: |l| {
            let level = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"].iter().any(|w| l.starts_with(w));
            level && after(l, "] ", 80).is_some_and(dated) && l.contains(".java:")
        },
    },
    Format {
        name: "mongodb",
        sample: "2026-11-24T10:00:01.123+0000 E STORAGE  [initandlisten] WiredTiger error (28) No space left on device",
        is: |l| {
            dated(l)
                && l.get(28..).is_some_and(|r| {
                    let b = r.as_bytes();
                    b.len() > 14
                        && b[0] == b' '
                        && b"FEWID".contains(&b[1])
                        && b[2] == b' '
                        && r[3..].starts_with(|c: char| c.is_ascii_uppercase() || c == '-')
                })
        },
    },
    Format {
        name: "etcd",
        sample: "2026-11-24 10:00:01.123456 E | etcdserver: publish error: etcdserver: request timed out",
        is: |l| dated(l) && after(l, " | ", 32).is_some(),
    },
    Format {
        name: "hdfs",
        sample: "261124 100001 148 ERROR dfs.DataNode$DataXceiver: DataXceiver error processing WRITE_BLOCK operation",
        is: |l| {
            let b = l.as_bytes();
            b.len() > 14
                && b[..6].iter().all(u8::is_ascii_digit)
                && b[6] == b' '
                && b[7..13].iter().all(u8::is_ascii_digit)
                && b[13] == b' '
        },
    },
];
