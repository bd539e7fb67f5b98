//! Quantities: `10Gi`, `500m`, `1e3` (apimachinery's resource.Quantity).

use std::fmt;

/// An amount in thousandths, exact up to the range of 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Quantity {
    milli: i128,
}

impl Quantity {
    /// A whole number.
    #[must_use]
    pub fn whole(value: i64) -> Self {
        Self {
            milli: i128::from(value) * 1000,
        }
    }

    /// Reads a quantity. Amounts below a thousandth are rounded up, as Kubernetes does.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_negative = text.starts_with('-');
        let len = unsigned
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        let (number, suffix) = unsigned.split_at(len);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (multiplier, divisor) = scale(suffix)?;
        let digits: String = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        if digits.len() > 27 || fraction.len() > 12 {
            return None;
        }
        let value: i128 = if digits.is_empty() {
            0
        } else {
            digits.parse().ok()?
        };
        let places = u32::try_from(fraction.len()).ok()?;
        let divisor = divisor.checked_mul(10i128.checked_pow(places)?)?;
        let scaled = value.checked_mul(1000)?.checked_mul(multiplier)?;
        let milli = scaled.checked_add(divisor - 1)? / divisor;
        Some(Self {
            milli: if is_negative { -milli } else { milli },
        })
    }

    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            milli: self.milli.saturating_add(other.milli),
        }
    }

    /// So many times the amount.
    #[must_use]
    pub fn times(self, count: i64) -> Self {
        Self {
            milli: self.milli.saturating_mul(i128::from(count)),
        }
    }

    /// Whether it is zero or less.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.milli <= 0
    }
}

/// A suffix as multiplier and divisor.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    let binary = |power: u32| Some((1024i128.pow(power), 1));
    let decimal = |power: u32| Some((1000i128.pow(power), 1));
    match suffix {
        "" => Some((1, 1)),
        "n" => Some((1, 1_000_000_000)),
        "u" => Some((1, 1_000_000)),
        "m" => Some((1, 1000)),
        "k" => decimal(1),
        "M" => decimal(2),
        "G" => decimal(3),
        "T" => decimal(4),
        "P" => decimal(5),
        "E" => decimal(6),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let exponent: i32 = exponent.parse().ok()?;
            let power = 10i128.checked_pow(exponent.unsigned_abs().min(18))?;
            Some(if exponent < 0 { (1, power) } else { (power, 1) })
        }
    }
}

/// In the largest binary unit that it is a whole multiple of, as people write storage.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.milli % 1000 != 0 {
            return write!(f, "{}m", self.milli);
        }
        let value = self.milli / 1000;
        // Gi is as large as people think of volumes: 1Ti reads as 1024Gi beside 700Gi.
        for (unit, size) in [("Gi", 1i128 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)] {
            if value != 0 && value % size == 0 {
                return write!(f, "{}{unit}", value / size);
            }
        }
        write!(f, "{value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, want: &str) {
        let got = Quantity::parse(text).map(|quantity| quantity.to_string());
        assert_eq!(got.as_deref().unwrap_or("none"), want, "{text:?}");
    }

    #[test]
    fn reads_every_suffix() {
        case("10Gi", "10Gi");
        case("1Ti", "1024Gi");
        case("0.5Gi", "512Mi");
        case("1.5Gi", "1536Mi");
        case("500m", "500m");
        case("1000m", "1");
        case("1e3", "1000");
        case("100M", "100000000");
        case("1n", "1m");
        case("0", "0");
        case("+5", "5");
        for bad in ["", "Gi", "10GB", "1.2.3", "ten", "1 Gi", "1e"] {
            case(bad, "none");
        }
    }
}
