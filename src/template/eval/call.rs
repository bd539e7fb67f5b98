//! Calls of functions: counting and checking arguments, `and`, `or`, `call`, and how origins pass.

use std::rc::Rc;

use super::super::ast::Expr;
use super::super::error::Failure;
use super::super::funcs::{Call, Callee, Change, Function, Param, Passing};
use super::super::value::{Data, Value};
use super::state::{At, State, Stop, Val};
use crate::source::{Prov, Segment};

/// So many bytes of memory cost a step. With [`Limits::fuel`](super::Limits) this bounds what
/// values can hold, whichever of them are still alive.
const BYTES_A_STEP: u64 = 8;

/// Looking at so many bytes costs one step. Functions that do more with each pay for it themselves.
const BYTES_LOOKED_AT_A_STEP: u64 = 64;

/// Looking through a collection for what no call may be repeated with costs as many steps.
const LOOK: u64 = 4;

impl<'a> State<'_, 'a> {
    /// Calls a function. `node` is what a message of the function is about.
    pub(super) fn function(
        &mut self,
        dot: &Val,
        first: &'a Expr,
        callee: &'a Callee,
        node: At<'a>,
        args: &'a [Expr],
        last: Option<Val>,
    ) -> Result<Val, Stop> {
        self.at = At::Expr(first);
        let function = match callee {
            Callee::Function(function) => *function,
            Callee::And => return self.short_circuit(dot, "and", false, args, last),
            Callee::Or => return self.short_circuit(dot, "or", true, args, last),
            Callee::Call => return Err(self.call_value(dot, node, args, last)),
            Callee::Unknown(name) => {
                let message = format!("{name:?} is not a defined function");
                return Err(self.stop(message, Prov::NONE));
            }
        };
        self.count(function, args.len(), last.is_some())?;
        let mut values = self.engine.spare.pop().unwrap_or_default();
        self.fill(dot, function, args, last, &mut values)?;
        self.pay_for_texts(&values)?;
        self.tell_asked(function.asks, &mut values);
        let looked = self.engine.memo.read_arguments(function, &values);
        self.burn(looked.saturating_mul(LOOK))?;
        let before = std::mem::replace(&mut self.call, node.span());
        let result = (function.call)(&mut Call {
            name: function.name,
            args: &values,
            machine: self,
        });
        self.call = before;
        let result = match result {
            Ok(mut value) => match self.pay_for(&value) {
                Ok(()) => {
                    if !function.is_plain() {
                        self.pass(function, &mut value, &values);
                    }
                    Ok(Val::of(value))
                }
                Err(stop) => Err(stop),
            },
            Err(failure) => Err(self.failed(node, function.name, failure, &values)),
        };
        values.clear();
        self.engine.spare.push(values);
        result
    }

    /// Counts the bytes of arguments: a function may have to look at each.
    fn pay_for_texts(&mut self, values: &[Value]) -> Result<(), Stop> {
        let mut bytes = 0;
        for value in values {
            if let Some(text) = value.as_text() {
                bytes += text.len() as u64;
            }
        }
        match bytes / BYTES_LOOKED_AT_A_STEP {
            0 => Ok(()),
            steps => self.burn(steps),
        }
    }

    /// Counts the memory of a result that is new. What something else holds, too, is not.
    pub(super) fn pay_for(&mut self, value: &Value) -> Result<(), Stop> {
        let (bytes, runs) = match &value.data {
            Data::Str(text) | Data::Bytes(text) if Rc::strong_count(text) == 1 => {
                (text.len(), text.segments().len())
            }
            Data::List(list) if Rc::strong_count(list) == 1 => {
                (list.items.len().saturating_mul(size_of::<Value>()), 0)
            }
            _ => return Ok(()),
        };
        let runs = runs.saturating_mul(size_of::<Segment>());
        let is_text = value.as_text().is_some();
        if is_text && bytes.max(runs) > self.engine.limits.single {
            return Err(self.over("bytes of one string or items of one list"));
        }
        self.burn(bytes.saturating_add(runs) as u64 / BYTES_A_STEP)
    }

    /// Go's check of the number of arguments.
    fn count(&mut self, function: &Function, given: usize, has_last: bool) -> Result<(), Stop> {
        let (name, want) = (function.name, function.params.len());
        let all = given + usize::from(has_last);
        let message = match function.variadic {
            Some(_) if all < want => {
                format!("wrong number of args for {name}: want at least {want} got {given}")
            }
            None if all != want => {
                format!("wrong number of args for {name}: want {want} got {all}")
            }
            _ => return Ok(()),
        };
        Err(self.stop(message, Prov::NONE))
    }

    fn fill(
        &mut self,
        dot: &Val,
        function: &Function,
        args: &'a [Expr],
        last: Option<Val>,
        values: &mut Vec<Value>,
    ) -> Result<(), Stop> {
        let param = |at: usize| {
            let fixed = function.params.get(at).copied();
            fixed.or(function.variadic).unwrap_or(Param::Any)
        };
        for (at, arg) in args.iter().enumerate() {
            values.push(self.arg(dot, param(at), arg)?);
        }
        if let Some(last) = last {
            values.push(self.checked(last, param(args.len()))?);
        }
        Ok(())
    }

    /// Adds to what decided a result, as the function declares.
    fn pass(&mut self, function: &Function, value: &mut Value, args: &[Value]) {
        let engine = &mut *self.engine;
        match function.passing {
            Passing::Exact => match function.change {
                Change::None => {}
                Change::Set => self.control_entry(args),
                Change::Unset => self.control_absence(args),
            },
            Passing::Derived => {
                for arg in args {
                    let deps = arg.deep_deps(&mut engine.origins);
                    value.prov = engine.origins.union(value.prov, deps);
                }
            }
            Passing::Shallow => {
                for arg in args {
                    let deps = arg.deps(&mut engine.origins);
                    value.prov = engine.origins.union(value.prov, deps);
                }
            }
        }
    }

    /// What `set` put into a map is there because execution came here.
    fn control_entry(&mut self, args: &[Value]) {
        let control = self.frame.control;
        let (Some(map), Some(key)) = (
            args.first().and_then(Value::as_map),
            args.get(1).and_then(Value::as_bytes),
        ) else {
            return;
        };
        if control.is_none() {
            return;
        }
        let control = self.engine.origins.as_control(control);
        if let Some(entry) = map.entries.borrow_mut().get_mut(key) {
            entry.value.prov = self.engine.origins.union(entry.value.prov, control);
        }
    }

    #[cold]
    fn failed(&mut self, node: At<'a>, name: &str, failure: Failure, args: &[Value]) -> Stop {
        self.at = node;
        if let Failure::Budget(what) = failure {
            return self.over(what);
        }
        let origins = &mut self.engine.origins;
        let mut blame = if matches!(failure, Failure::Fail(_)) {
            self.frame.control
        } else {
            Prov::NONE
        };
        for arg in args {
            let deps = arg.deps(origins);
            blame = origins.union(blame, deps);
        }
        self.called(name, failure, blame)
    }

    /// `and` and `or` evaluate no more arguments than they need, and give back the last of those.
    fn short_circuit(
        &mut self,
        dot: &Val,
        name: &str,
        until: bool,
        args: &'a [Expr],
        last: Option<Val>,
    ) -> Result<Val, Stop> {
        if args.is_empty() && last.is_none() {
            let message = format!("wrong number of args for {name}: want at least 1 got 0");
            return Err(self.stop(message, Prov::NONE));
        }
        let mut because = Prov::NONE;
        let mut found = None;
        for (at, arg) in args.iter().enumerate() {
            let value = self.arg(dot, Param::Reflect, arg)?;
            let decided = value.truth() == until;
            let origins = &mut self.engine.origins;
            let ends = decided || (at + 1 == args.len() && last.is_none());
            if ends {
                found = Some(value);
                break;
            }
            let deps = value.deps(origins);
            because = origins.union(because, deps);
        }
        let value = match (found, last) {
            (Some(value), _) => value,
            (None, Some(last)) => last.value,
            (None, None) => Value::missing(),
        };
        Ok(Val::of(value.chosen(because, &mut self.engine.origins)))
    }

    /// `call`: no value of a template is a function, so it can only fail.
    fn call_value(&mut self, dot: &Val, node: At<'a>, args: &'a [Expr], last: Option<Val>) -> Stop {
        let name = match (args.first(), &last) {
            (Some(first), _) => self.printed(first),
            (None, Some(last)) => go_string(&last.value),
            (None, None) => String::new(),
        };
        let mut callee = None;
        for arg in args {
            match self.arg(dot, Param::Reflect, arg) {
                Ok(value) => callee = callee.or(Some(value)),
                Err(stop) => return stop,
            }
        }
        let Some(callee) = callee.or(last.map(|last| last.value)) else {
            let message = "wrong number of args for call: want at least 1 got 0";
            return self.stop(message, Prov::NONE);
        };
        let message = if callee.is_nil() {
            "call of nil".to_owned()
        } else {
            format!("non-function {name} of type {}", callee.type_name())
        };
        self.at = node;
        self.called("call", message.into(), callee.prov)
    }
}

/// Go's `reflect.Value.String`.
fn go_string(value: &Value) -> String {
    match value.as_bytes() {
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        None if value.is_nil() => "<invalid Value>".to_owned(),
        None => format!("<{} Value>", value.type_name()),
    }
}
