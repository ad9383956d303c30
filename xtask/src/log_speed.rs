//! `cargo xtask log-speed`: how fast whole processes read logs, side by side in one run with drain3 and ripgrep.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};

use crate::{root, run};

/// Bytes of a log that is made.
const SIZE: u64 = 100 << 20;
/// Of the runs of a command the fastest counts.
const RUNS: u32 = 3;
/// drain3 is given so much of each log.
const PART: u64 = 10 << 20;

/// Mines each line of the file that is named first.
const DRAIN3: &str = "import sys, logging
from drain3 import TemplateMiner
logging.disable(logging.CRITICAL)
miner = TemplateMiner()
for line in open(sys.argv[1], encoding='utf-8', errors='replace'):
    miner.add_log_message(line.rstrip('\\n'))";

/// Prints a table: megabytes a second for each log and command. `rules` are run where they are given.
pub(crate) fn table(rules: Option<&Path>, logs: &[&str]) -> anyhow::Result<()> {
    run("cargo", &["build", "--release", "-p", "firstfault"])?;
    let folder = root().join("target/log-speed");
    fs::create_dir_all(&folder)?;
    let logs = if logs.is_empty() { made(&folder)? } else { logs.iter().map(PathBuf::from).collect() };
    let python = drain3(&folder)?;
    let binary = root().join("target/release/firstfault").display().to_string();
    let mut columns: Vec<(&str, Vec<&str>)> = vec![
        ("templates, 1 core", vec!["taskset", "-c", "0", &binary, "logs", "LOG", "--templates", "--format", "json"]),
        ("templates, 2 cores", vec!["taskset", "-c", "0,1", &binary, "logs", "LOG", "--templates", "--format", "json"]),
        ("everything, 2 cores", vec!["taskset", "-c", "0,1", &binary, "logs", "LOG", "--format", "json"]),
    ];
    let rules = rules.map(|rules| rules.display().to_string());
    if let Some(rules) = &rules {
        let command = vec!["taskset", "-c", "0", &binary, "logs", "LOG", "--rules", rules, "--format", "json"];
        columns.push(("rules, 1 core", command));
    }
    columns.push(("drain3, 1 core", vec!["taskset", "-c", "0", &python, "-c", DRAIN3, "PART"]));
    columns.push((
        "`rg -c -i 'error|failed|timeout'`, 1 core",
        vec!["taskset", "-c", "0", "rg", "-j1", "-c", "-i", "error|failed|timeout", "LOG"],
    ));
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut out = format!("| MB/s | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for log in &logs {
        let part = folder.join("part.log");
        fs::write(&part, first_lines(log)?)?;
        let _ = write!(out, "| {} |", log.file_stem().unwrap_or_default().display());
        for (_, command) in &columns {
            let _ = write!(out, " {:.0} |", rate(command, log, &part)?);
        }
        out.push('\n');
    }
    print!("{out}");
    Ok(())
}

/// The beginning of a log, whole lines.
fn first_lines(log: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
    bytes.truncate(PART as usize);
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
    bytes.truncate(end);
    Ok(bytes)
}

/// Megabytes a second of the fastest run. A command that reads `PART` reads the beginning of the log.
fn rate(command: &[&str], log: &Path, part: &Path) -> anyhow::Result<f64> {
    let read = if command.contains(&"PART") { part } else { log };
    let size = fs::metadata(read)?.len() as f64 / 1e6;
    let shown = read.display().to_string();
    let words: Vec<&str> =
        command.iter().map(|word| if matches!(*word, "LOG" | "PART") { &*shown } else { word }).collect();
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let started = Instant::now();
        let status = Command::new(words[0]).args(&words[1..]).stdout(Stdio::null()).status();
        let status = status.with_context(|| format!("cannot run {}", words[..4].join(" ")))?;
        best = best.min(started.elapsed().as_secs_f64());
        // ripgrep says by 1 that it found nothing, the rules that one fired.
        if !matches!(status.code(), Some(0 | 1)) {
            bail!("{} failed", words.join(" "));
        }
    }
    Ok(size / best)
}

