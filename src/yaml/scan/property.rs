//! Anchors, aliases, tags and directives.

use super::{Kind, Mark, Scanner, Token, Trouble, text, width};

impl<'a> Scanner<'a> {
    /// `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self) -> Result<Token<'a>, Trouble> {
        let start = self.mark;
        let kind = if self.at(0) == b'*' {
            Kind::Alias
        } else {
            Kind::Anchor
        };
        self.skip();
        while self.is_word() {
            self.skip();
        }
        let ends = self.is_blank_or_end(0)
            || matches!(
                self.at(0),
                b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'
            );
        if self.mark.pos == start.pos + 1 || !ends {
            return Err(self.trouble(
                "did not find expected alphabetic or numeric character",
                start,
            ));
        }
        let name = self.text.get(start.pos + 1..self.mark.pos);
        let name = text(name.unwrap_or_default().to_vec());
        Ok(self.token(kind, start).text(name))
    }

    /// `!suffix`, `!handle!suffix` or `!<suffix>`.
    pub(super) fn scan_tag(&mut self) -> Result<Token<'a>, Trouble> {
        let start = self.mark;
        let mut handle = Vec::new();
        let mut suffix = Vec::new();
        if self.at(1) == b'<' {
            self.skip();
            self.skip();
            self.scan_uri(b"", start, &mut suffix)?;
            if self.at(0) != b'>' {
                return Err(self.trouble("did not find the expected '>'", start));
            }
            self.skip();
        } else {
            self.scan_handle(false, start, &mut handle)?;
            if handle.len() > 1 && handle.ends_with(b"!") {
                self.scan_uri(b"", start, &mut suffix)?;
            } else {
                self.scan_uri(&handle, start, &mut suffix)?;
                handle = b"!".to_vec();
                if suffix.is_empty() {
                    std::mem::swap(&mut handle, &mut suffix);
                }
            }
        }
        if !self.is_blank_or_end(0) {
            return Err(self.trouble("did not find expected whitespace or line break", start));
        }
        let mut token = self.token(Kind::Tag, start).text(text(handle));
        token.suffix = Some(Box::new(text(suffix)));
        Ok(token)
    }

    fn scan_handle(
        &mut self,
        directive: bool,
        start: Mark,
        handle: &mut Vec<u8>,
    ) -> Result<(), Trouble> {
        if self.at(0) != b'!' {
            return Err(self.trouble("did not find expected '!'", start));
        }
        self.read(handle);
        while self.is_word() {
            self.read(handle);
        }
        if self.at(0) == b'!' {
            self.read(handle);
        } else if directive && handle != b"!" {
            return Err(self.trouble("did not find expected '!'", start));
        }
        Ok(())
    }

    fn scan_uri(&mut self, head: &[u8], start: Mark, uri: &mut Vec<u8>) -> Result<(), Trouble> {
        let mut found = !head.is_empty();
        uri.extend_from_slice(head.get(1..).unwrap_or_default());
        while self.is_word() || b";/?:@&=+$,.!~*'()[]%".contains(&self.at(0)) {
            if self.at(0) == b'%' {
                self.scan_uri_escape(start, uri)?;
            } else {
                self.read(uri);
            }
            found = true;
        }
        if found {
            Ok(())
        } else {
            Err(self.trouble("did not find expected tag URI", start))
        }
    }

    /// One character as `%xx%xx…`.
    fn scan_uri_escape(&mut self, start: Mark, uri: &mut Vec<u8>) -> Result<(), Trouble> {
        let mut left = None;
        loop {
            let digits = [self.at(1), self.at(2)].map(|byte| char::from(byte).to_digit(16));
            let (b'%', [Some(high), Some(low)]) = (self.at(0), digits) else {
                return Err(self.trouble("did not find URI escaped octet", start));
            };
            let octet = u8::try_from(high * 16 + low).unwrap_or_default();
            match left {
                None if (0x80..0xC0).contains(&octet) || octet >= 0xF8 => {
                    return Err(self.trouble("found an incorrect leading UTF-8 octet", start));
                }
                None => left = Some(width(octet)),
                Some(_) if octet & 0xC0 != 0x80 => {
                    return Err(self.trouble("found an incorrect trailing UTF-8 octet", start));
                }
                Some(_) => {}
            }
            uri.push(octet);
            for _ in 0..3 {
                self.skip();
            }
            left = left.map(|left| left - 1);
            if left == Some(0) {
                return Ok(());
            }
        }
    }

    /// `%YAML` or `%TAG`, with the rest of the line.
    pub(super) fn scan_directive(&mut self) -> Result<Token<'a>, Trouble> {
        let start = self.mark;
        self.skip();
        let mut name = Vec::new();
        while self.is_word() {
            self.read(&mut name);
        }
        if name.is_empty() {
            return Err(self.trouble("could not find expected directive name", start));
        }
        if !self.is_blank_or_end(0) {
            return Err(self.trouble("found unexpected non-alphabetical character", start));
        }
        let (mut handle, mut prefix) = (Vec::new(), Vec::new());
        let kind = match name.as_slice() {
            b"YAML" => {
                self.skip_blanks();
                let major = self.scan_version_number(start)?;
                if self.at(0) != b'.' {
                    return Err(self.trouble("did not find expected digit or '.' character", start));
                }
                self.skip();
                let minor = self.scan_version_number(start)?;
                Kind::Version(major == 1 && minor == 1)
            }
            b"TAG" => {
                self.scan_tag_directive(start, &mut handle, &mut prefix)?;
                Kind::TagDirective
            }
            _ => return Err(self.trouble("found unknown directive name", start)),
        };
        let mut token = self.token(kind, start).text(text(handle));
        token.suffix = Some(Box::new(text(prefix)));
        self.skip_blanks();
        self.skip_comment();
        if !self.is_break_or_end(0) {
            return Err(self.trouble("did not find expected comment or line break", start));
        }
        self.skip_line();
        Ok(token)
    }

    fn scan_version_number(&mut self, start: Mark) -> Result<u8, Trouble> {
        let mut digits = 0;
        let mut value = 0;
        while self.at(0).is_ascii_digit() {
            digits += 1;
            if digits > 2 {
                return Err(self.trouble("found extremely long version number", start));
            }
            value = value * 10 + (self.at(0) - b'0');
            self.skip();
        }
        if digits == 0 {
            return Err(self.trouble("did not find expected version number", start));
        }
        Ok(value)
    }

    fn scan_tag_directive(
        &mut self,
        start: Mark,
        handle: &mut Vec<u8>,
        prefix: &mut Vec<u8>,
    ) -> Result<(), Trouble> {
        self.skip_blanks();
        self.scan_handle(true, start, handle)?;
        if !self.is_blank(0) {
            return Err(self.trouble("did not find expected whitespace", start));
        }
        self.skip_blanks();
        self.scan_uri(b"", start, prefix)?;
        if !self.is_blank_or_end(0) {
            return Err(self.trouble("did not find expected whitespace or line break", start));
        }
        Ok(())
    }
}
