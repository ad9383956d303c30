use std::io::{Cursor, Read};

use jiff::Timestamp;

use super::{File, Inventory, MOST_BYTES, MOST_ENTRIES, MOST_RATIO, Passed, Pending};

/// A container format, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gzip,
    Zstd,
    Xz,
    Zip,
    Tar,
}

impl Kind {
    pub(super) fn of(head: &[u8], path: &str) -> Option<Self> {
        let starts = |magic: &[u8]| head.starts_with(magic);
        if starts(&[0x1f, 0x8b]) {
            Some(Self::Gzip)
        } else if starts(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Some(Self::Zstd)
        } else if starts(&[0xfd, b'7', b'z', b'X', b'Z', 0]) {
            Some(Self::Xz)
        } else if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
            Some(Self::Zip)
        } else if head.get(257..262) == Some(b"ustar") || (path.ends_with(".tar") && head.len() == 512) {
            Some(Self::Tar)
        } else {
            None
        }
    }
}

/// Unpacks into an inventory, within the limits of all archives together.
pub(super) struct Unpack<'a> {
    inventory: &'a mut Inventory,
}

/// What a link in an archive or a folder costs: a line, so that nothing is counted twice.
pub(super) const LINK: &str = "a link; what it leads to is read under its own name";

impl<'a> Unpack<'a> {
    pub(super) fn new(inventory: &'a mut Inventory) -> Self {
        Self { inventory }
    }

    fn pass(&mut self, path: &str, why: impl Into<String>) {
        self.inventory.passed.push(Passed { path: path.to_owned(), why: why.into() });
    }

    pub(super) fn open(&mut self, kind: Kind, path: &str, bytes: &[u8], modified: Option<Timestamp>, depth: u32) {
        if depth == 0 {
            return self.pass(path, "nested too deep");
        }
        let stem = |suffixes: &[&str]| suffixes.iter().find_map(|s| path.strip_suffix(s)).unwrap_or(path).to_owned();
        match kind {
            Kind::Gzip => self.stream(
                &stem(&[".gz", ".gzip"]),
                path,
                flate2::read::MultiGzDecoder::new(bytes),
                bytes.len(),
                modified,
                depth,
            ),
            Kind::Zstd => match zstd::Decoder::new(bytes) {
                Ok(decoder) => self.stream(&stem(&[".zst", ".zstd"]), path, decoder, bytes.len(), modified, depth),
                Err(error) => self.pass(path, format!("broken zstd: {error}")),
            },
            Kind::Xz => {
                self.stream(&stem(&[".xz"]), path, liblzma::read::XzDecoder::new(bytes), bytes.len(), modified, depth)
            }
            Kind::Zip => self.zip(path, bytes, depth),
            Kind::Tar => self.tar(path, bytes, depth),
        }
    }