/// A Python that has drain3, installed once from PyPI.
fn drain3(folder: &Path) -> anyhow::Result<String> {
    let environment = folder.join("python");
    let python = environment.join("bin/python").display().to_string();
    if !environment.join("drain3.installed").exists() {
        run("python3", &["-m", "venv", &environment.display().to_string()])?;
        run(&python, &["-m", "pip", "install", "-q", "drain3==0.9.11"])?;
        fs::write(environment.join("drain3.installed"), "")?;
    }
    Ok(python)
}

/// A number that looks like chance and is the same in each run: splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ x >> 31) % end
    }
}

/// Writes a line of a log at its second.
type Line = fn(&mut Dice, u64) -> String;

const LINES: [(&str, Line); 6] = [
    ("java", |dice, at| {
        let (worker, item, cart, took) = (dice.below(8), dice.below(99_999), dice.below(9999), dice.below(90));
        let text = match dice.below(40) {
            0 => format!("ERROR [worker-{worker}] com.example.shop.Cart - item {item} is not on stock"),
            1 => format!("WARN  [worker-{worker}] com.example.shop.Pool - {took} of 90 connections are in use"),
            _ => {
                format!("INFO  [worker-{worker}] com.example.shop.Cart - item {item} added to cart {cart} in {took} ms")
            }
        };
        format!("2026-11-24 {},{:03} {text}", clock(at), dice.below(1000))
    }),
    ("json", |dice, at| {
        format!(
            "{{\"level\":\"info\",\"ts\":\"2026-11-24T{}Z\",\"logger\":\"cart\",\"msg\":\"item added\",\"item\":{},\"customer\":\"c{}\",\"trace_id\":\"{:016x}{:016x}\"}}",
            clock(at),
            dice.below(99_999),
            dice.below(500),
            dice.below(u64::MAX),
            dice.below(u64::MAX)
        )
    }),
    ("access", |dice, at| {
        let status = match dice.below(60) {
            0 => 503,
            1 | 2 => 404,
            _ => 200,
        };
        format!(
            "10.1.{}.{} - - [24/Nov/2026:{} +0000] \"GET /cart/{} HTTP/1.1\" {status} {} \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
            dice.below(200),
            dice.below(250),
            clock(at),
            dice.below(99_999),
            dice.below(9000)
        )
    }),
    ("cri", |dice, at| {
        format!(
            "2026-11-24T{}.{:09}Z stdout F level=info msg=\"item added\" item={} took={}ms customer=c{}",
            clock(at),
            dice.below(1_000_000_000),
            dice.below(99_999),
            dice.below(90),
            dice.below(500)
        )
    }),
    ("syslog", |dice, at| {
        format!(
            "Nov 24 {} node-{} kubelet[{}]: pod cart-{} is ready, {} of 6 containers run",
            clock(at),
            dice.below(9),
            1000 + dice.below(8),
            dice.below(9999),
            dice.below(6)
        )
    }),
    ("klog", |dice, at| {
        format!(
            "I1124 {}.{:06} 1 reconciler.go:{}] \"Reconciling\" pod=\"shop/cart-{}\" volume=\"data-{}\" attempt={}",
            clock(at),
            dice.below(1_000_000),
            100 + dice.below(40),
            dice.below(9999),
            dice.below(50),
            dice.below(5)
        )
    }),
];

/// A time of the day.
fn clock(at: u64) -> String {
    format!("{:02}:{:02}:{:02}", at / 3600 % 24, at / 60 % 60, at % 60)
}

/// Logs of several writers.
fn made(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut logs = Vec::new();
    for (name, line) in LINES {
        let path = folder.join(format!("{name}.log"));
        if fs::metadata(&path).map_or(0, |m| m.len()) < SIZE {
            let mut out = BufWriter::new(File::create(&path)?);
            let (mut dice, mut written) = (Dice(1), 0);
            for number in 0.. {
                let text = line(&mut dice, number / 500);
                writeln!(out, "{text}")?;
                written += text.len() as u64 + 1;
                if written >= SIZE {
                    break;
                }
            }
            out.flush()?;
        }
        logs.push(path);
    }
    Ok(logs)
}
