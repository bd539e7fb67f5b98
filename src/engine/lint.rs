//! Linting one chart in one environment, or a set of plain manifests.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::chart::{
    self, Chart, GivenAt, Keys, Limits, Manifest, Options, Prints, Rendered, Usage, ValuesInput,
};
use crate::config::{Config, Environment};
use crate::finding::Finding;
use crate::rules::{self, Severity, ValuesUse};
use crate::schema;
use crate::source::{FileId, FileKind, SourceFile, Sources, Span, Text};
use crate::template::error::NIL_POINTER;
use crate::template::eval::{Coverage, Helper, Task, with_stack};
use crate::vfs::{ErrorKind, Vfs};
use crate::yaml::{Document, NodeRef, read_bytes};

use super::inputs;
use super::locate::Locator;
use super::subject::{self, Subject};
use super::values_tree::{self, ReadFiles};
use super::{Diagnostic, Location, LocationKind, Request};

/// A finding about an input that has no bytes to show.
pub(super) fn failure(rule: &'static str, name: &str, message: String) -> Diagnostic {
    let mut sources = Sources::new();
    let file = sources.add(name, FileKind::File, Vec::new());
    let file: &Arc<SourceFile> = sources.file(file);
    let span = Span::new(FileId::DETACHED, 0, 0);
    let finding = Finding::new(rule, span, message);
    let mut diagnostic = diagnostic(&finding, &Config::default());
    diagnostic.locations = vec![Location::new(LocationKind::File, file, span, "")];
    diagnostic
}

/// A finding with its severity, without places.
fn diagnostic(finding: &Finding, config: &Config) -> Diagnostic {
    let rule = rules::find(finding.rule);
    let severity = config
        .severities
        .iter()
        .rev()
        .find(|(name, _)| name == finding.rule)
        .map(|(_, severity)| *severity)
        .or(rule.map(|rule| rule.severity))
        .unwrap_or(Severity::Error);
    Diagnostic {
        rule: finding.rule,
        severity,
        is_failure: rule.is_none_or(rules::Rule::is_failure),
        message: finding.message.clone(),
        help: finding.help.clone(),
        url: rule.map(rules::Rule::url).unwrap_or_default(),
        object: finding.object.clone(),
        environments: Vec::new(),
        locations: Vec::new(),
        trace: Vec::new(),
    }
}

/// Findings in texts that are shown as they are.
pub(super) fn located(sources: &Sources, findings: &[Finding], config: &Config) -> Vec<Diagnostic> {
    let rendered = Rendered {
        sources: sources.clone(),
        ..Rendered::default()
    };
    let locator = Locator::new(&rendered);
    place(&locator, findings, config)
}

pub(super) fn place(
    locator: &Locator<'_>,
    findings: &[Finding],
    config: &Config,
) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = Vec::new();
    // There may be many of one message, and many at one place.
    let mut alike: FxHashMap<(&str, Option<usize>), Vec<usize>> = FxHashMap::default();
    for finding in findings {
        let mut diagnostic = diagnostic(finding, config);
        diagnostic.locate(locator, finding);
        let start = diagnostic.primary().map(|at| at.start);
        let alike = alike.entry((&finding.message, start)).or_default();
        let mut known = alike.iter().filter_map(|at| all.get(*at));
        if !known.any(|known| known.is_same(&diagnostic)) {
            alike.push(all.len());
            all.push(diagnostic);
        }
    }
    all
}

/// Whether values keep to their schemas; what cannot be found out is not fine.
fn are_fine(values: &[schema::Instance]) -> bool {
    let are_fine = || values.iter().all(|value| value.is_fine(values.len()));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(are_fine)).unwrap_or(false)
}

/// A chart, loaded once for all its environments.
pub(super) struct ChartJob {
    chart: Option<Arc<Chart>>,
    sources: Sources,
    findings: Vec<Finding>,
    helper: Helper,
    /// Whether it is linted once, and then the process ends.
    ends: bool,
    /// What the templates read, found out once for all environments.
    usage: Arc<OnceLock<Arc<Usage>>>,
}

/// What the templates read, and the values files that are looked at for that.
type Walked = (Arc<Usage>, Vec<(FileId, Arc<[Document]>)>);

