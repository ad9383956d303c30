//! Listings of profilers: `go tool pprof -top`, and `jmap -histo`.

use firstfault_model::{Entity, Name, kind};
use firstfault_traces::ProfileEntry;

use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host::cite;

pub(crate) const TOP: Format = Format { name: "profile (pprof -top)", recognise: is_top, read: read_top };
pub(crate) const HISTO: Format = Format { name: "heap histogram (jmap)", recognise: is_histo, read: read_histo };

/// The lines that matter stand at the top.
const MOST: usize = 50;

fn is_top(chunk: &Chunk<'_>) -> u8 {
    let head: Vec<&str> = chunk.text.lines().take(20).collect();
    let titled = head.iter().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.starts_with(&["flat", "flat%", "sum%", "cum", "cum%"])
    });
    if titled { 97 } else { 0 }
}

fn is_histo(chunk: &Chunk<'_>) -> u8 {
    let mut lines = chunk.text.lines().filter(|line| !line.trim().is_empty());
    let titled = lines.next().is_some_and(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.starts_with(&["num", "#instances", "#bytes", "class"])
    });
    if titled { 97 } else { 0 }
}

/// Whose profile it is: the pod of `kubectl exec`, the file in `File:`, or the file's name.
fn whose(chunk: &Chunk<'_>, binary: Option<&str>) -> Entity {
    if let Some(command) = chunk.command
        && let Some(pod) = command.arguments().into_iter().skip_while(|word| *word != "exec").nth(1)
    {
        let (given, pod) = pod.rsplit_once('/').unwrap_or(("pod", pod));
        let namespace = command.namespace().unwrap_or("");
        return match given {
            "deploy" | "deployment" | "deployments" => Entity::namespaced("Deployment", namespace, pod),
            _ => Entity::namespaced("Pod", namespace, pod),
        };
    }
    let file = chunk.path.rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or(file);
    Entity::new(kind::SERVICE, binary.unwrap_or(stem))
}

fn after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().take(20).find_map(|line| line.strip_prefix(key)).map(str::trim).filter(|value| !value.is_empty())
}

fn read_top(chunk: &Chunk<'_>, out: &mut Yield) {
    let entity = whose(chunk, after(chunk.text, "File:"));
    let kind = Name::from(after(chunk.text, "Type:").unwrap_or("profile"));
    let rows = chunk.text.lines().enumerate().filter_map(|(index, line)| Some((index, row(line)?, line)));
    for (index, (flat, share, function), line) in rows.take(MOST) {
        out.profiles.push(ProfileEntry {
            entity: entity.clone(),
            kind: kind.clone(),
            function: function.chars().take(300).collect(),
            flat,
            share,
            evidence: cite(chunk, index, line),
        });
    }
}

/// `2.80GB 98.94% 98.94%  2.80GB 98.94%  main.(*Store).Put`
fn row(line: &str) -> Option<(f64, f64, String)> {
    let mut words = line.split_whitespace();
    let flat = amount(words.next()?)?;
    let share = words.next()?.strip_suffix('%')?.parse::<f64>().ok()? / 100.0;
    let (_, _, _) = (words.next()?, words.next()?, words.next()?);
    let function: Vec<&str> = words.collect();
    (!function.is_empty() && share.is_finite()).then(|| (flat, share.clamp(0.0, 1.0), function.join(" ")))
}

/// `2.80GB`, `512.50kB`, `1.23s`, `40ms`, `7`: bytes, nanoseconds or counts.
fn amount(text: &str) -> Option<f64> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let unit = match &text[end..] {
        "" | "B" | "ns" => 1.0,
        "kB" | "KB" => f64::from(1 << 10),
        "MB" => f64::from(1 << 20),
        "GB" => f64::from(1 << 30),
        "TB" => f64::from(1 << 30) * 1024.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "mins" => 60e9,
        "hrs" => 3600e9,
        _ => return None,
    };
    number.is_finite().then_some(number * unit)
}

fn read_histo(chunk: &Chunk<'_>, out: &mut Yield) {
    let entity = whose(chunk, None);
    let mut rows: Vec<(usize, f64, String, &str)> = Vec::new();
    for (index, line) in chunk.text.lines().enumerate().take(100_000) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [number, _, bytes, class, ..] = words[..]
            && number.ends_with(':')
            && let Ok(bytes) = bytes.parse::<f64>()
        {
            rows.push((index, bytes, class.to_owned(), line));
        }
    }
    let total: f64 = rows.iter().map(|row| row.1).sum();
    for (index, flat, function, line) in rows.into_iter().take(MOST) {
        let share = if total > 0.0 { flat / total } else { 0.0 };
        let evidence = cite(chunk, index, line);
        out.profiles.push(ProfileEntry {
            entity: entity.clone(),
            kind: "heap".into(),
            function,
            flat,
            share,
            evidence,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{chunk, command};
    use super::*;

    #[test]
    fn a_go_profile_names_its_greatest_functions() {
        let text = "File: till\nType: inuse_space\nShowing nodes accounting for 812.50MB, 99% of 820MB total\n      flat  flat%   sum%        cum   cum%\n  768.50MB 93.72% 93.72%   768.50MB 93.72%  example.org/till/basket.(*Store).Put (inline)\n         0     0% 99.09%   812.50MB 99.09%  net/http.(*conn).serve\n";
        let command =
            command("kubectl exec -n press till-0 -- go tool pprof -top http://localhost:6060/debug/pprof/heap");
        let chunk = chunk("heap.txt", text, Some(&command));
        assert!(is_top(&chunk) > 90);
        let mut out = Yield::default();
        read_top(&chunk, &mut out);
        let first = &out.profiles[0];
        assert_eq!(first.entity, Entity::namespaced("Pod", "press", "till-0"));
        assert_eq!(first.function, "example.org/till/basket.(*Store).Put (inline)");
        assert!((first.share - 0.9372).abs() < 1e-9 && (first.flat - 768.5 * f64::from(1 << 20)).abs() < 1.0);
        assert_eq!(out.profiles.len(), 2);
    }

    #[test]
    fn a_java_histogram_gives_shares_of_its_total() {
        let text = " num     #instances         #bytes  class name (module)\n-------------------------------------------------------\n   1:        900000       90000000  java.util.HashMap$Node (java.base@21)\n   2:         10000       10000000  [B (java.base@21)\n";
        let chunk = chunk("dumps/till.txt", text, None);
        assert!(is_histo(&chunk) > 90);
        let mut out = Yield::default();
        read_histo(&chunk, &mut out);
        assert_eq!(out.profiles[0].entity.name, "till");
        assert!((out.profiles[0].share - 0.9).abs() < 1e-12);
    }
}
