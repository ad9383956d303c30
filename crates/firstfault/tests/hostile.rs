//! Evidence is hostile: whatever is in it, the tool answers within its memory, says what it passed
//! by, and keeps what it could read (invariants 2 and 3).

#[path = "support/watched.rs"]
mod watched;

use std::fs;
use std::io::{Cursor, Write};
use std::process::Command;

use watched::{Answer, PODS, check_folder, coverage};

/// Puts a file beside something readable.
fn check(name: &str, bytes: &[u8], says: &[&str]) -> Answer {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("pods.txt"), PODS).expect("a file");
    fs::write(dir.path().join(name), bytes).expect("a file");
    check_folder(dir.path(), name, says)
}

fn gzip_zeros(megabytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    let zeros = vec![0; 1 << 20];
    for _ in 0..megabytes {
        encoder.write_all(&zeros).expect("memory");
    }
    encoder.finish().expect("memory")
}

fn zip_zeros(entries: usize, megabytes: usize) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let zeros = vec![0; 1 << 20];
    for i in 0..entries {
        writer.start_file(format!("zeros-{i}"), zip::write::SimpleFileOptions::default()).expect("memory");
        for _ in 0..megabytes {
            writer.write_all(&zeros).expect("memory");
        }
    }
    writer.finish().expect("memory").into_inner()
}

/// A tar written by hand: the library refuses what this test is about.
fn tar_entry(name: &str, kind: tar::EntryType, link: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, bytes).expect("memory");
    let mut whole = builder.into_inner().expect("memory");
    whole.truncate(whole.len() - 1024); // the end mark
    whole
}

#[test]
fn bombs_cost_no_memory() {
    check("logs.gz", &gzip_zeros(600), &["unpacks to more than is allowed"]);
    check("bundle.zip", &zip_zeros(1, 600), &["unpacks to more than is allowed"]);
    // Many entries that are each small enough.
    check("many.zip", &zip_zeros(30, 20), &["unpacks to more than is allowed"]);
}

#[test]
fn a_bomb_in_an_archive_leaves_the_rest() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in [("a/pods.txt", PODS.as_bytes()), ("b/logs.gz", &gzip_zeros(300)[..])] {
        writer.start_file(name, options).expect("memory");
        writer.write_all(bytes).expect("memory");
    }
    let bytes = writer.finish().expect("memory").into_inner();
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("bundle.zip"), bytes).expect("a file");
    check_folder(dir.path(), "b/logs", &["unpacks to more than is allowed"]);
}

#[test]
fn a_tar_cannot_lead_out_of_itself() {
    use tar::EntryType;
    let dir = tempfile::tempdir().expect("a folder");
    let secret = dir.path().join("outside-canary.txt");
    fs::write(&secret, "the-canary-outside").expect("a file");
    let mut bytes = Vec::new();
    bytes.extend(tar_entry("../../../../etc/passwd", EntryType::Regular, "", b"root:x:0:0"));
    bytes.extend(tar_entry("/etc/shadow", EntryType::Regular, "", b"root:!:1"));
    bytes.extend(tar_entry("soft.txt", EntryType::Symlink, secret.to_str().expect("a plain path"), b""));
    bytes.extend(tar_entry("hard.txt", EntryType::Link, "../outside-canary.txt", b""));
    bytes.extend(tar_entry("device", EntryType::Char, "", b""));
    bytes.extend(tar_entry("pipe", EntryType::Fifo, "", b""));
    bytes.extend(tar_entry("pods.txt", EntryType::Regular, "", PODS.as_bytes()));
    bytes.extend([0; 1024]);
    fs::create_dir(dir.path().join("e")).expect("a folder");
    fs::write(dir.path().join("e/bundle.tar"), bytes).expect("a file");
    let answer = check_folder(&dir.path().join("e"), "bundle.tar", &["path leaves the archive"]);
    for part in ["soft.txt", "hard.txt"] {
        assert!(coverage(&answer.case, part).contains("a link"), "{}", answer.case["coverage"]);
    }
    assert!(!answer.case.to_string().contains("the-canary-outside"));
}

#[test]
fn deep_and_wide_documents_are_read_as_far_as_they_make_sense() {
    const DEEP: usize = 100_000;
    check("deep.json", format!("{}1{}", r#"{"a":"#.repeat(DEEP), "}".repeat(DEEP)).as_bytes(), &[]);
    check("lists.json", format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)).as_bytes(), &[]);
    check("open.json", r#"{"kind":"List","items":["#.repeat(DEEP / 10).as_bytes(), &[]);
    check("deep.yaml", format!("a: {}{}", "[".repeat(DEEP), "]".repeat(DEEP)).as_bytes(), &[]);
    let indented: String = (0..2000).map(|i| format!("{}k:\n", " ".repeat(i))).collect();
    check("stairs.yaml", indented.as_bytes(), &[]);
}

#[test]
fn yaml_aliases_do_not_multiply() {
    let mut bomb = String::from(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: laughs}\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n",
    );
    for level in 1..30 {
        let below = format!("*a{}", level - 1);
        let nine = vec![below; 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{nine}]\n"));
    }
    check("laughs.yaml", bomb.as_bytes(), &[]);
    check("merge.yaml", b"kind: Pod\nmetadata: &m\n  <<: *m\n  name: x\n", &[]);
}

