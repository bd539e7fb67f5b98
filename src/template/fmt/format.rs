//! The format string: flags, widths, precisions, argument numbers.

use super::super::error::Failure;
use super::super::value::Value;
use super::{Flags, From, Printer};
use crate::golang::unicode::decode_rune;

/// Where reading of a format stands.
struct Format<'a> {
    text: &'a [u8],
    at: usize,
    /// The next argument.
    arg: usize,
    /// How many there are.
    args: usize,
    /// An argument number such as `[3]` was the last thing read.
    after_index: bool,
    /// Some verb named its argument.
    reordered: bool,
    /// All argument numbers of this verb exist.
    good: bool,
}

/// Go takes no width or precision above.
const MAX: i64 = 1_000_000;

impl Format<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// A decimal number. One that is far too large ends the format.
    fn number(&mut self) -> Option<usize> {
        let (found, at) = number(self.text, self.at, self.text.len());
        self.at = at;
        found
    }

    /// `[n]`, where it stands here.
    fn arg_number(&mut self) {
        self.after_index = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let close = rest.iter().position(|byte| *byte == b']');
        let Some(close) = close.filter(|_| rest.len() >= 3) else {
            self.at += 1;
            self.good = false;
            return;
        };
        self.at += close + 1;
        let (found, end) = number(rest, 1, close);
        let Some(index) = found.filter(|_| end == close) else {
            self.good = false;
            return;
        };
        self.after_index = true;
        match index.checked_sub(1).filter(|index| *index < self.args) {
            Some(index) => self.arg = index,
            None => self.good = false,
        }
    }
}

fn number(text: &[u8], start: usize, end: usize) -> (Option<usize>, usize) {
    if start >= end {
        return (None, end);
    }
    let mut found: Option<i64> = None;
    let mut at = start;
    while at < end
        && let Some(digit @ b'0'..=b'9') = text.get(at)
    {
        let so_far = found.unwrap_or(0);
        if so_far > MAX {
            return (None, end);
        }
        found = Some(so_far * 10 + i64::from(digit - b'0'));
        at += 1;
    }
    (found.and_then(|found| usize::try_from(found).ok()), at)
}

/// An argument as a width or precision.
fn int_from(value: &Value) -> Option<i64> {
    let (number, int) = value.as_integer()?;
    let fits = (!int.is_unsigned() || number >= 0) && (-MAX..=MAX).contains(&number);
    fits.then_some(number)
}

