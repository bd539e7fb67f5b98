//! spf13/cast 1.7.0 and the number functions of sprig 3.3.0 on plain values: what `int`, `int64`,
//! `float64`, `toDecimal`, `atoi` and `round` make of strings and floats.

use super::numparse;

/// `cast.ToInt64` (and `ToInt`) of a string: base by prefix, underscores allowed, a fraction of zeros cut
/// off; 0 where it is no number. So `"0x10"` is 16, `"010"` 8, `"08"`, `"1.9"` and `"1e3"` are 0.
pub fn string_to_int64(text: &[u8]) -> i64 {
    numparse::parse_int(trim_zero_decimal(text), 0, 0).unwrap_or(0)
}

/// `cast.trimZeroDecimal`: `"1.00"` without its fraction.
fn trim_zero_decimal(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|&&b| b == b'0').count();
    let rest = text.get(..text.len() - zeros).unwrap_or_default();
    match rest.split_last() {
        Some((b'.', whole)) if zeros > 0 => whole,
        _ => text,
    }
}

/// `cast.ToFloat64` of a string: 0 where it is no number or too large.
pub fn string_to_float64(text: &[u8]) -> f64 {
    numparse::parse_float(text, 64).unwrap_or(0.0)
}

/// Go's `int64(f)` on amd64: truncation, and the smallest integer for NaN and all that does not fit.
pub fn float_to_int64(f: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&f) {
        f as i64
    } else {
        i64::MIN
    }
}

/// sprig's `atoi`: `strconv.Atoi` with its error dropped, so a number that does not fit is the bound.
pub fn atoi(text: &[u8]) -> i64 {
    dropped_error(numparse::atoi(text), text)
}

/// sprig's `toDecimal` of a printed value: an octal number, 0 on any error.
pub fn octal(text: &[u8]) -> i64 {
    numparse::parse_int(text, 8, 64).unwrap_or(0)
}

/// The value Go returns beside an error: the nearest bound when out of range, else 0.
pub fn dropped_error(result: Result<i64, numparse::NumError>, text: &[u8]) -> i64 {
    match result {
        Ok(value) => value,
        Err(e) if e.kind == numparse::NumErrorKind::Range => {
            if text.starts_with(b"-") {
                i64::MIN
            } else {
                i64::MAX
            }
        }
        Err(_) => 0,
    }
}

/// sprig's `round(value, places, roundOn)`; `roundOn` is 0.5 unless given. Halves of negative numbers go
/// down, since their fraction is negative.
pub fn round(value: f64, places: i64, round_on: f64) -> f64 {
    let power = pow10(places);
    let digit = power * value;
    let fraction = digit.fract();
    let whole = if fraction >= round_on {
        digit.ceil()
    } else {
        digit.floor()
    };
    whole / power
}

/// `math.Pow(10, n)`: squares of 10 as a fraction and a power of two, as Go multiplies them.
fn pow10(n: i64) -> f64 {
    /// What `math.Frexp` makes of 10.
    const TEN: (f64, i64) = (0.625, 4);
    /// Go multiplies no powers of two beyond this one, in either direction.
    const LARGEST: i64 = 1 << 12;
    let (mut power, mut exponent) = (1.0, 0);
    let (mut square, mut squared) = TEN;
    let mut left = n.unsigned_abs();
    while left != 0 {
        if squared > LARGEST {
            exponent += squared;
            break;
        }
        if left & 1 == 1 {
            power *= square;
            exponent += squared;
        }
        square *= square;
        squared <<= 1;
        if square < 0.5 {
            square += square;
            squared -= 1;
        }
        left >>= 1;
    }
    if n < 0 {
        power = 1.0 / power;
        exponent = -exponent;
    }
    // In two steps, as there are results below the smallest power of two that a float can be
    // multiplied by.
    let exponent = i32::try_from(exponent.clamp(-2048, 2048)).unwrap_or_default();
    let half = exponent / 2;
    power * 2f64.powi(half) * 2f64.powi(exponent - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines printed by sprig 3.3.0 under Go 1.27.2: function, result, argument; strings quoted, floats as
    /// bits.
    #[test]
    fn agrees_with_go() {
        let float = |cell: &str| f64::from_bits(u64::from_str_radix(cell, 16).unwrap());
        for line in include_str!("../../fixtures/go/cast.txt").lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let text = || crate::golang::quote::unquote(cells[2].as_bytes()).unwrap();
            let got = match cells[0] {
                "int64" => string_to_int64(&text()).to_string(),
                "float64" => format!("{:x}", string_to_float64(&text()).to_bits()),
                "atoi" => atoi(&text()).to_string(),
                "octal" => octal(&text()).to_string(),
                "trunc" => float_to_int64(float(cells[2])).to_string(),
                _ => format!(
                    "{:x}",
                    round(float(cells[2]), cells[3].parse().unwrap(), 0.5).to_bits()
                ),
            };
            let nan = |cell: &str| cell.starts_with("7ff8");
            assert!(
                got == cells[1] || nan(&got) && nan(cells[1]),
                "{line}: {got}"
            );
        }
    }
}