#[test]
fn lines_without_an_end_are_read() {
    let long = "x".repeat(10 << 20);
    check("long.txt", long.as_bytes(), &[]);
    check("long.log", format!("2026-03-01T10:00:00Z ERROR {long}\n").as_bytes(), &["log"]);
    check("long.json", format!(r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"{long}"}}}}"#).as_bytes(), &[]);
    check("prompt.txt", format!("$ kubectl get pods {long}\n{long}\n").as_bytes(), &[]);
    check(
        "table.txt",
        format!("NAME   READY   STATUS   RESTARTS   AGE\n{long}   1/1   Running   0   3d\n").as_bytes(),
        &[],
    );
}

#[test]
fn what_is_cut_off_keeps_its_earlier_part() {
    let table = "$ kubectl get pods -n mill\nNAME                     READY   STATUS             RESTARTS   AGE\nsaw-5d9c7b8f4d-m2k4q     1/1     Running            0          3d\npress-6b8d9c7f5-x9w2v    0/1     CrashLoopBackOff   7          3d\nlathe-7c6d5b4f8-q";
    let answer = check("cut.txt", table.as_bytes(), &["transcript"]);
    assert!(answer.case.to_string().contains("press"), "{}", answer.case);
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"drill","namespace":"mill"},"status":{"phase":"Running"}}"#;
    check(
        "cut.json",
        format!(r#"{{"apiVersion":"v1","kind":"List","items":[{pod},{{"kind":"Po"#).as_bytes(),
        &["not closed"],
    );
}

#[test]
fn text_in_any_encoding_is_read() {
    let crash = PODS.replace("1/1     Running  ", "0/1     CrashLoopBackOff");
    let utf16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.into_iter().chain(crash.encode_utf16().flat_map(bytes)).collect()
    };
    for bytes in [utf16([0xff, 0xfe], u16::to_le_bytes), utf16([0xfe, 0xff], u16::to_be_bytes)] {
        let answer = check("session.txt", &bytes, &["transcript"]);
        assert!(answer.case.to_string().contains("saw"), "{}", answer.case);
    }
    let mut broken = PODS.as_bytes().to_vec();
    broken.splice(30..30, [0xff, 0xc3, 0x28, 0xf0, 0x9f]);
    check("broken.txt", &broken, &[]);
    check("odd-utf16.txt", &[0xff, 0xfe, b'a', 0, b'b'], &[]);
    check("surrogates.txt", &[0xff, 0xfe, 0x00, 0xd8, 0x00, 0xd8, 0x41, 0x00], &[]);
}

#[test]
fn nothing_and_noise_are_named() {
    check("empty.txt", b"", &["empty"]);
    check("blank.json", b" \n\t\n", &["empty"]);
    check("zeros.bin", &[0; 4096], &[]);
    // The same noise every time (a linear congruential generator).
    let mut state: u64 = 42;
    let noise: Vec<u8> = (0..1 << 20)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        })
        .collect();
    for name in ["noise.bin", "noise.json", "noise.yaml", "noise.log", "noise.txt", "noise.csv", "noise.tar"] {
        check(name, &noise, &[]);
    }
    let heads: [(&str, &[u8]); 4] = [
        ("head.gz", &[0x1f, 0x8b, 8, 0]),
        ("head.zst", &[0x28, 0xb5, 0x2f, 0xfd]),
        ("head.xz", &[0xfd, b'7', b'z', b'X', b'Z', 0]),
        ("head.zip", b"PK\x03\x04"),
    ];
    for (name, head) in heads {
        let bytes: Vec<u8> = head.iter().chain(&noise[..2000]).copied().collect();
        check(name, &bytes, &[]);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("pods.txt"), PODS).expect("a file");
    let made = Command::new("mkfifo").arg(dir.path().join("pipe")).status().expect("mkfifo");
    assert!(made.success());
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("endless")).expect("a link");
    std::os::unix::fs::symlink(".", dir.path().join("loop")).expect("a link");
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).expect("a socket");
    let mut deep = dir.path().to_path_buf();
    for _ in 0..120 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).expect("folders");
    fs::write(deep.join("x.txt"), "hello").expect("a file");
    check_folder(dir.path(), "pipe", &["no regular file"]);
    check_folder(dir.path(), "socket", &["no regular file"]);
    check_folder(dir.path(), "endless", &["a link"]);
}
