//! Thousands of short texts looked for at once, whatever the case of their letters.
//!
//! Of each text a piece of five bytes is chosen that is rare among the texts, and so in logs. A text that has it has one of the two windows of four
//! bytes in it at an even place, so only every second place is looked at: the window there is looked up in a table of bits
//! that fits the nearest cache, and what is set is compared in full. There is no state from byte to byte to wait for, which
//! makes this some times faster than an automaton over as many texts, and it is made in a moment (Wu and Manber, "A fast
//! algorithm for multi-pattern searching", 1994, has the idea of hashed blocks).

use rustc_hash::FxHashMap;

/// Bytes of a window.
const WINDOW: usize = 4;
/// No text may be shorter: it has to have two windows.
pub(crate) const SHORTEST: usize = WINDOW + 1;
/// The bit in which a small letter differs from its capital, in each byte of a window.
const FOLD: u32 = 0x2020_2020;
/// Bits of the table, as a power of two: 32 KiB.
const TABLE: u32 = 18;

/// Texts, ready to be looked for.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    /// In lower case.
    texts: Vec<Box<[u8]>>,
    table: Vec<u64>,
    /// Which texts have a window.
    windows: FxHashMap<u32, Vec<Candidate>>,
}

/// A text that has a window.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    number: u32,
    /// Where it has it.
    offset: u32,
    /// Its first window.
    first: u32,
}

impl Literals {
    /// Texts of [`SHORTEST`] bytes or more; shorter ones are not found. Only ASCII letters are the same in both cases.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Self {
        let texts: Vec<Box<[u8]>> = texts.map(|text| text.to_ascii_lowercase().into()).collect();
        let mut literals =
            Self { texts, table: vec![0; 1 << (TABLE - u64::BITS.ilog2())], windows: FxHashMap::default() };
        // Of windows that share a place the sum is good enough.
        let mut counts = vec![0_u32; 1 << TABLE];
        for window in literals.texts.iter().flat_map(|text| text.windows(WINDOW)) {
            counts[bit(key(window))] += 1;
        }
        let frequency = |piece: &[u8]| {
            let of_windows: u32 = piece.windows(WINDOW).map(|window| counts[bit(key(window))]).sum();
            (of_windows, piece.iter().map(|b| commonness(*b)).sum::<u32>())
        };
        for (number, text) in literals.texts.iter().enumerate() {
            let pieces = text.windows(SHORTEST).enumerate();
            let Some((at, piece)) = pieces.min_by_key(|(_, piece)| frequency(piece)) else { continue };
            for (by, window) in piece.windows(WINDOW).enumerate() {
                let window = key(window);
                let bit = bit(window);
                literals.table[bit / 64] |= 1 << (bit % 64);
                let candidate = Candidate { number: number as u32, offset: (at + by) as u32, first: key(text) };
                literals.windows.entry(window).or_default().push(candidate);
            }
        }
        literals
    }

    /// Gives each text that is found: its number, and its bytes. They come in the order of a piece of each, which for texts
    /// within parts of `text` that do not overlap is the order of these parts.
    pub(crate) fn find(&self, text: &[u8], mut each: impl FnMut(usize, std::ops::Range<usize>)) {
        if self.texts.is_empty() {
            return;
        }
        let table: &[u64; 1 << (TABLE - 6)] = self.table.as_slice().try_into().expect("it was made as large");
        let is_set = |window: u32| {
            let bit = bit(window);
            table[bit / 64] >> (bit % 64) & 1
        };
        // Four windows at once: nearly always none of them is set.
        let (eights, rest) = text.as_chunks::<8>();
        for (number, pair) in eights.windows(2).enumerate() {
            let (low, high) = (u64::from_le_bytes(pair[0]), u64::from_le_bytes(pair[1]));
            let fold = |window: u64| window as u32 | FOLD;
            let windows = [fold(low), fold(low >> 16), fold(low >> 32), fold(low >> 48 | high << 16)];
            let set = [is_set(windows[0]), is_set(windows[1]), is_set(windows[2]), is_set(windows[3])];
            if set[0] | set[1] | set[2] | set[3] != 0 {
                for by in 0..4 {
                    if set[by] != 0 {
                        self.compare(text, number * 8 + by * 2, windows[by], &mut each);
                    }
                }
            }
        }
        let at = eights.len().saturating_sub(1) * 8;
        let last = &text[at.min(text.len() - rest.len())..];
        for (number, window) in last.windows(WINDOW).step_by(2).enumerate() {
            self.compare(text, at + number * 2, key(window), &mut each);
        }
    }

    /// Gives the texts that have a window, and stand where it stands.
    fn compare(&self, text: &[u8], at: usize, window: u32, each: &mut impl FnMut(usize, std::ops::Range<usize>)) {
        let Some(candidates) = self.windows.get(&window) else { return };
        for Candidate { number, offset, first } in candidates {
            let Some(start) = at.checked_sub(*offset as usize) else { continue };
            if key(&text[start..]) != *first {
                continue;
            }
            let literal = &self.texts[*number as usize];
            let Some(found) = text.get(start..start + literal.len()) else { continue };
            if found.eq_ignore_ascii_case(literal) {
                each(*number as usize, start..start + literal.len());
            }
        }
    }
}

/// A window as a number that is the same for letters of both cases.
#[inline]
fn key(window: &[u8]) -> u32 {
    u32::from_le_bytes([window[0], window[1], window[2], window[3]]) | FOLD
}

/// Its place in the table.
#[inline]
fn bit(window: u32) -> usize {
    (window.wrapping_mul(0x9E37_79B1) >> (32 - TABLE)) as usize
}

/// How often a byte stands in logs, roughly: letters in the order of English, blanks before all.
fn commonness(byte: u8) -> u32 {
    const ORDER: &[u8] = b"zqjxkvbwpyfgmulcdhnsrioate ";
    match ORDER.iter().position(|b| *b == byte) {
        Some(rank) => rank as u32 + 4,
        None if byte.is_ascii_digit() => 20,
        None if b".:-/=_\"".contains(&byte) => 16,
        None => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(texts: &[&str], text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        Literals::new(texts.iter().map(|t| t.as_bytes()))
            .find(text.as_bytes(), |number, at| found.push((number, at.start)));
        found.sort_unstable();
        found
    }

    #[test]
    fn texts_are_found_wherever_they_stand() {
        let texts = ["disk full", "isk f", "enospc"];
        for shift in 0..9 {
            let text = format!("{}Disk FULL: ENOSPC", "x".repeat(shift));
            assert_eq!(found(&texts, &text), [(0, shift), (1, shift + 1), (2, shift + 11)], "{shift}");
        }
        assert!(found(&texts, "dis kfull enosp").is_empty());
        assert!(found(&[], "disk full").is_empty());
        // These bytes differ by the bit that makes a letter small, and are no letters.
        assert!(found(&["a[b]c"], "a{b}c").is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_missed(texts in prop::collection::vec("[ab :]{5,9}", 1..6), text in "[abAB :]{0,60}") {
            let lower = text.to_ascii_lowercase();
            let mut plain: Vec<(usize, usize)> = Vec::new();
            for (number, literal) in texts.iter().enumerate() {
                let starts = (0..lower.len()).filter(|at| lower[*at..].starts_with(literal.as_str()));
                plain.extend(starts.map(|at| (number, at)));
            }
            plain.sort_unstable();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            prop_assert_eq!(found(&texts, &text), plain);
        }
    }
}
