//! What container runtimes and collectors of output put around the lines of programs.

use super::Format;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "docker-json",
        sample: r#"{"log":"ERROR payment refused\n","stream":"stderr","time":"2026-11-24T10:00:01.123456789Z"}"#,
        is: |l| l.starts_with("{\"log\":") && l.contains("\"stream\":"),
    },
    Format {
        name: "cri",
        sample: "2026-11-24T10:00:01.123456789Z stderr F ERROR payment refused",
        is: |l| {
            [" stdout F", " stderr F", " stdout P", " stderr P"].iter().any(|m| l.find(m).is_some_and(|at| at < 40))
        },
    },
    Format {
        name: "compose",
        sample: "pay-1  | 2026-11-24 10:00:01 ERROR payment refused",
        is: |l| super::super::carrier::compose_prefix(l).is_some(),
    },
    Format {
        name: "kubectl-prefix",
        sample: "[pod/pay-7c9f/app] 2026-11-24T10:00:01.123456789Z ERROR payment refused",
        is: |l| l.starts_with("[pod/"),
    },
];
