//! Months by name, in the languages that loggers are set to.

/// The month (1 to 12) whose name `bytes` begin with, and the name's length with its dot.
pub(super) fn month(bytes: &[u8]) -> Option<(u32, usize)> {
    let length = bytes.iter().take(12).take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80).count();
    if length < 3 {
        return None;
    }
    let word = &bytes[..length];
    let month = english(word).or_else(|| other(word))?;
    Some((month, length + usize::from(bytes.get(length) == Some(&b'.'))))
}

fn english(word: &[u8]) -> Option<u32> {
    const NAMES: [&[u8]; 12] = [
        b"january",
        b"february",
        b"march",
        b"april",
        b"may",
        b"june",
        b"july",
        b"august",
        b"september",
        b"october",
        b"november",
        b"december",
    ];
    let key = |i: usize| word[i] | 0x20;
    let month = match (key(0), key(1), key(2)) {
        (b'j', b'a', b'n') => 1,
        (b'f', b'e', b'b') => 2,
        (b'm', b'a', b'r') => 3,
        (b'a', b'p', b'r') => 4,
        (b'm', b'a', b'y') => 5,
        (b'j', b'u', b'n') => 6,
        (b'j', b'u', b'l') => 7,
        (b'a', b'u', b'g') => 8,
        (b's', b'e', b'p') => 9,
        (b'o', b'c', b't') => 10,
        (b'n', b'o', b'v') => 11,
        (b'd', b'e', b'c') => 12,
        _ => return None,
    };
    let sept = month == 9 && word.len() == 4 && key(3) == b't';
    let whole = word.len() == 3 || word.eq_ignore_ascii_case(NAMES[month - 1]) || sept;
    if whole { u32::try_from(month).ok() } else { None }
}

fn other(word: &[u8]) -> Option<u32> {
    if word[..3].is_ascii() && !may_start([word[0], word[1], word[2]]) {
        return None;
    }
    let word = std::str::from_utf8(word).ok()?;
    if word.chars().count() < 3 {
        return None;
    }
    let begins = |name: &str| {
        let mut letters = name.chars();
        word.chars().all(|c| letters.next().is_some_and(|l| c == l || c.to_lowercase().eq(std::iter::once(l))))
    };
    // `jui.` and `mar` would be two months: the full table is in order, and the English names came first.
    OTHERS.iter().find(|(name, _)| begins(name)).map(|(_, month)| *month)
}

/// French, German, Spanish, Portuguese, Italian, Dutch, Polish, Nordic and Russian names and abbreviations that the
/// English ones do not cover. A name and its start of three letters and more are the same month.
const OTHERS: &[(&str, u32)] = &[
    ("janvier", 1),
    ("januari", 1),
    ("januar", 1),
    ("janeiro", 1),
    ("enero", 1),
    ("gennaio", 1),
    ("stycznia", 1),
    ("января", 1),
    ("février", 2),
    ("fevrier", 2),
    ("fév", 2),
    ("februar", 2),
    ("februari", 2),
    ("febrero", 2),
    ("febbraio", 2),
    ("fevereiro", 2),
    ("lutego", 2),
    ("февраля", 2),
    ("märz", 3),
    ("mrz", 3),
    ("maart", 3),
    ("mrt", 3),
    ("mars", 3),
    ("marzo", 3),
    ("março", 3),
    ("marca", 3),
    ("марта", 3),
    ("avril", 4),
    ("abril", 4),
    ("aprile", 4),
    ("kwietnia", 4),
    ("апреля", 4),
    ("mai", 5),
    ("maj", 5),
    ("mayo", 5),
    ("maio", 5),
    ("maggio", 5),
    ("mei", 5),
    ("мая", 5),
    ("juin", 6),
    ("juni", 6),
    ("junio", 6),
    ("junho", 6),
    ("giugno", 6),
    ("czerwca", 6),
    ("июня", 6),
    ("juillet", 7),
    ("juli", 7),
    ("julio", 7),
    ("julho", 7),
    ("luglio", 7),
    ("lipca", 7),
    ("июля", 7),
    ("août", 8),
    ("aout", 8),
    ("agosto", 8),
    ("augustus", 8),
    ("augusti", 8),
    ("sierpnia", 8),
    ("августа", 8),
    ("septembre", 9),
    ("septiembre", 9),
    ("setembro", 9),
    ("settembre", 9),
    ("września", 9),
    ("сентября", 9),
    ("octobre", 10),
    ("octubre", 10),
    ("oktober", 10),
    ("outubro", 10),
    ("ottobre", 10),
    ("października", 10),
    ("октября", 10),
    ("novembre", 11),
    ("noviembre", 11),
    ("novembro", 11),
    ("listopada", 11),
    ("ноября", 11),
    ("décembre", 12),
    ("decembre", 12),
    ("dezember", 12),
    ("diciembre", 12),
    ("dicembre", 12),
    ("dezembro", 12),
    ("desember", 12),
    ("grudnia", 12),
    ("декабря", 12),
];

/// A bit for each three letters with which a name of [`OTHERS`] begins: hardly any word of a text does.
const STARTS: [u64; 512] = starts();

const fn starts() -> [u64; 512] {
    let mut table = [0; 512];
    let mut i = 0;
    while i < OTHERS.len() {
        let name = OTHERS[i].0.as_bytes();
        let bit = start([name[0], name[1], name[2]]);
        table[bit / 64] |= 1 << (bit % 64);
        i += 1;
    }
    table
}

fn may_start(letters: [u8; 3]) -> bool {
    let bit = start(letters);
    STARTS[bit / 64] & 1 << (bit % 64) != 0
}

/// The number of three letters, whatever their case.
const fn start(letters: [u8; 3]) -> usize {
    (letters[0] & 31) as usize * 1024 + (letters[1] & 31) as usize * 32 + (letters[2] & 31) as usize
}

#[cfg(test)]
mod tests {
    use super::month;

    #[test]
    fn months_of_several_languages() {
        for (text, expected) in [
            ("Oct/2000", Some((10, 3))),
            ("September 3", Some((9, 9))),
            ("Sept. 3", Some((9, 5))),
            ("juil. 14", Some((7, 5))),
            ("août 3", Some((8, 5))),
            ("déc. 3", Some((12, 5))),
            ("févr. 3", Some((2, 6))),
            ("Dez 24", Some((12, 3))),
            ("Mär 2", Some((3, 4))),
            ("ene 2", Some((1, 3))),
            ("Okt 2", Some((10, 3))),
            ("set 2", Some((9, 3))),
            ("мая 2", Some((5, 6))),
            ("Marvin", None),
            ("decline", None),
            ("no", None),
        ] {
            assert_eq!(month(text.as_bytes()), expected, "{text}");
        }
    }
}
