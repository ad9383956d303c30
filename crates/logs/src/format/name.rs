//! The names of formats.

/// What tells a format: its name, a sample, and whether a line is one of its lines.
struct Format {
    name: &'static str,
    sample: &'static str,
    is: fn(&str) -> bool,
}

/// The first whose lines are most of a log's gives it its name.
const FORMATS: &[Format] = &[
    Format {
        name: "docker-json",
        sample: r#"{"log":"up\n","stream":"stdout","time":"2026-11-24T10:00:01.5Z"}"#,
        is: |l| l.starts_with("{\"log\":") && l.contains("\"stream\":"),
    },
    Format {
        name: "cri",
        sample: "2026-11-24T10:00:01.5Z stdout F up",
        is: |l| {
            [" stdout F", " stderr F", " stdout P", " stderr P"].iter().any(|m| l.find(m).is_some_and(|at| at < 40))
        },
    },
    Format {
        name: "journald-json",
        sample: r#"{"__REALTIME_TIMESTAMP":"1795514401250000","MESSAGE":"up"}"#,
        is: |l| l.starts_with('{') && l.contains("__REALTIME_TIMESTAMP"),
    },
    Format {
        name: "kubernetes-audit",
        sample: r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata"}"#,
        is: |l| l.starts_with('{') && l.contains("audit.k8s.io/"),
    },
    Format {
        name: "cloudtrail",
        sample: r#"{"eventVersion":"1.08","eventTime":"2026-11-24T10:00:01Z"}"#,
        is: |l| l.starts_with('{') && l.contains("\"eventVersion\"") && l.contains("\"eventTime\""),
    },
    Format {
        name: "mongodb-json",
        sample: r#"{"t":{"$date":"2026-11-24T10:00:01.401+00:00"},"s":"I","c":"NETWORK"}"#,
        is: |l| l.starts_with('{') && l.contains("\"$date\"") && l.contains("\"s\""),
    },
    Format { name: "json", sample: r#"{"level":"info","msg":"up"}"#, is: |l| l.starts_with('{') && l.ends_with('}') },
    Format { name: "compose", sample: "web-1  | up", is: |l| super::carrier::compose_prefix(l).is_some() },
    Format { name: "kubectl-prefix", sample: "[pod/web-1/app] up", is: |l| l.starts_with("[pod/") },
    Format {
        name: "zeek",
        sample: "#separator \\x09",
        is: |l| l.starts_with("#separator") || l.starts_with("#fields\t"),
    },
    Format { name: "w3c", sample: "#Fields: date time c-ip", is: |l| l.starts_with("#Fields:") },
    Format {
        name: "klog",
        sample: "E1124 10:00:01.000002       1 a.go:3] no",
        is: |l| {
            let b = l.as_bytes();
            b.len() > 21 && b"IWEF".contains(&b[0]) && b[1..5].iter().all(u8::is_ascii_digit) && l.contains("] ")
        },
    },
    Format {
        name: "syslog-rfc5424",
        sample: "<34>1 2026-11-24T10:00:01Z host app - - - up",
        is: |l| l.starts_with('<') && l.get(1..8).is_some_and(|h| h.contains(">1 ")),
    },
    Format {
        name: "syslog",
        sample: "Nov 24 10:00:01 host app[7]: up",
        is: |l| {
            let l = l.split_once('>').filter(|(p, _)| p.starts_with('<') && p.len() < 5).map_or(l, |(_, l)| l);
            let b = l.as_bytes();
            b.len() > 16 && b[0].is_ascii_uppercase() && b[3] == b' ' && b[9] == b':' && b[12] == b':' && b[15] == b' '
        },
    },
    Format {
        name: "access-log",
        sample: r#"10.1.2.3 - - [24/Nov/2026:10:00:01 +0000] "GET / HTTP/1.1" 200 7"#,
        is: |l| l.contains("] \"") && l.contains(" HTTP/") && l.contains('['),
    },
    Format {
        name: "postgres",
        sample: "2026-11-24 10:00:01.123 UTC [7] LOG:  up",
        is: |l| {
            ["LOG:  ", "ERROR:  ", "FATAL:  ", "STATEMENT:  ", "DETAIL:  ", "HINT:  "].iter().any(|m| l.contains(m))
        },
    },
    Format {
        name: "logfmt",
        sample: "time=2026-11-24T10:00:01Z level=info msg=up",
        is: |l| l.split(' ').take(3).filter(|w| w.contains('=')).count() >= 2,
    },
    Format {
        name: "dmesg",
        sample: "[   12.345678] usb 1-1: new device",
        is: |l| {
            let inner = l.strip_prefix('[').and_then(|r| r.split_once(']'));
            inner.is_some_and(|(t, _)| t.contains('.') && t.trim().parse::<f64>().is_ok())
        },
    },
    Format {
        name: "bracketed",
        sample: "[2026-11-24 10:00:01,123] INFO up",
        is: |l| l.starts_with('[') && l.as_bytes().get(1).is_some_and(u8::is_ascii_digit),
    },
    Format {
        name: "timestamped",
        sample: "2026-11-24 10:00:01,123 INFO up",
        is: |l| {
            l.as_bytes().first().is_some_and(u8::is_ascii_digit)
                && super::notation::read(l.as_bytes(), 0, super::notation::Orders { long: None, short: None }).is_some()
        },
    },
];

/// The name of the format of most of some lines.
pub(super) fn of(lines: &[String]) -> &'static str {
    let lines = || lines.iter().filter(|l| !l.is_empty() && !l.starts_with([' ', '\t']));
    let all = lines().filter(|l| !l.starts_with('#')).count().max(1);
    let fits = |format: &&Format| {
        let n = lines().filter(|l| (format.is)(l)).count();
        // A heading stands once.
        n * 2 >= all || n > 0 && format.sample.starts_with('#')
    };
    FORMATS.iter().find(fits).map_or("text", |f| f.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_has_the_name_of_its_format() {
        for format in FORMATS {
            assert_eq!(of(&[format.sample.to_owned()]), format.name, "{}", format.sample);
        }
        assert_eq!(of(&["plain words".to_owned()]), "text");
    }
}
