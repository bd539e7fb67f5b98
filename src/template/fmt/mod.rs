//! Go's `fmt` (1.27) for the values of templates: `Sprint`, `Sprintln`, `Sprintf`.
//!
//! Output is kept with where each run of it came from, so that a string passes through `printf`
//! with its origins.

mod format;
mod number;
mod object;
mod out;
#[cfg(test)]
mod tests;

pub use out::{From, Out};

use super::error::Failure;
use super::funcs::Machine;
use super::value::{Data, ElemType, IntType, Map, Value};
use crate::golang::quote::{can_backquote, quote_with};
use crate::golang::strings::push_numbers;
use crate::golang::unicode::{append_rune, rune_count, runes};

/// How deep values may nest; Go itself would overflow its stack on a value that contains itself.
const MAX_DEPTH: usize = 200;

/// What `%p` prints of a map or a slice. Go prints its address, which is another in every run.
const ADDRESS: u64 = 0xc0_0000_0000;

/// `fmt.Sprint`: a space between two operands where neither is a string.
///
/// # Errors
/// When a budget is passed.
pub fn sprint(args: &[Value], machine: &mut dyn Machine) -> Result<Out, Failure> {
    let mut printer = Printer::new(machine);
    let mut previous = false;
    for (at, arg) in args.iter().enumerate() {
        let is_string = matches!(arg.data, Data::Str(_));
        printer.arg = at;
        if at > 0 && !is_string && !previous {
            printer.write(b" ")?;
        }
        printer.print_arg(arg, 'v')?;
        previous = is_string;
    }
    Ok(printer.out)
}

/// `fmt.Sprintln`: a space between all operands, and a line feed.
///
/// # Errors
/// When a budget is passed.
pub fn sprintln(args: &[Value], machine: &mut dyn Machine) -> Result<Out, Failure> {
    let mut printer = Printer::new(machine);
    for (at, arg) in args.iter().enumerate() {
        printer.arg = at;
        if at > 0 {
            printer.write(b" ")?;
        }
        printer.print_arg(arg, 'v')?;
    }
    printer.out.push(b"\n", From::Nothing);
    Ok(printer.out)
}

/// `fmt.Sprintf`.
///
/// # Errors
/// When a budget is passed.
pub fn sprintf(format: &[u8], args: &[Value], machine: &mut dyn Machine) -> Result<Out, Failure> {
    let mut printer = Printer::new(machine);
    printer.printf(format, args)?;
    Ok(printer.out)
}

/// The flags, width and precision of one verb.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Flags {
    wid: usize,
    wid_present: bool,
    prec: usize,
    prec_present: bool,
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%+v`
    plus_v: bool,
    /// `%#v`
    sharp_v: bool,
}

struct Printer<'a> {
    machine: &'a mut dyn Machine,
    out: Out,
    flags: Flags,
    /// The argument that is being printed.
    arg: usize,
    /// Within a complaint: objects are not asked to print themselves, and nothing complains again.
    erroring: bool,
}

