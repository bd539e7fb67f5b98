//! Quantities such as `500m`, `1.5Gi` and `12e6`, exactly.
//!
//! Source of the facts: `k8s.io/apimachinery/pkg/api/resource`. The smallest step is a nano unit
//! (finer digits round up, away from zero), the largest value is 2⁶³−1 (larger ones are capped).

use std::fmt;

use crate::yaml::{NodeRef, ScalarStyle};

/// Nano units in one unit.
const NANO: i128 = 1_000_000_000;

/// The largest magnitude Kubernetes keeps, in nano units.
const MAX: i128 = (i64::MAX as i128) * NANO;

/// Exponents beyond this are capped or rounded anyway.
const MAX_EXPONENT: u32 = 60;

/// Which suffixes a quantity was written with, and is printed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `n u m k M G T P E` and no suffix: powers of 1000.
    Decimal,
    /// `Ki Mi Gi Ti Pi Ei`: powers of 1024.
    Binary,
    /// `e3`, `E3`: powers of ten, printed in steps of three.
    Exponent,
}

/// An amount of a resource: an exact number, and how to print it. Comparing quantities compares
/// the numbers.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self {
        nanos: 0,
        format: Format::Decimal,
    };

    /// A whole number of units (bytes, cores, devices).
    #[must_use]
    pub fn units(units: i64, format: Format) -> Self {
        Self {
            nanos: i128::from(units) * NANO,
            format,
        }
    }

    /// Reads a quantity as the API server does: a sign, digits with at most one point, a suffix.
    /// `None` when the text is no quantity: spaces, two suffixes, an unknown one (`GB`, `gi`, `K`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, text.get(1..).unwrap_or_default()),
            Some(b'+') => (false, text.get(1..).unwrap_or_default()),
            _ => (false, text),
        };
        let number_len = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        let (number, suffix) = rest.split_at_checked(number_len)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return None;
        }
        let (scale, format) = Scale::parse(suffix)?;
        let nanos = scale.apply(whole, fraction);
        Some(Self {
            nanos: if negative { -nanos } else { nanos },
            format,
        })
    }

    /// The quantity that a node writes; `None` where the API server refuses it. A number that YAML
    /// writes in a way of its own (`0x10`) is a number.
    #[must_use]
    pub fn of(node: NodeRef<'_>) -> Option<Self> {
        let text = node.text()?;
        let whole = || {
            node.int()
                .filter(|_| node.style() == Some(ScalarStyle::Plain))
        };
        Self::parse(text).or_else(|| Some(Self::units(whole()?, Format::Decimal)))
    }

    /// What a text that is no quantity most likely meant: `900GiB`, `5 gb`, `2K`.
    #[must_use]
    pub fn meant(text: &str) -> Option<String> {
        let bare: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '_')
            .collect();
        let digits = bare
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(bare.len());
        let (number, unit) = bare.split_at_checked(digits)?;
        let unit = unit.to_ascii_lowercase();
        let unit = unit.strip_suffix("ytes").unwrap_or(&unit);
        let unit = unit.strip_suffix('b').unwrap_or(unit);
        let unit = match unit {
            "" => "",
            "k" => "k",
            "m" => "M",
            "g" => "G",
            "t" => "T",
            "p" => "P",
            "ki" => "Ki",
            "mi" => "Mi",
            "gi" => "Gi",
            "ti" => "Ti",
            "pi" => "Pi",
            _ => return None,
        };
        let meant = format!("{number}{unit}");
        Self::parse(&meant).is_some().then_some(meant)
    }

    /// How it prints.
    #[must_use]
    pub fn format(self) -> Format {
        self.format
    }

    /// In nano units.
    #[must_use]
    pub fn nanos(self) -> i128 {
        self.nanos
    }

    /// In thousandths, rounded up, as Kubernetes' `MilliValue`.
    #[must_use]
    pub fn milli(self) -> i128 {
        div_up(self.nanos, NANO / 1000)
    }

    /// In units (bytes), rounded up, as Kubernetes' `Value`.
    #[must_use]
    pub fn value(self) -> i128 {
        div_up(self.nanos, NANO)
    }

    /// The number of units where it is whole.
    #[must_use]
    pub fn whole(self) -> Option<i128> {
        (self.nanos % NANO == 0).then_some(self.nanos / NANO)
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// The sum, printed as the first of the two that is not zero. Sums are not capped: a release
    /// may claim more than one volume can hold.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            nanos: self.nanos.saturating_add(other.nanos),
            format: if self.is_zero() {
                other.format
            } else {
                self.format
            },
        }
    }

    /// The difference, printed as this one.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            nanos: self.nanos.saturating_sub(other.nanos),
            format: self.format,
        }
    }

    /// That many times as much.
    #[must_use]
    pub fn times(self, count: i64) -> Self {
        Self {
            nanos: self.nanos.saturating_mul(i128::from(count)),
            format: self.format,
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

/// The canonical form: the largest suffix that leaves a whole number.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        // A binary format needs at least one whole Ki; below that Kubernetes prints decimals.
        let magnitude = self.nanos.unsigned_abs();
        if self.format == Format::Binary && magnitude >= (1024 * NANO).unsigned_abs() {
            let mut bytes = self.value();
            let mut suffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter();
            let mut suffix = "";
            while bytes % 1024 == 0
                && let Some(next) = suffixes.next()
            {
                bytes /= 1024;
                suffix = next;
            }
            return write!(f, "{bytes}{suffix}");
        }
        let steps = [
            ("n", "e-9"),
            ("u", "e-6"),
            ("m", "e-3"),
            ("", ""),
            ("k", "e3"),
            ("M", "e6"),
            ("G", "e9"),
            ("T", "e12"),
            ("P", "e15"),
            ("E", "e18"),
        ];
        let mut mantissa = self.nanos;
        let mut at = 0;
        while mantissa % 1000 == 0 && at + 1 < steps.len() {
            mantissa /= 1000;
            at += 1;
        }
        let (decimal, exponent) = steps.get(at).copied().unwrap_or_default();
        let suffix = match self.format {
            Format::Exponent => exponent,
            Format::Decimal | Format::Binary => decimal,
        };
        write!(f, "{mantissa}{suffix}")
    }
}

