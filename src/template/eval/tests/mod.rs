//! Tests of the evaluator: Helm's recorded answers, errors, origins, limits.

mod answers;
mod control;
mod errors;
mod limits;
mod memo;
mod origins;
mod share;
mod twins;
mod values;

use super::{Engine, Job, Limits, Outcome, Program};
use crate::source::{FileId, FileKind, Origins, Sources, Text};

/// A chart `c` of these templates, rendered.
struct Rendered {
    engine: Engine,
    outcome: Outcome,
    values: FileId,
}

impl Rendered {
    /// The text of a file.
    #[track_caller]
    fn text(&self, name: &str) -> &Text {
        let texts = &self.outcome.texts;
        match texts.iter().find(|(file, _)| file == name) {
            Some((_, text)) => text,
            None => panic!("{name} gave no text: {:?}", self.outcome.errors),
        }
    }
}

/// Renders templates (`t.yaml` for `c/templates/t.yaml`) with values in JSON, each with its span.
fn render_within(templates: &[(&str, &str)], json: &str, limits: Limits) -> Rendered {
    render_as(templates, json, limits, |_| {})
}

/// The same, with an engine that was made ready.
fn render_as(
    templates: &[(&str, &str)],
    json: &str,
    limits: Limits,
    ready: impl FnOnce(&mut Engine),
) -> Rendered {
    let (program, jobs, mut engine, values) = prepared(templates, json, limits);
    ready(&mut engine);
    let outcome = engine.render(&program, &jobs);
    for (name, text) in &outcome.texts {
        assert_covered(name, text);
    }
    Rendered {
        engine,
        outcome,
        values,
    }
}

/// A chart that is about to be rendered.
fn prepared(
    templates: &[(&str, &str)],
    json: &str,
    limits: Limits,
) -> (Program, Vec<Job>, Engine, FileId) {
    let mut sources = Sources::new();
    let mut origins = Origins::new();
    let values = sources.add("c/values.yaml", FileKind::Values, json.as_bytes().to_vec());
    let tree = values::read_json(json, values, &mut origins);
    let scope = values::scope(tree);
    let mut files = Vec::new();
    let mut jobs = Vec::new();
    for (name, text) in templates {
        let name = format!("c/templates/{name}");
        let file = sources.add(name.clone(), FileKind::Template, text.as_bytes().to_vec());
        files.push((name.clone(), file));
        jobs.push(Job {
            name,
            base_path: "c/templates".into(),
            scope: scope.clone(),
        });
    }
    let program = Program::new(&sources, &files);
    let engine = Engine::new(&program, sources, origins, limits);
    (program, jobs, engine, values)
}

fn render(templates: &[(&str, &str)], json: &str) -> Rendered {
    render_within(templates, json, Limits::default())
}

/// The invariant of every text: its segments cover its bytes, no more and no less.
#[track_caller]
fn assert_covered(name: &str, text: &Text) {
    let mut before = 0;
    for segment in text.segments() {
        assert!(segment.end >= before, "{name}: segments go back");
        before = segment.end;
    }
    assert_eq!(before as usize, text.len(), "{name}: bytes without origin");
}

/// The bytes as text.
fn lossy(text: &Text) -> String {
    String::from_utf8_lossy(text.bytes()).into_owned()
}

/// Runs a test on a thread with the stack that execution asks for.
fn on_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(super::STACK);
    let done = thread.spawn(test).unwrap().join();
    if let Err(panic) = done {
        std::panic::resume_unwind(panic);
    }
}
