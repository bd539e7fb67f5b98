//! Origins, held to what they promise: each scalar of the chart's values is changed in turn, and
//! every byte of the rendering that changes with it must have named its line before.

use std::fs;

use aiplat::chart::{Manifest, Rendered};
use aiplat::engine::{self, RenderRequest, Report};
use aiplat::source::{FileKind, Sources, Span};
use aiplat::vfs::MemoryFs;
use aiplat::yaml::{NodeRef, read};
use rayon::prelude::*;

use crate::files::{self, CHART};

/// A scalar of the values, and the text that takes its place.
struct Change {
    start: usize,
    end: usize,
    with: String,
}

/// Another scalar of the same type in the same notation.
fn other(text: &str) -> String {
    let inside = text.len().saturating_sub(1);
    match text {
        "true" => "false".to_owned(),
        "false" => "true".to_owned(),
        "" | "~" | "null" => " x".to_owned(),
        _ if text.starts_with(['"', '\'']) => {
            format!("{}x{}", &text[..inside], &text[inside..])
        }
        _ if text.starts_with(['|', '>']) => format!("{}x\n", text.trim_end()),
        _ => match text.chars().next().and_then(|first| first.to_digit(10)) {
            Some(9) => format!("8{}", &text[1..]),
            Some(digit) => format!("{}{}", digit + 1, &text[1..]),
            None => format!("{text}x"),
        },
    }
}

fn changes(values: &str) -> Vec<Change> {
    fn walk(node: NodeRef<'_>, values: &str, found: &mut Vec<Change>) {
        if node.style().is_some() {
            let (start, end) = (node.span().start(), node.span().end());
            let with = other(&values[start..end]);
            found.push(Change { start, end, with });
        }
        for (_, value) in node.entries() {
            walk(value, values, found);
        }
        for item in node.items() {
            walk(item, values, found);
        }
    }
    let mut sources = Sources::new();
    let file = sources.add("values.yaml", FileKind::Values, values.as_bytes().to_vec());
    let (documents, _) = read(file, values);
    let mut found = Vec::new();
    for document in &documents {
        if let Some(root) = document.root() {
            walk(root, values, &mut found);
        }
    }
    found
}

fn render(chart: &MemoryFs, values: &str) -> (Rendered, Report) {
    let mut chart = chart.clone();
    chart.insert(format!("{CHART}/values.yaml"), values);
    let request = RenderRequest {
        chart: CHART.to_owned(),
        ..RenderRequest::default()
    };
    engine::render(&chart, &request)
}

/// Whether the bytes `from..to` of a manifest, or what could stand at either end of them, name the
/// line of the values, as printed or as what decided that they are there.
fn names(
    rendered: &Rendered,
    manifest: &Manifest,
    from: usize,
    to: usize,
    wanted: &[usize],
) -> bool {
    let on_line = |span: &Span| {
        let file = rendered.sources.file(span.file());
        let lines = file.lines();
        file.kind() == FileKind::Values
            && wanted
                .iter()
                .any(|line| (lines.line(span.start())..=lines.line(span.end())).contains(line))
    };
    manifest.text.runs(from, to).any(|run| {
        let origin = rendered.origins.origin(run.origin);
        let contexts = rendered.origins.contexts(origin.context);
        std::iter::once(origin.data)
            .chain(contexts.map(|context| context.control))
            .any(|prov| rendered.origins.spans(prov).iter().any(on_line))
    })
}

/// The manifests of two renderings, side by side: those of one template, kind and name, then what
/// is left of each template in order, for a name may change with a value.
fn pairs<'r>(a: &'r Rendered, b: &'r Rendered) -> Vec<(&'r Manifest, Option<&'r Manifest>)> {
    let named = |manifest: &Manifest| {
        let text = String::from_utf8_lossy(manifest.text.bytes());
        let line = |start: &str| text.lines().find(|line| line.starts_with(start));
        let (kind, name) = (line("kind: "), line("  name: "));
        format!("{} {kind:?} {name:?}", manifest.source)
    };
    let mut others: Vec<(String, &Manifest)> = b.manifests.iter().map(|m| (named(m), m)).collect();
    let mut take = |is_it: &dyn Fn(&(String, &Manifest)) -> bool| {
        let at = others.iter().position(is_it)?;
        Some(others.remove(at).1)
    };
    let mut found: Vec<(&Manifest, Option<&Manifest>)> = Vec::new();
    for manifest in &a.manifests {
        let name = named(manifest);
        found.push((manifest, take(&|other| other.0 == name)));
    }
    let count = |rendered: &Rendered, source: &str| {
        let all = rendered.manifests.iter();
        all.filter(|manifest| manifest.source == source).count()
    };
    for (manifest, other) in &mut found {
        let source = manifest.source.as_str();
        if other.is_none() && count(a, source) == count(b, source) {
            *other = take(&|other| other.1.source == source);
        }
    }
    found
}

/// The lines of a text, with where they start.
fn lines(manifest: &Manifest) -> Vec<(usize, &[u8])> {
    let mut at = 0;
    let lines = manifest.text.bytes().split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| {
            at += line.len();
            (at - line.len(), line)
        })
        .collect()
}

