//! One id in the writings of several tracers, found as a whole word.

use aho_corasick::AhoCorasick;

/// An id to look for.
///
/// A trace of 128 bits is written by OpenTelemetry as 32 hexadecimal digits, by AWS X-Ray as `1-` and the same digits parted after
/// eight, by B3 and Zipkin also as the last 16 of them, and by Datadog as the decimal number of those.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    forms: AhoCorasick,
    /// It is digits of a tracer, which other parts may follow behind a dash: `00-TRACE-SPAN-01`.
    hex: bool,
}

impl Identity {
    pub(super) fn new(id: &str) -> Self {
        let id = id.trim();
        let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
        let plain: String = match id.strip_prefix("1-").and_then(|rest| rest.split_once('-')) {
            Some((time, rest)) if time.len() == 8 && rest.len() == 24 => format!("{time}{rest}"),
            _ => id.to_owned(),
        };
        let mut forms = vec![id.to_owned()];
        let hex = matches!(plain.len(), 16 | 32) && is_hex(&plain);
        if hex && plain.len() == 32 {
            forms.push(format!("1-{}-{}", &plain[..8], &plain[8..]));
            forms.push(plain[16..].to_owned());
        }
        if hex {
            // Sixteen digits may be a span too, which Datadog also writes as a decimal number.
            forms.extend(u64::from_str_radix(&plain[plain.len() - 16..], 16).ok().map(|low| low.to_string()));
        } else if (17..=20).contains(&plain.len())
            && let Ok(number) = plain.parse::<u64>()
        {
            forms.push(format!("{number:016x}"));
        }
        forms.push(plain);
        forms.sort();
        forms.dedup();
        let forms = AhoCorasick::builder().ascii_case_insensitive(true).build(forms).expect("a few short words");
        Self { forms, hex }
    }

    /// Whether it stands in a text as a word of its own, or as the end of a trace id that is given in full.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let parts = |at: Option<usize>| match at.and_then(|at| bytes.get(at)) {
            Some(b'-') => self.hex,
            Some(b) => b.is_ascii() && !b.is_ascii_alphanumeric() && *b != b'_',
            None => true,
        };
        self.forms.find_overlapping_iter(text).any(|found| {
            let from = found.start();
            let ends_trace = self.hex
                && found.len() == 16
                && from >= 16
                && bytes[from - 16..from].iter().all(u8::is_ascii_hexdigit)
                && parts(from.checked_sub(17));
            (parts(from.checked_sub(1)) || ends_trace) && parts(Some(found.end()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, hits: &[&str], misses: &[&str]) {
        let identity = Identity::new(id);
        for text in hits {
            assert!(identity.is_in(text), "{id} in {text}");
        }
        for text in misses {
            assert!(!identity.is_in(text), "{id} in {text}");
        }
    }

    #[test]
    fn a_trace_is_found_in_the_writing_of_each_tracer() {
        let writings = [
            "traceparent: 00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
            "trace_id=5759E988BD862E3FE1BE46A994272793",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
            "x-b3-traceid: e1be46a994272793",
            // The last 16 digits as a decimal number.
            "dd.trace_id=16266516598257821587 dd.span_id=1",
        ];
        let misses = ["5759e988bd862e3fe1be46a9942727931", "a5759e988bd862e3fe1be46a994272793", "e1be46a99427279", ""];
        check("5759e988bd862e3fe1be46a994272793", &writings, &misses);
        check("1-5759e988-bd862e3fe1be46a994272793", &writings, &misses);
        check("16266516598257821587", &writings[3..], &misses);
        check("e1be46a994272793", &writings[..2], &misses);
    }

    #[test]
    fn a_name_is_a_whole_word() {
        let hits = ["pod api-7 restarted", "api-7", "[api-7]", "http://api-7:80/", "api-7.shop.svc", "(api-7)"];
        check("api-7", &hits, &["api-70", "my-api-7", "api-7-x2k4", "api_7", "éapi-7", "api-7é"]);
        check("7", &["id=7", "7 of 9"], &["77", "v7"]);
    }
}
