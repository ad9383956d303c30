//! Lines in, templates out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::header::Layout;
use super::mask::{Kind, Parts};
use super::merge::{Piece, merge};
use super::shape::{Mark, Shape};
use super::values::{ValueType, Variable};

/// Lines from which the header is learned.
const HEAD: usize = 1000;
/// Bytes of them that are held.
const HEAD_BYTES: usize = 4 << 20;
/// Shapes that are kept apart. With what is known of each this stays within some 80 MB; later ones share by first word.
const MOST_SHAPES: usize = 20_000;
/// First words that later shapes are told apart by.
const MOST_RESTS: usize = 1000;

/// Mines the templates of one log, line by line.
///
/// A miner holds the first lines until it has learned the header, and from then on what it knows of shapes.
#[derive(Debug, Default)]
pub struct Miner {
    layout: Option<Layout>,
    head: Vec<Box<str>>,
    head_bytes: usize,
    parts: Parts,
    /// Fingerprint of a shape to its place.
    known: FxHashMap<u64, u32>,
    shapes: Vec<(u64, Shape)>,
    /// The shape of each line, where that was asked for.
    lines: Option<Vec<u32>>,
    /// Shapes that are kept apart, where that is fewer than [`MOST_SHAPES`].
    most: Option<usize>,
}

impl Miner {
    /// A miner of templates and counts.
    pub fn new() -> Self {
        Self::default()
    }

    /// A miner that also remembers the template of each line, at four bytes a line.
    pub fn with_lines() -> Self {
        Self { lines: Some(Vec::new()), ..Self::default() }
    }

    /// A miner for messages that come through [`Self::learn`] and [`Self::kind`].
    pub(crate) fn of_at_most(most: usize) -> Self {
        Self { most: Some(most), ..Self::default() }
    }

