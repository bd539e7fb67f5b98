//! The parser of Go's templates (1.27): it accepts what Go accepts and says what Go says.
//!
//! Unlike Go's it goes on behind an error, at the next action, so that one run shows them all and
//! the rest of the tree can still be read. The first error is Go's own; those after it are as good
//! as the recovery.

mod control;
mod errors;
mod lex;
mod number;
mod pipeline;
pub mod print;
#[cfg(test)]
mod tests;
mod token;

use std::cell::OnceCell;
use std::mem;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ast::{Altered, Command, Expr, List, Node, Part, Template, Variable};
use super::funcs::Callee;
use crate::golang::quote::quote;
use crate::golang::unicode::{decode_rune, is_space};
use crate::source::{FileId, LineIndex, Span};
use lex::Lexer;
use token::{Kind, Token};

/// How deep blocks, `else if` chains and parentheses may nest, all together. The deepest template
/// of the public charts nests below 30; every reader of the tree recurses as deep.
pub const MAX_DEPTH: usize = 500;

/// A text, parsed.
#[derive(Debug)]
pub struct Parsed {
    /// The text itself first, then what it defines, in order; each name once. An empty body does
    /// not displace another one of the same name.
    pub templates: Vec<Template>,
    /// What is wrong. Where this is not empty, the trees have gaps: a pipeline that did not parse
    /// has no commands.
    pub errors: Vec<ParseError>,
}

/// A text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The bytes to blame. For a missing `{{ end }}`: the action that it is missing for.
    pub span: Span,
    /// The line that Go names, from 1.
    pub line: usize,
    /// Go's message: `template: NAME:LINE: unexpected "}" in operand`.
    pub message: String,
    /// The message as Helm 4.3 prints it: `parse error at (NAME:LINE): unexpected "}" in operand`.
    pub core: String,
}

/// What names call in a template, where they call anything.
type Callees<'a> = &'a dyn Fn(&str) -> Option<Callee>;

/// Parses `text`, which is called `name` in messages and in the tree.
#[must_use]
pub fn parse(name: &str, file: FileId, text: &[u8], callee: Callees<'_>) -> Parsed {
    let mut parser = Parser {
        name,
        file,
        text,
        utf8: std::str::from_utf8(text).ok(),
        callee,
        lexer: Lexer::new(text),
        lines: OnceCell::new(),
        tree: Tree::new(),
        templates: Vec::new(),
        names: FxHashMap::default(),
        errors: Vec::new(),
        nodes: Vec::new(),
        declared: Vec::new(),
        commands: Vec::new(),
        operands: Vec::new(),
        parts: Vec::new(),
        comments: 0,
        closed: 0,
        failed_at: 0,
        depth: 0,
        gave_up: false,
    };
    parser.file();
    Parsed {
        templates: parser.templates,
        errors: parser.errors,
    }
}

/// An action could not be read to its end. The error is filed already.
#[derive(Debug, Clone, Copy)]
struct Stop;

/// What is known about a template while it is parsed. Go has one of these for each `define`.
struct Tree {
    /// The last three tokens, and one more that makes an index simple; the first one is the newest.
    tokens: [Token; 4],
    /// How many of them are to be read again.
    peeked: usize,
    /// The variables in scope.
    vars: Vec<Var>,
    /// The assignments (`=`) so far: which variable, by its place in `vars`, and its name.
    assigned: Vec<(usize, SmolStr)>,
    /// The calls so far that change the map a variable holds, likewise.
    changed: Vec<(usize, SmolStr)>,
    /// The calls so far that change a map in one that a variable or `.` holds, likewise.
    altered: Vec<(Option<usize>, Altered)>,
    /// Where the `{{` of the action is that is being read.
    action: Option<usize>,
    /// How many `range` are open.
    range_depth: usize,
    /// The jumps so far, without those of loops that are closed.
    jumps: usize,
}

struct Var {
    name: SmolStr,
    declared: bool,
}

impl Tree {
    fn new() -> Self {
        let none = Token::new(Kind::Eof, 0, 0);
        Self {
            tokens: [none; 4],
            peeked: 0,
            vars: vec![Var {
                name: SmolStr::new_static("$"),
                declared: true,
            }],
            assigned: Vec::new(),
            altered: Vec::new(),
            changed: Vec::new(),
            action: None,
            range_depth: 0,
            jumps: 0,
        }
    }
}

/// How a list of nodes ended, each with the offset of the `{{`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    End(usize),
    Else(usize),
    Eof,
}

