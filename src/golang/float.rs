//! `strconv.FormatFloat` and the two float formats built on it: fmt's `%v` and encoding/json's.

use std::fmt::Write as _;

/// Digits Go can need: 767 significant ones are the most a float64 has, and no more than 1074 follow the point.
const MAX_EXACT: usize = 1100;

/// The decimal digits of a finite positive number and where the point goes: `0.DIGITS × 10^point`.
/// Zero has no digits.
struct Digits {
    digits: Vec<u8>,
    point: i32,
}

/// Reads Rust's `d.ddde±x` into digits.
fn from_exponent_form(text: &str) -> Digits {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    if digits.iter().all(|&d| d == b'0') {
        return Digits {
            digits: Vec::new(),
            point: 0,
        };
    }
    Digits {
        digits,
        point: exponent.parse::<i32>().unwrap_or(0).saturating_add(1),
    }
}

/// The shortest digits that read back as the same float of that size. Where two candidates of that length
/// are equally near, Go takes the even one and Rust the larger, as for 2⁻²⁵: `2.9802322387695312e-08`.
fn shortest(f: f64, bits: u32) -> Digits {
    let narrow = f as f32;
    let found = from_exponent_form(&if bits == 32 {
        format!("{narrow:e}")
    } else {
        format!("{f:e}")
    });
    let after = found.digits.len().saturating_sub(1);
    // Rounding to a given length is exact and to even in both languages.
    let (even, same) = if bits == 32 {
        let text = format!("{narrow:.after$e}");
        let same = text.parse() == Ok(narrow);
        (text, same)
    } else {
        let text = format!("{f:.after$e}");
        let same = text.parse() == Ok(f);
        (text, same)
    };
    if same {
        from_exponent_form(&even)
    } else {
        found
    }
}

/// `strconv.FormatFloat(f, fmt, prec, bits)`. `fmt` is one of `b e E f g G x X`; another byte gives `%`
/// and that byte, as Go does. A precision of −1 asks for the shortest form.
pub fn append_float(f: f64, fmt: u8, prec: i32, bits: u32) -> String {
    let f = if bits == 32 { f64::from(f as f32) } else { f };
    if f.is_nan() {
        return "NaN".to_owned();
    }
    if f.is_infinite() {
        return if f < 0.0 { "-Inf" } else { "+Inf" }.to_owned();
    }
    let sign = if f.is_sign_negative() { "-" } else { "" };
    let size = f.abs();
    let body = match fmt {
        b'b' => binary(size, bits),
        b'x' | b'X' => hexadecimal(size, prec, fmt, bits),
        b'e' | b'E' => exponent(size, fmt, prec, bits),
        b'f' => fixed(size, prec, bits),
        b'g' | b'G' => general(size, fmt, prec, bits),
        _ => return format!("%{}", char::from(fmt)),
    };
    format!("{sign}{body}")
}

/// The mantissa with its hidden bit, the exponent of its top bit, and the number of mantissa bits.
fn parts(size: f64, bits: u32) -> (u64, i32, i32) {
    if bits == 32 {
        let raw = (size as f32).to_bits();
        let (exp, mant) = ((raw >> 23) as i32, u64::from(raw & 0x7F_FFFF));
        if exp == 0 {
            (mant, -126, 23)
        } else {
            (mant | 1 << 23, exp - 127, 23)
        }
    } else {
        let raw = size.to_bits();
        let (exp, mant) = ((raw >> 52) as i32, raw & ((1 << 52) - 1));
        if exp == 0 {
            (mant, -1022, 52)
        } else {
            (mant | 1 << 52, exp - 1023, 52)
        }
    }
}

fn binary(size: f64, bits: u32) -> String {
    let (mant, exp, mant_bits) = parts(size, bits);
    format!("{mant}p{:+}", exp - mant_bits)
}