    /// Learns the header from some first messages.
    pub(crate) fn learn<'a>(&mut self, head: impl Iterator<Item = &'a str>) {
        self.layout = Some(Layout::infer(head));
    }

    /// Takes a message: the number of its kind (see [`Mined::kinds`]), and the message without its header.
    pub(crate) fn kind<'m>(&mut self, line: &'m str) -> (u32, &'m str) {
        let message = &line[self.layout.as_ref().map_or(0, |l| l.message(line))..];
        (self.take_message(message), message)
    }

    /// What stands at the places that vary in the message that was taken last.
    pub(crate) fn marks<'m>(&self, message: &'m str) -> impl Iterator<Item = &'m str> {
        let marks = self.parts.as_slice().iter().filter(|p| p.kind == Kind::Mark);
        marks.map(|p| message.get(p.start..p.end).unwrap_or_default())
    }

    /// Takes the next line, without its line break.
    pub fn line(&mut self, line: &str) {
        if self.layout.is_some() {
            return self.take(line);
        }
        self.head_bytes += line.len();
        self.head.push(line.into());
        if self.head.len() >= HEAD || self.head_bytes >= HEAD_BYTES {
            self.begin();
        }
    }

    /// Learns the header and takes the lines that were held.
    fn begin(&mut self) {
        let head = std::mem::take(&mut self.head);
        self.layout = Some(Layout::infer(head.iter().map(|l| &**l)));
        head.iter().for_each(|l| self.take(l));
    }

    fn take(&mut self, line: &str) {
        let (at, _) = self.kind(line);
        if let Some(lines) = &mut self.lines {
            lines.push(at);
        }
    }

    fn take_message(&mut self, message: &str) -> u32 {
        self.parts.read(message.as_bytes());
        let fingerprint = self.parts.fingerprint(message.as_bytes());
        let at = match self.known.get(&fingerprint) {
            Some(at) => *at,
            None => self.place(message, fingerprint),
        };
        if let Some((_, shape)) = self.shapes.get_mut(at as usize) {
            shape.see(message, self.parts.as_slice());
        }
        at
    }

    /// The place of a shape that is new.
    fn place(&mut self, message: &str, mut fingerprint: u64) -> u32 {
        let mut shape = None;
        let most = self.most.unwrap_or(MOST_SHAPES);
        if self.shapes.len() >= most {
            let word = self.parts.as_slice().first().filter(|p| p.kind == Kind::Word).copied();
            let word = word.filter(|_| self.shapes.len() < most + MOST_RESTS);
            let text = word.map_or("", |p| &message[p.start..p.end]);
            fingerprint = text.bytes().fold(0x5bd1_e995, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
            if let Some(at) = self.known.get(&fingerprint) {
                return *at;
            }
            shape = Some(Shape::rest(message, word.as_ref()));
        }
        let shape = shape.unwrap_or_else(|| Shape::new(message, self.parts.as_slice()));
        let at = self.shapes.len() as u32;
        self.known.insert(fingerprint, at);
        self.shapes.push((fingerprint, shape));
        at
    }

    /// Adds what another miner saw. Lines of the other follow those of this one.
    pub fn absorb(&mut self, mut other: Self) {
        for miner in [&mut *self, &mut other] {
            if miner.layout.is_none() {
                miner.begin();
            }
        }
        let mut places = Vec::with_capacity(other.shapes.len());
        for (fingerprint, shape) in other.shapes {
            let at = *self.known.entry(fingerprint).or_insert(self.shapes.len() as u32);
            match self.shapes.get_mut(at as usize) {
                Some((_, mine)) => mine.absorb(shape),
                None => self.shapes.push((fingerprint, shape)),
            }
            places.push(at);
        }
        if let (Some(mine), Some(theirs)) = (&mut self.lines, other.lines) {
            mine.extend(theirs.into_iter().map(|at| places[at as usize]));
        }
    }

    /// Joins shapes to templates.
    pub fn finish(mut self) -> Mined {
        if self.layout.is_none() {
            self.begin();
        }
        let mined = self.mined();
        let lines = self.lines.unwrap_or_default().into_iter().map(|at| mined.kinds[at as usize].template).collect();
        Mined { lines, ..mined }
    }

    /// The templates of what was taken so far.
    pub(crate) fn mined(&self) -> Mined {
        let rows: Vec<&[Piece]> = self.shapes.iter().map(|(_, s)| &*s.pieces).collect();
        let mut groups: BTreeMap<Vec<Piece>, Vec<usize>> = BTreeMap::new();
        for (at, pieces) in merge(&rows).into_iter().enumerate() {
            groups.entry(pieces).or_default().push(at);
        }
        // Templates that read the same are one: so says their id.
        let mut by_text: BTreeMap<String, (Template, Vec<usize>)> = BTreeMap::new();
        for (pieces, members) in groups {
            let shapes: Vec<&Shape> = members.iter().map(|at| &self.shapes[*at].1).collect();
            let template = Template::new(pieces, &shapes);
            match by_text.get_mut(&template.drain()) {
                Some((same, all)) => {
                    same.count += template.count;
                    all.extend(members);
                }
                None => {
                    by_text.insert(template.drain(), (template, members));
                }
            }
        }
        let mut templates: Vec<(Template, Vec<usize>)> = by_text.into_values().collect();
        templates.sort_by_key(|(t, _)| std::cmp::Reverse(t.count));
        let mut kinds: Vec<Placed> = self.shapes.iter().map(|_| Placed::default()).collect();
        for (n, (template, members)) in templates.iter().enumerate() {
            for at in members {
                let sources = template.sources(&self.shapes[*at].1);
                kinds[*at] = Placed { template: n as u32, sources };
            }
        }
        Mined { templates: templates.into_iter().map(|(t, _)| t).collect(), lines: Vec::new(), kinds }
    }
}

/// The templates of a log.
#[derive(Debug)]
pub struct Mined {
    /// The most frequent first, then by text.
    pub templates: Vec<Template>,
    /// The place in `templates` of each line, for a miner with lines.
    pub lines: Vec<u32>,
    /// The template of each kind of message that was told apart.
    pub(crate) kinds: Vec<Placed>,
}

/// A kind of message within its template.
#[derive(Debug, Default)]
pub(crate) struct Placed {
    /// The place in [`Mined::templates`].
    pub(crate) template: u32,
    /// Where each variable of the template has its value in messages of this kind.
    pub(crate) sources: Vec<Source>,
}

/// Where messages of a kind have the value of a variable of their template.
#[derive(Debug)]
pub(crate) enum Source {
    /// At this place that varies, counted from 0.
    Mark(usize),
    /// It is this word in all of them.
    Word(Box<str>),
    /// Nowhere, or among other text.
    Elsewhere,
}

/// A kind of message.
#[derive(Debug)]
pub struct Template {
    pieces: Vec<Piece>,
    /// Lines.
    pub count: u64,
    /// What stands in its places, in order.
    pub variables: Vec<Variable>,
    /// One of its messages.
    pub example: Box<str>,
}

