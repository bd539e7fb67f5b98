//! Pipelines, commands, operands, and constants.

use std::rc::Rc;

use super::super::ast::{Command, Expr, ExprKind, Number, Pipe};
use super::super::funcs::{Param, durations};
use super::super::parse::print;
use super::super::value::{Data, ElemType, IntType, MapType, Value};
use super::state::{At, State, Stop, Val, Var};
use crate::source::{ContextId, Origin, Prov, Text};

impl<'a> State<'_, 'a> {
    /// The value of a pipeline. Its variables stay declared until the caller drops them.
    pub(super) fn pipeline(&mut self, dot: &Val, pipe: &'a Pipe) -> Result<Val, Stop> {
        self.deeper()?;
        self.at = At::Pipe(pipe);
        let mut value = None;
        for command in &pipe.cmds {
            value = Some(self.command(dot, command, value)?.unpacked());
        }
        let value = value.unwrap_or_else(|| Val::of(Value::missing()));
        for variable in &pipe.decl {
            if pipe.is_assign {
                self.assign(&variable.name, value.clone())?;
            } else {
                self.vars.push(Var {
                    name: &variable.name,
                    value: value.value.clone(),
                    boxed: false,
                });
            }
        }
        self.engine.nesting -= 1;
        Ok(value)
    }

    fn command(&mut self, dot: &Val, command: &'a Command, last: Option<Val>) -> Result<Val, Stop> {
        self.step()?;
        let Some((first, args)) = command.args.split_first() else {
            return Ok(Val::of(Value::missing()));
        };
        // Go is still about the whole pipeline when it meets a pipeline in parentheses.
        if !matches!(first.kind, ExprKind::Pipe(_)) {
            self.at = At::Expr(first);
        }
        match &first.kind {
            ExprKind::Field(parts) => self.fields(dot, dot, first, parts, args, last),
            ExprKind::Chain(chain) => {
                let (inner, parts) = &**chain;
                let receiver = self.chained(dot, inner)?;
                self.fields(dot, &receiver, first, parts, args, last)
            }
            ExprKind::Variable(variable) => {
                let (name, parts) = &**variable;
                let receiver = self.variable(name)?;
                if parts.is_empty() {
                    self.no_function(first, args, last.is_some())?;
                    return Ok(receiver);
                }
                self.fields(dot, &receiver, first, parts, args, last)
            }
            ExprKind::Identifier(callee) => {
                self.function(dot, first, callee, At::Command(command), args, last)
            }
            ExprKind::Pipe(pipe) => {
                self.no_function(first, args, last.is_some())?;
                self.pipeline(dot, pipe)
            }
            ExprKind::Dot => {
                self.no_function(first, args, last.is_some())?;
                Ok(dot.clone())
            }
            ExprKind::Nil => {
                self.no_function(first, args, last.is_some())?;
                Err(self.stop("nil is not a command", Prov::NONE))
            }
            ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String { .. } => {
                self.no_function(first, args, last.is_some())?;
                Ok(Val::of(self.constant(first)?))
            }
        }
    }

    /// Fails where something that cannot be called is given arguments.
    fn no_function(&mut self, first: &Expr, args: &[Expr], has_last: bool) -> Result<(), Stop> {
        if args.is_empty() && !has_last {
            return Ok(());
        }
        let shown = self.printed(first);
        let message = format!("can't give argument to non-function {shown}");
        Err(self.stop(message, Prov::NONE))
    }

    /// A node as Go prints it.
    pub(super) fn printed(&self, expr: &Expr) -> String {
        let text = print::expr(expr, self.frame.def.unit.source.bytes());
        String::from_utf8_lossy(&text).into_owned()
    }

    fn variable(&mut self, name: &str) -> Result<Val, Stop> {
        match self.var(name) {
            Some(val) => Ok(val),
            None => Err(self.stop(format!("undefined variable: {name}"), Prov::NONE)),
        }
    }

    /// What the fields of `(…).a` are taken of.
    fn chained(&mut self, dot: &Val, inner: &'a Expr) -> Result<Val, Stop> {
        if matches!(inner.kind, ExprKind::Nil) {
            let message = "indirection through explicit nil in nil";
            return Err(self.stop(message, Prov::NONE));
        }
        self.at = At::Expr(inner);
        self.operand(dot, inner)
    }

    /// The value of an operand where any type will do.
    fn operand(&mut self, dot: &Val, expr: &'a Expr) -> Result<Val, Stop> {
        self.step()?;
        match &expr.kind {
            ExprKind::Dot => Ok(dot.clone()),
            ExprKind::Nil => Ok(Val::of(Value::missing())),
            ExprKind::Field(parts) => self.fields(dot, dot, expr, parts, &[], None),
            ExprKind::Variable(variable) => {
                let (name, parts) = &**variable;
                let receiver = self.variable(name)?;
                if parts.is_empty() {
                    return Ok(receiver);
                }
                self.fields(dot, &receiver, expr, parts, &[], None)
            }
            ExprKind::Chain(chain) => {
                let (inner, parts) = &**chain;
                let receiver = self.chained(dot, inner)?;
                self.fields(dot, &receiver, expr, parts, &[], None)
            }
            ExprKind::Pipe(pipe) => self.pipeline(dot, pipe),
            ExprKind::Identifier(callee) => {
                self.function(dot, expr, callee, At::Expr(expr), &[], None)
            }
            ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String { .. } => {
                Ok(Val::of(self.constant(expr)?))
            }
        }
    }

    /// An argument for a parameter.
    pub(super) fn arg(&mut self, dot: &Val, param: Param, expr: &'a Expr) -> Result<Value, Stop> {
        self.at = At::Expr(expr);
        match (&expr.kind, param) {
            (
                ExprKind::Nil,
                Param::Any | Param::Map | Param::List | Param::StrList | Param::Pointer(_),
            ) => Ok(Value::nil()),
            (ExprKind::Nil, Param::Reflect) => Ok(Value::missing()),
            (ExprKind::Nil, _) => {
                let message = format!("cannot assign nil to {}", param_name(param));
                Err(self.stop(message, Prov::NONE))
            }
            (
                ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String { .. },
                Param::Any | Param::Reflect,
            )
            | (ExprKind::Bool(_), Param::Bool)
            | (ExprKind::String { .. }, Param::Str) => self.constant(expr),
            (
                ExprKind::Number(number),
                Param::Int | Param::Int64 | Param::Uint32 | Param::Duration | Param::Float,
            ) => {
                let data = match param {
                    Param::Uint32 => number.uint.map(|uint| {
                        // Go keeps what fits.
                        let bits = uint & u64::from(u32::MAX);
                        Data::Int(bits.cast_signed(), IntType::Uint32)
                    }),
                    Param::Duration => number.int.map(|int| durations::object(int).data),
                    Param::Int => number.int.map(|int| Data::Int(int, IntType::Int)),
                    Param::Int64 => number.int.map(|int| Data::Int(int, IntType::Int64)),
                    _ => number.float.map(Data::Float),
                };
                match data {
                    Some(data) => Ok(Value::new(data)),
                    None => Err(self.unexpected(expr, param)),
                }
            }
            (ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String { .. }, _) => {
                Err(self.unexpected(expr, param))
            }
            _ => {
                let value = self.operand(dot, expr)?;
                self.checked(value, param)
            }
        }
    }

    fn unexpected(&mut self, expr: &Expr, param: Param) -> Stop {
        let shown = self.printed(expr);
        let message = match param {
            Param::Bool => format!("expected bool; found {shown}"),
            Param::Int | Param::Int64 | Param::Duration => {
                format!("expected integer; found {shown}")
            }
            Param::Uint32 => format!("expected unsigned integer; found {shown}"),
            Param::Float => format!("expected float; found {shown}"),
            Param::Str => format!("expected string; found {shown}"),
            _ => {
                let kind = param_name(param);
                format!("can't handle {shown} for arg of type {kind}")
            }
        };
        self.stop(message, Prov::NONE)
    }

    /// A value as an argument for a parameter: Go's `validateType`.
    pub(super) fn checked(&mut self, val: Val, param: Param) -> Result<Value, Stop> {
        let boxed = val.boxed;
        let mut value = val.value;
        let nil = matches!(value.data, Data::Missing | Data::Nil);
        let fits = match param {
            Param::Any => {
                match &value.data {
                    Data::Missing => value.data = Data::Nil,
                    Data::Object(object) => {
                        if let Some(detached) = object.detached() {
                            value.data = detached.data;
                        }
                    }
                    _ => {}
                }
                return Ok(value);
            }
            Param::Reflect => {
                if nil {
                    value.data = if boxed { Data::Nil } else { Data::Missing };
                }
                return Ok(value);
            }
            _ if nil && !boxed => match param {
                Param::Map | Param::List | Param::StrList | Param::Pointer(_) => {
                    value.data = Data::Nil;
                    return Ok(value);
                }
                _ => {
                    let message = format!("invalid value; expected {}", param_name(param));
                    return Err(self.stop(message, value.prov));
                }
            },
            Param::Str => matches!(value.data, Data::Str(_)),
            Param::Int => matches!(value.data, Data::Int(_, IntType::Int)),
            Param::Int64 => matches!(value.data, Data::Int(_, IntType::Int64)),
            Param::Float => matches!(value.data, Data::Float(_)),
            Param::Bool => matches!(value.data, Data::Bool(_)),
            Param::Map => match &mut value.data {
                Data::Map(kind @ (MapType::Interface | MapType::Values), _) => {
                    *kind = MapType::Interface;
                    true
                }
                _ => false,
            },
            Param::List => match &value.data {
                Data::List(list) => matches!(list.elem, ElemType::Interface | ElemType::Nil),
                _ => false,
            },
            Param::StrList => match &value.data {
                Data::List(list) => matches!(list.elem, ElemType::String | ElemType::NilString),
                _ => false,
            },
            Param::Uint32 => matches!(value.data, Data::Int(_, IntType::Uint32)),
            Param::Duration | Param::Named(_) | Param::Pointer(_) => {
                value.type_name() == param_name(param)
            }
        };
        if fits {
            return Ok(value);
        }
        let got = if nil {
            "interface {}"
        } else {
            value.type_name()
        };
        let message = format!(
            "wrong type for value; expected {}; got {got}",
            param_name(param)
        );
        Err(self.stop(message, value.prov))
    }

    /// A constant whose own notation tells its type.
    fn constant(&mut self, expr: &'a Expr) -> Result<Value, Stop> {
        self.at = At::Expr(expr);
        match &expr.kind {
            ExprKind::Bool(value) => Ok(Value::bool(*value)),
            ExprKind::Number(number) => match ideal(number) {
                Some(data) => Ok(Value::new(data)),
                None => Err(self.stop(format!("{} overflows int", number.text), Prov::NONE)),
            },
            ExprKind::String { value, .. } => Ok(self.literal(expr, value)),
            _ => Ok(Value::missing()),
        }
    }

    /// A string literal, which knows its bytes in the template.
    fn literal(&mut self, expr: &Expr, value: &[u8]) -> Value {
        let unit = &self.frame.def.unit;
        if unit.text.is_none()
            && let Some(text) = self.engine.literals.get(&expr.span)
        {
            return Value::new(Data::Str(Rc::clone(text)));
        }
        let inner = expr.span.slice(1, expr.span.len().saturating_sub(1));
        let exact = unit.slice(inner) == value;
        if let Some(composed) = &unit.text {
            if exact && !composed.text.is_plain() {
                return Value::text(composed.text.slice(inner.start(), inner.end()));
            }
            let (at, data) = self.place(expr.span);
            let text = self.constant_text(value, at.map(|at| (at, false)), data);
            return Value::text(text);
        }
        let at = if exact { inner } else { expr.span };
        let text = Rc::new(self.constant_text(value, Some((at, exact)), Prov::NONE));
        self.engine.literals.insert(expr.span, Rc::clone(&text));
        Value::new(Data::Str(text))
    }

    /// Text of one origin that stands in no context, as a literal does.
    fn constant_text(
        &mut self,
        bytes: &[u8],
        at: Option<(crate::source::Span, bool)>,
        data: Prov,
    ) -> Text {
        let origin = self.engine.origins.add(Origin {
            at: at.map(|(span, _)| span),
            exact: at.is_some_and(|(_, exact)| exact),
            data,
            context: ContextId::default(),
        });
        let mut text = Text::new();
        if bytes.is_empty() {
            text.mark(origin);
        } else {
            text.push(bytes, origin, 0);
        }
        text
    }
}

/// The value of a number where its notation decides the type; none where no `int` holds it.
fn ideal(number: &Number) -> Option<Data> {
    if let Some((re, im)) = number.complex {
        return Some(Data::Complex(re, im));
    }
    let text = number.text.as_bytes();
    let hex = matches!(text, [b'0', b'x' | b'X', _, ..])
        && !text.iter().any(|byte| matches!(byte, b'p' | b'P'));
    let pointed = text
        .iter()
        .any(|byte| matches!(byte, b'.' | b'e' | b'E' | b'p' | b'P'));
    if let (Some(float), false, false, true) = (number.float, hex, number.is_rune, pointed) {
        return Some(Data::Float(float));
    }
    number.int.map(|int| Data::Int(int, IntType::Int))
}

/// Go's name of a parameter's type.
pub(super) fn param_name(param: Param) -> &'static str {
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
        Param::Uint32 => "uint32",
        Param::Duration => "time.Duration",
        Param::Named(name) | Param::Pointer(name) => name,
    }
}
