//! What two cases are compared by, as numbers: mode, area, entity, findings and the steps of the chain.
//!
//! A case's signs are one small blob, so that all cases are read in one go through few pages.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Error;
use super::document::{Digest, path};
use super::record::Outline;

/// No word: the case has none here.
pub(super) const NONE: u32 = 0;

/// The signs of a case. Each number names a word in `terms`; [`NONE`] names nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) mode: u32,
    pub(super) area: u32,
    /// Kind, namespace and name.
    pub(super) entity: u32,
    /// Kind and name, whatever the namespace.
    pub(super) twin: u32,
    /// Ascending, each once.
    pub(super) findings: Vec<u32>,
    /// In the order of the chain.
    pub(super) steps: Vec<u32>,
}

/// The signs of a case in words.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    mode: Option<String>,
    area: Option<String>,
    entity: Option<String>,
    twin: Option<String>,
    findings: Vec<String>,
    steps: Vec<String>,
}

impl Words {
    /// The signs of a case of which nobody said anything.
    pub(super) fn of(digest: &Digest) -> Self {
        let first = digest.first();
        // What is seen, on what kind of thing, and how it got there: names differ from case to case.
        let steps = first.into_iter().flat_map(|theory| &theory.chain);
        Self {
            mode: first.map(|t| format!("mode {}", t.failure_mode)),
            area: first.map(|t| format!("area {}", t.area)),
            entity: first.map(|t| format!("entity {}", path(&t.entity))),
            twin: first.map(|t| format!("twin {}/{}", t.entity.kind, t.entity.name)),
            findings: digest.findings().into_iter().map(|id| format!("finding {id}")).collect(),
            steps: steps
                .map(|s| format!("step {} {}: {}", s.via.as_deref().unwrap_or("begins"), s.entity.kind, s.what))
                .collect(),
        }
    }

    /// The same, with what people found to be the cause.
    fn said(mut self, outline: &Outline) -> Self {
        self.mode = outline.failure_mode().map(|id| format!("mode {id}"));
        self.area = outline.area().map(|area| format!("area {area}"));
        self
    }

    /// The words as numbers.
    fn numbered(&self, mut number: impl FnMut(&str) -> Result<u32, Error>) -> Result<Signs, Error> {
        let mut one = |word: &Option<String>| word.as_deref().map_or(Ok(NONE), &mut number);
        let (mode, area, entity, twin) = (one(&self.mode)?, one(&self.area)?, one(&self.entity)?, one(&self.twin)?);
        let mut many = |words: &[String]| words.iter().map(|w| number(w)).collect::<Result<Vec<u32>, Error>>();
        let (mut findings, steps) = (many(&self.findings)?, many(&self.steps)?);
        findings.sort_unstable();
        findings.dedup();
        Ok(Signs { mode, area, entity, twin, findings, steps })
    }

    /// The words as the numbers of a history; words that it does not know get numbers beyond its own.
    pub(super) fn looked_up(&self, connection: &Connection) -> Result<(Signs, Vec<(u32, String)>), Error> {
        let mut query = connection.prepare("SELECT id FROM terms WHERE text = ?1")?;
        let mut unknown: Vec<(u32, String)> = Vec::new();
        let signs = self.numbered(|word| {
            if let Some(number) = query.query_row([word], |row| row.get::<_, u32>(0)).optional()? {
                return Ok(number);
            }
            if let Some((number, _)) = unknown.iter().find(|(_, w)| w == word) {
                return Ok(*number);
            }
            let number = u32::MAX - u32::try_from(unknown.len()).unwrap_or(0);
            unknown.push((number, word.to_owned()));
            Ok(number)
        })?;
        Ok((signs, unknown))
    }
}

/// Writes the signs of a case, in the place of older ones.
pub(super) fn write(connection: &Connection, outline: &Outline, digest: &Digest) -> Result<(), Error> {
    let mut find = connection.prepare_cached("SELECT id FROM terms WHERE text = ?1")?;
    let mut add = connection.prepare_cached("INSERT INTO terms (text) VALUES (?1) RETURNING id")?;
    let signs = Words::of(digest).said(outline).numbered(|word| {
        if let Some(number) = find.query_row([word], |row| row.get(0)).optional()? {
            return Ok(number);
        }
        Ok(add.query_row([word], |row| row.get(0))?)
    })?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO signs (id, pack) VALUES (?1, ?2)")?
        .execute(params![outline.id, signs.packed()])?;
    Ok(())
}

