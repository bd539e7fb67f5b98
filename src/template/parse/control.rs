//! Lists of nodes and the actions that control them: `if`, `with`, `range`, `template`, `block`.

use std::mem;

use super::super::ast::{Action, Branch, Jump, List, Node, Pipe, TemplateCall};
use super::lex::{Kind, Token};
use super::{DEPTH, Ending, Item, Parser, Stop, Tree};
use crate::golang::quote::unquote;
use crate::source::Span;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    With,
    Range,
}

impl Control {
    fn keyword(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::With => "with",
            Self::Range => "range",
        }
    }
}

impl Parser<'_> {
    /// Nodes up to `{{ end }}` or `{{ else }}`. The end of the text is blamed on `opening`.
    pub(super) fn list(&mut self, opening: Span, list: &mut List) -> Ending {
        loop {
            let first = self.peek_non_space();
            if first.kind == Kind::Eof {
                self.report(opening, "unexpected EOF");
                self.place_comments(list, self.text.len());
                return Ending::Eof;
            }
            match self.text_or_action() {
                Ok(Item::Node(node)) => self.place(list, node, first.start),
                Ok(Item::Nothing) => {}
                Ok(Item::Ending(ending)) => {
                    self.place_comments(list, first.start);
                    return ending;
                }
                Err(Stop) => self.recover(),
            }
        }
    }

    pub(super) fn text_or_action(&mut self) -> Result<Item, Stop> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(self.token_span(token)))),
            Kind::LeftDelim => {
                self.tree.action_line = self.lines.line(token.start);
                let item = self.action(token);
                self.tree.action_line = 0;
                item
            }
            _ => self.unexpected(token, "input"),
        }
    }

    fn action(&mut self, delim: Token) -> Result<Item, Stop> {
        let word = self.next_non_space();
        let open = delim.start;
        let node = match word.kind {
            Kind::If => self.control(Control::If, open, word)?,
            Kind::With => self.control(Control::With, open, word)?,
            Kind::Range => self.control(Control::Range, open, word)?,
            Kind::Block => self.block(open, word)?,
            Kind::Template => self.template(open)?,
            Kind::Break => Node::Break(self.jump(open, word, "{{break}}")?),
            Kind::Continue => Node::Continue(self.jump(open, word, "{{continue}}")?),
            Kind::End => {
                if self.expect(Kind::RightDelim, "end").is_err() {
                    self.recover();
                }
                return Ok(Item::Ending(Ending::End(open)));
            }
            Kind::Else => {
                self.else_action();
                return Ok(Item::Ending(Ending::Else(open)));
            }
            Kind::Define => {
                // Go stops here. Reading it as what it is finds its `{{ end }}`.
                self.report(self.token_span(word), "unexpected <define> in command");
                self.definition(delim, word);
                return Ok(Item::Nothing);
            }
            _ => {
                self.backup();
                let pos = self.peek().start;
                let (pipe, _) = self.pipeline("command", Kind::RightDelim)?;
                Node::Action(Action {
                    span: self.span(open, self.closed),
                    pos,
                    pipe,
                })
            }
        };
        Ok(Item::Node(node))
    }

    /// `else`; of `else if` and `else with`, the second word is left to be read.
    fn else_action(&mut self) {
        let next = self.peek_non_space();
        if matches!(next.kind, Kind::If | Kind::With) {
            return;
        }
        if self.expect(Kind::RightDelim, "else").is_err() {
            self.recover();
        }
    }

    fn jump(&mut self, open: usize, word: Token, shown: &str) -> Result<Jump, Stop> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelim {
            return self.unexpected(token, shown);
        }
        let span = self.span(open, self.closed);
        if self.tree.range_depth == 0 {
            self.report(span, &format!("{shown} outside {{{{range}}}}"));
        }
        Ok(Jump {
            span,
            pos: word.start,
        })
    }

    fn control(&mut self, control: Control, open: usize, word: Token) -> Result<Node, Stop> {
        if !self.descend(word, DEPTH) {
            return Err(Stop);
        }
        let (scope, since) = (self.tree.vars.len(), self.tree.assigned.len());
        let pipe = match self.pipeline(control.keyword(), Kind::RightDelim) {
            Ok((pipe, _)) => pipe,
            Err(Stop) => {
                self.recover();
                self.no_pipe(word)
            }
        };
        let span = self.span(open, self.closed);
        let loops = usize::from(control == Control::Range);
        self.tree.range_depth += loops;
        let mut list = List::default();
        let ending = self.list(span, &mut list);
        self.tree.range_depth -= loops;
        let else_list = match ending {
            Ending::Else(at) => Some(self.else_list(control, span, at)),
            Ending::End(_) | Ending::Eof => None,
        };
        let assigns = self.leave(scope, since);
        self.depth -= 1;
        let branch = Branch {
            span,
            whole: self.span(open, self.closed.max(span.end())),
            pos: pipe.pos,
            pipe,
            list,
            else_list,
            assigns,
        };
        Ok(match control {
            Control::If => Node::If(branch),
            Control::With => Node::With(branch),
            Control::Range => Node::Range(branch),
        })
    }

    /// What follows `{{ else`, up to the `{{ end }}`.
    fn else_list(&mut self, control: Control, opening: Span, at: usize) -> List {
        let mut list = List::default();
        let next = self.peek();
        let chained = control == Control::If && next.kind == Kind::If
            || control == Control::With && next.kind == Kind::With;
        if chained {
            let word = self.next();
            if let Ok(node) = self.control(control, at, word) {
                list.nodes.push(node);
            }
            return list;
        }
        loop {
            match self.list(opening, &mut list) {
                Ending::End(_) | Ending::Eof => return list,
                ending @ Ending::Else(_) => self.misplaced(ending, "expected end; found", ""),
            }
        }
    }

    /// Where a pipeline did not parse.
    fn no_pipe(&self, at: Token) -> Pipe {
        Pipe {
            span: self.token_span(at),
            pos: at.start,
            is_assign: false,
            decl: Vec::new(),
            cmds: Vec::new(),
        }
    }

    /// Ends a scope: its variables are gone, and of the assignments since `since` those to
    /// variables from outside remain. Gives the names of these.
    fn leave(&mut self, scope: usize, since: usize) -> Vec<String> {
        self.tree.vars.truncate(scope);
        let within = self.tree.assigned.split_off(since);
        let outer = within.into_iter().filter(|(variable, _)| *variable < scope);
        self.tree.assigned.extend(outer);
        let outer = self.tree.assigned.iter().skip(since);
        let mut names: Vec<String> = outer.map(|(_, name)| name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn template(&mut self, open: usize) -> Result<Node, Stop> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = if self.next_non_space().kind == Kind::RightDelim {
            None
        } else {
            self.backup();
            Some(self.pipeline(CONTEXT, Kind::RightDelim)?.0)
        };
        Ok(Node::Template(TemplateCall {
            span: self.span(open, self.closed),
            pos: token.start,
            name,
            name_span: self.token_span(token),
            pipe,
        }))
    }

    /// `{{ block "name" pipeline }} … {{ end }}`: a definition and its call.
    fn block(&mut self, open: usize, word: Token) -> Result<Node, Stop> {
        const CONTEXT: &str = "block clause";
        if !self.descend(word, DEPTH) {
            return Err(Stop);
        }
        let token = self.next_non_space();
        let opened = self.template_name(token, CONTEXT).and_then(|name| {
            let (pipe, _) = self.pipeline(CONTEXT, Kind::RightDelim)?;
            Ok((name, pipe))
        });
        if opened.is_err() {
            self.recover();
        }
        let (start, line) = (self.closed, self.lines.line(self.tree.tokens[0].start));
        let span = self.span(open, start);
        let outer = mem::replace(&mut self.tree, Tree::new());
        let (body, end) = self.body(span, |parser, ending| {
            // Go blames the line of the opening action here.
            let Ending::Else(at) = ending else { return };
            let blamed = parser.span(at, parser.closed.max(at + 2));
            parser.report_line(blamed, line, "unexpected {{else}} in block clause");
            if parser.lexer.is_inside() {
                parser.failed_at = parser.tree.tokens[0].start;
                parser.recover();
            }
        });
        let name_span = self.token_span(token);
        if let Ok((name, _)) = &opened {
            self.add(name.clone(), name_span, body, self.span(start, end));
        }
        self.tree = outer;
        self.depth -= 1;
        let Ok((name, pipe)) = opened else {
            // The error is filed and everything up to `{{ end }}` is read: an empty call remains.
            return Ok(Node::Text(self.span(open, open)));
        };
        Ok(Node::Template(TemplateCall {
            span,
            pos: token.start,
            name,
            name_span,
            pipe: Some(pipe),
        }))
    }

    pub(super) fn template_name(&mut self, token: Token, context: &str) -> Result<String, Stop> {
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return self.unexpected(token, context);
        }
        let literal = self.bytes(token);
        let name = unquote(literal);
        let name = name.as_deref().map(String::from_utf8_lossy);
        match name.map(std::borrow::Cow::into_owned) {
            Some(name) => Ok(name),
            None => {
                self.report(self.token_span(token), "invalid syntax");
                Ok(self.string(token))
            }
        }
    }
}
