//! `time.Duration` as nanoseconds, and sprig's `duration` and `durationRound`.

use super::time::quote;

/// One second in nanoseconds.
pub const SECOND: i64 = 1_000_000_000;
/// One minute in nanoseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in nanoseconds.
pub const HOUR: i64 = 60 * MINUTE;

/// `time.ParseDuration`; the error is Go's text, such as `time: invalid duration "x"`.
pub fn parse(text: &[u8]) -> Result<i64, String> {
    const MAX: u64 = 1 << 63;
    let failed = |what: &str| format!("time: {what} {}", quote(text));
    let invalid = || failed("invalid duration");
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let end = |bytes: &[u8]| {
            bytes
                .iter()
                .position(|b| !b.is_ascii_digit())
                .unwrap_or(bytes.len())
        };
        let (whole, mut tail) = rest.split_at_checked(end(rest)).unwrap_or((rest, b""));
        if whole.is_empty() && !tail.starts_with(b".") {
            return Err(invalid());
        }
        let mut value: u64 = 0;
        for digit in whole {
            value = value
                .checked_mul(10)
                .and_then(|v| v.checked_add(u64::from(digit - b'0')))
                .filter(|&v| v <= MAX)
                .ok_or_else(invalid)?;
        }
        let (mut fraction, mut scale) = (0u64, 1f64);
        if let Some(after) = tail.strip_prefix(b".") {
            let (digits, after) = after.split_at_checked(end(after)).unwrap_or((after, b""));
            if whole.is_empty() && digits.is_empty() {
                return Err(invalid());
            }
            for digit in digits {
                // Further digits no longer count.
                if fraction > (MAX - 1) / 10 {
                    break;
                }
                let next = fraction * 10 + u64::from(digit - b'0');
                if next > MAX {
                    break;
                }
                fraction = next;
                scale *= 10.0;
            }
            tail = after;
        }
        let unit_end = tail
            .iter()
            .position(|b| *b == b'.' || b.is_ascii_digit())
            .unwrap_or(tail.len());
        let (name, tail) = tail.split_at_checked(unit_end).unwrap_or((tail, b""));
        if name.is_empty() {
            return Err(failed("missing unit in duration"));
        }
        let unit: u64 = match name {
            b"ns" => 1,
            // "µs" with the micro sign and with the Greek letter.
            b"us" | b"\xC2\xB5s" | b"\xCE\xBCs" => 1_000,
            b"ms" => 1_000_000,
            b"s" => 1_000_000_000,
            b"m" => 60_000_000_000,
            b"h" => 3_600_000_000_000,
            _ => return Err(failed(&format!("unknown unit {} in duration", quote(name)))),
        };
        if value > MAX / unit {
            return Err(invalid());
        }
        value *= unit;
        if fraction > 0 {
            value = value.wrapping_add((fraction as f64 * (unit as f64 / scale)) as u64);
            if value > MAX {
                return Err(invalid());
            }
        }
        total = total.wrapping_add(value);
        if total > MAX {
            return Err(invalid());
        }
        rest = tail;
    }
    match (negative, i64::try_from(total)) {
        (false, Ok(d)) => Ok(d),
        (false, Err(_)) => Err(invalid()),
        (true, _) => Ok(0i64.wrapping_sub_unsigned(total)),
    }
}

/// `Duration.String`: `1h2m3.5s`, below a second `1.5ms`, zero is `0s`.
pub fn to_string(d: i64) -> String {
    let size = d.unsigned_abs();
    let sign = if d < 0 { "-" } else { "" };
    let fraction = |n: u64, digits: u32| {
        let unit = 10u64.pow(digits);
        let text = format!("{}.{:0width$}", n / unit, n % unit, width = digits as usize);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{size}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", fraction(size, 3)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(size, 6)),
        _ => {
            let minutes = size / 60_000_000_000;
            let seconds = fraction(size % 60_000_000_000, 9);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, m) => format!("{sign}{m}m{seconds}s"),
                (h, m) => format!("{sign}{h}h{m}m{seconds}s"),
            }
        }
    }
}

/// `Duration.Round`: halves away from zero, saturating.
pub fn round(d: i64, to: i64) -> i64 {
    if to <= 0 {
        return d;
    }
    let rest = (d % to).unsigned_abs();
    let down = rest.wrapping_add(rest) < to.unsigned_abs();
    let rest = i64::try_from(rest).unwrap_or(0);
    match (d < 0, down) {
        (true, true) => d.saturating_add(rest),
        (true, false) => d.saturating_add(rest).saturating_sub(to),
        (false, true) => d.saturating_sub(rest),
        (false, false) => d.saturating_sub(rest).saturating_add(to),
    }
}

/// `Duration.Truncate`.
pub fn truncate(d: i64, to: i64) -> i64 {
    if to <= 0 { d } else { d.wrapping_sub(d % to) }
}

/// `Duration.Hours`, `Minutes` or `Seconds`, by the unit in nanoseconds.
pub fn in_units(d: i64, unit: i64) -> f64 {
    if unit == 0 {
        return 0.0;
    }
    d.wrapping_div(unit) as f64 + d.wrapping_rem(unit) as f64 / unit as f64
}

/// sprig's `duration` of a number of seconds; like Go's multiplication it wraps around.
pub fn from_seconds(seconds: i64) -> String {
    to_string(seconds.wrapping_mul(SECOND))
}

/// sprig's `durationRound`: the largest unit the duration exceeds, without its sign: `2y`, `3mo`, `0s`.
pub fn rounded(d: i64) -> String {
    const HOUR_U: u64 = 3_600_000_000_000;
    let size = d.unsigned_abs();
    let units = [
        (HOUR_U * 24 * 365, "y"),
        (HOUR_U * 24 * 30, "mo"),
        (HOUR_U * 24, "d"),
        (HOUR_U, "h"),
        (HOUR_U / 60, "m"),
        (HOUR_U / 3600, "s"),
    ];
    match units.iter().find(|(unit, _)| size > *unit) {
        Some((unit, name)) => format!("{}{name}", size / unit),
        None => "0s".to_owned(),
    }
}
