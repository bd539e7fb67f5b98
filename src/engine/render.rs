//! Rendering alone: what `helm template` prints, and what is wrong.

use std::path::Path;
use std::sync::Arc;

use crate::chart::{self, Limits, Options, Prints, Rendered, ValuesInput};
use crate::config::Config;
use crate::finding::Finding;
use crate::rules::Severity;
use crate::source::{FileKind, Sources, Span};
use crate::template::eval::{Helper, with_stack};
use crate::vfs::Vfs;

use super::Report;
use super::lint;
use super::locate::Locator;

/// What the release is called.
#[derive(Debug, Clone, Default)]
pub enum ReleaseName {
    /// As Helm calls it where nobody says anything.
    #[default]
    Standard,
    /// As the user says.
    Given(String),
    /// What a template makes: `--name-template`.
    Template(String),
    /// As the arguments contradict each other; with what Helm says of it.
    Refused(&'static str),
}

impl ReleaseName {
    /// The name; none where it is Helm's own.
    ///
    /// # Errors
    /// Why there is none.
    pub fn made(&self) -> Result<Option<String>, String> {
        match self {
            Self::Standard => Ok(None),
            Self::Given(name) => Ok(Some(name.clone())),
            Self::Template(template) => chart::release_name(template, &mut Sources::new())
                .map(Some)
                .map_err(|found| found.message),
            Self::Refused(message) => Err((*message).to_owned()),
        }
    }
}

/// What is rendered: the arguments of `helm template`.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the options of helm template"
)]
pub struct RenderRequest {
    /// The chart's directory or archive.
    pub chart: String,
    /// Values of the command line, in its order.
    pub values: Vec<ValuesInput>,
    /// Standard input, where the values ask for it.
    pub stdin: Vec<u8>,
    /// The release's name.
    pub name: ReleaseName,
    /// Its namespace.
    pub namespace: Option<String>,
    /// The version of Kubernetes.
    pub kube_version: Option<String>,
    /// Further API versions.
    pub api_versions: Vec<String>,
    /// Print what lies under `crds/`.
    pub include_crds: bool,
    /// Leave out test hooks.
    pub skip_tests: bool,
    /// Leave out all hooks.
    pub no_hooks: bool,
    /// An upgrade in place of an installation.
    pub is_upgrade: bool,
    /// Only the manifests of these templates.
    pub show_only: Vec<String>,
    /// How the output is wanted.
    pub prints: Prints,
    /// Values are not checked against `values.schema.json`.
    pub skip_schema: bool,
    /// Whether the process ends when all is told: memory is not given back piece by piece then.
    pub ends: bool,
}

/// Renders a chart. The report holds what went wrong.
#[must_use]
pub fn render(vfs: &dyn Vfs, request: &RenderRequest) -> (Rendered, Report) {
    // Loaded and rendered on one thread, where there is one.
    let done = with_stack(|| load_and_render(vfs, request));
    done.unwrap_or_else(|_| load_and_render(vfs, request))
}

fn load_and_render(vfs: &dyn Vfs, request: &RenderRequest) -> (Rendered, Report) {
    let mut sources = Sources::new();
    let limits = Limits::default();
    let path = Path::new(&request.chart);
    // Whoever renders often does so with many charts at once: there the least work in all counts.
    let helper = Helper::default();
    let (chart, mut findings) = chart::load_beside(vfs, path, &mut sources, &limits, &helper);
    let chart = chart.map(Arc::new);
    let (values, more) =
        chart::load_values(vfs, &request.values, &request.stdin, &mut sources, &limits);
    findings.extend(more);
    let defaults = Options::default();
    let named = match &request.name {
        ReleaseName::Standard => Ok(defaults.release_name),
        ReleaseName::Given(name) => Ok(name.clone()),
        ReleaseName::Template(template) => chart::release_name(template, &mut sources),
        ReleaseName::Refused(message) => {
            let file = sources.add("NAME", FileKind::File, Vec::new());
            let span = Span::new(file, 0, 0);
            Err(Box::new(Finding::new("chart-invalid", span, *message)))
        }
    };
    let (release_name, chart) = match named {
        Ok(name) => (name, chart),
        Err(found) => {
            findings.insert(0, *found);
            (String::new(), None)
        }
    };
    let options = Options {
        release_name,
        namespace: request.namespace.clone().unwrap_or(defaults.namespace),
        is_upgrade: request.is_upgrade,
        kube_version: request.kube_version.clone(),
        api_versions: request.api_versions.clone(),
        include_crds: request.include_crds,
        skip_tests: request.skip_tests,
        no_hooks: request.no_hooks,
        show_only: request.show_only.clone(),
        prints: request.prints,
        skip_schema: request.skip_schema,
        ends: request.ends,
        values,
        ..Options::default()
    };
    let options = Arc::new(options);
    let mut rendered = match &chart {
        Some(chart) => {
            let inputs = chart::Inputs {
                chart: Arc::clone(chart),
                sources,
                options: Arc::clone(&options),
            };
            lint::render(&inputs, &helper).0
        }
        None => Rendered {
            sources,
            ..Rendered::default()
        },
    };
    findings.append(&mut rendered.findings);
    let locator = Locator::new(&rendered);
    let mut report = Report {
        diagnostics: lint::place(&locator, &findings, &Config::default()),
        charts: usize::from(chart.is_some()),
        environments: vec!["default".to_owned()],
        fail_on: Some(Severity::Error),
        ..Report::default()
    };
    for diagnostic in &mut report.diagnostics {
        diagnostic.environments.clone_from(&report.environments);
    }
    report.sort();
    report.remains.push(chart);
    rendered.findings = findings;
    (rendered, report)
}
