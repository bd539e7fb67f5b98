//! Go's `time.Time` without a clock and without the machine's zone files: layouts, parsing, the calendar,
//! and zones by name. The local zone is UTC.

mod calendar;
mod layout;
mod parse;
mod zone;

pub use calendar::{month_name, weekday_name};
pub use parse::parse;

use layout::Std;
use zone::Zone;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const DAY: i64 = 86_400;

/// Which of Go's locations a time has. That of UTC and the local one show the same clocks here, and
/// are two to Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `time.UTC`.
    Utc,
    /// `time.Local`.
    Local,
    /// One that `time.FixedZone` made, of the name and the offset.
    Fixed,
}

/// A moment and the zone it is shown in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub unix: i64,
    /// Nanoseconds within the second, below 10⁹.
    pub nanos: u32,
    /// Seconds the zone is east of UTC.
    pub offset: i32,
    /// The zone's abbreviation, "" where only the offset is known.
    pub zone: Vec<u8>,
    /// The location.
    pub place: Place,
}

/// Year, month (1 to 12) and day of a number of days since 1970-01-01.
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    // Shift to years that start in March, in eras of 400 years, so that the leap day comes last.
    let days = i128::from(days) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    let small = |n: i128| u32::try_from(n).unwrap_or(1);
    (i64::try_from(year).unwrap_or(0), small(month), small(day))
}

/// Days since 1970-01-01 of a date; months beyond 12 are not normalised.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 {
        year.saturating_sub(1)
    } else {
        year
    };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era.saturating_mul(146_097)
        .saturating_add(day_of_era - 719_468)
}

/// Whether February has 29 days.
pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

impl Time {
    /// `time.Unix(seconds, 0)`, whose location is the local one.
    pub fn from_unix(unix: i64) -> Time {
        Time {
            unix,
            nanos: 0,
            offset: 0,
            zone: b"UTC".to_vec(),
            place: Place::Local,
        }
    }

    /// `time.Time{}`, which sprig's `toDate` returns on an error: 0001-01-01 00:00:00 UTC.
    pub fn zero() -> Time {
        Time::from_unix(-62_135_596_800).in_utc()
    }

    /// `t.In(time.UTC)`, what sprig's `date` does with every time.
    pub fn in_utc(&self) -> Time {
        Time {
            offset: 0,
            zone: b"UTC".to_vec(),
            place: Place::Utc,
            ..*self
        }
    }

    /// `t.In(zone)` of a zone by name, UTC for one that there is not: what sprig's `dateInZone` does.
    pub fn in_zone(&self, name: &[u8]) -> Time {
        let clock = Zone::load(name).and_then(|zone| zone.at(self.unix));
        let (offset, zone) = clock.unwrap_or((0, b"UTC"));
        Time {
            offset,
            zone: zone.to_vec(),
            place: Place::Fixed,
            ..*self
        }
    }

    /// `t.Add(d)`.
    #[must_use]
    pub fn add(&self, nanoseconds: i64) -> Time {
        let total = i64::from(self.nanos) + nanoseconds.rem_euclid(1_000_000_000);
        let seconds = nanoseconds.div_euclid(1_000_000_000) + total / 1_000_000_000;
        Time {
            unix: self.unix.wrapping_add(seconds),
            nanos: u32::try_from(total % 1_000_000_000).unwrap_or(0),
            ..self.clone()
        }
    }

    /// `t.Sub(u)` in nanoseconds, saturating.
    pub fn sub(&self, other: &Time) -> i64 {
        let seconds = i128::from(self.unix) - i128::from(other.unix);
        let nanos = seconds * 1_000_000_000 + i128::from(self.nanos) - i128::from(other.nanos);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    /// sprig's `ago` for a given present: the time passed, rounded to seconds.
    pub fn ago(&self, now: &Time) -> String {
        super::duration::to_string(super::duration::round(
            now.sub(self),
            super::duration::SECOND,
        ))
    }

    /// sprig's `dateModify`: the time moved by a duration, unchanged where that does not parse.
    #[must_use]
    pub fn modify(&self, duration: &[u8]) -> Time {
        super::duration::parse(duration).map_or_else(|_| self.clone(), |d| self.add(d))
    }

    /// `t.String()`, what printing a time gives.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.format(b"2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// `t.Format(time.RFC3339Nano)`, what JSON shows of a time.
    pub fn rfc3339(&self) -> Vec<u8> {
        self.format(b"2006-01-02T15:04:05.999999999Z07:00")
    }

    /// `t.Format(layout)`.
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        let (days, clock) = self.local();
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        let month_name = usize::try_from(month)
            .ok()
            .and_then(|m| MONTHS.get(m.wrapping_sub(1)))
            .unwrap_or(&"");
        let week_day = usize::try_from((days + 4).rem_euclid(7))
            .ok()
            .and_then(|d| DAYS.get(d))
            .unwrap_or(&"");
        let year_day = days - days_from_civil(year, 1, 1) + 1;
        let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
        let mut out = Vec::new();
        let mut rest = layout;
        loop {
            let (prefix, element, after) = layout::next(rest);
            out.extend_from_slice(prefix);
            let Some((std, _)) = element else { return out };
            rest = after;
            let text = match std {
                Std::LongMonth => (*month_name).to_owned(),
                Std::Month => month_name.chars().take(3).collect(),
                Std::NumMonth => month.to_string(),
                Std::ZeroMonth => format!("{month:02}"),
                Std::LongWeekDay => (*week_day).to_owned(),
                Std::WeekDay => week_day.chars().take(3).collect(),
                Std::Day => day.to_string(),
                Std::UnderDay => format!("{day:2}"),
                Std::ZeroDay => format!("{day:02}"),
                Std::UnderYearDay => format!("{year_day:3}"),
                Std::ZeroYearDay => format!("{year_day:03}"),
                Std::Hour => format!("{hour:02}"),
                Std::Hour12 => hour12.to_string(),
                Std::ZeroHour12 => format!("{hour12:02}"),
                Std::Minute => minute.to_string(),
                Std::ZeroMinute => format!("{minute:02}"),
                Std::Second => second.to_string(),
                Std::ZeroSecond => format!("{second:02}"),
                Std::LongYear if year < 0 => format!("-{:04}", year.unsigned_abs()),
                Std::LongYear => format!("{year:04}"),
                Std::Year => format!("{:02}", year.unsigned_abs() % 100),
                Std::UpperPm => if hour >= 12 { "PM" } else { "AM" }.to_owned(),
                Std::LowerPm => if hour >= 12 { "pm" } else { "am" }.to_owned(),
                Std::ZoneName if !self.zone.is_empty() => {
                    out.extend_from_slice(&self.zone);
                    continue;
                }
                Std::ZoneName => offset_text(self.offset, false, true, false),
                Std::Offset { z: true, .. } if self.offset == 0 => "Z".to_owned(),
                Std::Offset {
                    colon,
                    minutes,
                    seconds,
                    ..
                } => offset_text(self.offset, colon, minutes, seconds),
                Std::Fraction {
                    digits,
                    trim,
                    comma,
                } => fraction_text(self.nanos, digits, trim, comma),
            };
            out.extend_from_slice(text.as_bytes());
        }
    }
}

