//! From a chart and options to values and scopes: everything before templates are executed.

use std::rc::Rc;
use std::sync::Arc;

use crate::finding::Finding;
use crate::source::{Origins, Prov, Sources, Span};
use crate::template::value::{Data, Entry, Key, Map, MapType, Value};

use super::capabilities::{KubeVersion, capabilities};
use super::coalesce::{of_map, settle};
use super::dependencies::{self, is_compatible, table};
use super::load::CHART_INVALID;
use super::metadata::{Dependency, Field, Metadata};
use super::release_name::refused_name;
use super::working::Working;
use super::{Chart, Options, Rendered, ValuesSchema, files};

/// Rule: a dependency that lies not under `charts/`.
const DEPENDENCY_MISSING: &str = "dependency-missing";
/// Rule: the chart wants another Kubernetes.
const KUBE_VERSION: &str = "kube-version-incompatible";

/// A release before its templates are executed. It shares values that are counted references, so
/// it stays on its thread.
#[derive(Debug)]
pub struct Prepared<'c> {
    pub(super) chart: Working<'c>,
    pub(super) options: &'c Options,
    pub(super) sources: Sources,
    pub(super) origins: Origins,
    pub(super) kube: KubeVersion,
    /// `.Values` of the chart.
    pub(super) values: Value,
    /// The names under which `.Values` holds what belongs to dependencies that are missing.
    pub(super) missing: Vec<String>,
    pub(super) findings: Vec<Finding>,
    pub(super) warnings: Vec<String>,
}

/// The values of one chart of the tree, and what they must look like.
#[derive(Debug)]
pub struct ChartValues {
    /// The chart's name, or its alias.
    pub name: String,
    /// Its full path in the tree: `parent/charts/sub`.
    pub path: String,
    /// Its values, everything coalesced.
    pub values: Value,
    /// Its `values.schema.json`.
    pub schema: Option<Arc<ValuesSchema>>,
}

/// Settles values and dependencies. `sources` are those that the chart and the user's values were
/// read into.
///
/// # Errors
/// What Helm stops at before it renders; the findings say why.
pub fn prepare<'c>(
    chart: &'c Chart,
    sources: &Sources,
    options: &'c Options,
) -> Result<Prepared<'c>, Box<Rendered>> {
    let mut origins = Origins::new();
    let sources = sources.clone();
    let length = |file| sources.file(file).bytes().len();
    let values = chart.values_yaml.map_or(0, length);
    origins.make_room_for_leaves(values, length_of_templates(chart, &sources));
    let mut warnings = Vec::new();
    let (user, mut findings) = options.values.merge(&sources, &mut origins);
    let start = Span::new(chart.chart_yaml, 0, 0);
    if chart.metadata.kind.text == "library" {
        let span = chart.metadata.kind.span.unwrap_or(start);
        findings.push(Finding::new(
            CHART_INVALID,
            span,
            "library charts are not installable",
        ));
    }
    let given = options.kube_version.as_deref();
    let kube = match given
        .filter(|text| !text.is_empty())
        .map(KubeVersion::parse)
    {
        None => Ok(KubeVersion::standard()),
        Some(Ok(kube)) => Ok(kube),
        Some(Err(message)) => Err(message),
    };
    if let Err(message) = &kube {
        let given = options.kube_version.as_deref().unwrap_or_default();
        let message = format!("invalid kube version '{given}': {message}");
        let at = options.given_at.kube_version.unwrap_or(start);
        findings.push(Finding::new(CHART_INVALID, at, message));
    }
    if let Some(message) = refused_name(&options.release_name) {
        let at = options.given_at.release_name.unwrap_or(start);
        findings.push(Finding::new(CHART_INVALID, at, message));
    }
    let mut working = Working::new(chart, &mut origins);
    let mut values = None;
    let is_fine = findings.is_empty();
    // Helm stops here. What is there can still be rendered, and told of.
    let missing = missing_dependencies(chart);
    findings.extend(missing_finding(chart, &missing));
    if is_fine {
        let settled = dependencies::process(&mut working, &user, &mut warnings)
            .map_err(|mismatch| ("chart dependencies processing failed: ", mismatch))
            .and_then(|()| {
                settle(&working, &user, &mut warnings).map_err(|mismatch| ("", mismatch))
            });
        match settled {
            Ok(settled) => values = Some(settled),
            Err((prefix, mismatch)) => {
                let spans = origins.spans(mismatch.blame);
                let span = spans.first().copied().unwrap_or(start);
                let message = format!("{prefix}{}", mismatch.message);
                findings.push(Finding::new(mismatch.rule, span, message));
            }
        }
    }
    let (Some(mut values), Ok(kube)) = (values, kube) else {
        return Err(Box::new(Rendered {
            sources,
            origins,
            findings,
            warnings,
            ..Rendered::default()
        }));
    };
    values.data = match values.data {
        Data::Map(_, map) => Data::Map(MapType::Values, map),
        other => other,
    };
    Ok(Prepared {
        chart: working,
        options,
        sources,
        origins,
        kube,
        values,
        missing: missing.into_iter().map(name_of_values).collect(),
        findings,
        warnings,
    })
}

