//! Inputs and configuration in, located diagnostics out.

mod coverage;
mod diagnostic;
mod evidence;
mod inputs;
mod lint;
mod locate;
mod render;
mod report;
mod strangers;
mod subject;
mod values_tree;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::chart::ValuesInput;
use crate::config::{self, Config, Environment};
use crate::rules::Severity;
use crate::source::{FileKind, Sources};
use crate::template::eval::{Helper, with_stack};
use crate::vfs::Vfs;

pub use coverage::{Covered, CoveredBody, coverage};
pub use diagnostic::{Diagnostic, Location, LocationKind, TraceStep};
pub use inputs::{Target, above, owner, resolve};
pub use render::{ReleaseName, RenderRequest, render};
pub use report::{Counts, Remains, Report};

/// What a run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Paths as the user gave them; `-` is standard input.
    pub paths: Vec<String>,
    /// Standard input, where `-` is among the paths or the values ask for it.
    pub stdin: Vec<u8>,
    /// A configuration other than the one that is found.
    pub config: Option<String>,
    /// Values of the command line, in its order.
    pub values: Vec<ValuesInput>,
    /// `--name`.
    pub release_name: Option<String>,
    /// `--namespace`.
    pub namespace: Option<String>,
    /// `--kube-version`.
    pub kube_version: Option<String>,
    /// `--api-versions`.
    pub api_versions: Vec<String>,
    /// `--include-crds`.
    pub include_crds: bool,
    /// `--skip-schema-validation`.
    pub skip_schema: bool,
    /// Whether the process ends when all is told: memory is not given back piece by piece then.
    pub ends: bool,
    /// From which severity on findings make the exit status 1.
    pub fail_on: Option<Severity>,
}

/// What one target gave.
#[derive(Debug, Default)]
struct Part {
    diagnostics: Vec<Diagnostic>,
    objects: usize,
    environments: Vec<String>,
    remains: Remains,
}

/// Lints everything that was asked for. Charts and environments run side by side; the result does
/// not depend on how many threads there are.
#[must_use]
pub fn run(vfs: &dyn Vfs, request: &Request) -> Report {
    let (targets, mut diagnostics) = resolve(vfs, &request.paths);
    let is_read = request.values.iter().any(ValuesInput::reads_stdin);
    if is_read && request.paths.iter().any(|path| path == "-") {
        let message = "standard input is read once: as manifests, or as values".to_owned();
        diagnostics.push(lint::failure("unreadable-input", "-", message));
    }
    let lint = |target: &Target, helper: Helper| {
        let is_only = targets.len() == 1;
        guarded(target, || one(vfs, request, target, helper, is_only))
    };
    let parts = match targets.as_slice() {
        [target] => {
            // Loaded and rendered on one thread, where there is one.
            let part = with_stack(|| lint(target, Helper::start()));
            vec![part.unwrap_or_else(|_| lint(target, Helper::default()))]
        }
        several => several
            .par_iter()
            .map(|target| Part {
                remains: Remains::default(),
                ..lint(target, Helper::default())
            })
            .collect(),
    };
    let mut report = Report {
        fail_on: request.fail_on,
        ..Report::default()
    };
    for target in &targets {
        match target {
            Target::Chart(_) => report.charts += 1,
            Target::Manifests(files) => report.files += files.len(),
        }
    }
    for part in parts {
        report.remains.append(part.remains);
        report.objects += part.objects;
        for name in part.environments {
            if !report.environments.contains(&name) {
                report.environments.push(name);
            }
        }
        diagnostics.extend(part.diagnostics);
    }
    if report.environments.is_empty() {
        report.environments.push("default".to_owned());
    }
    for diagnostic in &mut diagnostics {
        if diagnostic.environments.is_empty() {
            diagnostic.environments.clone_from(&report.environments);
        }
    }
    let is_nothing = targets.is_empty() || (report.charts == 0 && report.objects == 0);
    if is_nothing && diagnostics.is_empty() {
        let shown = request.paths.join(" ");
        diagnostics.push(Diagnostic {
            environments: report.environments.clone(),
            ..inputs::nothing(&shown)
        });
    }
    report.diagnostics = diagnostics;
    report.sort();
    report
}

/// A defect of ours in one target is a finding, and the other targets are linted.
fn guarded(target: &Target, run: impl FnOnce() -> Part) -> Part {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    result.unwrap_or_else(|_| Part {
        diagnostics: vec![lint::failure(
            "internal-error",
            &target.name(),
            "aiplat failed on this input".to_owned(),
        )],
        ..Part::default()
    })
}

