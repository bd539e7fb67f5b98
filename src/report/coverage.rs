//! `aiplat render --coverage`: which branches no environment reached.

use std::fmt::Write as _;

use serde::Serialize;

use crate::engine::{Covered, CoveredBody, Report};

use super::json::{Place, findings, places};
use super::{count, inert};

/// For people: each template with how much of it is reached, and the ranges of lines that are not.
/// What lies within such a range is not told again.
#[must_use]
pub fn coverage(covered: &[Covered], report: &Report) -> String {
    let mut out = String::new();
    let (mut all, mut reached) = (0, 0);
    for template in covered
        .iter()
        .filter(|template| !template.bodies.is_empty())
    {
        all += template.bodies.len();
        reached += template.reached();
        let _ = writeln!(
            out,
            "{:>4}%  {} ({} of {})",
            percent(template.reached(), template.bodies.len()),
            inert(template.file.name()),
            template.reached(),
            template.bodies.len()
        );
        for body in missed(template).filter(|body| !body.is_within) {
            let lines = lines(body);
            let _ = writeln!(out, "         {lines}  {}", inert(&shown(body)));
        }
    }
    let _ = writeln!(
        out,
        "{:>4}%  of all branches of {}, in {} ({reached} of {all})",
        percent(reached, all),
        count(covered.len(), "template"),
        count(report.environments.len(), "environment"),
    );
    out
}

fn missed(template: &Covered) -> impl Iterator<Item = &CoveredBody> {
    template.bodies.iter().filter(|body| !body.is_reached)
}

/// Rounded down: 100 is all of it.
fn percent(reached: usize, all: usize) -> usize {
    (reached * 100).checked_div(all).unwrap_or(100)
}

/// `file:3-5`, the lines that the body has bytes on, without the ends of lines around them.
fn lines(body: &CoveredBody) -> String {
    let at = &body.at;
    let bytes = at.file.bytes().get(at.start..at.end).unwrap_or_default();
    let is_blank = |byte: &u8| byte.is_ascii_whitespace();
    let start = bytes.iter().take_while(|byte| is_blank(byte)).count();
    let end = bytes.iter().rev().take_while(|byte| is_blank(byte)).count();
    let (start, end) = if start == bytes.len() {
        (at.start, at.start)
    } else {
        (at.start + start, at.end - end - 1)
    };
    let lines = at.file.lines();
    let (first, last) = (lines.line(start), lines.line(end));
    let name = inert(at.file.name());
    if first == last {
        format!("{name}:{first}")
    } else {
        format!("{name}:{first}-{last}")
    }
}

/// The action that opens the branch; for the other way of it with a word before it.
fn shown(body: &CoveredBody) -> String {
    let first = body.opening.lines().next().unwrap_or_default();
    match body.what {
        "else" => format!("else of {first}"),
        _ => first.to_owned(),
    }
}

#[derive(Serialize)]
struct Output<'a> {
    format: u8,
    environments: &'a [String],
    bodies: usize,
    reached: usize,
    percent: usize,
    templates: Vec<TemplateOut<'a>>,
    findings: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct TemplateOut<'a> {
    file: &'a str,
    bodies: usize,
    reached: usize,
    percent: usize,
    unreached: Vec<BodyOut<'a>>,
}

#[derive(Serialize)]
struct BodyOut<'a> {
    what: &'a str,
    opening: &'a str,
    start: Place,
    end: Place,
}

/// For programs: the same, every body that is not reached with its bytes.
#[must_use]
pub fn coverage_json(covered: &[Covered], report: &Report) -> String {
    let templates: Vec<TemplateOut<'_>> = covered
        .iter()
        .map(|template| TemplateOut {
            file: template.file.name(),
            bodies: template.bodies.len(),
            reached: template.reached(),
            percent: percent(template.reached(), template.bodies.len()),
            unreached: missed(template)
                .map(|body| {
                    let (start, end) = places(&body.at);
                    BodyOut {
                        what: body.what,
                        opening: &body.opening,
                        start,
                        end,
                    }
                })
                .collect(),
        })
        .collect();
    let all = templates.iter().map(|template| template.bodies).sum();
    let reached = templates.iter().map(|template| template.reached).sum();
    let output = Output {
        format: 1,
        environments: &report.environments,
        bodies: all,
        reached,
        percent: percent(reached, all),
        templates,
        findings: findings(report),
    };
    // Serialising strings, numbers and sequences of them cannot fail.
    let mut text = serde_json::to_string_pretty(&output).unwrap_or_default();
    text.push('\n');
    text
}
