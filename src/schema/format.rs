//! Formats of strings as Helm's validator knows them, with what it says of a string that has not
//! the format. It asserts them up to draft 7 only.

use std::net::Ipv6Addr;

use crate::golang::numparse::atoi;
use crate::golang::quote::quote_rune;
use crate::golang::regexp::Regexp;
use crate::golang::time::parse as parse_time;
use crate::golang::url::Url;

/// Whether a string has a format.
type Check = fn(&str) -> Result<(), String>;

/// The formats. Those that a validator of another make knows, and Helm's does not, take anything.
pub(super) const FORMATS: [(&str, Check); 23] = [
    ("date", date),
    ("date-time", date_time),
    ("duration", duration),
    ("email", email),
    ("hostname", hostname),
    ("idn-email", anything),
    ("idn-hostname", anything),
    ("ipv4", ipv4),
    ("ipv6", ipv6),
    ("iri", anything),
    ("iri-reference", anything),
    ("json-pointer", json_pointer),
    ("period", period),
    ("regex", regex),
    ("relative-json-pointer", relative_json_pointer),
    ("semver", semver),
    ("time", time),
    ("uri", uri),
    ("uri-reference", uri_reference),
    ("uri-template", anything),
    ("uuid", uuid),
    ("color", anything),
    ("style", anything),
];

/// What is wrong with a string that should have a format.
pub(super) fn fault(format: &str, text: &str) -> Option<String> {
    let check = FORMATS.iter().find(|(name, _)| *name == format)?.1;
    check(text).err()
}

fn anything(_: &str) -> Result<(), String> {
    Ok(())
}

fn require(condition: bool, otherwise: &str) -> Result<(), String> {
    if condition {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}

fn invalid_character(character: char) -> String {
    let shown = quote_rune(u32::from(character), false, false);
    format!("invalid character {shown}")
}

fn regex(text: &str) -> Result<(), String> {
    Regexp::translated(text.as_bytes()).map(|_| ())
}

fn json_pointer(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let rest = text.strip_prefix('/').ok_or("not starting with /")?;
    let escape = "~ must be followed by 0 or 1";
    for token in rest.split('/') {
        let mut characters = token.chars();
        while let Some(character) = characters.next() {
            if character == '~' {
                let next = characters.next();
                require(matches!(next, Some('0' | '1')), escape)?;
            }
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Result<(), String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    require(digits > 0, "not starting with 0-9")?;
    require(!(digits > 1 && text.starts_with('0')), "starts with zero")?;
    match text.get(digits..).unwrap_or_default() {
        "#" => Ok(()),
        rest => json_pointer(rest),
    }
}

fn uuid(text: &str) -> Result<(), String> {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    require(groups.len() == LENGTHS.len(), "must have 5 elements")?;
    for (at, (group, length)) in groups.iter().zip(LENGTHS).enumerate() {
        if group.len() != length {
            let number = at + 1;
            return Err(format!("element {number} must be {length} characters long"));
        }
        if let Some(odd) = group.chars().find(|digit| !digit.is_ascii_hexdigit()) {
            let shown = quote_rune(u32::from(odd), false, false);
            return Err(format!("non-hex character {shown}"));
        }
    }
    Ok(())
}

fn duration(text: &str) -> Result<(), String> {
    let rest = text.strip_prefix('P').ok_or("must start with P")?;
    require(!rest.is_empty(), "nothing after P")?;
    if let Some(weeks) = rest.strip_suffix('W') {
        require(!weeks.is_empty(), "no number in week")?;
        let is_number = weeks.bytes().all(|byte| byte.is_ascii_digit());
        return require(is_number, "invalid week");
    }
    let mut all_units = ["YMD", "HMS"].into_iter();
    for (at, part) in rest.split('T').enumerate() {
        require(at == 0 || !part.is_empty(), "no time elements")?;
        let units = all_units.next().ok_or("more than one T")?;
        elements(part, units)?;
    }
    Ok(())
}

/// Two times, or a time and how long before or behind it.
fn period(text: &str) -> Result<(), String> {
    let (start, end) = text.split_once('/').ok_or("missing slash")?;
    let at = |which: &str, text: &str| {
        date_time(text).map_err(|error| format!("invalid {which} date-time: {error}"))
    };
    let long = |which: &str, text: &str| {
        duration(text).map_err(|error| format!("invalid {which} duration: {error}"))
    };
    match (start.starts_with('P'), end.starts_with('P')) {
        (true, _) => long("start", start).and_then(|()| at("end", end)),
        (false, true) => at("start", start).and_then(|()| long("end", end)),
        (false, false) => at("start", start).and_then(|()| at("end", end)),
    }
}

/// Numbers, each with its unit, in the order of the units.
fn elements(mut part: &str, all: &str) -> Result<(), String> {
    let mut units = all;
    while !part.is_empty() {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        require(digits > 0, "missing number")?;
        let mut rest = part.get(digits..).unwrap_or_default().chars();
        let unit = rest.next().ok_or("missing unit")?;
        match units.split_once(unit) {
            Some((_, later)) => units = later,
            None => {
                let shown = quote_rune(u32::from(unit), false, false);
                return Err(if all.contains(unit) {
                    format!("unit {shown} out of order")
                } else {
                    format!("invalid unit {shown}")
                });
            }
        }
        part = rest.as_str();
    }
    Ok(())
}

fn ipv4(text: &str) -> Result<(), String> {
    let groups: Vec<&str> = text.split('.').collect();
    require(groups.len() == 4, "expected four decimals")?;
    for group in groups {
        let is_padded = group.len() > 1 && group.starts_with('0');
        require(!is_padded, "leading zeros")?;
        let number = atoi(group).map_err(|error| error.to_string())?;
        let is_byte = (0..=255).contains(&number);
        require(is_byte, "decimal must be between 0 and 255")?;
    }
    Ok(())
}

fn ipv6(text: &str) -> Result<(), String> {
    require(text.contains(':'), "missing colon")?;
    if let Some((address, _)) = text.split_once('%')
        && address.parse::<Ipv6Addr>().is_ok()
    {
        return Err("zone id is not a part of ipv6 address".to_owned());
    }
    match text.parse::<Ipv6Addr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "ParseAddr({}): unable to parse IP",
            crate::golang::quote::quote(text.as_bytes())
        )),
    }
}

