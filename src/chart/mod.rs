//! Charts: loading, dependencies, values, rendering into manifests.
//!
//! The way of a release: [`load`] reads a chart, [`load_values`] what the user gives it,
//! [`prepare`] settles dependencies and values, [`Prepared::render`] executes the templates.
//! [`render`] does the last two on a stack that is large enough.

mod ahead;
mod capabilities;
mod coalesce;
mod convert;
mod crds;
mod defaults;
mod dependencies;
#[cfg(test)]
mod differential;
mod endless;
mod execution;
mod files;
mod head;
#[cfg(test)]
mod hostile;
mod load;
mod manifests;
mod metadata;
mod metadata_checks;
#[cfg(test)]
mod origins;
mod output;
mod prepare;
mod release_name;
mod render;
mod strvals;
#[cfg(test)]
mod tests;
mod usage;
mod user_values;
mod values_schema;
mod working;

use std::sync::Arc;

use crate::finding::Finding;
use crate::source::{Bytes, FileId, Origins, Sources, Span, Text};
use crate::template::eval::{Limits as EvalLimits, Parses, Trail};
use crate::yaml::Document;

pub use crds::crd_faults;
pub use defaults::Defaults;
pub use execution::Inputs;
pub use load::{is_chart, load, load_beside};
pub use metadata::{Dependency, Field, Maintainer, Metadata};
pub use prepare::{ChartValues, Prepared, prepare};
pub use release_name::release_name;
pub use render::render;
pub use usage::{Keys, Undefined, Usage};
pub use user_values::{Given, UserValues, ValuesInput, load_values};
pub use values_schema::ValuesSchema;

/// What loading may use up. Sizes are bytes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// One YAML, template or schema file.
    pub text: u64,
    /// One file of another kind.
    pub file: u64,
    /// The whole chart with all nested archives, unpacked.
    pub chart: u64,
    /// Files and directories of the whole chart.
    pub entries: usize,
    /// Charts within charts, directories within directories.
    pub nesting: usize,
    /// Values in the `values.yaml` of all charts of a tree together.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text: 5 << 20,
            file: 16 << 20,
            chart: 100 << 20,
            entries: 20_000,
            nesting: 8,
            values: convert::MAX_VALUES,
        }
    }
}

/// A chart as it lies on disk, its subcharts included. It holds no values of the template
/// language, so that environments can be rendered side by side from one.
#[derive(Debug)]
pub struct Chart {
    /// Where it lies, as the user would write it: `helm/ai-platform`, `x.tgz!redis`.
    pub path: String,
    /// `Chart.yaml`, with what `requirements.yaml` adds.
    pub metadata: Metadata,
    /// `Chart.yaml` among the sources.
    pub chart_yaml: FileId,
    /// `values.yaml` among the sources.
    pub values_yaml: Option<FileId>,
    /// The default values, the documents of `values.yaml` merged.
    pub values: Option<Defaults>,
    /// `values.yaml` of the outermost chart as it was written, where it is one document.
    pub values_documents: Option<Arc<[Document]>>,
    /// `values.schema.json`.
    pub schema: Option<Arc<ValuesSchema>>,
    /// What lies under `templates/`, by its name in the chart.
    pub templates: Vec<ChartFile>,
    /// All other files, by their name in the chart.
    pub files: Vec<ChartFile>,
    /// The charts under `charts/`, in the byte order of their file names.
    pub dependencies: Vec<Arc<Chart>>,
    /// The templates of the whole tree, as far as somebody had them parsed.
    pub parses: Arc<Parses>,
}

/// A file of a chart.
#[derive(Debug, Clone)]
pub struct ChartFile {
    /// Its name in the chart: `templates/deployment.yaml`.
    pub name: String,
    /// Its text among the sources.
    pub file: FileId,
}

/// Where options were given that may be wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct GivenAt {
    /// The release's name.
    pub release_name: Option<Span>,
    /// The version of Kubernetes.
    pub kube_version: Option<Span>,
}

