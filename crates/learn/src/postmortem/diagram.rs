//! Inline SVG: the cause-and-effect diagram, the fault tree and charts. No script, no style of its own
//! beyond classes of the page. Each diagram is drawn for a wide page and for a phone.

use std::fmt::Write as _;

use firstfault_report::markup::xml;
use jiff::Timestamp;

use super::document::{Bone, Chart, Event, Gate, Part, Postmortem};
use super::facts::{bytes, digits, share};

/// Height of a line of text.
const LINE: usize = 16;
/// A character's width at 12 pixels, on average, rounded up.
const CHARACTER: f64 = 6.4;

/// Breaks a text into lines of at most so many characters, at spaces where there are some.
fn wrapped(text: &str, most: usize, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut line = String::new();
    let length = |s: &str| s.chars().count();
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        while length(&word) > most {
            if !line.is_empty() {
                out.push(std::mem::take(&mut line));
            }
            out.push(word.chars().take(most).collect());
            word = word.chars().skip(most).collect();
        }
        if !line.is_empty() && length(&line) + 1 + length(&word) > most {
            out.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        out.push(line);
    }
    if out.len() > lines {
        out.truncate(lines);
        if let Some(last) = out.last_mut() {
            *last = last.chars().take(most.saturating_sub(1)).chain(['…']).collect();
        }
    }
    out
}

fn class(part: Part) -> &'static str {
    match part {
        Part::Cause => "p-cause",
        Part::Contributes => "p-contributes",
        Part::Excluded => "p-excluded",
        Part::Neutral => "p-neutral",
        Part::Unknown => "p-unknown",
    }
}

