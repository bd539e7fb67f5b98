//! How a template goes: branches, loops, pipelines, operands.

use smol_str::SmolStr;

use super::function::Function;
use super::known::{Known, One, join, only};
use super::places::Name;
use super::walk::{Fate, Found, Walk};
use crate::template::ast::{Branch, Command, Expr, ExprKind, Part, Pipe, Template};
use crate::template::funcs::Callee;

/// Items of one list that are told apart.
const MAX_TURNS: usize = 32;

/// The turns of a loop.
struct Turns {
    items: Vec<Known>,
    /// Whether these are the turns, and not what each of them may be.
    is_exact: bool,
}

impl<'p> Walk<'p> {
    /// The value by which a `ternary` chooses: the paths that it looks at guard what is chosen.
    pub(super) fn choice(&mut self, condition: &'p Expr, dot: &Known) -> Known {
        let outer = self.looking.replace(self.looked.len());
        let value = self.operand(condition, dot, Fate::Tested);
        self.guard(outer);
        value
    }

    /// What was looked at by now guards what comes next; a condition around sees it, too.
    fn guard(&mut self, outer: Option<usize>) {
        let first = std::mem::replace(&mut self.looking, outer);
        let first = first.unwrap_or(self.looked.len());
        self.guards
            .extend_from_slice(self.looked.get(first..).unwrap_or_default());
        if outer.is_none() {
            self.looked.truncate(first);
        }
    }

    /// The value of a condition. The paths that it looks at guard what comes next; a condition
    /// around does not see them.
    fn condition(&mut self, pipe: &'p Pipe, dot: &Known) -> Known {
        let first = self.looked.len();
        let outer = self.looking.replace(first);
        let value = self.pipe(pipe, dot, Fate::Tested);
        self.looking = outer;
        if self.looked.len() > first {
            self.guards.extend(self.looked.drain(first..));
        }
        value
    }

    pub(super) fn branch(
        &mut self,
        branch: &'p Branch,
        dot: &Known,
        inner: impl Fn(&mut Self, Known) -> Known,
    ) {
        let vars = self.vars.len();
        let guards = self.guards.len();
        let value = self.condition(&branch.pipe, dot);
        let inside = self.guards.len();
        let inner = inner(self, value);
        let fails = std::mem::replace(&mut self.fails, false);
        let mut after = self.assigned(branch, vars);
        self.list(&branch.list, &inner);
        // What they hold then is put aside, and what they held before is there again.
        for (index, before) in after.iter_mut().flatten() {
            if let Some((_, value)) = self.vars.get_mut(*index) {
                std::mem::swap(value, before);
            }
        }
        if let Some(other) = &branch.else_list {
            self.list(other, dot);
        }
        self.or_else(after);
        // A chart that refuses to go on provides for what it looks at.
        if self.fails {
            let looked = self.guards.get(guards..inside).unwrap_or_default();
            self.demanded.extend(looked);
        }
        self.fails |= fails;
        self.guards.truncate(guards);
        self.vars.truncate(vars);
    }

    /// What the variables hold that a branch assigns to, and those that it declares itself, which
    /// are the ones from `own` on: by where they are. Nothing where it assigns to none.
    fn assigned(&self, branch: &Branch, own: usize) -> Option<Vec<(usize, Known)>> {
        if branch.assigns.is_empty() {
            return None;
        }
        let vars = self.vars.iter().enumerate().skip(self.first_var);
        let is_such = |index: usize, name: &str| {
            index >= own || branch.assigns.iter().any(|assigned| assigned == name)
        };
        let such = vars.filter(|(index, (name, _))| is_such(*index, name));
        Some(
            such.map(|(index, (_, value))| (index, value.clone()))
                .collect(),
        )
    }

    /// The variables hold what they hold, or what they held in another course.
    fn or_else(&mut self, other: Option<Vec<(usize, Known)>>) {
        for (index, other) in other.into_iter().flatten() {
            if let Some((_, value)) = self.vars.get_mut(index) {
                *value = join(value, &other);
            }
        }
    }

    /// The items that a loop goes through. Those of a list that a template made are known one by
    /// one; else what one turn assigns the next one sees.
    fn turns(&mut self, value: &Known, branch: &Branch) -> Turns {
        if let [One::List(number)] = **value
            && let Some(object) = self.look_into(number)
            && object.rest.is_none()
            && (1..=MAX_TURNS).contains(&object.items.len())
        {
            return Turns {
                items: object.items.clone(),
                is_exact: true,
            };
        }
        let count = if branch.assigns.is_empty() { 1 } else { 3 };
        Turns {
            items: vec![self.item(value); count],
            is_exact: false,
        }
    }

