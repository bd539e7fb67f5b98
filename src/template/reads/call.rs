//! What functions do with what is known of their arguments.

use super::flow::is_constant;
use super::function::Function;
use super::known::{Entries, Known, Object, One, Union, add, join, only};
use super::places::{Name, Place, Step};
use super::walk::{Fate, Walk};
use crate::source::Span;
use crate::template::ast::{Expr, ExprKind};

impl<'p> Walk<'p> {
    pub(super) fn function(
        &mut self,
        function: Function,
        span: Span,
        rest: &'p [Expr],
        dot: &Known,
        piped: Option<Known>,
        fate: Fate,
    ) -> Known {
        let guards = self.guards.len();
        if function == Function::Include
            && let ([name, argument], None) = (rest, &piped)
            && let Some(template) = self.named_template(name)
        {
            self.step();
            let argument = self.operand(argument, dot, function.fate_of_last(fate));
            self.guards.truncate(guards);
            self.call_template(template, argument);
            return only(One::Other);
        }
        if function.is_of_all() && is_of_one(rest, piped.is_some()) {
            return self.told(function, rest, dot, piped, fate);
        }
        let (written, condition) = match (function, rest) {
            (Function::Ternary, [chosen @ .., condition]) if chosen.len() == 2 => {
                (chosen, Some(self.choice(condition, dot)))
            }
            _ => (rest, None),
        };
        let mut args = self.spare.pop().unwrap_or_default();
        for (index, argument) in written.iter().enumerate() {
            let is_last = piped.is_none() && index + 1 == rest.len();
            let fate = if is_last {
                function.fate_of_last(fate)
            } else {
                function.fate_of(index, fate)
            };
            let argument = self.operand(argument, dot, fate);
            args.push(argument);
        }
        self.guards.truncate(guards);
        if let Some(last) = condition.or(piped) {
            args.push(last);
        }
        let value = self.apply(function, span, rest, &args);
        args.clear();
        self.spare.push(args);
        value
    }

    /// What a function gives that does the same to all arguments, of which one at most is none of
    /// the constants.
    fn told(
        &mut self,
        function: Function,
        rest: &'p [Expr],
        dot: &Known,
        piped: Option<Known>,
        fate: Fate,
    ) -> Known {
        let guards = self.guards.len();
        let mut value = piped;
        for (index, argument) in rest.iter().enumerate() {
            if is_constant(&argument.kind) {
                self.step();
            } else {
                let fate = match index + 1 == rest.len() {
                    true => function.fate_of_last(fate),
                    false => function.fate_of(index, fate),
                };
                value = Some(self.operand(argument, dot, fate));
            }
        }
        self.guards.truncate(guards);
        if let Some(value) = value.filter(|_| function != Function::Tells) {
            self.whole(&value);
        }
        only(One::Other)
    }

