//! Kubernetes quantities (`250m`, `1.5Gi`, `2e3`), so that requests can be compared and added.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use crate::Value;

/// An amount of some resource, in thousandths of its unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

/// Suffixes and what they multiply by, in thousandths. Binary ones first: `Mi` ends in no decimal one.
const SUFFIXES: &[(&str, i128)] = &[
    ("Ki", 1000 << 10),
    ("Mi", 1000 << 20),
    ("Gi", 1000 << 30),
    ("Ti", 1000 << 40),
    ("Pi", 1000 << 50),
    ("Ei", 1000 << 60),
    ("m", 1),
    ("k", 1_000_000),
    ("K", 1_000_000),
    ("M", 1_000_000_000),
    ("G", 1_000_000_000_000),
    ("T", 1_000_000_000_000_000),
    ("P", 1_000_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000_000),
];

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One unit: one pod, one CPU.
    pub const ONE: Self = Self(1000);

    /// Reads a quantity; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > 40 {
            return None;
        }
        let (number, factor) = SUFFIXES
            .iter()
            .find_map(|(suffix, factor)| text.strip_suffix(suffix).map(|number| (number, *factor)))
            .unwrap_or((text, 1000));
        scaled(number, factor).map(Self)
    }

    /// Reads a quantity from a field of an object, which may hold a bare number.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(Self(i128::from(*number) * 1000)),
            Value::Float(number) if number.is_finite() && number.abs() < 1e20 => Some(Self((number * 1000.0) as i128)),
            Value::Str(text) => Self::parse(text),
            _ => None,
        }
    }

    /// As a number of units, for comparing with measurements.
    #[must_use]
    pub fn units(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Whole units.
    #[must_use]
    pub fn whole(number: i64) -> Self {
        Self(i128::from(number) * 1000)
    }

    /// As a person would write an amount of `resource`: bytes in binary units, CPU in cores or millicores.
    #[must_use]
    pub fn show(self, resource: &str) -> String {
        if is_bytes(resource) { self.show_bytes() } else { self.to_string() }
    }

    fn show_bytes(self) -> String {
        let bytes = self.0 / 1000;
        let units: [(&str, u32); 4] = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
        for (unit, shift) in units {
            if bytes >= 1 << shift {
                let tenths = (bytes * 10) >> shift;
                let (whole, tenth) = (tenths / 10, tenths % 10);
                return if tenth == 0 { format!("{whole}{unit}") } else { format!("{whole}.{tenth}{unit}") };
            }
        }
        bytes.to_string()
    }
}

/// Whether a resource is counted in bytes.
#[must_use]
pub fn is_bytes(resource: &str) -> bool {
    let name = resource.rsplit('/').next().unwrap_or(resource);
    name.ends_with("memory")
        || name.ends_with("storage")
        || name.starts_with("hugepages-")
        || name.contains("hugepages")
}

/// A decimal number with an optional exponent, times `factor`, rounded up as the API server does.
fn scaled(number: &str, factor: i128) -> Option<i128> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|e| e.abs() <= 18)?),
        None => (number, 0),
    };
    let negative = mantissa.starts_with('-');
    let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() > 20 || fraction.len() > 12 {
        return None;
    }
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i128 = format!("{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()? - exponent;
    let power = 10_i128.checked_pow(places.unsigned_abs())?;
    let product = value.checked_mul(factor)?;
    let result = if places >= 0 { (product + power - 1) / power } else { product.checked_mul(power)? };
    Some(if negative { -result } else { result })
}

impl Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Quantity {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::add)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % 1000 == 0 { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_of_every_notation_compare() {
        let of = |text| Quantity::parse(text).expect("a quantity");
        assert_eq!(of("0.5"), of("500m"));
        assert_eq!(of("1Gi"), of("1024Mi"));
        assert_eq!(of("1Gi"), of("1073741824"));
        assert_eq!(of("2e3"), of("2k"));
        assert_eq!(of("1.5Gi"), of("1536Mi"));
        assert!(of("1G") < of("1Gi"));
        assert_eq!(of("3000Mi").show("requests.memory"), "2.9Gi");
        assert_eq!(of("1500m").show("cpu"), "1500m");
        assert_eq!(of("2000m").show("cpu"), "2");
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in ["", "<unset>", "m", "1.2.3", "--4", "1e99", "99999999999999999999999999999999999999999999"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }
}
