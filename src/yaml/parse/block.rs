//! Collections by indentation.

use std::cmp::Ordering;

use super::super::document::Entry;
use super::super::scan::{Kind, Mark};
use super::{Parsed, Parser, Stop};

impl Parser<'_> {
    pub(super) fn block_items(&mut self) -> Result<(), Stop> {
        let context = self.take().map(|token| token.start).unwrap_or_default();
        self.items_of(context)
    }

    /// The items of a sequence that starts at `context`.
    pub(super) fn items_of(&mut self, context: Mark) -> Result<(), Stop> {
        loop {
            match self.next_line() {
                Some(Ordering::Less) => {
                    self.scanner.end_block();
                    return Ok(());
                }
                Some(Ordering::Equal) if self.take_dash() => {
                    let item = self.block_item()?;
                    self.items.push(item);
                    continue;
                }
                _ => {}
            }
            let (kind, at) = self.peek()?;
            match kind {
                Kind::BlockEntry => {
                    self.take();
                    let item = self.block_item()?;
                    self.items.push(item);
                }
                Kind::BlockEnd => {
                    self.take();
                    return Ok(());
                }
                _ => return self.stop("did not find expected '-' indicator", at, context),
            }
        }
    }

    fn block_item(&mut self) -> Parsed {
        if let Some(item) = self.line_item()? {
            return Ok(item);
        }
        match self.kind()? {
            Kind::BlockEntry | Kind::BlockEnd => self.nothing(),
            _ => self.node(true, false),
        }
    }

    /// A sequence under a key of the same indentation.
    pub(super) fn indentless_items(&mut self) -> Result<(), Stop> {
        loop {
            let is_dash = match self.next_line() {
                Some(Ordering::Less) => return Ok(()),
                // A key, or an error that comes up again.
                Some(Ordering::Equal) if self.scanner.is_word_ahead() => return Ok(()),
                Some(Ordering::Equal) => self.take_dash(),
                _ => false,
            };
            if !is_dash {
                if self.kind()? != Kind::BlockEntry {
                    return Ok(());
                }
                self.take();
            }
            let item = match self.line_item()? {
                Some(item) => item,
                None => match self.kind()? {
                    Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => {
                        self.nothing()?
                    }
                    _ => self.node(true, false)?,
                },
            };
            self.items.push(item);
        }
    }

    pub(super) fn block_entries(&mut self) -> Result<(), Stop> {
        let context = self.take().map(|token| token.start).unwrap_or_default();
        self.entries_of(context)
    }

    /// The entries of a mapping that starts at `context`.
    pub(super) fn entries_of(&mut self, context: Mark) -> Result<(), Stop> {
        loop {
            match self.next_line() {
                Some(Ordering::Less) => {
                    self.scanner.end_block();
                    return Ok(());
                }
                Some(Ordering::Equal) if self.line_entry()? => continue,
                _ => {}
            }
            let (kind, at) = self.peek()?;
            let key = match kind {
                Kind::Key => {
                    self.take();
                    match self.kind()? {
                        Kind::Key | Kind::Value | Kind::BlockEnd => self.nothing()?,
                        _ => self.node(true, true)?,
                    }
                }
                Kind::BlockEnd => {
                    self.take();
                    return Ok(());
                }
                _ => return self.stop("did not find expected key", at, context),
            };
            let value = self.block_value()?;
            self.entries.push(Entry { key, value });
        }
    }

    fn block_value(&mut self) -> Parsed {
        if self.kind()? != Kind::Value {
            return self.nothing();
        }
        self.take();
        self.block_value_behind()
    }

    /// The value, where its `:` was taken.
    pub(super) fn block_value_behind(&mut self) -> Parsed {
        if let Some(value) = self.line_value()? {
            return Ok(value);
        }
        match self.kind()? {
            Kind::Key | Kind::Value | Kind::BlockEnd => self.nothing(),
            _ => self.node(true, true),
        }
    }
}