fn offset_text(offset: i32, colon: bool, minutes: bool, seconds: bool) -> String {
    // The sign is that of whole minutes, so an offset of -30 seconds prints as +00:00.
    let sign = if offset / 60 < 0 { '-' } else { '+' };
    let size = offset.unsigned_abs();
    let mut out = format!("{sign}{:02}", size / 3600);
    let sep = if colon { ":" } else { "" };
    if colon || minutes {
        out.push_str(&format!("{sep}{:02}", size / 60 % 60));
    }
    if seconds {
        let rest = if sign == '+' {
            offset % 60
        } else {
            -(offset % 60)
        };
        out.push_str(&format!("{sep}{rest:02}"));
    }
    out
}

fn fraction_text(nanos: u32, digits: usize, trim: bool, comma: bool) -> String {
    if trim && nanos == 0 {
        return String::new();
    }
    let mut text: String = format!("{nanos:09}").chars().take(digits).collect();
    if trim {
        text.truncate(text.trim_end_matches('0').len());
        if text.is_empty() {
            return text;
        }
    }
    format!("{}{text}", if comma { ',' } else { '.' })
}

/// The `time` package's own quoting for errors: like `strconv.Quote`, but every byte of a character that is
/// not printable ASCII is written as `\xNN`.
pub(super) fn quote(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for &b in bytes {
        match b {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(b));
            }
            b' '..=0x7F => out.push(char::from(b)),
            _ => out.push_str(&format!("\\x{b:02x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::duration;
    use crate::golang::quote::unquote;

    /// Lines printed by Go 1.27.2 with TZ=UTC: operation, result, arguments; all quoted.
    #[test]
    fn agrees_with_go() {
        let mut wrong = Vec::new();
        for line in include_str!("../../../fixtures/go/time.txt").lines() {
            let cells: Vec<Vec<u8>> = line
                .split('\t')
                .map(|c| unquote(c.as_bytes()).unwrap())
                .collect();
            let [op, want, args @ ..] = cells.as_slice() else {
                panic!("{line}")
            };
            let int = |i: usize| String::from_utf8_lossy(&args[i]).parse::<i64>().unwrap();
            let show =
                |r: Result<i64, String>| r.map_or_else(|e| e, |d| d.to_string()).into_bytes();
            let got = match op.as_slice() {
                b"format" => {
                    let nanos = u32::try_from(int(1)).unwrap();
                    let time = Time {
                        nanos,
                        offset: int(2) as i32,
                        zone: args[3].clone(),
                        ..Time::from_unix(int(0))
                    };
                    time.format(&args[4])
                }
                b"parse" => match parse(&args[0], &args[1]) {
                    Ok(time) => [time.to_bytes(), format!(" {}", time.unix).into_bytes()].concat(),
                    Err(e) => e.into_bytes(),
                },
                b"dur" => show(duration::parse(&args[0])),
                b"string" => duration::to_string(int(0)).into_bytes(),
                b"round" => duration::round(int(0), int(1)).to_string().into_bytes(),
                b"truncate" => duration::truncate(int(0), int(1)).to_string().into_bytes(),
                b"rounded" => duration::rounded(int(0)).into_bytes(),
                _ => panic!("{line}"),
            };
            if got != *want {
                wrong.push(format!(
                    "{line}\n  got {}",
                    crate::golang::quote::quote(&got)
                ));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} wrong\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }

    #[test]
    fn moves_and_measures() {
        let now = Time::from_unix(1_000_000_000);
        assert_eq!(now.modify(b"-1h30m").unix, 1_000_000_000 - 5400);
        assert_eq!(now.modify(b"nonsense"), now);
        assert_eq!(now.modify(b"-1h30m").ago(&now), "1h30m0s");
        assert_eq!(now.add(-1).nanos, 999_999_999);
        assert_eq!(Time::zero().to_bytes(), b"0001-01-01 00:00:00 +0000 UTC");
        assert_eq!(now.sub(&Time::from_unix(i64::MIN)), i64::MAX);
        assert!(
            !Time::from_unix(i64::MIN)
                .format(b"2006 Monday 002")
                .is_empty()
        );
    }
}
