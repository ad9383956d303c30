//! A shape: the messages that differ only in what varies by its notation.

use super::mask::{Kind, Part, is_separator};
use super::merge::Piece;
use super::values::Variable;

/// All of the first lines of a shape are looked at for values.
const ALL: u64 = 64;
/// Of later ones, one of so many.
const SAMPLE: u64 = 128;
/// A longer value is no constant.
const LONGEST_CONSTANT: usize = 48;
/// A longer example is cut.
const LONGEST_EXAMPLE: usize = 400;

/// Bytes that the values of a place may come to take.
const SIZE_OF_VALUES: usize = 1 << 10;

/// What is known of a shape.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) count: u64,
    pub(super) pieces: Vec<Piece>,
    pub(super) marks: Vec<Mark>,
    /// The first message, or of merged miners the least one.
    pub(super) example: Box<str>,
    /// Marks that had one value so far.
    fixed: usize,
    /// It stands for messages of many shapes: nothing is known of values.
    is_rest: bool,
}

/// A place that varies.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) values: Variable,
    /// The only value so far, none when there were several.
    pub(super) only: Option<Box<[u8]>>,
}

impl Shape {
    pub(super) fn new(message: &str, parts: &[Part]) -> Self {
        let piece = |p: &Part| match p.kind {
            Kind::Mark => None,
            Kind::Blank => Some(" ".into()),
            // Parts begin and end at ASCII bytes or at the ends of words, hence at characters.
            Kind::Word | Kind::Separator => Some(message.get(p.span()).unwrap_or_default().into()),
        };
        let only = |p: &Part| {
            let value = &message.as_bytes()[p.span()];
            (value.len() <= LONGEST_CONSTANT).then(|| value.into())
        };
        let marks = parts.iter().filter(|p| p.kind == Kind::Mark);
        let marks: Vec<Mark> = marks.map(|p| Mark { values: Variable::default(), only: only(p) }).collect();
        let example = message[..message.floor_char_boundary(LONGEST_EXAMPLE)].into();
        let fixed = marks.iter().filter(|m| m.only.is_some()).count();
        Self { count: 0, pieces: parts.iter().map(piece).collect(), marks, example, fixed, is_rest: false }
    }

    /// What stays where there is no room for a shape of its own: its first word, if it is `named` by that, and anything.
    pub(super) fn into_rest(self, named: bool) -> Self {
        let word = self.first_word().filter(|_| named).map(Box::from);
        let mut pieces: Vec<Piece> = Vec::new();
        if let Some(word) = word {
            pieces.extend([Some(word), Some(" ".into())]);
        }
        pieces.push(None);
        let marks = vec![Mark { values: Variable::default(), only: None }];
        Self { pieces, marks, fixed: 0, is_rest: true, ..self }
    }

    /// The word that it begins with.
    pub(super) fn first_word(&self) -> Option<&str> {
        self.pieces.first()?.as_deref().filter(|text| !is_separator(text))
    }

    /// Bytes that it takes, about.
    pub(super) fn size(&self) -> usize {
        let text: usize = self.pieces.iter().flatten().map(|text| text.len()).sum();
        text + self.pieces.len() * size_of::<Piece>()
            + self.marks.len() * (size_of::<Mark>() + SIZE_OF_VALUES)
            + self.example.len()
    }

    /// One more message of this shape.
    pub(super) fn see(&mut self, message: &str, parts: &[Part]) {
        self.count += 1;
        let sampled = self.count <= ALL || self.count.is_multiple_of(SAMPLE);
        if self.is_rest || !sampled && self.fixed == 0 {
            return;
        }
        for (mark, part) in self.marks.iter_mut().zip(parts.iter().filter(|p| p.kind == Kind::Mark)) {
            let value = &message.as_bytes()[part.span()];
            if mark.only.as_deref().is_some_and(|only| only != value) {
                mark.only = None;
                self.fixed -= 1;
            }
            if sampled && let Some(value) = message.get(part.span()) {
                mark.values.see(value);
            }
        }
    }

    /// Adds what another miner saw of this shape.
    pub(super) fn absorb(&mut self, other: Self) {
        self.count += other.count;
        for (mark, theirs) in self.marks.iter_mut().zip(other.marks) {
            mark.values.absorb(&theirs.values);
            if mark.only != theirs.only {
                mark.only = None;
            }
        }
        self.fixed = self.marks.iter().filter(|m| m.only.is_some()).count();
        if other.example < self.example {
            self.example = other.example;
        }
    }
}
