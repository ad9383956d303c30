//! How fast templates are mined: `mine FILE [ROUNDS]` reads a file into memory and mines its lines that many times.

use std::time::Instant;

use firstfault_logs::Miner;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("give a file")?;
    let rounds: usize = arguments.next().map_or(Ok(1), |n| n.parse())?;
    let text = String::from_utf8_lossy(&std::fs::read(file)?).into_owned();
    let start = Instant::now();
    let mut miner = Miner::new();
    for _ in 0..rounds {
        text.lines().for_each(|line| miner.line(line));
    }
    let lines = start.elapsed().as_secs_f64();
    let mined = miner.finish();
    let all = start.elapsed().as_secs_f64();
    let megabytes = (text.len() * rounds) as f64 / 1e6;
    println!("{} templates, {megabytes:.1} MB", mined.templates.len());
    println!("lines {:.0} MB/s, with the joining at the end {:.0} MB/s", megabytes / lines, megabytes / all);
    Ok(())
}
