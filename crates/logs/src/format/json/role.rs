//! What a member of a record is to it, by its key and where it stands.

/// What a member may tell: each with its rank, 0 the surest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) time: Option<u8>,
    pub(super) level: Option<u8>,
    pub(super) message: Option<u8>,
    pub(super) error: Option<u8>,
    pub(super) more: More,
}

/// What else a member may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum More {
    #[default]
    Nothing,
    /// Nanoseconds that another member's seconds lack.
    Nanos,
    /// The message of a GELF record.
    Gelf,
    /// The line that Docker's json-file wraps.
    Wrapped,
    /// The stream that it was written to.
    Stream,
    /// A stack trace, if it has several lines.
    Stack,
    /// The name of an attribute of OTLP, whose value stands beside it.
    AttributeName,
    /// The value of an attribute of OTLP.
    AttributeValue,
}

impl Role {
    fn of(parent: &str, key: &str, depth: usize) -> Self {
        let mut role = Self { time: time_rank(parent, key, depth), ..Self::default() };
        if matches!(key, "nanoOfSecond" | "nanos") {
            role.more = More::Nanos;
        }
        // OTLP keeps its records deep inside resources and scopes.
        if depth > 4 && !matches!(parent, "logRecords" | "body") {
            return role;
        }
        role.level = level_rank(parent, key);
        if key == "short_message" {
            role.more = More::Gelf;
        }
        // Names of ECS (`error.stack_trace`), OpenTelemetry (`exception.stacktrace`), logstash's and GCP's encoders
        // (`stack_trace`), pino and bunyan (`err.stack`), zap (`stacktrace`), Python's (`exc_info`), Serilog (`@x`).
        const STACKS: &[&str] = &[
            "stack_trace",
            "stacktrace",
            "stackTrace",
            "StackTrace",
            "stack",
            "error.stack_trace",
            "error.stack",
            "exception.stacktrace",
            "exc_info",
            "exc_text",
            "@x",
        ];
        match (parent, key) {
            (_, "key") if depth > 1 => role.more = More::AttributeName,
            ("value", "stringValue") => role.more = More::AttributeValue,
            ("" | "error" | "err" | "exception" | "exc" | "fields" | "attributes" | "data" | "jsonPayload", _)
                if STACKS.contains(&key) =>
            {
                role.more = More::Stack;
            }
            _ => {}
        }
        if depth == 1 {
            match key {
                "log" => role.more = More::Wrapped,
                "stream" => role.more = More::Stream,
                _ => {}
            }
        }
        let inside =
            matches!(parent, "fields" | "jsonPayload" | "body" | "payload" | "data" | "attributes" | "protoPayload");
        if depth > 1 && !inside && !(parent == "error" && key == "message") {
            return role;
        }
        const MESSAGES: &[&str] = &[
            "msg",
            "message",
            "@m",
            "@mt",
            "@message",
            "event",
            "textPayload",
            "MESSAGE",
            "short_message",
            "stringValue",
            "body",
        ];
        const ERRORS: &[&str] = &["error", "err", "exception", "error.message", "stack_trace", "stack", "@x"];
        if parent != "error" {
            role.message = rank(MESSAGES, key).map(|r| r + u8::from(depth > 1) * 20);
        }
        if depth == 1 {
            role.error = rank(ERRORS, key);
        }
        role
    }
}

/// Roles that were found before: the records of a log have few different keys.
#[derive(Debug, Default)]
pub(in crate::format) struct Roles(Vec<Known>);

#[derive(Clone, Debug, Default)]
struct Known {
    parent: String,
    key: String,
    depth: usize,
    role: Role,
}

/// Roles that are remembered.
const MOST: usize = 256;
/// Longer keys are looked at each time.
const LONGEST: usize = 64;

impl Roles {
    pub(super) fn of(&mut self, parent: &str, key: &str, depth: usize) -> Role {
        if key.len() > LONGEST || parent.len() > LONGEST {
            return Role::of(parent, key, depth);
        }
        if self.0.is_empty() {
            self.0.resize(MOST, Known::default());
        }
        let (words, rest) = key.as_bytes().as_chunks::<8>();
        let last = rest.iter().fold(key.len() as u64, |sum, b| sum << 8 | u64::from(*b));
        let sum = words.iter().fold(last, |sum, w| sum.wrapping_mul(31) ^ u64::from_le_bytes(*w));
        let place = (sum ^ (parent.len() + depth) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        let known = &mut self.0[place as usize % MOST];
        // Most members have no parent, and to compare nothing with nothing costs more than the rest.
        let beneath = parent.len() == known.parent.len() && (parent.is_empty() || parent == known.parent);
        if !(beneath && known.depth == depth && known.key == key) {
            known.parent.clear();
            known.parent.push_str(parent);
            known.key.clear();
            known.key.push_str(key);
            known.depth = depth;
            known.role = Role::of(parent, key, depth);
        }
        known.role
    }
}

fn rank(keys: &[&str], key: &str) -> Option<u8> {
    keys.iter().position(|k| *k == key).and_then(|i| u8::try_from(i).ok())
}

/// How sure it is that a key holds the record's time: 0 the most.
pub(super) fn time_rank(parent: &str, key: &str, depth: usize) -> Option<u8> {
    const KEYS: &[&str] = &[
        "@timestamp",
        "timestamp",
        "time",
        "ts",
        "@t",
        "t",
        "datetime",
        "asctime",
        "__REALTIME_TIMESTAMP",
        "_time",
        "eventTime",
        "requestReceivedTimestamp",
        "timeUnixNano",
        "timeMillis",
        "epochSecond",
        "$date",
        "seconds",
        "date",
        "start_time",
        "startTime",
        "StartUTC",
        "EdgeStartTimestamp",
        "time_local",
        "time_iso8601",
        "lastTimestamp",
        "stageTimestamp",
        "observedTimeUnixNano",
        "receiveTimestamp",
        "created",
        "createdAt",
        "created_at",
        "creationTimestamp",
    ];
    let known = match key {
        // Only within what is named as a time.
        "$date" | "epochSecond" | "seconds" => (parent == "instant" || KEYS.contains(&parent)).then_some(0),
        "t" | "created" if depth > 1 => None,
        _ => KEYS.iter().position(|k| k.eq_ignore_ascii_case(key)),
    };
    let fuzzy = || {
        let bytes = key.as_bytes();
        let ends = |end: &str| {
            bytes.len() >= end.len() && bytes[bytes.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
        };
        (depth <= 2 && (ends("timestamp") || ends("time") || ends("date") || ends("_at") || ends("_ts"))).then_some(40)
    };
    let rank = u8::try_from(known.or_else(fuzzy)?).ok()?;
    Some(rank.saturating_add(u8::try_from(depth.saturating_sub(1) * 8).unwrap_or(u8::MAX)))
}

pub(super) fn level_rank(parent: &str, key: &str) -> Option<u8> {
    const KEYS: &[&str] = &[
        "level",
        "severity",
        "lvl",
        "log.level",
        "levelname",
        "@l",
        "@level",
        "s",
        "severityText",
        "SeverityText",
        "severityNumber",
        "loglevel",
        "log_level",
        "LogLevel",
        "PRIORITY",
        "error_severity",
    ];
    let inside = matches!(parent, "" | "log" | "jsonPayload" | "logRecords" | "data" | "attributes");
    rank(KEYS, key).filter(|_| inside)
}
