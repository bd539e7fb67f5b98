//! Go's `fmt`: `%v` and its kin, on template values.

use crate::golang::{float, quote, unicode};

use super::super::value::{Data, IntType, MapType, Value};
use super::strval::int_text;

/// Deeper values print as `…`; Go itself would overflow its stack.
const MAX_DEPTH: usize = 200;
/// No width or precision is larger (fmt's own limit).
const MAX_NUMBER: usize = 1_000_000;

/// A part of what `printf` makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes `start..end` of the format.
    Format(usize, usize),
    /// An operand printed whole by `%s` or `%v`, with padding before and after.
    Whole(usize, Vec<u8>, Vec<u8>),
    /// Bytes made from an operand, or from none (an error text).
    Made(Option<usize>, Vec<u8>),
}

#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of fmt")]
struct Flags {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// `%v`.
pub(super) fn value(out: &mut Vec<u8>, value: &Value, depth: usize) {
    verb_v(out, value, Flags::default(), depth);
}

struct Scan<'a> {
    format: &'a [u8],
    args: &'a [Value],
    at: usize,
    arg: usize,
    reordered: bool,
    good_arg: bool,
    pieces: Vec<Piece>,
}

/// fmt's `Sprintf`, as pieces.
pub(super) fn sprintf(format: &[u8], args: &[Value]) -> Vec<Piece> {
    let mut scan = Scan {
        format,
        args,
        at: 0,
        arg: 0,
        reordered: false,
        good_arg: true,
        pieces: Vec::new(),
    };
    while scan.at < format.len() {
        let rest = format.get(scan.at..).unwrap_or_default();
        let text = rest.iter().position(|byte| *byte == b'%');
        let len = text.unwrap_or(rest.len());
        if len > 0 {
            scan.pieces.push(Piece::Format(scan.at, scan.at + len));
        }
        scan.at += len;
        if text.is_some() {
            scan.at += 1;
            scan.verb();
        }
    }
    if !scan.reordered && scan.arg < args.len() {
        let mut out = b"%!(EXTRA ".to_vec();
        for (index, arg) in args.iter().skip(scan.arg).enumerate() {
            if index > 0 {
                out.extend_from_slice(b", ");
            }
            if arg.is_nil() {
                out.extend_from_slice(b"<nil>");
            } else {
                out.extend_from_slice(arg.type_name().as_bytes());
                out.push(b'=');
                value(&mut out, arg, 0);
            }
        }
        out.push(b')');
        scan.pieces.push(Piece::Made(None, out));
    }
    scan.pieces
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    fn made(&mut self, index: Option<usize>, bytes: impl Into<Vec<u8>>) {
        self.pieces.push(Piece::Made(index, bytes.into()));
    }

    /// A decimal number; `None` where there is none or it is too large.
    fn number(&mut self) -> Option<usize> {
        let mut found = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            let value = found.unwrap_or(0usize) * 10 + usize::from(digit - b'0');
            if value > MAX_NUMBER {
                return None;
            }
            found = Some(value);
            self.at += 1;
        }
        found
    }

    /// `[n]`: which operand comes next.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = self.format.get(self.at..).unwrap_or_default();
        let Some(close) = rest.iter().position(|byte| *byte == b']') else {
            self.good_arg = false;
            self.at += 1;
            return false;
        };
        let digits = rest.get(1..close).unwrap_or_default();
        self.at += close + 1;
        let index = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok());
        match index {
            Some(index) if index >= 1 && index <= self.args.len() => {
                self.arg = index - 1;
                true
            }
            _ => {
                self.good_arg = false;
                true
            }
        }
    }

    /// `*`: an operand as width or precision.
    fn star(&mut self) -> Option<i64> {
        let arg = self.args.get(self.arg)?;
        self.arg += 1;
        match arg.data {
            Data::Int(value, _) if value.unsigned_abs() <= MAX_NUMBER as u64 => Some(value),
            _ => None,
        }
    }

    fn verb(&mut self) {
        let mut flags = Flags::default();
        self.good_arg = true;
        loop {
            match self.peek() {
                Some(b'#') => flags.sharp = true,
                Some(b'0') => flags.zero = true,
                Some(b'+') => flags.plus = true,
                Some(b'-') => flags.minus = true,
                Some(b' ') => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut after_index = self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.star() {
                Some(width) => {
                    flags.minus |= width < 0;
                    flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => self.made(None, "%!(BADWIDTH)"),
            }
            after_index = false;
        } else {
            flags.width = self.number();
            if after_index && flags.width.is_some() {
                self.good_arg = false;
            }
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if after_index {
                self.good_arg = false;
            }
            after_index = self.index();
            if self.peek() == Some(b'*') {
                self.at += 1;
                match self.star() {
                    Some(precision) if precision >= 0 => {
                        flags.precision = usize::try_from(precision).ok();
                    }
                    Some(_) => {}
                    None => self.made(None, "%!(BADPREC)"),
                }
                after_index = false;
            } else {
                flags.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !after_index {
            self.index();
        }
        if flags.minus {
            flags.zero = false;
        }
        let rest = self.format.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            self.made(None, "%!(NOVERB)");
            return;
        }
        let (verb, width) = unicode::decode_rune(rest);
        let shown = rest.get(..width).unwrap_or_default().to_vec();
        self.at += width;
        if verb == u32::from(b'%') {
            self.pieces.push(Piece::Format(self.at - 1, self.at));
            return;
        }
        let bad = |what: &str| {
            let mut out = b"%!".to_vec();
            out.extend_from_slice(&shown);
            out.extend_from_slice(what.as_bytes());
            out
        };
        if !self.good_arg {
            let text = bad("(BADINDEX)");
            return self.made(None, text);
        }
        let Some(arg) = self.args.get(self.arg) else {
            let text = bad("(MISSING)");
            return self.made(None, text);
        };
        let index = self.arg;
        self.arg += 1;
        let is_plain_text = matches!(arg.data, Data::Str(_)) && flags.precision.is_none();
        if matches!(verb, 0x73 | 0x76) && is_plain_text && !flags.sharp {
            let len = unicode::rune_count(arg.as_bytes().unwrap_or_default());
            let fill = flags.width.unwrap_or(0).saturating_sub(len);
            let (before, after) = if flags.minus {
                (Vec::new(), vec![b' '; fill])
            } else {
                let byte = if flags.zero { b'0' } else { b' ' };
                (vec![byte; fill], Vec::new())
            };
            self.pieces.push(Piece::Whole(index, before, after));
            return;
        }
        let mut out = Vec::new();
        operand(&mut out, arg, verb, flags, 0);
        self.made(Some(index), out);
    }
}

fn pad(out: &mut Vec<u8>, bytes: &[u8], flags: Flags) {
    let len = unicode::rune_count(bytes);
    let fill = flags.width.unwrap_or(0).saturating_sub(len);
    if flags.minus {
        out.extend_from_slice(bytes);
        out.extend(std::iter::repeat_n(b' ', fill));
    } else {
        let byte = if flags.zero { b'0' } else { b' ' };
        out.extend(std::iter::repeat_n(byte, fill));
        out.extend_from_slice(bytes);
    }
}

fn verb_v(out: &mut Vec<u8>, value: &Value, flags: Flags, depth: usize) {
    operand(out, value, u32::from(b'v'), flags, depth);
}

fn operand(out: &mut Vec<u8>, value: &Value, verb: u32, flags: Flags, depth: usize) {
    if depth > MAX_DEPTH {
        out.extend_from_slice("…".as_bytes());
        return;
    }
    let letter = u8::try_from(verb).unwrap_or(0);
    if letter == b'T' {
        return pad(out, value.type_name().as_bytes(), flags);
    }
    match &value.data {
        Data::Missing | Data::Nil => match letter {
            b'v' => pad(out, b"<nil>", flags),
            _ => bad_verb(out, value, verb),
        },
        Data::Bool(value_) => match letter {
            b't' | b'v' => pad(out, value_.to_string().as_bytes(), flags),
            _ => bad_verb(out, value, verb),
        },
        Data::Int(int, kind) => integer(out, value, *int, *kind, verb, flags),
        Data::Float(float) => {
            if !matches!(letter, b'v' | b'b' | b'g' | b'G' | b'x' | b'X' | b'f' | b'F' | b'e' | b'E') {
                return bad_verb(out, value, verb);
            }
            pad_number(out, &float_text(*float, letter, flags), flags);
        }
        Data::Complex(re, im) => {
            let mut text = b"(".to_vec();
            text.extend(float_text(*re, letter, flags).bytes());
            let im_flags = Flags { plus: true, ..flags };
            text.extend(float_text(*im, letter, im_flags).bytes());
            text.extend_from_slice(b"i)");
            pad(out, &text, flags);
        }
        Data::Str(text) => string(out, value, text.bytes(), letter, verb, flags),
        Data::Bytes(text) => match letter {
            b'v' | b'd' => {
                let items: Vec<String> = text.bytes().iter().map(u8::to_string).collect();
                out.extend_from_slice(format!("[{}]", items.join(" ")).as_bytes());
            }
            _ => string(out, value, text.bytes(), letter, verb, flags),
        },
        Data::List(list) => {
            let is_go = letter == b'v' && flags.sharp;
            if is_go {
                out.extend_from_slice(value.type_name().as_bytes());
            }
            out.push(if is_go { b'{' } else { b'[' });
            for (at, item) in list.items.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(if is_go { b", " } else { b" " });
                }
                element(out, item, verb, flags, depth, is_go);
            }
            out.push(if is_go { b'}' } else { b']' });
        }
        Data::Map(kind, map) => {
            let is_go = letter == b'v' && flags.sharp;
            out.extend_from_slice(if is_go {
                value.type_name().as_bytes()
            } else {
                b"map"
            });
            out.push(if is_go { b'{' } else { b'[' });
            for (at, (key, entry)) in map.entries.borrow().iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(if is_go { b", " } else { b" " });
                }
                let key = Value::str(key.to_vec());
                operand(out, &key, verb, flags, depth + 1);
                out.push(b':');
                let _ = kind == &MapType::String;
                element(out, &entry.value, verb, flags, depth, is_go);
            }
            out.push(if is_go { b'}' } else { b']' });
        }
        Data::Object(object) => match letter {
            b'v' | b's' => pad(out, &object.print(), flags),
            b'q' => pad(out, quote::quote(&object.print()).as_bytes(), flags),
            b'd' => pad(out, &object.print(), flags),
            _ => bad_verb(out, value, verb),
        },
    }
}

