//! The methods of Go's `time.Time` that neither read nor write layouts.

use super::{DAY, DAYS, MONTHS, Place, Time, civil_from_days, days_from_civil, quote};

/// Seconds from the start of year 1, which Go counts from, to 1970.
const SINCE_YEAR_1: i64 = 62_135_596_800;

/// The year that Go's calculations start from, so that no sensible year is below.
const FIRST_YEAR: i64 = -292_277_022_400;

/// Seconds from March of that year, with which its calendar starts, to 1970.
const SINCE_FIRST_YEAR: i64 = {
    let days_to_year_0 = FIRST_YEAR / 400 * -146_097;
    let march = 31 + 29;
    (days_to_year_0 - march + 719_528) * DAY
};

/// The date and the clock that a time shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// The day of the month.
    pub day: u32,
    /// 0 is Sunday.
    pub weekday: i64,
    /// 1 is the first of January.
    pub year_day: i64,
    /// Seconds since midnight.
    pub clock: i64,
}

/// `Month.String`.
pub fn month_name(month: i64) -> String {
    name(&MONTHS, month.checked_sub(1)).unwrap_or_else(|| format!("%!Month({month})"))
}

/// `Weekday.String`.
pub fn weekday_name(weekday: i64) -> String {
    name(&DAYS, Some(weekday)).unwrap_or_else(|| format!("%!Weekday({weekday})"))
}

fn name(names: &[&str], at: Option<i64>) -> Option<String> {
    let at = usize::try_from(at?).ok()?;
    names.get(at).map(|name| (*name).to_owned())
}

/// Go's `dateToAbsDays`, which wraps around as Go's does where the year is beyond all sense.
fn days_since_first_year(year: i64, month: u32, day: i64) -> i64 {
    let early = month < 3;
    let month = i64::from(if early { month + 9 } else { month - 3 });
    let year = year
        .wrapping_sub(i64::from(early))
        .wrapping_sub(FIRST_YEAR)
        .cast_unsigned();
    let century = (year / 100).wrapping_mul(146_097) / 4;
    let within = year % 100 * 1461 / 4;
    let before = (153 * month + 2) / 5;
    century
        .wrapping_add(within)
        .cast_signed()
        .wrapping_add(before)
        .wrapping_add(day)
        .wrapping_sub(1)
}

impl Time {
    /// The date and the clock in the time's own zone.
    pub fn civil(&self) -> Civil {
        let (days, clock) = self.local();
        let (year, month, day) = civil_from_days(days);
        Civil {
            year,
            month,
            day,
            weekday: (days + 4).rem_euclid(7),
            year_day: days - days_from_civil(year, 1, 1) + 1,
            clock,
        }
    }

    /// The day since 1970-01-01 and the second of it in the time's own zone. Go's seconds since its
    /// first year have 64 bits, and run over at both ends.
    pub(super) fn local(&self) -> (i64, i64) {
        let local = i128::from(self.unix) + i128::from(self.offset);
        let since_first_year = (local + i128::from(SINCE_FIRST_YEAR)).rem_euclid(1 << 64);
        let local = since_first_year - i128::from(SINCE_FIRST_YEAR);
        let day = i128::from(DAY);
        let part = |part: i128| i64::try_from(part).unwrap_or(0);
        (part(local.div_euclid(day)), part(local.rem_euclid(day)))
    }

    /// Seconds since the start of year 1: a field of Go's struct.
    pub fn since_year_1(&self) -> i64 {
        self.unix.wrapping_add(SINCE_YEAR_1)
    }

    /// `t.AddDate`: months beyond the year's and days beyond the month's run on into the next.
    #[must_use]
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let civil = self.civil();
        let months = (i64::from(civil.month) - 1).wrapping_add(months);
        let year = civil.year.wrapping_add(years);
        let year = year.wrapping_add(months.div_euclid(12));
        let month = u32::try_from(months.rem_euclid(12) + 1).unwrap_or(1);
        let day = i64::from(civil.day).wrapping_add(days);
        let days = days_since_first_year(year, month, day);
        let local = days
            .wrapping_mul(DAY)
            .wrapping_add(civil.clock)
            .wrapping_sub(SINCE_FIRST_YEAR);
        Time {
            unix: local.wrapping_sub(i64::from(self.offset)),
            ..self.clone()
        }
    }

    /// What is beyond a multiple of a duration, counted from the start of year 1.
    fn beyond(&self, multiple: i64) -> i64 {
        let whole = i128::from(self.unix) + i128::from(SINCE_YEAR_1);
        let nanos = whole * 1_000_000_000 + i128::from(self.nanos);
        i64::try_from(nanos.rem_euclid(i128::from(multiple))).unwrap_or(0)
    }

    /// `t.Truncate(d)`.
    #[must_use]
    pub fn truncate(&self, multiple: i64) -> Time {
        match multiple {
            ..=0 => self.clone(),
            _ => self.add(-self.beyond(multiple)),
        }
    }

    /// `t.Round(d)`: halves are rounded up.
    #[must_use]
    pub fn round(&self, multiple: i64) -> Time {
        if multiple <= 0 {
            return self.clone();
        }
        let beyond = self.beyond(multiple);
        match beyond < multiple - beyond {
            true => self.add(-beyond),
            false => self.add(multiple - beyond),
        }
    }

    /// As `MarshalText` and `MarshalJSON` write it, or what is wrong with it by RFC 3339.
    pub fn marshaled(&self) -> Result<Vec<u8>, &'static str> {
        if !(0..=9999).contains(&self.civil().year) {
            return Err("year outside of range [0,9999]");
        }
        if self.offset.unsigned_abs() >= 24 * 3600 {
            return Err("timezone hour outside of range [0,23]");
        }
        Ok(self.rfc3339())
    }

    /// `t.MarshalBinary()`.
    pub fn binary(&self) -> Result<Vec<u8>, &'static str> {
        let minutes = match self.place {
            Place::Utc => -1,
            _ if self.offset / 60 == -1 => {
                return Err("Time.MarshalBinary: unexpected zone offset");
            }
            _ => i16::try_from(self.offset / 60)
                .map_err(|_| "Time.MarshalBinary: unexpected zone offset")?,
        };
        let seconds = match self.place {
            Place::Utc => 0,
            _ => i8::try_from(self.offset % 60).unwrap_or(0),
        };
        let mut out = vec![if seconds == 0 { 1 } else { 2 }];
        out.extend(self.since_year_1().to_be_bytes());
        out.extend(self.nanos.to_be_bytes());
        out.extend(minutes.to_be_bytes());
        if seconds != 0 {
            out.extend(seconds.to_be_bytes());
        }
        Ok(out)
    }

    /// `t.GoString()`, what `%#v` prints.
    pub fn go_string(&self) -> String {
        let Civil {
            year,
            month,
            day,
            clock,
            ..
        } = self.civil();
        let month = month_name(i64::from(month));
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        let place = match self.place {
            Place::Utc => "time.UTC".to_owned(),
            Place::Local => "time.Local".to_owned(),
            Place::Fixed => format!("time.Location({})", quote(&self.zone)),
        };
        let nanos = self.nanos;
        format!(
            "time.Date({year}, time.{month}, {day}, {hour}, {minute}, {second}, {nanos}, {place})"
        )
    }
}
