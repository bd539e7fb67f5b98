//! What Helm demands of `Chart.yaml` before it looks at anything else, and how it cleans it.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::golang::quote::quote;
use crate::golang::semver::Version;
use crate::golang::unicode;
use crate::source::{FileId, Span};

use super::load::CHART_INVALID;
use super::metadata::{Field, Metadata};

/// Cleans the strings and reports the first thing that Helm refuses.
pub(super) fn validate(metadata: &mut Metadata, chart_yaml: FileId) -> Option<Finding> {
    let start = Span::new(chart_yaml, 0, 0);
    sanitize(metadata);
    let (message, span, absent) = refused(metadata, start)?;
    let finding = Finding::new(CHART_INVALID, span, format!("validation: {message}"));
    Some(match absent {
        Some(key) => finding.absent([key]),
        None => finding,
    })
}

type Refusal = (String, Span, Option<&'static str>);

fn refused(metadata: &mut Metadata, start: Span) -> Option<Refusal> {
    let at = |field: &Field| field.span.unwrap_or(start);
    let name = &metadata.name;
    if name.text.is_empty() {
        let message = "chart.metadata.name is required".to_owned();
        return Some((message, at(name), name.span.is_none().then_some("name")));
    }
    if name.text == "." || name.text == ".." {
        let message = format!("chart.metadata.name {} is not allowed", quoted(&name.text));
        return Some((message, at(name), None));
    }
    if name.text.contains('/') {
        let message = format!("chart.metadata.name {} is invalid", quoted(&name.text));
        return Some((message, at(name), None));
    }
    let version = &metadata.version;
    if version.text.is_empty() {
        let message = "chart.metadata.version is required".to_owned();
        return Some((
            message,
            at(version),
            version.span.is_none().then_some("version"),
        ));
    }
    if Version::new_loose(&version.text).is_err() {
        let message = format!(
            "chart.metadata.version {} is invalid",
            quoted(&version.text)
        );
        return Some((message, at(version), None));
    }
    if !matches!(metadata.kind.text.as_str(), "" | "application" | "library") {
        let message = "chart.metadata.type must be application or library".to_owned();
        return Some((message, at(&metadata.kind), None));
    }
    if metadata.maintainers.iter().any(Option::is_none) {
        let message = "maintainers must not contain empty or null nodes".to_owned();
        return Some((message, start, None));
    }
    let list = metadata.dependencies_span.unwrap_or(start);
    let mut known = BTreeMap::new();
    for dependency in &metadata.dependencies {
        let Some(dependency) = dependency else {
            let message = "dependencies must not contain empty or null nodes".to_owned();
            return Some((message, list, None));
        };
        let alias = &dependency.alias;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !alias.text.chars().all(is_word) {
            let name = quoted(&dependency.name.text);
            let message = format!("dependency {name} has disallowed characters in the alias");
            return Some((message, at(alias), None));
        }
        let key = if alias.text.is_empty() {
            &dependency.name
        } else {
            alias
        };
        if known.insert(key.text.clone(), ()).is_some() {
            let message = format!(
                "more than one dependency with name or alias {}",
                quoted(&key.text)
            );
            return Some((message, key.span.unwrap_or(list), None));
        }
    }
    None
}

fn quoted(text: &str) -> String {
    quote(text.as_bytes())
}

/// Spaces of any kind become plain ones, what cannot be printed is dropped.
fn sanitize(metadata: &mut Metadata) {
    let clean = |field: &mut Field| {
        field.text = field
            .text
            .chars()
            .filter_map(|c| match u32::from(c) {
                rune if unicode::is_space(rune) => Some(' '),
                rune if unicode::is_print(rune) => Some(c),
                _ => None,
            })
            .collect();
    };
    let Metadata {
        name,
        home,
        sources,
        description,
        keywords,
        maintainers,
        icon,
        condition,
        tags,
        app_version,
        kube_version,
        dependencies,
        ..
    } = metadata;
    for field in [
        name,
        home,
        description,
        icon,
        condition,
        tags,
        app_version,
        kube_version,
    ] {
        clean(field);
    }
    sources.iter_mut().chain(keywords).for_each(clean);
    for maintainer in maintainers.iter_mut().flatten() {
        clean(&mut maintainer.name);
        clean(&mut maintainer.email);
        clean(&mut maintainer.url);
    }
    for dependency in dependencies.iter_mut().flatten() {
        clean(&mut dependency.name);
        clean(&mut dependency.version);
        clean(&mut dependency.repository);
        clean(&mut dependency.condition);
        dependency.tags.iter_mut().for_each(clean);
    }
}
