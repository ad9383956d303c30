//! Tables that are aligned with blanks: where columns begin, and the cells of a row.

/// Column titles of two words; needed where blanks were collapsed to one.
const TITLES: &[&str] = &[
    "NOMINATED NODE",
    "READINESS GATES",
    "LAST SEEN",
    "FIRST SEEN",
    "ACCESS MODES",
    "RECLAIM POLICY",
    "MIN AVAILABLE",
    "MAX UNAVAILABLE",
    "ALLOWED DISRUPTIONS",
    "NODE SELECTOR",
    "LAST SCHEDULE",
    "CREATED AT",
    "HEALTH STATUS",
    "SYNC STATUS",
];

/// No table of kubectl has more columns; more are not a header.
const MOST_COLUMNS: usize = 64;

/// The columns of a table.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    names: Vec<String>,
    /// Where each begins, in characters.
    starts: Vec<usize>,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Two blanks or more between columns.
    Aligned,
    /// One blank between words: the alignment was lost.
    Collapsed,
    /// Tabs between columns.
    Tabbed,
    /// There was no header; the columns are what the command is known to print.
    Headless,
}

impl Columns {
    /// Reads a header line.
    pub(crate) fn of(header: &str) -> Option<Self> {
        let header = header.trim_end();
        if header.trim_start().contains('\t') {
            let names: Vec<_> = header.trim().split('\t').map(|name| name.trim().to_owned()).collect();
            return Self::new(names.clone(), vec![0; names.len()], Shape::Tabbed);
        }
        let pieces = pieces(header);
        let collapsed = pieces.len() == 1 && header.split_whitespace().count() > 2;
        if collapsed {
            let names = titles(header);
            return Self::new(names.clone(), vec![0; names.len()], Shape::Collapsed);
        }
        let (starts, names) = pieces.into_iter().map(|(start, name)| (start, name.to_owned())).unzip();
        Self::new(names, starts, Shape::Aligned)
    }

    /// Columns that a command is known to print, for rows whose header is gone.
    pub(super) fn named(names: &[&str]) -> Self {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Self { starts: vec![0; names.len()], names, shape: Shape::Headless }
    }

    fn new(names: Vec<String>, starts: Vec<usize>, shape: Shape) -> Option<Self> {
        let fits = !names.is_empty() && names.len() <= MOST_COLUMNS;
        fits.then_some(Self { names, starts, shape })
    }

    /// The titles.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of a column.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether there is such a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// How many columns.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether a row goes as far as the last column.
    pub(super) fn is_reached_by(&self, row: &str) -> bool {
        match self.shape {
            Shape::Aligned => row.trim_end().chars().count() > self.starts.last().copied().unwrap_or(0),
            Shape::Tabbed => row.split('\t').count() >= self.len(),
            Shape::Collapsed | Shape::Headless => self.cells(row).is_some(),
        }
    }

    /// The cells of a row, one a column; `None` if it does not fit.
    pub(crate) fn cells<'a>(&self, row: &'a str) -> Option<Vec<&'a str>> {
        let row = row.trim_end();
        match self.shape {
            Shape::Tabbed => {
                let mut cells: Vec<_> = row.split('\t').map(str::trim).collect();
                cells.resize(self.len().max(cells.len()), "");
                cells.truncate(self.len());
                Some(cells)
            }
            Shape::Collapsed => self.by_words(row),
            Shape::Headless if pieces(row).len() == self.len() => self.by_gaps(row),
            Shape::Headless => self.by_words(row),
            Shape::Aligned => self
                .by_place(row)
                .or_else(|| self.by_gaps(row))
                .or_else(|| self.by_words(row))
                .or_else(|| self.by_nearest(row)),
        }
    }

    /// Cut at the columns' beginnings, if no word crosses one.
    fn by_place<'a>(&self, row: &'a str) -> Option<Vec<&'a str>> {
        let places = Places::of(row);
        let mut cells = Vec::with_capacity(self.len());
        for (at, &start) in self.starts.iter().enumerate() {
            let from = places.byte(start);
            let to = self.starts.get(at + 1).map_or(row.len(), |&next| places.byte(next));
            let cell = row.get(from..to)?;
            let crosses = at > 0 && from < row.len() && !row[..from].ends_with(' ');
            let shifted = cell.starts_with(' ') && !cell.trim().is_empty();
            if crosses || shifted {
                return None;
            }
            cells.push(cell.trim());
        }
        Some(cells)
    }

    /// Cut at gaps of two blanks; the last column takes what is left.
    fn by_gaps<'a>(&self, row: &'a str) -> Option<Vec<&'a str>> {
        let pieces = pieces(row);
        if pieces.len() < self.len() {
            return None;
        }
        let last = self.len() - 1;
        let mut cells: Vec<_> = pieces[..last].iter().map(|(_, text)| *text).collect();
        let from = Places::of(row).byte(pieces[last].0);
        cells.push(row[from..].trim());
        Some(cells)
    }

    /// Cut at every blank, except inside brackets (`3 (5m ago)`); the last column takes what is left.
    fn by_words<'a>(&self, row: &'a str) -> Option<Vec<&'a str>> {
        let words = words(row);
        if words.len() < self.len() || (words.len() > self.len() && !self.last_is_text()) {
            return None;
        }
        let last = self.len() - 1;
        let mut cells: Vec<_> = words[..last].iter().map(|&(from, to)| &row[from..to]).collect();
        cells.push(row[words[last].0..].trim());
        Some(cells)
    }

    fn last_is_text(&self) -> bool {
        self.names.last().is_some_and(|name| matches!(name.as_str(), "MESSAGE" | "Message" | "CHANGE-CAUSE"))
    }

    /// Pieces go to the column that begins nearest, in order.
    fn by_nearest<'a>(&self, row: &'a str) -> Option<Vec<&'a str>> {
        let pieces = pieces(row);
        if pieces.len() < 2 {
            return None;
        }
        let mut cells = vec![""; self.len()];
        let mut from = 0;
        for (start, text) in pieces {
            let nearest = (from..self.len()).min_by_key(|&at| self.starts[at].abs_diff(start))?;
            cells[nearest] = text;
            from = nearest + 1;
        }
        Some(cells)
    }
}

