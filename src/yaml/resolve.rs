//! What a plain scalar means to Go's yaml.v2 (go.yaml.in/yaml/v2 2.4), which Helm reads with.

use std::borrow::Cow;

use crate::golang::encoding::BASE64;
use crate::golang::numparse::{parse_float, parse_int, parse_uint};

use super::arena::ScalarKind;
use super::document::ScalarStyle;
use super::timestamp::is_timestamp;

/// The prefix that `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";

/// [`Typed`](super::Typed) without the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ScalarType {
    /// See [`Typed::Null`](super::Typed::Null).
    Null,
    /// See [`Typed::Bool`](super::Typed::Bool).
    Bool(bool),
    /// See [`Typed::Int`](super::Typed::Int).
    Int(i64),
    /// See [`Typed::Uint`](super::Typed::Uint).
    Uint(u64),
    /// See [`Typed::Float`](super::Typed::Float).
    Float(f64),
    /// See [`Typed::Str`](super::Typed::Str).
    Str,
}

impl ScalarType {
    pub(super) fn kind(self) -> ScalarKind {
        match self {
            Self::Null => ScalarKind::Null,
            Self::Bool(value) => ScalarKind::Bool(value),
            Self::Int(_) => ScalarKind::Int,
            Self::Uint(_) => ScalarKind::Uint,
            Self::Float(_) => ScalarKind::Float,
            Self::Str => ScalarKind::Str,
        }
    }
}

/// What a scalar turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    /// A value.
    Is(ScalarType),
    /// `!!binary`: the decoded bytes, as the text that JSON has for them.
    Binary(String),
    /// It is not what its tag says: yaml.v2's words.
    Wrong(String),
}

/// The meaning of a scalar; `tag` is resolved (`tag:yaml.org,2002:int`), empty for none.
pub(super) fn meaning(text: &str, style: ScalarStyle, tag: &str) -> Meaning {
    if tag.is_empty() {
        return Meaning::Is(match style {
            ScalarStyle::Plain => plain(text),
            _ => ScalarType::Str,
        });
    }
    let Some(name) = tag.strip_prefix(CORE) else {
        return Meaning::Is(ScalarType::Str);
    };
    let typed = match name {
        "str" => return Meaning::Is(ScalarType::Str),
        "binary" => {
            return match BASE64.decode(text.as_bytes()) {
                Ok(bytes) => Meaning::Binary(lossy(&bytes)),
                Err(_) => Meaning::Wrong("!!binary value contains invalid base64 data".to_owned()),
            };
        }
        "timestamp" if is_timestamp(text) => return Meaning::Is(ScalarType::Str),
        "bool" | "int" | "float" | "null" | "timestamp" => plain(text),
        _ => return Meaning::Is(ScalarType::Str),
    };
    let found = match typed {
        ScalarType::Null => "null",
        ScalarType::Bool(_) => "bool",
        ScalarType::Int(_) | ScalarType::Uint(_) => "int",
        ScalarType::Float(_) => "float",
        ScalarType::Str => "str",
    };
    match typed {
        #[expect(clippy::cast_precision_loss, reason = "that is what Go does")]
        ScalarType::Int(value) if name == "float" => Meaning::Is(ScalarType::Float(value as f64)),
        typed if found == name => Meaning::Is(typed),
        _ => Meaning::Wrong(format!("cannot decode !!{found} `{text}` as a !!{name}")),
    }
}

/// The meaning of a plain scalar without a tag.
pub(super) fn plain(text: &str) -> ScalarType {
    let Some(first) = text.bytes().next() else {
        return ScalarType::Null;
    };
    match first {
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O' => {
            if let Some(found) = word(text) {
                return found;
            }
        }
        b'.' => {
            if let Some(found) = special_float(text) {
                return found;
            }
            // Here yaml.v2 asks strconv alone, which lets underscores stand between digits.
            let parsed = parse_float(text, 64);
            return parsed.map_or(ScalarType::Str, ScalarType::Float);
        }
        b'+' | b'-' => {
            if let Some(found) = special_float(text) {
                return found;
            }
        }
        b'0'..=b'9' => {}
        _ => return ScalarType::Str,
    }
    if !matches!(first, b'+' | b'-' | b'0'..=b'9') {
        return ScalarType::Str;
    }
    number(text).unwrap_or(ScalarType::Str)
}

fn word(text: &str) -> Option<ScalarType> {
    /// No word is longer.
    const LONGEST: usize = "false".len();
    if text.len() > LONGEST {
        return None;
    }
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            ScalarType::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            ScalarType::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => ScalarType::Null,
        _ => return None,
    })
}

fn special_float(text: &str) -> Option<ScalarType> {
    Some(ScalarType::Float(match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => f64::INFINITY,
        "-.inf" | "-.Inf" | "-.INF" => f64::NEG_INFINITY,
        _ => return None,
    }))
}