fn hostname(text: &str) -> Result<(), String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    require(text.len() <= 253, "more than 253 characters long")?;
    for label in text.split('.') {
        let is_short = (1..=63).contains(&label.len());
        require(is_short, "label must be 1 to 63 characters long")?;
        require(!label.starts_with('-'), "label starts with hyphen")?;
        require(!label.ends_with('-'), "label ends with hyphen")?;
        let is_taken = |character: char| character.is_ascii_alphanumeric() || character == '-';
        if let Some(odd) = label.chars().find(|character| !is_taken(*character)) {
            return Err(invalid_character(odd));
        }
    }
    Ok(())
}

fn email(text: &str) -> Result<(), String> {
    require(text.len() <= 254, "more than 255 characters long")?;
    let (local, domain) = text.rsplit_once('@').ok_or("missing @")?;
    let is_short = local.len() <= 64;
    require(is_short, "local part more than 64 characters long")?;
    let quoted = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(quoted) = quoted {
        let is_plain = !quoted.contains(['\\', '"']);
        require(
            is_plain,
            "backslash and quote are not allowed within quoted local part",
        )?;
    } else {
        require(!local.starts_with('.'), "starts with dot")?;
        require(!local.ends_with('.'), "ends with dot")?;
        require(!local.contains(".."), "consecutive dots")?;
        let is_taken = |character: char| {
            character.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(character)
        };
        if let Some(odd) = local.chars().find(|character| !is_taken(*character)) {
            return Err(invalid_character(odd));
        }
    }
    let inner = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => match inner.strip_prefix("IPv6:") {
            Some(address) => {
                ipv6(address).map_err(|error| format!("invalid ipv6 address: {error}"))
            }
            None => ipv4(inner).map_err(|error| format!("invalid ipv4 address: {error}")),
        },
        None => hostname(domain).map_err(|error| format!("invalid domain: {error}")),
    }
}

fn date(text: &str) -> Result<(), String> {
    parse_time(b"2006-01-02", text.as_bytes()).map(|_| ())
}

