//! Amounts of memory as reports and Kubernetes write them, and a limit computed from what was seen.

use firstfault_model::Quantity;

/// Bytes of `512Mi`, `3G`, `2.95 GB`, `1.5 GiB`; nothing for anything else.
pub(crate) fn bytes(text: &str) -> Option<f64> {
    // A report writes `2.95 GB` where Kubernetes writes `2.95G`.
    Quantity::parse(&text.trim_end_matches('B').replace(' ', "")).map(Quantity::units)
}

/// Bytes as a Kubernetes quantity, rounded up, in the family of units that `like` is written in.
pub(crate) fn quantity(bytes: f64, like: &str) -> String {
    let binary = like.contains('i');
    let (mega, m, g) = if binary { (1024.0 * 1024.0, "Mi", "Gi") } else { (1e6, "M", "G") };
    let per_giga = if binary { 1024.0 } else { 1000.0 };
    // Sixteen steps to a giga: fine enough, and still a round number.
    let step = per_giga / 16.0;
    let whole = if bytes / mega < per_giga / 4.0 { (bytes / mega).ceil() } else { (bytes / mega / step).ceil() * step };
    if (whole / per_giga).fract() == 0.0 { format!("{}{g}", whole / per_giga) } else { format!("{}{m}", whole.ceil()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        assert_eq!(bytes("3G"), Some(3e9));
        assert_eq!(bytes("3.00 GB"), Some(3e9));
        assert_eq!(bytes("512Mi"), Some(512.0 * 1024.0 * 1024.0));
        assert_eq!(bytes("2.80 GiB"), Some(2.8 * 1024.0 * 1024.0 * 1024.0));
        assert_eq!(bytes("115 MB a minute"), None);
        assert_eq!(bytes("unknown"), None);
    }

    #[test]
    fn proposals_are_round_and_never_below_what_was_asked() {
        assert_eq!(quantity(4e9, "3G"), "4G");
        assert_eq!(quantity(512.0 * 1024.0 * 1024.0 * 4.0 / 3.0, "512Mi"), "704Mi");
        assert_eq!(quantity(128.0 * 1024.0 * 1024.0 * 4.0 / 3.0, "128Mi"), "171Mi");
        assert_eq!(quantity(1024.0 * 1024.0 * 1024.0, "512Mi"), "1Gi");
        assert_eq!(quantity(1.5e9, "1G"), "1500M");
    }
}
