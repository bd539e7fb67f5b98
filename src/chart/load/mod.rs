//! Reading charts: directories, archives, and the charts within them.

mod archive;
mod directory;
mod ignore;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::finding::Finding;
use crate::golang::path;
use crate::source::{Bytes, FileId, FileKind, Sources, Span};
use crate::template::eval::{Helper, Parses};
use crate::vfs::{ErrorKind, Kind, Vfs, VfsError};
use crate::yaml::plain::read_plain_within;

use super::convert;
use super::metadata::{self, Metadata};
use super::metadata_checks;
use super::render::joined;
use super::{Chart, ChartFile, Limits, ValuesSchema};

/// Rule: `Chart.yaml` or the structure of the chart is wrong.
pub(super) const CHART_INVALID: &str = "chart-invalid";
/// Rule: values that Helm cannot read or use.
pub(super) const VALUES_INVALID: &str = "values-invalid";
/// Rule: a file that cannot be read.
pub(super) const UNREADABLE: &str = "unreadable-input";
/// Rule: a limit was passed.
pub(super) const LIMIT: &str = "limit-exceeded";

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Whether a path is a chart: a directory with a `Chart.yaml`, or an archive by its name.
#[must_use]
pub fn is_chart(vfs: &dyn Vfs, path: &Path) -> bool {
    match vfs.metadata(path) {
        Ok(found) if found.kind == Kind::Directory => {
            vfs.metadata(&path.join("Chart.yaml")).is_ok()
        }
        Ok(_) => {
            let name = path.to_string_lossy();
            name.ends_with(".tgz") || name.ends_with(".tar.gz")
        }
        Err(_) => false,
    }
}

/// Reads the chart at `path`, a directory or an archive, with all charts within it. What is wrong
/// with it is in the findings, in Helm's words; the chart is what could be read of it, and `None`
/// where it is not even known by name.
pub fn load(
    vfs: &dyn Vfs,
    path: &Path,
    sources: &mut Sources,
    limits: &Limits,
) -> (Option<Chart>, Vec<Finding>) {
    load_beside(vfs, path, sources, limits, &Helper::default())
}

/// The same, while the chart's own templates are parsed on another thread.
pub fn load_beside(
    vfs: &dyn Vfs,
    path: &Path,
    sources: &mut Sources,
    limits: &Limits,
    helper: &Helper,
) -> (Option<Chart>, Vec<Finding>) {
    let mut loader = Loader {
        vfs,
        sources,
        helper,
        limits: *limits,
        findings: Vec::new(),
        bytes_left: limits.chart,
        entries_left: limits.entries,
        values_left: limits.values,
        is_full: false,
    };
    let chart = loader.root(path);
    (chart, loader.findings)
}

/// A file of a chart before it is known what it is.
struct Entry {
    /// Its name in the chart.
    name: String,
    /// Its name for the user.
    shown: String,
    bytes: Bytes,
}

struct Loader<'a> {
    vfs: &'a dyn Vfs,
    sources: &'a mut Sources,
    helper: &'a Helper,
    limits: Limits,
    findings: Vec<Finding>,
    bytes_left: u64,
    entries_left: usize,
    /// How many values the charts may still have.
    values_left: usize,
    /// Whether a limit of the whole chart was passed: nothing more is read.
    is_full: bool,
}

