use firstfault_model::{Background, Declaration, SignatureSpec, Trust};

use super::*;

fn signatures() -> Signatures {
    let finding = Declaration { id: "oven.hot", says: "", background: Background::Rarely, trust: Trust::Application };
    let spec =
        SignatureSpec { finding, name: "too-hot".to_owned(), literals: vec!["too hot".to_owned()], pattern: None };
    Signatures::compile(&[spec])
}

/// What is told of the lines, and how things stand at their end. An empty line is where what comes becomes new.
fn watch(lines: &[String]) -> (Vec<News>, Picture) {
    let signatures = signatures();
    let mut live = Live::new(&signatures, &Assume::default(), None);
    let mut told = Vec::new();
    for line in lines {
        if line.is_empty() {
            live.pause(&mut |news| told.push(news));
            live.learned(&mut |news| told.push(news));
        } else {
            live.line(line, &mut |news| told.push(news));
        }
    }
    live.pause(&mut |news| told.push(news));
    (told, live.picture(10))
}

fn kinds(told: &[News]) -> Vec<(String, bool, u64)> {
    let kind = |news: &News| match news {
        News::Kind { template, new, seen } => Some((template.to_string(), *new, seen.line)),
        News::Known { .. } => None,
    };
    told.iter().filter_map(kind).collect()
}

fn at(second: usize, text: &str) -> String {
    format!("2031-02-03T04:{:02}:{:02}Z {text}", second / 60 % 60, second % 60)
}

#[test]
fn a_kind_is_told_once_and_is_new_after_what_is_usual() {
    let mut lines: Vec<String> = (0..50).map(|i| at(i, &format!("INFO sold cake {i}"))).collect();
    lines.push(String::new());
    lines.extend((50..60).map(|i| at(i, &format!("INFO sold cake {i}"))));
    lines.extend((60..70).map(|i| at(i, &format!("WARN oven at {i} degrees"))));
    let (told, picture) = watch(&lines);
    let kinds = kinds(&told);
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert_eq!((kinds[0].1, kinds[0].2, kinds[1].1, kinds[1].2), (false, 1, true, 61));
    assert!(kinds[1].0.ends_with("oven at <num> degrees"), "{kinds:?}");
    assert_eq!(picture.kinds.iter().map(|k| (k.count, k.new)).collect::<Vec<_>>(), [(60, false), (10, true)]);
    assert_eq!((picture.new.len(), picture.of_kinds), (1, 2));
    assert_eq!(picture.levels.get(&Level::Warn), Some(&10));
    assert_eq!(picture.last.map(|t| t.to_string()).as_deref(), Some("2031-02-03T04:01:09Z"));
}

#[test]
fn a_kind_that_becomes_an_error_is_told_again() {
    let lines = [at(0, "INFO baking 1"), at(1, "INFO baking 2"), at(2, "ERROR baking 3"), at(3, "ERROR baking 4")];
    let (told, _) = watch(&lines);
    let loud: Vec<_> =
        told.iter().filter(|n| matches!(n, News::Kind { seen, .. } if seen.level == Some(Level::Error))).collect();
    assert_eq!(loud.len(), 1, "{told:?}");
}

#[test]
fn a_known_message_is_told_at_each_power_of_ten() {
    let lines: Vec<String> = (0..120).map(|i| at(i, "ERROR oven too hot password=hunter2hunter2")).collect();
    let (told, picture) = watch(&lines);
    let known: Vec<(u64, u64)> = told
        .iter()
        .filter_map(|news| match news {
            News::Known { count, seen, text, .. } if !text.as_str().contains("hunter2") => Some((*count, seen.line)),
            _ => None,
        })
        .collect();
    assert_eq!(known, [(1, 1), (10, 10), (100, 100)]);
    assert_eq!((picture.known[0].count, picture.known[0].finding), (120, "oven.hot"));
}

#[test]
fn words_that_turn_out_to_be_values_are_told_only_until_then() {
    let name = |i: usize| format!("{}{}", char::from(b'a' + (i / 26 % 26) as u8), char::from(b'a' + (i % 26) as u8));
    let lines: Vec<String> =
        (0..400).map(|i| at(i, &format!("INFO user {} has logged in from the front desk", name(i)))).collect();
    let (told, _) = watch(&lines);
    assert!(kinds(&told).len() < 40, "{}", kinds(&told).len());
}

#[test]
fn endless_kinds_are_bounded() {
    let word = |mut i: usize| {
        let mut word = String::new();
        while i > 0 {
            word.push(char::from(b'a' + (i % 26) as u8));
            i /= 26;
        }
        word
    };
    let lines: Vec<String> =
        (1..20_000).map(|i| at(i, &format!("{} {} {}", word(i), word(i * 7), word(i * 31)))).collect();
    let (told, picture) = watch(&lines);
    assert!(kinds(&told).len() < 5000, "{}", kinds(&told).len());
    assert_eq!((picture.lines, picture.kinds.len()), (19_999, 10));
}

#[test]
fn a_stream_of_few_lines_is_settled() {
    let signatures = signatures();
    let mut live = Live::new(&signatures, &Assume::default(), None);
    let mut told = Vec::new();
    live.line(&at(0, "INFO up"), &mut |news| told.push(news));
    live.line(&at(1, "INFO open"), &mut |news| told.push(news));
    assert!(told.is_empty());
    live.learned(&mut |news| told.push(news));
    assert_eq!(kinds(&told).iter().map(|k| k.1).collect::<Vec<_>>(), [false], "the last record may go on");
    live.restart(&mut |news| told.push(news));
    live.line(&at(2, "WARN late"), &mut |news| told.push(news));
    live.pause(&mut |news| told.push(news));
    assert_eq!(kinds(&told).iter().map(|k| k.2).collect::<Vec<_>>(), [1, 2, 1]);
}