fn hexadecimal(size: f64, prec: i32, fmt: u8, bits: u32) -> String {
    const TOP: u64 = 1 << 60;
    let (mut mant, mut exp, mant_bits) = parts(size, bits);
    if mant == 0 {
        exp = 0;
    }
    mant <<= 60 - mant_bits;
    while mant != 0 && mant & TOP == 0 {
        mant <<= 1;
        exp -= 1;
    }
    if (0..15).contains(&prec) {
        let shift = prec * 4;
        let extra = (mant << shift) & (TOP - 1);
        mant >>= 60 - shift;
        if extra | (mant & 1) > 1 << 59 {
            mant += 1;
        }
        mant <<= 60 - shift;
        if mant & (1 << 61) != 0 {
            mant >>= 1;
            exp += 1;
        }
    }
    let mut out = format!("0{}{}", char::from(fmt), (mant >> 60) & 1);
    mant <<= 4;
    let digit = |mant: &mut u64, out: &mut String| {
        let d = char::from_digit(((*mant >> 60) & 15) as u32, 16).unwrap_or('0');
        out.push(if fmt == b'X' {
            d.to_ascii_uppercase()
        } else {
            d
        });
        *mant <<= 4;
    };
    if prec < 0 && mant != 0 {
        out.push('.');
        while mant != 0 {
            digit(&mut mant, &mut out);
        }
    } else if prec > 0 {
        out.push('.');
        for _ in 0..prec {
            digit(&mut mant, &mut out);
        }
    }
    out.push(if fmt == b'X' { 'P' } else { 'p' });
    push_exponent(&mut out, exp);
    out
}

/// A signed exponent of at least two digits.
fn push_exponent(out: &mut String, exp: i32) {
    let sign = if exp < 0 { '-' } else { '+' };
    // Writing to a String cannot fail.
    let _ = write!(out, "{sign}{:02}", exp.unsigned_abs());
}

/// `d.ddde±dd` with `prec` digits after the point, padded with zeros where the number has fewer.
fn exponent(size: f64, fmt: u8, prec: i32, bits: u32) -> String {
    let found = match usize::try_from(prec) {
        Err(_) => shortest(size, bits),
        Ok(prec) => from_exponent_form(&format!("{size:.*e}", prec.min(MAX_EXACT))),
    };
    let after = match usize::try_from(prec) {
        Err(_) => found.digits.len().saturating_sub(1),
        Ok(prec) => prec,
    };
    exponent_text(&found, fmt, after)
}

fn exponent_text(found: &Digits, fmt: u8, after: usize) -> String {
    let mut digits = found.digits.iter().map(|&d| char::from(d));
    let mut out = String::new();
    out.push(digits.next().unwrap_or('0'));
    if after > 0 {
        out.push('.');
        out.extend(digits.chain(std::iter::repeat('0')).take(after));
    }
    out.push(char::from(fmt));
    push_exponent(
        &mut out,
        if found.digits.is_empty() {
            0
        } else {
            found.point - 1
        },
    );
    out
}

fn fixed(size: f64, prec: i32, bits: u32) -> String {
    let Ok(prec) = usize::try_from(prec) else {
        return plain_text(&shortest(size, bits));
    };
    let mut out = format!("{size:.*}", prec.min(MAX_EXACT));
    out.extend(std::iter::repeat_n('0', prec.saturating_sub(MAX_EXACT)));
    out
}

fn general(size: f64, fmt: u8, prec: i32, bits: u32) -> String {
    let (found, prec, threshold) = match usize::try_from(prec) {
        Err(_) => {
            let found = shortest(size, bits);
            let n = found.digits.len();
            (found, n, 6)
        }
        Ok(prec) => {
            let prec = prec.max(1);
            let mut found = from_exponent_form(&format!("{size:.*e}", (prec - 1).min(MAX_EXACT)));
            while found.digits.last() == Some(&b'0') {
                found.digits.pop();
            }
            let n = i32::try_from(found.digits.len()).unwrap_or(i32::MAX);
            let wanted = i32::try_from(prec).unwrap_or(i32::MAX);
            let threshold = if wanted > n && n >= found.point {
                n
            } else {
                wanted
            };
            (found, prec, threshold)
        }
    };
    let exp = found.point - 1;
    if exp < -4 || exp >= threshold {
        let after = prec.min(found.digits.len()).saturating_sub(1);
        return exponent_text(&found, if fmt == b'G' { b'E' } else { b'e' }, after);
    }
    plain_text(&found)
}