    fn apply(
        &mut self,
        function: Function,
        span: Span,
        written: &'p [Expr],
        args: &[Known],
    ) -> Known {
        let other = only(One::Other);
        match (function, args) {
            (Function::Default | Function::Either, _) => joined(args),
            (Function::Ternary, [a, b, _]) => join(a, b),
            (Function::Tells, _) => other,
            (Function::Required, [_, value]) => {
                self.demanded.extend(places(value));
                value.clone()
            }
            (Function::Fail, _) => {
                self.fails = true;
                self.all_whole(args)
            }
            (Function::Dict, _) => self.dict(span, args),
            (Function::List, _) => {
                let items = args.to_vec();
                let object = Object {
                    items,
                    ..Object::default()
                };
                only(One::List(self.make(span, object)))
            }
            (Function::HasKey, [map, key]) => {
                let value = self.under(map, key);
                self.look(&value);
                other
            }
            (Function::Get, [map, key]) => self.looked_up(map, key),
            (Function::Index, [map, keys @ ..]) => self.index(map, keys, written),
            (Function::Dig, [keys @ .., default, map]) => {
                let mut value = map.clone();
                for key in keys {
                    value = self.looked_up(&value, key);
                }
                join(&value, default)
            }
            (Function::Pluck, [key, maps @ ..]) => {
                let mut found = Union::default();
                for map in maps {
                    found.add(&self.under(map, key));
                }
                self.list_of(span, found.done())
            }
            (Function::Pick, [map, keys @ ..]) => {
                let mut object = Object::default();
                for key in keys {
                    let value = self.under(map, key);
                    match text_of(key) {
                        Some(name) => {
                            object.entries.insert(name, value);
                        }
                        None => object.rest = Some(value),
                    }
                }
                only(One::Map(self.make(span, object)))
            }
            (Function::Omit | Function::Without, [of, keys @ ..]) => {
                self.all_whole(keys);
                of.clone()
            }
            // A map that is copied is not read yet; a text that is printed is.
            (Function::Copy | Function::Reorder, [of]) => of.clone(),
            (Function::Trim, [of]) => {
                self.whole(of);
                of.clone()
            }
            (Function::Rest, [of]) if self.is_exact(of) => self.rest(span, of),
            (Function::Rest | Function::Slice, [of, ..]) => {
                let item = self.item(of);
                self.list_of(span, item)
            }
            (Function::First, [of]) => self.item(of),
            (Function::Append | Function::Push, [list, item]) => {
                let items = join(&self.item(list), item);
                self.list_of(span, items)
            }
            (Function::Concat, lists) => {
                let mut items: Known = Known::default();
                for list in lists {
                    items = join(&items, &self.item(list));
                }
                self.list_of(span, items)
            }
            (Function::Keys, maps) => {
                for map in maps {
                    self.item(map);
                }
                self.list_of(span, other)
            }
            (Function::Values, [map]) => {
                let item = self.item(map);
                self.list_of(span, item)
            }
            (Function::Len, [of]) => {
                self.item(of);
                other
            }
            (Function::Set, [map, key, value]) => self.set(map, key, value),
            (Function::Merge, [into, more @ ..]) => {
                for map in more {
                    self.merge(into, map);
                }
                joined(args)
            }
            (Function::Include, [name, dot]) => self.include(name, dot),
            (Function::Tpl, [text, _]) => {
                self.whole(text);
                for text in texts(text) {
                    let text = self.places.text(text);
                    self.text(&text, 0);
                }
                other
            }
            (Function::SplitList, [separator, text]) => self.split(span, separator, text),
            (Function::Printf, _) => self.printed(args, true),
            (Function::Print, _) => self.printed(args, false),
            _ => self.all_whole(args),
        }
    }

    fn all_whole(&mut self, args: &[Known]) -> Known {
        for argument in args {
            self.whole(argument);
        }
        only(One::Other)
    }

    fn list_of(&mut self, span: Span, items: Known) -> Known {
        let rest = Some(items);
        let object = Object {
            rest,
            ..Object::default()
        };
        only(One::List(self.make(span, object)))
    }

    /// Whether it is a list whose items are known one by one.
    fn is_exact(&self, list: &Known) -> bool {
        match **list {
            [One::List(number)] => self
                .objects
                .get(number as usize)
                .is_some_and(|list| list.rest.is_none()),
            _ => false,
        }
    }

    fn rest(&mut self, span: Span, list: &Known) -> Known {
        let items = match **list {
            [One::List(number)] => self.look_into(number).map(|list| list.items.clone()),
            _ => None,
        };
        let items = items.unwrap_or_default().into_iter().skip(1).collect();
        let object = Object {
            items,
            ..Object::default()
        };
        only(One::List(self.make(span, object)))
    }

    fn dict(&mut self, span: Span, args: &[Known]) -> Known {
        let mut object = Object {
            entries: Entries::with_capacity(args.len() / 2),
            ..Object::default()
        };
        for pair in args.chunks(2) {
            let [key, value] = pair else { continue };
            match text_of(key) {
                Some(name) => {
                    object.entries.insert(name, value.clone());
                }
                None => {
                    self.whole(key);
                    let rest = object.rest.take();
                    object.rest = Some(rest.map_or(value.clone(), |rest| join(&rest, value)));
                }
            }
        }
        only(One::Map(self.make(span, object)))
    }

