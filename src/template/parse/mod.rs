//! The parser of Go's `text/template/parse`: text to trees with spans, with Go's own messages.
//!
//! A text that does not parse still gives the templates that were complete before the error.

mod lexer;
mod number;
mod operand;
pub mod print;

use crate::golang::quote;
use crate::source::{FileId, Span};

use super::ast::{Action, Branch, Jump, List, Node, Pipe, Template, TemplateCall};
use lexer::{Kind, Token};

/// What a text holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The text itself, then what it defines, in the order in which the definitions end. Without
    /// the text itself where it did not parse.
    pub templates: Vec<Template>,
    /// Why it did not parse: the first error, as Go stops there.
    pub errors: Vec<ParseError>,
}

/// Why a text did not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The bytes to blame.
    pub span: Span,
    /// The file's name and Go's line, from 1: `c/templates/a.yaml:3`.
    pub location: String,
    /// Go's whole message: `template: NAME:LINE: unexpected "}" in operand`.
    pub message: String,
    /// Its last segment, which is what Helm shows.
    pub core: String,
}

impl ParseError {
    /// Helm 4.3's message (`cleanupParseError`).
    #[must_use]
    pub fn helm_message(&self) -> String {
        format!("parse error at ({}): {}", self.location, self.core)
    }
}

/// Parentheses nest no deeper; Go allows 10,000, which no chart comes near.
const MAX_PARENS: usize = 500;
/// Blocks nest no deeper.
const MAX_BLOCKS: usize = 500;

/// Parses the text of `file` under `name`, as Go's `template.New(name).Parse(text)` with Helm's
/// functions, which `is_function` knows.
pub fn parse(
    name: &str,
    file: FileId,
    text: &[u8],
    is_function: &dyn Fn(&str) -> bool,
) -> Parsed {
    let mut parser = Parser {
        name,
        file,
        text,
        is_function,
        tokens: lexer::lex(text),
        at: 0,
        vars: vec!["$".to_owned()],
        assigns: Vec::new(),
        range_depth: 0,
        depth: 0,
        parens: 0,
        action_line: 0,
        done: Vec::new(),
    };
    match parser.file() {
        Ok(body) => {
            let root = Template {
                name: name.to_owned(),
                parse_name: name.to_owned(),
                body,
                span: Span::new(file, 0, text.len()),
            };
            let result = parser.add(root);
            let mut templates = std::mem::take(&mut parser.done);
            if let Some(at) = templates.iter().position(|template| template.name == name) {
                let root = templates.remove(at);
                templates.insert(0, root);
            }
            Parsed {
                templates,
                errors: result.err().into_iter().map(|error| *error).collect(),
            }
        }
        Err(error) => Parsed {
            templates: std::mem::take(&mut parser.done),
            errors: vec![*error],
        },
    }
}

type Wrong = Box<ParseError>;

struct Parser<'t> {
    name: &'t str,
    file: FileId,
    text: &'t [u8],
    is_function: &'t dyn Fn(&str) -> bool,
    tokens: Vec<Token>,
    at: usize,
    vars: Vec<String>,
    /// What was assigned since the outermost branch began.
    assigns: Vec<String>,
    range_depth: usize,
    depth: usize,
    parens: usize,
    action_line: usize,
    done: Vec<Template>,
}

/// A node, or the word that ends a list of them.
enum Item {
    Node(Node),
    End(Token),
    Else(Token),
}

/// The rest of a control after its pipeline.
struct Control {
    pipe: Pipe,
    list: List,
    else_list: Option<List>,
    end: usize,
    assigns: Vec<String>,
}

