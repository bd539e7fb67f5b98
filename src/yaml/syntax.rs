//! What is wrong with a YAML text, in our words and in those of Go's yaml.v2.

use crate::source::{FileId, Span};

use super::scan::{Mark, Noticed, Trouble};

/// A place where a text is no YAML, or no YAML that Helm can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The cause: the opening quote of a string that never ends, for example.
    pub span: Span,
    /// What is wrong, for people.
    pub message: String,
    /// What Go says of it, as Helm shows it: `yaml: line 3: mapping values are not allowed in this
    /// context`. Lines count from the start of the text that was given. Of a limit of ours, which
    /// yaml.v2 does not have, it is our own words.
    pub go_message: String,
}

/// Where a text stands in its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) file: FileId,
    /// Offset of the text in the file.
    pub(super) base: usize,
    pub(super) text: &'a str,
    /// How many bytes of the text stand in the file: spans end there.
    pub(super) len: usize,
    /// What is wrong with the bytes behind the text, which are no UTF-8.
    pub(super) broken: Option<&'static str>,
    /// How many bytes that is about.
    pub(super) broken_len: usize,
}

impl Place<'_> {
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(
            self.file,
            self.base.saturating_add(start.min(self.len)),
            self.base.saturating_add(end.min(self.len)),
        )
    }

    /// The character at an offset, empty at the end of the text or of a line.
    fn character(&self, at: usize) -> Span {
        if at == self.text.len() && self.broken.is_some() {
            return self.span(at, at + self.broken_len);
        }
        let next = self.text.get(at..).and_then(|rest| rest.chars().next());
        let width = next
            .filter(|c| *c != '\n' && *c != '\r')
            .map_or(0, char::len_utf8);
        self.span(at, at + width)
    }

    pub(super) fn error(&self, trouble: &Trouble) -> SyntaxError {
        let (mut message, at) = explain(trouble);
        if self.text.as_bytes().get(at.pos) == Some(&b'\t') {
            message = TAB;
        }
        SyntaxError {
            span: self.character(at.pos),
            message: message.to_owned(),
            go_message: go_message(trouble),
        }
    }
}

const TAB: &str = "a tab cannot indent YAML; use spaces";

fn go_message(trouble: &Trouble) -> String {
    let line = match trouble.source {
        Noticed::Limit | Noticed::Reader => 0,
        // The library counts lines from 0, and forgets to add 1 for its parser.
        Noticed::Scanner if trouble.at.line != 0 => trouble.at.line + 1,
        Noticed::Parser if trouble.at.line != 0 => trouble.at.line,
        Noticed::Scanner | Noticed::Parser => trouble.context.line,
    };
    match line {
        0 => format!("yaml: {}", trouble.problem),
        line => format!("yaml: line {line}: {}", trouble.problem),
    }
}

/// Our words, and the place to point at.
fn explain(trouble: &Trouble) -> (&'static str, Mark) {
    let (at, start) = (trouble.at, trouble.context);
    match trouble.problem {
        "could not find expected ':'" => {
            ("this line is neither a key with a `:` nor a value", start)
        }
        "mapping values are not allowed in this context" => (
            "a `:` makes a key here, where none can stand; quote the text or mend the indentation",
            at,
        ),
        "mapping keys are not allowed in this context" => ("a key cannot stand here", at),
        "block sequence entries are not allowed in this context" => (
            "a list item cannot start here; mend the indentation or put it on a line of its own",
            at,
        ),
        "found character that cannot start any token" => {
            ("no value can start with this character; quote the text", at)
        }
        "did not find expected key" => ("a key is expected here; mind the indentation", at),
        "did not find expected '-' indicator" => (
            "a list item (`- `) is expected here; mind the indentation",
            at,
        ),
        "did not find expected ',' or ']'" => ("`,` or `]` is expected here", at),
        "did not find expected ',' or '}'" => ("`,` or `}` is expected here", at),
        "did not find expected node content" => ("a value is expected here", at),
        "did not find expected <document start>" => (
            "the document is over before this; a new one starts with `---`",
            at,
        ),
        "found unexpected end of stream" => ("this quote is never closed", start),
        "found unexpected document indicator" => {
            ("this quote is not closed before the next document", start)
        }
        "found unknown escape character" => (
            "YAML knows no such escape; double the backslash or use single quotes",
            at,
        ),
        "did not find expected hexdecimal number" => ("this escape needs hexadecimal digits", at),
        "found invalid Unicode character escape code" => ("this escape names no character", at),
        "found a tab character that violates indentation"
        | "found a tab character where an indentation space is expected" => (TAB, at),
        "found an indentation indicator equal to 0" => ("the indentation must be 1 to 9", at),
        "did not find expected comment or line break" => {
            ("only a comment may follow on this line", at)
        }
        "did not find expected alphabetic or numeric character" => (
            "names of anchors and aliases are letters, digits, `-` and `_`",
            at,
        ),
        "found undefined tag handle" => ("this tag's prefix is not declared", at),
        "found incompatible YAML document" => ("Helm reads YAML 1.1 only; drop the directive", at),
        "found duplicate %YAML directive" | "found duplicate %TAG directive" => {
            ("this directive was given before", at)
        }
        "invalid leading UTF-8 octet"
        | "incomplete UTF-8 octet sequence"
        | "invalid trailing UTF-8 octet"
        | "invalid length of a UTF-8 sequence"
        | "invalid Unicode character" => ("this is not UTF-8", at),
        "control characters are not allowed" => (
            "control characters cannot stand in YAML; write an escape in double quotes",
            at,
        ),
        "nested too deeply" => ("collections are nested too deeply", at),
        "too many nodes" => ("the document has too many nodes", at),
        "too many documents" => ("the file has too many documents", at),
        "found unknown directive name"
        | "could not find expected directive name"
        | "found unexpected non-alphabetical character"
        | "did not find expected digit or '.' character"
        | "did not find expected version number"
        | "found extremely long version number"
        | "did not find expected whitespace" => ("this directive is malformed", start),
        _ => ("this tag is malformed", start),
    }
}
