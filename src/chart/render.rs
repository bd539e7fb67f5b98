//! Executing the templates, and what Helm makes of their text.

use std::sync::Arc;

use crate::finding::Finding;
use crate::golang::path;
use crate::source::{FileKind, OriginId, Origins, Sources, Span, Text};
use crate::template::error::{NIL_POINTER, TemplateError};
use crate::template::eval::{Helper, Outcome, Share, side_by_side, with_stack};
use crate::yaml::Document;

use super::ahead::{Ahead, Known};
use super::endless;
use super::execution::{Execution, Inputs};
use super::head::{self, Hook};
use super::load::LIMIT;
use super::manifests::{by_kind, most_aliased};
use super::output;
use super::prepare::{Prepared, prepare};
use super::{Chart, Manifest, Options, Prints, Rendered};

/// Rule: a template does not parse, or stops.
const TEMPLATE_ERROR: &str = "template-error";
/// Rule: a rendered document is no YAML, or none that Helm takes.
pub(super) const YAML_SYNTAX: &str = "yaml-syntax";
/// A chart prints no more documents.
pub(super) const MAX_DOCUMENTS: usize = 100_000;
/// No template error blames more values.
const MAX_BLAMED: usize = 4;

/// Renders a chart: [`prepare`] and [`Prepared::render`] on a stack that is large enough.
#[must_use]
pub fn render(chart: &Chart, sources: &Sources, options: &Options) -> Rendered {
    let rendered = with_stack(|| match prepare(chart, sources, options) {
        Ok(prepared) => prepared.render(),
        Err(rendered) => *rendered,
    });
    rendered.unwrap_or_else(|error| Rendered {
        sources: sources.clone(),
        findings: vec![Finding::new(
            LIMIT,
            Span::new(chart.chart_yaml, 0, 0),
            format!("there is no stack to render on: {error}"),
        )],
        ..Rendered::default()
    })
}

impl Prepared<'_> {
    /// Executes the templates and assembles what Helm prints. It recurses as deep as templates
    /// call each other: run it within [`with_stack`].
    #[must_use]
    pub fn render(self) -> Rendered {
        self.render_beside(&Helper::default(), None)
    }

    /// The same, where `helper` takes a share of it: of the templates, too, where `inputs` say what
    /// this was prepared from.
    #[must_use]
    pub fn render_beside(mut self, helper: &Helper, inputs: Option<&Inputs>) -> Rendered {
        let mut findings = std::mem::take(&mut self.findings);
        findings.extend(self.incompatible());
        let root = self.chart.name().to_owned();
        let execution = self.execution(self.options.limits);
        let share = Arc::new(Share::of(&execution.jobs));
        let second = execution.second(helper, inputs, &share);
        let half = || second.and_then(|second| second.wait().ok().flatten());
        let Execution {
            program,
            jobs,
            mut engine,
            ..
        } = execution;
        let mut ahead = Ahead::new(helper);
        let each = |name: &str, text: &mut Text| ahead.give(name, text);
        let Outcome { texts, mut errors } =
            engine.render_shared(&program, &jobs, &share, half, each);
        errors.retain(|error| !follows(&error.message, &self.missing));
        let is_exhausted = engine.is_exhausted();
        let (sources, origins, trail) = match self.options.ends {
            true => engine.leave(),
            false => engine.into_parts(),
        };
        let last = errors.len();
        let messages = errors.iter().map(|error| error.message.clone()).collect();
        for (index, error) in errors.into_iter().enumerate() {
            let rule = if is_exhausted && index + 1 == last {
                LIMIT
            } else {
                TEMPLATE_ERROR
            };
            let mut found = finding(rule, error, &origins, &sources);
            // Where a template that is called is too much, its call is to blame.
            if rule == LIMIT
                && found.span.is_empty()
                && let Some(call) = found.trace.first()
            {
                found.span = call.span;
            }
            if rule == LIMIT
                && let Some(message) = endless::message(&program, &found, &sources)
            {
                found.message = message;
                found.help = Some("it calls itself whatever the values are".to_owned());
            }
            findings.push(found);
        }
        let mut rendered = Rendered {
            sources,
            origins,
            findings,
            errors: messages,
            warnings: std::mem::take(&mut self.warnings),
            trail,
            ..Rendered::default()
        };
        rendered.take(texts, &root, self.options, ahead);
        output::assemble(&mut rendered, self.options, &self.chart);
        if self.options.ends {
            std::mem::forget((program, jobs, self));
        }
        rendered
    }
}

/// Whether an error may be no more than the consequence of a missing dependency, whose default
/// values are missing, too.
fn follows(message: &str, missing: &[String]) -> bool {
    message.contains(NIL_POINTER)
        && missing
            .iter()
            .any(|name| message.contains(&format!(".Values.{name}.")))
}

