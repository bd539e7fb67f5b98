//! `time.Parse` with UTC as the local zone, and its error texts.

use super::layout::{self, Std};
use super::{DAYS, MONTHS, Place, Time, days_from_civil, is_leap, quote};

/// Why an element did not parse.
enum Fail {
    /// It does not look like the element.
    Bad,
    /// It looks right but is out of range.
    Range(&'static str),
}

type Step<T> = Result<T, Fail>;

/// What has been read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i32>,
    zone: Vec<u8>,
}

/// `time.Parse(layout, value)`; the error is Go's text, `parsing time "…" as "…": cannot parse "…" as "…"`.
pub fn parse(layout: &[u8], value: &[u8]) -> Result<Time, String> {
    let says = |what: &str| format!("parsing time {}: {what}", quote(value));
    let cannot = |element: &[u8], at: &[u8]| {
        let (value, layout) = (quote(value), quote(layout));
        format!(
            "parsing time {value} as {layout}: cannot parse {} as {}",
            quote(at),
            quote(element)
        )
    };
    let mut fields = Fields::default();
    let (mut rest_layout, mut rest) = (layout, value);
    loop {
        let (prefix, element, after) = layout::next(rest_layout);
        rest = skip(rest, prefix).map_err(|at| cannot(prefix, at))?;
        let Some((std, text)) = element else { break };
        rest_layout = after;
        match fields.take(std, rest, rest_layout) {
            Ok(tail) => rest = tail,
            Err(Fail::Bad) => return Err(cannot(text, rest)),
            Err(Fail::Range(what)) => return Err(says(&format!("{what} out of range"))),
        }
    }
    if !rest.is_empty() {
        return Err(says(&format!("extra text: {}", quote(rest))));
    }
    fields.finish().map_err(says)
}

/// Passes over literal text, where a blank stands for any number of blanks. The error is where it stopped.
fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    let blanks = |text: &[u8]| text.iter().take_while(|&&b| b == b' ').count();
    while let Some(&first) = prefix.first() {
        if first == b' ' {
            if value.first().is_some_and(|&b| b != b' ') {
                return Err(value);
            }
            prefix = prefix.get(blanks(prefix)..).unwrap_or_default();
            value = value.get(blanks(value)..).unwrap_or_default();
            continue;
        }
        if value.first() != Some(&first) {
            return Err(value);
        }
        prefix = prefix.get(1..).unwrap_or_default();
        value = value.get(1..).unwrap_or_default();
    }
    Ok(value)
}

fn digit(value: &[u8], at: usize) -> Option<u32> {
    value
        .get(at)
        .filter(|b| b.is_ascii_digit())
        .map(|b| u32::from(b - b'0'))
}

/// One or two digits, two if `fixed`.
fn number(value: &[u8], fixed: bool) -> Step<(u32, &[u8])> {
    let rest = |n: usize| value.get(n..).unwrap_or_default();
    match (digit(value, 0), digit(value, 1)) {
        (Some(tens), Some(ones)) => Ok((tens * 10 + ones, rest(2))),
        (Some(ones), None) if !fixed => Ok((ones, rest(1))),
        _ => Err(Fail::Bad),
    }
}

/// The name of a table that `value` starts with in any case, or its first three letters if `short`.
fn lookup<'a>(names: &[&str], short: bool, value: &'a [u8]) -> Step<(u32, &'a [u8])> {
    for (i, name) in (0u32..).zip(names) {
        let name = if short {
            name.get(..3).unwrap_or(name)
        } else {
            name
        };
        if let Some((head, rest)) = value.split_at_checked(name.len())
            && head.eq_ignore_ascii_case(name.as_bytes())
        {
            return Ok((i, rest));
        }
    }
    Err(Fail::Bad)
}

/// A number with an optional sign that takes up all of the text.
fn signed(text: &[u8]) -> Step<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let mut value: i64 = 0;
    for (at, _) in digits.iter().enumerate() {
        value = value
            .saturating_mul(10)
            .saturating_add(i64::from(digit(digits, at).ok_or(Fail::Bad)?));
    }
    Ok(if negative { -value } else { value })
}

/// A separator and digits as nanoseconds; digits beyond the ninth are dropped.
fn nanoseconds(text: &[u8]) -> Step<u32> {
    let [b'.' | b',', digits @ ..] = text else {
        return Err(Fail::Bad);
    };
    let digits = digits.get(..9).unwrap_or(digits);
    let value = signed(digits)?;
    if value < 0 {
        return Err(Fail::Range("fractional second"));
    }
    let scale = (digits.len()..9).fold(1, |n, _| n * 10);
    u32::try_from(value * scale).map_err(|_| Fail::Bad)
}

fn fraction_end(value: &[u8]) -> Option<usize> {
    let [b'.' | b',', digits @ ..] = value else {
        return None;
    };
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    (count > 0).then_some(count + 1)
}

