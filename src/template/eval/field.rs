//! Fields of maps and objects, and calls of methods.

use super::super::ast::{Expr, Part};
use super::super::error::NIL_POINTER;
use super::super::funcs::Param;
use super::super::value::{Data, MapType, Object, Value};
use super::state::{At, State, Stop, Val};
use crate::source::Prov;

/// What a field may be given, if it turns out to be a method.
struct Given<'a> {
    args: &'a [Expr],
    last: Option<Val>,
}

impl<'a> State<'_, 'a> {
    /// `.a.b.c`, of which only the last may be given arguments.
    pub(super) fn fields(
        &mut self,
        dot: &Val,
        receiver: &Val,
        node: &'a Expr,
        parts: &'a [Part],
        args: &'a [Expr],
        last: Option<Val>,
    ) -> Result<Val, Stop> {
        let Some((end, way)) = parts.split_last() else {
            return Ok(receiver.clone());
        };
        let mut inner = None;
        for part in way {
            let none = Given {
                args: &[],
                last: None,
            };
            let of = inner.as_ref().unwrap_or(receiver);
            inner = Some(self.field(dot, of, node, part, none)?);
        }
        let of = inner.as_ref().unwrap_or(receiver);
        self.field(dot, of, node, end, Given { args, last })
    }

    fn field(
        &mut self,
        dot: &Val,
        receiver: &Val,
        node: &'a Expr,
        part: &'a Part,
        given: Given<'a>,
    ) -> Result<Val, Stop> {
        let name = part.name.as_str();
        let prov = receiver.value.prov;
        let has_args = !given.args.is_empty() || given.last.is_some();
        match &receiver.value.data {
            Data::Missing | Data::Nil if receiver.boxed => {
                let message = format!("{NIL_POINTER}.{name}");
                Err(self.stop_at(message, Some(part.span), prov))
            }
            Data::Missing | Data::Nil => Ok(receiver.clone()),
            Data::Map(kind, map) => {
                if *kind == MapType::Values && name == "AsMap" && !has_args {
                    let data = Data::Map(MapType::Interface, map.clone());
                    return Ok(Val::of(Value::with(data, prov)));
                }
                if has_args {
                    let message = format!("{name} is not a method but has arguments");
                    return Err(self.stop(message, prov));
                }
                self.engine.memo.read_field(map, name);
                let entries = map.entries.borrow();
                match entries.get(name.as_bytes()) {
                    Some(entry) => {
                        let mut value = entry.value.clone();
                        let origins = &mut self.engine.origins;
                        let choice = origins.choice(prov);
                        if !choice.is_none() {
                            value = value.because(choice, origins);
                        }
                        let boxed = *kind != MapType::String;
                        Ok(Val { value, boxed })
                    }
                    None if *kind == MapType::String => {
                        Ok(Val::of(Value::with(Value::str("").data, prov)))
                    }
                    None => {
                        let engine = &mut *self.engine;
                        let origins = &mut engine.origins;
                        let settled = engine.settled.of(map, Some(name.as_bytes()), origins);
                        let prov = origins.union(prov, settled);
                        Ok(Val::boxed(Value::with(Data::Missing, prov)))
                    }
                }
            }
            Data::Object(object) => {
                let object = object.clone();
                self.member(dot, receiver, &*object, node, part, given)
            }
            _ => {
                let message = format!(
                    "can't evaluate field {name} in type {}",
                    receiver.type_name()
                );
                Err(self.stop_at(message, Some(part.span), prov))
            }
        }
    }

    /// A method or a field of an object.
    fn member(
        &mut self,
        dot: &Val,
        receiver: &Val,
        object: &dyn Object,
        node: &'a Expr,
        part: &'a Part,
        given: Given<'a>,
    ) -> Result<Val, Stop> {
        let name = part.name.as_str();
        let prov = receiver.value.prov;
        let has_args = !given.args.is_empty() || given.last.is_some();
        if !has_args
            && object.kind() != "map"
            && let Some(value) = object.field(name)
        {
            return Ok(Val::of(value));
        }
        if let Some(params) = object.params(name) {
            return self.method(dot, (receiver, object), node, (name, params), given);
        }
        let members = object.members().unwrap_or_default();
        if let Some(member) = members.iter().find(|member| member.name == name)
            && !member.is_exported()
        {
            let of = receiver.type_name();
            let message = format!("{name} is an unexported field of struct type {of}");
            return Err(self.stop_at(message, Some(part.span), prov));
        }
        let field = object.field(name);
        if has_args {
            let message = match (object.kind(), &field) {
                ("map", _) => format!("{name} is not a method but has arguments"),
                (_, Some(_)) => format!("{name} has arguments but cannot be invoked as function"),
                (_, None) => format!(
                    "can't evaluate field {name} in type {}",
                    receiver.type_name()
                ),
            };
            return Err(self.stop_at(message, Some(part.span), prov));
        }
        match field {
            Some(value) => Ok(Val::of(value)),
            None if object.kind() == "map" => Ok(Val::of(Value::with(Data::Missing, prov))),
            None => {
                let message = format!(
                    "can't evaluate field {name} in type {}",
                    receiver.type_name()
                );
                Err(self.stop_at(message, Some(part.span), prov))
            }
        }
    }

    /// Calls a method.
    fn method(
        &mut self,
        dot: &Val,
        (receiver, object): (&Val, &dyn Object),
        node: &'a Expr,
        (name, params): (&str, &[Param]),
        given: Given<'a>,
    ) -> Result<Val, Stop> {
        let prov = receiver.value.prov;
        let count = given.args.len() + usize::from(given.last.is_some());
        if params.len() != count {
            let want = params.len();
            let message = format!("wrong number of args for {name}: want {want} got {count}");
            return Err(self.stop(message, prov));
        }
        let param = |at: usize| params.get(at).copied().unwrap_or(Param::Any);
        let mut args = Vec::new();
        for (at, arg) in given.args.iter().enumerate() {
            args.push(self.arg(dot, param(at), arg)?);
        }
        if let Some(last) = given.last {
            args.push(self.checked(last, param(given.args.len()))?);
        }
        match object.call(name, &args, &mut self.engine.origins) {
            Some(Ok(value)) => {
                let mut deps = prov;
                for arg in &args {
                    let origins = &mut self.engine.origins;
                    let arg = arg.deep_deps(origins);
                    deps = origins.union(deps, arg);
                }
                Ok(Val::of(value.because(deps, &mut self.engine.origins)))
            }
            Some(Err(message)) => Err(self.refused(node, name, message, prov)),
            None => {
                let of = receiver.type_name();
                Err(self.stop(format!("can't evaluate field {name} in type {of}"), prov))
            }
        }
    }

    /// What a method says. What Go says of its results' types stands alone.
    fn refused(&mut self, node: &'a Expr, name: &str, message: String, prov: Prov) -> Stop {
        let checks = ["function ", "invalid function signature"];
        if checks.iter().any(|check| message.starts_with(check)) {
            return self.stop(message, prov);
        }
        self.at = At::Expr(node);
        self.called(name, message.into(), prov)
    }
}