/// Whether a template is no manifest, but what is told to the user.
pub(super) fn is_notes(name: &str) -> bool {
    name.ends_with("NOTES.txt")
}

/// `path.Join`.
pub(super) fn joined(chart: &str, name: &str) -> String {
    let path = path::clean(format!("{chart}/{name}").as_bytes());
    String::from_utf8_lossy(&path).into_owned()
}

fn finding(
    rule: &'static str,
    error: TemplateError,
    origins: &Origins,
    sources: &Sources,
) -> Finding {
    let mut finding = Finding::new(rule, error.span, error.core);
    finding.trace = error.trace;
    let blamed = origins.spans(error.blame).into_iter();
    // The text of the template itself is in the error's own span.
    let is_value = |span: &Span| sources.file(span.file()).kind() != FileKind::Template;
    for span in blamed.filter(is_value).take(MAX_BLAMED) {
        finding = finding.related(span, "this value");
    }
    finding
}

/// A document among the sources.
pub(super) fn manifest(
    source: &str,
    mut text: Text,
    is_hook: bool,
    rendered: &mut Rendered,
) -> Manifest {
    let bytes = text.share().clone();
    let file = rendered.sources.add(source, FileKind::Rendered, bytes);
    Manifest {
        file,
        source: source.to_owned(),
        text,
        is_hook,
        documents: Vec::new(),
    }
}

impl Rendered {
    /// Splits the rendered files into manifests, the hooks behind the others, each in Helm's
    /// order of kinds.
    fn take(
        &mut self,
        mut texts: Vec<(String, Text)>,
        root: &str,
        options: &Options,
        mut ahead: Ahead<'_>,
    ) {
        texts.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut manifests: Vec<Manifest> = Vec::new();
        let mut known: Vec<Known> = Vec::new();
        'texts: for (name, mut text) in texts {
            if is_notes(&name) {
                if name == format!("{root}/templates/NOTES.txt") {
                    self.notes = text;
                }
                continue;
            }
            text.share();
            for ((start, end), read) in ahead.take(&name, &text) {
                if manifests.len() >= MAX_DOCUMENTS {
                    let at = text.template_at(start, &self.origins);
                    let last = || manifests.last().map(|last| Span::new(last.file, 0, 0));
                    let message = format!("the chart prints more than {MAX_DOCUMENTS} documents");
                    self.findings
                        .extend(at.or_else(last).map(|at| Finding::new(LIMIT, at, message)));
                    break 'texts;
                }
                let part = text.slice(start, end);
                manifests.push(manifest(&name, part, false, self));
                known.push(read);
            }
        }
        let most = most_aliased(manifests.len());
        let is_kept = options.prints != Prints::Bytes;
        let read = |manifest: &Manifest| {
            let read = head::read(manifest.file, manifest.text.bytes(), most);
            read.map(|(head, document)| (head, document.filter(|_| is_kept)))
        };
        let unread = manifests.iter().zip(&known);
        let unread = unread.filter(|(_, known)| known.is_none());
        let unread: Vec<&Manifest> = unread.map(|(manifest, _)| manifest).collect();
        let heads = side_by_side(
            &unread,
            |manifest| manifest.text.len(),
            |manifest| read(manifest),
        );
        let mut heads = heads.into_iter();
        let mut plain = Vec::new();
        let mut hooks = Vec::new();
        for (mut manifest, known) in manifests.into_iter().zip(known) {
            let moved = |document: Document| document.moved(manifest.file);
            let known = known.map(|(head, document)| Ok((head, document.map(moved))));
            let head = known.or_else(|| heads.next());
            let head = match head.unwrap_or_else(|| read(&manifest)) {
                Ok((head, document)) => {
                    manifest.documents.extend(document);
                    head
                }
                Err((message, span)) => {
                    let name = &manifest.source;
                    let message = format!("YAML parse error on {name}: {message}");
                    self.findings.push(Finding::new(YAML_SYNTAX, span, message));
                    head::Head::default()
                }
            };
            match head.hook {
                None => plain.push((head.kind, manifest)),
                Some(Hook::Unknown(hook)) => {
                    self.warnings
                        .push(format!("skipping unknown hooks hookTypes={hook:?}"));
                }
                Some(Hook::Known { is_test }) => {
                    if !(options.no_hooks || options.skip_tests && is_test) {
                        manifest.is_hook = true;
                        hooks.push((head.kind, manifest));
                    }
                }
            }
        }
        plain.sort_by(|(a, _), (b, _)| by_kind(a, b));
        hooks.sort_by(|(a, _), (b, _)| by_kind(a, b));
        let all = plain.into_iter().chain(hooks);
        self.manifests = all.map(|(_, manifest)| manifest).collect();
    }
}

/// Bytes that Helm adds come from nowhere.
pub(super) fn nowhere() -> OriginId {
    OriginId::default()
}
