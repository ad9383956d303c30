//! Numbers as people read them.

/// `1 h 3 min`, `45 s`, from milliseconds.
pub(super) fn lasting(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// `1h3m`, `45s`, as Prometheus writes it, from milliseconds.
pub(super) fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if text.is_empty() { "0s".into() } else { text }
}

/// A value with the unit that Grafana gives it.
pub(super) fn shown(value: f64, unit: &str) -> String {
    match unit {
        "bytes" => binary(value),
        "binBps" => format!("{} a second", binary(value)),
        "percentunit" => format!("{} %", digits(value * 100.0)),
        "s" => format!("{} s", digits(value)),
        "reqps" => format!("{} requests a second", digits(value)),
        "ops" | "pps" => format!("{} a second", digits(value)),
        _ => digits(value),
    }
}

fn binary(value: f64) -> String {
    let units = [("GiB", 1024.0 * 1024.0 * 1024.0), ("MiB", 1024.0 * 1024.0), ("KiB", 1024.0)];
    let unit = units.iter().find(|(_, size)| value.abs() >= *size);
    unit.map_or_else(|| format!("{} bytes", digits(value)), |(name, size)| format!("{} {name}", digits(value / size)))
}

/// Three digits that count.
fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let places = (2 - value.abs().log10().floor() as i32).clamp(0, 9);
    let text = format!("{value:.0$}", usize::try_from(places).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A number with two digits that count, between two others where that is possible.
pub(super) fn round_between(low: f64, high: f64) -> f64 {
    let middle = if low > 0.0 { (low * high).sqrt() } else { high / 2.0 };
    let scale = 10_f64.powf(middle.abs().log10().floor() - 1.0);
    let rounded = (middle / scale).round() * scale;
    // Powers of ten below one are not exact: write the shortest number that is meant.
    let rounded: f64 = format!("{rounded:.9}").parse().unwrap_or(rounded);
    if rounded > low && rounded < high { rounded } else { middle }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(lasting(75_000), "1 min 15 s");
        assert_eq!(duration(3_600_000), "1h");
        assert_eq!(shown(10_485_760.0, "binBps"), "10 MiB a second");
        assert_eq!(shown(0.05, "percentunit"), "5 %");
        assert_eq!(shown(1234.0, "short"), "1234");
    }

    #[test]
    fn a_threshold_is_round_and_lies_between() {
        assert_eq!(round_between(190_000.0, 520_000.0), 310_000.0);
        assert_eq!(round_between(0.0, 0.9), 0.45);
        let narrow = round_between(0.998, 0.9999);
        assert!(narrow > 0.998 && narrow < 0.9999);
    }
}
