//! What functions ask of the evaluator: `include`, `tpl`, budgets, origins.

use std::rc::Rc;
use std::sync::Arc;

use crate::source::{ContextId, ContextKind, FileKind, Origins, Prov, Span, Text};
use crate::template::error::{Cause, ExecError, Failure};
use crate::template::funcs::Machine;
use crate::template::parse;
use crate::template::value::Value;

use super::{Engine, MAX_CALL_DEPTH, TplFile, is_function, quoted, without_no_value};

/// Helm's own limit for one name within itself.
const MAX_SAME_NAME: usize = 1_000;
/// The clock of every run: 2020-01-01 00:00:00 UTC. Rendering must not depend on the day.
const NOW: i64 = 1_577_836_800;

impl Machine for Engine {
    fn origins(&mut self) -> &mut Origins {
        &mut self.origins
    }

    fn context(&self) -> ContextId {
        self.context
    }

    fn call_site(&self) -> Option<Span> {
        self.call_site
    }

    fn spend(&mut self, steps: u64) -> Result<(), Failure> {
        match self.burn(steps) {
            Ok(()) => Ok(()),
            Err(Cause::Budget(what)) => Err(Failure::Budget(what)),
            Err(_) => Err(Failure::Budget("the budget is used up")),
        }
    }

    fn allow(&mut self, bytes: usize) -> Result<(), Failure> {
        if bytes > self.budget.one_value {
            return Err(Failure::Budget("this makes a value larger than a chart may hold"));
        }
        self.spend(bytes as u64 / 64)
    }

    fn include(&mut self, name: &[u8], data: Value) -> Result<Value, Failure> {
        let name = String::from_utf8_lossy(name).into_owned();
        let running = self.included.get(&name).copied().unwrap_or(0);
        if running > MAX_SAME_NAME {
            return Err(Failure::Message(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            )));
        }
        if self.depth >= MAX_CALL_DEPTH + 1 {
            return Err(Failure::Budget("templates call each other too deeply"));
        }
        self.included.insert(name.clone(), running + 1);
        let kind = ContextKind::Include(name.clone());
        let result = self.within(kind, |engine| engine.execute(&name, data));
        self.included.insert(name, running);
        result.map_err(Failure::Inner)
    }

    fn tpl(&mut self, text: &Value, data: Value) -> Result<Value, Failure> {
        let bytes = text.as_bytes().unwrap_or_default().to_vec();
        self.allow(bytes.len())?;
        if self.depth > MAX_CALL_DEPTH {
            return Err(Failure::Budget("templates call each other too deeply"));
        }
        let shown = quoted(&String::from_utf8_lossy(&bytes));
        let parsed = self.tpl_file(&bytes);
        if let Some(error) = &parsed.error {
            return Err(Failure::Message(format!(
                "cannot parse template {shown}: {error}"
            )));
        }
        let segmented = self.segmented(text);
        let site = self.call_site;
        let before = self.tpl_texts.insert(parsed.file, (segmented, site));
        // What the text defines is seen by what it calls, and by nobody else.
        let outer_set = Rc::clone(&self.set);
        Rc::make_mut(&mut self.set).add(parsed.templates.clone());
        let result = self.within(ContextKind::Tpl, |engine| engine.execute("gotpl", data));
        self.set = outer_set;
        match before {
            Some(before) => self.tpl_texts.insert(parsed.file, before),
            None => self.tpl_texts.remove(&parsed.file),
        };
        match result {
            Ok(mut value) => {
                value.prov = self.origins.union(value.prov, text.prov);
                if let Some(inner) = value.as_text() {
                    let clean = without_no_value((**inner).clone());
                    value.data = Value::text(clean).data;
                }
                Ok(value)
            }
            Err(error) => Err(Failure::Wrapped(
                format!("error during tpl function execution for {shown}"),
                error,
            )),
        }
    }

    fn now(&self) -> i64 {
        NOW
    }
}

impl Engine {
    /// Executes within a context of its own. The result knows the conditions that were decided
    /// inside: they decide what it is even where it is empty.
    fn within(
        &mut self,
        kind: ContextKind,
        run: impl FnOnce(&mut Self) -> Result<Text, Box<ExecError>>,
    ) -> Result<Value, Box<ExecError>> {
        let outer = self.context;
        let site = self.call_site;
        self.context = self.origins.enter(outer, kind, site, Prov::NONE);
        let conditions = std::mem::replace(&mut self.conditions, Prov::NONE);
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        self.context = outer;
        self.call_site = site;
        let inside = std::mem::replace(&mut self.conditions, conditions);
        let text = result?;
        Ok(Value::with(Value::text(text).data, inside))
    }

    /// The text with a segment for every byte.
    fn segmented(&mut self, value: &Value) -> Text {
        let Some(text) = value.as_text() else {
            return Text::new();
        };
        if !text.is_plain() {
            return (**text).clone();
        }
        let context = self.context;
        let origin = self.origins.add(crate::source::Origin {
            at: None,
            exact: false,
            data: value.prov,
            context,
        });
        let mut segmented = Text::new();
        segmented.append(text, origin);
        segmented
    }

    /// The parsed text of a `tpl`; each text is parsed once.
    fn tpl_file(&mut self, bytes: &[u8]) -> Rc<TplFile> {
        if let Some(known) = self.tpl_files.get(bytes) {
            return Rc::clone(known);
        }
        let file = self.sources.add("gotpl", FileKind::Rendered, bytes.to_vec());
        let source = Arc::clone(self.sources.file(file));
        let parsed = parse::parse("gotpl", file, source.bytes(), &is_function);
        let known = Rc::new(TplFile {
            file,
            templates: parsed.templates,
            error: parsed.errors.first().map(|error| error.message.clone()),
        });
        self.tpl_files.insert(bytes.to_vec(), Rc::clone(&known));
        known
    }
}
