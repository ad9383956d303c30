//! What the fuzz targets share.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use firstfault_gather::{families, read_as, read_one_text};
use firstfault_logs::Signatures;

/// The known messages of the catalogue.
pub static SIGNATURES: LazyLock<Signatures> = LazyLock::new(|| {
    let catalog = firstfault_catalog::Catalog::embedded([]).expect("a test of the catalogue keeps it readable");
    Signatures::compile(&catalog.signatures)
});

/// Reads an input of a family of formats. Its first line is `FORMAT|PATH|COMMAND`, the rest is the
/// text; a line that names no format of the family chooses one by its length, so that every input
/// reaches a reader.
pub fn read_family(family: &str, data: &[u8]) {
    let input = String::from_utf8_lossy(data);
    let (head, text) = input.split_once('\n').unwrap_or(("", &input));
    let mut parts = head.splitn(3, '|');
    let (format, path, command) = (parts.next().unwrap_or(""), parts.next().unwrap_or("x"), parts.next());
    let command = command.filter(|command| !command.trim().is_empty());
    let formats: Vec<&str> = families().filter(|(of, _)| *of == family).map(|(_, name)| name).collect();
    let format = if formats.contains(&format) { format } else { formats[head.len() % formats.len()] };
    let _ = read_as(format, path, command, text);
    let _ = read_one_text(path, command, text);
}

/// A file of this process alone, with these bytes.
pub fn scratch(folder: &str, name: &str, bytes: &[u8]) -> PathBuf {
    let shm = PathBuf::from("/dev/shm");
    let base = if shm.is_dir() { shm } else { std::env::temp_dir() };
    let folder = base.join(format!("firstfault-fuzz-{}-{folder}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for the input");
    let file = folder.join(name);
    fs::write(&file, bytes).expect("a file for the input");
    file
}
