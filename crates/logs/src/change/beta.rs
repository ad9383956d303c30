//! The regularised incomplete beta function, which the binomial distribution's tails are.

/// Terms of the continued fraction. It needs about the square root of the larger parameter.
const MOST_TERMS: u32 = 20_000;
const PRECISION: f64 = 1e-12;

/// I_x(a, b) for positive a and b. For whole numbers it is the chance of `a` successes or more in `a + b - 1` trials that
/// succeed with chance x each. Source: NIST DLMF 8.17.22, evaluated by the modified Lentz method.
pub(super) fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return (1.0 - incomplete_beta(1.0 - x, b, a)).max(0.0);
    }
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    (front.exp() * fraction(x, a, b) / a).min(1.0)
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let keep = |v: f64| if v.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..=MOST_TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / keep(1.0 + term * d);
            c = keep(1.0 + term / c);
            step = c * d;
            value *= step;
        }
        if (step - 1.0).abs() < PRECISION {
            break;
        }
    }
    value
}

/// The logarithm of the gamma function. Source: C. Lanczos, "A Precision Approximation of the Gamma Function" (1964), with
/// g = 7 and nine terms.
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum = (1..).zip(TERMS).fold(0.999_999_999_999_809_9, |sum, (i, term)| sum + term / (x + f64::from(i)));
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gamma_function_is_the_factorial() {
        assert!((ln_gamma(5.0) - 24.0_f64.ln()).abs() < 1e-12);
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
    }

    #[test]
    fn tails_are_those_of_the_binomial_distribution() {
        // Ten throws of a coin: eight heads or more in 45 + 10 + 1 of 1,024 ways.
        assert!((incomplete_beta(0.5, 8.0, 3.0) - 56.0 / 1024.0).abs() < 1e-12);
        // One head or more: all but one way.
        assert!((incomplete_beta(0.5, 1.0, 10.0) - 1023.0 / 1024.0).abs() < 1e-12);
        // Five of five with chance 0.1 each.
        assert!((incomplete_beta(0.1, 5.0, 1.0) - 1e-5).abs() < 1e-15);
    }

    #[test]
    fn large_counts_come_near_the_normal_distribution() {
        // A million throws, half a million heads or more: one half and half the chance of exactly so many,
        // 0.5 + 0.5 · 2 / sqrt(2π · 10⁶) = 0.500399.
        let half = incomplete_beta(0.5, 500_000.0, 500_001.0);
        assert!((half - 0.500_399).abs() < 1e-5, "{half}");
    }
}