impl ChartJob {
    pub(super) fn load(vfs: &dyn Vfs, path: &str, mut sources: Sources, helper: Helper) -> Self {
        let (path, limits) = (Path::new(path), Limits::default());
        let (chart, findings) = chart::load_beside(vfs, path, &mut sources, &limits, &helper);
        Self {
            chart: chart.map(Arc::new),
            sources,
            findings,
            helper,
            ends: false,
            usage: Arc::default(),
        }
    }

    /// Says that it is linted once, and that the process ends then.
    pub(super) fn ends(self, ends: bool) -> Self {
        Self { ends, ..self }
    }

    /// Walks the templates, and reads the values files, beside what else is done.
    fn walk(
        &self,
        chart: &Arc<Chart>,
        sources: &Sources,
        values: &chart::UserValues,
    ) -> Task<Walked> {
        let texts = values.templates(sources);
        let files = chart.values_yaml.into_iter().chain(values.files());
        let files: Vec<FileId> = files.collect();
        let (chart, sources) = (Arc::clone(chart), sources.clone());
        let common = Arc::clone(&self.usage);
        self.helper.give(move || {
            let usage = || Arc::new(Usage::of(&chart, &sources, &texts));
            let usage = match texts.is_empty() {
                true => Arc::clone(common.get_or_init(usage)),
                false => usage(),
            };
            let read = files.into_iter().map(|file| {
                let documents = match &chart.values_documents {
                    Some(known) if chart.values_yaml == Some(file) => Arc::clone(known),
                    _ => values_tree::read_file(file, &sources),
                };
                (file, documents)
            });
            (usage, read.collect())
        })
    }

    /// Reads the values of an environment: all texts, what is wrong so far, and the options.
    fn inputs(
        &self,
        vfs: &dyn Vfs,
        request: &Request,
        folder: &Path,
        environment: &Environment,
    ) -> (Sources, Vec<Finding>, Options) {
        let mut sources = self.sources.clone();
        let inputs = values(request, folder, environment);
        let (user, mut findings) = chart::load_values(
            vfs,
            &inputs,
            &request.stdin,
            &mut sources,
            &Limits::default(),
        );
        // The first of the inputs are the environment's.
        for finding in &mut findings {
            let name = sources.file(finding.span.file()).name();
            let named = inputs.iter().zip(&environment.values_at);
            let mut named =
                named.filter(|(input, _)| matches!(input, ValuesInput::File(path) if path == name));
            if finding.rule == "unreadable-input"
                && let Some((_, at)) = named.next()
            {
                finding.span = *at;
            }
        }
        findings.extend(self.findings.iter().cloned());
        let given_at = given_at(request, environment, &mut sources);
        let options = Options {
            given_at,
            ..options(request, environment, user)
        };
        (sources, findings, options)
    }

    /// The chart, where it could be loaded.
    pub(super) fn chart(&self) -> Option<&Chart> {
        self.chart.as_deref()
    }

    /// Its texts.
    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Renders the chart in an environment and does no more. Gives the ways that branches went,
    /// and what went wrong.
    pub(super) fn trail(
        &self,
        vfs: &dyn Vfs,
        request: &Request,
        config: &Config,
        folder: &Path,
        environment: &Environment,
    ) -> (BTreeMap<Span, Coverage>, Vec<Diagnostic>) {
        let Some(chart) = &self.chart else {
            let diagnostics = located(&self.sources, &self.findings, config);
            return (BTreeMap::new(), diagnostics);
        };
        let (sources, mut findings, options) = self.inputs(vfs, request, folder, environment);
        let inputs = chart::Inputs {
            chart: Arc::clone(chart),
            sources,
            options: Arc::new(options),
        };
        let (mut rendered, _) = render(&inputs, &self.helper);
        findings.append(&mut rendered.findings);
        let locator = Locator::new(&rendered);
        (
            rendered.trail.branches(),
            place(&locator, &findings, config),
        )
    }

