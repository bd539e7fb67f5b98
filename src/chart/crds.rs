//! What lies under `crds/`: it is no template, and installed before everything else.

use crate::finding::Finding;
use crate::source::{ContextId, FileId, Origin, Prov, Span, Text};
use crate::template::eval::side_by_side;
use crate::yaml::plain::read_checked;
use crate::yaml::read_bytes;

use super::load::without_bom;
use super::manifests::{most_aliased, split};
use super::render::{YAML_SYNTAX, joined, manifest};
use super::working::Working;
use super::{Manifest, Rendered};

/// The files of a chart and its dependencies in Helm's order, each with the name that Helm prints.
pub(super) fn files(chart: &Working<'_>, path: &str) -> Vec<(String, FileId)> {
    let is_manifest = |name: &str| {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let extension = extension.to_ascii_lowercase();
        name.starts_with("crds/") && ["yaml", "yml", "json"].contains(&extension.as_str())
    };
    let own = chart.chart.files.iter();
    let mut found: Vec<(String, FileId)> = own
        .filter(|file| is_manifest(&file.name))
        .map(|file| (joined(path, &file.name), file.file))
        .collect();
    for sub in &chart.dependencies {
        found.extend(files(sub, &format!("{path}/charts/{}", sub.name())));
    }
    found
}

/// The files as texts that are copies of them.
pub(super) fn texts(rendered: &mut Rendered) -> Vec<(String, Text)> {
    let Rendered {
        crds,
        sources,
        origins,
        ..
    } = rendered;
    let files = crds.iter().map(|(name, file)| {
        let bytes = sources.file(*file).shared();
        let start = bytes.len() - without_bom(bytes).len();
        let span = Span::new(*file, start, bytes.len());
        let origin = origins.add(Origin {
            at: Some(span),
            exact: true,
            data: Prov::NONE,
            context: ContextId::default(),
        });
        let mut text = Text::with_capacity(0, 1);
        text.push_part(bytes, (start, bytes.len()), origin, 0);
        (name.clone(), text)
    });
    files.collect()
}

/// The documents of the texts.
pub(super) fn manifests(texts: &[(String, Text)], rendered: &mut Rendered) -> Vec<Manifest> {
    let mut found = Vec::new();
    for (name, text) in texts {
        for (start, end) in split(text.bytes()) {
            let mut manifest = manifest(name, text.slice(start, end), false, rendered);
            manifest.documents = read_bytes(manifest.file, manifest.text.bytes()).0;
            found.push(manifest);
        }
    }
    found
}

/// What is wrong with the syntax of the files. `helm template` prints them as they are, if at all;
/// `helm install` fails.
#[must_use]
pub fn crd_faults(rendered: &Rendered) -> Vec<Finding> {
    let mut parts = Vec::new();
    for (name, file) in &rendered.crds {
        let bytes = rendered.sources.file(*file).bytes();
        let content = without_bom(bytes);
        let before = bytes.len() - content.len();
        for (start, end) in split(content) {
            let part = content.get(start..end).unwrap_or_default();
            parts.push((name, *file, before + start, part));
        }
    }
    let most = most_aliased(parts.len());
    let faults = side_by_side(
        &parts,
        |(.., part)| part.len(),
        |(name, file, start, part)| {
            let error = read_checked(*file, *start, part, most).err()?;
            let message = format!("YAML parse error on {name}: {}", error.go_message);
            Some(Finding::new(YAML_SYNTAX, error.span, message))
        },
    );
    faults.into_iter().flatten().collect()
}
