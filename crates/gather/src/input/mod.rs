//! Opening evidence: folders, files, archives in archives; bounded and in order.

mod archive;
mod lines;
mod text;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub(crate) use archive::{Container, LINK};
pub use lines::each_block;
pub(crate) use lines::{blocks, lines, unpacked};
pub(crate) use text::{clean, tidy};

/// One file of the evidence, in memory.
pub(crate) struct File {
    /// Its path below what was given; archives count as folders.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// When it was last written, where a file system or an archive tells.
    pub(crate) modified: Option<Timestamp>,
}

/// Something of the evidence that was not opened, and why.
pub(crate) struct Passed {
    pub(crate) path: String,
    pub(crate) why: String,
}

/// What lies in the evidence: readable files in order of path, and what was passed by.
#[derive(Default)]
pub(crate) struct Inventory {
    pub(crate) files: Vec<Pending>,
    pub(crate) passed: Vec<Passed>,
    /// Bytes that may still come out of the archive that is being opened.
    pub(crate) budget: u64,
    /// Bytes that came out of archives so far.
    pub(crate) unpacked: u64,
}

impl Inventory {
    /// An archive that was given itself is the folder that was packed: its own name and the one
    /// folder that packing put around everything say nothing.
    fn leave_archive(&mut self, archive: &str) {
        let is_archive = self.files.iter().any(|f| f.path() != archive) || self.files.is_empty();
        if !is_archive {
            return;
        }
        self.strip(&format!("{archive}/"));
        let Some(top) = self.files.first().and_then(|f| f.path().split_once('/')).map(|(top, _)| format!("{top}/"))
        else {
            return;
        };
        let conventional = CONVENTIONAL.contains(&top.trim_end_matches('/'));
        if !conventional && self.files.iter().all(|f| f.path().starts_with(&top)) {
            self.strip(&top);
        }
    }

    /// Takes `prefix` off all paths that have it.
    fn strip(&mut self, prefix: &str) {
        let strip = |path: &mut String| {
            if let Some(rest) = path.strip_prefix(prefix) {
                *path = rest.to_owned();
            }
        };
        for file in &mut self.files {
            match file {
                Pending::OnDisk { path, .. } => strip(path),
                Pending::InMemory(file) => strip(&mut file.path),
            }
        }
        self.passed.iter_mut().for_each(|p| strip(&mut p.path));
    }

    /// Puts all files below a folder, so that two roots cannot be mixed up.
    pub(crate) fn put_below(&mut self, folder: &str) {
        let put = |path: &mut String| *path = format!("{folder}/{path}");
        for file in &mut self.files {
            match file {
                Pending::OnDisk { path, .. } => put(path),
                Pending::InMemory(file) => put(&mut file.path),
            }
        }
        self.passed.iter_mut().for_each(|p| put(&mut p.path));
    }
}

/// Folders whose names tell readers what is in them; they are never taken for packing.
const CONVENTIONAL: &[&str] = &[
    "namespaces",
    "cluster-scoped-resources",
    "cluster-resources",
    "logs",
    "kubectl",
    "config",
    "sos_commands",
    "var",
    "etc",
    "manifests",
];

/// A file that is read when its turn comes, so that only a few are in memory at once.
pub(crate) enum Pending {
    /// On disk: its path in the evidence, and where it lies.
    OnDisk { path: String, at: PathBuf, size: u64, modified: Option<Timestamp> },
    /// Taken out of an archive.
    InMemory(File),
}

impl Pending {
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::OnDisk { path, .. } => path,
            Self::InMemory(file) => &file.path,
        }
    }
}

/// A file larger than this is streamed as a log, or not read.
pub(crate) const LARGEST_WHOLE: u64 = 512 << 20;
/// Archives inside archives, at most.
const DEEPEST: u32 = 3;
/// Entries of all archives together.
const MOST_ENTRIES: usize = 200_000;
/// Unpacked bytes of all archives together.
const MOST_BYTES: u64 = 1 << 30;
/// What unpacks to more than this many times its size is a bomb: logs reach some 50.
const MOST_RATIO: u64 = 100;
/// So much may come out of anything, however small it is; and more than this is counted before
/// it is held.
const FREE_BYTES: u64 = 32 << 20;
/// Memory that an xz stream may ask for: `xz -9` needs 65 MiB.
const XZ_MEMORY: u64 = 128 << 20;

/// Lists what lies below a path. Sorted by path, so that the order of a directory says nothing.
pub(crate) fn inventory(root: &Path) -> std::io::Result<Inventory> {
    let mut inventory = Inventory::default();
    let canonical = root.canonicalize()?;
    if canonical.is_dir() {
        walk(&canonical, "", &mut inventory);
    } else {
        let name = root.file_name().map_or_else(|| "evidence".to_owned(), |n| n.to_string_lossy().into_owned());
        add_file(&canonical, name.clone(), &mut inventory);
        inventory.leave_archive(&name);
    }
    inventory.files.sort_by(|a, b| a.path().cmp(b.path()));
    inventory.passed.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(inventory)
}

fn walk(folder: &Path, prefix: &str, inventory: &mut Inventory) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            inventory.passed.push(Passed { path: prefix.to_owned(), why: format!("cannot be listed: {error}") });
            return;
        }
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_symlink() {
            follow(path, inventory);
        } else if kind.is_dir() {
            walk(&entry.path(), &path, inventory);
        } else if kind.is_file() {
            add_file(&entry.path(), path, inventory);
        } else {
            inventory.passed.push(Passed { path, why: "no regular file".to_owned() });
        }
    }
}

/// A link is only named: what it leads to inside the evidence is read under its own name. What a
/// link leads to is not said, so that a folder and its archive give the same answer.
fn follow(path: String, inventory: &mut Inventory) {
    inventory.passed.push(Passed { path, why: LINK.to_owned() });
}

fn add_file(at: &Path, path: String, inventory: &mut Inventory) {
    let metadata = match fs::metadata(at) {
        Ok(metadata) => metadata,
        Err(error) => {
            inventory.passed.push(Passed { path, why: format!("cannot be read: {error}") });
            return;
        }
    };
    let modified = metadata.modified().ok().and_then(|t| Timestamp::try_from(t).ok());
    let mut magic = [0; 512];
    let got = fs::File::open(at).and_then(|mut file| file.read(&mut magic)).unwrap_or(0);
    match Container::of(&magic[..got], &path) {
        Some(kind) if metadata.len() <= LARGEST_WHOLE => {
            let mut unpack = archive::Unpack::new(inventory, metadata.len());
            match fs::read(at) {
                Ok(bytes) => unpack.open(kind, &path, &bytes, modified, DEEPEST),
                Err(error) => inventory.passed.push(Passed { path, why: format!("cannot be read: {error}") }),
            }
        }
        _ => inventory.files.push(Pending::OnDisk { path, at: at.to_path_buf(), size: metadata.len(), modified }),
    }
}