/// Where each character of a line begins, in bytes.
enum Places {
    Ascii(usize),
    Other(Vec<usize>, usize),
}

impl Places {
    fn of(line: &str) -> Self {
        if line.is_ascii() {
            return Self::Ascii(line.len());
        }
        Self::Other(line.char_indices().map(|(at, _)| at).collect(), line.len())
    }

    fn byte(&self, character: usize) -> usize {
        match self {
            Self::Ascii(len) => character.min(*len),
            Self::Other(places, len) => places.get(character).copied().unwrap_or(*len),
        }
    }
}

/// The texts of a line that two blanks or more keep apart, each with where it begins (in characters).
pub(super) fn pieces(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut begun: Option<(usize, usize)> = None;
    let mut end = 0;
    let mut blanks = 0;
    for (characters, (at, letter)) in line.char_indices().enumerate() {
        if letter == ' ' || letter == '\t' {
            blanks += if letter == '\t' { 2 } else { 1 };
            continue;
        }
        if blanks >= 2
            && let Some((start, from)) = begun.take()
        {
            found.push((start, &line[from..end]));
        }
        blanks = 0;
        begun.get_or_insert((characters, at));
        end = at + letter.len_utf8();
    }
    if let Some((start, from)) = begun {
        found.push((start, &line[from..end]));
    }
    found
}

/// Byte ranges of words; a bracketed phrase belongs to the word before it.
fn words(line: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut open = false;
    let base = line.as_ptr() as usize;
    let is_about_time = line.contains(" ago)") || line.contains("(x");
    for word in line.split_whitespace() {
        let from = word.as_ptr() as usize - base;
        let to = from + word.len();
        match found.last_mut() {
            Some(last) if open || (word.starts_with('(') && is_about_time) => last.1 = to,
            _ => found.push((from, to)),
        }
        open = (open || word.starts_with('(')) && !word.ends_with(')');
    }
    found
}

/// The titles of a header whose blanks were collapsed.
fn titles(header: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for word in header.split_whitespace() {
        match names.last_mut() {
            Some(last) if TITLES.contains(&format!("{last} {word}").as_str()) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => names.push(word.to_owned()),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "NAME    READY   STATUS    RESTARTS      AGE   NOMINATED NODE";

    #[test]
    fn cells_are_cut_where_the_columns_begin() {
        let columns = Columns::of(HEADER).expect("a header");
        assert_eq!(columns.names()[5], "NOMINATED NODE");
        let row = "api-0   1/1     Running   3 (5m ago)    21m   <none>";
        assert_eq!(columns.cells(row).expect("fits"), ["api-0", "1/1", "Running", "3 (5m ago)", "21m", "<none>"]);
        let row = "api-0           Running                 21m";
        assert_eq!(columns.cells(row).expect("fits"), ["api-0", "", "Running", "", "21m", ""]);
    }

    #[test]
    fn a_row_that_is_shifted_is_cut_at_its_gaps() {
        let columns = Columns::of(HEADER).expect("a header");
        let row = "a-long-name-0   1/1     Running   3 (5m ago)    21m   <none>";
        assert_eq!(columns.cells(row).expect("fits")[3], "3 (5m ago)");
        let row = "a-long-name-0 1/1 Running 3 (5m ago) 21m <none>";
        assert_eq!(columns.cells(row).expect("fits")[4], "21m");
    }

    #[test]
    fn collapsed_blanks_and_tabs() {
        let columns = Columns::of("NAME READY STATUS RESTARTS AGE").expect("a header");
        assert_eq!(columns.cells("api-0 0/1 Error 3 (5m ago) 21m").expect("fits")[3], "3 (5m ago)");
        let columns = Columns::of("NAME\tREADY\tAGE").expect("a header");
        assert_eq!(columns.cells("api\t\t5m").expect("fits"), ["api", "", "5m"]);
    }

    #[test]
    fn letters_of_several_bytes_count_as_one() {
        let columns = Columns::of("NAME            READY   STATUS").expect("a header");
        assert_eq!(
            columns.cells("├── Pod/api-0   1/1     Running").expect("fits"),
            ["├── Pod/api-0", "1/1", "Running"]
        );
    }
}
