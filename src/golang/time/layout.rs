//! Go's layout strings, cut into their elements.

/// An element of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Std {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    /// A numeric offset.
    Offset {
        z: bool,
        colon: bool,
        minutes: bool,
        seconds: bool,
    },
    /// A fractional second: how many digits, whether zeros are dropped, and its separator.
    Fraction {
        digits: usize,
        trim: bool,
        comma: bool,
    },
}

/// Elements by the text they start with, longer ones first among those with a common start.
const FIXED: &[(&[u8], Std)] = &[
    (b"January", Std::LongMonth),
    (b"Monday", Std::LongWeekDay),
    (b"MST", Std::ZoneName),
    (b"01", Std::ZeroMonth),
    (b"02", Std::ZeroDay),
    (b"03", Std::ZeroHour12),
    (b"04", Std::ZeroMinute),
    (b"05", Std::ZeroSecond),
    (b"06", Std::Year),
    (b"002", Std::ZeroYearDay),
    (b"15", Std::Hour),
    (b"1", Std::NumMonth),
    (b"2006", Std::LongYear),
    (b"2", Std::Day),
    (b"_2", Std::UnderDay),
    (b"__2", Std::UnderYearDay),
    (b"3", Std::Hour12),
    (b"4", Std::Minute),
    (b"5", Std::Second),
    (b"PM", Std::UpperPm),
    (b"pm", Std::LowerPm),
];

/// The offsets after `-` or `Z`, in the order Go looks for them.
const OFFSETS: &[(&[u8], bool, bool, bool)] = &[
    (b"070000", false, true, true),
    (b"07:00:00", true, true, true),
    (b"0700", false, true, false),
    (b"07:00", true, true, false),
    (b"07", false, false, false),
];

fn element(at: &[u8]) -> Option<(usize, usize, Std)> {
    let lower = |after: &[u8]| after.first().is_some_and(u8::is_ascii_lowercase);
    if at.starts_with(b"_2006") {
        return Some((1, 5, Std::LongYear));
    }
    if let Some((text, std)) = FIXED.iter().find(|(text, _)| at.starts_with(text)) {
        return Some((0, text.len(), *std));
    }
    // The short names do not count inside a word: "Months" is no month.
    for (text, std) in [(b"Jan", Std::Month), (b"Mon", Std::WeekDay)] {
        if let Some(after) = at.strip_prefix(text)
            && !lower(after)
        {
            return Some((0, 3, std));
        }
    }
    if let [sign @ (b'-' | b'Z'), after @ ..] = at {
        let (text, colon, minutes, seconds) = OFFSETS.iter().find(|o| after.starts_with(o.0))?;
        let std = Std::Offset {
            z: *sign == b'Z',
            colon: *colon,
            minutes: *minutes,
            seconds: *seconds,
        };
        return Some((0, text.len() + 1, std));
    }
    if let [sep @ (b'.' | b','), digit @ (b'0' | b'9'), ..] = at {
        let digits = at.iter().skip(1).take_while(|&b| b == digit).count();
        if !at.get(digits + 1).is_some_and(u8::is_ascii_digit) {
            let std = Std::Fraction {
                digits,
                trim: *digit == b'9',
                comma: *sep == b',',
            };
            return Some((0, digits + 1, std));
        }
    }
    None
}

/// An element and the text it was written as.
type Element<'a> = (Std, &'a [u8]);

/// `nextStdChunk`: the literal text before the first element, the element with its text, and the rest.
pub(super) fn next(layout: &[u8]) -> (&[u8], Option<Element<'_>>, &[u8]) {
    for start in 0..layout.len() {
        let at = layout.get(start..).unwrap_or_default();
        if let Some((skip, end, std)) = element(at) {
            let prefix = layout.get(..start + skip).unwrap_or_default();
            let text = at.get(skip..end).unwrap_or_default();
            return (prefix, Some((std, text)), at.get(end..).unwrap_or_default());
        }
    }
    (layout, None, b"")
}