impl Printer<'_> {
    pub(super) fn printf(&mut self, text: &[u8], args: &[Value]) -> Result<(), Failure> {
        let mut format = Format {
            text,
            at: 0,
            arg: 0,
            args: args.len(),
            after_index: false,
            reordered: false,
            good: true,
        };
        while format.at < text.len() {
            self.machine.spend(1)?;
            let rest = text.get(format.at..).unwrap_or_default();
            let plain = rest.iter().position(|byte| *byte == b'%');
            let plain = plain.unwrap_or(rest.len());
            if plain > 0 {
                let copied = rest.get(..plain).unwrap_or_default();
                self.write_from(copied, From::Format(format.at))?;
                format.at += plain;
                continue;
            }
            format.at += 1;
            self.directive(&mut format, args)?;
        }
        match format.reordered {
            true => Ok(()),
            false => self.extra(format.arg, args),
        }
    }

    fn complain(&mut self, text: &str) -> Result<(), Failure> {
        self.write_from(text.as_bytes(), From::Complaint)
    }

    /// What stands behind a `%`.
    fn directive(&mut self, format: &mut Format<'_>, args: &[Value]) -> Result<(), Failure> {
        let percent = format.at - 1;
        self.flags = Flags::default();
        format.good = true;
        format.after_index = false;
        while let Some(flag) = format.peek() {
            match flag {
                b'#' => self.flags.sharp = true,
                b'0' => self.flags.zero = true,
                b'+' => self.flags.plus = true,
                b'-' => self.flags.minus = true,
                b' ' => self.flags.space = true,
                _ => break,
            }
            format.at += 1;
        }
        format.arg_number();
        self.width(format, args)?;
        self.precision(format, args)?;
        if !format.after_index {
            format.arg_number();
        }
        let rest = format.text.get(format.at..).unwrap_or_default();
        if rest.is_empty() {
            return self.complain("%!(NOVERB)");
        }
        let (rune, width) = decode_rune(rest);
        format.at += width;
        let verb = char::from_u32(rune).unwrap_or(char::REPLACEMENT_CHARACTER);
        if verb == '%' {
            // Copied, where that is all there is to it.
            return self.write_from(b"%", From::Format(percent));
        }
        if !format.good {
            return self.complain(&format!("%!{verb}(BADINDEX)"));
        }
        let Some(arg) = args.get(format.arg) else {
            return self.complain(&format!("%!{verb}(MISSING)"));
        };
        if matches!(verb, 'v' | 'w') {
            self.flags.sharp_v = std::mem::take(&mut self.flags.sharp);
            self.flags.plus_v = std::mem::take(&mut self.flags.plus);
        }
        self.arg = format.arg;
        format.arg += 1;
        self.print_arg(arg, verb)
    }

    fn width(&mut self, format: &mut Format<'_>, args: &[Value]) -> Result<(), Failure> {
        if format.peek() != Some(b'*') {
            let width = format.number();
            self.flags.wid = width.unwrap_or(0);
            self.flags.wid_present = width.is_some();
            if format.after_index && width.is_some() {
                format.good = false;
            }
            return Ok(());
        }
        format.at += 1;
        format.after_index = false;
        let Some(width) = self.asterisk(format, args) else {
            return self.complain("%!(BADWIDTH)");
        };
        self.flags.wid_present = true;
        self.flags.wid = usize::try_from(width.unsigned_abs()).unwrap_or(0);
        if width < 0 {
            self.flags.minus = true;
            self.flags.zero = false;
        }
        Ok(())
    }

    fn precision(&mut self, format: &mut Format<'_>, args: &[Value]) -> Result<(), Failure> {
        // A point at the very end is no precision but the verb.
        if format.peek() != Some(b'.') || format.at + 1 >= format.text.len() {
            return Ok(());
        }
        format.at += 1;
        if format.after_index {
            format.good = false;
        }
        format.arg_number();
        if format.peek() != Some(b'*') {
            self.flags.prec = format.number().unwrap_or(0);
            self.flags.prec_present = true;
            return Ok(());
        }
        format.at += 1;
        format.after_index = false;
        match self.asterisk(format, args).map(usize::try_from) {
            Some(Ok(precision)) => {
                self.flags.prec = precision;
                self.flags.prec_present = true;
                Ok(())
            }
            _ => self.complain("%!(BADPREC)"),
        }
    }

    fn asterisk(&mut self, format: &mut Format<'_>, args: &[Value]) -> Option<i64> {
        let arg = args.get(format.arg)?;
        self.out.asterisk(format.arg);
        format.arg += 1;
        int_from(arg)
    }

    /// Arguments that the format does not use.
    fn extra(&mut self, first: usize, args: &[Value]) -> Result<(), Failure> {
        let Some(extra) = args.get(first..).filter(|extra| !extra.is_empty()) else {
            return Ok(());
        };
        self.flags = Flags::default();
        self.complain("%!(EXTRA ")?;
        for (at, arg) in extra.iter().enumerate() {
            self.arg = first + at;
            if at > 0 {
                self.write(b", ")?;
            }
            if arg.is_nil() {
                self.write(b"<nil>")?;
            } else {
                self.write(arg.type_name().as_bytes())?;
                self.write(b"=")?;
                self.print_arg(arg, 'v')?;
            }
        }
        self.complain(")")
    }
}