/// All digits without an exponent.
fn plain_text(found: &Digits) -> String {
    let mut out = String::new();
    match usize::try_from(found.point) {
        Ok(whole) if whole > 0 => {
            let digits = found.digits.iter().map(|&d| char::from(d));
            out.extend(digits.clone().chain(std::iter::repeat('0')).take(whole));
            if found.digits.len() > whole {
                out.push('.');
                out.extend(digits.skip(whole));
            }
        }
        _ => {
            out.push('0');
            if !found.digits.is_empty() {
                out.push('.');
                out.extend(std::iter::repeat_n(
                    '0',
                    found.point.unsigned_abs() as usize,
                ));
                out.extend(found.digits.iter().map(|&d| char::from(d)));
            }
        }
    }
    out
}

/// fmt's `%v` of a float64, which is what `print` and a bare action write: the shortest digits, with an
/// exponent iff the decimal exponent is below −4 or at least 6 (`1000000` prints as `1e+06`). The
/// threshold of 21 known from JSON is not fmt's.
pub fn format_g(f: f64, out: &mut String) {
    out.push_str(&append_float(f, b'g', -1, 64));
}

/// encoding/json's float64: plain digits unless the magnitude is below 1e-6 or at least 1e21, and a
/// one-digit exponent written without its leading zero. Infinities and NaN cannot be encoded.
pub fn json_float(f: f64) -> Option<String> {
    if !f.is_finite() {
        return None;
    }
    if let Some(text) = whole(f) {
        return Some(text);
    }
    let size = f.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return Some(append_float(f, b'f', -1, 64));
    }
    let text = append_float(f, b'e', -1, 64);
    Some(match text.split_once("e-0") {
        Some((mantissa, exponent)) => format!("{mantissa}e-{exponent}"),
        None => text,
    })
}

/// A whole number that a float64 holds exactly, without a point. Most numbers of values are such.
fn whole(f: f64) -> Option<String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = f.fract() == 0.0 && f.abs() < EXACT && (f != 0.0 || f.is_sign_positive());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is whole, and small enough"
    )]
    is_whole.then(|| (f as i64).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(f: f64, fmt: u8, prec: i32, bits: u32, want: &str) {
        assert_eq!(
            append_float(f, fmt, prec, bits),
            want,
            "{f:e} {} {prec}",
            char::from(fmt)
        );
    }

    /// Every line of the fixture was printed by Go 1.27.2: bits of the float, size, format, precision, text.
    #[test]
    fn agrees_with_go() {
        let fixture = include_str!("../../fixtures/go/float.txt");
        for line in fixture.lines() {
            let cells: Vec<&str> = line.split(' ').collect();
            let [raw, bits, fmt, prec, want] = cells.as_slice() else {
                panic!("{line}")
            };
            let f = f64::from_bits(u64::from_str_radix(raw, 16).unwrap());
            if *fmt == "j" {
                assert_eq!(json_float(f).as_deref(), Some(*want), "{line}");
            } else {
                case(
                    f,
                    fmt.as_bytes()[0],
                    prec.parse().unwrap(),
                    bits.parse().unwrap(),
                    want,
                );
            }
        }
    }

    #[test]
    fn prints_as_fmt_does() {
        for (f, want) in [
            (1e6, "1e+06"),
            (999_999.0, "999999"),
            (999_999.5, "999999.5"),
            (1_234_567.0, "1.234567e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (100_000.0, "100000"),
            (-0.0, "-0"),
            (f64::INFINITY, "+Inf"),
            (f64::NAN, "NaN"),
        ] {
            let mut out = String::new();
            format_g(f, &mut out);
            assert_eq!(out, want);
        }
        assert_eq!(json_float(f64::NAN), None);
    }

    #[test]
    fn takes_the_even_of_two_equally_near() {
        for (raw, want) in [
            (0x3fe4_6710_0000_0000, "6.375808715820312e-01"),
            (0x42e9_0c5f_1890_a524, "2.2032740597892112e+14"),
            (0x3e60_0000_0000_0000, "2.9802322387695312e-08"),
            (0x4063_6861_4000_0000, "1.5526187133789062e+02"),
            (0x3ea4_0000_0000_0000, "5.960464477539062e-07"),
        ] {
            case(f64::from_bits(raw), b'e', -1, 64, want);
        }
        case(155.261_871_337_890_62, b'f', -1, 64, "155.26187133789062");
    }
}
