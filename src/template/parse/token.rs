//! What the text of a template is made of.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The text cannot be read on; the lexer's `error` says why.
    Error,
    /// `true` or `false`.
    Bool,
    /// A printable ASCII character without a meaning of its own; the comma has one later.
    Char,
    /// `'a'`.
    CharConstant,
    /// `1+2i`.
    Complex,
    /// `=`.
    Assign,
    /// `:=`.
    Declare,
    /// The end of the text.
    Eof,
    /// `.name`.
    Field,
    /// A name.
    Identifier,
    /// `{{`.
    LeftDelim,
    /// `(`.
    LeftParen,
    /// A number that is no complex pair.
    Number,
    /// `|`.
    Pipe,
    /// A string in back quotes.
    RawString,
    /// `}}`.
    RightDelim,
    /// `)`.
    RightParen,
    /// A run of white space inside an action.
    Space,
    /// A string in double quotes.
    String,
    /// What stands between actions.
    Text,
    /// `$` or `$name`.
    Variable,
    /// `block`.
    Block,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `.`.
    Dot,
    /// `define`.
    Define,
    /// `else`.
    Else,
    /// `end`.
    End,
    /// `if`.
    If,
    /// `nil`.
    Nil,
    /// `range`.
    Range,
    /// `template`.
    Template,
    /// `with`.
    With,
}

impl Kind {
    /// Whether Go counts it among the keywords, which its messages show in angle brackets.
    pub(super) fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Block
                | Self::Break
                | Self::Continue
                | Self::Dot
                | Self::Define
                | Self::Else
                | Self::End
                | Self::If
                | Self::Nil
                | Self::Range
                | Self::Template
                | Self::With
        )
    }
}

/// A token and its bytes. It is small enough to be handed on in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    start: u32,
    end: u32,
}

impl Token {
    /// The bytes `start..end`.
    #[inline]
    pub(super) fn new(kind: Kind, start: usize, end: usize) -> Self {
        Self {
            kind,
            start: offset(start),
            end: offset(end),
        }
    }

    /// Offset of its first byte.
    #[inline]
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    /// Offset behind its last byte.
    #[inline]
    pub(super) fn end(self) -> usize {
        self.end as usize
    }
}

/// An offset as the tree keeps it. No text has as many bytes as do not fit.
#[inline]
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
