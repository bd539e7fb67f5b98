//! What a document is made of: tables, keys, and values.

use crate::golang::quote::quote;
use crate::golang::unicode::is_letter;

use super::super::table::{Key, Table, Value, show};
use super::{MAX_DEPTH, Read, Reader, Rune, ascii, is, is_blank, is_newline, quoted, rune_or_eof};

impl Reader<'_> {
    pub(super) fn document(&mut self) -> Read<()> {
        loop {
            self.skip(|rune| is_blank(rune) || is_newline(rune))?;
            let rune = self.peek()?;
            match ascii(rune) {
                _ if rune.is_none() => return Ok(()),
                b'#' => {
                    self.comment()?;
                    continue;
                }
                b'[' => self.header()?,
                _ => self.assignment()?,
            }
            self.skip(is_blank)?;
            let end = self.next()?;
            match ascii(end) {
                _ if end.is_none() => return Ok(()),
                b'#' => self.comment()?,
                b'\n' | b'\r' => {}
                _ => {
                    return self.fail(format!(
                        "expected a top-level item to end with a newline, comment, or EOF, but got {} instead",
                        quoted(end)
                    ));
                }
            }
        }
    }

    /// `[name]` or `[[name]]`.
    fn header(&mut self) -> Read<()> {
        self.next()?;
        let array = self.accept(b'[')?;
        let mut key = Key::new();
        loop {
            self.skip(is_blank)?;
            let rune = self.peek()?;
            if rune.is_none() || is(rune, b']') {
                return self.fail("unexpected end of table name (table names cannot be empty)");
            }
            if is(rune, b'.') {
                return self.fail("unexpected table separator (table names cannot be empty)");
            }
            let rune = self.extend(&mut key)?;
            match ascii(rune) {
                b'.' => {}
                b']' => break,
                _ => {
                    return self.fail_about(
                        rune,
                        format!(
                            "expected '.' or ']' to end table name, but got {} instead",
                            quoted(rune)
                        ),
                    );
                }
            }
        }
        if array {
            let rune = self.next()?;
            if !is(rune, b']') {
                return self.fail(format!(
                    "expected end of table array name delimiter ']', but got {} instead",
                    quoted(rune)
                ));
            }
        }
        let opened = self.tables.open(&key, array);
        self.at_key(opened)?;
        self.tables.mark(b"", false);
        Ok(())
    }

    /// One part of a key.
    fn key_part(&mut self) -> Read<Vec<u8>> {
        if self.accept(b'"')? {
            return self.string();
        }
        if self.accept(b'\'')? {
            return self.raw_string();
        }
        let start = self.pos;
        let bare = |rune: Rune| {
            let byte = ascii(rune);
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
        };
        self.skip(bare)?;
        Ok(self.since(start).to_vec())
    }

    /// Reads a part of a key and what follows it.
    fn extend(&mut self, key: &mut Key) -> Read<Rune> {
        let part = self.key_part()?;
        if key.is_empty() {
            self.key_line = self.line();
        }
        key.push(part);
        self.skip(is_blank)?;
        self.next()
    }

    /// All parts of a key and the equals sign.
    fn whole_key(&mut self) -> Read<Key> {
        self.skip(is_blank)?;
        let rune = self.peek()?;
        if rune.is_none() || is(rune, b'=') {
            return self.fail("unexpected '=': key name appears blank");
        }
        if is(rune, b'.') {
            return self.fail("unexpected '.': keys cannot start with a '.'");
        }
        let mut key = Key::new();
        loop {
            let rune = self.extend(&mut key)?;
            match ascii(rune) {
                _ if rune.is_none() => {
                    return self.fail("unexpected EOF; expected key separator '='");
                }
                b'=' => return Ok(key),
                b'.' => {}
                found => {
                    let message = format!("expected '.' or '=', but got {} instead", quoted(rune));
                    return match found {
                        b'\n' => self.fail_before(message),
                        _ => self.fail(message),
                    };
                }
            }
            self.skip(is_blank)?;
            let rune = self.peek()?;
            if rune.is_none() || is(rune, b'=') {
                return self.fail("unexpected '='");
            }
            if is(rune, b'.') {
                return self.fail("unexpected '.'");
            }
        }
    }

    /// `key = value`, into the open table. Gives the parts before the last, it, and the value.
    fn assignment(&mut self) -> Read<()> {
        let outer = self.tables.context.clone();
        self.pair()?;
        self.tables.context = outer;
        self.key = Vec::new();
        Ok(())
    }

    fn pair(&mut self) -> Read<(Key, Value)> {
        let key = self.whole_key()?;
        let (last, parents) = key.split_last().map_or((&[][..], &[][..]), |(l, p)| (l, p));
        self.key = last.to_vec();
        for part in parents {
            let mut path = self.tables.context.clone();
            path.push(part.clone());
            self.tables.imply(path.clone());
            let opened = self.tables.open(&path, false);
            self.at_key(opened)?;
        }
        let value = self.value(false)?;
        let set = self.tables.set(last, value.clone());
        self.at_key(set)?;
        self.tables.mark(last, matches!(value, Value::Array(_)));
        Ok((key, value))
    }

    fn value(&mut self, in_array: bool) -> Read<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("arrays and inline tables nest too deep");
        }
        let value = self.one_value(in_array);
        self.depth -= 1;
        value
    }

    fn one_value(&mut self, in_array: bool) -> Read<Value> {
        self.skip(is_blank)?;
        let start = self.pos;
        let rune = self.next()?;
        match ascii(rune) {
            b'0'..=b'9' => return self.number_or_date(start),
            b'[' => return self.array(),
            b'{' => return self.inline_table(in_array),
            b'"' => {
                return Ok(Value::String(match self.accept(b'"')? {
                    true if self.accept(b'"')? => self.long_string()?,
                    true => Vec::new(),
                    false => self.string()?,
                }));
            }
            b'\'' => {
                return Ok(Value::String(match self.accept(b'\'')? {
                    true if self.accept(b'\'')? => self.long_raw_string()?,
                    true => Vec::new(),
                    false => self.raw_string()?,
                }));
            }
            b'.' => return self.fail("floats must start with a digit, not '.'"),
            b'i' | b'n'
                if (self.accept(b'n')? && self.accept(b'f')?)
                    || (self.accept(b'a')? && self.accept(b'n')?) =>
            {
                return self.float_value(start);
            }
            b'-' | b'+' => return self.signed(start),
            _ => {}
        }
        if rune.is_some_and(is_letter) {
            return self.boolean(rune);
        }
        match rune {
            None => self.fail("unexpected EOF; expected value"),
            Some(0x0A) => {
                self.fail_before(format!("expected value but found {} instead", quoted(rune)))
            }
            _ => self.fail(format!("expected value but found {} instead", quoted(rune))),
        }
    }

    fn boolean(&mut self, first: Rune) -> Read<Value> {
        // The library goes back one character, whatever it accepted of `inf` and `nan` before.
        let width = first.and_then(char::from_u32).map_or(0, char::len_utf8);
        self.pos -= width;
        let start = self.pos;
        while self.peek()?.is_some_and(is_letter) {
            self.next()?;
        }
        match self.since(start) {
            b"true" => Ok(Value::Bool(true)),
            b"false" => Ok(Value::Bool(false)),
            other => {
                let message = format!("expected value but found {} instead", quote(other));
                self.fail(message)
            }
        }
    }

    fn array(&mut self) -> Read<Value> {
        let key = self.key.clone();
        self.tables.mark(&key, true);
        let mut items = Vec::new();
        while self.begins(b']')? {
            items.push(self.value(true)?);
            let expected = "expected a comma (',') or array terminator (']'), but got";
            if !self.continues(b']', |got| format!("{expected} {got}"))? {
                break;
            }
        }
        Ok(Value::Array(items))
    }

    fn inline_table(&mut self, in_array: bool) -> Read<Value> {
        let (outer, outer_key) = (self.tables.context.clone(), std::mem::take(&mut self.key));
        let mut inner = outer.clone();
        inner.push(outer_key.clone());
        self.tables.context.clone_from(&inner);
        self.tables.imply(inner.clone());
        let opened = self.tables.open(&inner, in_array);
        self.at_key(opened)?;
        let inner = self.tables.context.clone();
        let mut table = Table::new();
        while self.begins(b'}')? {
            let (key, value) = self.pair()?;
            let nested = insert(&mut table, &key, value, &self.tables.context);
            self.at_key(nested)?;
            self.tables.context.clone_from(&inner);
            let expected = "expected a comma or an inline table terminator '}', but got";
            if !self.continues(b'}', |got| format!("{expected} {got} instead"))? {
                break;
            }
        }
        self.tables.context = outer;
        self.key = outer_key;
        Ok(Value::Table(table))
    }

    /// Whether an item begins, and not the `end` of what it would be in, which is read.
    fn begins(&mut self, end: u8) -> Read<bool> {
        loop {
            self.skip(|rune| is_blank(rune) || is_newline(rune))?;
            match ascii(self.peek()?) {
                b'#' => self.comment()?,
                b',' => {
                    self.next()?;
                    return self.fail("unexpected comma");
                }
                found if found == end => {
                    self.next()?;
                    return Ok(false);
                }
                _ => return Ok(true),
            }
        }
    }

    /// Whether a comma follows an item, and not the `end`.
    fn continues(&mut self, end: u8, otherwise: impl Fn(String) -> String) -> Read<bool> {
        loop {
            let rune = self.next()?;
            match ascii(rune) {
                b' ' | b'\t' | b'\n' | b'\r' => {}
                b'#' => self.comment()?,
                b',' => return Ok(true),
                found if found == end => return Ok(false),
                _ => return self.fail(otherwise(rune_or_eof(rune))),
            }
        }
    }
}

/// Writes a pair of an inline table into the value that the table becomes.
fn insert(table: &mut Table, key: &[Vec<u8>], value: Value, context: &Key) -> Result<(), String> {
    let Some((last, parents)) = key.split_last() else {
        return Ok(());
    };
    let mut table = table;
    for part in parents {
        let entry = table
            .entry(part.clone())
            .or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(inner) = entry else {
            let context = show(context);
            return Err(format!("{} is not a table", quote(context.as_bytes())));
        };
        table = inner;
    }
    table.insert(last.clone(), value);
    Ok(())
}
