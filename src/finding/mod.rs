//! What any layer may report, in the words of the text that its layer saw.
//!
//! A finding has no severity and no line: the engine gives it the one its rule has in the
//! configuration, and finds the bytes a person would edit.

use std::ops::Range;

use crate::source::Span;

/// Something is wrong at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, in kebab case, as the catalogue has it.
    pub rule: &'static str,
    /// The smallest thing that is wrong, in the text that the reporting layer saw.
    pub span: Span,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// How to put it right, in the imperative.
    pub help: Option<String>,
    /// Further places, each with a word on what it has to do with it.
    pub related: Vec<Label>,
    /// What is *absent* at `span`, as the path of keys from there (`resources`, `limits`,
    /// `nvidia.com/gpu`): the engine looks for the values key that would feed it.
    pub absent: Vec<String>,
    /// The bytes of a values file, or of a literal in a template, that are wrong, where more of
    /// them decided what stands at `span` and the rule knows which.
    pub value: Option<Span>,
    /// Where `span` is encoded (`data` of a Secret): what it stands for, and the part of it that is
    /// wrong.
    pub decoded: Option<(String, Range<usize>)>,
    /// The bytes that values feeding something absent may have decided; empty: those of `span`.
    pub within: Option<Span>,
    /// How execution came to the place: innermost first.
    pub trace: Vec<Frame>,
    /// The object that it is about.
    pub object: Option<ObjectRef>,
}

/// A place and a word on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One step on the way to a place: `include "ai-platform.labels"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What was executed, as written.
    pub what: String,
    /// Where the call stands.
    pub span: Span,
}

/// A Kubernetes object by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectRef {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Empty where the manifest names none and none was given for the release.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
}

impl Finding {
    /// A finding with nothing but rule, place and message.
    #[must_use]
    pub fn new(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            span,
            message: message.into(),
            help: None,
            related: Vec::new(),
            absent: Vec::new(),
            value: None,
            decoded: None,
            within: None,
            trace: Vec::new(),
            object: None,
        }
    }

    /// Adds how to put it right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    /// Says which path of keys is absent at the span.
    #[must_use]
    pub fn absent<'a>(mut self, path: impl IntoIterator<Item = &'a str>) -> Self {
        self.absent = path.into_iter().map(str::to_owned).collect();
        self
    }

    /// Says what an encoded span stands for, and which part of that is wrong.
    #[must_use]
    pub fn decoded(mut self, decoded: Option<(String, Range<usize>)>) -> Self {
        self.decoded = decoded;
        self
    }

    /// Says which bytes of a values file, or of a literal in a template, are wrong.
    #[must_use]
    pub fn value(mut self, span: Option<Span>) -> Self {
        self.value = span;
        self
    }

    /// Says where the values that would feed what is absent are looked for.
    #[must_use]
    pub fn within(mut self, span: Span) -> Self {
        self.within = Some(span);
        self
    }

    /// Says which object it is about.
    #[must_use]
    pub fn object(mut self, object: ObjectRef) -> Self {
        self.object = Some(object);
        self
    }
}
