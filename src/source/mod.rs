//! Files, byte spans, line indices, and origins.
//!
//! Everything inside aiplat counts bytes; lines and columns exist only where something is shown.

mod again;
mod bytes;
mod line_index;
pub mod origin;
pub mod text;

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

pub use again::again;
pub use bytes::Bytes;
pub use line_index::{LineColumn, LineIndex, line_ends};
pub use origin::{Context, ContextId, ContextKind, Moved, Origin, OriginId, Origins, Prov};
pub use text::{Asked, Run, Runs, Segment, Text};

/// One input text within a [`Sources`]. It counts from 1, so that no span takes no room of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(NonZeroU32);

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileId").field(&self.before()).finish()
    }
}

impl FileId {
    /// For text that is no file: spans in it count from its own start. [`Sources`] has no such
    /// file.
    pub const DETACHED: Self = Self(NonZeroU32::MAX);

    /// The text behind so many others.
    fn behind(count: usize) -> Self {
        let number = u32::try_from(count).unwrap_or(u32::MAX);
        Self(NonZeroU32::MIN.saturating_add(number))
    }

    /// How many texts come before it.
    fn before(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A range of bytes of one input text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    file: FileId,
    start: u32,
    end: u32,
}

impl Span {
    /// The bytes `start..end` of `file`. A range the wrong way round becomes empty at `start`.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX).max(start);
        Self { file, start, end }
    }

    /// The file that the span lies in.
    #[must_use]
    pub fn file(self) -> FileId {
        self.file
    }

    /// Offset of the first byte, from 0.
    #[must_use]
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// Offset behind the last byte.
    #[must_use]
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// How many bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies within this span, ends included.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both; this one where they lie in two files.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The bytes `from..to` of this span, counted from its start and cut to it.
    #[must_use]
    pub fn slice(self, from: usize, to: usize) -> Self {
        let start = self.start().saturating_add(from).min(self.end());
        let end = self.start().saturating_add(to).min(self.end());
        Self::new(self.file, start, end)
    }
}

/// What a text is, which decides how a location in it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A file under `templates/`.
    Template,
    /// `values.yaml`, a `-f` file or a `--set` argument.
    Values,
    /// `Chart.yaml`.
    Chart,
    /// A plain manifest, `aiplat.yaml`, or a file a template reads through `.Files`.
    File,
    /// Text that aiplat made: a rendered document. It is never shown; its origins are.
    Rendered,
}

/// One input text: its name as the user would write it, and its bytes.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    kind: FileKind,
    bytes: Bytes,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// The path as the user gave it, joined with the path inside the chart.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the text is.
    #[must_use]
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The text.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text, of which parts can be held without a copy.
    #[must_use]
    pub fn shared(&self) -> &Bytes {
        &self.bytes
    }

    /// Where its lines start.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.bytes))
    }

    /// The bytes of a span of this file; cut to the file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &[u8] {
        let end = span.end().min(self.bytes.len());
        let start = span.start().min(end);
        &self.bytes[start..end]
    }
}

/// All texts of one run. A clone shares the texts and continues the numbering on its own, so that
/// environments can be rendered side by side with the same ids for the files they share.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

impl Sources {
    /// No texts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a text in and numbers it.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        kind: FileKind,
        bytes: impl Into<Bytes>,
    ) -> FileId {
        let id = FileId::behind(self.files.len());
        self.files.push(Arc::new(SourceFile {
            name: name.into(),
            kind,
            bytes: bytes.into().shared(),
            lines: OnceLock::new(),
        }));
        id
    }

    /// The text with this number.
    ///
    /// # Panics
    /// When `id` comes from another `Sources`: a bug of aiplat, not of an input.
    #[must_use]
    pub fn file(&self, id: FileId) -> &Arc<SourceFile> {
        &self.files[id.before()]
    }

    /// All texts, in the order of their numbers.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &Arc<SourceFile>)> {
        let ids = (0..).map(FileId::behind);
        ids.zip(&self.files)
    }

    /// The bytes that a span covers.
    #[must_use]
    pub fn slice(&self, span: Span) -> &[u8] {
        self.file(span.file()).slice(span)
    }
}
