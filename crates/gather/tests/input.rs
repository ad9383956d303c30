//! Evidence is hostile, and the form in which it is handed over says nothing.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use firstfault_gather::{Options, World, gather, gather_stdin};
use proptest::prelude::*;

const PODS: &str = "$ kubectl get pods -n shop\nNAME                        READY   STATUS    RESTARTS   AGE\nweb-7d9c5b8f6d-x2k4q        1/1     Running   0          3d\n";
const LOG: &str = "2026-03-01T10:00:00Z INFO start\n2026-03-01T10:00:01Z ERROR cannot connect to db:5432\n";

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(&path, bytes).expect("a file");
    path
}

fn read(path: &Path) -> World {
    gather(&[path.to_path_buf()], &Options::default()).expect("it exists")
}

/// Everything of the world that an answer could show.
fn told(world: &World) -> String {
    let objects: Vec<_> = world.objects.values().collect();
    let logs: Vec<_> = world.logs.iter().map(|l| (&l.path, &l.entity)).collect();
    format!("{objects:?} {:?} {logs:?} {:?} {:?} {:?}", world.events, world.relations, world.coverage, world.sources)
}

fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        // Written by hand: the library refuses names that lead out of the archive.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).expect("memory");
    }
    builder.into_inner().expect("memory")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("memory");
        writer.write_all(bytes).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn why(world: &World, path: &str) -> String {
    world
        .coverage
        .files
        .iter()
        .find(|f| f.path == *path)
        .map_or_else(|| format!("no line in {:?}", world.coverage.files), |f| f.read_as.clone())
}

#[test]
fn folder_and_archives_tell_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let files: &[(&str, &[u8])] = &[("kubectl/pods.txt", PODS.as_bytes()), ("logs/shop_web.log", LOG.as_bytes())];
    for (name, bytes) in files {
        write(dir.path(), &format!("plain/{name}"), bytes);
    }
    let wrapped: Vec<(String, &[u8])> =
        files.iter().rev().map(|(name, bytes)| (format!("bundle-2026/{name}"), *bytes)).collect();
    let wrapped: Vec<(&str, &[u8])> = wrapped.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let archives = [
        write(dir.path(), "a.tar", &tar(files)),
        write(dir.path(), "b.tar.gz", &gzip(&tar(&wrapped))),
        write(dir.path(), "c.tar.zst", &zstd::encode_all(&tar(&wrapped)[..], 3).expect("memory")),
        write(dir.path(), "d.zip", &zip(&wrapped)),
        write(dir.path(), "without-a-suffix", &gzip(&tar(files))),
    ];
    let plain = told(&read(&dir.path().join("plain")));
    assert!(plain.contains("web-7d9c5b8f6d-x2k4q"), "{plain}");
    for archive in archives {
        assert_eq!(told(&read(&archive)), plain, "{}", archive.display());
    }
}

#[test]
fn an_archive_cannot_write_or_read_elsewhere() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive =
        tar(&[("../../etc/passwd", b"root"), ("/etc/shadow", b"root"), ("kubectl/pods.txt", PODS.as_bytes())]);
    let world = read(&write(dir.path(), "evil.tar", &archive));
    assert_eq!(
        world.coverage.files.iter().filter(|f| f.read_as == "path leaves the archive").count(),
        2,
        "{:?}",
        world.coverage.files
    );
    assert_eq!(world.objects.len(), 1);
}

#[test]
fn bombs_are_passed_by() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "e/bomb.gz", &gzip(&vec![0; 64 << 20]));
    write(dir.path(), "e/bomb.zip", &zip(&[("zeros", &vec![0; 64 << 20])]));
    let world = read(&dir.path().join("e"));
    assert_eq!(why(&world, "bomb.gz"), "unpacks to more than is allowed");
    assert_eq!(why(&world, "bomb.zip/zeros"), "unpacks to more than is allowed");
}