/// All signs in the order of the cases' numbers.
pub(super) fn all(connection: &Connection) -> Result<Vec<(i64, Signs)>, Error> {
    let mut query = connection.prepare("SELECT id, pack FROM signs ORDER BY id")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let pack = row.get_ref(1)?.as_blob().map_err(|e| Error::Damaged(format!("signs of case {id}: {e}")))?;
        let signs = Signs::unpack(pack).ok_or_else(|| Error::Damaged(format!("the signs of case {id} are broken")))?;
        found.push((id, signs));
    }
    Ok(found)
}

/// The signs of one case.
pub(super) fn of_case(connection: &Connection, id: i64) -> Result<Signs, Error> {
    let pack: Option<Vec<u8>> =
        connection.query_row("SELECT pack FROM signs WHERE id = ?1", [id], |row| row.get(0)).optional()?;
    let pack = pack.ok_or_else(|| Error::Damaged("its signs are missing".to_owned()))?;
    Signs::unpack(&pack).ok_or_else(|| Error::Damaged("its signs are broken".to_owned()))
}

/// The word of a number, without the word before it that says what it is for.
pub(super) fn word(connection: &Connection, number: u32) -> Result<String, Error> {
    let mut query = connection.prepare_cached("SELECT text FROM terms WHERE id = ?1")?;
    let text: Option<String> = query.query_row([number], |row| row.get(0)).optional()?;
    let text = text.ok_or_else(|| Error::Damaged(format!("word {number} is missing")))?;
    Ok(bare(&text).to_owned())
}

/// A word without what it is for.
pub(super) fn bare(text: &str) -> &str {
    text.split_once(' ').map_or(text, |(_, word)| word)
}

impl Signs {
    /// Little-endian base-128 numbers (seven bits a byte), then a CRC-32 of them. Findings are written as differences.
    fn packed(&self) -> Vec<u8> {
        let mut pack = Vec::with_capacity(4 + 2 * (6 + self.findings.len() + self.steps.len()));
        for number in [self.mode, self.area, self.entity, self.twin] {
            push(&mut pack, number);
        }
        push(&mut pack, u32::try_from(self.findings.len()).unwrap_or(u32::MAX));
        let mut before = 0;
        for &finding in &self.findings {
            push(&mut pack, finding - before);
            before = finding;
        }
        for &step in &self.steps {
            push(&mut pack, step);
        }
        let sum = crc32fast::hash(&pack);
        pack.extend(sum.to_le_bytes());
        pack
    }

    /// The reverse; `None` where the pack is not as it was written.
    fn unpack(pack: &[u8]) -> Option<Self> {
        let (mut rest, sum) = pack.split_last_chunk::<4>()?;
        if crc32fast::hash(rest) != u32::from_le_bytes(*sum) {
            return None;
        }
        let (mode, area, entity, twin) = (pull(&mut rest)?, pull(&mut rest)?, pull(&mut rest)?, pull(&mut rest)?);
        let count = pull(&mut rest)? as usize;
        let mut findings = Vec::with_capacity(count.min(rest.len()));
        let mut before = 0_u32;
        for _ in 0..count {
            before = before.checked_add(pull(&mut rest)?)?;
            findings.push(before);
        }
        let mut steps = Vec::new();
        while !rest.is_empty() {
            steps.push(pull(&mut rest)?);
        }
        Some(Self { mode, area, entity, twin, findings, steps })
    }
}

fn push(pack: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        pack.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    pack.push(number as u8);
}

fn pull(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_survive_packing_and_no_changed_byte_passes() {
        let signs = Signs {
            mode: 1,
            area: 2,
            entity: 70_000,
            twin: NONE,
            findings: vec![3, 4, 127, 128, 20_000, u32::MAX],
            steps: vec![9, 300, 9],
        };
        let pack = signs.packed();
        assert_eq!(Signs::unpack(&pack), Some(signs));
        for at in 0..pack.len() {
            let mut broken = pack.clone();
            broken[at] ^= 0x10;
            assert_eq!(Signs::unpack(&broken), None, "byte {at}");
            assert_eq!(Signs::unpack(&pack[..at]), None, "cut at {at}");
        }
    }
}
