//! What is wrong with a YAML text, in our words and in those of Go's yaml.v2.

use crate::source::{FileId, Span};

use super::scan::{Mark, Noticed, Trouble};

/// A place where a text is no YAML, or no YAML that Helm can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The cause: the opening quote of a string that never ends, for example.
    pub span: Span,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// yaml.v2's message, as Helm shows it: `yaml: line 3: mapping values are not allowed in this
    /// context`. Lines count from the start of the text that was given. `None` where yaml.v2
    /// would not complain: a limit of ours.
    pub go_message: Option<String>,
}

/// Where a text stands in its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) file: FileId,
    /// Offset of the text in the file.
    pub(super) base: usize,
    pub(super) text: &'a str,
}

impl Place<'_> {
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(
            self.file,
            self.base.saturating_add(start),
            self.base.saturating_add(end),
        )
    }

    /// The character at an offset, empty at the end of the text or of a line.
    fn character(&self, at: usize) -> Span {
        let next = self.text.get(at..).and_then(|rest| rest.chars().next());
        let width = next
            .filter(|c| *c != '\n' && *c != '\r')
            .map_or(0, char::len_utf8);
        self.span(at, at + width)
    }

    pub(super) fn error(&self, trouble: &Trouble) -> SyntaxError {
        let (message, at) = explain(trouble);
        SyntaxError {
            span: self.character(at.pos),
            message: message.to_owned(),
            go_message: go_message(trouble),
        }
    }
}

fn go_message(trouble: &Trouble) -> Option<String> {
    let line = match trouble.source {
        Noticed::Limit => return None,
        Noticed::Reader => 0,
        // The library counts lines from 0, and forgets to add 1 for its parser.
        Noticed::Scanner if trouble.at.line != 0 => trouble.at.line + 1,
        Noticed::Parser if trouble.at.line != 0 => trouble.at.line,
        Noticed::Scanner | Noticed::Parser => trouble.context.line,
    };
    Some(match line {
        0 => format!("yaml: {}", trouble.problem),
        line => format!("yaml: line {line}: {}", trouble.problem),
    })
}

/// Our words, and the place to point at.
fn explain(trouble: &Trouble) -> (&'static str, Mark) {
    let (at, start) = (trouble.at, trouble.context);
    match trouble.problem {
        "could not find expected ':'" => {
            ("This line is neither a key with a `:` nor a value", start)
        }
        "mapping values are not allowed in this context" => (
            "A `:` makes a key here, where none can stand; quote the text or mend the indentation",
            at,
        ),
        "mapping keys are not allowed in this context" => ("A key cannot stand here", at),
        "block sequence entries are not allowed in this context" => (
            "A list item cannot start here; mend the indentation or put it on a line of its own",
            at,
        ),
        "found character that cannot start any token" => (
            "No value can start with this character; quote the text (a tab cannot indent)",
            at,
        ),
        "did not find expected key" => ("A key is expected here; mind the indentation", at),
        "did not find expected '-' indicator" => (
            "A list item (`- `) is expected here; mind the indentation",
            at,
        ),
        "did not find expected ',' or ']'" => ("`,` or `]` is expected here", at),
        "did not find expected ',' or '}'" => ("`,` or `}` is expected here", at),
        "did not find expected node content" => ("A value is expected here", at),
        "did not find expected <document start>" => (
            "The document is over before this; a new one starts with `---`",
            at,
        ),
        "found unexpected end of stream" => ("This quote is never closed", start),
        "found unexpected document indicator" => {
            ("This quote is not closed before the next document", start)
        }
        "found unknown escape character" => (
            "YAML knows no such escape; double the backslash or use single quotes",
            at,
        ),
        "did not find expected hexdecimal number" => ("This escape needs hexadecimal digits", at),
        "found invalid Unicode character escape code" => ("This escape names no character", at),
        "found a tab character that violates indentation"
        | "found a tab character where an indentation space is expected" => {
            ("Tabs cannot indent; use spaces", at)
        }
        "found an indentation indicator equal to 0" => ("The indentation must be 1 to 9", at),
        "did not find expected comment or line break" => {
            ("Only a comment may follow on this line", at)
        }
        "did not find expected alphabetic or numeric character" => (
            "Names of anchors and aliases are letters, digits, `-` and `_`",
            at,
        ),
        "found undefined tag handle" => ("This tag's prefix is not declared", at),
        "found incompatible YAML document" => ("Helm reads YAML 1.1 only; drop the directive", at),
        "found duplicate %YAML directive" | "found duplicate %TAG directive" => {
            ("This directive was given before", at)
        }
        "control characters are not allowed" => (
            "Control characters cannot stand in YAML; write an escape in double quotes",
            at,
        ),
        "nested too deeply" => ("Collections are nested too deeply", at),
        "too many nodes" => ("The document has too many nodes", at),
        "too many documents" => ("The file has too many documents", at),
        "found unknown directive name"
        | "could not find expected directive name"
        | "found unexpected non-alphabetical character"
        | "did not find expected digit or '.' character"
        | "did not find expected version number"
        | "found extremely long version number"
        | "did not find expected whitespace" => ("This directive is malformed", start),
        _ => ("This tag is malformed", start),
    }
}