/// An element of a collection: nil prints as `<nil>` whatever the verb.
fn element(out: &mut Vec<u8>, value: &Value, verb: u32, flags: Flags, depth: usize, is_go: bool) {
    match &value.data {
        Data::Missing | Data::Nil if is_go => out.extend_from_slice(b"interface {}(nil)"),
        Data::Missing | Data::Nil if verb == u32::from(b'v') => pad(out, b"<nil>", flags),
        Data::Missing | Data::Nil => {
            out.extend_from_slice(b"%!");
            unicode::append_rune(out, verb);
            out.extend_from_slice(b"(<nil>)");
        }
        _ => operand(out, value, verb, flags, depth + 1),
    }
}

fn bad_verb(out: &mut Vec<u8>, arg: &Value, verb: u32) {
    out.extend_from_slice(b"%!");
    unicode::append_rune(out, verb);
    out.push(b'(');
    if arg.is_nil() {
        out.extend_from_slice(b"<nil>");
    } else {
        out.extend_from_slice(arg.type_name().as_bytes());
        out.push(b'=');
        value(out, arg, 0);
    }
    out.push(b')');
}

fn string(out: &mut Vec<u8>, arg: &Value, bytes: &[u8], letter: u8, verb: u32, flags: Flags) {
    let cut = |bytes: &[u8]| match flags.precision {
        Some(precision) => {
            let end = unicode::runes(bytes)
                .nth(precision)
                .map_or(bytes.len(), |(at, ..)| at);
            bytes.get(..end).unwrap_or_default().to_vec()
        }
        None => bytes.to_vec(),
    };
    match letter {
        b'v' if flags.sharp => {
            let text = quote::quote(bytes);
            pad(out, text.as_bytes(), flags);
        }
        b'v' | b's' => pad(out, &cut(bytes), flags),
        b'q' => {
            let bytes = cut(bytes);
            let text = if flags.sharp && quote::can_backquote(&bytes) {
                format!("`{}`", String::from_utf8_lossy(&bytes))
            } else if flags.plus {
                quote::quote_to_ascii(&bytes)
            } else {
                quote::quote(&bytes)
            };
            pad(out, text.as_bytes(), flags);
        }
        b'x' | b'X' => {
            let end = flags.precision.map_or(bytes.len(), |len| len.min(bytes.len()));
            let mut text = String::new();
            for (at, byte) in bytes.iter().take(end).enumerate() {
                if flags.space && at > 0 {
                    text.push(' ');
                }
                if flags.sharp && (flags.space || at == 0) {
                    text.push_str(if letter == b'x' { "0x" } else { "0X" });
                }
                text.push_str(&if letter == b'x' {
                    format!("{byte:02x}")
                } else {
                    format!("{byte:02X}")
                });
            }
            pad(out, text.as_bytes(), flags);
        }
        _ => bad_verb(out, arg, verb),
    }
}

