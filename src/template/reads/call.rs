//! What functions do with what is known of their arguments.

use super::known::{Known, MAX_ONES, Object, One, Union, add, join, only};
use super::places::{Name, Place, Step};
use super::walk::{Fate, Walk};
use crate::source::Span;
use crate::template::ast::{Expr, ExprKind};

/// What becomes of the last argument of a function, where `outer` becomes of its result.
pub(super) fn fate_of_last(name: &str, outer: Fate) -> Fate {
    match name {
        _ if outer == Fate::Tested => Fate::Tested,
        "default" | "coalesce" | "or" | "and" | "not" | "empty" | "ternary" | "required"
        | "hasKey" | "kindIs" | "kindOf" | "typeIs" | "typeIsLike" | "typeOf" | "dig" | "eq"
        | "ne" | "lt" | "le" | "gt" | "ge" | "get" | "has" | "any" | "all" | "deepEqual"
        | "fail" => Fate::Tested,
        "dict" | "list" | "tuple" | "set" | "unset" | "include" | "tpl" | "pluck" | "pick"
        | "omit" | "merge" | "mergeOverwrite" | "mustMerge" | "mustMergeOverwrite" | "deepCopy"
        | "mustDeepCopy" | "append" | "prepend" | "mustAppend" | "mustPrepend" => Fate::Kept,
        _ => outer,
    }
}

/// What becomes of an argument that is not the last.
fn fate_of(name: &str, index: usize, outer: Fate) -> Fate {
    match (name, index) {
        // The default itself, and what a ternary chooses from, are the result.
        ("default", 0) | ("ternary", 0 | 1) => outer,
        _ => fate_of_last(name, outer),
    }
}

impl<'p> Walk<'p> {
    pub(super) fn function(
        &mut self,
        name: &str,
        span: Span,
        rest: &'p [Expr],
        dot: &Known,
        piped: Option<Known>,
        fate: Fate,
    ) -> Known {
        let mut args: Vec<Known> = Vec::with_capacity(rest.len() + 1);
        let guards = self.guards.len();
        let (written, condition) = match (name, rest) {
            ("ternary", [chosen @ .., condition]) if chosen.len() == 2 => {
                (chosen, Some(self.choice(condition, dot)))
            }
            _ => (rest, None),
        };
        for (index, argument) in written.iter().enumerate() {
            let is_last = piped.is_none() && index + 1 == rest.len();
            let fate = if is_last {
                fate_of_last(name, fate)
            } else {
                fate_of(name, index, fate)
            };
            args.push(self.operand(argument, dot, fate));
        }
        self.guards.truncate(guards);
        args.extend(condition.or(piped));
        self.apply(name, span, rest, &args)
    }