/// What a suffix multiplies with.
#[derive(Debug, Clone, Copy)]
enum Scale {
    Ten(i32),
    Two(u32),
}

impl Scale {
    fn parse(suffix: &str) -> Option<(Self, Format)> {
        let found = match suffix {
            "n" => (Self::Ten(-9), Format::Decimal),
            "u" => (Self::Ten(-6), Format::Decimal),
            "m" => (Self::Ten(-3), Format::Decimal),
            "" => (Self::Ten(0), Format::Decimal),
            "k" => (Self::Ten(3), Format::Decimal),
            "M" => (Self::Ten(6), Format::Decimal),
            "G" => (Self::Ten(9), Format::Decimal),
            "T" => (Self::Ten(12), Format::Decimal),
            "P" => (Self::Ten(15), Format::Decimal),
            "E" => (Self::Ten(18), Format::Decimal),
            "Ki" => (Self::Two(10), Format::Binary),
            "Mi" => (Self::Two(20), Format::Binary),
            "Gi" => (Self::Two(30), Format::Binary),
            "Ti" => (Self::Two(40), Format::Binary),
            "Pi" => (Self::Two(50), Format::Binary),
            "Ei" => (Self::Two(60), Format::Binary),
            _ => {
                let digits = suffix.strip_prefix(['e', 'E'])?;
                let exponent: i32 = digits.parse().ok()?;
                (Self::Ten(exponent), Format::Exponent)
            }
        };
        Some(found)
    }

    /// The number in nano units, rounded up and capped.
    fn apply(self, whole: &str, fraction: &str) -> i128 {
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().all(|digit| digit == b'0') {
            return 0;
        }
        let mut mantissa: i128 = 0;
        let mut exponent = -i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        let mut rest = false;
        for digit in digits() {
            let next = mantissa
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(i128::from(digit - b'0')))
                .filter(|next| *next < i128::MAX >> 64);
            match next {
                Some(next) if !rest => mantissa = next,
                // Digits that do not fit count as places only, and round up.
                _ => {
                    rest = true;
                    exponent = exponent.saturating_add(1);
                }
            }
        }
        if rest {
            mantissa += 1;
        }
        let (two, ten) = match self {
            Self::Two(power) => (1_i128 << power, 0),
            Self::Ten(power) => (1, i64::from(power)),
        };
        let exponent = exponent.saturating_add(ten).saturating_add(9);
        let power = 10_i128
            .checked_pow(
                u32::try_from(exponent.unsigned_abs())
                    .map_or(MAX_EXPONENT, |e| e.min(MAX_EXPONENT)),
            )
            .unwrap_or(i128::MAX);
        let scaled = mantissa.saturating_mul(two);
        let nanos = if exponent < 0 {
            div_up(scaled, power)
        } else {
            scaled.saturating_mul(power)
        };
        nanos.min(MAX)
    }
}

/// Division away from zero, as Kubernetes rounds.
fn div_up(value: i128, by: i128) -> i128 {
    let quotient = value / by;
    match value % by {
        0 => quotient,
        rest if rest > 0 => quotient + 1,
        _ => quotient - 1,
    }
}