#[test]
fn archives_nest_to_a_depth() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut nested = tar(&[("pods.txt", PODS.as_bytes())]);
    for _ in 0..2 {
        nested = tar(&[("in.tar.gz", &gzip(&nested))]);
    }
    write(dir.path(), "two/out.tar", &nested);
    assert_eq!(read(&dir.path().join("two")).objects.len(), 1);
    for _ in 0..3000 {
        nested = tar(&[("in.tar", &nested)]);
        if nested.len() > 4 << 20 {
            break;
        }
    }
    write(dir.path(), "many/out.tar", &nested);
    let world = read(&dir.path().join("many"));
    assert!(world.coverage.files.iter().any(|f| f.read_as == "nested too deep"), "{:?}", world.coverage.files);
}

#[cfg(unix)]
#[test]
fn links_are_named_and_counted_once() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "e/sos/pods.txt", PODS.as_bytes());
    write(dir.path(), "outside.txt", PODS.as_bytes());
    for (target, link) in [("sos/pods.txt", "pods"), ("../outside.txt", "out"), ("gone", "dangling"), (".", "loop")] {
        std::os::unix::fs::symlink(target, dir.path().join("e").join(link)).expect("a link");
    }
    let world = read(&dir.path().join("e"));
    assert_eq!(world.objects.len(), 1);
    assert_eq!(world.coverage.files.iter().filter(|f| f.read_as.starts_with("a link")).count(), 4);
}

#[test]
fn nothing_is_an_error_but_a_path_that_is_not_there() {
    let dir = tempfile::tempdir().expect("a folder");
    assert!(gather(&[dir.path().join("gone")], &Options::default()).is_err());
    write(dir.path(), "e/empty.txt", b"");
    write(dir.path(), "e/core", &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0, 1, 0, 0, 0]);
    write(dir.path(), "e/cut.tar.gz", &gzip(&tar(&[("pods.txt", PODS.as_bytes())]))[..60]);
    let world = read(&dir.path().join("e"));
    assert_eq!(why(&world, "empty.txt"), "empty");
    assert_eq!(why(&world, "core"), "binary, not read");
    assert!(
        world.coverage.files.iter().any(|f| &*f.path == "cut.tar.gz" && f.read_as.starts_with("damaged")),
        "{:?}",
        world.coverage.files
    );
}

#[test]
fn consoles_of_all_kinds_give_the_same_objects() {
    let plain = gather_stdin(PODS.as_bytes(), &Options::default()).expect("memory");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(PODS.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let crlf = PODS.replace('\n', "\r\n");
    let colour = PODS.replace("Running", "\x1b[32mRunning\x1b[0m");
    let captured =
        format!("Script started on 2026-03-01 10:00:00+00:00\n{PODS}\nScript done on 2026-03-01 10:00:05+00:00\n");
    for (form, bytes) in [("UTF-16", utf16), ("CRLF", crlf.into_bytes()), ("colours", colour.into_bytes())] {
        let world = gather_stdin(&bytes[..], &Options::default()).expect("memory");
        assert_eq!(format!("{:?}", world.objects), format!("{:?}", plain.objects), "{form}");
    }
    assert_eq!(gather_stdin(captured.as_bytes(), &Options::default()).expect("memory").objects.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        gather_stdin(&bytes[..], &Options::default()).expect("memory");
    }

    #[test]
    fn damaged_archives_are_read(at in 0..400_usize, byte in any::<u8>(), cut in 0..400_usize) {
        let dir = tempfile::tempdir().expect("a folder");
        for mut bytes in [gzip(&tar(&[("pods.txt", PODS.as_bytes())])), zip(&[("pods.txt", PODS.as_bytes())])] {
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(bytes.len() - cut % bytes.len());
            read(&write(dir.path(), "evidence", &bytes));
        }
    }

    #[test]
    fn cut_transcripts_keep_their_earlier_part(cut in 0..PODS.len()) {
        let world = gather_stdin(&PODS.as_bytes()[..cut], &Options::default()).expect("memory");
        prop_assert!(world.objects.len() <= 1);
    }
}