    /// Renders the chart in an environment and checks everything. Gives the diagnostics, the
    /// number of objects, and what was checked.
    pub(super) fn lint(
        &self,
        vfs: &dyn Vfs,
        request: &Request,
        config: &Config,
        folder: &Path,
        environment: &Environment,
    ) -> (Vec<Diagnostic>, usize, Option<Arc<Subject>>) {
        let Some(chart) = &self.chart else {
            let diagnostics = located(&self.sources, &self.findings, config);
            return (diagnostics, 0, None);
        };
        let (sources, mut findings, mut options) = self.inputs(vfs, request, folder, environment);
        options.ends = self.ends;
        let rules = ["unused-value", "undefined-value"];
        let is_asked = rules.iter().any(|rule| config.settings.is_on(rule));
        // Walking the templates and rendering need nothing of each other.
        let walk = is_asked.then(|| self.walk(chart, &sources, &options.values));
        let options = Arc::new(options);
        let inputs = chart::Inputs {
            chart: Arc::clone(chart),
            sources,
            options: Arc::clone(&options),
        };
        let (mut rendered, keys) = render(&inputs, &self.helper);
        // Without a stack it is not known what is read.
        let (usage, read) = match walk.map(Task::wait) {
            Some(Ok((usage, read))) => (Some(usage), read),
            Some(Err(_)) | None => (None, Vec::new()),
        };
        // What follows from values that could not be read is not worth a word beside that.
        let is_short = findings
            .iter()
            .any(|finding| finding.rule == "values-invalid");
        let follows = |finding: &Finding| {
            finding.rule == "template-error" && finding.message.contains(NIL_POINTER)
        };
        rendered
            .findings
            .retain(|finding| !is_short || !follows(finding));
        findings.append(&mut rendered.findings);
        findings.append(&mut chart::crd_faults(&rendered));
        rendered.findings = findings;
        let files: Vec<Arc<[Document]>> = read
            .iter()
            .map(|(_, documents)| Arc::clone(documents))
            .collect();
        let undefined = match (&usage, &keys) {
            (Some(usage), Some(keys)) if !is_short => usage.undefined(keys, chart),
            _ => Vec::new(),
        };
        let arguments = match &usage {
            Some(_) => options.values.written(&rendered.sources),
            None => Vec::new(),
        };
        let values = ValuesUse {
            places: usage.as_deref().and_then(Usage::places),
            files: &files,
            arguments: &arguments,
            undefined: &undefined,
        };
        let subject = Arc::new(Subject {
            rendered,
            settings: config.settings.clone(),
            namespace: namespace(request, environment),
            defaults: defaults(chart),
            read: read.into_iter().collect(),
        });
        let (diagnostics, objects) = subject::check(&subject, config, Some(&values), &self.helper);
        (diagnostics, objects, Some(subject))
    }
}

/// The values of an environment, then those of the command line.
fn values(request: &Request, folder: &Path, environment: &Environment) -> Vec<ValuesInput> {
    let files = environment.values.iter().map(|path| {
        // Here `-` is a file of that name.
        let folder = match folder.as_os_str().is_empty() {
            true if path.trim() == "-" => Path::new("."),
            _ => folder,
        };
        let path = folder.join(path);
        ValuesInput::File(path.to_string_lossy().into_owned())
    });
    let sets = environment.set.iter().cloned().map(ValuesInput::Set);
    files
        .chain(sets)
        .chain(request.values.iter().cloned())
        .collect()
}

/// The namespace of the release, where the user names one.
fn namespace(request: &Request, environment: &Environment) -> Option<String> {
    let own = request.namespace.clone();
    own.or_else(|| environment.namespace.clone())
}

/// Where the name and the version of Kubernetes were given: arguments are texts of their own.
fn given_at(request: &Request, environment: &Environment, sources: &mut Sources) -> GivenAt {
    let mut argument = |flag: &str, text: &Option<String>| {
        let bytes = text.as_ref()?.as_bytes().to_vec();
        let length = bytes.len();
        let file = sources.add(flag, FileKind::File, bytes);
        Some(Span::new(file, 0, length))
    };
    let version = argument("--kube-version", &request.kube_version);
    GivenAt {
        release_name: argument("--name", &request.release_name),
        kube_version: version.or(environment.kube_version_at),
    }
}

fn options(request: &Request, environment: &Environment, values: chart::UserValues) -> Options {
    let defaults = Options::default();
    Options {
        release_name: request
            .release_name
            .clone()
            .unwrap_or(defaults.release_name),
        namespace: namespace(request, environment).unwrap_or(defaults.namespace),
        kube_version: request
            .kube_version
            .clone()
            .or_else(|| environment.kube_version.clone()),
        api_versions: request.api_versions.clone(),
        include_crds: request.include_crds,
        skip_schema: request.skip_schema,
        prints: Prints::Nothing,
        values,
        ..Options::default()
    }
}

