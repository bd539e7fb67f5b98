//! Collections by indentation.

use super::super::document::NodeId;
use super::super::scan::Kind;
use super::{Parsed, Parser, Stop};

impl Parser<'_> {
    pub(super) fn block_items(&mut self, id: NodeId) -> Result<(), Stop> {
        let context = self.take().map(|token| token.start).unwrap_or_default();
        loop {
            let (kind, at) = self.peek()?;
            match kind {
                Kind::BlockEntry => {
                    self.take();
                    let item = match self.kind()? {
                        Kind::BlockEntry | Kind::BlockEnd => self.nothing()?,
                        _ => self.node(true, false)?,
                    };
                    self.push_item(id, item);
                }
                Kind::BlockEnd => {
                    self.take();
                    return Ok(());
                }
                _ => return self.stop("did not find expected '-' indicator", at, context),
            }
        }
    }

    /// A sequence under a key of the same indentation.
    pub(super) fn indentless_items(&mut self, id: NodeId) -> Result<(), Stop> {
        while self.kind()? == Kind::BlockEntry {
            self.take();
            let item = match self.kind()? {
                Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => self.nothing()?,
                _ => self.node(true, false)?,
            };
            self.push_item(id, item);
        }
        Ok(())
    }

    pub(super) fn block_entries(&mut self, id: NodeId) -> Result<(), Stop> {
        let context = self.take().map(|token| token.start).unwrap_or_default();
        loop {
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
            self.push_entry(id, key, value);
        }
    }

    fn block_value(&mut self) -> Parsed {
        if self.kind()? != Kind::Value {
            return self.nothing();
        }
        self.take();
        match self.kind()? {
            Kind::Key | Kind::Value | Kind::BlockEnd => self.nothing(),
            _ => self.node(true, true),
        }
    }
}