/// The configuration of a target: the one that was named, or the nearest one above it.
fn configuration(
    vfs: &dyn Vfs,
    request: &Request,
    target: &Target,
    sources: &mut Sources,
) -> (Config, PathBuf, Vec<crate::finding::Finding>) {
    let mut misnamed = Vec::new();
    let path = match &request.config {
        Some(path) => Some(PathBuf::from(path)),
        None => {
            let found = inputs::find_config(vfs, &target.directory());
            for path in found.misnamed {
                let bytes = vfs.read(&path, 1 << 20).unwrap_or_default();
                let name = path.to_string_lossy().into_owned();
                let file = sources.add(name, FileKind::File, bytes.clone());
                misnamed.push(config::misnamed(file, &bytes));
            }
            found.config
        }
    };
    let Some(path) = path else {
        return (Config::default(), PathBuf::new(), misnamed);
    };
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let name = path.to_string_lossy().into_owned();
    match vfs.read(&path, 1 << 20) {
        Ok(bytes) => {
            let file = sources.add(name, FileKind::File, bytes.clone());
            let (config, findings) = config::parse(file, &bytes);
            misnamed.extend(findings);
            (config, folder, misnamed)
        }
        Err(error) => {
            let file = sources.add(name, FileKind::File, Vec::new());
            let span = crate::source::Span::new(file, 0, 0);
            let finding = crate::finding::Finding::new("config-invalid", span, error.to_string());
            (Config::default(), folder, vec![finding])
        }
    }
}

/// The values files that configurations name: they may lie anywhere that the user's own
/// configuration says.
#[must_use]
pub fn config_values(vfs: &dyn Vfs, paths: &[String], named: Option<&str>) -> Vec<PathBuf> {
    let (targets, _) = resolve(vfs, paths);
    let mut found = Vec::new();
    for target in targets {
        let path = match named {
            Some(path) => Some(PathBuf::from(path)),
            None => inputs::find_config(vfs, &target.directory()).config,
        };
        let Some(path) = path else { continue };
        let Ok(bytes) = vfs.read(&path, 1 << 20) else {
            continue;
        };
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let (config, _) = config::parse(crate::source::FileId::DETACHED, &bytes);
        let names = config
            .environments
            .iter()
            .flat_map(|environment| &environment.values);
        found.extend(names.map(|name| folder.join(name)));
    }
    found
}

/// Lints one target in all its environments.
fn one(vfs: &dyn Vfs, request: &Request, target: &Target, helper: Helper, is_only: bool) -> Part {
    let mut sources = Sources::new();
    let (config, folder, findings) = configuration(vfs, request, target, &mut sources);
    let mut part = Part {
        diagnostics: lint::located(&sources, &findings, &config),
        ..Part::default()
    };
    let environments = match target {
        Target::Chart(_) => environments(&config),
        Target::Manifests(_) => environments(&Config::default()),
    };
    part.environments = environments.iter().map(|env| env.name.clone()).collect();
    for diagnostic in &mut part.diagnostics {
        diagnostic.environments.clone_from(&part.environments);
    }
    let results: Vec<(Vec<Diagnostic>, usize)> = match target {
        Target::Chart(path) => {
            let job = lint::ChartJob::load(vfs, path, sources, helper)
                .ends(request.ends && is_only && environments.len() == 1);
            // All that needs the stack runs on one thread with it, not on one after the other.
            let lint = |environment| {
                let lint = || job.lint(vfs, request, &config, &folder, environment);
                with_stack(lint).unwrap_or_else(|_| lint())
            };
            match environments.as_slice() {
                [environment] => {
                    let (diagnostics, objects, checked) = lint(environment);
                    part.remains.push((job, checked));
                    vec![(diagnostics, objects)]
                }
                several => several
                    .par_iter()
                    .map(lint)
                    .map(|(diagnostics, objects, _)| (diagnostics, objects))
                    .collect(),
            }
        }
        Target::Manifests(files) => {
            vec![lint::manifests(vfs, request, &config, files, sources)]
        }
    };
    let count = results.len();
    for (environment, (diagnostics, objects)) in environments.iter().zip(results) {
        part.objects = part.objects.max(objects);
        merge(&mut part.diagnostics, diagnostics, &environment.name);
    }
    // What one environment defines is defined.
    part.diagnostics.retain(|diagnostic| {
        diagnostic.rule != "undefined-value" || diagnostic.environments.len() == count
    });
    part
}

/// The environments of a configuration: where it names none, the one that everybody has.
fn environments(config: &Config) -> Vec<Environment> {
    if !config.environments.is_empty() {
        return config.environments.clone();
    }
    vec![Environment {
        name: "default".to_owned(),
        ..Environment::default()
    }]
}

/// Takes in what was found in an environment: what is known from others gets its name, too.
fn merge(known: &mut Vec<Diagnostic>, found: Vec<Diagnostic>, environment: &str) {
    // There may be many of one message, and many at one place.
    let key = |diagnostic: &Diagnostic| {
        let start = diagnostic.primary().map(|at| at.start);
        (diagnostic.message.clone(), start)
    };
    let mut alike: FxHashMap<(String, Option<usize>), Vec<usize>> = FxHashMap::default();
    for (at, diagnostic) in known.iter().enumerate() {
        alike.entry(key(diagnostic)).or_default().push(at);
    }
    for mut diagnostic in found {
        let alike = alike.entry(key(&diagnostic)).or_default();
        let is_same = |at: &&usize| known.get(**at).is_some_and(|one| one.is_same(&diagnostic));
        let same = alike.iter().find(is_same).copied();
        match same.and_then(|at| known.get_mut(at)) {
            Some(known) => {
                if !known.environments.iter().any(|name| name == environment) {
                    known.environments.push(environment.to_owned());
                }
            }
            None => {
                diagnostic.environments = vec![environment.to_owned()];
                alike.push(known.len());
                known.push(diagnostic);
            }
        }
    }
}