impl Fields {
    /// Reads one element and gives the rest.
    fn take<'a>(&mut self, std: Std, value: &'a [u8], layout: &[u8]) -> Step<&'a [u8]> {
        let mut rest = value;
        let in_range = |n: u32, limit: u32, what: &'static str| {
            if n < limit {
                Ok(n)
            } else {
                Err(Fail::Range(what))
            }
        };
        match std {
            Std::Year => {
                let (text, tail) = value.split_at_checked(2).ok_or(Fail::Bad)?;
                let year = signed(text)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
                rest = tail;
            }
            Std::LongYear => {
                let (text, tail) = value.split_at_checked(4).ok_or(Fail::Bad)?;
                digit(text, 0).ok_or(Fail::Bad)?;
                self.year = signed(text)?;
                rest = tail;
            }
            Std::Month | Std::LongMonth => {
                let (month, tail) = lookup(&MONTHS, std == Std::Month, value)?;
                self.month = Some(month + 1);
                rest = tail;
            }
            Std::NumMonth | Std::ZeroMonth => {
                let month;
                (month, rest) = number(value, std == Std::ZeroMonth)?;
                self.month = Some(in_range(month, 13, "month")?);
                if month == 0 {
                    return Err(Fail::Range("month"));
                }
            }
            Std::WeekDay | Std::LongWeekDay => {
                (_, rest) = lookup(&DAYS, std == Std::WeekDay, value)?
            }
            Std::Day | Std::UnderDay | Std::ZeroDay => {
                if std == Std::UnderDay {
                    rest = rest.strip_prefix(b" ").unwrap_or(rest);
                }
                let day;
                (day, rest) = number(rest, std == Std::ZeroDay)?;
                self.day = Some(day);
            }
            Std::UnderYearDay | Std::ZeroYearDay => {
                if std == Std::UnderYearDay {
                    rest = rest.strip_prefix(b" ").unwrap_or(rest);
                    rest = rest.strip_prefix(b" ").unwrap_or(rest);
                }
                let count = (0..3).take_while(|&i| digit(rest, i).is_some()).count();
                if count == 0 || std == Std::ZeroYearDay && count != 3 {
                    return Err(Fail::Bad);
                }
                self.year_day =
                    Some((0..count).fold(0, |n, i| n * 10 + digit(rest, i).unwrap_or(0)));
                rest = rest.get(count..).unwrap_or_default();
            }
            Std::Hour => {
                (self.hour, rest) = number(value, false)?;
                in_range(self.hour, 24, "hour")?;
            }
            Std::Hour12 | Std::ZeroHour12 => {
                (self.hour, rest) = number(value, std == Std::ZeroHour12)?;
                in_range(self.hour, 13, "hour")?;
            }
            Std::Minute | Std::ZeroMinute => {
                (self.minute, rest) = number(value, std == Std::ZeroMinute)?;
                in_range(self.minute, 60, "minute")?;
            }
            Std::Second | Std::ZeroSecond => {
                (self.second, rest) = number(value, std == Std::ZeroSecond)?;
                in_range(self.second, 60, "second")?;
                // A fraction may follow even if the layout has none.
                let follows = matches!(layout::next(layout).1, Some((Std::Fraction { .. }, _)));
                if let Some(end) = fraction_end(rest).filter(|_| !follows) {
                    self.nanos = nanoseconds(rest.get(..end).unwrap_or_default())?;
                    rest = rest.get(end..).unwrap_or_default();
                }
            }
            Std::UpperPm | Std::LowerPm => {
                let (text, tail) = value.split_at_checked(2).ok_or(Fail::Bad)?;
                let upper = std == Std::UpperPm;
                match text {
                    b"PM" if upper => self.pm = true,
                    b"AM" if upper => self.am = true,
                    b"pm" if !upper => self.pm = true,
                    b"am" if !upper => self.am = true,
                    _ => return Err(Fail::Bad),
                }
                rest = tail;
            }
            Std::Offset { z: true, .. } if value.starts_with(b"Z") => {
                self.utc = true;
                rest = value.get(1..).unwrap_or_default();
            }
            Std::Offset {
                colon,
                minutes,
                seconds,
                ..
            } => {
                rest = self.offset(value, colon, minutes, seconds)?;
            }
            Std::ZoneName if value.starts_with(b"UTC") => {
                self.utc = true;
                rest = value.get(3..).unwrap_or_default();
            }
            Std::ZoneName => {
                let (name, tail) = zone_end(value)
                    .and_then(|n| value.split_at_checked(n))
                    .ok_or(Fail::Bad)?;
                self.zone = name.to_vec();
                rest = tail;
            }
            Std::Fraction {
                digits,
                trim: false,
                ..
            } => {
                let (text, tail) = value.split_at_checked(digits + 1).ok_or(Fail::Bad)?;
                self.nanos = nanoseconds(text)?;
                rest = tail;
            }
            Std::Fraction { .. } => {
                if let Some(end) = fraction_end(value) {
                    self.nanos = nanoseconds(value.get(..end).unwrap_or_default())?;
                    rest = value.get(end..).unwrap_or_default();
                }
            }
        }
        Ok(rest)
    }

    fn offset<'a>(
        &mut self,
        value: &'a [u8],
        colon: bool,
        minutes: bool,
        seconds: bool,
    ) -> Step<&'a [u8]> {
        let step = if colon { 3 } else { 2 };
        let parts = 1 + usize::from(minutes) + usize::from(seconds);
        let len = 1 + 2 * parts + if colon { parts - 1 } else { 0 };
        let (text, rest) = value.split_at_checked(len).ok_or(Fail::Bad)?;
        if colon && (1..parts).any(|i| text.get(i * step) != Some(&b':')) {
            return Err(Fail::Bad);
        }
        let mut numbers = [0; 3];
        let mut bad = false;
        for (i, slot) in numbers.iter_mut().enumerate().take(parts) {
            // After a bad part the others keep 0, and a part out of range still counts first.
            if !bad {
                match number(
                    text.get(1 + i * step..3 + i * step).unwrap_or_default(),
                    true,
                ) {
                    Ok((n, _)) => *slot = n,
                    Err(_) => bad = true,
                }
            }
        }
        let [hours, minutes, seconds] = numbers;
        // Go checks all three and reports the last that is too large.
        if seconds > 60 {
            return Err(Fail::Range("time zone offset second"));
        }
        if minutes > 60 {
            return Err(Fail::Range("time zone offset minute"));
        }
        if hours > 24 {
            return Err(Fail::Range("time zone offset hour"));
        }
        let size = i32::try_from((hours * 60 + minutes) * 60 + seconds).map_err(|_| Fail::Bad)?;
        self.offset = match text.first() {
            _ if bad => return Err(Fail::Bad),
            Some(b'+') => Some(size),
            Some(b'-') => Some(-size),
            _ => return Err(Fail::Bad),
        };
        Ok(rest)
    }

    fn finish(mut self) -> Result<Time, &'static str> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        if let Some(year_day) = self.year_day {
            let (month, day) = self
                .date_of_year_day(year_day)
                .ok_or("day-of-year out of range")?;
            if self.month.is_some_and(|m| m != month) {
                return Err("day-of-year does not match month");
            }
            if self.day.is_some_and(|d| d != day) {
                return Err("day-of-year does not match day");
            }
            (self.month, self.day) = (Some(month), Some(day));
        }
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        if day < 1 || day > days_in(month, self.year) {
            return Err("day out of range");
        }
        let clock =
            i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        let unix = days_from_civil(self.year, month, day) * 86_400 + clock;
        let mut time = Time {
            nanos: self.nanos,
            ..Time::from_unix(unix)
        };
        // An offset of -1 second is Go's mark for none.
        let offset = self.offset.filter(|&offset| offset != -1);
        if self.utc {
            time.place = Place::Utc;
        } else if let Some(offset) = offset {
            time.unix -= i64::from(offset);
            if offset != 0 || !self.zone.is_empty() {
                time.offset = offset;
                time.zone = self.zone;
                time.place = Place::Fixed;
            }
        } else if !self.zone.is_empty() {
            // A name alone says nothing of the offset, except for GMT+3 and the like.
            let hours = self.zone.strip_prefix(b"GMT").filter(|h| !h.is_empty());
            let hours = hours.and_then(|h| signed(h).ok()).unwrap_or(0);
            // Go shows the time in that zone but reads it as UTC.
            time.offset = i32::try_from(hours * 3600).unwrap_or(0);
            time.zone = self.zone;
            time.place = Place::Fixed;
        }
        Ok(time)
    }

    /// Month and day of a day of the year.
    fn date_of_year_day(&self, mut year_day: u32) -> Option<(u32, u32)> {
        if is_leap(self.year) {
            if year_day == 60 {
                return Some((2, 29));
            }
            if year_day > 60 {
                year_day -= 1;
            }
        }
        if year_day == 0 {
            return None;
        }
        for month in 1..=12 {
            // 2001 is no leap year.
            let length = days_in(month, 2001);
            if year_day <= length {
                return Some((month, year_day));
            }
            year_day -= length;
        }
        None
    }
}

fn days_in(month: u32, year: i64) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// How much of the text looks like a zone's abbreviation.
fn zone_end(value: &[u8]) -> Option<usize> {
    if value.starts_with(b"ChST") || value.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(after) = value.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_end(after));
    }
    if value.len() >= 3 && matches!(value.first(), Some(b'+' | b'-')) {
        return Some(signed_offset_end(value)).filter(|&n| n > 0);
    }
    let upper = value
        .iter()
        .take(6)
        .take_while(|b| b.is_ascii_uppercase())
        .count();
    match upper {
        3 => Some(3),
        4 if value.get(3) == Some(&b'T') || value.starts_with(b"WITA") => Some(4),
        5 if value.get(4) == Some(&b'T') => Some(5),
        _ => None,
    }
}

/// The length of a sign and at most 23 hours, 0 if there is none.
fn signed_offset_end(value: &[u8]) -> usize {
    let [b'+' | b'-', digits @ ..] = value else {
        return 0;
    };
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let hours = digits
        .iter()
        .take(count)
        .fold(0u32, |n, b| (n * 10 + u32::from(b - b'0')).min(1000));
    if count == 0 || hours > 23 {
        0
    } else {
        count + 1
    }
}
