//! The machine: kernel, init, syslog, audit, Windows, and Kubernetes' own components.

use super::Format;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "klog",
        sample: "E1124 10:00:01.123456       1 reflector.go:140] failed to list *v1.Node: connection refused",
        is: |l| {
            let b = l.as_bytes();
            b.len() > 21 && b"IWEF".contains(&b[0]) && b[1..5].iter().all(u8::is_ascii_digit) && l.contains("] ")
        },
    },
    Format {
        name: "auditd",
        sample: "type=AVC msg=audit(1795514401.123:7): avc:  denied  { read } for  pid=7 comm=\"pay\" name=\"key\"",
        is: |l| l.contains(" msg=audit("),
    },
    Format {
        name: "windows-event-xml",
        sample: "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Pay'/><EventID>7</EventID><Level>2</Level><TimeCreated SystemTime='2026-11-24T10:00:01.123Z'/><Computer>web-1</Computer></System></Event>",
        is: |l| l.starts_with("<Event") || l.starts_with("<Events>"),
    },
    Format {
        name: "journald-export",
        sample: "__CURSOR=s=7\n__REALTIME_TIMESTAMP=1795514401123456\nPRIORITY=3\nSYSLOG_IDENTIFIER=pay\nMESSAGE=payment refused\n",
        is: |l| {
            l.split_once('=').is_some_and(|(key, _)| {
                key.len() > 3 && key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            })
        },
    },
    Format {
        name: "syslog-rfc5424",
        sample: "<11>1 2026-11-24T10:00:01.123Z web-1 pay 7 ID47 - payment refused",
        is: |l| l.starts_with('<') && l.get(1..8).is_some_and(|h| h.contains(">1 ")),
    },
    Format {
        name: "syslog",
        sample: "<11>Nov 24 10:00:01 web-1 pay[7]: payment refused",
        is: |l| {
            let l = l.split_once('>').filter(|(p, _)| p.starts_with('<') && p.len() < 5).map_or(l, |(_, l)| l);
            let b = l.as_bytes();
            b.len() > 16 && b[0].is_ascii_uppercase() && b[3] == b' ' && b[9] == b':' && b[12] == b':' && b[15] == b' '
        },
    },
    Format {
        name: "dmesg",
        sample: "[   12.345678] EXT4-fs error (device sda1): ext4_find_entry:1455: inode #7: comm pay: reading directory lblock 0",
        is: |l| {
            let inner = l.strip_prefix('[').and_then(|r| r.split_once(']'));
            inner.is_some_and(|(t, _)| t.contains('.') && t.trim().parse::<f64>().is_ok())
        },
    },
];
