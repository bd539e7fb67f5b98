//! Numbers and dates as Go's `strconv` and `time` read and print them.

/// A whole number with Go's prefixes: `0x`, `0o`, `0b`, and a leading `0` for octal.
pub(super) fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = sign(text);
    let size = parse_magnitude(digits)?;
    if negative {
        0i64.checked_sub_unsigned(size)
    } else {
        i64::try_from(size).ok()
    }
}

/// As [`parse_int`], without a sign, up to `u64::MAX`.
pub(super) fn parse_uint(text: &str) -> Option<u64> {
    parse_magnitude(text)
}

/// Digits of base 2, with a sign if any.
pub(super) fn parse_binary(text: &str) -> Option<i64> {
    let (negative, digits) = sign(text);
    let size = digits_of(digits, 2)?;
    if negative {
        0i64.checked_sub_unsigned(size)
    } else {
        i64::try_from(size).ok()
    }
}

/// Digits of base 2 up to `u64::MAX`.
pub(super) fn parse_binary_uint(text: &str) -> Option<u64> {
    digits_of(text, 2)
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    }
}

fn parse_magnitude(text: &str) -> Option<u64> {
    let mut bytes = text.bytes();
    let radix = match (bytes.next(), bytes.next().map(|b| b.to_ascii_lowercase())) {
        (Some(b'0'), Some(b'x')) => 16,
        (Some(b'0'), Some(b'o')) => 8,
        (Some(b'0'), Some(b'b')) => 2,
        (Some(b'0'), Some(_)) => return digits_of(text.get(1..)?, 8),
        _ => return digits_of(text, 10),
    };
    digits_of(text.get(2..)?, radix)
}

fn digits_of(text: &str, radix: u32) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(text, radix).ok()
}

/// A decimal number such as `1.5e3` or `.5`, if that is what it is and it is not too large.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let (_, rest) = sign(text);
    let whole = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_whole = whole.len() < rest.len();
    let (fraction, has_fraction) = match whole.strip_prefix('.') {
        Some(fraction) => {
            let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (rest, rest.len() < fraction.len())
        }
        None => (whole, false),
    };
    if !has_whole && !has_fraction {
        return None;
    }
    if !fraction.is_empty() {
        let exponent = fraction.strip_prefix(['e', 'E'])?;
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// `strconv.FormatFloat(value, 'g', -1, 64)`: the shortest digits that give the same number back,
/// with an exponent below 1e-4 and from 1e6 on. `%v` and `%#v` print the same.
pub(super) fn format_float(value: f64) -> String {
    layout(value, &format!("{:e}", value.abs()), -4..6, 2)
}

/// `strconv.FormatFloat(value, 'g', -1, 32)`, which yaml.v2 uses for keys.
pub(super) fn format_float32(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "that is what Go does")]
    let narrow = value as f32;
    layout(f64::from(narrow), &format!("{:e}", narrow.abs()), -4..6, 2)
}

/// A number as `encoding/json` prints it: an exponent below 1e-6 and from 1e21 on.
pub(super) fn format_json(value: f64) -> String {
    layout(value, &format!("{:e}", value.abs()), -6..21, 1)
}

/// Digits and exponent of Rust's `{:e}` in Go's layout.
fn layout(
    value: f64,
    scientific: &str,
    plain: std::ops::Range<i32>,
    exponent_digits: usize,
) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let mut out = String::new();
    if value.is_sign_negative() {
        out.push('-');
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if !plain.contains(&exponent) {
        out.push_str(mantissa);
        let sign = if exponent < 0 { '-' } else { '+' };
        let size = exponent.unsigned_abs();
        out.push_str(&format!("e{sign}{size:0exponent_digits$}"));
        return out;
    }
    match usize::try_from(exponent) {
        Err(_) => {
            out.push_str("0.");
            for _ in 1..exponent.unsigned_abs() {
                out.push('0');
            }
            out.push_str(&digits);
        }
        Ok(exponent) => {
            for at in 0..digits.len().max(exponent + 1) {
                if at == exponent + 1 {
                    out.push('.');
                }
                out.push(digits.as_bytes().get(at).map_or('0', |b| char::from(*b)));
            }
        }
    }
    out
}

/// Whether yaml.v2 takes the text for a timestamp: `2001-1-2`, alone or with a time.
pub(super) fn is_timestamp(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits != 4 || text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let mut rest = Clock(text.as_bytes().get(5..).unwrap_or_default());
    let year: u32 = text.get(..4).and_then(|y| y.parse().ok()).unwrap_or(0);
    let Some(month) = rest.number().filter(|month| (1..=12).contains(month)) else {
        return false;
    };
    if !rest.literal(b'-') {
        return false;
    }
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if rest.number().is_none_or(|day| !(1..=days).contains(&day)) {
        return false;
    }
    match rest.0.first() {
        None => true,
        Some(b'T' | b't') => {
            rest.0 = rest.0.get(1..).unwrap_or_default();
            rest.time() && rest.zone() && rest.0.is_empty()
        }
        Some(b' ') => {
            while rest.literal(b' ') {}
            rest.time() && rest.0.is_empty()
        }
        Some(_) => false,
    }
}

/// The rest of a timestamp.
struct Clock<'a>(&'a [u8]);

impl Clock<'_> {
    fn literal(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        found
    }

    /// One or two digits.
    fn number(&mut self) -> Option<u32> {
        let first = self.0.first().filter(|b| b.is_ascii_digit())?;
        let mut value = u32::from(first - b'0');
        let mut length = 1;
        if let Some(second) = self.0.get(1).filter(|b| b.is_ascii_digit()) {
            value = value * 10 + u32::from(second - b'0');
            length = 2;
        }
        self.0 = self.0.get(length..).unwrap_or_default();
        Some(value)
    }

    fn time(&mut self) -> bool {
        let mut part = |limit| self.number().is_some_and(|value| value < limit);
        if !part(24) {
            return false;
        }
        for _ in 0..2 {
            if !self.literal(b':') || self.number().is_none_or(|value| value >= 60) {
                return false;
            }
        }
        let fraction = matches!(self.0.first(), Some(b'.' | b','))
            && self.0.get(1).is_some_and(u8::is_ascii_digit);
        if fraction {
            let digits = self.0.iter().skip(1).take_while(|b| b.is_ascii_digit());
            self.0 = self.0.get(1 + digits.count()..).unwrap_or_default();
        }
        true
    }

    /// `Z` or `+hh:mm`.
    fn zone(&mut self) -> bool {
        if self.literal(b'Z') {
            return true;
        }
        let two = |at: usize| -> Option<u32> {
            let digits = self.0.get(at..at + 2)?;
            let digits = digits.iter().all(u8::is_ascii_digit).then_some(digits)?;
            Some(u32::from(digits[0] - b'0') * 10 + u32::from(digits[1] - b'0'))
        };
        let fits = matches!(self.0.first(), Some(b'+' | b'-'))
            && two(1).is_some_and(|hours| hours <= 24)
            && self.0.get(3) == Some(&b':')
            && two(4).is_some_and(|minutes| minutes <= 60);
        if fits {
            self.0 = self.0.get(6..).unwrap_or_default();
        }
        fits
    }
}