    /// One compressed stream: an archive inside, or a file.
    fn stream(
        &mut self,
        inner: &str,
        path: &str,
        decoder: impl Read,
        packed: usize,
        modified: Option<Timestamp>,
        depth: u32,
    ) {
        let limit = self.limit(packed as u64);
        let mut bytes = Vec::new();
        let result = decoder.take(limit + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > limit {
            return self.pass(path, "unpacks to more than is allowed");
        }
        if let Err(error) = result {
            self.pass(path, format!("damaged after {} bytes: {error}", bytes.len()));
        }
        match Kind::of(&bytes[..bytes.len().min(512)], inner) {
            // `x.tar.gz` is one archive, not two.
            Some(Kind::Tar) => self.tar(path, &bytes, depth),
            Some(kind) => self.open(kind, inner, &bytes, modified, depth - 1),
            None => self.keep(inner, bytes, modified),
        }
    }

    fn keep(&mut self, path: &str, bytes: Vec<u8>, modified: Option<Timestamp>) {
        if self.inventory.files.len() >= MOST_ENTRIES {
            return self.pass(path, "more entries than are read");
        }
        self.inventory.unpacked += bytes.len() as u64;
        self.inventory.files.push(Pending::InMemory(File { path: path.to_owned(), bytes, modified }));
    }

    fn limit(&self, packed: u64) -> u64 {
        packed.saturating_mul(MOST_RATIO).max(1 << 20).min(MOST_BYTES.saturating_sub(self.inventory.unpacked))
    }

    /// What was unpacked: opened again if it is an archive, else kept as a file.
    fn entry(&mut self, path: &str, bytes: Vec<u8>, modified: Option<Timestamp>, depth: u32) {
        match Kind::of(&bytes[..bytes.len().min(512)], path) {
            Some(kind) => self.open(kind, path, &bytes, modified, depth - 1),
            None => self.keep(path, bytes, modified),
        }
    }

    fn tar(&mut self, path: &str, bytes: &[u8], depth: u32) {
        let mut archive = tar::Archive::new(bytes);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.pass(path, format!("broken tar: {error}")),
        };
        for entry in entries {
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.pass(path, format!("tar is cut off: {error}")),
            };
            let raw = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            let Some(inside) = inside(&raw) else {
                self.pass(&format!("{path}/{}", raw.replace("..", "__")), "path leaves the archive");
                continue;
            };
            let name = format!("{path}/{inside}");
            if !kind.is_file() {
                self.pass(&name, if kind.is_symlink() || kind.is_hard_link() { LINK } else { "no regular file" });
                continue;
            }
            if self.inventory.files.len() >= MOST_ENTRIES {
                return self.pass(path, "more entries than are read");
            }
            let modified =
                entry.header().mtime().ok().and_then(|s| Timestamp::from_second(i64::try_from(s).ok()?).ok());
            let limit = MOST_BYTES.saturating_sub(self.inventory.unpacked);
            let mut content = Vec::new();
            let result = entry.by_ref().take(limit + 1).read_to_end(&mut content);
            if content.len() as u64 > limit {
                return self.pass(&name, "unpacks to more than is allowed");
            }
            if let Err(error) = result {
                self.pass(&name, format!("cut off: {error}"));
            }
            self.entry(&name, content, modified, depth);
        }
    }

    fn zip(&mut self, path: &str, bytes: &[u8], depth: u32) {
        let mut archive = match zip::ZipArchive::new(Cursor::new(bytes)) {
            Ok(archive) => archive,
            Err(error) => return self.pass(path, format!("broken zip: {error}")),
        };
        for i in 0..archive.len().min(MOST_ENTRIES) {
            let mut entry = match archive.by_index(i) {
                Ok(entry) => entry,
                Err(error) => {
                    self.pass(path, format!("entry {i} of the zip: {error}"));
                    continue;
                }
            };
            if entry.is_dir() {
                continue;
            }
            let raw = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
            let Some(inside) = inside(&raw) else {
                self.pass(&format!("{path}/{}", raw.replace("..", "__")), "path leaves the archive");
                continue;
            };
            let name = format!("{path}/{inside}");
            if entry.is_symlink() {
                self.pass(&name, LINK);
                continue;
            }
            let limit = self.limit(entry.compressed_size().max(1));
            let mut content = Vec::new();
            let result = entry.by_ref().take(limit + 1).read_to_end(&mut content);
            if content.len() as u64 > limit {
                self.pass(&name, "unpacks to more than is allowed");
                continue;
            }
            if let Err(error) = result {
                self.pass(&name, format!("cut off: {error}"));
            }
            drop(entry);
            self.entry(&name, content, None, depth);
        }
    }
}

/// A path inside an archive, cleaned; `None` if it leads out of it.
fn inside(raw: &str) -> Option<String> {
    if raw.starts_with('/') || raw.starts_with('\\') || raw.get(1..3) == Some(":\\") {
        return None;
    }
    let parts: Vec<&str> = raw.split(['/', '\\']).filter(|p| !p.is_empty() && *p != ".").collect();
    (!parts.is_empty() && parts.iter().all(|p| *p != "..")).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(inside("./a//b"), Some("a/b".to_owned()));
        assert_eq!(inside("a/../../etc/passwd"), None);
        assert_eq!(inside("/etc/passwd"), None);
        assert_eq!(inside("C:\\x"), None);
    }
}
