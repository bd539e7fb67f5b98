//! What functions can ask of the evaluator: `include`, `tpl`, budgets.

use std::rc::Rc;
use std::sync::Arc;

use super::super::ast::Template;
use super::super::error::{ExecError, Failure};
use super::super::funcs::{Callee, Machine};
use super::super::parse;
use super::super::value::{Data, Map, Value};
use super::NOW;
use super::emit::without_no_value;
use super::memo::Memo;
use super::program::{Composed, Def, ROOT, Set, Unit};
use super::state::{Frame, State, Val, run};
use crate::golang::quote::quote;
use crate::golang::regexp::Cache;
use crate::source::{
    ContextId, ContextKind, FileId, FileKind, Origins, Prov, SourceFile, Span, Text,
};

/// How often one template may be on the way at once: Helm's `recursionMaxNums`, which lets one
/// more pass.
const MAX_INCLUDES: usize = 1000;

/// So many bytes of what a template wrote are worth no copy where a part of them is taken.
const LONG: usize = 1 << 12;

/// A text that was given to `tpl`, parsed.
#[derive(Debug)]
pub(super) struct Parsed {
    source: Arc<SourceFile>,
    file: FileId,
    templates: Vec<Arc<Template>>,
    error: Option<(String, Span)>,
}

impl Machine for State<'_, '_> {
    fn origins(&mut self) -> &mut Origins {
        &mut self.engine.origins
    }

    fn context(&self) -> ContextId {
        self.frame.context
    }

    fn change(&mut self, map: &Map, value: Option<&Value>) {
        self.engine.memo.change(map, value);
    }

    fn call_site(&self) -> Option<Span> {
        self.call
    }

    fn turns(&mut self) -> Vec<u64> {
        self.engine.memo.set_apart();
        self.engine.turns.clone()
    }

    fn spend(&mut self, steps: u64) -> Result<(), Failure> {
        self.burn(steps).map_err(|stop| stop.cause)
    }

    fn fits(&self, bytes: usize) -> Result<(), Failure> {
        if bytes > self.engine.limits.single {
            return Err(Failure::Budget("bytes of one string or items of one list"));
        }
        Ok(())
    }

    fn include(&mut self, name: &[u8], data: Value) -> Result<Value, Failure> {
        let name = String::from_utf8_lossy(name);
        match self.engine.including.get_mut(&*name) {
            Some(count) if *count > MAX_INCLUDES => {
                return Err(Failure::Message(format!(
                    "rendering template has a nested reference name: {name}: unable to execute \
                     template"
                )));
            }
            Some(count) => *count += 1,
            None => {
                self.engine.including.insert(name.clone().into_owned(), 1);
            }
        }
        let result = self.included(&name, data);
        if let Some(count) = self.engine.including.get_mut(&*name) {
            *count = count.saturating_sub(1);
        }
        result
    }

    fn tpl(&mut self, text: &Value, data: Value) -> Result<Value, Failure> {
        let Data::Str(bytes) = &text.data else {
            return Ok(Value::str(""));
        };
        if bytes.is_empty() {
            // Nothing is executed, and it is that text that decides so.
            return Ok(text.clone());
        }
        let parsed = self.parsed(bytes)?;
        let place = self.call.map(|call| self.place(call));
        let (at, decided) = place.unwrap_or((None, Prov::NONE));
        let unit = Rc::new(Unit {
            source: Arc::clone(&parsed.source),
            file: parsed.file,
            text: Some(Composed {
                text: Rc::clone(bytes),
                prov: text.prov,
                call: at,
            }),
            broken: false,
        });
        let shown = || quote(bytes.bytes());
        if let Some((message, _)) = &parsed.error {
            return Err(Failure::Message(format!(
                "cannot parse template {}: {message}",
                shown()
            )));
        }
        let mut set = Set::within(self.frame.set);
        for (at, template) in parsed.templates.iter().enumerate() {
            if at == 0 {
                set.define_anyway(template, &unit);
            } else {
                set.define(template, &unit);
            }
        }
        let set = Rc::new(set);
        let Some(def) = set.get(ROOT).map(Rc::clone) else {
            return Ok(Value::str(""));
        };
        let (out, conditions, _) = self
            .nested(&set, &def, ContextKind::Tpl, (at, decided), data)
            .map_err(|mut error| {
                error.wrap = Some(format!(
                    "error during tpl function execution for {}",
                    shown()
                ));
                Failure::Inner(error)
            })?;
        Ok(self.result(without_no_value(out), conditions))
    }

    fn regexps(&mut self) -> &mut Cache {
        &mut self.engine.regexps
    }

    fn now(&self) -> i64 {
        NOW
    }
}

