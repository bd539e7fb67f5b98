//! `range`.

use crate::source::{ContextKind, Prov};
use crate::template::ast::Branch;
use crate::template::error::Cause;
use crate::template::funcs::print;
use crate::template::parse::print as node_print;
use crate::template::value::{Data, IntType, Key, Value};

use super::Engine;
use super::exec::{At, Flow, Frame, Held, Stop};

/// What a `range` goes over.
enum Turns {
    Count(i64),
    Items(Vec<Value>),
    Entries(Vec<(Key, Prov, Value)>),
}

/// One turn: its index or key, its element, and its name in a trace.
struct Turn {
    index: Value,
    item: Held,
    name: String,
}

impl Engine {
    pub(super) fn range<'t>(
        &mut self,
        branch: &'t Branch,
        frame: &mut Frame<'t>,
    ) -> Result<Flow, Stop> {
        let mark = frame.vars.len();
        let held = self.pipe(&branch.pipe, frame)?;
        let control = held.value.deps(&mut self.origins);
        self.conditions = self.origins.union(self.conditions, control);
        let inner = frame.vars.len();
        let mut ran = false;
        match self.turns(&held.value, branch, frame)? {
            Turns::Count(count) => {
                for index in 0..count {
                    ran = true;
                    let item = Value::with(Data::Int(index, IntType::Int), held.value.prov);
                    let turn = Turn {
                        index: Value::missing(),
                        item: Held::plain(item),
                        name: index.to_string(),
                    };
                    if self.turn(branch, turn, control, inner, frame)? {
                        break;
                    }
                }
            }
            Turns::Items(items) => {
                for (at, item) in items.into_iter().enumerate() {
                    ran = true;
                    let turn = Turn {
                        index: Value::int(i64::try_from(at).unwrap_or(i64::MAX)),
                        item: Held::boxed(item),
                        name: at.to_string(),
                    };
                    if self.turn(branch, turn, control, inner, frame)? {
                        break;
                    }
                }
            }
            Turns::Entries(entries) => {
                for (key, prov, value) in entries {
                    ran = true;
                    let turn = Turn {
                        index: Value::with(Value::str(key.to_vec()).data, prov),
                        item: Held::boxed(value),
                        name: String::from_utf8_lossy(&key).into_owned(),
                    };
                    if self.turn(branch, turn, control, inner, frame)? {
                        break;
                    }
                }
            }
        }
        let mut flow = Flow::Next;
        if !ran {
            let outer = self.enter(ContextKind::If, branch.pipe.span, control);
            let walked = self.otherwise(branch, frame);
            self.context = outer;
            flow = walked?;
        }
        frame.vars.truncate(mark);
        self.taint(branch, control, frame);
        Ok(flow)
    }

    /// Executes one turn; whether it broke out.
    fn turn<'t>(
        &mut self,
        branch: &'t Branch,
        turn: Turn,
        control: Prov,
        inner: usize,
        frame: &mut Frame<'t>,
    ) -> Result<bool, Stop> {
        self.spend_at(1, frame, branch.span)?;
        let Turn { index, item, name } = turn;
        let pipe = &branch.pipe;
        match (pipe.is_assign, pipe.decl.as_slice()) {
            (_, []) => {}
            (true, [only]) => self.assign(&only.name, item.clone(), frame),
            (true, [first, second, ..]) => {
                self.assign(&first.name, Held::plain(index), frame);
                self.assign(&second.name, item.clone(), frame);
            }
            (false, decl) => {
                // The variables that the pipeline declared are set anew each turn.
                let top = frame.vars.len();
                if let Some((_, held)) = frame.vars.get_mut(top.saturating_sub(1)) {
                    *held = item.clone();
                }
                if decl.len() > 1
                    && let Some((_, held)) = frame.vars.get_mut(top.saturating_sub(2))
                {
                    *held = Held::plain(index);
                }
            }
        }
        let outer = self.enter(ContextKind::Range(name), branch.pipe.span, control);
        let dot = std::mem::replace(&mut frame.dot, item);
        let flow = self.walk_list(&branch.list, frame);
        frame.dot = dot;
        self.context = outer;
        frame.vars.truncate(inner);
        Ok(flow? == Flow::Break)
    }

    fn turns(
        &mut self,
        value: &Value,
        branch: &Branch,
        frame: &Frame<'_>,
    ) -> Result<Turns, Stop> {
        Ok(match &value.data {
            Data::Int(count, _) => {
                if branch.pipe.decl.len() > 1 {
                    let text = format!("can't use {count} to iterate over more than one variable");
                    return Err(self.range_error(branch, frame, text));
                }
                Turns::Count(*count)
            }
            Data::List(list) => Turns::Items(list.items.clone()),
            Data::Bytes(text) => Turns::Items(
                text.bytes()
                    .iter()
                    .map(|byte| {
                        let data = Data::Int(i64::from(*byte), IntType::Uint8);
                        Value::with(data, value.prov)
                    })
                    .collect(),
            ),
            Data::Map(_, map) => {
                let entries = map.entries.borrow();
                self.reads.extend(entries.values().map(|entry| entry.key));
                Turns::Entries(
                    entries
                        .iter()
                        .map(|(key, entry)| (Key::clone(key), entry.key, entry.value.clone()))
                        .collect(),
                )
            }
            Data::Missing | Data::Nil => Turns::Items(Vec::new()),
            Data::Object(object) if object.kind() == "slice" => Turns::Items(
                object
                    .entries()
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(_, value)| value)
                    .collect(),
            ),
            Data::Object(object) if object.entries().is_some() => Turns::Entries(
                object
                    .entries()
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(key, value)| (key, Prov::NONE, value))
                    .collect(),
            ),
            _ => {
                let shown = print::print_value(value);
                let shown = String::from_utf8_lossy(shown.bytes()).into_owned();
                let text = format!("range can't iterate over {shown}");
                return Err(self.range_error(branch, frame, text));
            }
        })
    }

    /// Go's last marked node is the pipeline's last operand; its message names that.
    fn range_error(&mut self, branch: &Branch, frame: &Frame<'_>, text: String) -> Stop {
        let last = branch.pipe.cmds.last().and_then(|cmd| cmd.args.first());
        let at = match last {
            Some(arg) => At {
                pos: arg.pos,
                node: node_print::expr(arg),
                span: arg.span,
            },
            None => At {
                pos: branch.pos,
                node: String::new(),
                span: branch.span,
            },
        };
        self.error(frame, at, Cause::Text(text))
    }
}
