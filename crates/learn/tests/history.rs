//! The memory of cases as its users rely on it: what is added stays, once; what is damaged is said and the rest is read.

use std::fs;
use std::path::Path;

use firstfault_learn::history::{Added, Confirmed, Document, Error, Filter, History, Reader, Remarks, Verdict};
use jiff::Timestamp;
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn added_at() -> Timestamp {
    at("2026-05-01T00:00:00Z")
}

fn entity(name: &str) -> Value {
    json!({ "kind": "StatefulSet", "namespace": "billing", "name": name })
}

/// A case of its own: evidence `n`, a failure mode on an entity, findings.
fn case(n: usize, mode: &str, name: &str, findings: &[&str]) -> Document {
    // Text that does not compress well, so that documents lie on several pages.
    let mut state = n as u64 + 1;
    let mut noise = String::new();
    for _ in 0..900 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.push_str(&format!("{:x} ", state >> 40));
    }
    let facts: Vec<Value> = findings
        .iter()
        .map(|id| json!({ "finding": id, "says": format!("StatefulSet billing/{name} shows {id}"), "excerpt": noise }))
        .collect();
    let value = json!({
        "schema": "firstfault.case/v1",
        "status": "incident",
        "over": false,
        "severity": { "level": 2, "reasons": [] },
        "window": { "from": null, "to": null },
        "hypotheses": [{
            "failure_mode": mode, "title": "The disk is full", "area": mode.split('.').next(), "entity": entity(name),
            "probability": 0.9, "summary": format!("StatefulSet billing/{name} cannot write"),
            "chain": [
                { "entity": entity(name), "what": "is full", "at": "2026-04-01T10:00:00Z", "via": null },
                { "entity": { "kind": "Deployment", "namespace": "billing", "name": "invoices" },
                  "what": "fails requests", "at": "2026-04-01T10:20:00Z", "via": "calls" }
            ],
            "evidence": facts,
        }],
        "evidence": { "paths": ["/home/somebody/evidence"], "hash": format!("{n:016x}") },
    });
    Document::from_value(value).expect("a case")
}

fn full(path: &Path, cases: usize) {
    let mut history = History::open(path).expect("opens");
    for n in 1..=cases {
        let name = format!("ledger-{n}");
        let added =
            history.add(&case(n, "storage.volume-full", &name, &["volume.full"]), &Remarks::default(), added_at());
        assert_eq!(added.expect("adds"), Added::New(n as i64));
    }
}

#[test]
fn the_same_evidence_with_the_same_answer_is_one_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    let mut history = History::open(&path).expect("opens");
    let document = case(1, "storage.volume-full", "ledger", &["volume.full"]);
    let nothing = Remarks::default();
    assert_eq!(history.add(&document, &nothing, added_at()).expect("adds"), Added::New(1));
    assert_eq!(history.add(&document, &nothing, at("2026-06-01T00:00:00Z")).expect("adds"), Added::Known(1));
    let said = Remarks { resolved: true, notes: vec!["grew the volume".to_owned()], ..Remarks::default() };
    assert_eq!(history.add(&document, &said, added_at()).expect("adds"), Added::Remarked(1));
    assert_eq!(history.add(&document, &said, added_at()).expect("adds"), Added::Known(1));
    // Another answer from the same evidence, and the same answer from other evidence, are other cases.
    let other = case(1, "storage.volume-full", "queue", &["volume.full"]);
    assert_eq!(history.add(&other, &nothing, added_at()).expect("adds"), Added::New(2));
    let other = case(2, "storage.volume-full", "ledger", &["volume.full"]);
    assert_eq!(history.add(&other, &nothing, added_at()).expect("adds"), Added::New(3));

    drop(history);
    let history = History::open_to_read(&path).expect("opens again");
    let outlines = history.outlines().expect("reads");
    assert_eq!(outlines.len(), 3);
    assert_eq!((outlines[0].added_at, outlines[0].revision), (added_at(), 2));
    assert_eq!(outlines[0].remarks.notes, ["grew the volume"]);
    assert_eq!(outlines[0].facts.began, Some(at("2026-04-01T10:00:00Z")));
    assert_eq!(outlines[0].facts.felt, Some(at("2026-04-01T10:20:00Z")));
    assert_eq!(history.check().expect("checks"), [""; 0]);
    let record = history.record(1).expect("reads").expect("is there");
    assert_eq!(record.document.text(), document.text());
    assert!(!record.document.text().contains("somebody"), "where the evidence lay names a person's folder");
}

#[test]
fn what_is_typed_or_comes_in_files_is_masked() {
    let mut history = History::in_memory().expect("opens");
    let password = "hunter2hunter2";
    let mut raw: Value =
        serde_json::from_str(case(1, "storage.volume-full", "ledger", &["volume.full"]).text()).expect("JSON");
    raw["hypotheses"][0]["summary"] = json!(format!("connects with postgres://app:{password}@db/ledger"));
    let said = Remarks { notes: vec![format!("set password={password} again")], ..Remarks::default() };
    history.add(&Document::from_value(raw).expect("a case"), &said, added_at()).expect("adds");
    let record = history.record(1).expect("reads").expect("is there");
    assert!(!record.document.text().contains(password));
    assert!(!record.outline.remarks.notes[0].contains(password), "{:?}", record.outline.remarks.notes);
    assert!(history.search(password, 5).expect("searches").is_empty());
}