impl<'a> Printer<'a> {
    fn new(machine: &'a mut dyn Machine) -> Self {
        Self {
            machine,
            out: Out::default(),
            flags: Flags::default(),
            arg: 0,
            erroring: false,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.write_from(bytes, From::Arg(self.arg))
    }

    fn write_from(&mut self, bytes: &[u8], from: From) -> Result<(), Failure> {
        self.machine.allow_more(self.out.len(), bytes.len())?;
        self.out.push(bytes, from);
        Ok(())
    }

    fn write_padding(&mut self, count: usize) -> Result<(), Failure> {
        self.machine.allow_more(self.out.len(), count)?;
        // Zeros are padded with on the left only.
        let byte = match self.flags.zero && !self.flags.minus {
            true => b'0',
            false => b' ',
        };
        self.out.pad(byte, count, From::Arg(self.arg));
        Ok(())
    }

    fn pad(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.pad_from(bytes, From::Arg(self.arg))
    }

    fn pad_from(&mut self, bytes: &[u8], from: From) -> Result<(), Failure> {
        if !self.flags.wid_present || self.flags.wid == 0 {
            return self.write_from(bytes, from);
        }
        let padding = self.flags.wid.saturating_sub(rune_count(bytes));
        if !self.flags.minus {
            self.write_padding(padding)?;
        }
        self.write_from(bytes, from)?;
        if self.flags.minus {
            self.write_padding(padding)?;
        }
        Ok(())
    }

    /// Pads with spaces, whatever the flags say.
    fn pad_with_spaces(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let zero = std::mem::take(&mut self.flags.zero);
        let done = self.pad(bytes);
        self.flags.zero = zero;
        done
    }

    /// An argument, or a value within a complaint about it.
    fn print_arg(&mut self, value: &Value, verb: char) -> Result<(), Failure> {
        match (&value.data, verb) {
            (Data::Missing | Data::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (Data::Missing | Data::Nil, _) => self.bad_verb(value, verb),
            (_, 'T') => self.fmt_s(value.type_name().as_bytes(), None),
            (_, 'p') => self.fmt_pointer(value),
            (Data::Bytes(text), _) => {
                let bytes = text.bytes();
                self.fmt_bytes(bytes, verb, "[]byte", Some(self.arg))
            }
            (Data::Str(text), _) => self.fmt_string(value, text.bytes(), verb, Some(self.arg)),
            (Data::List(_) | Data::Map(..) | Data::Object(_), 'w') => self.bad_verb(value, verb),
            _ => self.print_value(value, verb, 0),
        }
    }

    fn print_value(&mut self, value: &Value, verb: char, depth: usize) -> Result<(), Failure> {
        self.machine.spend(1)?;
        if depth > MAX_DEPTH {
            return Err(Failure::Budget("levels of values within each other"));
        }
        match &value.data {
            Data::Missing | Data::Nil if self.flags.sharp_v => self.write(b"interface {}(nil)"),
            Data::Missing | Data::Nil => self.write(b"<nil>"),
            Data::Bool(truth) => match verb {
                't' | 'v' => self.pad(if *truth { b"true" } else { b"false" }),
                _ => self.bad_verb(value, verb),
            },
            Data::Int(bits, int) => self.fmt_int(value, *bits, *int, verb),
            Data::Float(float) => self.fmt_float_verb(value, *float, verb),
            Data::Complex(re, im) => self.fmt_complex(value, *re, *im, verb),
            Data::Str(text) => self.fmt_string(value, text.bytes(), verb, None),
            Data::Bytes(text) => match verb {
                's' | 'q' | 'x' | 'X' => self.fmt_bytes(text.bytes(), verb, "[]uint8", None),
                _ => self.print_byte_slice(text.bytes(), verb, depth),
            },
            Data::List(list) if self.flags.sharp_v && list.elem.is_nil() => {
                self.print_sharp_nil(value)
            }
            Data::Map(_, map) if self.flags.sharp_v && map.is_nil() => self.print_sharp_nil(value),
            Data::List(list) => {
                let nil_map = list.elem == ElemType::Map;
                let items = list.items.iter();
                self.print_items(value.type_name(), items, |printer, item| {
                    if nil_map && item.is_nil() {
                        return printer.print_nil_map();
                    }
                    printer.print_value(item, verb, depth + 1)
                })
            }
            Data::Map(_, map) => self.print_map(value.type_name(), map, verb, depth),
            Data::Object(object) => self.print_object(value, &**object, verb, depth),
        }
    }

    /// `[]string(nil)`.
    fn print_sharp_nil(&mut self, value: &Value) -> Result<(), Failure> {
        self.write(value.type_name().as_bytes())?;
        self.write(b"(nil)")
    }

    fn print_nil_map(&mut self) -> Result<(), Failure> {
        match self.flags.sharp_v {
            true => self.write(b"map[string]interface {}(nil)"),
            false => self.write(b"map[]"),
        }
    }

    fn print_byte_slice(&mut self, bytes: &[u8], verb: char, depth: usize) -> Result<(), Failure> {
        if verb == 'v' && self.flags == Flags::default() {
            // Files are printed thus, and may be large.
            let most = bytes.len().saturating_mul(4);
            self.machine.allow_more(self.out.len(), most)?;
            let mut out = Vec::new();
            push_numbers(bytes, &mut out);
            self.out.push(&out, From::Arg(self.arg));
            return Ok(());
        }
        self.print_items("[]uint8", bytes.iter(), |printer, byte| {
            let byte = Value::new(Data::Int(i64::from(*byte), IntType::Uint8));
            printer.print_value(&byte, verb, depth + 1)
        })
    }

    fn print_items<T>(
        &mut self,
        type_name: &str,
        items: impl Iterator<Item = T>,
        mut print: impl FnMut(&mut Self, T) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(type_name.as_bytes())?;
        }
        self.write(if sharp { b"{" } else { b"[" })?;
        for (at, item) in items.enumerate() {
            if at > 0 {
                self.write(if sharp { b", " } else { b" " })?;
            }
            print(self, item)?;
        }
        self.write(if sharp { b"}" } else { b"]" })
    }

    fn print_map(
        &mut self,
        type_name: &str,
        map: &Map,
        verb: char,
        depth: usize,
    ) -> Result<(), Failure> {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(type_name.as_bytes())?;
            self.write(b"{")?;
        } else {
            self.write(b"map[")?;
        }
        for (at, (key, entry)) in map.entries.borrow().iter().enumerate() {
            if at > 0 {
                self.write(if sharp { b", " } else { b" " })?;
            }
            self.print_value(&Value::str(&**key), verb, depth + 1)?;
            self.write(b":")?;
            self.print_value(&entry.value, verb, depth + 1)?;
        }
        self.write(if sharp { b"}" } else { b"]" })
    }

