//! What templates are worth: the header is out, what varies is marked, what does not stays, and shards agree.

use proptest::prelude::*;

use super::{Mined, Miner, Mining, ValueType};

fn mine<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Mined {
    let mut miner = Miner::with_lines();
    lines.into_iter().for_each(|l| miner.line(l.as_ref()));
    miner.finish()
}

/// The templates in Drain's form, sorted.
fn templates<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut all: Vec<String> = mine(lines).templates.iter().map(super::Template::drain).collect();
    all.sort();
    all
}

fn numbered(count: usize, line: impl Fn(usize) -> String) -> Vec<String> {
    (0..count).map(line).collect()
}

#[test]
fn headers_of_every_kind_are_cut_off() {
    let second = |i: usize| format!("{:02}:{:02}", i / 60, i % 60);
    let message = |i: usize| {
        if i.is_multiple_of(2) { format!("shelf {i} restocked") } else { format!("lorry {i} left the yard") }
    };
    let heads: [&dyn Fn(usize) -> String; 14] = [
        &|i| format!("[02.03 04:{}] till.exe{} - ", second(i), ["", " *32"][i % 2]),
        &|i| format!("2031-02-03 04:{}, Info                  {}    ", second(i), ["STK", "YRD"][i % 2]),
        &|i| format!("Feb  3 04:{} anvil {}[{i}]: ", second(i), ["stockd", "Stock Keeper"][i % 2]),
        &|i| format!("2031-02-03 04:{} INFO [worker-{i}] shop.Stock: ", second(i)),
        &|i| format!("2031-02-03T04:{}Z  WARN shop::stock: ", second(i)),
        &|i| format!("Feb  3 04:{} anvil stockd[{}]: ", second(i), 900 + i),
        &|i| format!("[Mon Feb 03 04:{} 2031] [notice] ", second(i)),
        &|i| format!("20310203-4:{}:081|Shop_Stock|{}|", second(i), 500 + i % 3),
        &|i| format!("E0203 04:{}.000123 {:7} stock.go:{}] ", second(i), 40 + i % 7, 100 + i),
        &|i| {
            format!(
                "- {} 2031.02.03 rack{} Feb 3 04:{} rack{}/rack{} stockd[{i}]: ",
                1_927_000_000 + i,
                i % 9,
                second(i),
                i % 9,
                i % 9
            )
        },
        &|i| format!("{} rack-{} shelf state {} 1 ", 2000 + i, i % 50, 1_927_000_000 + i),
        &|i| format!("02-03 04:{}.480  1700  {:4} D StockKeeper: ", second(i), 1700 + i % 30),
        &|i| format!("2031-02-03 04:{},536 - INFO  [Peer[id={}]/0:0:0:0:0:0:0:0:99:Vote@{i}] - ", second(i), i % 3),
        &|i| format!("stock.log.1 2031-02-03 04:{}.093 2931 INFO shop.stock [req-{i:08x} - - -] ", second(i)),
    ];
    for head in heads {
        let found = templates(numbered(200, |i| format!("{}{}", head(i), message(i))));
        assert_eq!(found, ["lorry <*> left the yard", "shelf <*> restocked"], "{}", head(7));
    }
}

#[test]
fn a_message_keeps_its_first_words_where_there_is_no_header() {
    assert_eq!(templates(numbered(50, |i| format!("shelf {i} restocked"))), ["shelf <*> restocked"]);
    assert_eq!(templates(numbered(50, |i| format!("12 parcels at gate {i}"))), ["<*> parcels at gate <*>"]);
    // A colon word that stands in few lines belongs to the message.
    let mixed = numbered(90, |i| {
        let message = if i % 3 == 0 { "shelf: empty again" } else { "all doors are shut" };
        format!("2031-02-03 04:00:{:02} INFO {message}", i % 60)
    });
    assert_eq!(templates(mixed), ["all doors are shut", "shelf: empty again"]);
}