    pub(super) fn range(&mut self, branch: &'p Branch, dot: &Known) {
        let vars = self.vars.len();
        let guards = self.guards.len();
        let value = self.condition(&branch.pipe, dot);
        // The pipeline's variables hold the collection so far; they are to hold its items.
        self.vars.truncate(vars);
        let turns = self.turns(&value, branch);
        for item in turns.items {
            let before = self.assigned(branch, vars);
            match &*branch.pipe.decl {
                [one] => self.vars.push((&one.name, item.clone())),
                [key, one, ..] => {
                    self.vars.push((&key.name, only(One::Other)));
                    self.vars.push((&one.name, item.clone()));
                }
                [] => {}
            }
            let jumps = std::mem::replace(&mut self.jumps, false);
            self.list(&branch.list, &item);
            self.vars.truncate(vars);
            if !turns.is_exact || self.jumps {
                self.or_else(before);
            }
            self.jumps = jumps;
        }
        if let Some(other) = &branch.else_list {
            let before = self.assigned(branch, vars);
            self.list(other, dot);
            self.or_else(before);
        }
        self.guards.truncate(guards);
        self.vars.truncate(vars);
    }

    pub(super) fn pipe(&mut self, pipe: &'p Pipe, dot: &Known, fate: Fate) -> Known {
        let value = match &*pipe.cmds {
            [command] => {
                let guards = self.guards.len();
                let function = self.called(command);
                let value = self.command(command, function, dot, None, fate);
                self.guards.truncate(guards);
                value
            }
            _ => self.commands(pipe, dot, fate),
        };
        for variable in &pipe.decl {
            if !pipe.is_assign {
                self.vars.push((&variable.name, value.clone()));
            } else if let Some(known) = self
                .vars
                .iter_mut()
                .skip(self.first_var)
                .rev()
                .find(|(name, _)| *name == variable.name)
            {
                known.1 = value.clone();
            }
        }
        value
    }

    /// The value of several commands, each of which is given that of the one before.
    fn commands(&mut self, pipe: &'p Pipe, dot: &Known, fate: Fate) -> Known {
        let mut value: Option<Known> = None;
        // `hasKey .Values "a" | ternary .Values.a 1`
        let mut choices = pipe.cmds.iter().skip(1);
        let choice = choices.position(|command| {
            let called = command.args.first().map(|first| &first.kind);
            matches!(called, Some(ExprKind::Identifier(callee)) if callee.name() == "ternary")
        });
        let mut outer = choice.map(|_| self.looking.replace(self.looked.len()));
        let guards = self.guards.len();
        let mut function = pipe.cmds.first().and_then(|first| self.called(first));
        for (index, command) in pipe.cmds.iter().enumerate() {
            if choice.is_some_and(|choice| choice + 1 == index)
                && let Some(outer) = outer.take()
            {
                self.guard(outer);
            }
            let next = pipe.cmds.get(index + 1);
            let next = next.and_then(|next| self.called(next));
            let fate = next.map_or(fate, |next| next.fate_of_last(fate));
            value = match (value, function) {
                // Of a text that is only handed on nothing is to be noted.
                (Some(piped), Some(called))
                    if leaves(called, &piped) && constants(command).is_some() =>
                {
                    self.work(constants(command).unwrap_or_default());
                    Some(only(One::Other))
                }
                (value, function) => Some(self.command(command, function, dot, value, fate)),
            };
            function = next;
        }
        self.guards.truncate(guards);
        value.unwrap_or_else(|| only(One::Other))
    }

    fn command(
        &mut self,
        command: &'p Command,
        function: Option<Function>,
        dot: &Known,
        piped: Option<Known>,
        fate: Fate,
    ) -> Known {
        let Some((first, rest)) = command.args.split_first() else {
            return only(One::Other);
        };
        if let Some(function) = function {
            return self.function(function, command.span, rest, dot, piped, fate);
        }
        if rest.is_empty() && piped.is_none() {
            return self.operand(first, dot, fate);
        }
        // A method: what it is given it may use.
        let receiver = self.operand(first, dot, Fate::Kept);
        for argument in rest {
            let value = self.operand(argument, dot, Fate::Used);
            self.whole(&value);
        }
        if let Some(piped) = piped {
            self.whole(&piped);
        }
        self.whole(&receiver);
        only(One::Other)
    }