/// How many bytes the templates of a chart and of those within it have.
fn length_of_templates(chart: &Chart, sources: &Sources) -> usize {
    let own = chart.templates.iter();
    let own = own.map(|template| sources.file(template.file).bytes().len());
    let within = chart.dependencies.iter();
    let within = within.map(|sub| length_of_templates(sub, sources));
    own.chain(within).sum()
}

/// Every dependency must be among the loaded charts, by name alone.
fn missing_dependencies(chart: &Chart) -> Vec<&Dependency> {
    let is_loaded = |name: &str| {
        let mut loaded = chart.dependencies.iter();
        loaded.any(|sub| sub.metadata.name.text == name)
    };
    let declared = chart.metadata.dependencies.iter().flatten();
    declared
        .filter(|dependency| !is_loaded(&dependency.name.text))
        .collect()
}

/// The key under which the parent's values hold those of a dependency.
fn name_of_values(dependency: &Dependency) -> String {
    let name = match dependency.alias.text.as_str() {
        "" => &dependency.name.text,
        alias => alias,
    };
    name.to_owned()
}

/// What Helm says of them.
fn missing_finding(chart: &Chart, missing: &[&Dependency]) -> Option<Finding> {
    let first = &missing.first()?.name;
    let names: Vec<&str> = missing
        .iter()
        .map(|dependency| dependency.name.text.as_str())
        .collect();
    let start = chart
        .metadata
        .dependencies_span
        .unwrap_or(Span::new(chart.chart_yaml, 0, 0));
    let message = format!(
        "found in Chart.yaml, but missing in charts/ directory: {}",
        names.join(", ")
    );
    let mut finding = Finding::new(DEPENDENCY_MISSING, first.span.unwrap_or(start), message)
        .help("run `helm dependency build`");
    for name in missing.iter().skip(1).map(|dependency| &dependency.name) {
        if let Some(span) = name.span {
            finding = finding.related(span, format!("{} is missing, too", name.text));
        }
    }
    Some(finding)
}

impl<'c> Prepared<'c> {
    /// How many things were found to be wrong before the values are checked and the templates are
    /// executed. They come first among the findings of [`Prepared::render`].
    #[must_use]
    pub fn found(&self) -> usize {
        self.findings.len()
    }

    /// The values of all charts of the tree, the root first, as Helm checks them against their
    /// schemas: a chart whose values are missing is left out with all below it.
    #[must_use]
    pub fn values_of_charts(&self) -> Vec<ChartValues> {
        let mut found = Vec::new();
        let path = self.chart.name().to_owned();
        collect(&self.chart, self.values.clone(), path, &mut found);
        found
    }

    /// The texts: the chart's, and the user's values.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Where the values came from.
    #[must_use]
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// What is wrong with the demand for a version of Kubernetes; asked when rendering.
    pub(super) fn incompatible(&self) -> Option<Finding> {
        let wanted = &self.chart.metadata.kube_version;
        if wanted.text.is_empty() || is_compatible(&wanted.text, &self.kube.normalized) {
            return None;
        }
        let start = Span::new(self.chart.chart.chart_yaml, 0, 0);
        let message = format!(
            "chart requires kubeVersion: {} which is incompatible with Kubernetes {}",
            wanted.text, self.kube.full
        );
        Some(Finding::new(
            KUBE_VERSION,
            wanted.span.unwrap_or(start),
            message,
        ))
    }