#[test]
fn lines_without_the_header_are_kept_whole() {
    let mut lines = numbered(100, |i| format!("2031-02-03 04:00:{:02} ERROR Till: drawer {i} stuck", i % 60));
    lines.insert(50, "    at shop.Till.open(Till.java:41)".to_owned());
    assert_eq!(templates(lines), ["at shop.Till.open(Till.java:<*>)", "drawer <*> stuck"]);
}

#[test]
fn names_with_digits_stay_where_they_never_vary() {
    assert_eq!(templates(numbered(9, |i| format!("mod2_open() took slot {i}"))), ["mod2_open() took slot <*>"]);
    assert_eq!(templates(numbered(9, |i| format!("via eth{} at port {i}", i % 2))), ["via <*> at port <*>"]);
    assert_eq!(templates(numbered(9, |i| format!("ipv4 forwarding from rule {i}"))), ["ipv4 forwarding from rule <*>"]);
    // An id is no name, even when it is seen once.
    assert_eq!(templates(["crate crt_8871234 is lost"]), ["crate <*> is lost"]);
}

#[test]
fn empty_values_and_values_are_told_apart_by_what_stands_beside_them() {
    let keys = numbered(40, |i| {
        format!("refused; who= id={i} door={} name={}", ["north", "south"][i % 2], ["", "ada"][i / 20])
    });
    assert_eq!(templates(keys), ["refused; who= id=<*> door=<*> name=", "refused; who= id=<*> door=<*> name=ada"]);
    let brackets = numbered(40, |i| format!("call from 10.0.0.{i} ({}) answered", ["", "box7.shop.example"][i % 2]));
    assert_eq!(templates(brackets), ["call from <*> (<*>) answered"]);
}

