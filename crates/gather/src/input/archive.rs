use std::io::{self, Cursor, Read};

use jiff::Timestamp;

use super::{FREE_BYTES, File, Inventory, MOST_BYTES, MOST_ENTRIES, MOST_RATIO, Passed, Pending, XZ_MEMORY};

/// A container format, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Gzip,
    Zstd,
    Xz,
    Zip,
    Tar,
}

impl Container {
    pub(crate) fn of(head: &[u8], path: &str) -> Option<Self> {
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

/// A stream that is being unpacked.
type Opened<'a> = io::Result<Box<dyn Read + 'a>>;

fn gunzip<'a>(packed: &'a mut &[u8]) -> Opened<'a> {
    Ok(Box::new(flate2::read::MultiGzDecoder::new(*packed)))
}

fn unzstd<'a>(packed: &'a mut &[u8]) -> Opened<'a> {
    Ok(Box::new(zstd::Decoder::new(*packed)?))
}

fn unxz<'a>(packed: &'a mut &[u8]) -> Opened<'a> {
    let decoder = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)?;
    Ok(Box::new(liblzma::read::XzDecoder::new_stream(*packed, decoder)))
}

/// What came out of a stream, and how it broke off.
struct Unpacked {
    bytes: Vec<u8>,
    damage: Option<io::Error>,
}

/// Unpacks into an inventory, within the limits of all archives together.
pub(super) struct Unpack<'a> {
    inventory: &'a mut Inventory,
}

/// What a link in an archive or a folder costs: a line, so that nothing is counted twice.
pub(crate) const LINK: &str = "a link; what it leads to is read under its own name";

impl<'a> Unpack<'a> {
    /// For one archive of the evidence; what it holds in all its depths shares one budget.
    pub(super) fn new(inventory: &'a mut Inventory, packed: u64) -> Self {
        let left = MOST_BYTES.saturating_sub(inventory.unpacked);
        inventory.budget = packed.saturating_mul(MOST_RATIO).max(FREE_BYTES).min(left);
        Self { inventory }
    }

    fn pass(&mut self, path: &str, why: impl Into<String>) {
        self.inventory.passed.push(Passed { path: path.to_owned(), why: why.into() });
    }

    pub(super) fn open(&mut self, kind: Container, path: &str, bytes: &[u8], modified: Option<Timestamp>, depth: u32) {
        if depth == 0 {
            return self.pass(path, "nested too deep");
        }
        let stem = |suffixes: &[&str]| suffixes.iter().find_map(|s| path.strip_suffix(s)).unwrap_or(path).to_owned();
        match kind {
            Container::Gzip => self.stream(&stem(&[".gz", ".gzip"]), path, bytes, modified, depth, gunzip),
            Container::Zstd => self.stream(&stem(&[".zst", ".zstd"]), path, bytes, modified, depth, unzstd),
            Container::Xz => self.stream(&stem(&[".xz"]), path, bytes, modified, depth, unxz),
            Container::Zip => self.zip(path, bytes, depth),
            Container::Tar => self.tar(path, bytes, depth),
        }
    }

    /// One compressed stream: an archive inside, or a file.
    fn stream(
        &mut self,
        inner: &str,
        path: &str,
        mut packed: &[u8],
        modified: Option<Timestamp>,
        depth: u32,
        open: for<'b> fn(&'b mut &[u8]) -> Opened<'b>,
    ) {
        let size = packed.len() as u64;
        let Unpacked { bytes, damage } = match self.unpack(size, &mut packed, open) {
            Ok(unpacked) => unpacked,
            Err(why) => return self.pass(path, why),
        };
        if let Some(error) = damage {
            self.pass(path, format!("damaged after {} bytes: {error}", bytes.len()));
        }
        match Container::of(&bytes[..bytes.len().min(512)], inner) {
            // `x.tar.gz` is one archive, not two.
            Some(Container::Tar) => self.tar(path, &bytes, depth),
            Some(kind) => self.open(kind, inner, &bytes, modified, depth - 1),
            None => self.keep(inner, bytes, modified),
        }
    }

    /// Unpacks one stream within its limit. What is large is counted first and held only if it is
    /// within the limit, so that a bomb costs time but no memory.
    fn unpack<S>(
        &mut self,
        packed: u64,
        source: &mut S,
        open: impl for<'b> Fn(&'b mut S) -> Opened<'b>,
    ) -> Result<Unpacked, String> {
        let limit = packed.saturating_mul(MOST_RATIO).max(FREE_BYTES).min(self.inventory.budget);
        let mut bytes = Vec::new();
        let mut decoder = open(source).map_err(|error| format!("cannot be unpacked: {error}"))?;
        let mut result = decoder.by_ref().take(FREE_BYTES.min(limit)).read_to_end(&mut bytes);
        if result.is_ok() && bytes.len() as u64 == FREE_BYTES.min(limit) {
            let rest = io::copy(&mut decoder.take(limit - bytes.len() as u64 + 1), &mut io::sink());
            let total = bytes.len() as u64 + rest.as_ref().map_or(0, |rest| *rest);
            self.spend(total);
            if total > limit {
                return Err("unpacks to more than is allowed".to_owned());
            }
            if !matches!(rest, Ok(0)) {
                bytes = Vec::with_capacity(usize::try_from(total).unwrap_or(0));
                result = open(source).and_then(|again| again.take(limit).read_to_end(&mut bytes));
            }
        } else {
            self.spend(bytes.len() as u64);
        }
        Ok(Unpacked { bytes, damage: result.err() })
    }

    fn spend(&mut self, bytes: u64) {
        self.inventory.unpacked += bytes;
        self.inventory.budget = self.inventory.budget.saturating_sub(bytes);
    }

    fn keep(&mut self, path: &str, bytes: Vec<u8>, modified: Option<Timestamp>) {
        if self.inventory.files.len() >= MOST_ENTRIES {
            return self.pass(path, "more entries than are read");
        }
        self.inventory.files.push(Pending::InMemory(File { path: path.to_owned(), bytes, modified }));
    }

    /// What was unpacked: opened again if it is an archive, else kept as a file.
    fn entry(&mut self, path: &str, bytes: Vec<u8>, modified: Option<Timestamp>, depth: u32) {
        match Container::of(&bytes[..bytes.len().min(512)], path) {
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
            // Only a sparse entry can be larger than the tar that holds it.
            let limit = bytes.len() as u64;
            let mut content = Vec::new();
            let result = entry.by_ref().take(limit + 1).read_to_end(&mut content);
            if content.len() as u64 > limit {
                self.pass(&name, "unpacks to more than is allowed");
                continue;
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
            let entry = match archive.by_index(i) {
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
            let packed = entry.compressed_size();
            drop(entry);
            let Unpacked { bytes: content, damage } =
                match self.unpack(packed, &mut archive, |archive| Ok(Box::new(archive.by_index(i)?))) {
                    Ok(unpacked) => unpacked,
                    Err(why) => {
                        self.pass(&name, why);
                        continue;
                    }
                };
            if let Some(error) = damage {
                self.pass(&name, format!("cut off: {error}"));
            }
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
