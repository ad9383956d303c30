//! `firstfault logs -` and `--follow`: a log that has no end yet.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use firstfault_gather::{Follow, Grown};
use firstfault_logs::live::{Live, News, Picture, Seen};
use firstfault_logs::{DigestBuilder, Ingested, lines};
use jiff::SignedDuration;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::log_changes::Changes;
use crate::log_known::Known;
use crate::log_overview::{self, Read, Said, level_name};
use crate::log_screen::Screen;
use crate::log_words::first_line;
use crate::logs::{LogsFormat, LogsOptions};
use crate::mistake::Mistake;

/// How long a look at a file that has not grown is put off.
const LOOK: Duration = Duration::from_millis(200);
/// After so long without a line, the last record is taken for whole.
const PAUSE: Duration = Duration::from_millis(500);
/// After so long, what little has come has to do to learn from.
const SETTLE: Duration = Duration::from_secs(1);
/// Between two pictures.
const DRAW: Duration = Duration::from_millis(300);
/// Events that wait to be taken.
const WAITING: usize = 16;
/// Kinds of message kept for the end.
const MOST_KINDS: usize = 10;

/// What comes from a stream.
enum Event {
    /// Some lines with their line feeds.
    Lines(usize, String),
    /// Its file begins anew.
    Renewed(usize),
    Failed(io::Error, PathBuf),
}

/// Where news go while the streams are read.
enum Shown {
    /// A picture that is drawn again and again.
    Screen(Screen),
    /// One line for each thing that is new.
    Lines(io::Stdout),
    /// Only the end matters.
    Nothing,
}

/// Watches standard input, or files that grow, until they end or the program is told to stop; then says what they held.
pub(crate) fn run(options: &LogsOptions) -> anyhow::Result<ExitCode> {
    let catalog = crate::explain::load(None)?;
    let signatures = crate::evidence::signatures(&catalog);
    let assume = options.assume();
    let window = options.window()?;
    let stream = |_| Stream {
        live: Live::new(&signatures, &assume, None),
        digest: DigestBuilder::new(&signatures, &assume, None, 1).with_totals(),
    };
    let streams: Vec<Stream<'_>> = options.paths.iter().map(stream).collect();
    let shown = match (options.format, &options.output) {
        (LogsFormat::Terminal, None) => Screen::new().map_or_else(|| Shown::Lines(io::stdout()), Shown::Screen),
        _ => Shown::Nothing,
    };
    let mut watch = Watch { options, streams, shown, told: Vec::new() };
    watch.run()?;
    let mut new = Vec::new();
    let mut logs = Vec::new();
    let mut digests = Vec::new();
    let mut mined = None;
    for (path, Stream { live, digest }) in options.paths.iter().zip(watch.streams) {
        new.extend(live.picture(MOST_KINDS).new);
        let Ingested { digest, totals, miner } = digest.ingested();
        digests.push((path.display().to_string(), digest));
        logs.push(Read { path: path.display().to_string(), source: firstfault_gather::log_source(path), totals });
        log_overview::add(&mut mined, miner);
    }
    let said = Said { changes: Changes::of(&digests, window), known: Known::of(&digests, &signatures), new };
    log_overview::print(options, &logs, mined, &[], &said)
}

/// What is made of a stream: a picture while it comes, and what changed in it at its end.
struct Stream<'s> {
    live: Live<'s>,
    digest: DigestBuilder<'s>,
}

struct Watch<'o, 's> {
    options: &'o LogsOptions,
    streams: Vec<Stream<'s>>,
    shown: Shown,
    /// News that were not shown yet, and of which stream.
    told: Vec<(usize, News)>,
}

