//! `--format json`: the format that programs are written against (format 1).

use serde::Serialize;

use crate::engine::{Diagnostic, Location, Report};

#[derive(Serialize)]
struct Output<'a> {
    format: u8,
    status: u8,
    summary: Summary<'a>,
    findings: Vec<FindingOut<'a>>,
}

#[derive(Serialize)]
struct Summary<'a> {
    charts: usize,
    objects: usize,
    environments: &'a [String],
    error: usize,
    warning: usize,
    info: usize,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    url: &'a str,
    object: Option<ObjectOut<'a>>,
    environments: &'a [String],
    locations: Vec<LocationOut<'a>>,
    trace: Vec<TraceOut<'a>>,
    fixes: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectOut<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
pub(super) struct Place {
    offset: usize,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct LocationOut<'a> {
    kind: &'a str,
    file: &'a str,
    start: Place,
    end: Place,
    message: &'a str,
}

#[derive(Serialize)]
struct TraceOut<'a> {
    what: &'a str,
    file: &'a str,
    start: Place,
    end: Place,
}

pub(super) fn places(at: &Location) -> (Place, Place) {
    let (start, end) = (at.start_place(), at.end_place());
    (
        Place {
            offset: at.start,
            line: start.line,
            column: start.column,
        },
        Place {
            offset: at.end,
            line: end.line,
            column: end.column,
        },
    )
}

fn location(at: &Location) -> LocationOut<'_> {
    let (start, end) = places(at);
    LocationOut {
        kind: at.kind.name(),
        file: at.file.name(),
        start,
        end,
        message: &at.message,
    }
}

fn finding(diagnostic: &Diagnostic) -> FindingOut<'_> {
    FindingOut {
        rule: diagnostic.rule,
        severity: diagnostic.severity.name(),
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        url: &diagnostic.url,
        object: diagnostic.object.as_ref().map(|object| ObjectOut {
            api_version: &object.api_version,
            kind: &object.kind,
            namespace: &object.namespace,
            name: &object.name,
        }),
        environments: &diagnostic.environments,
        locations: diagnostic.locations.iter().map(location).collect(),
        trace: diagnostic
            .trace
            .iter()
            .map(|step| {
                let (start, end) = places(&step.at);
                TraceOut {
                    what: &step.what,
                    file: step.at.file.name(),
                    start,
                    end,
                }
            })
            .collect(),
        fixes: [],
    }
}

/// The findings as JSON values, for other outputs that carry them.
pub(super) fn findings(report: &Report) -> Vec<serde_json::Value> {
    report
        .diagnostics
        .iter()
        .filter_map(|found| serde_json::to_value(finding(found)).ok())
        .collect()
}

/// One JSON object, with a final line feed.
#[must_use]
pub fn json(report: &Report) -> String {
    let counts = report.counts();
    let output = Output {
        format: 1,
        status: report.status(),
        summary: Summary {
            charts: report.charts,
            objects: report.objects,
            environments: &report.environments,
            error: counts.error,
            warning: counts.warning,
            info: counts.info,
        },
        findings: report.diagnostics.iter().map(finding).collect(),
    };
    // Serialising strings, numbers and sequences of them cannot fail.
    let mut text = serde_json::to_string_pretty(&output).unwrap_or_default();
    text.push('\n');
    text
}
