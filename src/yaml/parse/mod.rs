//! Tokens to nodes, by the grammar of libyaml.

mod block;
mod flow;
mod line;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::source::Span;

use super::arena::{Arena, NodeKind, ScalarKind};
use super::document::{Anchor, Entry, NodeId, ScalarStyle};
use super::read::Limits;
use super::resolve::{Meaning, meaning};
use super::scan::{Kind, Mark, Noticed, Scanner, Token, Trouble};
use super::syntax::{Place, SyntaxError};

/// A node that yaml.v2 refuses when it decodes the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) node: NodeId,
    /// Whether it is an alias within what it stands for.
    pub(super) is_cycle: bool,
    pub(super) error: SyntaxError,
}

/// A value that was not written.
const NULL: NodeKind = NodeKind::Scalar(ScalarStyle::Plain, ScalarKind::Null);

/// Parsing stopped; [`Parser::trouble`] says why.
pub(super) struct Stop;

pub(super) type Parsed = Result<NodeId, Stop>;

pub(super) struct Parser<'a> {
    pub(super) place: Place<'a>,
    pub(super) scanner: Scanner<'a>,
    limits: Limits,
    /// What the document being parsed consists of.
    pub(super) arena: Arena,
    pub(super) anchors: Vec<Anchor>,
    pub(super) refused: Vec<Refused>,
    pub(super) merge_keys: BTreeSet<NodeId>,
    /// Why parsing stopped.
    pub(super) trouble: Option<Trouble>,
    /// The name of the alias that it stopped at, which no anchor has.
    pub(super) unknown_anchor: Option<Token<'a>>,
    named: BTreeMap<Cow<'a, str>, NodeId>,
    tags: Vec<(Cow<'a, str>, String)>,
    /// The collections around the current place, outermost first.
    open: Vec<NodeId>,
    /// The items of those of them that are sequences, so far.
    items: Vec<NodeId>,
    /// The entries of those that are mappings.
    entries: Vec<Entry>,
    /// Where the last thing that was written ended.
    last_end: usize,
}

/// Anchor and tag in front of a node.
#[derive(Default)]
struct Properties<'a> {
    anchor: Option<Token<'a>>,
    /// As written.
    tag: Option<Box<str>>,
    /// With its handle replaced, empty for none.
    resolved: String,
}

/// Few nodes have any.
type Given<'a> = Option<Box<Properties<'a>>>;

impl Properties<'_> {
    /// Whether they make a node of their own where nothing follows.
    fn say_something(&self) -> bool {
        self.anchor.is_some() || !self.resolved.is_empty()
    }
}

fn resolved<'a>(properties: Option<&'a Properties<'_>>) -> &'a str {
    properties.map_or("", |properties| &properties.resolved)
}

impl<'a> Parser<'a> {
    pub(super) fn new(place: Place<'a>, limits: Limits, each: bool) -> Self {
        Self {
            place,
            scanner: Scanner::new(place.text, place.broken, limits.depth, each),
            limits,
            arena: Arena::for_text(place.text.len()),
            anchors: Vec::new(),
            refused: Vec::new(),
            merge_keys: BTreeSet::new(),
            trouble: None,
            unknown_anchor: None,
            named: BTreeMap::new(),
            tags: Vec::new(),
            open: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            last_end: 0,
        }
    }

    /// Forgets the document before.
    pub(super) fn start_document(&mut self) {
        self.arena.clear();
        self.anchors.clear();
        self.refused.clear();
        self.merge_keys.clear();
        self.named.clear();
        self.open.clear();
        self.items.clear();
        self.entries.clear();
        self.tags.clear();
    }

    pub(super) fn peek(&mut self) -> Result<(Kind, Mark), Stop> {
        self.scanner.peek().map_err(|trouble| {
            self.trouble = Some(trouble);
            Stop
        })
    }