fn text(svg: &mut String, x: usize, y: usize, class: &str, line: &str) {
    let _ = write!(svg, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", xml(line));
}

fn open(label: &str, class: &str, width: usize, height: usize) -> String {
    format!(
        "<svg class=\"{class}\" role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">"
    )
}

/// Ishikawa's diagram for a wide page: the effect on the right, categories above and below the spine.
pub(crate) fn fishbone(document: &Postmortem) -> String {
    const COLUMN: usize = 248;
    const HEAD: usize = 188;
    const WRAP: usize = 28;
    let bones = &document.cause_and_effect;
    let columns = bones.len().div_ceil(2).max(1);
    let twig_lines =
        |bone: &Bone| bone.twigs.iter().map(|t| wrapped(&t.text, WRAP, 3).len() * LINE + 10).sum::<usize>() + 40;
    let side = |nth: usize| bones.iter().skip(nth).step_by(2).map(twig_lines).max().unwrap_or(0);
    let (above, below) = (side(0), side(1));
    let (width, height) = (columns * COLUMN + HEAD + 20, above + below + 40);
    let spine = above + 20;
    let mut svg = open("cause-and-effect diagram", "wide-only", width, height);
    let end = columns * COLUMN + 10;
    let _ = write!(svg, "<line class=\"spine\" x1=\"10\" y1=\"{spine}\" x2=\"{end}\" y2=\"{spine}\"/>");
    let head = wrapped(&document.title, 22, 6);
    let box_height = head.len() * LINE + 20;
    let _ = write!(
        svg,
        "<rect class=\"box p-cause\" x=\"{end}\" y=\"{}\" width=\"{HEAD}\" height=\"{box_height}\" rx=\"6\"/>",
        spine.saturating_sub(box_height / 2)
    );
    for (nth, line) in head.iter().enumerate() {
        text(&mut svg, end + 10, spine.saturating_sub(box_height / 2) + 22 + nth * LINE, "strong", line);
    }
    for (nth, bone) in bones.iter().enumerate() {
        let up = nth % 2 == 0;
        let left = 10 + nth / 2 * COLUMN;
        let (from, to) = ((left + 196) as f64, (left + COLUMN - 12) as f64);
        let tall = twig_lines(bone);
        let far = if up { spine - tall + 14 } else { spine + tall - 14 };
        let _ = write!(svg, "<line class=\"bone\" x1=\"{from}\" y1=\"{far}\" x2=\"{to}\" y2=\"{spine}\"/>");
        text(&mut svg, left, if up { far } else { far + 8 }, "category", &bone.category);
        let mut y = if up { far + 22 } else { spine + 26 };
        for twig in &bone.twigs {
            let lines = wrapped(&twig.text, WRAP, 3);
            let (first, middle) = (y, y + (lines.len() - 1) * LINE / 2);
            for (row, line) in lines.iter().enumerate() {
                text(&mut svg, left, first + row * LINE, class(twig.part), line);
            }
            let along = (middle as f64 - 4.0 - far as f64) / (spine as f64 - far as f64);
            let meets = from + (to - from) * along.clamp(0.0, 1.0);
            let ends =
                left as f64 + lines.iter().map(|l| l.chars().count()).max().unwrap_or(0) as f64 * CHARACTER + 4.0;
            if meets > ends {
                let _ = write!(
                    svg,
                    "<line class=\"twig\" x1=\"{ends:.0}\" y1=\"{0}\" x2=\"{meets:.0}\" y2=\"{0}\"/>",
                    middle - 4
                );
            }
            y += lines.len() * LINE + 10;
        }
    }
    svg.push_str("</svg>");
    svg
}

/// The same for a phone: the spine runs down the page.
pub(crate) fn fishbone_narrow(document: &Postmortem) -> String {
    const WIDTH: usize = 340;
    const SPINE: usize = 12;
    let mut body = String::new();
    let head = wrapped(&document.title, 40, 5);
    let box_height = head.len() * LINE + 16;
    let _ =
        write!(body, "<rect class=\"box p-cause\" x=\"1\" y=\"1\" width=\"338\" height=\"{box_height}\" rx=\"6\"/>");
    for (nth, line) in head.iter().enumerate() {
        text(&mut body, 10, 20 + nth * LINE, "strong", line);
    }
    let mut y = box_height + 28;
    let mut last = y;
    for bone in &document.cause_and_effect {
        let _ = write!(body, "<line class=\"bone\" x1=\"{SPINE}\" y1=\"{0}\" x2=\"34\" y2=\"{0}\"/>", y - 4);
        text(&mut body, 40, y, "category", &bone.category);
        last = y - 4;
        y += LINE + 4;
        for twig in &bone.twigs {
            let _ = write!(body, "<line class=\"twig\" x1=\"44\" y1=\"{0}\" x2=\"52\" y2=\"{0}\"/>", y - 4);
            for line in wrapped(&twig.text, 43, 4) {
                text(&mut body, 58, y, class(twig.part), &line);
                y += LINE;
            }
            y += 5;
        }
        y += 10;
    }
    let mut svg = open("cause-and-effect diagram", "narrow-only", WIDTH, y);
    let _ = write!(
        svg,
        "<line class=\"spine\" x1=\"{SPINE}\" y1=\"{box_height}\" x2=\"{SPINE}\" y2=\"{last}\"/>{body}</svg>"
    );
    svg
}

/// The fault tree for a wide page: the top event first, what it comes from below it and further in.
pub(crate) fn tree(top: &Event) -> String {
    Tree { width: 940, indent: 46, class: "wide-only" }.draw(top)
}

/// The same for a phone.
pub(crate) fn tree_narrow(top: &Event) -> String {
    Tree { width: 340, indent: 15, class: "narrow-only" }.draw(top)
}

struct Tree {
    width: usize,
    indent: usize,
    class: &'static str,
}

impl Tree {
    fn draw(&self, top: &Event) -> String {
        let mut body = String::new();
        let height = self.event(&mut body, top, 0, 2);
        let mut svg = open("fault tree", self.class, self.width, height);
        svg.push_str(&body);
        svg.push_str("</svg>");
        svg
    }

    /// Draws an event at a height and gives the height below it and all that it comes from.
    fn event(&self, svg: &mut String, event: &Event, depth: usize, top: usize) -> usize {
        /// Deeper than a tree of ours ever is.
        const DEEPEST: usize = 16;
        let left = 2 + depth.min(DEEPEST) * self.indent;
        let room = self.width.saturating_sub(left + 2).max(120);
        let most = ((room - 20) as f64 / CHARACTER) as usize;
        let lines = wrapped(&event.text, most, 5);
        let note = event.note.as_deref().map(|n| wrapped(n, most, 3)).unwrap_or_default();
        let tall = (lines.len() + note.len()) * LINE + 12;
        let widest = lines.iter().chain(&note).map(|l| l.chars().count()).max().unwrap_or(0);
        let wide = ((widest as f64 * CHARACTER) as usize + 24).min(room);
        let _ = write!(
            svg,
            "<rect class=\"box {}\" x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{tall}\" rx=\"5\"/>",
            class(event.part)
        );
        for (nth, line) in lines.iter().enumerate() {
            let class = if event.part == Part::Excluded { "p-excluded" } else { "label" };
            text(svg, left + 10, top + 18 + nth * LINE, class, line);
        }
        for (nth, line) in note.iter().enumerate() {
            text(svg, left + 10, top + 18 + (lines.len() + nth) * LINE, "note", line);
        }
        let mut y = top + tall;
        if event.from.is_empty() || depth >= DEEPEST {
            return y + 8;
        }
        let stem = left + self.indent / 2;
        let begin = y;
        y += if event.gate == Gate::None { 8 } else { 30 };
        let mut last = y;
        for below in &event.from {
            last = y + 14;
            let _ = write!(
                svg,
                "<line class=\"edge\" x1=\"{stem}\" y1=\"{last}\" x2=\"{}\" y2=\"{last}\"/>",
                left + self.indent
            );
            y = self.event(svg, below, depth + 1, y);
        }
        let _ = write!(svg, "<line class=\"edge\" x1=\"{stem}\" y1=\"{begin}\" x2=\"{stem}\" y2=\"{last}\"/>");
        gate(svg, event.gate, stem, begin + 4);
        y
    }
}

/// The symbols of fault trees: an AND has a flat foot, an OR a hollow one; the word stands beside it.
fn gate(svg: &mut String, gate: Gate, x: usize, y: usize) {
    let (path, word) = match gate {
        Gate::None => return,
        Gate::And => {
            (format!("M{} {} v-10 a9 9 0 0 1 18 0 v10 z", x.saturating_sub(9), y + 20), "AND: all of these together")
        }
        Gate::Or => (
            format!("M{} {} q2 -16 9 -20 q7 4 9 20 q-9 -6 -18 0 z", x.saturating_sub(9), y + 20),
            "OR: each of these could",
        ),
    };
    let _ = write!(svg, "<path class=\"gate\" d=\"{path}\"/>");
    text(svg, x + 16, y + 16, "note", word);
}

/// A measured course with its limit and the moment it was felt; none with fewer than two points.
pub(crate) fn chart(chart: &Chart) -> Option<String> {
    const SIZE: (f64, f64) = (360.0, 170.0);
    const LEFT: f64 = 8.0;
    const TOP: f64 = 22.0;
    const FOOT: f64 = 22.0;
    let points = || chart.lines.iter().flatten().filter(|p| p.1.is_finite());
    let (start, end) = (points().map(|p| p.0).min()?, points().map(|p| p.0).max()?);
    let high = points().map(|p| p.1).chain(chart.limit).fold(f64::MIN, f64::max);
    let low = points().map(|p| p.1).fold(f64::MAX, f64::min);
    if end <= start {
        return None;
    }
    let low = if low > 0.0 && low < high / 2.0 { 0.0 } else { low - (high - low) * 0.05 };
    let span = if high > low { high - low } else { 1.0 };
    let x = |t: i64| LEFT + (t - start) as f64 / (end - start) as f64 * (SIZE.0 - 2.0 * LEFT);
    let y = |v: f64| TOP + (1.0 - (v - low) / span) * (SIZE.1 - TOP - FOOT);
    let mut svg = format!(
        "<svg class=\"chart\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">",
        xml(&chart.title),
        SIZE.0,
        SIZE.1
    );
    if let Some(felt) = chart.felt.filter(|f| (start..=end).contains(f)) {
        let _ = write!(
            svg,
            "<rect class=\"window\" x=\"{:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            x(felt),
            x(end) - x(felt),
            SIZE.1 - TOP - FOOT
        );
    }
    if let Some(limit) = chart.limit {
        let _ = write!(
            svg,
            "<line class=\"limit\" x1=\"{LEFT}\" y1=\"{0:.1}\" x2=\"{1}\" y2=\"{0:.1}\"/>",
            y(limit),
            SIZE.0 - LEFT
        );
    }
    for line in &chart.lines {
        let path: Vec<String> =
            line.iter().filter(|p| p.1.is_finite()).map(|(t, v)| format!("{:.1},{:.1}", x(*t), y(*v))).collect();
        let _ = write!(svg, "<polyline class=\"course\" points=\"{}\"/>", path.join(" "));
    }
    let axis = SIZE.1 - FOOT;
    let _ = write!(svg, "<line class=\"axis\" x1=\"{LEFT}\" y1=\"{axis}\" x2=\"{}\" y2=\"{axis}\"/>", SIZE.0 - LEFT);
    let show = |v: f64| match chart.unit.as_str() {
        "B" => bytes(v),
        "share" => share(v),
        "" => digits(v),
        unit => format!("{} {unit}", digits(v)),
    };
    let peak = points().map(|p| p.1).fold(f64::MIN, f64::max);
    let limit = chart.limit.map_or_else(String::new, |l| format!(", limit {}", show(l)));
    let _ = write!(svg, "<text class=\"note\" x=\"{LEFT}\" y=\"14\">highest {}{limit}</text>", xml(&show(peak)));
    let clock = |t: i64| {
        Timestamp::from_second(t).map_or_else(|_| String::new(), |t| t.to_string().get(11..16).unwrap_or("").to_owned())
    };
    let _ = write!(
        svg,
        "<text class=\"note\" x=\"{LEFT}\" y=\"{0}\">{1}</text><text class=\"note end\" x=\"{2}\" y=\"{0}\">{3}</text></svg>",
        SIZE.1 - 6.0,
        clock(start),
        SIZE.0 - LEFT,
        clock(end)
    );
    Some(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_and_texts_are_broken() {
        assert_eq!(wrapped("one two three", 7, 5), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij k", 4, 5), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrapped("a b c d e f", 3, 2), ["a b", "c …"]);
        assert!(wrapped("", 10, 2).is_empty());
    }

    #[test]
    fn evidence_in_a_tree_stays_text() {
        let event = Event {
            text: "<script>alert(1)</script>".to_owned(),
            gate: Gate::None,
            part: Part::Cause,
            note: Some("\"x\" & y".to_owned()),
            from: Vec::new(),
        };
        let svg = tree(&event);
        assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;") && svg.contains("&quot;x&quot; &amp; y"));
    }

    #[test]
    fn a_chart_of_one_point_is_none() {
        let chart_of = |line: Vec<(i64, f64)>| {
            chart(&Chart { title: "t".to_owned(), unit: String::new(), lines: vec![line], limit: None, felt: Some(5) })
        };
        assert!(chart_of(vec![(1, 1.0)]).is_none());
        assert!(chart_of(Vec::new()).is_none());
        assert!(chart_of(vec![(1, f64::NAN), (9, 2.0), (19, 2.0)]).is_some_and(|svg| !svg.contains("NaN")));
    }
}