    fn apply(&mut self, name: &str, span: Span, written: &'p [Expr], args: &[Known]) -> Known {
        let other = only(One::Other);
        match (name, args) {
            ("default" | "coalesce" | "or" | "and", _) => joined(args),
            ("ternary", [a, b, _]) => join(a, b),
            ("not" | "empty" | "kindIs" | "kindOf" | "typeIs" | "typeIsLike" | "typeOf", _) => {
                other
            }
            ("required", [_, value]) => {
                self.demanded.extend(places(value));
                value.clone()
            }
            ("fail", _) => {
                self.fails = true;
                self.all_whole(args)
            }
            ("dict", _) => self.dict(span, args),
            ("list" | "tuple", _) => {
                let items = args.to_vec();
                let object = Object {
                    items,
                    ..Object::default()
                };
                only(One::List(self.make(span, object)))
            }
            ("hasKey", [map, key]) => {
                let value = self.under(map, key);
                self.look(&value);
                other
            }
            ("get", [map, key]) => self.looked_up(map, key),
            ("index", [map, keys @ ..]) => self.index(map, keys, written),
            ("dig", [keys @ .., default, map]) => {
                let mut value = map.clone();
                for key in keys {
                    value = self.looked_up(&value, key);
                }
                join(&value, default)
            }
            ("pluck", [key, maps @ ..]) => {
                let mut found = Union::default();
                for map in maps {
                    found.add(&self.under(map, key));
                }
                self.list_of(span, found.done())
            }
            ("pick", [map, keys @ ..]) => {
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
            ("omit" | "unset" | "without" | "mustWithout", [of, keys @ ..]) => {
                self.all_whole(keys);
                of.clone()
            }
            (
                "deepCopy" | "mustDeepCopy" | "uniq" | "mustUniq" | "compact" | "mustCompact"
                | "reverse" | "mustReverse" | "toString" | "trim",
                [of],
            ) => {
                // A text that is printed is read; a map that is copied not yet.
                if matches!(name, "toString" | "trim") {
                    self.whole(of);
                }
                of.clone()
            }
            ("rest" | "mustRest", [of]) if self.is_exact(of) => self.rest(span, of),
            ("rest" | "mustRest" | "initial" | "mustInitial" | "slice" | "mustSlice", [of, ..]) => {
                let item = self.item(of);
                self.list_of(span, item)
            }
            ("first" | "mustFirst" | "last" | "mustLast", [of]) => self.item(of),
            (
                "append" | "push" | "mustAppend" | "mustPush" | "prepend" | "mustPrepend",
                [list, item],
            ) => {
                let items = join(&self.item(list), item);
                self.list_of(span, items)
            }
            ("concat", lists) => {
                let mut items: Known = Known::default();
                for list in lists {
                    items = join(&items, &self.item(list));
                }
                self.list_of(span, items)
            }
            ("keys", maps) => {
                for map in maps {
                    self.item(map);
                }
                self.list_of(span, other)
            }
            ("values", [map]) => {
                let item = self.item(map);
                self.list_of(span, item)
            }
            ("len", [of]) => {
                self.item(of);
                other
            }
            ("set", [map, key, value]) => self.set(map, key, value),
            (
                "merge" | "mergeOverwrite" | "mustMerge" | "mustMergeOverwrite",
                [into, more @ ..],
            ) => {
                for map in more {
                    self.merge(into, map);
                }
                joined(args)
            }
            ("include", [name, dot]) => self.include(name, dot),
            ("tpl", [text, _]) => {
                self.whole(text);
                let chart = self.charts.len().min(1);
                for text in texts(text) {
                    let text = self.places.text(text);
                    self.text(&text, chart.saturating_sub(1));
                }
                other
            }
            ("splitList", [separator, text]) => self.split(span, separator, text),
            ("printf" | "print", _) => self.printed(name, args),
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
                .get(number)
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
        let mut object = Object::default();
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
        self.hold(value);
        let name = text_of(key);
        for one in map.iter() {
            match *one {
                One::Root(chart) => match name {
                    Some(name) => self.declare(chart, name, value),
                    None => self.whole(value),
                },
                One::Map(number) => {
                    let Some(object) = self.objects.get_mut(number) else {
                        continue;
                    };
                    let (is_looked, is_whole) = (object.is_looked, object.is_whole);
                    let old = match name {
                        Some(name) => object.entries.entry(name).or_default(),
                        None => object.rest.get_or_insert_default(),
                    };
                    self.stale |= add(old, value) && is_looked;
                    if is_whole {
                        self.whole(value);
                    }
                }
                One::Values(place) => {
                    let inner = match name {
                        Some(name) => self.places.inner(place, Step::Key(name)),
                        None => place,
                    };
                    self.made.insert(inner);
                    self.merge_into(inner, value);
                }
                _ => self.whole(value),
            }
        }
        map.clone()
    }

    fn merge(&mut self, into: &Known, map: &Known) {
        self.hold(map);
        for one in into.iter() {
            match *one {
                One::Values(place) => {
                    self.made.insert(place);
                    self.merge_into(place, map);
                }
                One::Map(number) => {
                    let Some(object) = self.objects.get_mut(number) else {
                        continue;
                    };
                    if !object.merged.contains(map) {
                        object.merged.push(map.clone());
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
        if add(self.merged.entry(place).or_default(), value) {
            self.stale |= self.places.is_looked_into(place);
            if self.places.is_read_whole(&[place]) {
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

    fn call_like(&mut self, pattern: &str, dot: &Known) {
        for name in self.defined().iter() {
            if is_like(pattern, name) {
                self.call(name, dot.clone());
            }
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

    /// The texts that are printed, as far as they are known.
    fn printed(&mut self, name: &str, args: &[Known]) -> Known {
        let mut known: Vec<Vec<String>> = Vec::new();
        for argument in args {
            let mut texts = Vec::new();
            for one in argument.iter() {
                match one {
                    One::Text(name) | One::Like(name) => {
                        texts.push(self.places.text(*name).to_string())
                    }
                    _ => {
                        self.whole(&only(*one));
                        texts.push("*".to_owned());
                    }
                }
            }
            known.push(texts);
        }
        let pieces: Option<Vec<Vec<String>>> = match (name, known.split_first()) {
            ("print", _) => Some(known),
            (_, Some((format, known))) => match format.as_slice() {
                [format] => formatted(format, known),
                _ => None,
            },
            _ => None,
        };
        let texts = pieces.and_then(|pieces| products(&pieces));
        let texts = texts.unwrap_or_else(|| vec!["*".to_owned()]);
        let mut found = Union::default();
        for text in texts {
            let name = self.places.name(&text);
            let one = if text.contains('*') {
                One::Like(name)
            } else {
                One::Text(name)
            };
            found.add(&only(one));
        }
        found.done()
    }

    /// A text that `tpl` may execute, in the chart of a number: what it names is read.
    pub(super) fn text(&mut self, text: &str, chart: usize) {
        let root = only(One::Root(chart));
        for action in text.split("{{").skip(1) {
            let action = action.split("}}").next().unwrap_or_default();
            for rest in action.split(".Values").skip(1) {
                let end = rest
                    .find(|c: char| c != '.' && c != '_' && !c.is_alphanumeric())
                    .unwrap_or(rest.len());
                let (path, _) = rest.split_at(end);
                let values = self.places.name("Values");
                let mut value = self.entry(&root, values);
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

/// What `printf` prints, piece by piece, each with what it may be; nothing for verbs that do more
/// than to put a text in.
fn formatted(format: &str, args: &[Vec<String>]) -> Option<Vec<Vec<String>>> {
    let mut args = args.iter();
    let mut rest = format.split('%');
    let mut pieces = vec![vec![rest.next()?.to_owned()]];
    for piece in rest {
        let piece = match piece.strip_prefix(['s', 'v']) {
            Some(piece) => {
                pieces.push(args.next()?.clone());
                piece
            }
            None => {
                args.next();
                pieces.push(vec!["*".to_owned()]);
                piece
                    .trim_start_matches(|c: char| !c.is_alphabetic())
                    .get(1..)?
            }
        };
        pieces.push(vec![piece.to_owned()]);
    }
    Some(pieces)
}

/// Every way to put the pieces together; nothing where there are too many.
fn products(pieces: &[Vec<String>]) -> Option<Vec<String>> {
    let mut texts = vec![String::new()];
    for piece in pieces {
        if texts.len() * piece.len() > MAX_ONES {
            return None;
        }
        texts = texts
            .iter()
            .flat_map(|text| {
                piece
                    .iter()
                    .map(move |piece| [text, piece.as_str()].concat())
            })
            .collect();
    }
    Some(texts)
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

fn joined(args: &[Known]) -> Known {
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
