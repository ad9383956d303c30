//! Mining on two threads.
//!
//! Lines are dealt to two miners in turn, in blocks that are cut by their bytes alone. So what is mined depends on the lines
//! and on nothing else: not on how many came at once, nor on how fast each thread was.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::header::Layout;
use super::miner::{HEAD, Miner};
use crate::lines;

/// A block ends with the line that fills these bytes.
const BLOCK: usize = 256 << 10;
/// Blocks that wait for a thread.
const WAITING: usize = 2;
/// Miners that take turns.
const MINERS: usize = 2;

/// Mines the templates of one log, block by block.
pub struct Mining<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    with_lines: bool,
    /// Lines that were not dealt yet.
    block: String,
    /// None before the first block is full: short logs need no threads.
    workers: Vec<Worker<'scope>>,
    dealt: usize,
}

struct Worker<'scope> {
    full: SyncSender<String>,
    empty: Receiver<String>,
    thread: ScopedJoinHandle<'scope, Shard>,
}

/// What one miner saw.
struct Shard {
    miner: Miner,
    /// The lines of each of its blocks.
    blocks: Vec<usize>,
}

impl<'scope, 'env> Mining<'scope, 'env> {
    /// A miner of templates and counts; with lines also of the template of each line, at four bytes a line.
    pub fn new(scope: &'scope Scope<'scope, 'env>, with_lines: bool) -> Self {
        Self { scope, with_lines, block: String::new(), workers: Vec::new(), dealt: 0 }
    }

    /// Takes the next lines, whole ones. A line feed behind the last one may be missing.
    pub fn block(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let room = BLOCK - self.block.len();
            let full = rest.as_bytes().get(room..).and_then(|bytes| memchr::memchr(b'\n', bytes));
            let (now, later) = rest.split_at(full.map_or(rest.len(), |end| room + end + 1));
            self.block.push_str(now);
            rest = later;
            if !self.block.ends_with('\n') {
                self.block.push('\n');
            }
            if self.block.len() >= BLOCK {
                self.deal();
            }
        }
    }

    fn deal(&mut self) {
        if self.workers.is_empty() {
            let layout = Layout::infer(lines(&self.block).take(HEAD));
            self.workers =
                (0..MINERS).map(|_| Worker::new(self.scope, self.miner().with_layout(layout.clone()))).collect();
        }
        let worker = &self.workers[self.dealt % MINERS];
        self.dealt += 1;
        let mut next = worker.empty.try_recv().unwrap_or_default();
        next.clear();
        // It fails only if the thread has panicked, which `finish` tells.
        let _ = worker.full.send(std::mem::replace(&mut self.block, next));
    }

    fn miner(&self) -> Miner {
        if self.with_lines { Miner::with_lines() } else { Miner::new() }
    }

    /// One miner that has seen all lines, and how many there were.
    pub fn finish(mut self) -> (Miner, usize) {
        if self.workers.is_empty() {
            let mut miner = self.miner();
            let count = lines(&self.block).map(|line| miner.line(line)).count();
            return (miner, count);
        }
        if !self.block.is_empty() {
            self.deal();
        }
        let shards: Vec<Shard> = self.workers.into_iter().map(Worker::finish).collect();
        let blocks = (0..self.dealt).map(|n| (n % MINERS, shards[n % MINERS].blocks[n / MINERS])).collect::<Vec<_>>();
        let count = blocks.iter().map(|(_, lines)| lines).sum();
        (Miner::joined(shards.into_iter().map(|s| s.miner).collect(), &blocks), count)
    }
}

impl<'scope> Worker<'scope> {
    fn new(scope: &'scope Scope<'scope, '_>, mut miner: Miner) -> Self {
        let (full, dealt) = sync_channel::<String>(WAITING);
        let (back, empty) = channel();
        let thread = scope.spawn(move || {
            let mut blocks = Vec::new();
            for block in dealt {
                blocks.push(lines(&block).map(|line| miner.line(line)).count());
                // Nobody needs it after the end.
                let _ = back.send(block);
            }
            Shard { miner, blocks }
        });
        Self { full, empty, thread }
    }

    fn finish(self) -> Shard {
        drop(self.full);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
