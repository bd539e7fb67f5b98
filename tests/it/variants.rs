//! Every rule on broken variants of the chart: exactly what is expected, at the exact line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aiplat::engine::{self, Request};
use rayon::prelude::*;

use crate::broken::{Edit, Expected, Patch};
use crate::files::{self, CHART};

#[test]
fn every_variant_gives_exactly_what_its_patch_expects() {
    let mut wanted = Vec::new();
    let only = std::env::var("VARIANT").unwrap_or_default();
    for rule in files::folders(Path::new("fixtures/broken")) {
        let variants = files::folders(&rule);
        assert!(
            variants.len() >= 2,
            "{} has fewer than two variants",
            rule.display()
        );
        wanted.extend(
            variants
                .into_iter()
                .filter(|path| path.to_string_lossy().contains(&only)),
        );
    }
    let failures: Vec<String> = wanted
        .par_iter()
        .filter_map(|variant| check(variant).err())
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn check(variant: &Path) -> Result<(), String> {
    let patch = Patch::read(variant);
    let mut memory = files::chart();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for Edit {
        file,
        after,
        replace,
        with,
    } in &patch.edits
    {
        let text = texts.entry(file.clone()).or_insert_with(|| read(file));
        let at = files::offset(text, replace, after.as_deref());
        text.replace_range(at..at + replace.len(), with);
    }
    for (file, text) in &texts {
        memory.insert(format!("{CHART}/{file}"), text.clone());
    }
    let values = texts
        .get("values.yaml")
        .cloned()
        .unwrap_or_else(|| read("values.yaml"));
    let mut expected: Vec<String> = files::default_secrets(&values)
        .into_iter()
        .zip(files::PASSWORDS)
        .filter(|(_, (section, key))| {
            let name = format!("{section} {}", key.trim_end_matches(": "));
            !patch.gone.contains(&name)
        })
        .map(|(line, _)| line)
        .collect();
    for Expected {
        rule,
        kind,
        file,
        after,
        line,
    } in &patch.expect
    {
        let text = texts.get(file).cloned().unwrap_or_else(|| read(file));
        let number = line_number(&text, line, after.as_deref());
        expected.push(format!("{rule} {kind} {CHART}/{file}:{number}"));
    }
    expected.sort();
    let request = Request {
        paths: vec![CHART.to_owned()],
        ..Request::default()
    };
    let report = engine::run(&memory, &request);
    let found = files::all_shown(&report);
    if let Some(reason) = patch.pending {
        // Whoever makes it work takes the mark away.
        return match found == expected {
            true => Err(format!(
                "{} is no longer pending: {reason}",
                variant.display()
            )),
            false => Ok(()),
        };
    }
    if found == expected {
        return Ok(());
    }
    let missing: Vec<&String> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let extra: Vec<String> = report
        .diagnostics
        .iter()
        .filter(|diagnostic| !expected.contains(&files::shown(diagnostic)))
        .map(|diagnostic| format!("{}: {}", files::shown(diagnostic), diagnostic.message))
        .collect();
    Err(format!(
        "{}\n  missing: {missing:#?}\n  not expected: {extra:#?}\n  counts: {} and {}",
        variant.display(),
        expected.len(),
        found.len()
    ))
}

fn read(file: &str) -> String {
    fs::read_to_string(format!("{CHART}/{file}")).unwrap()
}

/// The line, from 1, that is `wanted` without the space around it.
fn line_number(text: &str, wanted: &str, after: Option<&str>) -> usize {
    let start = after.map_or(0, |after| files::offset(text, after, None) + after.len());
    let first = files::line_of(text, start);
    let found: Vec<usize> = text
        .lines()
        .enumerate()
        .filter(|(index, line)| *index + 1 >= first && line.trim() == wanted)
        .map(|(index, _)| index + 1)
        .collect();
    assert!(
        found.len() == 1 || (after.is_some() && !found.is_empty()),
        "the line stands {} times: {wanted:?}",
        found.len()
    );
    found[0]
}
