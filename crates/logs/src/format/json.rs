//! What a record says that is a JSON object: read in one pass, without building it.

mod role;
mod walk;

use super::moment::Moment;
use super::notation::{self, Orders};
use super::severity;
use crate::Level;
pub(super) use role::Roles;
use role::{More, Role, level_rank, time_rank};
use walk::Walk;
pub(super) use walk::{Value, member, unescape};

/// What is taken from a record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record<'a> {
    pub(super) time: Option<Moment>,
    pub(super) level: Option<Level>,
    pub(super) message: Option<Value<'a>>,
    pub(super) error: Option<Value<'a>>,
    /// A stack trace, with its escapes.
    pub(super) stack: Option<&'a str>,
    /// The line that Docker's json-file wraps.
    pub(super) wrapped: Option<&'a str>,
    /// Docker's json-file says that it was written to standard error.
    pub(super) stderr: bool,
    time_rank: u8,
    level_rank: u8,
    message_rank: u8,
    error_rank: u8,
    nanos: Option<u32>,
    is_gelf: bool,
    /// The attribute whose value comes is a stack trace.
    names_stack: bool,
    number: Option<i64>,
}

/// Reads a line that is one JSON object and nothing else.
pub(super) fn read<'a>(text: &'a str, orders: Orders, roles: &mut Roles) -> Option<Record<'a>> {
    let text = text.trim();
    if !(text.starts_with('{') && text.ends_with('}')) {
        return None;
    }
    let mut record = Record::default();
    let mut walk = Walk::new(text);
    walk.object("", 1, &mut |parent, key, depth, value| {
        record.member(roles.of(parent, key, depth), key, value, orders);
    })?;
    if walk.at != text.len() {
        return None;
    }
    if let (Some(Moment::Instant(seconds, 0)), Some(nanos)) = (record.time, record.nanos) {
        record.time = Some(Moment::Instant(seconds, nanos));
    }
    if record.level.is_none()
        && let (true, Some(number)) = (record.is_gelf, record.number)
    {
        record.level = Some(severity::syslog(number));
    }
    Some(record)
}

/// The key, the value and their rank as a time of `"key": "value",`, a line of a pretty-printed object.
pub(super) fn time_of_member(line: &str, parent: &str, orders: Orders) -> Option<(u8, Moment)> {
    let (key, value) = member(line)?;
    let rank = time_rank(parent, key, 1)?;
    Some((rank, moment(value, orders)?))
}

/// The level of a line of a pretty-printed object.
pub(super) fn level_of_member(line: &str) -> Option<Level> {
    let (key, value) = member(line)?;
    level_rank("", key)?;
    match value {
        Value::Text(text) => severity::word(text),
        Value::Bare(_) | Value::Nested(_) => None,
    }
}

impl<'a> Record<'a> {
    fn member(&mut self, role: Role, key: &str, value: Value<'a>, orders: Orders) {
        if role == Role::default() {
            return;
        }
        if let Some(rank) = role.time
            && (self.time.is_none() || rank < self.time_rank)
            && let Some(moment) = moment(value, orders)
        {
            self.time = Some(moment);
            self.time_rank = rank;
        }
        match (role.more, value) {
            (More::Nanos, Value::Bare(number)) => self.nanos = number.parse().ok().filter(|n| *n < 1_000_000_000),
            (More::Gelf, _) => self.is_gelf = true,
            (More::Wrapped, Value::Text(text)) => self.wrapped = Some(text),
            (More::Stream, Value::Text("stderr")) => self.stderr = true,
            (More::AttributeName, Value::Text(name)) => self.names_stack = name == "exception.stacktrace",
            (More::AttributeValue, Value::Text(text)) if self.names_stack => self.see_stack(text),
            (More::Stack, Value::Text(text)) => self.see_stack(text),
            _ => {}
        }
        if let Some(rank) = role.level
            && (self.level.is_none() || rank < self.level_rank)
            && let Some(level) = self.level_of(key, value)
        {
            self.level = Some(level);
            self.level_rank = rank;
        }
        // An object in place of a message holds it, mostly.
        let add = u8::from(matches!(value, Value::Nested(_))) * 40;
        if let Some(rank) = role.message.map(|r| r + add)
            && (self.message.is_none() || rank < self.message_rank)
        {
            self.message = Some(value);
            self.message_rank = rank;
        }
        if let Some(rank) = role.error
            && (self.error.is_none() || rank < self.error_rank)
        {
            self.error = Some(value);
            self.error_rank = rank;
        }
    }

    /// One line is no trace: some name other things so.
    fn see_stack(&mut self, text: &'a str) {
        if self.stack.is_none() && text.contains("\\n") {
            self.stack = Some(text);
        }
    }

    fn level_of(&mut self, key: &str, value: Value<'_>) -> Option<Level> {
        match value {
            Value::Text(text) => severity::word(text).or_else(|| severity::number(key.as_bytes(), text.parse().ok()?)),
            Value::Bare(number) => {
                let number: i64 = number.parse().ok()?;
                if (0..8).contains(&number) && key == "level" {
                    // Syslog's numbers where it is GELF; others count from 0 upwards.
                    self.number = Some(number);
                    return None;
                }
                severity::number(key.as_bytes(), number)
            }
            Value::Nested(_) => None,
        }
    }
}

fn moment(value: Value<'_>, orders: Orders) -> Option<Moment> {
    match value {
        Value::Nested(_) => None,
        Value::Bare(text) | Value::Text(text) => {
            let bytes = text.as_bytes();
            let from = bytes.iter().take_while(|b| matches!(b, b'[' | b' ')).count();
            if let Some(found) = notation::read(bytes, from, orders)
                && !matches!(found.moment, Moment::Clock(_))
            {
                return Some(found.moment);
            }
            // `1.7615e+09`.
            if matches!(value, Value::Bare(_)) && bytes.iter().any(|b| matches!(b, b'e' | b'E')) {
                let seconds: f64 = text.parse().ok()?;
                let known = (1e9..2.1e9).contains(&seconds);
                return known.then_some(Moment::Instant(seconds as i64, (seconds.fract() * 1e9) as u32));
            }
            None
        }
    }
}

#[cfg(test)]
mod tests;