    pub(super) fn operand(&mut self, expr: &'p Expr, dot: &Known, fate: Fate) -> Known {
        if !self.step() {
            return only(One::Other);
        }
        let (base, parts): (Known, &'p [Part]) = match &expr.kind {
            ExprKind::Dot => (dot.clone(), &[]),
            ExprKind::Field(parts) => (dot.clone(), parts),
            ExprKind::Variable(variable) => {
                let (name, parts) = &**variable;
                let vars = self.vars.get(self.first_var..).unwrap_or_default();
                let known = vars.iter().rev().find(|(known, _)| known == name);
                let known = known.map(|(_, value)| value.clone());
                (known.unwrap_or_else(|| only(One::Other)), parts)
            }
            ExprKind::Chain(chain) => {
                let (inner, parts) = &**chain;
                (self.operand(inner, dot, Fate::Kept), parts)
            }
            ExprKind::Pipe(pipe) => return self.pipe(pipe, dot, fate),
            ExprKind::Identifier(callee) => {
                let function = self.named(callee);
                return self.function(function, expr.span, &[], dot, None, fate);
            }
            ExprKind::String { value, .. } => {
                return only(One::Text(self.constant(value)));
            }
            ExprKind::Nil | ExprKind::Bool(_) | ExprKind::Number(_) => return only(One::Other),
        };
        let mut value = base;
        for part in parts {
            let name = self.name(&part.name);
            value = self.entry(&value, name);
        }
        self.look(&value);
        let is_plain = !parts.is_empty() && !matches!(expr.kind, ExprKind::Chain(..));
        if fate == Fate::Used
            && is_plain
            && let [One::Values(place)] = *value
        {
            self.bare(place, expr.span, 0);
        }
        value
    }

    /// The function that a command calls, where it is one.
    fn called(&mut self, command: &'p Command) -> Option<Function> {
        match &command.args.first()?.kind {
            ExprKind::Identifier(callee) => Some(self.named(callee)),
            _ => None,
        }
    }

    fn named(&mut self, callee: &'p Callee) -> Function {
        // One function is told apart once, wherever it is called.
        let place = match callee {
            Callee::Function(function) => std::ptr::from_ref(*function).addr(),
            _ => std::ptr::from_ref(callee).addr(),
        };
        if let Some(Found::Function(function)) = self.near.get(place) {
            return function;
        }
        let function = Function::of(callee.name());
        self.near.put(place, Found::Function(function));
        function
    }

    /// The template that is named by a constant.
    pub(super) fn named_template(&mut self, name: &'p Expr) -> Option<&'p Template> {
        let ExprKind::String { value } = &name.kind else {
            return None;
        };
        let place = std::ptr::from_ref(name).addr();
        if let Some(Found::Template(number)) = self.near.get(place) {
            return self.template(number);
        }
        let number = self.number_of(std::str::from_utf8(value).ok()?)?;
        self.near.put(place, Found::Template(number));
        self.template(number)
    }

    fn name(&mut self, name: &'p SmolStr) -> Name {
        let place = std::ptr::from_ref(name).addr();
        if let Some(Found::Name(name)) = self.near.get(place) {
            return name;
        }
        let name = self.places.name(name);
        self.near.put(place, Found::Name(name));
        name
    }

    /// The text that is written as a string. Those without a byte lie nowhere.
    fn constant(&mut self, text: &'p [u8]) -> Name {
        let place = text.as_ptr().addr();
        if !text.is_empty()
            && let Some(Found::Name(name)) = self.near.get(place)
        {
            return name;
        }
        let name = self.places.name(&String::from_utf8_lossy(text));
        if !text.is_empty() {
            self.near.put(place, Found::Name(name));
        }
        name
    }
}

/// Whether nothing is to be noted where a function is given this value besides constants.
fn leaves(function: Function, value: &Known) -> bool {
    match **value {
        [One::Other] => function.is_of_all() || function == Function::Trim,
        [One::Text(_) | One::Like(_)] => function.is_of_all(),
        _ => false,
    }
}

/// How many arguments a call has, where all are constants.
fn constants(command: &Command) -> Option<usize> {
    let (_, arguments) = command.args.split_first()?;
    let are_constants = arguments.iter().all(|argument| is_constant(&argument.kind));
    are_constants.then_some(arguments.len())
}

/// Whether what is written is a constant.
pub(super) fn is_constant(expr: &ExprKind) -> bool {
    matches!(
        expr,
        ExprKind::Nil | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String { .. }
    )
}