    /// The scopes of all charts: their paths, templates and `.`.
    pub(super) fn scopes(&mut self) -> Vec<Scope<'c>> {
        let release = map([
            ("Name", text(&self.options.release_name)),
            ("Namespace", text(&self.options.namespace)),
            ("IsUpgrade", Value::bool(self.options.is_upgrade)),
            ("IsInstall", Value::bool(!self.options.is_upgrade)),
            ("Revision", Value::int(1)),
            ("Service", text("Helm")),
        ]);
        let shared = Shared {
            release,
            capabilities: capabilities(&self.kube, &self.options.api_versions),
        };
        let mut scopes = Vec::new();
        let path = self.chart.name().to_owned();
        let values = self.values.clone();
        let (sources, origins) = (&self.sources, &mut self.origins);
        scope(
            &self.chart,
            (path, values, true),
            &shared,
            (sources, origins),
            &mut scopes,
        );
        scopes
    }
}

fn collect(chart: &Working<'_>, values: Value, path: String, found: &mut Vec<ChartValues>) {
    let map = values.as_map().map(Rc::clone);
    found.push(ChartValues {
        name: chart.name().to_owned(),
        path: path.clone(),
        values,
        schema: chart.chart.schema.clone(),
    });
    let Some(map) = map else { return };
    for sub in &chart.dependencies {
        let Some(entry) = map.get(sub.name().as_bytes()) else {
            continue;
        };
        if !entry.value.is_nil() {
            let path = format!("{path}/charts/{}", sub.name());
            collect(sub, entry.value, path, found);
        }
    }
}

/// A chart and what its templates see.
#[derive(Debug)]
pub(super) struct Scope<'c> {
    /// `parent/charts/sub`.
    pub(super) path: String,
    pub(super) chart: &'c Chart,
    pub(super) is_library: bool,
    /// `.`, but for `.Template`.
    pub(super) value: Value,
}

struct Shared {
    release: Value,
    capabilities: Value,
}

/// Helm's `recAllTpls`: the scope of a chart, after those of its dependencies.
fn scope<'c>(
    chart: &Working<'c>,
    (path, values, is_root): (String, Value, bool),
    shared: &Shared,
    (sources, origins): (&Sources, &mut Origins),
    scopes: &mut Vec<Scope<'c>>,
) -> Value {
    let mut subcharts = Vec::new();
    let of_chart = values.as_map().map_or_else(Rc::default, Rc::clone);
    for sub in &chart.dependencies {
        let name = sub.name();
        // A name with dots is a path here, too.
        let inner = table(&of_chart, name);
        let prov = of_chart
            .get(name.as_bytes())
            .map_or(Prov::NONE, |entry| entry.value.prov);
        let inner = of_map(inner.unwrap_or_default(), prov);
        let inner = with_type(inner, MapType::Values);
        let path = format!("{path}/charts/{name}");
        let below = scope(
            sub,
            (path, inner, false),
            shared,
            (sources, origins),
            scopes,
        );
        subcharts.push((name.to_owned(), with_type(below, MapType::Interface)));
    }
    let entries = [
        (
            "Chart",
            chart_value(&chart.metadata, chart.imports.as_deref(), is_root, origins),
        ),
        ("Files", files::files(&chart.chart.files, sources, origins)),
        ("Release", shared.release.clone()),
        ("Capabilities", shared.capabilities.clone()),
        ("Values", values),
        (
            "Subcharts",
            map(subcharts
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()))),
        ),
    ];
    let value = with_type(map(entries), MapType::Values);
    scopes.push(Scope {
        path,
        chart: chart.chart,
        is_library: chart.is_library(),
        value: value.clone(),
    });
    value
}

fn with_type(value: Value, kind: MapType) -> Value {
    let data = match value.data {
        Data::Map(_, map) => Data::Map(kind, map),
        other => other,
    };
    Value::with(data, value.prov)
}

