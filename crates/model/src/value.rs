use crate::Name;

/// A JSON-like tree: the body of a partial Kubernetes object, whichever tool printed it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing is known, or the source said `null`.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Str(Name),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping, in the source's order.
    Map(Map),
}

/// A small ordered mapping; looked up by scanning, since objects have few keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(pub Vec<(Name, Value)>);

/// What a missing path gives.
static NULL: Value = Value::Null;

impl Map {
    /// The value at `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The value at `key`, made `Null` first if it is not there.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let at = match self.0.iter().position(|(k, _)| k == key) {
            Some(at) => at,
            None => {
                self.0.push((Name::from(key), Value::Null));
                self.0.len() - 1
            }
        };
        &mut self.0[at].1
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.0.iter().map(|(k, v)| (k, v))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Value {
    /// A text value.
    #[must_use]
    pub fn str(text: &str) -> Self {
        Self::Str(Name::from(text))
    }

    /// The value at a dotted path such as `spec.template.spec`; `Null` where there is none.
    /// A part that is a number indexes a list. For keys that hold dots use [`Value::get`].
    #[must_use]
    pub fn at(&self, path: &str) -> &Value {
        path.split('.').fold(self, |value, part| match value {
            Value::List(list) => part.parse().ok().and_then(|i: usize| list.get(i)).unwrap_or(&NULL),
            other => other.get(part),
        })
    }

    /// The value at one key, which may hold dots; `Null` where there is none.
    #[must_use]
    pub fn get(&self, key: &str) -> &Value {
        match self {
            Value::Map(map) => map.get(key).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// Sets the value at a dotted path, making maps on the way.
    pub fn set(&mut self, path: &str, value: Value) {
        let mut here = self;
        for part in path.split('.') {
            here = here.entry(part);
        }
        *here = value;
    }

    /// The value at one key for writing; turns anything but a map into one.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        if !matches!(self, Value::Map(_)) {
            *self = Value::Map(Map::default());
        }
        match self {
            Value::Map(map) => map.entry(key),
            _ => unreachable!("made a map above"),
        }
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The text, or `""`.
    #[must_use]
    pub fn text(&self) -> &str {
        self.as_str().unwrap_or("")
    }

    /// The shared text, if it is one.
    #[must_use]
    pub fn as_name(&self) -> Option<&Name> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number; also from a text that is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            Value::Float(number) if number.fract() == 0.0 => Some(*number as i64),
            Value::Str(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A truth value; also from the texts `true` and `false`.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            Value::Str(text) => match text.as_str() {
                "true" | "True" => Some(true),
                "false" | "False" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of a list; nothing for anything else.
    #[must_use]
    pub fn list(&self) -> &[Value] {
        match self {
            Value::List(list) => list,
            _ => &[],
        }
    }

    /// Keys and values of a map; nothing for anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&Name, &Value)> {
        match self {
            Value::Map(map) => map.0.as_slice(),
            _ => &[],
        }
        .iter()
        .map(|(k, v)| (k, v))
    }

    /// Any scalar as a person would write it; maps and lists in a short flow form.
    #[must_use]
    pub fn show(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Str(text) => text.to_string(),
            Value::List(list) => {
                let items: Vec<_> = list.iter().map(Value::show).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(map) => {
                let items: Vec<_> = map.iter().map(|(k, v)| format!("{k}: {}", v.show())).collect();
                format!("{{{}}}", items.join(", "))
            }
        }
    }

    /// Fills in what is unknown here from `other`: maps are merged key by key, a scalar or a
    /// list that is known here stays.
    pub fn fill_from(&mut self, other: &Value) {
        match (&mut *self, other) {
            (Value::Null, other) => *self = other.clone(),
            (Value::Map(mine), Value::Map(theirs)) => {
                for (key, value) in theirs.iter() {
                    mine.entry(key).fill_from(value);
                }
            }
            _ => {}
        }
    }
}
