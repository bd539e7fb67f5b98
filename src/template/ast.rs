//! The tree of one template, as Go's `text/template/parse` builds it, with a span on every node.
//!
//! Two positions matter. `span` is the exact bytes a node was written in. `pos` is the offset that
//! Go's own node holds, which is what its error messages count from; they differ for field chains.

use smol_str::SmolStr;

use super::funcs::Callee;
use crate::source::Span;

/// One named template: a file, or the body of a `define` or `block`.
#[derive(Debug, Clone)]
pub struct Template {
    /// The file's name, or the name in the `define`.
    pub name: SmolStr,
    /// The name of the file that holds it, for error messages (Go's `ParseName`).
    pub parse_name: String,
    /// The body.
    pub body: List,
    /// The bytes of the whole body.
    pub span: Span,
    /// Whether it is empty but for white space and comments (see [`Template::is_empty_tree`]).
    pub empty: bool,
}

impl Template {
    /// Go's `IsEmptyTree`: a template without anything but white space and comments does not
    /// displace another of the same name.
    #[must_use]
    pub fn is_empty_tree(&self) -> bool {
        self.empty
    }
}

/// Nodes one behind the other.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// The nodes.
    pub nodes: Box<[Node]>,
}

/// A node that executes. It is small, since most of them are texts.
#[derive(Debug, Clone)]
pub enum Node {
    /// Text that is copied. The span is what is left of it after trimming.
    Text(Span),
    /// `{{/* … */}}`, delimiters included.
    Comment(Span),
    /// `{{ pipeline }}`.
    Action(Box<Action>),
    /// `{{ if }}`.
    If(Box<Branch>),
    /// `{{ with }}`.
    With(Box<Branch>),
    /// `{{ range }}`.
    Range(Box<Branch>),
    /// `{{ template "name" pipeline }}`, and the call that a `{{ block }}` makes.
    Template(Box<TemplateCall>),
    /// `{{ break }}`.
    Break(Box<Jump>),
    /// `{{ continue }}`.
    Continue(Box<Jump>),
}

/// `{{ pipeline }}`.
#[derive(Debug, Clone)]
pub struct Action {
    /// From `{{` to `}}`.
    pub span: Span,
    /// Go's position.
    pub pos: u32,
    /// What is evaluated.
    pub pipe: Pipe,
}

/// `if`, `with` or `range`.
#[derive(Debug, Clone)]
pub struct Branch {
    /// From `{{` to `}}` of the opening action.
    pub span: Span,
    /// From the opening `{{` to the `}}` of its `{{ end }}`.
    pub whole: Span,
    /// Go's position.
    pub pos: u32,
    /// The condition.
    pub pipe: Pipe,
    /// What is executed when it holds.
    pub list: List,
    /// The bytes of that, from behind the opening action to the next one.
    pub body: Span,
    /// What is executed otherwise. `else if` is an `If` alone in here, as Go has it.
    pub else_list: Option<List>,
    /// The bytes of that; nothing where there is none, or where it is an `else if`.
    pub else_body: Option<Span>,
    /// The variables that are *assigned* (`=`) anywhere within, with their `$`: what they hold
    /// afterwards depends on the condition, whichever way it went.
    pub assigns: Box<[SmolStr]>,
    /// The variables whose map `set`, `unset` or a merge changes anywhere within, likewise.
    pub changes: Box<[SmolStr]>,
    /// The keys that `set` and `unset` change anywhere within of maps that are no variable's own,
    /// likewise.
    pub alters: Box<[Altered]>,
    /// Whether a `break` or `continue` within ends a turn of a loop around the branch: what follows
    /// in that loop depends on the condition, too.
    pub jumps: bool,
}

/// A key of a map that lies in a variable's or in `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Altered {
    /// The variable, with its `$`; nothing where it is `.`.
    pub root: Option<SmolStr>,
    /// The fields that lead from there to the map.
    pub fields: Vec<SmolStr>,
    /// The key, where it is a constant.
    pub key: Option<Vec<u8>>,
}

/// `{{ template "name" pipeline }}`.
#[derive(Debug, Clone)]
pub struct TemplateCall {
    /// From `{{` to `}}`.
    pub span: Span,
    /// Go's position.
    pub pos: u32,
    /// The name, unquoted.
    pub name: SmolStr,
    /// The name's token, with its quotes.
    pub name_span: Span,
    /// The argument.
    pub pipe: Option<Pipe>,
}

/// `break` or `continue`.
#[derive(Debug, Clone)]
pub struct Jump {
    /// From `{{` to `}}`.
    pub span: Span,
    /// Go's position.
    pub pos: u32,
}

/// A pipeline: `$x := a | b c`.
#[derive(Debug, Clone)]
pub struct Pipe {
    /// From its first token to its last.
    pub span: Span,
    /// Go's position.
    pub pos: u32,
    /// `=` rather than `:=`.
    pub is_assign: bool,
    /// The variables that are declared or assigned, with their `$`.
    pub decl: Box<[Variable]>,
    /// The commands, each given the result of the one before as its last argument.
    pub cmds: Box<[Command]>,
}

/// A variable on the left of `:=` or `=`.
#[derive(Debug, Clone)]
pub struct Variable {
    /// With its `$`.
    pub name: SmolStr,
    /// Where it stands.
    pub span: Span,
}

/// One command: an operand, or a function and its arguments.
#[derive(Debug, Clone)]
pub struct Command {
    /// From its first token to its last.
    pub span: Span,
    /// Go's position.
    pub pos: u32,
    /// At least one.
    pub args: Box<[Expr]>,
}

/// An operand.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Its bytes.
    pub span: Span,
    /// Go's position.
    pub pos: u32,
    /// What it is.
    pub kind: ExprKind,
}

/// What an operand is. It takes no more than a name does, since there are more operands than of
/// anything else.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A function, by its name.
    Identifier(Callee),
    /// `.a.b`.
    Field(Box<[Part]>),
    /// `$x.a.b`: the name with its `$`, then the fields.
    Variable(Box<(SmolStr, Box<[Part]>)>),
    /// `(…).a.b`.
    Chain(Box<(Expr, Box<[Part]>)>),
    /// `.`
    Dot,
    /// `nil`
    Nil,
    /// `true` or `false`
    Bool(bool),
    /// A number or a character.
    Number(Box<Number>),
    /// A string: the bytes it means. The span has the quotes.
    String {
        /// The bytes it means.
        value: Box<[u8]>,
    },
    /// `( pipeline )`.
    Pipe(Box<Pipe>),
}

/// One field of a chain, without its dot.
#[derive(Debug, Clone)]
pub struct Part {
    /// The name.
    pub name: SmolStr,
    /// The name's bytes.
    pub span: Span,
}

/// A constant number: every reading of it that is exact, as Go's `NumberNode` has them.
#[derive(Debug, Clone, Default)]
pub struct Number {
    /// As written.
    pub text: String,
    /// As a signed integer.
    pub int: Option<i64>,
    /// As an unsigned integer.
    pub uint: Option<u64>,
    /// As a float.
    pub float: Option<f64>,
    /// As a complex number: real and imaginary part.
    pub complex: Option<(f64, f64)>,
    /// Written as a character: `'a'`.
    pub is_rune: bool,
}