impl Loader<'_> {
    fn root(&mut self, path: &Path) -> Option<Chart> {
        let shown = path.to_string_lossy();
        let shown = match shown.trim_end_matches('/') {
            "" if shown.starts_with('/') => "/",
            trimmed => trimmed,
        };
        let entries = match self.vfs.metadata(path) {
            Ok(found) if found.kind == Kind::Directory => {
                if !self.is_chart(path, shown) {
                    return None;
                }
                self.directory(path, shown)
            }
            Ok(_) => {
                let bytes = match self.vfs.read(path, self.limits.chart) {
                    Ok(bytes) => bytes,
                    Err(error) => {
                        self.unreadable(shown, &error);
                        return None;
                    }
                };
                if !bytes.starts_with(b"\x1f\x8b\x08") {
                    let message = if shown.ends_with(".yaml") || shown.ends_with(".yml") {
                        format!(
                            "file '{shown}' seems to be a YAML file, but expected a gzipped archive"
                        )
                    } else {
                        format!("file '{shown}' does not appear to be a gzipped archive")
                    };
                    self.report(CHART_INVALID, shown, &message);
                    return None;
                }
                let summary = Some("unable to load chart archive");
                let entries = self.archive(&bytes, shown, summary)?;
                if !entries.iter().any(|entry| entry.name == "Chart.yaml") {
                    let message = "unable to detect chart version, no Chart.yaml found";
                    self.report(CHART_INVALID, shown, message);
                    return None;
                }
                entries
            }
            Err(error) => {
                self.unreadable(shown, &error);
                return None;
            }
        };
        self.chart(entries, shown, 0)
    }

    /// Whether a directory has a Chart.yaml; a finding in the words of Helm where it has none.
    fn is_chart(&mut self, path: &Path, shown: &str) -> bool {
        let chart_yaml = path.join("Chart.yaml");
        let kind = match self.vfs.metadata(&chart_yaml) {
            Ok(found) if found.kind == Kind::File => return true,
            Ok(_) => ErrorKind::IsDirectory,
            Err(error) if error.kind == ErrorKind::NotFound => ErrorKind::NotFound,
            // What is wrong with it is said where it is read.
            Err(_) => return true,
        };
        let name = join(shown, "Chart.yaml");
        let error = VfsError {
            path: name.clone().into(),
            kind,
        };
        let message = format!("unable to detect chart at {name}: {error}");
        self.report(CHART_INVALID, shown, &message);
        false
    }

    /// A place for what is wrong with a file that is not among the sources.
    fn place(&mut self, shown: &str) -> Span {
        let file = self.sources.add(shown, FileKind::File, Vec::new());
        Span::new(file, 0, 0)
    }

    fn report(&mut self, rule: &'static str, shown: &str, message: &str) {
        let span = self.place(shown);
        self.findings.push(Finding::new(rule, span, message));
    }

    fn unreadable(&mut self, shown: &str, error: &VfsError) {
        let rule = match error.kind {
            ErrorKind::TooLarge { .. } => LIMIT,
            _ => UNREADABLE,
        };
        let span = self.place(shown);
        let mut found = Finding::new(rule, span, error.to_string());
        if error.kind == ErrorKind::Outside {
            found = found.help(
                "Helm would follow such a link, but nothing outside of the chart is read here: put \
                 what it leads to into the chart",
            );
        }
        self.findings.push(found);
    }

    /// Takes `bytes` off what the chart may hold; `false`, and a finding, when it is used up.
    fn spend(&mut self, bytes: u64, shown: &str) -> bool {
        if self.is_full {
            return false;
        }
        let entries = self.entries_left.checked_sub(1);
        let left = self.bytes_left.checked_sub(bytes);
        if let (Some(entries), Some(left)) = (entries, left) {
            self.entries_left = entries;
            self.bytes_left = left;
            return true;
        }
        let message = if entries.is_none() {
            format!("the chart has more than {} files", self.limits.entries)
        } else {
            format!(
                "chart exceeds maximum decompressed size of {} bytes",
                self.limits.chart
            )
        };
        self.report(LIMIT, shown, &message);
        self.is_full = true;
        false
    }

    /// How large the file of this name in a chart may be.
    fn limit_of(&self, name: &str) -> u64 {
        let is_text = name.starts_with("templates/")
            || matches!(
                name.rsplit('.').next(),
                Some("yaml" | "yml" | "json" | "tpl")
            );
        if is_archive_name(name) {
            self.limits.chart
        } else if is_text {
            self.limits.text
        } else {
            self.limits.file
        }
    }

    /// Helm's `LoadFiles`: what the files of one chart are.
    fn chart(&mut self, entries: Vec<Entry>, shown: &str, depth: usize) -> Option<Chart> {
        let mut files = Vec::new();
        let mut templates = Vec::new();
        let mut subcharts: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let mut metadata = Metadata::default();
        let (mut chart_yaml, mut values_yaml, mut values, mut schema) = (None, None, None, None);
        let mut whole = None;
        let before = self.findings.len();
        let mut requirements = Vec::new();
        for entry in entries {
            let name = entry.name.clone();
            if let Some(inside) = name.strip_prefix("charts/")
                && path::ext(name.as_bytes()) != b".prov"
            {
                let first = inside.split('/').next().unwrap_or_default().to_owned();
                let entry = Entry {
                    name: inside.to_owned(),
                    ..entry
                };
                subcharts.entry(first).or_default().push(entry);
                continue;
            }
            let kind = match name.as_str() {
                "Chart.yaml" | "requirements.yaml" => FileKind::Chart,
                "values.yaml" => FileKind::Values,
                _ if name.starts_with("templates/") => FileKind::Template,
                _ => FileKind::File,
            };
            let file = self.sources.add(entry.shown, kind, entry.bytes);
            let chart_file = ChartFile { name, file };
            match chart_file.name.as_str() {
                "Chart.yaml" => chart_yaml = Some(file),
                "values.yaml" => values_yaml = Some(file),
                "values.schema.json" => {
                    let source = Arc::clone(self.sources.file(file));
                    schema = Some(Arc::new(ValuesSchema::new(file, source)));
                }
                "requirements.yaml" => requirements.push(chart_file),
                "Chart.lock" => self.check_yaml("Chart.lock", file),
                "requirements.lock" => {
                    self.check_yaml("requirements.lock", file);
                    requirements.push(chart_file);
                }
                name if name.starts_with("templates/") => templates.push(chart_file),
                _ => files.push(chart_file),
            }
        }
        let Some(chart_yaml) = chart_yaml else {
            self.report(CHART_INVALID, shown, "Chart.yaml file is missing");
            return None;
        };
        let root_type = if depth == 0 {
            "loader.chartBase"
        } else {
            "v2.Metadata"
        };
        let findings = &mut self.findings;
        metadata::decode(
            &mut metadata,
            chart_yaml,
            "Chart.yaml",
            root_type,
            self.sources,
            findings,
        );
        let failed = findings.len() > before;
        if !failed && depth == 0 {
            let version = &metadata.api_version;
            let message = match version.text.as_str() {
                "" | "v1" | "v2" => None,
                "v3" => Some("invalid chart apiVersion"),
                _ => Some("unsupported chart version"),
            };
            if let Some(message) = message {
                let span = version.span.unwrap_or(Span::new(chart_yaml, 0, 0));
                findings.push(Finding::new(CHART_INVALID, span, message));
            }
        }
        if metadata.api_version.text.is_empty() {
            metadata.api_version.text = "v1".to_owned();
        }
        let is_v1 = metadata.api_version.text == "v1";
        for file in requirements {
            if file.name == "requirements.yaml" {
                let id = file.file;
                metadata::decode(
                    &mut metadata,
                    id,
                    "requirements.yaml",
                    "v2.Metadata",
                    self.sources,
                    findings,
                );
            }
            if is_v1 {
                files.push(file);
            }
        }
        let parses = Arc::new(Parses::default());
        // What charts within it are called is not known before their aliases are.
        if depth == 0 {
            let full = |file: &ChartFile| (joined(&metadata.name.text, &file.name), file.file);
            let all = templates.iter().map(full).collect();
            parses.ahead(self.helper, self.sources, all);
        }
        if let Some(file) = values_yaml {
            match convert::read_values(file, self.sources, self.values_left) {
                Ok((read, document)) => match self.values_left.checked_sub(read.count()) {
                    Some(left) => {
                        self.values_left = left;
                        values = Some(read);
                        whole = document.filter(|_| depth == 0);
                    }
                    None => {
                        let message = format!(
                            "the values.yaml of all charts hold more than {} values",
                            self.limits.values
                        );
                        let is_told = findings.iter().any(|found| found.message == message);
                        if !is_told {
                            findings.push(Finding::new(LIMIT, Span::new(file, 0, 0), message));
                        }
                    }
                },
                Err((message, span)) => {
                    let message = format!("cannot load values.yaml: {message}");
                    findings.push(Finding::new(VALUES_INVALID, span, message));
                }
            }
        }
        if !failed && let Some(refused) = metadata_checks::validate(&mut metadata, chart_yaml) {
            findings.push(refused);
        }
        if metadata.name.text.is_empty() {
            return None;
        }
        let mut dependencies = Vec::new();
        for (name, entries) in subcharts {
            if let Some(chart) = self.subchart(&name, entries, shown, depth) {
                dependencies.push(Arc::new(chart));
            }
        }
        Some(Chart {
            path: shown.to_owned(),
            metadata,
            chart_yaml,
            values_yaml,
            values,
            values_documents: whole,
            schema,
            templates,
            files,
            dependencies,
            parses,
        })
    }

    /// One entry of `charts/`.
    fn subchart(
        &mut self,
        name: &str,
        entries: Vec<Entry>,
        parent: &str,
        depth: usize,
    ) -> Option<Chart> {
        if name.starts_with(['_', '.']) {
            return None;
        }
        let shown = join(parent, &format!("charts/{name}"));
        if depth >= self.limits.nesting {
            let message = format!("charts nest deeper than {} levels", self.limits.nesting);
            self.report(LIMIT, &shown, &message);
            return None;
        }
        if path::ext(name.as_bytes()) == b".tgz" {
            let file = entries.into_iter().next()?;
            if file.name != name {
                let message = format!("expected {name}, got {}", file.name);
                self.report(CHART_INVALID, &shown, &message);
                return None;
            }
            let entries = self.archive(&file.bytes, &file.shown, None)?;
            return self.chart(entries, &file.shown, depth + 1);
        }
        let entries = entries
            .into_iter()
            .filter_map(|entry| {
                let (_, inside) = entry.name.split_once('/')?;
                Some(Entry {
                    name: inside.to_owned(),
                    ..entry
                })
            })
            .collect();
        self.chart(entries, &shown, depth + 1)
    }

    /// Helm reads lock files, too, and gives up where they are no YAML.
    fn check_yaml(&mut self, name: &str, file: FileId) {
        let (message, span) = match read_plain_within(
            file,
            0,
            self.sources.file(file).bytes(),
            metadata::MOST_ALIASED,
        ) {
            Err(error) => (error.go_message, error.span),
            Ok(read) => {
                let Some((_, read)) = read else { return };
                let Some(kind) = convert::json_kind(&read.value) else {
                    return;
                };
                let message = format!(
                    "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} \
                     into Go value of type v2.Lock"
                );
                (message, read.span)
            }
        };
        let message = format!("cannot load {name}: {message}");
        self.findings
            .push(Finding::new(CHART_INVALID, span, message));
    }
}

/// An archive of a chart under `charts/`, whose bytes are no text of ours.
fn is_archive_name(name: &str) -> bool {
    let mut parts = name.rsplit('/');
    parts.next().is_some_and(|file| file.ends_with(".tgz")) && parts.next() == Some("charts")
}

/// A path inside a chart, for the user: joined with the path they gave.
fn join(shown: &str, inside: &str) -> String {
    match shown {
        "" | "." => inside.to_owned(),
        _ if shown.ends_with(['/', '!']) => format!("{shown}{inside}"),
        _ => format!("{shown}/{inside}"),
    }
}

/// The bytes of a file without the mark that Helm drops.
pub(super) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BOM).unwrap_or(bytes)
}
