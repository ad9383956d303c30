//! Megabytes a second on one core at which lines become records with time and level: `cargo bench -p firstfault-logs`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use firstfault_logs::{DigestBuilder, Signatures, lines};
use firstfault_model::Assume;

/// Bytes of each log.
const SIZE: usize = 64 << 20;

fn main() -> std::io::Result<()> {
    let logs: [(&str, fn(&mut String, usize)); 5] = [
        ("java", |out, n| {
            let _ = writeln!(
                out,
                "2026-11-24 10:{:02}:{:02},{:03} INFO  [worker-{}] c.e.shop.Cart - item {n} added to cart {} in {} ms",
                n / 60 % 60,
                n % 60,
                n % 1000,
                n % 8,
                n * 7,
                n % 90
            );
        }),
        ("json", |out, n| {
            let _ = writeln!(
                out,
                "{{\"level\":\"info\",\"ts\":17955144{:02}.25,\"logger\":\"cart\",\"msg\":\"item added\",\"item\":{n},\"trace_id\":\"4bf92f{n:010x}\"}}",
                n % 100
            );
        }),
        ("access", |out, n| {
            let _ = writeln!(
                out,
                "10.1.{}.{} - - [24/Nov/2026:10:{:02}:{:02} +0000] \"GET /cart/{n} HTTP/1.1\" 200 {} \"-\" \"curl/8\"",
                n % 200,
                n % 250,
                n / 60 % 60,
                n % 60,
                n % 9000
            );
        }),
        ("cri", |out, n| {
            let _ = writeln!(
                out,
                "2026-11-24T10:{:02}:{:02}.123456789Z stdout F level=info msg=\"item added\" item={n} took={}ms",
                n / 60 % 60,
                n % 60,
                n % 90
            );
        }),
        ("syslog", |out, n| {
            let _ = writeln!(
                out,
                "Nov 24 10:{:02}:{:02} node-{} kubelet[{}]: pod cart-{n} is ready, {} of {} containers run",
                n / 60 % 60,
                n % 60,
                n % 9,
                n % 4000,
                n % 5,
                n % 6
            );
        }),
    ];
    let mut shown = std::io::stdout();
    for (name, line) in logs {
        let mut text = String::with_capacity(SIZE + 512);
        let mut n = 0;
        while text.len() < SIZE {
            line(&mut text, n);
            n += 1;
        }
        let started = Instant::now();
        let assume = Assume { year: Some(2026), ..Assume::default() };
        let none = Signatures::default();
        let mut builder = DigestBuilder::new(&none, &assume, None, 1).with_totals();
        lines(&text).for_each(|line| builder.line(line));
        let totals = builder.ingested().totals;
        let rate = text.len() as f64 / 1e6 / started.elapsed().as_secs_f64();
        writeln!(shown, "{name:8} {rate:6.0} MB/s, {} records, {} with a time", totals.records, totals.with_time)?;
    }
    Ok(())
}