    /// What stands under a key that is itself computed.
    fn under(&mut self, map: &Known, key: &Known) -> Known {
        let mut found = Union::default();
        for one in key.iter() {
            let next = match one {
                One::Text(name) => self.entry(map, *name),
                _ => {
                    self.whole(&only(*one));
                    self.item(map)
                }
            };
            found.add(&next);
        }
        self.bounded(found.done())
    }

    fn looked_up(&mut self, map: &Known, key: &Known) -> Known {
        let value = self.under(map, key);
        self.look(&value);
        value
    }

    fn index(&mut self, map: &Known, keys: &[Known], written: &'p [Expr]) -> Known {
        let mut value = map.clone();
        for (at, key) in keys.iter().enumerate() {
            // An item of a list that a template made, by its number.
            let number = match written.get(at + 1).map(|argument| &argument.kind) {
                Some(ExprKind::Number(number)) => number.uint,
                _ => None,
            };
            let number = number.and_then(|number| usize::try_from(number).ok());
            let item = match (number, &*value) {
                (Some(number), [One::List(list)]) => {
                    let object = self.look_into(*list);
                    object.and_then(|object| match object.items.get(number) {
                        // Behind the end of a list there is nothing.
                        None if object.rest.is_none() => Some(only(One::Other)),
                        item => item.cloned(),
                    })
                }
                _ => None,
            };
            value = match item {
                Some(item) => item,
                None => self.looked_up(&value, key),
            };
        }
        value
    }

    fn set(&mut self, map: &Known, key: &Known, value: &Known) -> Known {
        self.again.is_own = true;
        self.hold(value);
        let name = text_of(key);
        for one in map.iter() {
            match *one {
                One::Root(_) | One::Caller => {
                    let chart = match *one {
                        One::Root(chart) => chart,
                        _ => 0,
                    };
                    match name {
                        Some(name) => self.declare(chart, name, value),
                        None => self.whole(value),
                    }
                }
                One::Map(number) => {
                    let Some(object) = self.objects.get_mut(number as usize) else {
                        continue;
                    };
                    let (is_looked, is_whole) = (object.is_looked, object.is_whole);
                    let old = match name {
                        Some(name) => object.entries.of(name),
                        None => object.rest.get_or_insert_default(),
                    };
                    let is_new = add(old, value);
                    object.edits = object.edits.wrapping_add(u32::from(is_new));
                    self.stale |= is_new && is_looked;
                    if is_whole {
                        self.whole(value);
                    }
                }
                One::Values(place) => {
                    let step = name.map_or(Step::Any, Step::Key);
                    let inner = self.places.inner(place, step);
                    // Which of its entries is made is not known of those of any key.
                    self.made.insert(match step {
                        Step::Key(_) => inner,
                        Step::Any => place,
                    });
                    self.merge_into(inner, value);
                }
                _ => self.whole(value),
            }
        }
        map.clone()
    }

    fn merge(&mut self, into: &Known, map: &Known) {
        self.again.is_own = true;
        self.hold(map);
        for one in into.iter() {
            match *one {
                One::Values(place) => {
                    self.made.insert(place);
                    self.merge_into(place, map);
                }
                One::Map(number) => {
                    let Some(object) = self.objects.get_mut(number as usize) else {
                        continue;
                    };
                    if !object.merged.contains(map) {
                        object.merged.push(map.clone());
                        object.edits = object.edits.wrapping_add(1);
                        self.stale |= object.is_looked;
                    }
                    if object.is_whole {
                        self.whole(map);
                    }
                }
                _ => {}
            }
        }
    }

    fn merge_into(&mut self, place: Place, value: &Known) {
        self.places.merge(place);
        if add(self.merged.entry(place).or_default(), value) {
            let places = &self.places;
            self.stale |= places.is_looked_into(place) || places.is_looked_beside(place);
            if self.places.is_read_around(place) {
                self.whole(value);
            }
        }
    }

