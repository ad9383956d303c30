//! Kinds of message of a stream, told when they are first seen.
//!
//! A message of a new shape is no news yet: it may differ from known ones in a value only. That is known once shapes are joined
//! to templates, which takes longer the more there are; so it is done at each new shape while these are few, and later when a
//! tenth more have come, or when the stream pauses.

use firstfault_model::Masked;

use super::{Kind, News, Seen};
use crate::Level;
use crate::template::Miner;

/// Shapes that are kept apart.
const MOST: usize = 2000;
/// Messages from which their header is learned, and what is held of them.
const HEAD: usize = 200;
/// Up to so many shapes, each new one is looked at when it comes.
const FEW: usize = 100;

#[derive(Debug)]
pub(super) struct Kinds {
    miner: Miner,
    /// The first messages, until their header was learned from them.
    head: Option<Vec<(String, Seen, bool)>>,
    shapes: Vec<Shape>,
    /// Shapes of which something is to be told.
    waiting: Vec<(usize, Seen)>,
}

/// What is known of the messages of one shape.
#[derive(Clone, Debug, Default)]
struct Shape {
    count: u64,
    level: Option<Level>,
    new: bool,
    /// How loud it was when it was told.
    told: Option<Loud>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Loud {
    Calm,
    Error,
}

impl Default for Kinds {
    fn default() -> Self {
        Self { miner: Miner::of_at_most(MOST), head: Some(Vec::new()), shapes: Vec::new(), waiting: Vec::new() }
    }
}

fn loud(level: Option<Level>) -> Loud {
    if level >= Some(Level::Error) { Loud::Error } else { Loud::Calm }
}

impl Kinds {
    pub(super) fn take(&mut self, message: &str, seen: Seen, new: bool, news: &mut dyn FnMut(News)) {
        let Some(head) = &mut self.head else { return self.count(message, seen, new, news) };
        head.push((message.to_owned(), seen, new));
        if head.len() >= HEAD {
            self.learn(news);
        }
    }

    fn learn(&mut self, news: &mut dyn FnMut(News)) {
        let Some(head) = self.head.take_if(|head| !head.is_empty()) else { return };
        self.miner.learn(head.iter().map(|(message, ..)| message.as_str()));
        for (message, seen, new) in &head {
            self.count(message, *seen, *new, news);
        }
    }

    fn count(&mut self, message: &str, seen: Seen, new: bool, news: &mut dyn FnMut(News)) {
        let line = message.lines().next().unwrap_or("");
        if line.is_empty() {
            return;
        }
        let at = self.miner.kind(line).0 as usize;
        while self.shapes.len() <= at {
            self.shapes.push(Shape { new, ..Shape::default() });
        }
        let shape = &mut self.shapes[at];
        shape.count += 1;
        shape.level = shape.level.max(seen.level);
        if shape.told >= Some(loud(seen.level)) {
            return;
        }
        // Told only once, whatever comes until then.
        shape.told = Some(loud(seen.level));
        self.waiting.push((at, seen));
        if self.shapes.len() <= FEW || self.waiting.len() * 10 >= self.shapes.len() {
            self.tell(news);
        }
    }

    /// Tells what waits, and learns from what there is.
    pub(super) fn tell(&mut self, news: &mut dyn FnMut(News)) {
        self.learn(news);
        if self.waiting.is_empty() {
            return;
        }
        let mined = self.miner.mined();
        let mut told: Vec<Option<Loud>> = vec![None; mined.templates.len()];
        let mut waits = vec![false; self.shapes.len()];
        self.waiting.iter().for_each(|(at, _)| waits[*at] = true);
        for (at, shape) in self.shapes.iter().enumerate().filter(|(at, _)| !waits[*at]) {
            let told = &mut told[mined.kinds[at].template as usize];
            *told = (*told).max(shape.told);
        }
        for (at, seen) in self.waiting.drain(..) {
            let template = mined.kinds[at].template as usize;
            let loud = loud(seen.level);
            if told[template] >= Some(loud) {
                continue;
            }
            told[template] = Some(loud);
            let new = self.shapes[at].new;
            news(News::Kind { template: Masked::new(&mined.templates[template].typed()), new, seen });
        }
    }

    /// The most frequent templates, the most frequent new ones, and how many there are.
    pub(super) fn top(&self, most: usize) -> (Vec<Kind>, Vec<Kind>, usize) {
        let mined = self.miner.mined();
        let mut tallies: Vec<Shape> = vec![Shape { new: true, ..Shape::default() }; mined.templates.len()];
        for (at, shape) in self.shapes.iter().enumerate() {
            let tally = &mut tallies[mined.kinds[at].template as usize];
            tally.count += shape.count;
            tally.level = tally.level.max(shape.level);
            tally.new &= shape.new;
        }
        let mut order: Vec<usize> = (0..tallies.len()).collect();
        // Templates come in order of their texts where they are as frequent.
        order.sort_by_key(|at| std::cmp::Reverse(tallies[*at].count));
        let kind = |at: &usize| {
            let Shape { count, level, new, .. } = tallies[*at];
            Kind { template: Masked::new(&mined.templates[*at].typed()), count, level, new }
        };
        let all = order.iter().take(most).map(kind).collect();
        let new = order.iter().filter(|at| tallies[**at].new).take(most).map(kind).collect();
        (all, new, order.len())
    }
}