impl Template {
    fn new(mut pieces: Vec<Piece>, shapes: &[&Shape]) -> Self {
        let places: Vec<usize> = (0..pieces.len()).filter(|i| pieces[*i].is_none()).collect();
        let mut variables = Vec::new();
        for (place, i) in places.iter().enumerate() {
            let mut variable = Variable::default();
            let mut only: Vec<Option<&[u8]>> = Vec::new();
            for shape in shapes {
                if shape.pieces.len() == pieces.len() {
                    let before = shape.pieces[..*i].iter().filter(|p| p.is_none()).count();
                    match &shape.pieces[*i] {
                        None => {
                            let Mark { values, only: one } = &shape.marks[before];
                            variable.absorb(values);
                            only.push(one.as_deref());
                        }
                        Some(word) => {
                            variable.see(word);
                            only.push(Some(word.as_bytes()));
                        }
                    }
                } else {
                    // The parts of this shape were joined, or it has no value here.
                    only.push(None);
                    if shape.marks.len() == places.len() {
                        variable.absorb(&shape.marks[place].values);
                    }
                }
            }
            let constant = only.first().copied().flatten().filter(|one| only.iter().all(|o| *o == Some(*one)));
            match constant.and_then(|one| std::str::from_utf8(one).ok()).filter(|one| is_name(one)) {
                Some(name) => pieces[*i] = Some(name.into()),
                None => variables.push(variable),
            }
        }
        let example = shapes.iter().map(|s| &s.example).min().cloned().unwrap_or_default();
        Self { pieces, count: shapes.iter().map(|s| s.count).sum(), variables, example }
    }

    /// Where messages of a shape have the values of the variables.
    fn sources(&self, shape: &Shape) -> Vec<Source> {
        let places = self.pieces.iter().enumerate().filter(|(_, p)| p.is_none()).map(|(i, _)| i);
        let source = |(variable, i): (usize, usize)| {
            if shape.pieces.len() != self.pieces.len() {
                let same = shape.marks.len() == self.variables.len();
                return if same { Source::Mark(variable) } else { Source::Elsewhere };
            }
            match &shape.pieces[i] {
                None => Source::Mark(shape.pieces[..i].iter().filter(|p| p.is_none()).count()),
                Some(word) => Source::Word(word.clone()),
            }
        };
        places.enumerate().map(source).collect()
    }

    /// What stands in front of each variable, back to the blank before.
    pub(crate) fn befores(&self) -> Vec<String> {
        let mut before = String::new();
        let mut befores = Vec::new();
        for piece in &self.pieces {
            match piece.as_deref() {
                None => befores.push(std::mem::take(&mut before)),
                Some(" ") => before.clear(),
                Some(text) => before.push_str(text),
            }
        }
        befores
    }

    /// A number of the text, the same in each run and on each machine: FNV-1a of the Drain form, in hex.
    pub fn id(&self) -> String {
        let fold = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        format!("{:016x}", self.drain().bytes().fold(0xcbf2_9ce4_8422_2325, fold))
    }

    /// With types: `user <id> took <duration>`.
    pub fn typed(&self) -> String {
        let mut variables = self.variables.iter();
        self.render(|out| {
            let of = variables.next().map_or(ValueType::Any, Variable::value_type);
            let _ = write!(out, "<{}>", of.name());
        })
    }

    /// As Drain writes it: `user <*> took <*>`.
    pub fn drain(&self) -> String {
        self.render(|out| out.push_str("<*>"))
    }

    /// As Loki's pattern parser reads it: `user <_> took <_>`.
    pub fn loki(&self) -> String {
        self.render(|out| out.push_str("<_>"))
    }

    fn render(&self, mut mark: impl FnMut(&mut String)) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Some(text) => out.push_str(text),
                None => mark(&mut out),
            }
        }
        out
    }
}

/// A name with digits inside, which is a constant where it never varies: `jk2_init`, `eth1`, `ipv4`. Two letters or more stand
/// in front of one to three digits; what follows is letters.
fn is_name(text: &str) -> bool {
    let letters = text.bytes().take_while(|b| b.is_ascii_alphabetic() || *b == b'_').count();
    let rest = &text[letters..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let stem = text[..letters].bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let tail = &rest.as_bytes()[digits..];
    let named = tail.first().is_none_or(|b| b.is_ascii_alphabetic() || *b == b'_')
        && tail.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let hex = text.len() >= 8 && text.bytes().all(|b| b.is_ascii_hexdigit());
    stem >= 2 && (1..=3).contains(&digits) && named && !hex
}
