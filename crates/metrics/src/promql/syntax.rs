use regex::Regex;

use super::Labels;

/// An expression.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// A vector of the newest samples.
    Instant(Selector),
    /// The samples of the last milliseconds.
    Range(Selector, i64),
    /// A function of its arguments.
    Call(String, Vec<Expr>),
    /// `sum by (…) (…)`.
    Aggregate {
        /// `sum`, `max`, …
        operator: String,
        /// Which labels stay.
        grouping: Grouping,
        /// What is summed.
        of: Box<Expr>,
    },
    /// `a > b`.
    Binary {
        /// The operator.
        operator: Operator,
        /// How samples of both sides find each other.
        matching: Matching,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `-a`.
    Negative(Box<Expr>),
}

/// Which labels an aggregation keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// These.
    By(Vec<String>),
    /// All but these and the name.
    Without(Vec<String>),
}

/// An operator of two sides; the later, the tighter it binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Both, or the right where the left is silent.
    Or,
    /// The left where the right has it too.
    And,
    /// The left where the right has it not.
    Unless,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `^`
    Power,
}

impl Operator {
    /// How tightly it binds.
    pub(super) fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Equal | Self::NotEqual | Self::Greater | Self::GreaterEqual | Self::Less | Self::LessEqual => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Modulo => 5,
            Self::Power => 6,
        }
    }

    /// Whether it compares, and so filters.
    #[must_use]
    pub fn compares(self) -> bool {
        self.binding() == 3
    }

    /// Whether it joins sets.
    #[must_use]
    pub fn joins(self) -> bool {
        self.binding() < 3
    }
}

/// How samples of both sides of an operator find each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// `on (…)`: these labels only; else all but the name and `ignoring`.
    pub on: Option<Vec<String>>,
    /// `ignoring (…)`.
    pub ignoring: Vec<String>,
    /// `group_left (…)`: many on the left to one on the right, with these labels of the right.
    pub group_left: Option<Vec<String>>,
}

/// `name{label="value"} offset 5m`.
#[derive(Clone, Debug)]
pub struct Selector {
    /// The metric's name, if it is written as one.
    pub name: Option<String>,
    /// What the labels have to be.
    pub matchers: Vec<Matcher>,
    /// Milliseconds that it looks back further.
    pub offset: i64,
    /// Its place among the selectors of its expression.
    pub(super) number: usize,
}

/// What one label has to be; a label that is not there is the empty text.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// The value or pattern as it stands.
    pub value: String,
    /// The pattern of `=~` and `!~`, anchored.
    pub(super) pattern: Option<Regex>,
    /// `!=` or `!~`.
    pub negated: bool,
}

impl Matcher {
    /// Whether the value is a pattern (`=~`, `!~`).
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        self.pattern.is_some()
    }
}

impl Selector {
    /// Whether a series is meant.
    #[must_use]
    pub fn takes(&self, labels: &Labels) -> bool {
        let value = |label: &str| labels.get(label).map_or("", String::as_str);
        let named = self.name.as_ref().is_none_or(|name| name == value(super::NAME));
        named
            && self.matchers.iter().all(|m| {
                let value = value(&m.label);
                m.pattern.as_ref().map_or(m.value == value, |p| p.is_match(value)) != m.negated
            })
    }
}

impl Expr {
    /// Calls a function with every selector in it, in order, with the milliseconds of its range (0 without one).
    pub fn selectors(&self) -> Vec<(&Selector, i64)> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<(&'a Selector, i64)>) {
        match self {
            Self::Number(_) => {}
            Self::Instant(selector) => found.push((selector, 0)),
            Self::Range(selector, range) => found.push((selector, *range)),
            Self::Call(_, arguments) => arguments.iter().for_each(|a| a.collect(found)),
            Self::Aggregate { of, .. } | Self::Negative(of) => of.collect(found),
            Self::Binary { left, right, .. } => {
                left.collect(found);
                right.collect(found);
            }
        }
    }

    /// The names of the metrics that it reads, each once, in order.
    #[must_use]
    pub fn metrics(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.selectors().iter().filter_map(|(s, _)| s.name.as_deref()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