/// What a release is rendered with: the options of `helm template`.
#[derive(Debug, Clone)]
pub struct Options {
    /// `.Release.Name`.
    pub release_name: String,
    /// `.Release.Namespace`.
    pub namespace: String,
    /// `.Release.IsUpgrade` in place of `.Release.IsInstall`.
    pub is_upgrade: bool,
    /// The version of Kubernetes; that of Helm 4.3.1 where there is none.
    pub kube_version: Option<String>,
    /// Where the release's name and that version were given, as far as somebody knows.
    pub given_at: GivenAt,
    /// Further entries of `.Capabilities.APIVersions`.
    pub api_versions: Vec<String>,
    /// Whether what lies under `crds/` is printed.
    pub include_crds: bool,
    /// Whether test hooks are left out.
    pub skip_tests: bool,
    /// Whether all hooks are left out.
    pub no_hooks: bool,
    /// Only the manifests of these templates; all where there are none.
    pub show_only: Vec<String>,
    /// How what Helm prints is wanted.
    pub prints: Prints,
    /// Whether values are left unchecked against `values.schema.json`.
    pub skip_schema: bool,
    /// What the user gives: files and `--set` arguments.
    pub values: UserValues,
    /// Whether the process ends when all is told: memory is not given back piece by piece then.
    pub ends: bool,
    /// What rendering may use up.
    pub limits: EvalLimits,
}

/// How what Helm prints to standard output is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prints {
    /// With its origins: [`Rendered::output`].
    #[default]
    Text,
    /// To be written, and forgotten: [`Rendered::printed`]. The manifests have no documents then.
    Bytes,
    /// Not at all: the manifests say what there is.
    Nothing,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            release_name: "release-name".to_owned(),
            namespace: "default".to_owned(),
            is_upgrade: false,
            kube_version: None,
            given_at: GivenAt::default(),
            api_versions: Vec::new(),
            include_crds: false,
            skip_tests: false,
            no_hooks: false,
            show_only: Vec::new(),
            prints: Prints::default(),
            skip_schema: false,
            ends: false,
            values: UserValues::default(),
            limits: EvalLimits::default(),
        }
    }
}

/// One manifest that a release consists of: a document of a rendered template, a document under
/// `crds/`, or a document of a plain file.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its text among the sources: a file of kind `Rendered`, or the plain file itself.
    pub file: FileId,
    /// What Helm prints behind `# Source: `.
    pub source: String,
    /// Its text with origins; bytes equal to those of `file`.
    pub text: Text,
    /// Whether it carries a `helm.sh/hook` annotation.
    pub is_hook: bool,
    /// What it says: of a rendered document the one that Helm takes, none where it is no YAML and
    /// a finding says why; of a plain file all.
    pub documents: Vec<Document>,
}

/// What rendering a chart gave, complete or not.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The chart's files, the values given, and the rendered documents.
    pub sources: Sources,
    /// Where the bytes of the manifests came from.
    pub origins: Origins,
    /// In the order in which Helm prints them, hooks last; before them the documents under `crds/`
    /// of all charts where they are printed.
    pub manifests: Vec<Manifest>,
    /// The files under `crds/` of all charts, printed or not, with the names that Helm prints.
    pub crds: Vec<(String, FileId)>,
    /// What Helm prints to standard output, from the bytes of the manifests, with their origins.
    pub output: Text,
    /// The same, one piece behind the other, where only the bytes are wanted.
    pub printed: Vec<Bytes>,
    /// What `NOTES.txt` of the chart says.
    pub notes: Text,
    /// What went wrong. Spans lie in templates, values, or rendered documents.
    pub findings: Vec<Finding>,
    /// What Helm says of each template that failed, whole: the chain of calls and the cause, of
    /// which the findings tell the cause.
    pub errors: Vec<String>,
    /// What Helm would log: skipped values, unknown hooks.
    pub warnings: Vec<String>,
    /// Which branches ran.
    pub trail: Trail,
}