    /// A template whose name is not known may be any that is defined.
    fn include(&mut self, name: &Known, dot: &Known) -> Known {
        for one in name.iter() {
            match one {
                One::Text(name) => {
                    let name = self.places.text(*name);
                    self.call(&name, dot.clone());
                }
                One::Like(pattern) => {
                    let pattern = self.places.text(*pattern);
                    self.call_like(&pattern, dot);
                }
                _ => {
                    self.whole(&only(*one));
                    self.call_like("*", dot);
                }
            }
        }
        only(One::Other)
    }

    /// Calls every template of such a name. Where there is none, it may be one of a chart that is
    /// missing, which reads anything.
    fn call_like(&mut self, pattern: &str, dot: &Known) {
        let mut is_found = self.is_file(|name| is_like(pattern, name));
        for name in self.defined().iter() {
            if is_like(pattern, name) {
                is_found = true;
                self.call(name, dot.clone());
            }
        }
        if !is_found {
            self.whole(dot);
        }
    }

    fn split(&mut self, span: Span, separator: &Known, text: &Known) -> Known {
        let (Some(separator), Some(name)) = (text_of(separator), text_of(text)) else {
            self.whole(text);
            return self.list_of(span, only(One::Other));
        };
        let (separator, text) = (self.places.text(separator), self.places.text(name));
        let parts = text.split(&*separator);
        let items = parts.map(|part| only(One::Text(self.places.name(part))));
        let items = items.collect();
        let object = Object {
            items,
            ..Object::default()
        };
        only(One::List(self.make(span, object)))
    }

    /// A text that `tpl` may execute, in the chart of a number: what it names is read.
    pub(super) fn text(&mut self, text: &str, chart: u32) {
        let root = only(One::Root(chart));
        for action in text.split("{{").skip(1) {
            let action = action.split("}}").next().unwrap_or_default();
            for rest in action.split(".Values").skip(1) {
                let end = rest
                    .find(|c: char| c != '.' && c != '_' && !c.is_alphanumeric())
                    .unwrap_or(rest.len());
                let (path, _) = rest.split_at(end);
                let mut value = self.entry(&root, Name::VALUES);
                for key in path.split('.').filter(|key| !key.is_empty()) {
                    let name = self.places.name(key);
                    value = self.entry(&value, name);
                }
                self.whole(&value);
            }
            for word in ["include", "template"] {
                for rest in action.split(word).skip(1) {
                    let rest = rest.trim_start();
                    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '`')) else {
                        continue;
                    };
                    // Other programs have templates, too: what is not here is not Helm's.
                    if let Some(name) = rest.split(quote).nth(1)
                        && self.is_defined(name)
                    {
                        self.call(name, root.clone());
                    }
                }
            }
        }
    }
}

/// Whether a text has all the parts of a pattern, in order.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((first, parts)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let last = parts.rsplit('*').next().unwrap_or_default();
    // Mostly the ends tell.
    let Some(mut rest) = text.strip_prefix(first).filter(|_| text.ends_with(last)) else {
        return false;
    };
    parts.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = rest.get(at + part.len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

/// Whether one value at most is none of the constants.
fn is_of_one(written: &[Expr], is_piped: bool) -> bool {
    let others = written.iter().filter(|one| !is_constant(&one.kind));
    others.count() + usize::from(is_piped) <= 1
}

fn joined(args: &[Known]) -> Known {
    if let [a, b] = args {
        return join(a, b);
    }
    let mut found = Union::default();
    for argument in args {
        found.add(argument);
    }
    found.done()
}

/// The text that a value is, where it is one.
fn text_of(value: &Known) -> Option<Name> {
    match **value {
        [One::Text(name)] => Some(name),
        _ => None,
    }
}

fn texts(value: &Known) -> Vec<Name> {
    let texts = value.iter().filter_map(|one| match one {
        One::Text(name) => Some(*name),
        _ => None,
    });
    texts.collect()
}

fn places(value: &Known) -> Vec<Place> {
    let places = value.iter().filter_map(|one| match one {
        One::Values(place) => Some(*place),
        _ => None,
    });
    places.collect()
}