fn integer(out: &mut Vec<u8>, arg: &Value, int: i64, kind: IntType, verb: u32, flags: Flags) {
    let letter = u8::try_from(verb).unwrap_or(0);
    #[expect(clippy::cast_sign_loss, reason = "unsigned types keep their bits")]
    let (negative, magnitude) = if kind.is_unsigned() {
        (false, int as u64)
    } else {
        (int < 0, int.unsigned_abs())
    };
    let (digits, prefix) = match letter {
        b'v' if flags.sharp && kind.is_unsigned() => (format!("{magnitude:x}"), "0x"),
        b'v' | b'd' => (magnitude.to_string(), ""),
        b'b' => (format!("{magnitude:b}"), if flags.sharp { "0b" } else { "" }),
        b'o' => {
            let digits = format!("{magnitude:o}");
            let prefix = if flags.sharp && !digits.starts_with('0') {
                "0"
            } else {
                ""
            };
            (digits, prefix)
        }
        b'O' => (format!("{magnitude:o}"), "0o"),
        b'x' => (format!("{magnitude:x}"), if flags.sharp { "0x" } else { "" }),
        b'X' => (format!("{magnitude:X}"), if flags.sharp { "0X" } else { "" }),
        b'c' => {
            let mut text = Vec::new();
            let rune = u32::try_from(magnitude).ok().filter(|_| !negative);
            unicode::append_rune(&mut text, rune.unwrap_or(0xFFFD));
            return pad(out, &text, flags);
        }
        b'q' => {
            let rune = u32::try_from(magnitude).ok().filter(|_| !negative);
            let text = quote::quote_rune(rune.unwrap_or(0xFFFD), flags.plus, false);
            return pad(out, text.as_bytes(), flags);
        }
        b'U' => {
            let width = flags.precision.unwrap_or(4).max(4);
            let mut text = format!("U+{magnitude:0width$X}");
            if flags.sharp
                && let Some(c) = u32::try_from(magnitude).ok().and_then(char::from_u32)
                && unicode::is_print(u32::from(c))
            {
                text.push_str(&format!(" '{c}'"));
            }
            return pad(out, text.as_bytes(), Flags { zero: false, ..flags });
        }
        _ => {
            let _ = int_text;
            return bad_verb(out, arg, verb);
        }
    };
    let sign = match (negative, flags.plus, flags.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let mut digits = digits;
    if let Some(precision) = flags.precision {
        if precision == 0 && magnitude == 0 {
            digits.clear();
        }
        while digits.len() < precision {
            digits.insert(0, '0');
        }
    } else if flags.zero
        && let Some(width) = flags.width
    {
        while digits.len() + sign.len() < width {
            digits.insert(0, '0');
        }
    }
    let text = format!("{sign}{prefix}{digits}");
    pad(out, text.as_bytes(), Flags { zero: false, ..flags });
}

fn float_text(value: f64, letter: u8, flags: Flags) -> String {
    let precision = |default: i32| {
        flags
            .precision
            .map_or(default, |given| i32::try_from(given).unwrap_or(default))
    };
    let text = match letter {
        b'v' | b'g' => match flags.precision {
            // `%v` of a float is the shortest text, with an exponent from 1e21 on.
            None => {
                let mut text = String::new();
                float::format_g(value, &mut text);
                text
            }
            Some(_) => float::append_float(value, b'g', precision(-1), 64),
        },
        b'F' => float::append_float(value, b'f', precision(6), 64),
        b'f' | b'e' | b'E' => float::append_float(value, letter, precision(6), 64),
        _ => float::append_float(value, letter, precision(-1), 64),
    };
    if text.starts_with(['-', '+']) {
        return text;
    }
    match (flags.plus, flags.space) {
        (true, _) => format!("+{text}"),
        (_, true) => format!(" {text}"),
        _ => text,
    }
}

/// Zero padding goes behind the sign.
fn pad_number(out: &mut Vec<u8>, text: &str, flags: Flags) {
    if flags.zero
        && let Some(width) = flags.width
        && text.len() < width
        && !text.contains("Inf")
        && !text.contains("NaN")
    {
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'+' | b'-' | b' ') => text.split_at(1),
            _ => ("", text),
        };
        let fill = width - text.len();
        out.extend_from_slice(sign.as_bytes());
        out.extend(std::iter::repeat_n(b'0', fill));
        out.extend_from_slice(digits.as_bytes());
        return;
    }
    pad(out, text.as_bytes(), Flags { zero: false, ..flags });
}
