//! Which bodies of the templates of a chart no environment executes.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::chart::Chart;
use crate::source::{SourceFile, Sources, Span};
use crate::template::coverage::bodies;
use crate::template::eval::{Coverage, Helper, parse_file};
use crate::vfs::Vfs;

use super::{Location, LocationKind, Report, Request, Target};
use super::{configuration, environments, lint, merge};

/// A template file, and the bodies in it.
#[derive(Debug)]
pub struct Covered {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bodies, in order.
    pub bodies: Vec<CoveredBody>,
}

/// What is executed one way or another.
#[derive(Debug)]
pub struct CoveredBody {
    /// The keyword before it: `if`, `with`, `range` or `else`.
    pub what: &'static str,
    /// The opening action of its branch, as written.
    pub opening: String,
    /// Its bytes.
    pub at: Location,
    /// Whether any environment executes it.
    pub is_reached: bool,
    /// Whether a body around it is not executed either.
    pub is_within: bool,
}

impl Covered {
    /// How many bodies are executed.
    #[must_use]
    pub fn reached(&self) -> usize {
        self.bodies.iter().filter(|body| body.is_reached).count()
    }
}

/// Renders the chart that is the request's only path in all its environments. The templates come
/// in the order of their names, those of subcharts behind the chart's own.
#[must_use]
pub fn coverage(vfs: &dyn Vfs, request: &Request) -> (Vec<Covered>, Report) {
    let path = request.paths.first().cloned().unwrap_or_default();
    let target = Target::Chart(path.clone());
    let mut sources = Sources::new();
    let (config, folder, findings) = configuration(vfs, request, &target, &mut sources);
    let mut diagnostics = lint::located(&sources, &findings, &config);
    let environments = environments(&config);
    let names: Vec<String> = environments.iter().map(|env| env.name.clone()).collect();
    for diagnostic in &mut diagnostics {
        diagnostic.environments.clone_from(&names);
    }
    let job = lint::ChartJob::load(vfs, &path, sources, Helper::default());
    let results: Vec<_> = environments
        .par_iter()
        .map(|environment| job.trail(vfs, request, &config, &folder, environment))
        .collect();
    let mut ways: BTreeMap<Span, Coverage> = BTreeMap::new();
    for (name, (branches, found)) in names.iter().zip(results) {
        merge(&mut diagnostics, found, name);
        for (span, way) in branches {
            let known = ways.entry(span).or_default();
            known.body |= way.body;
            known.other |= way.other;
        }
    }
    let mut covered = Vec::new();
    if let Some(chart) = job.chart() {
        cover(chart, job.sources(), &ways, &mut covered);
    }
    let mut report = Report {
        diagnostics,
        charts: usize::from(job.chart().is_some()),
        environments: names,
        fail_on: request.fail_on,
        ..Report::default()
    };
    report.sort();
    (covered, report)
}

fn cover(
    chart: &Chart,
    sources: &Sources,
    ways: &BTreeMap<Span, Coverage>,
    covered: &mut Vec<Covered>,
) {
    let mut templates: Vec<_> = chart.templates.iter().collect();
    templates.sort_by(|a, b| a.name.cmp(&b.name));
    for template in templates {
        let file = sources.file(template.file);
        let parsed = parse_file(&template.name, template.file, sources);
        let bodies = bodies(&parsed, ways).into_iter().map(|body| CoveredBody {
            what: body.what,
            opening: String::from_utf8_lossy(sources.slice(body.opening)).into_owned(),
            at: Location::new(LocationKind::Template, file, body.span, ""),
            is_reached: body.is_reached,
            is_within: body.is_within,
        });
        covered.push(Covered {
            file: Arc::clone(file),
            bodies: bodies.collect(),
        });
    }
    for sub in &chart.dependencies {
        cover(sub, sources, ways, covered);
    }
}