#[test]
fn lists_of_any_length_are_one_template() {
    let list = |i: usize| (0..=i).map(|n| format!("box{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(templates(numbered(20, |i| format!("cannot find {} today", list(i)))), ["cannot find <*> today"]);
    let hops = |i: usize| (0..=i).map(|n| format!("10.0.0.{n}")).collect::<Vec<_>>().join(",");
    assert_eq!(templates(numbered(20, |i| format!("{} \"GET /x/{i}\" done", hops(i % 3)))), ["<*> \"GET <*>\" done"]);
}

#[test]
fn a_second_time_in_the_message_is_one_value() {
    let days = ["Mon Jun  1", "Tue Jul 14", "Sun Aug 30"];
    let lines = numbered(30, |i| format!("door opened at {} 10:0{}:00 2031", days[i % 3], i % 10));
    let mined = mine(lines);
    assert_eq!(mined.templates.len(), 1);
    assert_eq!(mined.templates[0].typed(), "door opened at <time>");
    assert_eq!(templates(["we may close on monday", "we sat 3 hours"]), ["we may close on monday", "we sat <*> hours"]);
}

#[test]
fn identifiers_in_one_place_are_values_and_words_are_sentences() {
    let classes = ["shop.Till", "shop.Door", "shop.Lamp", "shop.Cash"];
    assert_eq!(templates(classes.map(|c| format!("could not start bean {c} now"))), ["could not start bean <*> now"]);
    assert_eq!(
        templates(["the door is open", "the door is shut", "the lamp is open"]),
        ["the door is open", "the door is shut", "the lamp is open"]
    );
    let users = ["ada", "grace"].map(|u| format!("session opened for user {u} by hand"));
    assert_eq!(templates(users), ["session opened for user <*> by hand"]);
    let states = ["the host rebooted after the storm", "the host melted after the storm"];
    assert_eq!(templates(states).len(), 2);
    assert_eq!(templates(["range 1 - 2 (kept)", "range 1 - 2 (given back)", "range 3 - 4 (free)"]).len(), 3);
    let verbs = ["Opening", "Closing", "Painting", "Moving"].map(|v| format!("{v} the main gate now"));
    assert_eq!(templates(verbs).len(), 4);
    assert_eq!(
        templates(["firewall startup succeeded", "firewall shutdown succeeded"]),
        ["firewall shutdown succeeded", "firewall startup succeeded"]
    );
}

#[test]
fn values_have_types_and_a_span() {
    let mined = mine(numbered(40, |i| {
        format!(
            "till {i} at 10.1.0.{i} sold f81d4fae-7dec-11d0-a765-00a0c91e{i:04} in {i}ms, log /var/till/{i}.log, mail t{i}@shop.example"
        )
    }));
    let template = &mined.templates[0];
    assert_eq!(template.typed(), "till <num> at <ip> sold <uuid> in <duration>, log <path>, mail <email>");
    assert_eq!(template.loki(), "till <_> at <_> sold <_> in <_>, log <_>, mail <_>");
    assert_eq!(template.variables[0].range(), Some((0.0, 39.0)));
    assert_eq!(template.variables[0].seen(), 40);
}

#[test]
fn types_are_told_by_notation() {
    for (value, name) in [
        ("-12.5", "num"),
        ("0x7ffe", "hex"),
        ("deadbeef01", "hex"),
        ("fe80::1", "ip"),
        ("10.0.0.1:80", "ip"),
        ("00:1b:21:aa:bb:cc", "mac"),
        ("64KiB", "size"),
        ("1.5s", "duration"),
        ("v1.30.2-rc1", "version"),
        ("2031-02-03T04:05:06Z", "time"),
        ("https://shop.example/a?b=1", "url"),
        ("C:\\till\\a.txt", "path"),
        ("true", "bool"),
        ("till-7", "id"),
        ("anything", "*"),
    ] {
        assert_eq!(ValueType::of(value).name(), name, "{value}");
    }
}

#[test]
fn the_most_frequent_values_are_kept() {
    let mined = mine(numbered(60, |i| format!("status {} sent", if i % 3 == 0 { 500 + i } else { 200 })));
    let top = mined.templates[0].variables[0].top();
    assert_eq!(top[0], ("200", 40));
    // Where nothing repeats, no value is called frequent.
    let mined = mine(numbered(60, |i| format!("ticket {i} sent")));
    assert!(mined.templates[0].variables[0].top().iter().all(|(_, count)| *count == 1));
}

#[test]
fn ids_do_not_change() {
    let id = |line: &str| mine([line]).templates[0].id();
    // Written down: an id is kept by people and other runs.
    assert_eq!(id("shelf 5 restocked"), id("shelf 99 restocked"));
    assert_eq!(id("shelf 5 restocked"), "06df4794808285d3");
    assert_ne!(id("shelf 5 restocked"), id("shelf 5 emptied"));
}

#[test]
fn each_line_has_its_template() {
    let mined = mine(["shelf 1 full", "door shut", "shelf 2 full"]);
    let of = |n: usize| mined.templates[mined.lines[n] as usize].drain();
    assert_eq!((of(0), of(1), of(2)), ("shelf <*> full".into(), "door shut".into(), "shelf <*> full".into()));
    assert_eq!(mined.templates.iter().map(|t| t.count).sum::<u64>(), 3);
}

#[test]
fn endless_kinds_of_message_are_bounded() {
    let letters = |mut n: usize| {
        let mut word = String::new();
        for _ in 0..5 {
            word.push(char::from(b'a' + (n % 26) as u8));
            n /= 26;
        }
        word
    };
    let mut miner = Miner::new();
    (0..25_000).for_each(|i| miner.line(&format!("{} {} {}", letters(i), letters(i * 7 + 1), letters(i * 31 + 2))));
    let mined = miner.finish();
    assert!(mined.templates.len() <= 21_001, "{}", mined.templates.len());
    assert_eq!(mined.templates.iter().map(|t| t.count).sum::<u64>(), 25_000);
}

#[test]
fn kinds_that_are_too_large_share_one() {
    let mut miner = Miner::of_at_most(10);
    miner.learn(std::iter::empty());
    let sentence = |n: usize| {
        let words = (0..150).map(|i| "abcdefgh"[i % 8..].repeat(1 + (n + i) % 9));
        words.collect::<Vec<_>>().join(" ")
    };
    let kinds: Vec<u32> = (0..9).map(|n| miner.kind(&format!("door {}", sentence(n))).0).collect();
    assert_eq!(kinds[..3], [0, 1, 2]);
    assert!(kinds[6..].iter().all(|kind| *kind == kinds[6]), "{kinds:?}");
    let templates = miner.finish().templates;
    assert_eq!(templates.iter().map(|t| t.count).sum::<u64>(), 9);
    assert!(templates.iter().any(|t| t.drain() == "door <*>" && t.variables[0].seen() == 0));
}

#[test]
fn two_miners_in_turn_find_what_one_finds() {
    let line = |n: usize| match n % 7 {
        0 => format!("2031-02-03T04:05:06Z INFO shelf {n} of {} restocked", n % 13),
        1 | 2 => format!("2031-02-03T04:05:06Z INFO lorry l-{n} left the yard"),
        // Only in the beginning.
        3 if n < 100 => "2031-02-03T04:05:06Z WARN the gate is open".to_owned(),
        _ => format!("2031-02-03T04:05:06Z INFO door {} shut after {n} ms", n % 4),
    };
    let lines: Vec<String> = (0..40_000).map(line).collect();
    let all = mine(&lines);
    let told = |mined: &Mined| {
        let templates: Vec<(String, u64)> = mined.templates.iter().map(|t| (t.drain(), t.count)).collect();
        (templates, mined.lines.clone())
    };
    let mut values = Vec::new();
    for at_once in [7, 5000, 40_000] {
        let (miner, count) = std::thread::scope(|scope| {
            let mut mining = Mining::new(scope, true);
            lines.chunks(at_once).for_each(|some| mining.block(&some.join("\n")));
            mining.finish()
        });
        assert_eq!(count, lines.len());
        let mined = miner.finish();
        assert!(told(&mined) == told(&all), "{at_once}");
        values.push(format!("{:?}", mined.templates));
    }
    assert!(values.iter().all(|v| *v == values[0]), "what is known of values depends on the lines alone");
}

/// Lines of a small language: enough to meet each rule of joining.
fn line() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "door",
        "lamp",
        "open",
        "shut",
        "user",
        "from",
        "shop.Till",
        "shop.Door",
        "ada",
        "KB",
        "true",
    ]);
    let mark = prop::sample::select(vec!["7", "10.0.0.9", "/a/b", "0xff", "Jul", "é", "blk_-9"]);
    let joint = prop::sample::select(vec![" ", " ", " ", "=", ": ", " (", ") ", "\"", ", ", "..."]);
    let part = (prop_oneof![word, mark], joint).prop_map(|(a, b)| format!("{a}{b}"));
    prop::collection::vec(part, 1..7).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shards_agree_in_any_order(files in prop::collection::vec(prop::collection::vec(line(), 0..25), 2..5)) {
        let merged = |order: &[usize]| {
            let mut all = Miner::new();
            for at in order {
                let mut one = Miner::new();
                files[*at].iter().for_each(|l| one.line(l));
                all.absorb(one);
            }
            let mut found: Vec<(String, u64)> = all.finish().templates.iter().map(|t| (t.drain(), t.count)).collect();
            found.sort();
            found
        };
        let forth: Vec<usize> = (0..files.len()).collect();
        let back: Vec<usize> = forth.iter().rev().copied().collect();
        prop_assert_eq!(merged(&forth), merged(&back));
        let twice: Vec<usize> = forth.iter().chain(&forth).copied().collect();
        let doubled: Vec<(String, u64)> = merged(&forth).into_iter().map(|(t, n)| (t, n * 2)).collect();
        prop_assert_eq!(merged(&twice), doubled);
    }

    #[test]
    fn any_text_is_taken_and_every_line_has_a_template(lines in prop::collection::vec(any::<String>(), 0..40)) {
        let mined = mine(&lines);
        prop_assert_eq!(mined.lines.len(), lines.len());
        prop_assert!(mined.lines.iter().all(|at| (*at as usize) < mined.templates.len()));
    }
}
