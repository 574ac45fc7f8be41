//! Decimal fractions with 18 places, so that `0.1` of a duration is a tenth and not the nearest binary fraction.

/// How many of these make one.
pub const ONE: i128 = 1_000_000_000_000_000_000;
const PLACES: usize = 18;

/// A number in units of 10⁻¹⁸; digits beyond that are dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimal(pub i128);

impl Decimal {
    pub fn from_integer(value: i64) -> Decimal {
        Decimal(i128::from(value) * ONE)
    }
    /// The number a float is written as; None if it is none or too large for any duration.
    pub fn from_float(value: f64) -> Option<Decimal> {
        if !value.is_finite() || value.abs() > 1e19 {
            return None;
        }
        Decimal::parse(&value.to_string())
    }
    /// Reads `12`, `-0.75`, `+1,5`; at least one digit on each side of a point.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
        if whole.is_empty() || fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let kept = &fraction[..fraction.len().min(PLACES)];
        let fraction = kept.parse::<i128>().ok()? * 10_i128.pow((PLACES - kept.len()) as u32);
        let scaled = whole.parse::<i128>().ok()?.checked_mul(ONE)?.checked_add(fraction)?;
        Some(Decimal(if negative { -scaled } else { scaled }))
    }
    pub fn times(self, factor: i64) -> Option<Decimal> {
        self.0.checked_mul(i128::from(factor)).map(Decimal)
    }
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_add(other.0).map(Decimal)
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// A positive float as the decimal it is written as: `mantissa × 10^exponent` with at most 17 digits.
pub fn scientific(value: f64) -> Option<(i128, i32)> {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa = format!("{whole}{fraction}").parse().ok()?;
    Some((mantissa, exponent.parse::<i32>().ok()? - fraction.len() as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_read_as_written() {
        assert_eq!(Decimal::from_float(0.1), Some(Decimal(ONE / 10)));
        assert_eq!(Decimal::from_float(-12.5), Decimal::parse("-12,5"));
        assert_eq!(Decimal::from_float(1e-300), Some(Decimal(0)));
        assert_eq!(Decimal::from_float(f64::NAN), None);
        assert_eq!(Decimal::from_float(1e300), None);
        assert_eq!(scientific(0.125), Some((125, -3)));
        assert_eq!(scientific(2.0), Some((2, 0)));
        assert_eq!(scientific(1.5e300), Some((15, 299)));
    }
}
