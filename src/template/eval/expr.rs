//! Evaluating pipelines, commands, operands and calls, as Go's reflection does.

use std::rc::Rc;

use crate::source::{Origin, Prov, Span, Text};
use crate::template::ast::{Command, Expr, ExprKind, Number, Part, Pipe};
use crate::template::error::{Cause, Failure};
use crate::template::funcs::{self, Function, Param, Passing};
use crate::template::parse::print as node_print;
use crate::template::value::{Data, MapType, Value};

use super::Engine;
use super::exec::{At, Frame, Held, Shown, Stop};

/// A function or field that is called: its name, its node, the node that errors of the call name.
struct Callee<'e> {
    name: &'e str,
    at: At<'e>,
}

fn at(expr: &Expr) -> At<'_> {
    At {
        pos: expr.pos,
        node: Shown::Expr(expr),
        span: expr.span,
    }
}

impl Engine {
    /// Go's printing of an operand.
    fn shown(&self, expr: &Expr) -> String {
        let source = self.sources.file(expr.span.file());
        String::from_utf8_lossy(&node_print::expr(expr, source.bytes())).into_owned()
    }

    fn fail<T>(&mut self, frame: &Frame<'_>, at: At<'_>, text: String) -> Result<T, Stop> {
        Err(self.error(frame, at, Cause::Text(text)))
    }