/// Cores or devices as a person would say them, in thousandths at the finest: `29.5`, `4`.
#[must_use]
pub fn human_count(quantity: Quantity) -> String {
    let milli = quantity.milli();
    let text = format!("{}.{:03}", milli / 1000, (milli % 1000).abs());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Bytes as a person would say them, with at most two decimals, in the units of a format: powers of
/// 1024 (`1.5Ti`, `815Gi`), or of 1000 (`1.5T`).
#[must_use]
pub fn human_bytes(quantity: Quantity, format: Format) -> String {
    let bytes = quantity.value();
    let (step, units) = match format {
        Format::Binary => (1024, ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]),
        Format::Decimal | Format::Exponent => (1000, ["", "k", "M", "G", "T", "P", "E"]),
    };
    let mut unit = 0;
    let mut size: i128 = 1;
    while unit + 1 < units.len() && bytes.abs() >= size * step {
        size *= step;
        unit += 1;
    }
    // A whole number of the unit below reads better than a long fraction: `1100Gi`, not `1.07Ti`.
    if bytes % size != 0 && unit > 0 && bytes % (size / step) == 0 && bytes.abs() / size < 10 {
        size /= step;
        unit -= 1;
    }
    let suffix = units.get(unit).copied().unwrap_or_default();
    let hundredths = bytes.saturating_mul(100) / size;
    let text = format!("{}.{:02}", hundredths / 100, (hundredths % 100).abs());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, canonical: &str, value: i128) {
        let quantity = Quantity::parse(text).unwrap();
        assert_eq!(quantity.to_string(), canonical, "{text}");
        assert_eq!(quantity.value(), value, "{text}");
    }

    #[test]
    fn reads_and_prints_as_kubernetes_does() {
        case("0", "0", 0);
        case("1", "1", 1);
        case("+1", "1", 1);
        case("-1", "-1", -1);
        case("1.", "1", 1);
        case(".5", "500m", 1);
        case("0.5", "500m", 1);
        case("1000m", "1", 1);
        case("1500m", "1500m", 2);
        case("100n", "100n", 1);
        case("1Ki", "1Ki", 1024);
        case("1024Ki", "1Mi", 1 << 20);
        case("1.5Gi", "1536Mi", 3 << 29);
        case("0.5Ki", "512", 512);
        case("12e6", "12e6", 12_000_000);
        case("12E6", "12e6", 12_000_000);
        case("1E", "1E", 1_000_000_000_000_000_000);
        case("1e-3", "1e-3", 1);
        case("100k", "100k", 100_000);
        case("1000k", "1M", 1_000_000);
        case("1Ei", "1Ei", 1 << 60);
        case("0.0000000001", "1n", 1);
        case(
            "99999999999999999999999Gi",
            "9223372036854775807",
            i128::from(i64::MAX),
        );
        case("1e99999", "9223372036854775807", i128::from(i64::MAX));
        case("1e-99999", "1e-9", 1);
        case("0e99999", "0", 0);
    }

    #[test]
    fn refuses_what_the_api_server_refuses() {
        for text in [
            "", " ", "1 Gi", "1GB", "1gi", "1K", "Gi", "1.2.3", "--1", "1e", "1m5", "0x10", "1Kib",
            ".", "1_000", "１",
        ] {
            assert!(Quantity::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn adds_and_compares_numbers() {
        let gi = Quantity::parse("1Gi").unwrap();
        assert_eq!(gi, Quantity::parse("1024Mi").unwrap());
        assert_eq!(gi.plus(gi).times(3).to_string(), "6Gi");
        assert!(Quantity::parse("1G").unwrap() < gi);
        assert_eq!(Quantity::ZERO.plus(gi).format(), Format::Binary);
        assert_eq!(
            gi.minus(Quantity::parse("512Mi").unwrap()).to_string(),
            "512Mi"
        );
    }

    #[test]
    fn says_bytes_for_people() {
        let count = |text: &str| human_count(Quantity::parse(text).unwrap());
        assert_eq!(count("29500m"), "29.5");
        assert_eq!(count("4"), "4");
        assert_eq!(count("100"), "100");
        assert_eq!(count("1500u"), "0.002");
        let say = |text: &str| human_bytes(Quantity::parse(text).unwrap(), Format::Binary);
        assert_eq!(say("815Gi"), "815Gi");
        assert_eq!(say("1536Mi"), "1536Mi");
        assert_eq!(say("1Ti"), "1Ti");
        assert_eq!(say("100G"), "93.13Gi");
        assert_eq!(say("12"), "12");
        assert_eq!(say("0"), "0");
        let say = |text: &str| human_bytes(Quantity::parse(text).unwrap(), Format::Decimal);
        assert_eq!(say("1T"), "1T");
        assert_eq!(say("1500G"), "1500G");
        assert_eq!(say("1Gi"), "1.07G");
        assert_eq!(say("1e3"), "1k");
    }

    #[test]
    fn says_what_was_meant() {
        let meant = |text: &str| Quantity::meant(text);
        assert_eq!(meant("900GiB").as_deref(), Some("900Gi"));
        assert_eq!(meant("5GB").as_deref(), Some("5G"));
        assert_eq!(meant("5 gb").as_deref(), Some("5G"));
        assert_eq!(meant("10gi").as_deref(), Some("10Gi"));
        assert_eq!(meant("2K").as_deref(), Some("2k"));
        assert_eq!(meant("64 bytes").as_deref(), Some("64"));
        for text in ["two", "", "GB", "1.2.3G", "5 cores", "-5GB"] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
