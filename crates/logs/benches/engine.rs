//! What each stage of the engine takes, in bytes a second on one core: `cargo bench -p firstfault-logs`.
//!
//! The whole program beside others, with reading and printing, is measured by `cargo xtask log-speed`.

use std::fmt::Write as _;

use criterion::{BenchmarkId, Criterion, Throughput};
use firstfault_catalog::Catalog;
use firstfault_logs::cre::{Matcher, Rules};
use firstfault_logs::{DigestBuilder, Joiner, Miner, Signatures, lines};
use firstfault_model::Assume;

/// Bytes of each log.
const SIZE: usize = 8 << 20;

const RULE: &str = "rules:\n- cre: {id: CRE-1, title: t, severity: 1}\n  metadata: {id: a, kind: b}\n  rule:\n    set:\n      event: {source: a}\n      match:\n      - regex: \"worker (.+) lost its lease\"\n";

/// A line of a log, by its number.
type Line = fn(&mut String, usize);

const LOGS: [(&str, Line); 5] = [
    ("java", |out, n| {
        let (minute, second) = (n / 60 % 60, n % 60);
        let _ = write!(out, "2026-11-24 10:{minute:02}:{second:02},{:03} INFO  [worker-{}] ", n % 1000, n % 8);
        let _ = writeln!(out, "c.e.shop.Cart - item {n} added to cart {} in {} ms", n * 7, n % 90);
    }),
    ("json", |out, n| {
        let _ = write!(out, "{{\"level\":\"info\",\"ts\":17955144{:02}.25,\"logger\":\"cart\",", n % 100);
        let _ = writeln!(out, "\"msg\":\"item added\",\"item\":{n},\"trace_id\":\"4bf92f{n:010x}\"}}");
    }),
    ("access", |out, n| {
        let (minute, second) = (n / 60 % 60, n % 60);
        let _ = write!(out, "10.1.{}.{} - - [24/Nov/2026:10:{minute:02}:{second:02} +0000] ", n % 200, n % 250);
        let _ = writeln!(out, "\"GET /cart/{n} HTTP/1.1\" 200 {} \"-\" \"curl/8\"", n % 9000);
    }),
    ("cri", |out, n| {
        let (minute, second) = (n / 60 % 60, n % 60);
        let _ = write!(out, "2026-11-24T10:{minute:02}:{second:02}.123456789Z stdout F ");
        let _ = writeln!(out, "level=info msg=\"item added\" item={n} took={}ms", n % 90);
    }),
    ("syslog", |out, n| {
        let (minute, second) = (n / 60 % 60, n % 60);
        let _ = write!(out, "Nov 24 10:{minute:02}:{second:02} node-{} kubelet[{}]: ", n % 9, n % 8);
        let _ = writeln!(out, "pod cart-{n} is ready, {} of {} containers run", n % 5, n % 6);
    }),
];

fn engine(criterion: &mut Criterion) {
    let catalog = Catalog::embedded([]).expect("a test of the catalogue keeps it readable");
    let signatures = Signatures::compile(&catalog.signatures);
    let none = Signatures::default();
    let (rules, errors) = Rules::load(&[("rules.yaml".to_owned(), RULE.to_owned())]);
    assert!(errors.is_empty() && rules.len() == 1);
    let assume = Assume { year: Some(2026), ..Assume::default() };
    for (name, line) in LOGS {
        let mut text = String::with_capacity(SIZE + 512);
        (0..)
            .take_while(|n| {
                line(&mut text, *n);
                text.len() < SIZE
            })
            .for_each(drop);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
        let digest = |signatures: &Signatures| {
            let mut builder = DigestBuilder::new(signatures, &assume, None, 1).with_totals();
            lines(&text).for_each(|line| builder.line(line));
            builder.ingested().totals.records
        };
        group.bench_function(BenchmarkId::from_parameter("digest"), |b| b.iter(|| digest(&none)));
        group.bench_function(BenchmarkId::from_parameter("digest and signatures"), |b| b.iter(|| digest(&signatures)));
        group.bench_function(BenchmarkId::from_parameter("mining"), |b| {
            b.iter(|| {
                let mut miner = Miner::new();
                lines(&text).for_each(|line| miner.line(line));
                miner.finish().templates.len()
            });
        });
        group.bench_function(BenchmarkId::from_parameter("rules"), |b| {
            b.iter(|| {
                let mut matcher = Matcher::new(&rules);
                let mut joiner = Joiner::new(&assume, None, &text[..16 << 10]);
                lines(&text).for_each(|line| joiner.line(line, |r| matcher.record(r.time, &r.text, r.line)));
                joiner.finish(|r| matcher.record(r.time, &r.text, r.line));
                matcher.finish().len()
            });
        });
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    engine(&mut criterion);
    criterion.final_summary();
}
