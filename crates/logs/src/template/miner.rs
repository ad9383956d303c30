//! Lines in, templates out.

use std::collections::hash_map::Entry;
use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::header::Layout;
use super::mask::{Kind, Parts};
use super::merge::{Piece, merge};
use super::shape::{Mark, Shape};
use super::values::{ValueType, Variable};

/// Lines from which the header is learned.
pub(super) const HEAD: usize = 1000;
/// Bytes of them that are held.
const HEAD_BYTES: usize = 4 << 20;
/// Shapes that are kept apart; later ones share by first word.
const MOST_SHAPES: usize = 20_000;
/// Bytes that a shape may take in the mean.
const USUAL_SIZE: usize = 4 << 10;
/// First words that later shapes are told apart by.
const MOST_RESTS: usize = 1000;

/// Mines the templates of one log, line by line.
///
/// A miner holds the first lines until it has learned the header, and from then on what it knows of shapes.
#[derive(Debug)]
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
    /// Shapes that are kept apart.
    most: usize,
    /// Bytes that further shapes may take.
    room: usize,
}

impl Default for Miner {
    fn default() -> Self {
        Self::of_at_most(MOST_SHAPES)
    }
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
        Self {
            layout: None,
            head: Vec::new(),
            head_bytes: 0,
            parts: Parts::default(),
            known: FxHashMap::default(),
            shapes: Vec::new(),
            lines: None,
            most,
            room: most * USUAL_SIZE,
        }
    }

    /// The same, with a header that is known.
    pub(super) fn with_layout(self, layout: Layout) -> Self {
        Self { layout: Some(layout), ..self }
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
        marks.map(|p| message.get(p.span()).unwrap_or_default())
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
    fn place(&mut self, message: &str, fingerprint: u64) -> u32 {
        if self.has_room() {
            return self.add(fingerprint, Shape::new(message, self.parts.as_slice()));
        }
        let word = self.parts.as_slice().first().filter(|p| p.kind == Kind::Word).map(|p| &message[p.span()]);
        let (word, fingerprint) = self.rest(word);
        if let Some(at) = self.known.get(&fingerprint) {
            return *at;
        }
        let named = word.is_some();
        self.add(fingerprint, Shape::new(message, self.parts.as_slice()).into_rest(named))
    }

    fn has_room(&self) -> bool {
        self.shapes.len() < self.most && self.room > 0
    }

    /// What messages without a shape of their own are told apart by, and its fingerprint: the first word of some of them.
    fn rest<'w>(&self, word: Option<&'w str>) -> (Option<&'w str>, u64) {
        let hash =
            |word: &str| word.bytes().fold(0x5bd1_e995, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let rests = self.shapes.len() < self.most + MOST_RESTS;
        let word = word.filter(|word| rests || self.known.contains_key(&hash(word)));
        (word, hash(word.unwrap_or_default()))
    }

    fn add(&mut self, fingerprint: u64, shape: Shape) -> u32 {
        let at = self.shapes.len() as u32;
        self.room = self.room.saturating_sub(shape.size());
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
        let lines = other.lines.take();
        let places = self.absorb_shapes(other.shapes);
        if let (Some(mine), Some(theirs)) = (&mut self.lines, lines) {
            mine.extend(theirs.into_iter().map(|at| places[at as usize]));
        }
    }

    /// Adds shapes; gives the place here of each.
    fn absorb_shapes(&mut self, shapes: Vec<(u64, Shape)>) -> Vec<u32> {
        let place = |(fingerprint, shape): (u64, Shape)| {
            if !self.known.contains_key(&fingerprint) && self.has_room() {
                return self.add(fingerprint, shape);
            }
            let (fingerprint, shape) = if self.known.contains_key(&fingerprint) {
                (fingerprint, shape)
            } else {
                let (word, fingerprint) = self.rest(shape.first_word());
                let named = word.is_some();
                (fingerprint, shape.into_rest(named))
            };
            match self.known.get(&fingerprint) {
                Some(at) => {
                    self.shapes[*at as usize].1.absorb(shape);
                    *at
                }
                None => self.add(fingerprint, shape),
            }
        };
        shapes.into_iter().map(place).collect()
    }

    /// One miner of several that took blocks of lines in turn: `blocks` has the miner and the lines of each.
    pub(super) fn joined(miners: Vec<Self>, blocks: &[(usize, usize)]) -> Self {
        let mut miners = miners.into_iter();
        let mut all = miners.next().unwrap_or_default();
        let mut lines = vec![all.lines.take()];
        for mut other in miners {
            let places = all.absorb_shapes(other.shapes);
            lines.push(other.lines.take().map(|lines| lines.into_iter().map(|at| places[at as usize]).collect()));
        }
        let lines: Option<Vec<Vec<u32>>> = lines.into_iter().collect();
        all.lines = lines.map(|lines| {
            let mut lines: Vec<_> = lines.iter().map(|lines| lines.iter()).collect();
            blocks
                .iter()
                .flat_map(|(miner, count)| lines[*miner].by_ref().take(*count).copied().collect::<Vec<_>>())
                .collect()
        });
        all
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
        // Templates that read the same are one: so says their id.
        let mut places: FxHashMap<String, usize> = FxHashMap::default();
        let mut templates: Vec<(Template, Vec<usize>)> = Vec::new();
        for (pieces, members) in merge(&rows) {
            let shapes: Vec<&Shape> = members.iter().map(|at| &self.shapes[*at].1).collect();
            let template = Template::new(pieces, &shapes);
            match places.entry(template.drain()) {
                Entry::Occupied(place) => {
                    let (same, all) = &mut templates[*place.get()];
                    same.count += template.count;
                    all.extend(members);
                }
                Entry::Vacant(place) => {
                    place.insert(templates.len());
                    templates.push((template, members));
                }
            }
        }
        templates.sort_by_cached_key(|(t, _)| (std::cmp::Reverse(t.count), t.drain()));
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
