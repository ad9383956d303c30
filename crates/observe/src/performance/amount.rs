//! Numbers as a person says them.

/// `2.95 GB`, `11.7 MB`: decimal units, three digits.
pub(super) fn bytes(amount: f64) -> String {
    let (number, unit) = match amount.abs() {
        a if a >= 1e12 => (amount / 1e12, "TB"),
        a if a >= 1e9 => (amount / 1e9, "GB"),
        a if a >= 1e6 => (amount / 1e6, "MB"),
        a if a >= 1e3 => (amount / 1e3, "kB"),
        _ => (amount, "B"),
    };
    format!("{} {unit}", digits(number))
}

/// `2.80 GiB`: as profilers count.
pub(super) fn binary(amount: f64) -> String {
    let (unit, name) = match amount.abs() {
        a if a >= f64::from(1 << 30) => (f64::from(1 << 30), "GiB"),
        a if a >= f64::from(1 << 20) => (f64::from(1 << 20), "MiB"),
        _ => (1024.0, "KiB"),
    };
    format!("{} {name}", digits(amount / unit))
}

/// Three digits that matter.
pub(super) fn digits(number: f64) -> String {
    match number.abs() {
        a if a >= 100.0 => format!("{number:.0}"),
        a if a >= 10.0 => format!("{number:.1}"),
        a if a >= 1.0 || a == 0.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

/// `1 min 45 s`, `2 h 5 min`, `3 d 4 h`.
pub(super) fn span(seconds: f64) -> String {
    let whole = seconds.round().clamp(0.0, 1e12) as u64;
    let two = |big: u64, unit: &str, small: u64, part: &str| {
        if small == 0 { format!("{big} {unit}") } else { format!("{big} {unit} {small} {part}") }
    };
    match whole {
        s if s < 60 => format!("{s} s"),
        s if s < 3600 => two(s / 60, "min", s % 60, "s"),
        s if s < 86_400 => two(s / 3600, "h", s % 3600 / 60, "min"),
        s => two(s / 86_400, "d", s % 86_400 / 3600, "h"),
    }
}

/// `98 %`.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent.abs() >= 10.0 || percent == 0.0 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_say_them() {
        assert_eq!(bytes(2.95e9), "2.95 GB");
        assert_eq!(bytes(11_700_000.0), "11.7 MB");
        assert_eq!(span(105.0), "1 min 45 s");
        assert_eq!(span(3720.0), "1 h 2 min");
        assert_eq!(span(450_000.0), "5 d 5 h");
        assert_eq!(percent(0.9847), "98 %");
        assert_eq!(percent(0.001), "0.1 %");
    }
}