struct Parser<'a> {
    name: &'a str,
    file: FileId,
    text: &'a [u8],
    /// The same, where it is UTF-8.
    utf8: Option<&'a str>,
    callee: Callees<'a>,
    lexer: Lexer<'a>,
    /// Made for the first error.
    lines: OnceCell<LineIndex>,
    tree: Tree,
    templates: Vec<Template>,
    /// Where in `templates` each name is.
    names: FxHashMap<SmolStr, usize>,
    errors: Vec<ParseError>,
    /// The nodes of the lists under way, the variables and commands of the pipelines, the operands
    /// of the commands and the fields of the operand: they are many and mostly short, and take no
    /// more memory than they need.
    nodes: Vec<Node>,
    declared: Vec<Variable>,
    commands: Vec<Command>,
    operands: Vec<Expr>,
    parts: Vec<Part>,
    /// How many of the lexer's comments have their place in a list.
    comments: usize,
    /// Behind the last `}}` that was read.
    closed: usize,
    /// The token where the last [`Stop`] came from.
    failed_at: usize,
    depth: usize,
    /// Over a limit: nothing more is read or told.
    gave_up: bool,
}

/// Reading tokens.
impl Parser<'_> {
    #[inline]
    fn next(&mut self) -> Token {
        let token = match self.tree.peeked {
            0 => self.newest(),
            ahead => {
                self.tree.peeked = ahead - 1;
                self.tree.tokens[(ahead - 1) & 3]
            }
        };
        if token.kind == Kind::RightDelim {
            self.closed = token.end();
        }
        token
    }

    /// Reads one more token.
    fn newest(&mut self) -> Token {
        let token = self.lexer.next_token();
        self.tree.tokens[0] = token;
        token
    }

    fn backup(&mut self) {
        self.tree.peeked += 1;
    }

    /// Puts `earlier` back before the newest token.
    fn backup2(&mut self, earlier: Token) {
        self.tree.tokens[1] = earlier;
        self.tree.peeked = 2;
    }

    /// Puts `first` and `second` back before the newest token.
    fn backup3(&mut self, first: Token, second: Token) {
        self.tree.tokens[1] = second;
        self.tree.tokens[2] = first;
        self.tree.peeked = 3;
    }

    #[inline]
    fn peek(&mut self) -> Token {
        match self.tree.peeked {
            0 => {
                self.tree.peeked = 1;
                self.newest()
            }
            ahead => self.tree.tokens[(ahead - 1) & 3],
        }
    }

    /// Steps over white space that no token was made of yet.
    fn skip_space(&mut self) {
        if self.tree.peeked == 0 {
            self.lexer.skip_space();
        }
    }

    fn next_non_space(&mut self) -> Token {
        self.skip_space();
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        self.skip_space();
        loop {
            let token = self.peek();
            if token.kind != Kind::Space {
                return token;
            }
            self.tree.peeked -= 1;
        }
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Token, Stop> {
        let token = self.next_non_space();
        match token.kind == kind {
            true => Ok(token),
            false => self.unexpected(token, context),
        }
    }

    fn bytes(&self, token: Token) -> &[u8] {
        self.text
            .get(token.start()..token.end())
            .unwrap_or_default()
    }

    fn name_of(&self, token: Token) -> SmolStr {
        let text = self
            .utf8
            .and_then(|text| text.get(token.start()..token.end()));
        text.map_or_else(|| self.string(token).into(), SmolStr::new)
    }

    fn string(&self, token: Token) -> String {
        String::from_utf8_lossy(self.bytes(token)).into_owned()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn token_span(&self, token: Token) -> Span {
        self.span(token.start(), token.end())
    }
}

/// Templates.
impl Parser<'_> {
    fn file(&mut self) {
        loop {
            let first = self.peek();
            match first.kind {
                Kind::Eof => break,
                Kind::LeftDelim => {
                    let delim = self.next();
                    let word = self.next_non_space();
                    if word.kind == Kind::Define {
                        self.place_comments(delim.start());
                        self.definition(delim, word);
                        continue;
                    }
                    self.backup2(delim);
                }
                _ => {}
            }
            match self.text_or_action() {
                Ok(None) => {}
                Ok(Some(ending)) => self.misplaced(ending, "unexpected", ""),
                Err(Stop) => self.recover(),
            }
        }
        let end = self.text.len();
        self.place_comments(end);
        let body = self.list_from(0);
        let (name, start) = (SmolStr::new(self.name), self.span(0, 0));
        self.add(name, start, body, self.span(0, end));
        if let Some(at) = self.names.get(self.name).copied() {
            let file = self.templates.remove(at);
            self.templates.insert(0, file);
        }
    }

    /// An `{{ end }}` or `{{ else }}` where there is nothing to end.
    fn misplaced(&mut self, ending: Ending, before: &str, after: &str) {
        let (open, shown) = match ending {
            Ending::End(open) => (open, "{{end}}"),
            Ending::Else(open) => (open, "{{else}}"),
            Ending::Eof => return,
        };
        // Where more than the keyword is wrong with the action, that is told already.
        let is_told = self
            .errors
            .last()
            .is_some_and(|last| last.span.start() > open);
        if !is_told {
            let span = self.ending_span(open);
            self.report(span, &format!("{before} {shown}{after}"));
        }
        if self.lexer.is_inside() {
            // `else if`: its condition belongs to nothing either.
            self.failed_at = self.tree.tokens[0].start();
            self.recover();
        }
    }

    /// From `{{` to `}}`, or up to the `if` of an `else if`.
    fn ending_span(&self, open: usize) -> Span {
        match self.closed > open {
            true => self.span(open, self.closed),
            false => self.span(open, self.tree.tokens[0].end()),
        }
    }

    /// Go's `Tree.add`: a name is defined once, empty bodies aside.
    fn add(&mut self, name: SmolStr, name_span: Span, body: List, span: Span) {
        let empty = is_empty_list(&body, self.text);
        let template = Template {
            name,
            parse_name: self.name.to_owned(),
            body,
            span,
            empty,
        };
        let before = self.names.get(&template.name);
        match before.and_then(|at| self.templates.get_mut(*at)) {
            None => {
                let at = self.templates.len();
                self.names.insert(template.name.clone(), at);
                self.templates.push(template);
            }
            Some(before) if before.empty => *before = template,
            Some(_) if empty => {}
            Some(_) => {
                let name = quote(template.name.as_bytes());
                let text = format!("template: multiple definition of template {name}");
                self.report(name_span, &text);
            }
        }
    }

    /// `{{ define "name" }} … {{ end }}`, of which the keyword is read.
    fn definition(&mut self, delim: Token, word: Token) {
        if !self.descend(word, DEPTH) {
            return;
        }
        let outer = mem::replace(&mut self.tree, Tree::new());
        let name = self.definition_name();
        if name.is_err() {
            self.recover();
        }
        let start = self.closed;
        let opening = self.span(delim.start(), start);
        let (body, end) = self.body(opening, |parser, ending| {
            parser.misplaced(ending, "unexpected", " in define clause");
        });
        if let Ok((name, span)) = name {
            self.add(name, span, body, self.span(start, end));
        }
        self.tree = outer;
        self.depth -= 1;
    }

    fn definition_name(&mut self) -> Result<(SmolStr, Span), Stop> {
        const CONTEXT: &str = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        Ok((name, self.token_span(token)))
    }

    /// Nodes up to `{{ end }}`, and the offset of its `{{`. What to say of an `else` is given.
    fn body(&mut self, opening: Span, misplaced: impl Fn(&mut Self, Ending)) -> (List, usize) {
        let first = self.nodes.len();
        loop {
            let end = match self.list(opening) {
                Ending::End(open) => open,
                Ending::Eof => self.text.len(),
                ending => {
                    misplaced(self, ending);
                    continue;
                }
            };
            return (self.list_from(first), end);
        }
    }

    /// The nodes of the list under way, which begins with the one of that number.
    fn list_from(&mut self, first: usize) -> List {
        List {
            nodes: taken(&mut self.nodes, first),
        }
    }

    /// Comments give no token; they go where the next node, or the end of the list, stands.
    fn place_comments(&mut self, before: usize) {
        while let Some(&(start, end)) = self.lexer.comments().get(self.comments)
            && start < before
        {
            let span = self.span(start, end);
            self.nodes.push(Node::Comment(span));
            self.comments += 1;
        }
    }
}

/// Takes what stands in a row from `at` on, in no more room than it needs.
fn taken<T>(row: &mut Vec<T>, at: usize) -> Box<[T]> {
    if at >= row.len() {
        return Box::default();
    }
    if at > 0 {
        return row.split_off(at).into_boxed_slice();
    }
    let mut taken = Vec::with_capacity(row.len());
    taken.append(row);
    taken.into_boxed_slice()
}

/// What is said of too many levels.
const DEPTH: &str = "exceeded the depth of 500 nested blocks";

fn is_empty_list(list: &List, text: &[u8]) -> bool {
    list.nodes.iter().all(|node| match node {
        Node::Comment(_) => true,
        Node::Text(span) => {
            let mut rest = text.get(span.start()..span.end()).unwrap_or_default();
            while !rest.is_empty() {
                let (rune, width) = decode_rune(rest);
                if !is_space(rune) {
                    return false;
                }
                rest = rest.get(width..).unwrap_or_default();
            }
            true
        }
        _ => false,
    })
}
