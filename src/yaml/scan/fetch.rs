//! Which token comes next, and which tokens the indentation adds.

use super::{Kind, Mark, Noticed, Scanner, SimpleKey, Token, Trouble};

/// The characters within which the `:` of a key must come.
pub(super) const KEY_LENGTH: usize = 1024;

impl<'a> Scanner<'a> {
    /// Fetches tokens until the first one cannot become a key any more.
    pub(super) fn fill(&mut self) -> Result<(), Trouble> {
        loop {
            if !self.tokens.is_empty() && (!self.head_may_be_key()? || self.ended) {
                return Ok(());
            }
            if self.ended {
                return Ok(());
            }
            self.fetch()?;
        }
    }

    fn head_may_be_key(&mut self) -> Result<bool, Trouble> {
        let head = self.taken;
        // Possible keys stand in the order of their tokens.
        let found = self
            .simple_keys
            .iter()
            .rposition(|key| key.awaited && key.token == head);
        match found {
            Some(level) => self.key_is_valid(level),
            None => Ok(false),
        }
    }

    /// Whether the possible key of a flow level still is one; it no longer is on another line.
    fn key_is_valid(&mut self, level: usize) -> Result<bool, Trouble> {
        let mark = self.mark;
        let Some(key) = self.simple_keys.get_mut(level).filter(|key| key.possible) else {
            return Ok(false);
        };
        if key.mark.line < mark.line || key.mark.index + KEY_LENGTH < mark.index {
            if key.required {
                let context = key.mark;
                return Err(self.trouble("could not find expected ':'", context));
            }
            key.possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn fetch(&mut self) -> Result<(), Trouble> {
        self.skip_to_token();
        self.unroll(self.column());
        self.look_ahead(4);
        if self.is_end() {
            return self.fetch_end();
        }
        let first = self.at(0);
        if self.mark.column == 0 {
            if first == b'%' {
                self.unroll(-1);
                self.forget_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_directive()?;
                self.tokens.push_back(token);
                return Ok(());
            }
            if let Some(kind) = self.document_indicator() {
                self.unroll(-1);
                self.forget_key()?;
                self.simple_key_allowed = false;
                self.fetch_indicator(kind, 3);
                return Ok(());
            }
        }
        let in_flow = self.flow_level > 0;
        match first {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => {
                self.forget_key()?;
                self.simple_key_allowed = true;
                self.fetch_indicator(Kind::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if in_flow || self.is_blank_or_end(1) => self.fetch_key(),
            b':' if in_flow || self.is_blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' => {
                self.save_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_anchor()?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'!' => {
                self.save_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_tag()?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'|' | b'>' if !in_flow => {
                self.forget_key()?;
                self.simple_key_allowed = true;
                let token = self.scan_block(first == b'|')?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'\'' | b'"' => {
                self.save_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_quoted(first == b'\'')?;
                self.tokens.push_back(token);
                Ok(())
            }
            _ if self.starts_plain(first) => {
                self.save_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_plain()?;
                self.tokens.push_back(token);
                Ok(())
            }
            _ => Err(self.trouble("found character that cannot start any token", self.mark)),
        }
    }

    fn starts_plain(&self, first: u8) -> bool {
        match first {
            b'-' => !self.is_blank(1),
            b'?' | b':' => self.flow_level == 0 && !self.is_blank_or_end(1),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
            | b'"' | b'%' | b'@' | b'`' => false,
            _ => !self.is_blank_or_end(0),
        }
    }

    /// Steps over space, comments and line breaks.
    pub(super) fn skip_to_token(&mut self) {
        if self.mark.index == 0 && self.text.get(self.mark.pos..).is_some_and(starts_with_bom) {
            self.skip();
        }
        loop {
            // Tabs separate tokens, but neither indent a line nor stand where a key may start.
            self.skip_spaces(usize::MAX);
            while self.at(0) == b' '
                || (self.at(0) == b'\t' && (self.flow_level > 0 || !self.simple_key_allowed))
            {
                self.skip();
            }
            self.skip_comment();
            if !self.is_break(0) {
                return;
            }
            self.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    pub(super) fn column(&self) -> isize {
        isize::try_from(self.mark.column).unwrap_or(isize::MAX)
    }

    /// Ends the block collections that are indented deeper than `column`.
    fn unroll(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            let token = self.token(Kind::BlockEnd, self.mark);
            self.tokens.push_back(token);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Starts a block collection where `column` is deeper than the current indentation. Its token
    /// goes before the token with the number `before`, or to the end.
    fn roll(
        &mut self,
        column: isize,
        before: Option<usize>,
        kind: Kind,
        mark: Mark,
    ) -> Result<(), Trouble> {
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > self.max_depth {
            return Err(self.too_deep());
        }
        self.insert(before, Token::new(kind, mark, mark));
        Ok(())
    }

    fn insert(&mut self, before: Option<usize>, token: Token<'a>) {
        match before.map(|number| number.saturating_sub(self.taken)) {
            Some(at) if at <= self.tokens.len() => self.tokens.insert(at, token),
            _ => self.tokens.push_back(token),
        }
    }

    fn too_deep(&self) -> Trouble {
        Trouble {
            problem: "nested too deeply",
            at: self.mark,
            context: self.mark,
            source: Noticed::Limit,
        }
    }

    /// Remembers that the token to come may be a key.
    fn save_key(&mut self) -> Result<(), Trouble> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let key = SimpleKey {
            possible: true,
            required: self.flow_level == 0 && self.indent == self.column(),
            token: self.taken + self.tokens.len(),
            awaited: true,
            mark: self.mark,
        };
        self.forget_key()?;
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
        }
        Ok(())
    }

    /// What may have been a key is none.
    fn forget_key(&mut self) -> Result<(), Trouble> {
        let mark = self.mark;
        let Some(key) = self.simple_keys.last_mut() else {
            return Ok(());
        };
        if key.possible && key.required {
            return Err(Trouble {
                problem: "could not find expected ':'",
                at: mark,
                context: key.mark,
                source: Noticed::Scanner,
            });
        }
        key.possible = false;
        Ok(())
    }

    fn fetch_end(&mut self) -> Result<(), Trouble> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll(-1);
        self.forget_key()?;
        self.simple_key_allowed = false;
        let token = self.token(Kind::StreamEnd, self.mark);
        self.tokens.push_back(token);
        self.ended = true;
        Ok(())
    }

    fn fetch_indicator(&mut self, kind: Kind, length: usize) {
        let start = self.mark;
        for _ in 0..length {
            self.skip();
        }
        let token = self.token(kind, start);
        self.tokens.push_back(token);
    }

    fn fetch_flow_start(&mut self, kind: Kind) -> Result<(), Trouble> {
        self.save_key()?;
        self.simple_keys.push(SimpleKey {
            token: self.taken + self.tokens.len(),
            ..SimpleKey::default()
        });
        self.flow_level += 1;
        if self.flow_level > self.max_depth {
            return Err(self.too_deep());
        }
        self.simple_key_allowed = true;
        self.fetch_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind) -> Result<(), Trouble> {
        self.forget_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            let inner = self.simple_keys.pop();
            // The library forgets the bracket itself where nothing in it could be a key.
            for key in &mut self.simple_keys {
                key.awaited &= inner.is_none_or(|inner| inner.token != key.token);
            }
        }
        self.simple_key_allowed = false;
        self.fetch_indicator(kind, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Trouble> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.trouble(
                    "block sequence entries are not allowed in this context",
                    self.mark,
                ));
            }
            self.roll(self.column(), None, Kind::BlockSequenceStart, self.mark)?;
        }
        self.forget_key()?;
        self.simple_key_allowed = true;
        self.fetch_indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Trouble> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.trouble("mapping keys are not allowed in this context", self.mark));
            }
            self.roll(self.column(), None, Kind::BlockMappingStart, self.mark)?;
        }
        self.forget_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.fetch_indicator(Kind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Trouble> {
        let level = self.simple_keys.len().saturating_sub(1);
        if self.key_is_valid(level)? {
            let key = self.simple_keys.get(level).copied().unwrap_or_default();
            self.insert(Some(key.token), Token::new(Kind::Key, key.mark, key.mark));
            let column = isize::try_from(key.mark.column).unwrap_or(isize::MAX);
            self.roll(column, Some(key.token), Kind::BlockMappingStart, key.mark)?;
            if let Some(key) = self.simple_keys.get_mut(level) {
                key.possible = false;
            }
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return Err(
                        self.trouble("mapping values are not allowed in this context", self.mark)
                    );
                }
                self.roll(self.column(), None, Kind::BlockMappingStart, self.mark)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.fetch_indicator(Kind::Value, 1);
        Ok(())
    }
}

/// A second byte order mark; the first was dropped.
fn starts_with_bom(text: &[u8]) -> bool {
    text.starts_with("\u{feff}".as_bytes())
}
