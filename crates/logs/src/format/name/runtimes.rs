//! What the logging libraries of languages write, where they are left at their defaults.

use super::{Format, after, dated};

const LEVELS: &[&str] = &["TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL", "SEVERE"];

fn first_word(text: &str) -> &str {
    text.trim_start().split([' ', '\t']).next().unwrap_or("")
}

/// The text behind the date, the time, its fraction and its zone.
fn after_time(line: &str) -> &str {
    let rest = line.get(19..).unwrap_or("");
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || ".,:+Z".contains(c));
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    match rest.as_bytes() {
        [b'+' | b'-', a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
            rest.split_once(' ').map_or("", |(_, r)| r)
        }
        _ => rest,
    }
}

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "gc",
        sample: "[2026-11-24T10:00:01.123+0000][1.234s][info][gc] GC(7) Pause Young (Normal) (G1 Evacuation Pause) 24M->4M(256M) 3.123ms",
        is: |l| {
            l.contains("[gc") && l.contains("] ") && l.starts_with('[')
                || l.contains(": [GC (")
                || l.contains(": [Full GC (")
        },
    },
    Format {
        name: "spring-boot",
        sample: "2026-11-24T10:00:01.123Z ERROR 7 --- [pay] [main] c.e.Pay                                  : payment refused",
        is: |l| dated(l) && after(l, " --- [", 50).is_some(),
    },
    Format {
        name: "openstack",
        sample: "2026-11-24 10:00:01.123 7 ERROR nova.compute.manager [req-4f2a91cc-0000-4000-8000-7a7a7a7a7a7a - - - - -] payment refused",
        is: |l| l.contains(" [req-") || l.contains(" [None req-") || l.contains(" [-] ") && dated(l),
    },
    Format {
        name: "python",
        sample: "2026-11-24 10:00:01,123 - pay - ERROR - payment refused",
        is: |l| dated(l) && l.split(" - ").skip(1).take(2).any(|w| LEVELS.contains(&w.trim())),
    },
    Format {
        name: "gunicorn",
        sample: "[2026-11-24 10:00:01 +0000] [7] [ERROR] Exception in worker process",
        is: |l| {
            l.starts_with("[20") && after(l, "] [", 30).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
        },
    },
    Format {
        name: "celery",
        sample: "[2026-11-24 10:00:01,123: ERROR/MainProcess] consumer: Cannot connect to amqp://pay@mq:5672//",
        is: |l| l.starts_with("[20") && after(l, ": ", 26).is_some_and(|r| after(r, "/", 9).is_some()),
    },
    Format {
        name: "rails",
        sample: "E, [2026-11-24T10:00:01.123456 #7] ERROR -- : payment refused",
        is: |l| l.get(1..4) == Some(", [") && l.contains(" -- "),
    },
    Format {
        name: "php",
        sample: "[24-Nov-2026 10:00:01 UTC] PHP Fatal error:  Uncaught Exception: payment refused in /app/pay.php:7",
        is: |l| {
            let b = l.as_bytes();
            b.len() > 22 && b[0] == b'[' && b[3] == b'-' && b[7] == b'-' && b[12] == b' ' && b[15] == b':'
        },
    },
    Format {
        name: "nlog",
        sample: "2026-11-24 10:00:01.1234|ERROR|Pay.Worker|payment refused",
        is: |l| dated(l) && l.get(19..).is_some_and(|r| after(r, "|", 9).is_some_and(|r| after(r, "|", 8).is_some())),
    },
    Format {
        name: "serilog",
        sample: "2026-11-24 10:00:01.123 +00:00 [ERR] payment refused",
        is: |l| ["[VRB]", "[DBG]", "[INF]", "[WRN]", "[ERR]", "[FTL]"].iter().any(|m| after(l, m, 40).is_some()),
    },
    Format {
        name: "dotnet-console",
        sample: "fail: Pay.Worker[0]\n      payment refused",
        is: |l| {
            let level =
                ["trce: ", "dbug: ", "info: ", "warn: ", "fail: ", "crit: "].iter().find_map(|p| l.strip_prefix(p));
            level.is_some_and(|r| r.ends_with(']') && r.contains('['))
        },
    },
    Format {
        name: "hclog",
        sample: "2026-11-24T10:00:01.123Z [ERROR] core: payment refused: order=7",
        is: |l| {
            dated(l)
                && l.contains("Z [")
                && after(l, "] ", 40).is_some_and(|r| after(r, ": ", 60).is_some())
                && l.as_bytes()[10] == b'T'
        },
    },
    Format {
        name: "env_logger",
        sample: "[2026-11-24T10:00:01Z ERROR pay::order] payment refused",
        is: |l| l.starts_with("[20") && after(l, "Z ", 30).is_some_and(|r| LEVELS.contains(&first_word(r))),
    },
    Format {
        name: "zap-console",
        sample: "2026-11-24T10:00:01.123Z\tERROR\tpay/pay.go:12\tpayment refused\t{\"order\": 7}",
        is: |l| dated(l) && l.split('\t').nth(1).is_some_and(|w| LEVELS.contains(&w.to_ascii_uppercase().as_str())),
    },
    Format {
        name: "tracing",
        sample: "2026-11-24T10:00:01.123456Z ERROR pay::order: payment refused order=7",
        is: |l| {
            dated(l)
                && l.as_bytes()[10] == b'T'
                && LEVELS.contains(&first_word(after_time(l)))
                && after_time(l).trim_start().split(' ').nth(1).is_some_and(|w| w.ends_with(':') && !w.contains('.'))
        },
    },
    Format {
        name: "spark",
        sample: "26/11/24 10:00:01 ERROR Executor: Exception in task 0.0 in stage 7.0 (TID 7)",
        is: |l| {
            let b = l.as_bytes();
            b.len() > 20
                && b[2] == b'/'
                && b[5] == b'/'
                && b[8] == b' '
                && b[11] == b':'
                && LEVELS.contains(&first_word(l.get(17..).unwrap_or_default()))
        },
    },
    Format {
        name: "go-log",
        sample: "2026/11/24 10:00:01 pay.go:12: payment refused",
        is: |l| dated(l) && l.as_bytes()[4] == b'/',
    },
    Format {
        name: "java.util.logging",
        sample: "Nov 24, 2026 10:00:01 AM com.example.Pay charge\nSEVERE: payment refused",
        is: |l| {
            let b = l.as_bytes();
            b.len() > 20
                && b[..3].iter().all(u8::is_ascii_alphabetic)
                && b[3] == b' '
                && l.get(..9).is_some_and(|h| h.contains(','))
        },
    },
    Format {
        name: "log4j",
        sample: "2026-11-24 10:00:01,123 ERROR [main] c.e.Pay - payment refused",
        is: |l| {
            let rest = after_time(l);
            let level = |text: &str| LEVELS.contains(&first_word(text).trim_matches(['[', ']']));
            dated(l) && (level(rest) || rest.starts_with('[') && after(rest, "] ", 80).is_some_and(level))
        },
    },
];