/// Renders, and checks the values against the schemas of the chart tree meanwhile.
/// Gives the keys of all values, too, as they are before the templates are executed.
pub(super) fn render(inputs: &chart::Inputs, helper: &Helper) -> (Rendered, Option<Keys>) {
    let chart::Inputs {
        chart,
        sources,
        options,
    } = inputs;
    let rendered = with_stack(|| {
        let prepared = match chart::prepare(chart, sources, options) {
            Ok(prepared) => prepared,
            Err(rendered) => return (*rendered, None),
        };
        let before = prepared.found();
        let parts = prepared.values_of_charts();
        let values: Vec<_> = parts
            .iter()
            .filter(|_| !options.skip_schema)
            .map(|part| schema::Instance::new(part.schema.as_ref(), &part.values))
            .collect();
        // The first chart is the one that holds the others, and its values are all that there are.
        let whole = values.first().and_then(Option::as_ref);
        let keys = prepared.keys(whole.map(|whole| Arc::clone(whole.values())));
        let values: Vec<_> = values.into_iter().flatten().collect();
        let charts = values.len();
        let are_fine = helper.give(move || are_fine(&values));
        let mut rendered = prepared.render_beside(helper, Some(inputs));
        let are_fine = are_fine.wait().unwrap_or(false);
        // The templates may have changed the values meanwhile: what is wrong with them is found
        // out on fresh ones.
        if !are_fine && let Ok(fresh) = chart::prepare(chart, sources, options) {
            let mut found = Vec::new();
            for part in fresh.values_of_charts() {
                let (sources, origins) = (fresh.sources(), fresh.origins());
                found.extend(schema::check(
                    &part.name,
                    part.schema.as_deref(),
                    charts,
                    &part.values,
                    sources,
                    origins,
                ));
            }
            // Helm checks them behind what was found until now, and before the templates.
            let before = before.min(rendered.findings.len());
            rendered.findings.splice(before..before, found);
        }
        (rendered, Some(keys))
    });
    rendered.unwrap_or_else(|error| {
        let rendered = Rendered {
            findings: vec![Finding::new(
                "limit-exceeded",
                Span::new(chart.chart_yaml, 0, 0),
                format!("there is no stack to render on: {error}"),
            )],
            sources: sources.clone(),
            ..Rendered::default()
        };
        (rendered, None)
    })
}

/// Every `values.yaml` of a chart tree.
fn defaults(chart: &Chart) -> Vec<FileId> {
    let own = chart.values_yaml.into_iter();
    let inner: Vec<FileId> = chart
        .dependencies
        .iter()
        .flat_map(|chart| defaults(chart))
        .collect();
    own.chain(inner).collect()
}

/// Plain manifests: files, and standard input.
pub(super) fn manifests(
    vfs: &dyn Vfs,
    request: &Request,
    config: &Config,
    files: &[String],
    mut sources: Sources,
) -> (Vec<Diagnostic>, usize) {
    let mut rendered = Rendered::default();
    let mut empty = Vec::new();
    for name in files {
        let bytes = if name == "-" {
            request.stdin.clone()
        } else {
            match vfs.read(Path::new(name), Limits::default().file) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let rule = match error.kind {
                        ErrorKind::TooLarge { .. } => "limit-exceeded",
                        _ => "unreadable-input",
                    };
                    let file = sources.add(name.as_str(), FileKind::File, Vec::new());
                    let span = Span::new(file, 0, 0);
                    rendered
                        .findings
                        .push(Finding::new(rule, span, error.to_string()));
                    continue;
                }
            }
        };
        let file = sources.add(name.as_str(), FileKind::File, bytes.clone());
        let (documents, errors) = read_bytes(file, &bytes);
        let mut roots = documents.iter().filter_map(Document::root);
        let is_empty = errors.is_empty() && roots.all(NodeRef::is_null);
        if is_empty && inputs::is_named(&request.paths, name) {
            empty.push(inputs::nothing(name));
        }
        for error in errors {
            rendered
                .findings
                .push(Finding::new("yaml-syntax", error.span, error.message));
        }
        rendered.manifests.push(Manifest {
            file,
            source: name.clone(),
            text: Text::plain(bytes),
            is_hook: false,
            documents,
        });
    }
    rendered.sources = sources;
    let subject = Subject {
        rendered,
        settings: config.settings.clone(),
        namespace: request.namespace.clone(),
        defaults: Vec::new(),
        read: ReadFiles::new(),
    };
    let (mut found, objects) = subject::check(&Arc::new(subject), config, None, &Helper::default());
    found.extend(empty);
    (found, objects)
}