fn text(text: &str) -> Value {
    Value::str(text)
}

fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(name, value)| -> (Key, Entry) {
        let key = Prov::NONE;
        (Rc::from(name.as_bytes()), Entry { key, value })
    });
    Value::map(entries.collect::<Vec<_>>())
}

/// `.Chart`: the metadata as a map with the names of Go's fields.
fn chart_value(
    metadata: &Metadata,
    imports: Option<&[Vec<(String, String)>]>,
    is_root: bool,
    origins: &mut Origins,
) -> Value {
    let annotations = Rc::new(Map::new());
    for (name, key, field) in &metadata.annotations {
        let key = origins.leaf(*key);
        let value = field_value(field, origins);
        annotations.set(name.as_bytes(), Entry { key, value });
    }
    let annotations = match metadata.annotations_span {
        Some(_) => annotations,
        None => Rc::new(Map::nil()),
    };
    let annotations_prov = leaf(metadata.annotations_span, origins);
    let annotations = Value::with(Data::Map(MapType::String, annotations), annotations_prov);
    let maintainers = metadata.maintainers.iter().flatten().map(|maintainer| {
        map([
            ("Name", field_value(&maintainer.name, origins)),
            ("Email", field_value(&maintainer.email, origins)),
            ("URL", field_value(&maintainer.url, origins)),
        ])
    });
    let maintainers = Value::list(maintainers.collect());
    let mut dependencies = Vec::new();
    for (index, dependency) in metadata.dependencies.iter().flatten().enumerate() {
        let imports = imports.and_then(|imports| imports.get(index));
        let imports = imports.into_iter().flatten().map(|(child, parent)| {
            let import = map([("child", text(child)), ("parent", text(parent))]);
            with_type(import, MapType::String)
        });
        let imports = Value::list(imports.collect());
        dependencies.push(map([
            ("Name", field_value(&dependency.name, origins)),
            ("Version", field_value(&dependency.version, origins)),
            ("Repository", field_value(&dependency.repository, origins)),
            ("Condition", field_value(&dependency.condition, origins)),
            ("Tags", list_value(&dependency.tags, origins)),
            ("Enabled", Value::bool(dependency.enabled)),
            ("ImportValues", imports),
            ("Alias", field_value(&dependency.alias, origins)),
        ]));
    }
    let dependencies = Value::with(
        Value::list(dependencies).data,
        leaf(metadata.dependencies_span, origins),
    );
    let deprecated = Value::with(
        Value::bool(metadata.deprecated).data,
        leaf(metadata.deprecated_span, origins),
    );
    map([
        ("Name", field_value(&metadata.name, origins)),
        ("Home", field_value(&metadata.home, origins)),
        ("Sources", list_value(&metadata.sources, origins)),
        ("Version", field_value(&metadata.version, origins)),
        ("Description", field_value(&metadata.description, origins)),
        ("Keywords", list_value(&metadata.keywords, origins)),
        ("Maintainers", maintainers),
        ("Icon", field_value(&metadata.icon, origins)),
        ("APIVersion", field_value(&metadata.api_version, origins)),
        ("Condition", field_value(&metadata.condition, origins)),
        ("Tags", field_value(&metadata.tags, origins)),
        ("AppVersion", field_value(&metadata.app_version, origins)),
        ("Deprecated", deprecated),
        ("Annotations", annotations),
        ("KubeVersion", field_value(&metadata.kube_version, origins)),
        ("Dependencies", dependencies),
        ("Type", field_value(&metadata.kind, origins)),
        ("IsRoot", Value::bool(is_root)),
    ])
}

fn leaf(span: Option<Span>, origins: &mut Origins) -> Prov {
    span.map_or(Prov::NONE, |span| origins.leaf(span))
}

fn field_value(field: &Field, origins: &mut Origins) -> Value {
    let prov = leaf(field.span, origins);
    Value::with(text(&field.text).data, prov)
}

fn list_value(fields: &[Field], origins: &mut Origins) -> Value {
    let items = fields.iter().map(|field| field_value(field, origins));
    Value::list(items.collect())
}