#[test]
fn what_people_found_out_takes_the_answers_place() {
    let mut history = History::in_memory().expect("opens");
    let wrong = Remarks { verdict: Verdict::Wrong, ..Remarks::default() };
    let mode = Confirmed { failure_mode: "storage.volume-full".to_owned(), area: "storage".to_owned() };
    let confirmed = Remarks { verdict: Verdict::Confirmed(mode), ..Remarks::default() };
    let answers = [("network.delay", &wrong), ("dns.server-silent", &confirmed)];
    for (n, (mode, said)) in answers.into_iter().enumerate() {
        history.add(&case(n, mode, &format!("other-{n}"), &["volume.full"]), said, added_at()).expect("adds");
    }
    let asked = case(9, "storage.volume-full", "ledger", &["volume.full", "requests.failing"]);
    let found = history.similar(&asked, 0.0, 5).expect("compares");
    let modes: Vec<(i64, f64)> = found.iter().map(|like| (like.case.id, like.agreement.mode)).collect();
    assert_eq!(modes, [(2, 1.0), (1, 0.0)]);
    // w = ln(1 + 3/3) for what both cases show, ln(1 + 3/1) for what none does: a third agrees.
    assert_eq!(found[0].agreement.findings, 0.333);
    // 0.4 / 3 + 0.3 + 0.15 for the whole chain.
    assert_eq!(found[0].likeness, 0.583);
    assert_eq!(found[0].agreement.only_asked, ["requests.failing"]);
    assert_eq!(found[0].agreement.steps.len(), 2);

    let filter = Filter { failure_mode: Some("storage".to_owned()), ..Filter::default() };
    let outlines = history.outlines().expect("reads");
    assert_eq!(outlines.iter().filter(|case| filter.admits(case)).map(|case| case.id).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_case_is_not_like_itself() {
    let mut history = History::in_memory().expect("opens");
    let document = case(1, "storage.volume-full", "ledger", &["volume.full"]);
    history.add(&document, &Remarks::default(), added_at()).expect("adds");
    assert!(history.similar(&document, 0.0, 5).expect("compares").is_empty());
    assert_eq!(history.known(&document).expect("looks"), Some(1));
}

#[test]
fn words_are_found_wherever_they_stand_and_hostile_words_are_words() {
    let mut history = History::in_memory().expect("opens");
    let said = Remarks { notes: vec!["the vendor calls it a Tüv seal".to_owned()], ..Remarks::default() };
    history.add(&case(1, "storage.volume-full", "ledger-main", &["volume.full"]), &said, added_at()).expect("adds");
    history
        .add(&case(2, "dns.server-silent", "resolver", &["dns.timeout"]), &Remarks::default(), added_at())
        .expect("adds");
    let ids = |text: &str| -> Vec<i64> {
        let mut ids: Vec<i64> = history.search(text, 10).expect("searches").iter().map(|hit| hit.case.id).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids("vendor tuv"), [1]);
    assert_eq!(ids("ledger-main"), [1]);
    assert_eq!(ids("ledg"), [1]);
    assert_eq!(ids("dns.timeout"), [2]);
    assert_eq!(ids("disk"), [1, 2]);
    assert_eq!(ids("vendor resolver"), [0_i64; 0]);
    for hostile in ["\"", "a\" OR \"b", "NEAR(", "title:x", "* OR *", "a AND", "-x", "\0a", "(((a"] {
        match history.search(hostile, 10) {
            Ok(_) | Err(Error::NoWord) => {}
            Err(error) => panic!("{hostile:?}: {error}"),
        }
    }
    // Other words of a known case replace the old ones.
    let more = Remarks { notes: vec!["replaced by cheese".to_owned()], ..Remarks::default() };
    history.remark(2, &more).expect("adds").expect("is there");
    assert_eq!(history.search("cheese", 10).expect("searches")[0].excerpt, "replaced by cheese");
}

#[test]
fn other_files_are_left_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("notes.txt");
    fs::write(&text, "These are my notes, and there are enough of them to be a page. ".repeat(200)).expect("writes");
    let foreign = folder.path().join("foreign.sqlite");
    let other = rusqlite::Connection::open(&foreign).expect("opens");
    other.execute_batch("CREATE TABLE music (title TEXT); PRAGMA user_version = 7;").expect("makes a table");
    drop(other);
    let newer = folder.path().join("newer.sqlite");
    full(&newer, 1);
    rusqlite::Connection::open(&newer).expect("opens").pragma_update(None, "user_version", 99).expect("sets");
    for path in [&text, &foreign, &newer] {
        let before = fs::read(path).expect("reads");
        let errors = [History::open(path).map(drop), Reader::open(path).map(drop)];
        for error in errors {
            let error = error.expect_err("it is not ours");
            if path == &newer {
                assert!(matches!(error, Error::Newer { found: 99, known: 1, .. }), "{error:?}");
            } else if path == &foreign {
                assert!(matches!(error, Error::NotAHistory { .. }), "{error:?}");
            } else {
                assert!(matches!(error, Error::NotAHistory { .. } | Error::NoDatabase), "{error:?}");
            }
        }
        assert_eq!(fs::read(path).expect("reads"), before, "{}", path.display());
    }
}

/// The numbers and texts of the cases that can be read whole, and the sentences about damage.
fn whole(path: &Path) -> (Vec<(i64, String)>, Vec<String>) {
    let mut reader = Reader::open(path).expect("what is damaged is read as far as it goes");
    let ids: Vec<i64> = reader.ask(History::outlines).expect("reads").iter().map(|case| case.id).collect();
    let mut cases = Vec::new();
    for id in ids {
        let Some(record) = reader.ask(|history| history.record(id)).expect("reads") else { continue };
        cases.push((id, record.document.text().to_owned()));
    }
    (cases, reader.damage().to_vec())
}

#[test]
fn wherever_a_file_is_overwritten_the_rest_is_read_and_nothing_false() {
    const CASES: usize = 60;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    full(&path, CASES);
    let sound = fs::read(&path).expect("reads");
    let (written, damage) = whole(&path);
    assert_eq!((written.len(), damage.len()), (CASES, 0));
    let pages = sound.len() / 4096;
    assert!(pages > 100, "{pages} pages");
    let broken = folder.path().join("broken.sqlite");
    let mut unsaid = Vec::new();
    for page in (0..pages).filter(|page| *page < 12 || page % 5 == 0) {
        for fill in [0x00, 0xa5] {
            let mut bytes = sound.clone();
            bytes[page * 4096..(page + 1) * 4096].fill(fill);
            fs::write(&broken, &bytes).expect("writes");
            let (read, damage) = whole(&broken);
            // One page holds a few rows or a part of one: no more than those are lost, and nothing is made up.
            let intact = read.iter().filter(|case| written.contains(case)).count();
            assert!(intact + 8 >= CASES, "page {page}: {intact} of {CASES}, {damage:?}");
            if intact < CASES {
                assert!(!damage.is_empty(), "page {page}: {intact} of {CASES} and not a word of it");
            }
            for (id, text) in &read {
                let lost = text.contains("the document of this case is lost");
                assert!(lost || written[*id as usize - 1].1 == *text, "page {page}: case {id} is not what was written");
            }
            // A look at everything finds what lists do not touch.
            let found = Reader::open(&broken).and_then(|mut reader| {
                let problems = reader.ask(History::check)?;
                Ok(problems.len() + reader.damage().len())
            });
            if found.expect("checks") == 0 {
                unsaid.push((page, fill));
            }
            assert_eq!(fs::read(&broken).expect("reads"), bytes, "a damaged file is not written to");
        }
    }
    // Pages that no table uses any more may be overwritten without harm.
    let connection = rusqlite::Connection::open(&path).expect("opens");
    let mut query = connection.prepare("SELECT pageno FROM dbstat").expect("SQLite counts its pages");
    let used: Vec<u32> =
        query.query_map([], |row| row.get(0)).expect("asks").collect::<Result<_, _>>().expect("numbers");
    unsaid.retain(|(page, _)| used.contains(&(*page as u32 + 1)));
    assert!(unsaid.is_empty(), "nobody noticed that these pages were overwritten: {unsaid:?}");
}

#[test]
fn a_file_that_is_cut_short_is_read_as_far_as_it_goes() {
    const CASES: usize = 40;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    full(&path, CASES);
    let sound = fs::read(&path).expect("reads");
    let cut = folder.path().join("cut.sqlite");
    let (written, _) = whole(&path);
    let mut counts = vec![CASES];
    for tenth in (1..10).rev() {
        fs::write(&cut, &sound[..sound.len() / 10 * tenth]).expect("writes");
        let (read, damage) = whole(&cut);
        assert!(!damage.is_empty(), "{tenth} tenths");
        let lost = |text: &str| text.contains("the document of this case is lost");
        assert!(read.iter().all(|case| written.contains(case) || lost(&case.1)), "{tenth} tenths");
        counts.push(read.iter().filter(|case| written.contains(case)).count());
    }
    // Cases lie in the order in which they were added, so that a cut takes the latest.
    assert!(counts.is_sorted_by(|a, b| a >= b) && counts[5] >= 10 && counts[8] >= 1, "{counts:?}");
    fs::write(&cut, b"").expect("writes");
    assert_eq!(whole(&cut), (Vec::new(), Vec::new()), "an empty file is an empty history");
}

#[test]
fn damaged_files_are_not_added_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    full(&path, 20);
    let mut bytes = fs::read(&path).expect("reads");
    bytes.truncate(bytes.len() / 2);
    fs::write(&path, &bytes).expect("writes");
    let document = case(99, "storage.volume-full", "ledger", &["volume.full"]);
    let error = History::open(&path).and_then(|mut h| h.add(&document, &Remarks::default(), added_at()));
    assert!(error.expect_err("it is damaged").is_damage());
}