    /// `%!d(string=hi)`.
    fn bad_verb(&mut self, value: &Value, verb: char) -> Result<(), Failure> {
        let erroring = std::mem::replace(&mut self.erroring, true);
        self.write(b"%!")?;
        self.write(verb.encode_utf8(&mut [0; 4]).as_bytes())?;
        self.write(b"(")?;
        if value.is_nil() {
            self.write(b"<nil>")?;
        } else {
            self.write(value.type_name().as_bytes())?;
            self.write(b"=")?;
            // Complaining about `%v` would go round in circles.
            if !erroring {
                self.print_arg(value, 'v')?;
            }
        }
        self.erroring = erroring;
        self.write(b")")
    }

    fn fmt_pointer(&mut self, value: &Value) -> Result<(), Failure> {
        if !matches!(value.kind(), "map" | "slice" | "ptr" | "func") {
            return self.bad_verb(value, 'p');
        }
        let sharp = self.flags.sharp;
        self.flags.sharp = !sharp;
        let done = self.fmt_integer(ADDRESS, 16, false, 'v', false);
        self.flags.sharp = sharp;
        done
    }

    /// A string. Its bytes are copied from argument `exact`, where it is one.
    fn fmt_string(
        &mut self,
        value: &Value,
        text: &[u8],
        verb: char,
        exact: Option<usize>,
    ) -> Result<(), Failure> {
        match verb {
            'v' if self.flags.sharp_v => self.fmt_q(text),
            'v' | 's' => self.fmt_s(text, exact),
            'x' | 'X' => self.fmt_sbx(text, verb == 'X'),
            'q' => self.fmt_q(text),
            _ => self.bad_verb(value, verb),
        }
    }

    fn fmt_bytes(
        &mut self,
        bytes: &[u8],
        verb: char,
        type_name: &str,
        exact: Option<usize>,
    ) -> Result<(), Failure> {
        match verb {
            'v' | 'd' if self.flags.sharp_v => {
                self.print_items(type_name, bytes.iter(), |printer, byte| {
                    printer.fmt_0x(u64::from(*byte))
                })
            }
            'v' | 'd' => self.print_items(type_name, bytes.iter(), |printer, byte| {
                printer.fmt_integer(u64::from(*byte), 10, false, verb, false)
            }),
            's' => self.fmt_s(bytes, exact),
            'x' | 'X' => self.fmt_sbx(bytes, verb == 'X'),
            'q' => self.fmt_q(bytes),
            _ => self.print_byte_slice(bytes, verb, 0),
        }
    }

    fn truncate<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        if !self.flags.prec_present {
            return text;
        }
        let end = runes(text).nth(self.flags.prec).map(|(at, ..)| at);
        end.and_then(|end| text.get(..end)).unwrap_or(text)
    }

    fn fmt_s(&mut self, text: &[u8], exact: Option<usize>) -> Result<(), Failure> {
        let text = self.truncate(text);
        match exact {
            Some(arg) => self.pad_from(text, From::Text(arg, 0)),
            None => self.pad(text),
        }
    }

    fn fmt_q(&mut self, text: &[u8]) -> Result<(), Failure> {
        let text = self.truncate(text);
        // A quoted byte takes four at most, `\x00`.
        let most = text.len().saturating_mul(4);
        self.machine.allow_more(self.out.len(), most)?;
        if self.flags.sharp && can_backquote(text) {
            return self.pad(&[b"`", text, b"`"].concat());
        }
        let quoted = quote_with(text, b'"', self.flags.plus, false);
        self.pad(quoted.as_bytes())
    }

    /// Bytes in hexadecimal.
    fn fmt_sbx(&mut self, text: &[u8], upper: bool) -> Result<(), Failure> {
        let flags = self.flags;
        let length = match flags.prec_present {
            true => text.len().min(flags.prec),
            false => text.len(),
        };
        if length == 0 {
            return match flags.wid_present {
                true => self.write_padding(flags.wid),
                false => Ok(()),
            };
        }
        let most = length.saturating_mul(5);
        self.machine.allow_more(self.out.len(), most)?;
        let prefix: &[u8] = match (flags.sharp, upper) {
            (false, _) => b"",
            (true, false) => b"0x",
            (true, true) => b"0X",
        };
        let mut hex = prefix.to_vec();
        for (at, byte) in text.iter().take(length).enumerate() {
            if flags.space && at > 0 {
                hex.push(b' ');
                hex.extend_from_slice(prefix);
            }
            hex.extend([
                number::digit(byte >> 4, upper),
                number::digit(byte & 15, upper),
            ]);
        }
        self.pad(&hex)
    }

    fn fmt_c(&mut self, code: u64) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        append_rune(&mut bytes, u32::try_from(code).unwrap_or(u32::MAX));
        self.pad(&bytes)
    }
}
