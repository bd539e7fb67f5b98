//! Collections in brackets.

use super::super::arena::NodeKind;
use super::super::document::Entry;
use super::super::scan::Kind;
use super::{Parsed, Parser, Stop};

impl Parser<'_> {
    pub(super) fn flow_items(&mut self) -> Result<(), Stop> {
        let context = self.take().map(|token| token.start).unwrap_or_default();
        let mut first = true;
        loop {
            let (mut kind, mut at) = self.peek()?;
            if kind != Kind::FlowSequenceEnd && !first {
                if kind != Kind::FlowEntry {
                    return self.stop("did not find expected ',' or ']'", at, context);
                }
                self.take();
                (kind, at) = self.peek()?;
            }
            first = false;
            let item = match kind {
                Kind::FlowSequenceEnd => {
                    self.take();
                    return Ok(());
                }
                Kind::Key => {
                    self.take();
                    let pair = self.collection(at, NodeKind::Mapping, None)?;
                    self.filled(pair, Self::flow_pair)?
                }
                _ => self.node(false, false)?,
            };
            self.items.push(item);
        }
    }

    /// `key: value` in a flow sequence.
    fn flow_pair(&mut self) -> Result<(), Stop> {
        let key = match self.kind()? {
            Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd => {
                // The library drops the token, be it the `:` or the end of the sequence.
                self.take();
                self.nothing()?
            }
            _ => self.node(false, false)?,
        };
        let value = self.flow_value(Kind::FlowSequenceEnd)?;
        self.entries.push(Entry { key, value });
        Ok(())
    }

    fn flow_value(&mut self, end: Kind) -> Parsed {
        if self.kind()? == Kind::Value {
            self.take();
            let kind = self.kind()?;
            if kind != Kind::FlowEntry && kind != end {
                return self.node(false, false);
            }
        }
        self.nothing()
    }

    pub(super) fn flow_entries(&mut self) -> Result<(), Stop> {
        let context = self.take().map(|token| token.start).unwrap_or_default();
        let mut first = true;
        loop {
            let (mut kind, at) = self.peek()?;
            if kind != Kind::FlowMappingEnd && !first {
                if kind != Kind::FlowEntry {
                    return self.stop("did not find expected ',' or '}'", at, context);
                }
                self.take();
                kind = self.kind()?;
            }
            first = false;
            match kind {
                Kind::FlowMappingEnd => {
                    self.take();
                    return Ok(());
                }
                Kind::Key => {
                    self.take();
                    let key = match self.kind()? {
                        Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd => self.nothing()?,
                        _ => self.node(false, false)?,
                    };
                    let value = self.flow_value(Kind::FlowMappingEnd)?;
                    self.entries.push(Entry { key, value });
                }
                _ => {
                    let key = self.node(false, false)?;
                    let value = self.nothing()?;
                    self.entries.push(Entry { key, value });
                }
            }
        }
    }
}