fn time(text: &str) -> Result<(), String> {
    require(text.len() >= 9, "less than 9 characters long")?;
    let bytes = text.as_bytes();
    let is_colon = |at: usize| bytes.get(at) == Some(&b':');
    let is_spaced = is_colon(2) && is_colon(5);
    require(is_spaced, "missing colon in correct place")?;
    let number = |from: usize, to: usize| {
        let digits = bytes.get(from..to).unwrap_or_default();
        atoi(digits).map_err(|_| "invalid hour/min/sec".to_owned())
    };
    let (hour, minute, second) = (number(0, 2)?, number(3, 5)?, number(6, 8)?);
    require((0..=23).contains(&hour), "hour must be between 0 and 23")?;
    require(
        (0..=59).contains(&minute),
        "minute must be between 0 and 59",
    )?;
    require(
        (0..=60).contains(&second),
        "second must be between 0 and 60",
    )?;
    let mut rest = bytes.get(8..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
        let digits = digits.count();
        require(digits > 0, "no digits in second fraction")?;
        rest = fraction.get(digits..).unwrap_or_default();
    }
    let minutes = match rest {
        b"z" | b"Z" => 0,
        [sign @ (b'+' | b'-'), offset @ ..] => {
            let is_whole = offset.len() == 5 && offset.get(2) == Some(&b':');
            require(is_whole, "offset must be 6 characters long")?;
            let part = |from: usize, to: usize| {
                let digits = offset.get(from..to).unwrap_or_default();
                atoi(digits).map_err(|_| "invalid hour/min in offset".to_owned())
            };
            let (hours, minutes) = (part(0, 2)?, part(3, 5)?);
            require(
                (0..=23).contains(&hours),
                "hour must be between 0 and 23 in offset",
            )?;
            require(
                (0..=59).contains(&minutes),
                "minute must be between 0 and 59 in offset",
            )?;
            let all = hours * 60 + minutes;
            if *sign == b'-' { all } else { -all }
        }
        _ => return Err("offset must begin with plus/minus".to_owned()),
    };
    if second == 60 {
        let utc = (hour * 60 + minute + minutes).rem_euclid(24 * 60);
        require(utc == 23 * 60 + 59, "invalid leap second")?;
    }
    Ok(())
}

fn date_time(text: &str) -> Result<(), String> {
    require(text.len() >= 20, "less than 20 characters long")?;
    let is_t = matches!(text.as_bytes().get(10), Some(b't' | b'T'));
    require(is_t, "11th character must be t or T")?;
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    date(part(0, 10)).map_err(|error| format!("invalid date element: {error}"))?;
    time(part(11, text.len())).map_err(|error| format!("invalid time element: {error}"))
}

fn parsed_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.as_bytes())?;
    let host = String::from_utf8_lossy(url.hostname()).into_owned();
    if host.contains(':') {
        let is_bracketed = url.host.contains(&b'[') && url.host.contains(&b']');
        require(is_bracketed, "ipv6 not enclosed in brackets")?;
        ipv6(&host).map_err(|error| format!("invalid ipv6 address: {error}"))?;
    }
    Ok(url)
}

fn uri(text: &str) -> Result<(), String> {
    let url = parsed_url(text)?;
    require(!url.scheme.is_empty(), "relative url")
}

fn uri_reference(text: &str) -> Result<(), String> {
    parsed_url(text)?;
    require(!text.contains('\\'), "contains \\")
}

fn semver(text: &str) -> Result<(), String> {
    let (rest, build) = text
        .split_once('+')
        .map_or((text, None), |(a, b)| (a, Some(b)));
    let (core, release) = rest
        .split_once('-')
        .map_or((rest, None), |(a, b)| (a, Some(b)));
    let numbers: Vec<&str> = core.split('.').collect();
    let count = "versionCore must have 3 numbers separated by dot";
    require(numbers.len() == 3, count)?;
    for (name, number) in ["major", "minor", "patch"].iter().zip(numbers) {
        require(!number.is_empty(), &format!("{name} is empty"))?;
        let is_padded = number.len() > 1 && number.starts_with('0');
        require(!is_padded, &format!("{name} starts with zero"))?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        require(is_number, &format!("{name} has non-digits"))?;
    }
    let is_part = |part: &str| {
        let bytes = part.bytes();
        !part.is_empty()
            && bytes
                .into_iter()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_release = release.is_none_or(|release| release.split('.').all(is_part));
    require(is_release, "invalid pre-release")?;
    let is_build = build.is_none_or(|build| build.split('.').all(is_part));
    require(is_build, "invalid build")
}
