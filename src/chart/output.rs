//! What `helm template` prints.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::bytes::Regex;

use crate::finding::Finding;
use crate::golang::path;
use crate::source::{Span, Text};

use super::crds;
use super::load::LIMIT;
use super::manifests::{split, trimmed_end};
use super::render::nowhere;
use super::working::Working;
use super::{Manifest, Options, Prints, Rendered};

/// Rule: `--show-only` names a template that prints nothing.
const NOTHING_SHOWN: &str = "chart-invalid";

/// Puts the output together from the manifests.
pub(super) fn assemble(rendered: &mut Rendered, options: &Options, chart: &Working<'_>) {
    rendered.crds = crds::files(chart, chart.name());
    let crds = match options.include_crds {
        true => crds::texts(rendered),
        false => Vec::new(),
    };
    let sizes = rendered
        .manifests
        .iter()
        .map(|manifest| (&manifest.source, &manifest.text));
    let sizes = sizes.chain(crds.iter().map(|(source, text)| (source, text)));
    let size: usize = sizes
        .map(|(source, text)| source.len().saturating_add(text.len()).saturating_add(20))
        .sum();
    if size > options.limits.output {
        let span = Span::new(chart.chart.chart_yaml, 0, 0);
        let message = format!(
            "the chart prints more than the {} bytes allowed",
            options.limits.output
        );
        rendered.findings.push(Finding::new(LIMIT, span, message));
        return;
    }
    let is_all = options.show_only.is_empty();
    if options.prints == Prints::Bytes && is_all {
        let pieces = pieces(&crds, &rendered.manifests);
        rendered.printed = pieces.iter().map(|text| text.part(0, text.len())).collect();
        return;
    }
    if options.prints != Prints::Nothing {
        rendered.output = output(&crds, &rendered.manifests, size);
    }
    let crds = crds::manifests(&crds, rendered);
    rendered.manifests.splice(0..0, crds);
    if options.prints != Prints::Nothing && !is_all {
        show_only(rendered, options, chart);
    }
    if options.prints == Prints::Bytes {
        rendered.printed.push(rendered.output.share().clone());
    }
}

/// The pieces of [`pieces`] as one text.
fn output(crds: &[(String, Text)], manifests: &[Manifest], size: usize) -> Text {
    let pieces = pieces(crds, manifests);
    let segments = pieces.iter().map(|text| text.segments().len().max(1)).sum();
    let mut output = Text::with_capacity(size, segments);
    for piece in &pieces {
        output.append(piece, nowhere());
    }
    output
}

/// The documents as Helm prints them, the hooks behind the others.
fn pieces<'t>(crds: &'t [(String, Text)], manifests: &'t [Manifest]) -> Vec<Cow<'t, Text>> {
    let line_end = || Cow::Owned(Text::plain("\n"));
    let document = |(source, text): (&String, &'t Text)| {
        let head = Text::plain(format!("---\n# Source: {source}\n"));
        [Cow::Owned(head), Cow::Borrowed(text), line_end()]
    };
    let of = |is_hook: bool| {
        let chosen = manifests.iter().filter(move |one| one.is_hook == is_hook);
        chosen.map(|manifest| (&manifest.source, &manifest.text))
    };
    let first = crds.iter().map(|(source, text)| (source, text));
    let mut pieces: Vec<Cow<'_, Text>> = first.chain(of(false)).flat_map(document).collect();
    // What is no hook is trimmed as a whole; it begins with a separator.
    while let Some(mut last) = pieces.pop() {
        let end = trimmed_end(last.bytes());
        if end > 0 {
            last.to_mut().truncate(end);
            pieces.push(last);
            break;
        }
    }
    pieces.push(line_end());
    pieces.extend(of(true).flat_map(document));
    pieces
}

/// What Helm takes for a document's template.
fn source_pattern() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    PATTERN
        .get_or_init(|| Regex::new(r"(?-u)# Source: [^/]+/(.+)").ok())
        .as_ref()
}

/// `--show-only`: splits the output again and keeps what was asked for, in the order asked.
fn show_only(rendered: &mut Rendered, options: &Options, chart: &Working<'_>) {
    let output = std::mem::take(&mut rendered.output);
    let documents: Vec<((usize, usize), Vec<u8>)> = split(output.bytes())
        .into_iter()
        .filter_map(|(start, end)| {
            let bytes = output.bytes().get(start..end)?;
            let name = source_pattern()?.captures(bytes)?.get(1)?;
            Some(((start, end), name.as_bytes().to_vec()))
        })
        .collect();
    let mut shown = Text::new();
    for wanted in &options.show_only {
        let mut is_missing = true;
        for ((start, end), name) in &documents {
            if path::match_pattern(wanted.as_bytes(), name) == Ok(true) {
                shown.push(b"---\n", nowhere(), 0);
                shown.append_range(&output, *start, *end, nowhere());
                shown.push(b"\n", nowhere(), 0);
                is_missing = false;
            }
        }
        if is_missing {
            let span = Span::new(chart.chart.chart_yaml, 0, 0);
            let message = format!("could not find template {wanted} in chart");
            rendered
                .findings
                .push(Finding::new(NOTHING_SHOWN, span, message));
        }
    }
    rendered.manifests.retain(|manifest| {
        let name = manifest.source.split_once('/').map_or("", |(_, name)| name);
        let mut wanted = options.show_only.iter();
        wanted.any(|wanted| path::match_pattern(wanted.as_bytes(), name.as_bytes()) == Ok(true))
    });
    rendered.output = shown;
}
