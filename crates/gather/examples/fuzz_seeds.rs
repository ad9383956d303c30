//! Fills the corpora of the fuzz targets with the project's own scenarios: `fuzz_seeds ROOT CORPUS`.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use firstfault_gather::{families, read_one_text};

/// Rules of each kind, each with a log.
const RULES: &[&str] = &[
    "rules:\n- cre: {id: A, severity: 1}\n  metadata: {id: a}\n  rule: {set: {event: {source: x}, match: [{regex: 'f.o+'}]}}\n-----\n2026-11-24T10:00:01Z foo\n",
    "rules:\n- cre: {id: B}\n  rule: {set: {event: {source: x}, window: 5s, match: [{value: a, count: 2}, b], negate: [{value: c, window: 1s, slide: -1s, anchor: 1}]}}\n-----\n2026-11-24T10:00:01Z a\n2026-11-24T10:00:02Z a b\n2026-11-24T10:00:03Z c\n",
    "terms:\n  t: {regex: 'x|y'}\nrules:\n- cre: {id: C}\n  rule: {sequence: {event: {source: x}, window: 1h30m, order: [t, {jq: '.a == \"x\"'}]}}\n-----\n{\"time\":\"2026-11-24T10:00:01Z\",\"a\":\"x\"}\n",
];

type Written = Result<(), Box<dyn std::error::Error>>;

/// Larger seeds make the fuzzer slow and teach it nothing new.
const LARGEST: usize = 16 << 10;

fn main() -> Written {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [root, corpus] = &arguments[..] else { return Err("usage: fuzz_seeds ROOT CORPUS".into()) };
    let mut seeds = Seeds { corpus: corpus.clone(), written: 0 };
    for file in files(&root.join("scenarios")) {
        seeds.of_evidence(root, &file)?;
    }
    for file in files(&root.join("catalog")) {
        seeds.put("catalog", &fs::read(file)?)?;
    }
    for format in firstfault_logs::formats() {
        seeds.put("log_engine", format.sample.as_bytes())?;
        seeds.put("log_streams", format.sample.as_bytes())?;
    }
    for rule in RULES {
        seeds.put("log_rules", rule.as_bytes())?;
    }
    seeds.archives(&root.join("scenarios"))?;
    println!("{} seeds in {}", seeds.written, corpus.display());
    Ok(())
}

struct Seeds {
    corpus: PathBuf,
    written: usize,
}

impl Seeds {
    fn put(&mut self, target: &str, bytes: &[u8]) -> Written {
        if bytes.is_empty() || bytes.len() > LARGEST {
            return Ok(());
        }
        let folder = self.corpus.join(target);
        fs::create_dir_all(&folder)?;
        self.written += 1;
        fs::write(folder.join(format!("scenario-{:05}", self.written)), bytes)?;
        Ok(())
    }

    /// A file whole, and what each of its commands printed for the family that reads it.
    fn of_evidence(&mut self, root: &Path, file: &Path) -> Written {
        let bytes = fs::read(file)?;
        let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(()) };
        let path = file.strip_prefix(root)?.display().to_string();
        if path.ends_with("incident.yaml") {
            return self.put("incident", &bytes);
        }
        let Some((_, path)) = path.split_once("/evidence/") else { return Ok(()) };
        for target in ["transcripts", "evidence", "masking"] {
            self.put(target, &bytes)?;
        }
        let mut rest = text;
        let mut command: Option<&str> = None;
        loop {
            let next = if rest.starts_with("$ ") { Some(0) } else { rest.find("\n$ ").map(|at| at + 1) };
            let output = &rest[..next.unwrap_or(rest.len())];
            if !output.trim().is_empty() {
                self.of_family(path, command, output)?;
            }
            let Some(next) = next else { return Ok(()) };
            let (line, after) = rest[next..].split_once('\n').unwrap_or((&rest[next..], ""));
            (command, rest) = (line.strip_prefix("$ "), after);
        }
    }

    fn of_family(&mut self, path: &str, command: Option<&str>, text: &str) -> Written {
        let read_as = read_one_text(path, command, text).read_as;
        let Some((family, format)) = families().find(|(_, format)| read_as.starts_with(format.trim_end_matches(')')))
        else {
            return Ok(());
        };
        self.put(family, format!("{format}|{path}|{}\n{text}", command.unwrap_or("")).as_bytes())
    }

    /// A small folder in every container, and containers in containers.
    fn archives(&mut self, scenarios: &Path) -> Written {
        let mut small: Vec<PathBuf> = files(scenarios);
        small.retain(|file| fs::metadata(file).is_ok_and(|m| m.len() < 600));
        small.truncate(4);
        let mut tar = tar::Builder::new(Vec::new());
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (i, file) in small.iter().enumerate() {
            let bytes = fs::read(file)?;
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, format!("bundle/{i}.txt"), &bytes[..])?;
            zip.start_file(format!("bundle/{i}.txt"), zip::write::SimpleFileOptions::default())?;
            zip.write_all(&bytes)?;
        }
        let (tar, zip) = (tar.into_inner()?, zip.finish()?.into_inner());
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&tar)?;
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 6);
        xz.write_all(&zip)?;
        let zstd = zstd::encode_all(&tar[..], 3)?;
        for packed in [tar, zip, gzip.finish()?, xz.finish()?, zstd] {
            self.put("archives", &[&[1][..], &packed].concat())?;
        }
        Ok(())
    }
}

/// All files below a folder, in order of path.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