/// Whole numbers by `strconv.ParseInt(…, 0, 64)` after removing underscores, then floats, then
/// the form `0b+1` that yaml.v2 adds.
fn number(text: &str) -> Option<ScalarType> {
    if let Some(value) = decimal(text) {
        return Some(ScalarType::Int(value));
    }
    let is_of_whole = |byte: u8| {
        byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X' | b'o' | b'O' | b'_' | b'+' | b'-')
    };
    if !text.bytes().all(is_of_whole) {
        return match text.contains('_') {
            true => float(&text.replace('_', "")),
            false => float(text),
        };
    }
    let bare = if text.contains('_') {
        Cow::Owned(text.replace('_', ""))
    } else {
        Cow::Borrowed(text)
    };
    let whole = |digits: &str, base| {
        let signed = parse_int(digits, base, 64).map(ScalarType::Int);
        signed.or_else(|_| parse_uint(digits, base, 64).map(ScalarType::Uint))
    };
    if let Ok(found) = whole(&bare, 0) {
        return Some(found);
    }
    float(&bare).or_else(|| whole(bare.strip_prefix("0b")?, 2).ok())
}

/// A whole number that is written with a few digits and the sign of a negative one: nearly all are.
fn decimal(text: &str) -> Option<i64> {
    /// So many digits always fit.
    const SAFE_DIGITS: usize = 18;
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if digits.len() > SAFE_DIGITS || matches!(digits, [] | [b'0', _, ..]) {
        return None;
    }
    let value = digits.iter().try_fold(0_i64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        Some(value * 10 + digit)
    })?;
    Some(if digits.len() < text.len() {
        -value
    } else {
        value
    })
}

/// yaml.v2's own pattern for floats: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn float(text: &str) -> Option<ScalarType> {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    let mut at = whole;
    if rest.as_bytes().get(at) == Some(&b'.') {
        let part = digits(&rest[at + 1..]);
        if whole == 0 && part == 0 {
            return None;
        }
        at += 1 + part;
    } else if whole == 0 {
        return None;
    }
    if matches!(rest.as_bytes().get(at), Some(b'e' | b'E')) {
        let mut exponent = at + 1;
        if matches!(rest.as_bytes().get(exponent), Some(b'-' | b'+')) {
            exponent += 1;
        }
        let count = digits(&rest[exponent..]);
        if count == 0 {
            return None;
        }
        at = exponent + count;
    }
    if at != rest.len() {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    value.is_finite().then_some(ScalarType::Float(value))
}

/// Text of bytes as `encoding/json` writes it: U+FFFD for every byte that is no UTF-8.
pub(super) fn lossy(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str, style: ScalarStyle, tag: &str) -> ScalarType {
        match meaning(text, style, tag) {
            Meaning::Is(typed) => typed,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn case(text: &str, want: ScalarType) {
        assert_eq!(resolve(text, ScalarStyle::Plain, ""), want, "{text:?}");
    }

    #[test]
    fn plain_scalars_mean_what_yaml_v2_says() {
        use ScalarType::{Bool, Float, Int, Null, Str, Uint};
        for text in ["", "~", "null", "Null", "NULL"] {
            case(text, Null);
        }
        for text in ["y", "Y", "yes", "on", "True", "TRUE"] {
            case(text, Bool(true));
        }
        for text in ["n", "No", "off", "FALSE"] {
            case(text, Bool(false));
        }
        case("010", Int(8));
        case("0o17", Int(15));
        case("0x1F", Int(31));
        case("0b11", Int(3));
        case("-0b11", Int(-3));
        case("0b-11", Int(-3));
        case("1_000", Int(1000));
        case("+1", Int(1));
        case("08", Float(8.0));
        case("1e3", Float(1000.0));
        case("18446744073709551615", Uint(u64::MAX));
        case(
            "12345678901234567890123",
            Float(12_345_678_901_234_567_890_123.0),
        );
        for text in [
            "12:30:45",
            "2024-01-01",
            "0x",
            "1.2.3",
            "e1",
            ".",
            "-",
            "yEs",
            "tRUE",
        ] {
            case(text, Str);
        }
        case(".5", Float(0.5));
        case("5.", Float(5.0));
        case(".inf", Float(f64::INFINITY));
    }

    #[test]
    fn quotes_and_tags_decide() {
        let quoted = ScalarStyle::DoubleQuoted;
        assert_eq!(resolve("1", quoted, ""), ScalarType::Str);
        assert_eq!(
            resolve("1", ScalarStyle::Plain, "tag:yaml.org,2002:str"),
            ScalarType::Str
        );
        assert_eq!(
            resolve("1", quoted, "tag:yaml.org,2002:int"),
            ScalarType::Int(1)
        );
        let float = resolve("1", ScalarStyle::Plain, "tag:yaml.org,2002:float");
        assert_eq!(float, ScalarType::Float(1.0));
    }
}