impl Parser<'_> {
    fn token(&self, at: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[at.min(last)]
    }

    fn next(&mut self) -> Token {
        let token = self.token(self.at).clone();
        self.at = (self.at + 1).min(self.tokens.len());
        token
    }

    fn peek(&self) -> &Token {
        self.token(self.at)
    }

    fn backup(&mut self) {
        self.at -= 1;
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> &Token {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
        self.peek()
    }

    fn bytes(&self, token: &Token) -> &[u8] {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    fn word(&self, token: &Token) -> String {
        String::from_utf8_lossy(self.bytes(token)).into_owned()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// An error at a token: Go counts the line of the token that it read last.
    fn error<T>(&self, at: &Token, text: &str) -> Result<T, Wrong> {
        let line = self.token(self.at.saturating_sub(1)).line;
        self.error_in(at.start, at.end, line, text)
    }

    fn error_in<T>(&self, start: usize, end: usize, line: usize, text: &str) -> Result<T, Wrong> {
        let location = format!("{}:{line}", self.name);
        let message = format!("template: {location}: {text}");
        let core = message.rsplit(": ").next().unwrap_or_default().to_owned();
        Err(Box::new(ParseError {
            span: self.span(start, end),
            location,
            message,
            core,
        }))
    }

    /// Go's printing of a token.
    fn shown(&self, token: &Token) -> String {
        if token.kind == Kind::Eof {
            return "EOF".to_owned();
        }
        let bytes = self.bytes(token);
        if token.kind.is_keyword() {
            return format!("<{}>", String::from_utf8_lossy(bytes));
        }
        if bytes.len() <= 10 {
            return quote::quote(bytes);
        }
        // Go's `%.10q` cuts to ten runes.
        let kept = crate::golang::unicode::runes(bytes)
            .take(10)
            .last()
            .map_or(0, |(at, _, width)| at + width);
        format!("{}...", quote::quote(bytes.get(..kept).unwrap_or_default()))
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Result<T, Wrong> {
        if token.kind != Kind::Error {
            let text = format!("unexpected {} in {context}", self.shown(token));
            return self.error(token, &text);
        }
        let mut extra = String::new();
        if self.action_line != 0 && self.action_line != token.line {
            extra = format!(" in action started at {}:{}", self.name, self.action_line);
            if token.error.ends_with(" action") {
                extra = extra.replacen(" in action", "", 1);
            }
        }
        self.error(token, &format!("{}{extra}", token.error))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Token, Wrong> {
        let token = self.next_non_space();
        if token.kind == kind {
            return Ok(token);
        }
        self.unexpected(&token, context)
    }

    /// Files a template that is complete (Go's `Tree.add`).
    fn add(&mut self, template: Template) -> Result<(), Wrong> {
        let known = self.done.iter().position(|other| other.name == template.name);
        match known {
            Some(at) if self.done[at].is_empty_tree() => self.done[at] = template,
            None => self.done.push(template),
            Some(_) if template.is_empty_tree() => {}
            Some(_) => {
                let name = quote::quote(template.name.as_bytes());
                let text = format!("template: multiple definition of template {name}");
                let token = self.token(self.at.saturating_sub(1)).clone();
                return self.error(&token, &text);
            }
        }
        Ok(())
    }

    /// The whole text: nodes, and definitions among them.
    fn file(&mut self) -> Result<List, Wrong> {
        let mut list = new_list();
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelim {
                let back = self.at;
                self.next();
                if self.next_non_space().kind == Kind::Define {
                    self.definition()?;
                    continue;
                }
                self.at = back;
            }
            match self.item()? {
                Item::Node(node) => push(&mut list, node, self.text),
                Item::End(token) => return self.error(&token, "unexpected {{end}}"),
                Item::Else(token) => return self.error(&token, "unexpected {{else}}"),
            }
        }
        Ok(list)
    }

    fn definition(&mut self) -> Result<(), Wrong> {
        const CONTEXT: &str = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        let (body, span) = self.body(CONTEXT)?;
        self.add(Template {
            name,
            parse_name: self.name.to_owned(),
            body,
            span,
        })
    }

    /// The body of a `define` or `block`, with variables of its own.
    fn body(&mut self, context: &str) -> Result<(List, Span), Wrong> {
        let vars = std::mem::replace(&mut self.vars, vec!["$".to_owned()]);
        let assigns = std::mem::take(&mut self.assigns);
        let range_depth = std::mem::replace(&mut self.range_depth, 0);
        let start = self.peek_non_space().start;
        let (list, end) = self.list()?;
        self.vars = vars;
        self.assigns = assigns;
        self.range_depth = range_depth;
        match end {
            Item::End(token) => Ok((list, self.span(start, token.start))),
            Item::Else(token) => {
                self.error(&token, &format!("unexpected {{{{else}}}} in {context}"))
            }
            Item::Node(_) => Ok((list, self.span(start, start))),
        }
    }

    /// Nodes up to an `end` or `else`.
    fn list(&mut self) -> Result<(List, Item), Wrong> {
        if self.depth >= MAX_BLOCKS {
            let token = self.peek().clone();
            return self.error(&token, "blocks nest too deep");
        }
        self.depth += 1;
        let mut list = new_list();
        while self.peek_non_space().kind != Kind::Eof {
            match self.item()? {
                Item::Node(node) => push(&mut list, node, self.text),
                end => {
                    self.depth -= 1;
                    return Ok((list, end));
                }
            }
        }
        let token = self.next();
        self.error(&token, "unexpected EOF")
    }

    fn item(&mut self) -> Result<Item, Wrong> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(self.span(token.start, token.end)))),
            Kind::Comment => Ok(Item::Node(Node::Comment(self.span(token.start, token.end)))),
            Kind::LeftDelim => {
                self.action_line = token.line;
                let item = self.action(&token);
                if item.is_ok() {
                    self.action_line = 0;
                }
                item
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self, delim: &Token) -> Result<Item, Wrong> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Block => return self.block(delim),
            Kind::Break | Kind::Continue => return self.jump(delim, &token),
            Kind::Else => {
                let next = self.peek_non_space().clone();
                if matches!(next.kind, Kind::If | Kind::With) {
                    return Ok(Item::Else(next));
                }
                self.expect(Kind::RightDelim, "else")?;
                return Ok(Item::Else(delim.clone()));
            }
            Kind::End => {
                let end = self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::End(Token {
                    start: delim.start,
                    end: end.end,
                    ..token
                }));
            }
            Kind::If => return Ok(Item::Node(Node::If(self.branch("if", delim)?))),
            Kind::Range => return Ok(Item::Node(Node::Range(self.branch("range", delim)?))),
            Kind::With => return Ok(Item::Node(Node::With(self.branch("with", delim)?))),
            Kind::Template => return self.template(delim),
            _ => {}
        }
        self.backup();
        let pos = self.peek().start;
        let pipe = self.pipeline("command", Kind::RightDelim)?;
        Ok(Item::Node(Node::Action(Action {
            span: self.since(delim),
            pos,
            pipe,
        })))
    }

    /// From an opening delimiter to the end of what was read.
    fn since(&self, delim: &Token) -> Span {
        self.span(delim.start, self.token(self.at - 1).end)
    }

    fn jump(&mut self, delim: &Token, word: &Token) -> Result<Item, Wrong> {
        let name = self.word(word);
        let token = self.next_non_space();
        if token.kind != Kind::RightDelim {
            return self.unexpected(&token, &format!("{{{{{name}}}}}"));
        }
        if self.range_depth == 0 {
            return self.error(word, &format!("{{{{{name}}}}} outside {{{{range}}}}"));
        }
        let jump = Jump {
            span: self.since(delim),
            pos: word.start,
        };
        Ok(Item::Node(match word.kind {
            Kind::Break => Node::Break(jump),
            _ => Node::Continue(jump),
        }))
    }

    /// `if`, `with`, `range`, from behind the word.
    fn branch(&mut self, context: &str, delim: &Token) -> Result<Branch, Wrong> {
        let before = std::mem::take(&mut self.assigns);
        let vars = self.vars.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let span = self.since(delim);
        let control = self.control(context, pipe)?;
        self.vars.truncate(vars);
        self.assigns = before;
        for name in &control.assigns {
            if !self.assigns.contains(name) {
                self.assigns.push(name.clone());
            }
        }
        Ok(Branch {
            span,
            whole: self.span(delim.start, control.end),
            pos: control.pipe.pos,
            pipe: control.pipe,
            list: control.list,
            else_list: control.else_list,
            assigns: control.assigns,
        })
    }

    fn control(&mut self, context: &str, pipe: Pipe) -> Result<Control, Wrong> {
        let is_range = context == "range";
        self.range_depth += usize::from(is_range);
        let (list, next) = self.list()?;
        self.range_depth -= usize::from(is_range);
        let mut else_list = None;
        let end = match next {
            Item::End(token) => token.end,
            Item::Else(token) => {
                let follows = self.peek().kind;
                let is_chain = matches!(
                    (context, token.kind, follows),
                    ("if", Kind::If, Kind::If) | ("with", Kind::With, Kind::With)
                );
                if is_chain {
                    // `else if` is an `else` with an `if` alone in it, and one `end` for both.
                    if self.depth >= MAX_BLOCKS {
                        return self.error(&token, "blocks nest too deep");
                    }
                    self.depth += 1;
                    self.next();
                    let branch = self.branch(context, &token)?;
                    self.depth -= 1;
                    let end = branch.whole.end();
                    let mut list = new_list();
                    let node = match context {
                        "if" => Node::If(branch),
                        _ => Node::With(branch),
                    };
                    push(&mut list, node, self.text);
                    else_list = Some(list);
                    end
                } else {
                    let (list, next) = self.list()?;
                    else_list = Some(list);
                    match next {
                        Item::End(token) => token.end,
                        Item::Else(token) => {
                            return self.error(&token, "expected end; found {{else}}");
                        }
                        Item::Node(_) => 0,
                    }
                }
            }
            Item::Node(_) => 0,
        };
        Ok(Control {
            pipe,
            list,
            else_list,
            end,
            assigns: std::mem::take(&mut self.assigns),
        })
    }

    fn block(&mut self, delim: &Token) -> Result<Item, Wrong> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        let span = self.since(delim);
        let (body, body_span) = self.body(CONTEXT)?;
        self.add(Template {
            name: name.clone(),
            parse_name: self.name.to_owned(),
            body,
            span: body_span,
        })?;
        Ok(Item::Node(Node::Template(TemplateCall {
            span,
            pos: token.start,
            name,
            name_span: self.span(token.start, token.end),
            pipe: Some(pipe),
        })))
    }

    fn template(&mut self, delim: &Token) -> Result<Item, Wrong> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let mut pipe = None;
        if self.next_non_space().kind != Kind::RightDelim {
            self.backup();
            pipe = Some(self.pipeline(CONTEXT, Kind::RightDelim)?);
        }
        Ok(Item::Node(Node::Template(TemplateCall {
            span: self.since(delim),
            pos: token.start,
            name,
            name_span: self.span(token.start, token.end),
            pipe,
        })))
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Result<String, Wrong> {
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return self.unexpected(token, context);
        }
        match quote::unquote(self.bytes(token)) {
            Some(name) => Ok(String::from_utf8_lossy(&name).into_owned()),
            None => self.error(token, "invalid syntax"),
        }
    }
}

fn new_list() -> List {
    List {
        nodes: Vec::new(),
        is_empty_tree: true,
    }
}

fn push(list: &mut List, node: Node, text: &[u8]) {
    let is_empty = match &node {
        Node::Comment(_) => true,
        Node::Text(span) => {
            let text = text.get(span.start()..span.end()).unwrap_or_default();
            crate::golang::strings::trim_space(text).is_empty()
        }
        _ => false,
    };
    list.is_empty_tree &= is_empty;
    // Comments do nothing; Go's parser leaves them out.
    if !matches!(node, Node::Comment(_)) {
        list.nodes.push(node);
    }
}