impl Watch<'_, '_> {
    fn run(&mut self) -> anyhow::Result<()> {
        let usual = usual(self.options)?;
        let stop = stop()?;
        let events = read(self.options)?;
        let (begun, mut drawn, mut last_line) = (Instant::now(), Instant::now(), Instant::now());
        let (mut learned, mut settled, mut paused) = (false, false, true);
        while !stop.load(Ordering::Relaxed) {
            let event = events.recv_timeout(LOOK);
            let now = Instant::now();
            if !learned && now.duration_since(begun) >= usual {
                self.each(|live, news| live.learned(news));
                learned = true;
            }
            let told = &mut self.told;
            match event {
                Ok(Event::Lines(at, block)) => {
                    let Stream { live, digest } = &mut self.streams[at];
                    for line in lines(&block) {
                        live.line(line, &mut |news| told.push((at, news)));
                        digest.line(line);
                    }
                    (last_line, paused) = (now, false);
                }
                Ok(Event::Renewed(at)) => self.streams[at].live.restart(&mut |news| told.push((at, news))),
                Ok(Event::Failed(error, path)) => return Err(unreadable(&path, &error)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if !settled && now.duration_since(begun) >= SETTLE {
                settled = true;
                self.each(|live, news| live.settle(news));
            }
            if !paused && now.duration_since(last_line) >= PAUSE {
                paused = true;
                self.each(|live, news| live.pause(news));
            }
            self.show()?;
            if let Shown::Screen(screen) = &mut self.shown
                && now.duration_since(drawn) >= DRAW
            {
                drawn = now;
                let rows = screen.rows();
                let pictures: Vec<Picture> = self.streams.iter().map(|stream| stream.live.picture(rows)).collect();
                screen.draw(&pictures, &self.options.paths, now.duration_since(begun))?;
            }
        }
        self.each(|live, news| live.pause(news));
        self.show()?;
        if let Shown::Screen(screen) = &mut self.shown {
            screen.clear()?;
        }
        Ok(())
    }

    fn each(&mut self, mut ask: impl FnMut(&mut Live<'_>, &mut dyn FnMut(News))) {
        for (at, stream) in self.streams.iter_mut().enumerate() {
            ask(&mut stream.live, &mut |news| self.told.push((at, news)));
        }
    }

    fn show(&mut self) -> io::Result<()> {
        let told = self.told.drain(..);
        if let Shown::Lines(out) = &mut self.shown {
            for (at, news) in told {
                writeln!(out, "{}", line_of(&news, &self.options.paths[at]))?;
            }
        }
        Ok(())
    }
}

/// How long what comes counts as usual.
fn usual(options: &LogsOptions) -> anyhow::Result<Duration> {
    let text = &options.baseline;
    let parsed: Option<SignedDuration> = text.parse().ok();
    parsed
        .and_then(|d| Duration::try_from(d).ok())
        .ok_or_else(|| Mistake::error(format!("`{text}` is no duration"), "write it as 30s, 5m or 1h"))
}

/// Set once the program is told to stop. Told twice, it does so at once.
fn stop() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop))
            .and_then(|_| flag::register(signal, Arc::clone(&stop)))
            .context("cannot wait for signals")?;
    }
    Ok(stop)
}

fn unreadable(path: &Path, error: &io::Error) -> anyhow::Error {
    let what = format!("cannot read {}: {error}", path.display());
    Mistake::error(what, "give a log file, or `-` for standard input")
}

/// Begins to read each stream, in a thread of its own. The channel is closed when all have ended.
fn read(options: &LogsOptions) -> anyhow::Result<Receiver<Event>> {
    let (sender, events) = sync_channel(WAITING);
    for (at, path) in options.paths.iter().cloned().enumerate() {
        let sender = sender.clone();
        if path == Path::new("-") {
            thread::spawn(move || {
                let read = firstfault_gather::each_block(&path, &mut |block| {
                    // Nobody takes it any more: the program ends.
                    let _ = sender.send(Event::Lines(at, block.to_owned()));
                });
                read.err().map(|error| sender.send(Event::Failed(error, path)))
            });
        } else {
            let file = if path.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Follow::open(&path) };
            let file = file.map_err(|error| unreadable(&path, &error))?;
            thread::spawn(move || follow(at, file, path, &sender));
        }
    }
    Ok(events)
}

fn follow(at: usize, mut file: Follow, path: PathBuf, sender: &SyncSender<Event>) {
    loop {
        let mut block = String::new();
        let looked = file.look(&mut |line| {
            block.push_str(line);
            block.push('\n');
        });
        let gone = !block.is_empty() && sender.send(Event::Lines(at, block)).is_err();
        let sent = match looked {
            Ok(Grown::Read) => Ok(()),
            Ok(Grown::Renewed) => sender.send(Event::Renewed(at)),
            Ok(Grown::Same) => {
                thread::sleep(LOOK);
                Ok(())
            }
            Err(error) => {
                let _ = sender.send(Event::Failed(error, path));
                return;
            }
        };
        if gone || sent.is_err() {
            return;
        }
    }
}

/// One thing that is new, on a line.
fn line_of(news: &News, path: &Path) -> String {
    let (what, seen, text) = match news {
        News::Kind { template, new, seen } => {
            (if *new { "new" } else { "template" }, seen, first_line(template.as_str()))
        }
        News::Known { signature, finding, count, text, seen } => {
            let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
            ("known", seen, format!("{signature}, {finding}{times}: {}", first_line(text.as_str())))
        }
    };
    let Seen { time, level, line } = seen;
    let time = time.map(|t| t.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).unwrap_or_default();
    let level = level.map_or("", level_name);
    format!("{time:<24}  {level:<7}  {what:<8}  {text}  {}:{line}", path.display())
}
