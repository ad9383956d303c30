//! Where an answer goes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde::Serialize;

/// Writes to the file, or to standard output.
pub(crate) fn deliver(text: &str, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    match file {
        Some(path) => std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?,
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes an answer for programs to the file, or to standard output, while it is made: it may be as large as the evidence.
pub(crate) fn deliver_json(answer: &impl Serialize, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let write = |out: &mut dyn Write| {
        let mut out = BufWriter::new(out);
        serde_json::to_writer_pretty(&mut out, answer)?;
        out.write_all(b"\n")?;
        out.flush()
    };
    match file {
        Some(path) => File::create(path)
            .and_then(|mut file| write(&mut file))
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => write(&mut std::io::stdout().lock())?,
    }
    Ok(ExitCode::SUCCESS)
}
