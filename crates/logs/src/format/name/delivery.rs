//! Builds, roll-outs and the tools that change machines.

use super::{Format, after, dated};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "github-actions",
        sample: "2026-11-24T10:00:01.1230000Z ##[group]Run make test\n2026-11-24T10:00:02.1230000Z ##[error]Process completed with exit code 2.",
        is: |l| {
            l.contains("Z ##[")
                || dated(l)
                    && after(l, "Z ", 28).is_some()
                    && l.as_bytes().get(27) == Some(&b'Z')
                    && l.as_bytes()[10] == b'T'
                    && l.as_bytes().get(26) == Some(&b'0')
        },
    },
    Format {
        name: "gitlab-job",
        sample: "section_start:1795514401:prepare_executor\r\u{1b}[0K\u{1b}[0;m\nsection_end:1795514402:prepare_executor\r\u{1b}[0K\u{1b}[31;1mERROR: Job failed: exit code 1",
        is: |l| l.starts_with("section_start:") || l.starts_with("section_end:"),
    },
    Format {
        name: "jenkins",
        sample: "[2026-11-24T10:00:01.123Z] + make test\n[Pipeline] }\n[2026-11-24T10:00:02.123Z] make: *** [test] Error 2",
        is: |l| l.starts_with("[Pipeline]") || l.starts_with("[20") && after(l, "Z] ", 26).is_some(),
    },
    Format {
        name: "terraform",
        sample: "aws_instance.web: Creating...\n\u{2577}\n\u{2502} Error: creating EC2 Instance: InsufficientInstanceCapacity\n\u{2575}",
        is: |l| {
            l.starts_with(['\u{2577}', '\u{2502}', '\u{2575}'])
                || l.ends_with(": Creating...")
                || l.contains(": Still creating...")
        },
    },
    Format {
        name: "ansible",
        sample: "TASK [pay : start the service] *****************\nfatal: [web-1]: FAILED! => {\"changed\": false, \"msg\": \"Unable to start service pay\"}",
        is: |l| {
            [
                "TASK [",
                "PLAY [",
                "PLAY RECAP",
                "ok: [",
                "changed: [",
                "fatal: [",
                "skipping: [",
                "failed: [",
                "RUNNING HANDLER [",
            ]
            .iter()
            .any(|p| l.starts_with(p))
        },
    },
    Format {
        name: "strace",
        sample: "10:00:01.123456 openat(AT_FDCWD, \"/etc/pay.conf\", O_RDONLY) = -1 ENOENT (No such file or directory)",
        is: |l| {
            let call = l.rsplit_once(") = ").or_else(|| l.rsplit_once(" = "));
            call.is_some_and(|(head, result)| {
                head.contains('(') && result.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '?')
            }) || l.contains("+++ exited with ")
                || l.contains(" <unfinished ...>")
        },
    },
];