    fn kind(&mut self) -> Result<Kind, Stop> {
        self.peek().map(|(kind, _)| kind)
    }

    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        let token = self.scanner.take()?;
        if token.end > token.start.pos {
            self.last_end = match token.kind {
                Kind::Scalar(_) => token.content.1,
                _ => token.end,
            };
        }
        Some(token)
    }

    pub(super) fn stop<T>(
        &mut self,
        problem: &'static str,
        at: Mark,
        context: Mark,
    ) -> Result<T, Stop> {
        self.trouble = Some(Trouble {
            problem,
            at,
            context,
            source: Noticed::Parser,
        });
        Err(Stop)
    }

    /// `%YAML` and `%TAG` lines.
    pub(super) fn directives(&mut self) -> Result<(), Stop> {
        let mut version = false;
        loop {
            let (kind, at) = self.peek()?;
            match kind {
                Kind::Version(_) if version => {
                    return self.stop("found duplicate %YAML directive", at, Mark::default());
                }
                Kind::Version(false) => {
                    return self.stop("found incompatible YAML document", at, Mark::default());
                }
                Kind::Version(true) => {
                    version = true;
                    self.take();
                }
                Kind::TagDirective => {
                    let Some(token) = self.take() else {
                        return Ok(());
                    };
                    if self.tags.iter().any(|(handle, _)| *handle == token.text) {
                        return self.stop("found duplicate %TAG directive", at, Mark::default());
                    }
                    let prefix = token.suffix.map_or_else(String::new, |prefix| *prefix);
                    self.tags.push((token.text, prefix));
                }
                _ => return Ok(()),
            }
        }
    }

    /// What stands behind `---`; `None` for nothing.
    pub(super) fn content(&mut self) -> Result<Option<NodeId>, Stop> {
        match self.kind()? {
            Kind::Version(_)
            | Kind::TagDirective
            | Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::StreamEnd => Ok(None),
            _ => self.node(true, false).map(Some),
        }
    }

    fn add(&mut self, span: Span, kind: NodeKind, tag: Option<Box<str>>) -> Parsed {
        if self.arena.nodes.len() >= self.limits.nodes {
            let here = self.scanner.mark();
            self.trouble = Some(Trouble {
                problem: "too many nodes",
                at: here,
                context: here,
                source: Noticed::Limit,
            });
            return Err(Stop);
        }
        let id = self.arena.add(span, kind);
        if let Some(tag) = tag {
            self.arena.set_tag(id, tag);
        }
        Ok(id)
    }

    /// A value that was not written.
    fn nothing(&mut self) -> Parsed {
        let span = self.place.span(self.last_end, self.last_end);
        self.add(span, NULL, None)
    }

    /// Anchor and tag, none where the node has neither, and where they start.
    fn properties(&mut self) -> Result<Option<(Box<Properties<'a>>, Mark)>, Stop> {
        let (kind, start) = self.peek()?;
        if !matches!(kind, Kind::Anchor | Kind::Tag) {
            return Ok(None);
        }
        let mut found = Box::new(Properties::default());
        let mut tag = None;
        loop {
            match self.kind()? {
                Kind::Anchor if found.anchor.is_none() => found.anchor = self.take(),
                Kind::Tag if tag.is_none() => tag = self.take(),
                _ => break,
            }
        }
        if let Some(token) = tag {
            let written = self.place.text.get(token.start.pos..token.end);
            found.tag = written.map(Into::into);
            let declared = self.tags.iter().find(|(handle, _)| *handle == token.text);
            let suffix = token.suffix.map_or_else(String::new, |suffix| *suffix);
            found.resolved = match (&*token.text, declared) {
                ("", _) => suffix,
                (_, Some((_, prefix))) => format!("{prefix}{suffix}"),
                ("!", None) => format!("!{suffix}"),
                ("!!", None) => format!("tag:yaml.org,2002:{suffix}"),
                _ => return self.stop("found undefined tag handle", token.start, start),
            };
        }
        Ok(Some((found, start)))
    }

    pub(super) fn node(&mut self, block: bool, indentless: bool) -> Parsed {
        if self.kind()? == Kind::Alias {
            return self.alias();
        }
        let (properties, start) = match self.properties()? {
            Some((properties, start)) => (Some(properties), Some(start)),
            None => (None, None),
        };
        let (kind, at) = self.peek()?;
        match kind {
            Kind::BlockEntry if indentless => {
                let id = self.collection(at, NodeKind::Sequence, properties)?;
                self.filled(id, Self::indentless_items)
            }
            Kind::Scalar(style) => self.scalar(style, properties),
            Kind::FlowSequenceStart => {
                let id = self.collection(at, NodeKind::Sequence, properties)?;
                self.filled(id, Self::flow_items)
            }
            Kind::FlowMappingStart => {
                let id = self.collection(at, NodeKind::Mapping, properties)?;
                self.filled(id, Self::flow_entries)
            }
            Kind::BlockSequenceStart if block => {
                let id = self.collection(at, NodeKind::Sequence, properties)?;
                self.filled(id, Self::block_items)
            }
            Kind::BlockMappingStart if block => {
                let id = self.collection(at, NodeKind::Mapping, properties)?;
                self.filled(id, Self::block_entries)
            }
            _ if properties.as_deref().is_some_and(Properties::say_something) => {
                let span = self.place.span(self.last_end, self.last_end);
                let empty = resolved(properties.as_deref()).is_empty();
                self.scalar_of("".into(), ScalarStyle::Plain, span, properties, empty)
            }
            _ => self.stop(
                "did not find expected node content",
                at,
                start.unwrap_or(at),
            ),
        }
    }

    fn scalar(&mut self, style: ScalarStyle, properties: Given<'a>) -> Parsed {
        let Some(token) = self.take() else {
            return Err(Stop);
        };
        let span = self.place.span(token.content.0, token.content.1);
        let implicit = match resolved(properties.as_deref()) {
            "" => style == ScalarStyle::Plain,
            resolved => resolved == "!",
        };
        self.scalar_of(token.text, style, span, properties, implicit)
    }

    fn scalar_of(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        span: Span,
        properties: Given<'a>,
        implicit: bool,
    ) -> Parsed {
        let resolved = resolved(properties.as_deref());
        let merges = &*text == "<<" && (implicit || resolved == "tag:yaml.org,2002:merge");
        let mut wrong = None;
        let (text, kind) = match meaning(&text, style, resolved) {
            Meaning::Is(typed) => (text, typed.kind()),
            Meaning::Binary(decoded) => (Cow::Owned(decoded), ScalarKind::Str),
            Meaning::Wrong(problem) => {
                wrong = Some(problem);
                (text, ScalarKind::Str)
            }
        };
        let (tag, anchor) = match properties {
            Some(properties) => (properties.tag, properties.anchor),
            None => (None, None),
        };
        let id = self.add(span, NodeKind::Scalar(style, kind), tag)?;
        self.arena.set_text(&text);
        if merges {
            self.merge_keys.insert(id);
        }
        if let Some(problem) = wrong {
            let message = "the value is not what its tag says".to_owned();
            self.refuse(id, false, message, &problem);
        }
        self.name(id, anchor);
        Ok(id)
    }

    fn refuse(&mut self, node: NodeId, is_cycle: bool, message: String, problem: &str) {
        let found = self.arena.nodes.get(node.0 as usize);
        let (start, end) = found.map_or((0, 0), |node| (node.start, node.end));
        let error = SyntaxError {
            span: Span::new(self.place.file, start as usize, end as usize),
            message,
            go_message: format!("yaml: {problem}"),
        };
        self.refused.push(Refused {
            node,
            is_cycle,
            error,
        });
    }

    fn name(&mut self, id: NodeId, anchor: Option<Token<'a>>) {
        if let Some(token) = anchor {
            let span = self.place.span(token.start.pos, token.end);
            self.anchors.push(Anchor { span, node: id });
            self.named.insert(token.text, id);
        }
    }

    fn alias(&mut self) -> Parsed {
        let Some(token) = self.take() else {
            return Err(Stop);
        };
        let span = self.place.span(token.start.pos, token.end);
        match self.named.get(&token.text).copied() {
            Some(target) if self.open.contains(&target) => {
                let id = self.add(span, NULL, None)?;
                let message = format!("the value of `&{}` contains itself", token.text);
                let problem = format!("anchor '{}' value contains itself", token.text);
                self.refuse(id, true, message, &problem);
                Ok(id)
            }
            Some(target) => {
                let id = self.add(span, NodeKind::Alias, None)?;
                self.arena.set_target(target);
                Ok(id)
            }
            None => {
                self.unknown_anchor = Some(token);
                Err(Stop)
            }
        }
    }

    /// Makes an empty collection that starts at `at`.
    fn collection(&mut self, at: Mark, kind: NodeKind, properties: Given<'a>) -> Parsed {
        if self.open.len() >= self.limits.depth {
            self.trouble = Some(Trouble {
                problem: "nested too deeply",
                at,
                context: at,
                source: Noticed::Limit,
            });
            return Err(Stop);
        }
        let (tag, anchor) = match properties {
            Some(properties) => (properties.tag, properties.anchor),
            None => (None, None),
        };
        let id = self.add(self.place.span(at.pos, at.pos), kind, tag)?;
        self.name(id, anchor);
        Ok(id)
    }

    /// Fills a collection.
    fn filled(&mut self, id: NodeId, fill: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Parsed {
        let (items, entries) = (self.items.len(), self.entries.len());
        self.open.push(id);
        fill(self)?;
        self.open.pop();
        let (items, entries) = (self.items.drain(items..), self.entries.drain(entries..));
        let end = self.place.span(self.last_end, self.last_end).end();
        self.arena.fill(id, end, items, entries);
        Ok(id)
    }
}
