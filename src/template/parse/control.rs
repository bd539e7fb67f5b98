//! Lists of nodes and the actions that control them: `if`, `with`, `range`, `template`, `block`.

use std::mem;

use smol_str::SmolStr;

use super::super::ast::{Action, Altered, Branch, Jump, List, Node, Pipe, TemplateCall};
use super::token::{Kind, Token, offset};
use super::{DEPTH, Ending, Parser, Stop, Tree};
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

    /// The box keeps the branch off the stack of each level.
    fn node(self, branch: Box<Branch>) -> Node {
        match self {
            Self::If => Node::If(branch),
            Self::With => Node::With(branch),
            Self::Range => Node::Range(branch),
        }
    }
}

impl Parser<'_> {
    /// Nodes up to `{{ end }}` or `{{ else }}`. The end of the text is blamed on `opening`.
    pub(super) fn list(&mut self, opening: Span) -> Ending {
        loop {
            if self.peek_non_space().kind == Kind::Eof {
                self.report(opening, "unexpected EOF");
                self.place_comments(self.text.len());
                return Ending::Eof;
            }
            match self.text_or_action() {
                Ok(None) => {}
                Ok(Some(ending)) => return ending,
                Err(Stop) => self.recover(),
            }
        }
    }

    pub(super) fn text_or_action(&mut self) -> Result<Option<Ending>, Stop> {
        let token = self.next_non_space();
        self.place_comments(token.start());
        match token.kind {
            Kind::Text => {
                let span = self.token_span(token);
                self.nodes.push(Node::Text(span));
                Ok(None)
            }
            Kind::LeftDelim => {
                self.tree.action = Some(token.start());
                let ending = self.action(token);
                self.tree.action = None;
                ending
            }
            _ => self.unexpected(token, "input"),
        }
    }

    fn action(&mut self, delim: Token) -> Result<Option<Ending>, Stop> {
        let word = self.next_non_space();
        let open = delim.start();
        match word.kind {
            Kind::If => self.control(Control::If, open, word)?,
            Kind::With => self.control(Control::With, open, word)?,
            Kind::Range => self.control(Control::Range, open, word)?,
            Kind::Block => self.block(open, word)?,
            Kind::End => {
                if self.expect(Kind::RightDelim, "end").is_err() {
                    self.recover();
                }
                return Ok(Some(Ending::End(open)));
            }
            Kind::Else => {
                self.else_action();
                return Ok(Some(Ending::Else(open)));
            }
            Kind::Define => {
                // Go stops here. Reading it as what it is finds its `{{ end }}`.
                self.report(self.token_span(word), "unexpected <define> in command");
                self.definition(delim, word);
            }
            _ => {
                let node = self.plain_action(open, word)?;
                self.nodes.push(node);
            }
        }
        Ok(None)
    }

    /// An action without a body.
    fn plain_action(&mut self, open: usize, word: Token) -> Result<Node, Stop> {
        Ok(match word.kind {
            Kind::Template => self.template(open)?,
            Kind::Break => Node::Break(Box::new(self.jump(open, word, "{{break}}")?)),
            Kind::Continue => Node::Continue(Box::new(self.jump(open, word, "{{continue}}")?)),
            _ => {
                self.backup();
                let pos = offset(self.peek().start());
                let (pipe, _) = self.pipeline("command", Kind::RightDelim)?;
                Node::Action(Box::new(Action {
                    span: self.span(open, self.closed),
                    pos,
                    pipe,
                }))
            }
        })
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
        self.tree.jumps += 1;
        if self.tree.range_depth == 0 {
            self.report(span, &format!("{shown} outside {{{{range}}}}"));
        }
        Ok(Jump {
            span,
            pos: offset(word.start()),
        })
    }

    fn control(&mut self, control: Control, open: usize, word: Token) -> Result<(), Stop> {
        if !self.descend(word, DEPTH) {
            return Err(Stop);
        }
        let scope = self.tree.vars.len();
        let (assigned, changed) = (self.tree.assigned.len(), self.tree.changed.len());
        let altered = self.tree.altered.len();
        let mut branch = self.branch(control, open, word);
        let loops = usize::from(control == Control::Range);
        let jumps = self.tree.jumps;
        self.tree.range_depth += loops;
        let first = self.nodes.len();
        let ending = self.list(branch.span);
        branch.list = self.list_from(first);
        self.tree.range_depth -= loops;
        if loops > 0 {
            // Those in its body are its own.
            self.tree.jumps = jumps;
        }
        branch.body = self.between(branch.span.end(), ending);
        if let Ending::Else(at) = ending {
            branch.else_body = self.else_list(control, branch.span, at);
            branch.else_list = Some(self.list_from(first));
        }
        branch.whole = self.span(open, self.closed.max(branch.span.end()));
        self.tree.vars.truncate(scope);
        branch.assigns = outer(&mut self.tree.assigned, scope, assigned);
        branch.changes = outer(&mut self.tree.changed, scope, changed);
        branch.alters = self.outer_maps(control, scope, altered);
        branch.jumps = self.tree.jumps > jumps;
        self.depth -= 1;
        self.nodes.push(control.node(branch));
        Ok(())
    }

    /// The keys noted since then of maps that are known outside of the scope, too: `.` is another
    /// one within `with` and `range`.
    fn outer_maps(&mut self, control: Control, scope: usize, since: usize) -> Box<[Altered]> {
        if self.tree.altered.len() == since {
            return Box::default();
        }
        let within = self.tree.altered.split_off(since);
        let is_known = |variable: Option<usize>| match variable {
            Some(variable) => variable < scope,
            None => control == Control::If,
        };
        let within = within
            .into_iter()
            .filter(|(variable, _)| is_known(*variable));
        self.tree.altered.extend(within);
        let noted = self.tree.altered.iter().skip(since);
        let mut noted: Vec<Altered> = noted.map(|(_, altered)| altered.clone()).collect();
        noted.sort_unstable();
        noted.dedup();
        noted.into()
    }

    /// The opening action of `if`, `with` or `range`, of which the keyword is read.
    fn branch(&mut self, control: Control, open: usize, word: Token) -> Box<Branch> {
        let pipe = match self.pipeline(control.keyword(), Kind::RightDelim) {
            Ok((pipe, _)) => pipe,
            Err(Stop) => {
                self.recover();
                self.no_pipe(word)
            }
        };
        let span = self.span(open, self.closed);
        Box::new(Branch {
            span,
            whole: span,
            pos: pipe.pos,
            pipe,
            list: List::default(),
            body: span,
            else_list: None,
            else_body: None,
            assigns: Box::default(),
            changes: Box::default(),
            alters: Box::default(),
            jumps: false,
        })
    }

    /// From behind an action to where a list ended.
    fn between(&self, start: usize, ending: Ending) -> Span {
        let end = match ending {
            Ending::End(at) | Ending::Else(at) => at,
            Ending::Eof => self.text.len(),
        };
        self.span(start, end.max(start))
    }

    /// What follows `{{ else`, up to the `{{ end }}`. Gives its bytes, unless it is a chain.
    fn else_list(&mut self, control: Control, opening: Span, at: usize) -> Option<Span> {
        let next = self.peek();
        let chained = control == Control::If && next.kind == Kind::If
            || control == Control::With && next.kind == Kind::With;
        if chained {
            let word = self.next();
            // What fails here is the depth, and that ends everything.
            let _ = self.control(control, at, word);
            return None;
        }
        let start = self.closed;
        loop {
            let ending = self.list(opening);
            if !matches!(ending, Ending::Else(_)) {
                return Some(self.between(start, ending));
            }
            self.misplaced(ending, "expected end; found", "");
        }
    }

    /// Where a pipeline did not parse.
    fn no_pipe(&self, at: Token) -> Pipe {
        Pipe {
            span: self.token_span(at),
            pos: offset(at.start()),
            is_assign: false,
            decl: Box::default(),
            cmds: Box::default(),
        }
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
        Ok(Node::Template(Box::new(TemplateCall {
            span: self.span(open, self.closed),
            pos: offset(token.start()),
            name,
            name_span: self.token_span(token),
            pipe,
        })))
    }

    /// `{{ block "name" pipeline }} … {{ end }}`: a definition and its call.
    fn block(&mut self, open: usize, word: Token) -> Result<(), Stop> {
        if !self.descend(word, DEPTH) {
            return Err(Stop);
        }
        let call = self.block_call(open);
        if call.is_err() {
            self.recover();
        }
        let (start, opened) = (self.closed, self.tree.tokens[0].start());
        let span = self.span(open, start);
        let outer = mem::replace(&mut self.tree, Tree::new());
        let (body, end) = self.body(span, |parser, ending| {
            // Go blames the line of the opening action here.
            let Ending::Else(at) = ending else { return };
            let (blamed, line) = (parser.ending_span(at), parser.line(opened));
            parser.report_line(blamed, line, "unexpected {{else}} in block clause");
            if parser.lexer.is_inside() {
                parser.failed_at = parser.tree.tokens[0].start();
                parser.recover();
            }
        });
        if let Ok(call) = &call {
            let span = self.span(start, end);
            self.add(call.name.clone(), call.name_span, body, span);
        }
        self.tree = outer;
        self.depth -= 1;
        // Where it did not open, the error is filed, everything up to `{{ end }}` is read, and no
        // call remains.
        self.nodes.extend(call.map(Node::Template));
        Ok(())
    }

    /// The opening action of a block, of which the keyword is read: what is called in its place.
    fn block_call(&mut self, open: usize) -> Result<Box<TemplateCall>, Stop> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let (pipe, _) = self.pipeline(CONTEXT, Kind::RightDelim)?;
        Ok(Box::new(TemplateCall {
            span: self.span(open, self.closed),
            pos: offset(token.start()),
            name,
            name_span: self.token_span(token),
            pipe: Some(pipe),
        }))
    }

    pub(super) fn template_name(&mut self, token: Token, context: &str) -> Result<SmolStr, Stop> {
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return self.unexpected(token, context);
        }
        let literal = self.bytes(token);
        let name = unquote(literal);
        let name = name.as_deref().map(String::from_utf8_lossy);
        match name.map(SmolStr::new) {
            Some(name) => Ok(name),
            None => {
                self.report(self.token_span(token), "invalid syntax");
                Ok(self.string(token).into())
            }
        }
    }
}

/// Of what was noted of variables since `since`, what is about those outside of the scope that ends
/// remains. Gives their names.
fn outer(noted: &mut Vec<(usize, SmolStr)>, scope: usize, since: usize) -> Box<[SmolStr]> {
    if noted.len() == since {
        return Box::default();
    }
    let within = noted.split_off(since);
    let outer = within.into_iter().filter(|(variable, _)| *variable < scope);
    noted.extend(outer);
    let outer = noted.iter().skip(since);
    let mut names: Vec<SmolStr> = outer.map(|(_, name)| name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names.into()
}
