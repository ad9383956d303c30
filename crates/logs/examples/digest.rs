//! How fast a log is digested with the catalogue's signatures: `digest FILE [ROUNDS] [beside]` reads a file into memory and
//! digests its lines that many times, with `beside` on two threads.

use std::time::Instant;

use firstfault_catalog::Catalog;
use firstfault_logs::{DigestBuilder, Signatures};
use firstfault_model::Assume;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("give a file")?;
    let rounds: usize = arguments.next().map_or(Ok(1), |n| n.parse())?;
    let beside = arguments.next().is_some_and(|word| word == "beside");
    let text = String::from_utf8_lossy(&std::fs::read(file)?).into_owned();
    let catalog = Catalog::embedded([])?;
    let start = Instant::now();
    let signatures = Signatures::compile(&catalog.signatures);
    println!("signatures compiled in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let assume = Assume { year: Some(2026), ..Assume::default() };
    let start = Instant::now();
    let digest = |mut builder: DigestBuilder<'_>| {
        for _ in 0..rounds {
            text.lines().for_each(|line| builder.line(line));
        }
        builder.finish()
    };
    let digest = if beside {
        std::thread::scope(|scope| digest(DigestBuilder::beside(scope, &signatures, &assume, None)))
    } else {
        digest(DigestBuilder::new(&signatures, &assume, None, 1))
    };
    let megabytes = (text.len() * rounds) as f64 / 1e6;
    let rate = megabytes / start.elapsed().as_secs_f64();
    println!(
        "{megabytes:.0} MB, {rate:.0} MB/s, {} shapes, {} hits, {} signatures",
        digest.shapes.len(),
        digest.hits.len(),
        signatures.len()
    );
    Ok(())
}