    /// The value of a pipeline; its variables are declared or assigned.
    pub(super) fn pipe<'t>(
        &mut self,
        pipe: &'t Pipe,
        frame: &mut Frame<'t>,
    ) -> Result<Held, Stop> {
        self.spend_at(1, frame, pipe.span)?;
        let mut value: Option<Held> = None;
        for command in &pipe.cmds {
            value = Some(self.command(command, value, frame)?.unboxed());
        }
        let held = value.unwrap_or_else(|| Held::plain(Value::missing()));
        for variable in &pipe.decl {
            if pipe.is_assign {
                self.assign(&variable.name, held.clone(), frame);
            } else {
                frame.vars.push((&variable.name, held.clone()));
            }
        }
        Ok(held)
    }

    fn command<'t>(
        &mut self,
        command: &'t Command,
        last: Option<Held>,
        frame: &mut Frame<'t>,
    ) -> Result<Held, Stop> {
        let Some((first, rest)) = command.args.split_first() else {
            return Ok(Held::plain(Value::missing()));
        };
        match &first.kind {
            ExprKind::Identifier(name) => {
                let callee = Callee {
                    name,
                    at: At {
                        pos: command.pos,
                        node: Shown::Command(command),
                        span: command.span,
                    },
                };
                return self.function(callee, first, rest, last, frame);
            }
            ExprKind::Field(parts) => {
                let dot = frame.dot.clone();
                return self.chain(dot, parts, first, rest, last, frame);
            }
            ExprKind::Variable(name, parts) if !parts.is_empty() => {
                let var = self.variable(name, first, frame)?;
                return self.chain(var, parts, first, rest, last, frame);
            }
            ExprKind::Chain(inner, parts) => {
                let base = self.chain_base(inner, first, frame)?;
                return self.chain(base, parts, first, rest, last, frame);
            }
            _ => {}
        }
        if !rest.is_empty() || last.is_some() {
            let text = format!(
                "can't give argument to non-function {}",
                self.shown(first)
            );
            return self.fail(frame, at(first), text);
        }
        match &first.kind {
            ExprKind::Nil => self.fail(frame, at(first), "nil is not a command".to_owned()),
            _ => self.operand(first, frame),
        }
    }

    /// What a chain in parentheses starts from.
    fn chain_base<'t>(
        &mut self,
        inner: &'t Expr,
        chain: &'t Expr,
        frame: &mut Frame<'t>,
    ) -> Result<Held, Stop> {
        if matches!(inner.kind, ExprKind::Nil) {
            let text = format!(
                "indirection through explicit nil in {}",
                self.shown(chain)
            );
            return self.fail(frame, at(chain), text);
        }
        self.operand(inner, frame)
    }

    /// An operand by itself.
    fn operand<'t>(&mut self, expr: &'t Expr, frame: &mut Frame<'t>) -> Result<Held, Stop> {
        self.spend_at(1, frame, expr.span)?;
        match &expr.kind {
            ExprKind::Dot => Ok(frame.dot.clone()),
            ExprKind::Nil => Ok(Held::plain(Value::nil())),
            ExprKind::Bool(value) => Ok(Held::plain(self.literal(expr.span, Data::Bool(*value)))),
            ExprKind::Number(number) => self.ideal(number, expr, frame),
            ExprKind::String { value, .. } => {
                Ok(Held::plain(self.string_literal(expr.span, value)))
            }
            ExprKind::Pipe(pipe) => self.pipe(pipe, frame),
            ExprKind::Variable(name, parts) => {
                let var = self.variable(name, expr, frame)?;
                if parts.is_empty() {
                    return Ok(var);
                }
                self.chain(var, parts, expr, &[], None, frame)
            }
            ExprKind::Field(parts) => {
                let dot = frame.dot.clone();
                self.chain(dot, parts, expr, &[], None, frame)
            }
            ExprKind::Chain(inner, parts) => {
                let base = self.chain_base(inner, expr, frame)?;
                self.chain(base, parts, expr, &[], None, frame)
            }
            ExprKind::Identifier(name) => {
                let callee = Callee { name, at: at(expr) };
                self.function(callee, expr, &[], None, frame)
            }
        }
    }

    /// A constant in a template. Text given to `tpl` decides the constants in it.
    fn literal(&mut self, span: Span, data: Data) -> Value {
        let (_, prov) = self.place(span);
        Value::with(data, prov)
    }

    /// A string constant: its bytes are the template's, one for one where no escape stands.
    fn string_literal(&mut self, span: Span, value: &[u8]) -> Value {
        let inside = span.slice(1, span.len().saturating_sub(1));
        let (place, data) = self.place(inside);
        let source = self.sources.file(span.file());
        let is_exact = data.is_none() && source.slice(inside) == value;
        let context = self.context;
        let origin = self.origins.add(Origin {
            at: place,
            exact: is_exact,
            data,
            context,
        });
        let mut text = Text::new();
        text.push(value, origin, 0);
        Value::text(text)
    }

    /// A number whose type its notation decides.
    fn ideal(
        &mut self,
        number: &Number,
        expr: &Expr,
        frame: &Frame<'_>,
    ) -> Result<Held, Stop> {
        let text = &number.text;
        let is_hex = text.len() > 2
            && (text.starts_with("0x") || text.starts_with("0X"))
            && !text.contains(['p', 'P']);
        let data = if let Some((re, im)) = number.complex
            && text.ends_with('i')
        {
            Data::Complex(re, im)
        } else if let Some(float) = number.float
            && !is_hex
            && !number.is_rune
            && text.contains(['.', 'e', 'E', 'p', 'P'])
        {
            Data::Float(float)
        } else if let Some(int) = number.int {
            Value::int(int).data
        } else if number.uint.is_some() {
            return self.fail(frame, at(expr), format!("{text} overflows int"));
        } else {
            Data::Missing
        };
        Ok(Held::plain(self.literal(expr.span, data)))
    }

    fn variable(&mut self, name: &str, expr: &Expr, frame: &Frame<'_>) -> Result<Held, Stop> {
        match frame.vars.iter().rev().find(|(var, _)| *var == name) {
            Some((_, held)) => Ok(held.clone()),
            None => self.fail(frame, at(expr), format!("undefined variable: {name}")),
        }
    }

    /// `.a.b.c args`: fields one by one; the last may be a method that takes the arguments.
    fn chain<'t>(
        &mut self,
        base: Held,
        parts: &'t [Part],
        node: &'t Expr,
        args: &'t [Expr],
        last: Option<Held>,
        frame: &mut Frame<'t>,
    ) -> Result<Held, Stop> {
        let mut held = base;
        let mut last = last;
        for (index, part) in parts.iter().enumerate() {
            let is_last = index + 1 == parts.len();
            let (args, last) = if is_last { (args, last.take()) } else { (&[][..], None) };
            held = self.field(held, part, node, args, last, frame)?;
        }
        Ok(held)
    }

    fn field<'t>(
        &mut self,
        receiver: Held,
        part: &'t Part,
        node: &'t Expr,
        args: &'t [Expr],
        last: Option<Held>,
        frame: &mut Frame<'t>,
    ) -> Result<Held, Stop> {
        let name = part.name.as_str();
        let has_args = !args.is_empty() || last.is_some();
        match &receiver.value.data {
            Data::Missing => Ok(Held::plain(receiver.value)),
            Data::Nil => {
                let text = format!("nil pointer evaluating interface {{}}.{name}");
                let mut stop = self.error(frame, at(node), Cause::Text(text));
                stop.blame = self.origins.union(stop.blame, receiver.value.prov);
                stop.span = self.place(part.span).0.or(stop.span);
                Err(stop)
            }
            Data::Map(kind, map) => {
                if has_args {
                    let text = format!("{name} is not a method but has arguments");
                    return self.fail(frame, at(node), text);
                }
                Ok(match map.get(name.as_bytes()) {
                    Some(entry) => {
                        self.reads.insert(entry.key);
                        Held::boxed(entry.value)
                    }
                    None if *kind == MapType::String => {
                        Held::plain(Value::with(Value::str("").data, receiver.value.prov))
                    }
                    None => Held::boxed(Value::with(Data::Nil, receiver.value.prov)),
                })
            }
            Data::Object(object) => {
                let object = Rc::clone(object);
                if !has_args && let Some(value) = object.field(name) {
                    let boxed = matches!(value.data, Data::Nil);
                    return Ok(Held { value, boxed });
                }
                let mut argv = Vec::new();
                for arg in args {
                    argv.push(self.operand(arg, frame)?.unboxed().value);
                }
                argv.extend(last.map(|held| held.unboxed().value));
                match object.call(name, &argv, &mut self.origins) {
                    Some(Ok(value)) => {
                        let mut prov = value.prov;
                        for arg in &argv {
                            let deps = arg.deps(&mut self.origins);
                            prov = self.origins.union(prov, deps);
                        }
                        Ok(Held::plain(Value::with(value.data, prov)))
                    }
                    Some(Err(text)) => self.fail(frame, at(node), text),
                    None => {
                        let kind = object.type_name();
                        let text = format!("can't evaluate field {name} in type {kind}");
                        self.fail(frame, at(node), text)
                    }
                }
            }
            _ => {
                let text = format!(
                    "can't evaluate field {name} in type {}",
                    receiver.type_name()
                );
                let mut stop = self.error(frame, at(node), Cause::Text(text));
                let deps = receiver.value.deps(&mut self.origins);
                stop.blame = self.origins.union(stop.blame, deps);
                stop.span = self.place(part.span).0.or(stop.span);
                Err(stop)
            }
        }
    }

    fn function<'t>(
        &mut self,
        callee: Callee<'t>,
        node: &'t Expr,
        args: &'t [Expr],
        last: Option<Held>,
        frame: &mut Frame<'t>,
    ) -> Result<Held, Stop> {
        let Some(function) = funcs::lookup(callee.name) else {
            let text = format!("{:?} is not a defined function", callee.name);
            return self.fail(frame, at(node), text);
        };
        let given = args.len() + usize::from(last.is_some());
        let fixed = function.params.len();
        let name = callee.name;
        if function.variadic.is_some() && given < fixed {
            let text = format!(
                "wrong number of args for {name}: want at least {fixed} got {}",
                args.len()
            );
            return self.fail(frame, at(node), text);
        }
        if function.variadic.is_none() && given != fixed {
            let text = format!("wrong number of args for {name}: want {fixed} got {given}");
            return self.fail(frame, at(node), text);
        }
        if matches!(name, "and" | "or") {
            return self.and_or(name == "or", args, last, frame);
        }
        let mut argv = Vec::with_capacity(given);
        for (index, arg) in args.iter().enumerate() {
            let param = param(function, index);
            argv.push(self.argument(arg, param, frame)?);
        }
        if let Some(held) = last {
            let param = param(function, given - 1);
            argv.push(self.validate(held, param, node, frame)?);
        }
        self.call(function, &argv, callee, frame)
    }

    /// Calls a function with checked arguments.
    fn call(
        &mut self,
        function: &'static Function,
        argv: &[Value],
        callee: Callee<'_>,
        frame: &Frame<'_>,
    ) -> Result<Held, Stop> {
        let site = self.place(callee.at.span).0;
        let outer = std::mem::replace(&mut self.call_site, site);
        let mut call = funcs::Call {
            name: function.name,
            args: argv,
            machine: self,
        };
        let result = (function.call)(&mut call);
        self.call_site = outer;
        let value = match result {
            Ok(value) => value,
            Err(Failure::Budget(what)) => {
                return Err(self.error(frame, callee.at, Cause::Budget(what)));
            }
            Err(failure) => {
                let cause = Cause::Call(function.name.to_owned(), failure);
                let mut stop = self.error(frame, callee.at, cause);
                if stop.blame.is_none() {
                    for arg in argv {
                        let deps = arg.deps(&mut self.origins);
                        stop.blame = self.origins.union(stop.blame, deps);
                    }
                }
                return Err(stop);
            }
        };
        let prov = match function.passing {
            Passing::Exact => Prov::NONE,
            Passing::Shallow => self.deps_of(argv, false),
            Passing::Derived => self.deps_of(argv, true),
        };
        let prov = self.origins.union(value.prov, prov);
        Ok(Held {
            boxed: matches!(value.data, Data::Nil),
            value: Value { prov, ..value },
        })
    }

    fn deps_of(&mut self, values: &[Value], deep: bool) -> Prov {
        let mut all = Prov::NONE;
        for value in values {
            let deps = if deep {
                value.deep_deps(&mut self.origins)
            } else {
                value.deps(&mut self.origins)
            };
            all = self.origins.union(all, deps);
        }
        all
    }

    /// `and` and `or` evaluate no further than they must, and give back the operand that decided.
    fn and_or<'t>(
        &mut self,
        is_or: bool,
        args: &'t [Expr],
        last: Option<Held>,
        frame: &mut Frame<'t>,
    ) -> Result<Held, Stop> {
        let mut seen = Prov::NONE;
        let mut result = Value::missing();
        let count = args.len() + usize::from(last.is_some());
        let mut last = last;
        for index in 0..count {
            let held = match args.get(index) {
                Some(arg) => self.operand(arg, frame)?,
                None => match last.take() {
                    Some(held) => held,
                    None => break,
                },
            };
            let deps = held.value.deps(&mut self.origins);
            result = held.unboxed().value;
            result.prov = self.origins.union(result.prov, seen);
            seen = self.origins.union(seen, deps);
            if result.truth() == is_or && index < args.len() {
                break;
            }
        }
        Ok(Held::plain(result))
    }

    /// An argument for a parameter: constants are made to fit, values are checked.
    fn argument<'t>(
        &mut self,
        arg: &'t Expr,
        param: Param,
        frame: &mut Frame<'t>,
    ) -> Result<Value, Stop> {
        let mismatch = |shown: &str, what: &str| format!("expected {what}; found {shown}");
        match (&arg.kind, param) {
            (ExprKind::Nil, _) => {
                if matches!(
                    param,
                    Param::Any | Param::Reflect | Param::Map | Param::List | Param::StrList
                ) {
                    return Ok(Value::nil());
                }
                let text = format!("cannot assign nil to {}", param_name(param));
                return self.fail(frame, at(arg), text);
            }
            (ExprKind::String { .. }, Param::Any | Param::Reflect | Param::Str)
            | (ExprKind::Bool(_), Param::Any | Param::Reflect | Param::Bool)
            | (ExprKind::Number(_), Param::Any | Param::Reflect) => {
                return Ok(self.operand(arg, frame)?.value);
            }
            (ExprKind::Number(number), Param::Int | Param::Int64) if number.int.is_some() => {
                let value = number.int.unwrap_or_default();
                let value = if param == Param::Int {
                    Value::int(value)
                } else {
                    Value::int64(value)
                };
                return Ok(self.literal(arg.span, value.data));
            }
            (ExprKind::Number(number), Param::Float) if number.float.is_some() => {
                let value = Data::Float(number.float.unwrap_or_default());
                return Ok(self.literal(arg.span, value));
            }
            (ExprKind::String { .. } | ExprKind::Bool(_) | ExprKind::Number(_), _) => {
                let shown = self.shown(arg);
                let text = match param {
                    Param::Str => mismatch(&shown, "string"),
                    Param::Bool => mismatch(&shown, "bool"),
                    Param::Int | Param::Int64 => mismatch(&shown, "integer"),
                    Param::Float => mismatch(&shown, "float"),
                    _ => format!(
                        "can't handle {} for arg of type {}",
                        shown,
                        param_name(param)
                    ),
                };
                return self.fail(frame, at(arg), text);
            }
            _ => {}
        }
        let held = self.operand(arg, frame)?;
        self.validate(held, param, arg, frame)
    }

    /// Go's `validateType`.
    fn validate(
        &mut self,
        held: Held,
        param: Param,
        node: &Expr,
        frame: &Frame<'_>,
    ) -> Result<Value, Stop> {
        let value = held.value.clone();
        let is_fitting = match (&value.data, param) {
            (_, Param::Any | Param::Reflect)
            | (Data::Str(_), Param::Str)
            | (Data::Bool(_), Param::Bool)
            | (Data::Float(_), Param::Float) => true,
            (Data::Int(_, int), Param::Int) => *int == crate::template::value::IntType::Int,
            (Data::Int(_, int), Param::Int64) => *int == crate::template::value::IntType::Int64,
            (Data::Map(kind, _), Param::Map) => *kind != MapType::String,
            (Data::List(list), Param::List) => {
                list.elem == crate::template::value::ElemType::Interface
            }
            (Data::List(list), Param::StrList) => {
                list.elem == crate::template::value::ElemType::String
            }
            (Data::Object(object), Param::Named(name)) => object.type_name() == name,
            (Data::Missing, Param::Map | Param::List | Param::StrList) => true,
            _ => false,
        };
        if is_fitting {
            return Ok(match (param, value.data) {
                // A parameter of type `interface {}` gets nil for no value.
                (Param::Any, Data::Missing) => Value::with(Data::Nil, value.prov),
                (_, data) => Value::with(data, value.prov),
            });
        }
        let want = param_name(param);
        let text = match value.data {
            Data::Missing => format!("invalid value; expected {want}"),
            Data::Nil => format!("wrong type for value; expected {want}; got interface {{}}"),
            _ => format!(
                "wrong type for value; expected {want}; got {}",
                value.type_name()
            ),
        };
        let mut stop = self.error(frame, at(node), Cause::Text(text));
        let deps = value.deps(&mut self.origins);
        stop.blame = self.origins.union(stop.blame, deps);
        Err(stop)
    }
}

fn param(function: &Function, index: usize) -> Param {
    function
        .params
        .get(index)
        .copied()
        .or(function.variadic)
        .unwrap_or(Param::Any)
}

/// Go's name of a parameter's type.
fn param_name(param: Param) -> &'static str {
    match param {
        Param::Any => "interface {}",
        Param::Reflect => "reflect.Value",
        Param::Str => "string",
        Param::Int => "int",
        Param::Int64 => "int64",
        Param::Float => "float64",
        Param::Bool => "bool",
        Param::Map => "map[string]interface {}",
        Param::List => "[]interface {}",
        Param::StrList => "[]string",
        Param::Named(name) => name,
    }
}
