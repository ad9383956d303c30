//! What many writers have in common.

use super::Format;
use crate::format::notation::{self, Orders};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "logfmt",
        sample: "time=\"2026-11-24T10:00:01Z\" level=error msg=\"payment refused\" order=7",
        is: |l| l.split(' ').take(3).filter(|w| w.contains('=')).count() >= 2,
    },
    Format {
        name: "bracketed",
        sample: "[2026-11-24 10:00:01,123] ERROR payment refused",
        is: |l| l.starts_with('[') && l.as_bytes().get(1).is_some_and(u8::is_ascii_digit),
    },
    Format {
        name: "timestamped",
        sample: "2026-11-24 10:00:01 payment refused",
        is: |l| {
            l.as_bytes().first().is_some_and(u8::is_ascii_digit)
                && notation::read(l.as_bytes(), 0, Orders { long: None, short: None }).is_some()
        },
    },
];
