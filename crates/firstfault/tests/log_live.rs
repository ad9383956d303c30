//! `firstfault logs -` and `--follow`: logs that have no end yet.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a test waits for a line before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program while it runs, and what it has said.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

fn start(folder: &Path, arguments: &[&str]) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_firstfault"))
        .arg("logs")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    let (sender, lines) = channel();
    std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    Running { child, lines }
}

impl Running {
    fn write(&mut self, text: &str) {
        let input = self.child.stdin.as_mut().expect("a pipe");
        input.write_all(text.as_bytes()).and_then(|()| input.flush()).expect("it reads");
    }

    /// The first line from now on that holds a text.
    fn wait_for(&self, text: &str) -> String {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => said.push(line),
                Err(error) => panic!("{text}: {error}; it said {said:#?}"),
            }
        }
    }

    #[cfg(unix)]
    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// What it says until it ends, and with which code.
    fn end(mut self) -> (Vec<String>, Option<i32>) {
        drop(self.child.stdin.take());
        let rest = self.lines.iter().collect();
        (rest, self.child.wait().expect("it ends").code())
    }
}

fn piped(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_firstfault"))
        .arg("logs")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn till(lines: usize) -> String {
    (0..lines).map(|i| format!("2031-02-03T04:{:02}:{:02}Z INFO sold cake {i}\n", i / 60, i % 60)).collect()
}

#[test]
fn a_stream_that_ends_has_the_overview_of_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("till.log"), till(300)).expect("writable");
    let of_file = piped(folder.path(), &["till.log", "--format", "json"], "");
    let of_stream = piped(folder.path(), &["-", "--format", "json"], &till(300));
    assert!(of_stream.status.success());
    assert_eq!(String::from_utf8(of_stream.stdout).expect("UTF-8"), String::from_utf8(of_file.stdout).expect("UTF-8"));
    let text = |arguments: &[&str], input: &str| {
        String::from_utf8(piped(folder.path(), arguments, input).stdout).expect("UTF-8")
    };
    let of_file = text(&["till.log"], "").replace("till.log: ", "-: ");
    let of_stream = text(&["-"], &till(300));
    let (told, overview) = of_stream.split_at(of_stream.find("-: ").expect("an overview"));
    assert_eq!(overview, of_file);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("template  ") && told.contains("sold cake <num>") && told.ends_with("-:1\n"), "{told}");
    assert_eq!(text(&["-"], &till(300)), of_stream, "the same each time");
}

#[test]
fn an_empty_stream_is_no_mistake() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = piped(folder.path(), &["-"], "");
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("0 lines, 0 records"));
}

#[cfg(unix)]
#[test]
fn news_come_while_the_stream_is_open_and_a_signal_ends_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for signal in ["-TERM", "-INT"] {
        let mut running = start(folder.path(), &["-", "--baseline", "1s"]);
        running.write(&till(20));
        let usual = running.wait_for("sold cake <num>");
        assert!(usual.contains("  template  "), "{usual}");
        std::thread::sleep(Duration::from_millis(1500));
        running.write("2031-02-03T05:00:00Z ERROR FATAL: sorry, too many clients already\n");
        let first = running.wait_for("too many clients");
        let second = running.wait_for("too many clients");
        assert!([&first, &second].iter().any(|l| l.contains("  known ")), "{first}\n{second}");
        assert!([&first, &second].iter().any(|l| l.contains("  new ") && l.contains("  error ")), "{first}\n{second}");
        running.signal(signal);
        let (rest, code) = running.end();
        assert_eq!(code, Some(0), "{rest:#?}");
        assert!(rest.iter().any(|l| l.contains("21 lines, 21 records")), "{rest:#?}");
        assert!(rest.iter().any(|l| l.contains("new: ")), "{rest:#?}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut running = start(folder.path(), &["-"]);
    let errors = running.child.stderr.take().expect("a pipe");
    drop(std::mem::replace(&mut running.lines, channel().1));
    // The thread that read for us ends at its next line, and the pipe with it.
    let input = running.child.stdin.as_mut().expect("a pipe");
    for i in 0..5000_u32 {
        let word: String = i.to_string().bytes().map(|b| char::from(b - b'0' + b'a')).collect();
        if input.write_all(format!("{word} {word}{word} said {word}x at {word}y\n").as_bytes()).is_err() {
            break;
        }
    }
    drop(running.child.stdin.take());
    assert!(running.child.wait().expect("it ends").success());
    let said: Vec<String> = BufReader::new(errors).lines().map_while(Result::ok).collect();
    assert_eq!(said, Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_file_is_followed_while_it_grows_and_rotates() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("till.log");
    let append = |text: &str| {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(&path).expect("writable");
        file.write_all(text.as_bytes()).expect("writable");
    };
    append(&till(20));
    let running = start(folder.path(), &["till.log", "--follow", "--baseline", "0s"]);
    running.wait_for("sold cake <num>");
    append("2031-02-03T04:30:00Z WARN drawer stuck\n");
    assert!(running.wait_for("drawer stuck").ends_with("till.log:21"));
    fs::rename(&path, folder.path().join("till.log.1")).expect("writable");
    append("2031-02-03T04:31:00Z ERROR till on fire\n");
    assert!(running.wait_for("till on fire").ends_with("till.log:1"));
    fs::write(&path, "2031-02-03T04:32:00Z INFO quiet\n").expect("writable");
    assert!(running.wait_for("quiet").ends_with("till.log:1"));
    running.signal("-INT");
    let (rest, code) = running.end();
    assert_eq!(code, Some(0));
    assert!(rest.iter().any(|l| l.contains("23 lines, 23 records")), "{rest:#?}");
}

#[test]
fn what_cannot_be_followed_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for arguments in [&["gone.log", "--follow"][..], &[".", "--follow"], &["-", "--baseline", "long"]] {
        let output = piped(folder.path(), arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
