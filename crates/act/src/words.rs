//! Small pieces of sentences.

use firstfault_model::case::CaseEntity;

/// `a`, `a and b`, `a, b and 3 more`.
pub(crate) fn listed(entities: &[CaseEntity], most: usize) -> String {
    let shown: Vec<String> = entities.iter().take(most).map(ToString::to_string).collect();
    match (&shown[..], entities.len().saturating_sub(most)) {
        ([], _) => String::new(),
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}

/// The waiting time that a sentence names: `no restart in five minutes` says `5 minutes`.
pub(crate) fn waiting_time(sentence: &str) -> Option<String> {
    let words: Vec<&str> =
        sentence.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    words.windows(2).find_map(|pair| {
        let unit = pair[1].strip_suffix('s').unwrap_or(pair[1]);
        if !["second", "minute", "hour", "day"].contains(&unit) {
            return None;
        }
        let number = number(pair[0])?;
        Some(format!("{number} {unit}{}", if number == 1 { "" } else { "s" }))
    })
}

fn number(word: &str) -> Option<u32> {
    const WORDS: [&str; 13] =
        ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match word {
        "a" | "an" => Some(1),
        "fifteen" => Some(15),
        "twenty" => Some(20),
        "thirty" => Some(30),
        _ => word.parse().ok().or_else(|| WORDS.iter().position(|w| *w == word).and_then(|n| u32::try_from(n).ok())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_its_waiting_time() {
        assert_eq!(waiting_time("no restart in five minutes").as_deref(), Some("5 minutes"));
        assert_eq!(waiting_time("level memory for an hour").as_deref(), Some("1 hour"));
        assert_eq!(waiting_time("no pod restarts for 15 minutes; watch it").as_deref(), Some("15 minutes"));
        assert_eq!(waiting_time("the namespace is gone within minutes"), None);
    }

    #[test]
    fn long_lists_are_cut_and_say_so() {
        let named = |name: &str| CaseEntity { kind: "Node".to_owned(), namespace: None, name: name.to_owned() };
        let three = [named("a"), named("b"), named("c")];
        assert_eq!(listed(&three, 3), "Node a, Node b and Node c");
        assert_eq!(listed(&three, 1), "Node a and 2 more");
        assert_eq!(listed(&[], 3), "");
    }
}