impl State<'_, '_> {
    fn included(&mut self, name: &str, data: Value) -> Result<Value, Failure> {
        let set = self.frame.set;
        let Some(def) = set.get(name).map(Rc::clone) else {
            let message = format!(
                "template: no template {} associated with template {}",
                quote(name.as_bytes()),
                quote(ROOT.as_bytes())
            );
            return Err(Failure::Inner(Box::new(ExecError {
                levels: Vec::new(),
                cause: Failure::Message(message),
                span: None,
                trace: self.trace(),
                blame: Prov::NONE,
                wrap: None,
                follows: true,
            })));
        };
        if name == ROOT {
            self.engine.memo.set_apart();
        }
        let place = self.call.map(|call| self.place(call));
        let (at, decided) = place.unwrap_or((None, Prov::NONE));
        let own = &def.template.name;
        let kind = ContextKind::Include(if *own == name {
            own.clone()
        } else {
            name.into()
        });
        let request = self.engine.memo.request(set, &def, &data);
        let (here, engine) = (self.frame.context, &mut *self.engine);
        let known = request.as_ref().and_then(|request| {
            let call = |origins: &mut Origins| origins.enter(here, kind.clone(), at, decided);
            engine.memo.again(request, &mut engine.origins, call)
        });
        if let Some((text, conditions)) = known {
            self.spend(text.segments().len() as u64)?;
            return Ok(self.result(text, conditions));
        }
        let watch = Memo::watch(&mut self.engine.origins);
        let written = self.nested(set, &def, kind, (at, decided), data);
        let (out, conditions, context) = written.map_err(Failure::Inner)?;
        let value = self.result(out, conditions);
        let engine = &mut *self.engine;
        let is_repeatable = engine
            .memo
            .is_repeatable(&watch, context, &mut engine.origins);
        if is_repeatable && let (Some(request), Some(text)) = (request, value.as_text()) {
            // Paid for here: what the memory holds, too, does not count as new any more.
            self.pay_for(&value).map_err(|stop| stop.cause)?;
            self.engine
                .memo
                .keep(request, &watch, context, text, conditions);
        }
        Ok(value)
    }

    /// Executes a template on its own. Also gives the context of that.
    fn nested(
        &mut self,
        set: &Rc<Set>,
        def: &Def,
        kind: ContextKind,
        (at, decided): (Option<Span>, Prov),
        data: Value,
    ) -> Result<(Text, Prov, ContextId), Box<ExecError>> {
        let before = self.enter(kind, at, decided);
        let frame = Frame {
            set,
            def,
            context: self.frame.context,
            control: self.frame.control,
        };
        // Room for what most templates that are included write: a name, some labels.
        let out = Text::with_capacity(64, 8);
        let context = frame.context;
        let result = run(self.engine, frame, &Val::of(data), out);
        self.leave(before);
        result.map(|mut written| {
            written.out.settle(written.is_placed.then_some(context));
            (written.out, written.conditions, context)
        })
    }

    /// What a template wrote, as a value. Its set is everything that any condition within depended
    /// on, which is known to say nothing about the bytes: those have their own contexts.
    fn result(&mut self, mut out: Text, conditions: Prov) -> Value {
        if out.len() >= LONG {
            out.share();
        }
        let engine = &mut *self.engine;
        self.conditions = engine.origins.union(self.conditions, conditions);
        let mut value = Value::text(out);
        if !conditions.is_none() {
            let origins = &mut engine.origins;
            let apart = engine.included.entry(conditions);
            value.prov = *apart.or_insert_with(|| {
                let control = origins.as_control(conditions);
                origins.apart(control)
            });
            engine.results.insert(value.prov);
        }
        value
    }

    /// Parses the text of a `tpl`, each only once.
    fn parsed(&mut self, text: &Text) -> Result<Rc<Parsed>, Failure> {
        let bytes = text.bytes();
        if let Some(parsed) = self.engine.parsed.get(bytes) {
            return Ok(Rc::clone(parsed));
        }
        self.spend(bytes.len() as u64 / 8 + 1)?;
        let sources = &mut self.engine.sources;
        let file = sources.add(ROOT, FileKind::Rendered, text.part(0, bytes.len()));
        let source = Arc::clone(sources.file(file));
        let tree = parse::parse(ROOT, file, bytes, &Callee::of);
        let error = tree.errors.into_iter().next();
        let parsed = Rc::new(Parsed {
            source,
            file,
            templates: tree.templates.into_iter().map(Arc::new).collect(),
            error: error.map(|error| (error.message, error.span)),
        });
        let known = parsed.source.shared().clone();
        self.engine.parsed.insert(known, Rc::clone(&parsed));
        Ok(parsed)
    }
}