/// Stretches of lines that differ: those of the first in place of those of the second.
fn differences(a: &[(usize, &[u8])], b: &[(usize, &[u8])]) -> Vec<[(usize, usize); 2]> {
    let same = |i: usize, j: usize| a[i].1 == b[j].1;
    let head = (0..a.len().min(b.len()))
        .take_while(|at| same(*at, *at))
        .count();
    let rest = a.len().min(b.len()) - head;
    let tail = (1..=rest)
        .take_while(|at| same(a.len() - at, b.len() - at))
        .count();
    let (n, m) = (a.len() - head - tail, b.len() - head - tail);
    // The longest common subsequence of what is left, from behind.
    let mut longest = vec![vec![0_u32; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            longest[i][j] = if same(head + i, head + j) {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < n || j < m {
        let from = (head + i, head + j);
        while (i < n || j < m) && !(i < n && j < m && same(head + i, head + j)) {
            if j == m || (i < n && longest[i + 1][j] >= longest[i][j + 1]) {
                i += 1;
            } else {
                j += 1;
            }
        }
        if from != (head + i, head + j) {
            found.push([(from.0, head + i), (from.1, head + j)]);
        }
        while i < n && j < m && same(head + i, head + j) {
            (i, j) = (i + 1, j + 1);
        }
    }
    found
}

/// What of `old` changed in `new` without naming the line of the values.
fn unnamed(old: &Rendered, new: &Rendered, lines_of_change: &[usize]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (manifest, other) in pairs(old, new) {
        let here = lines(manifest);
        let mut blame = |first: usize, last: usize| {
            let start = here.get(first).map_or(manifest.text.len(), |line| line.0);
            let end = here.get(last).map_or(manifest.text.len(), |line| line.0);
            if !names(old, manifest, start, end, lines_of_change) {
                let shown = String::from_utf8_lossy(&manifest.text.bytes()[start..end]);
                wrong.push(format!("{}: {shown:?}", manifest.source));
            }
        };
        match other {
            Some(other) if other.text.bytes() == manifest.text.bytes() => {}
            Some(other) => {
                let there = lines(other);
                let differences = differences(&here, &there);
                if here.len() == there.len() {
                    for [(from, to), _] in differences {
                        (from..to).for_each(|at| blame(at, at + 1));
                    }
                } else if let (Some([first, _]), Some([last, _])) =
                    (differences.first(), differences.last())
                    && first.0 < last.1
                {
                    // Lines came or went: which of those between are the same ones cannot be told
                    // from their text.
                    blame(first.0, last.1);
                }
            }
            None => (0..here.len())
                .filter(|at| !here[*at].1.trim_ascii().is_empty())
                .take(1)
                .for_each(|at| blame(at, at + 1)),
        }
    }
    wrong
}

/// How many values that are no switches are changed together: far apart in the file, so that what
/// one of them changes is not taken for what another one does.
const TOGETHER: usize = 16;

#[test]
fn whatever_a_value_changes_has_named_its_line() {
    let chart = files::chart();
    let values = fs::read_to_string(format!("{CHART}/values.yaml")).unwrap();
    let all = changes(&values);
    assert!(all.len() > 500, "{}", all.len());
    let is_switch = |change: &&Change| matches!(&*change.with, "true" | "false");
    let (switches, others): (Vec<&Change>, Vec<&Change>) = all.iter().partition(is_switch);
    let apart = others.len().div_ceil(TOGETHER);
    let together = (0..apart).map(|first| others.iter().skip(first).step_by(apart).copied());
    let mut groups: Vec<Vec<&Change>> = together.map(Iterator::collect).collect();
    groups.extend(switches.into_iter().map(|switch| vec![switch]));
    let (original, _) = render(&chart, &values);
    assert!(!original.manifests.is_empty());
    let wrong: Vec<String> = groups
        .par_iter()
        .flat_map(|group| held(&chart, &values, &original, group))
        .collect();
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// What changes with these values without naming the line of any.
fn held(chart: &MemoryFs, values: &str, original: &Rendered, group: &[&Change]) -> Vec<String> {
    let lines: Vec<usize> = group
        .iter()
        .map(|change| line_of(values, change.start))
        .collect();
    let mut changed = values.to_owned();
    for change in group.iter().rev() {
        changed.replace_range(change.start..change.end, &change.with);
    }
    let (new, report) = render(chart, &changed);
    let what = match group {
        [one] => format!("{}: {}", lines[0], &values[one.start..one.end]),
        _ => format!("{lines:?}"),
    };
    if new.errors.is_empty() && !new.manifests.is_empty() {
        let mut wrong = unnamed(original, &new, &lines);
        wrong.extend(unnamed(&new, original, &lines));
        return wrong
            .iter()
            .map(|wrong| format!("{what}: {wrong}"))
            .collect();
    }
    if group.len() > 1 {
        // One of them is refused: it is looked for in halves.
        let (some, others) = group.split_at(group.len() / 2);
        let halves = [some, others].into_iter();
        return halves
            .flat_map(|half| held(chart, values, original, half))
            .collect();
    }
    // A change that the chart refuses is refused at its line.
    let is_located = report.diagnostics.iter().any(|diagnostic| {
        diagnostic.locations.iter().any(|location| {
            location.file.kind() == FileKind::Values
                && location.file.lines().line(location.start) == lines[0]
        })
    });
    match is_located {
        true => Vec::new(),
        false => vec![format!("{what}: refused elsewhere: {:?}", new.errors)],
    }
}

/// The line, from 1, that holds an offset.
fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}
