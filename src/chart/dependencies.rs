//! Which subcharts take part, under which name, and which of their values reach the parent
//! (Helm's `pkg/chart/v2/util/dependencies.go`).

use std::cell::RefCell;
use std::rc::Rc;

use crate::golang::semver::Version;
use crate::golang::semver::constraint::Constraint;
use crate::source::Prov;
use crate::template::value::{Data, Entry, Map, Value};
use crate::yaml::plain::PlainValue;

use super::coalesce::{
    Mismatch, Nulls, coalesce, coalesce_to_look, deep_copy, map_of, merge_tables, of_map,
};
use super::load::LIMIT;
use super::metadata::Dependency;
use super::working::Working;

/// No path of `import-values` has more names; each becomes a table in a table.
const MAX_PATH: usize = 100;

/// Charts are not dependencies more often in all: aliases of charts that have aliases multiply.
pub(super) const MAX_CHARTS: usize = 2_500;

/// Whether a version satisfies a constraint; what cannot be read satisfies nothing.
pub(super) fn is_compatible(constraint: &str, version: &str) -> bool {
    let (Ok(version), Ok(constraint)) = (Version::new_loose(version), Constraint::new(constraint))
    else {
        return false;
    };
    constraint.check(&version)
}

/// Settles the dependencies of a chart for these user values.
pub(super) fn process(
    chart: &mut Working<'_>,
    values: &Value,
    warnings: &mut Vec<String>,
) -> Result<(), Mismatch> {
    let mut left = MAX_CHARTS;
    enabled(chart, values, "", &mut left, warnings)?;
    import_values(chart, warnings)
}

fn matches(dependency: &Dependency, chart: &Working<'_>) -> bool {
    dependency.name.text == chart.name()
        && is_compatible(&dependency.version.text, &chart.metadata.version.text)
}

fn enabled(
    chart: &mut Working<'_>,
    values: &Value,
    path: &str,
    left: &mut usize,
    warnings: &mut Vec<String>,
) -> Result<(), Mismatch> {
    if chart.metadata.dependencies.is_empty() && chart.metadata.dependencies_span.is_none() {
        return Ok(());
    }
    let loaded = std::mem::take(&mut chart.dependencies);
    let listed = &mut chart.metadata.dependencies;
    let is_listed = |sub: &Working<'_>| listed.iter().flatten().any(|d| matches(d, sub));
    chart.dependencies = loaded
        .iter()
        .filter(|sub| !is_listed(sub))
        .cloned()
        .collect();
    for dependency in listed.iter_mut().flatten() {
        if let Some(found) = loaded.iter().find(|sub| matches(dependency, sub)) {
            let mut found = found.clone();
            if !dependency.alias.text.is_empty() {
                found.metadata.name = dependency.alias.clone();
            }
            chart.dependencies.push(found);
            *left = left.checked_sub(1).ok_or_else(|| Mismatch {
                rule: LIMIT,
                message: format!("a chart is a dependency more than {MAX_CHARTS} times in all"),
                blame: Prov::NONE,
            })?;
        }
        if !dependency.alias.text.is_empty() {
            dependency.name = dependency.alias.clone();
        }
        dependency.enabled = true;
    }
    let coalesced = coalesce_to_look(chart, values, warnings)?;
    let table = map_of(&coalesced);
    for dependency in chart.metadata.dependencies.iter_mut().flatten() {
        tags(dependency, &table, warnings);
        condition(dependency, &table, path, warnings);
    }
    let disabled: Vec<String> = chart
        .metadata
        .dependencies
        .iter()
        .flatten()
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.text.clone())
        .collect();
    let is_enabled = |name: &str| !disabled.iter().any(|gone| gone == name);
    chart.dependencies.retain(|sub| is_enabled(sub.name()));
    for sub in &mut chart.dependencies {
        let path = format!("{path}{}.", sub.name());
        enabled(sub, &coalesced, &path, left, warnings)?;
    }
    chart
        .metadata
        .dependencies
        .retain(|d| d.as_ref().is_none_or(|d| is_enabled(&d.name.text)));
    Ok(())
}

fn tags(dependency: &mut Dependency, values: &Rc<Map>, warnings: &mut Vec<String>) {
    let Some(Some(tags)) = values
        .get(b"tags")
        .map(|entry| entry.value.as_map().map(Rc::clone))
    else {
        return;
    };
    let (mut has_true, mut has_false) = (false, false);
    for tag in &dependency.tags {
        match tags.get(tag.text.as_bytes()).map(|entry| entry.value.data) {
            None => {}
            Some(Data::Bool(true)) => has_true = true,
            Some(Data::Bool(false)) => has_false = true,
            Some(_) => warnings.push(format!(
                "returned non-bool value tag={} chart={}",
                tag.text, dependency.name.text
            )),
        }
    }
    dependency.enabled = has_true || !has_false;
}

/// The first path that leads to a boolean decides.
fn condition(
    dependency: &mut Dependency,
    values: &Rc<Map>,
    prefix: &str,
    warnings: &mut Vec<String>,
) {
    let condition = dependency.condition.text.clone();
    for path in condition.trim().split(',').filter(|path| !path.is_empty()) {
        match path_value(values, &format!("{prefix}{path}")).map(|value| value.data) {
            None => {}
            Some(Data::Bool(is)) => {
                dependency.enabled = is;
                return;
            }
            Some(_) => warnings.push(format!(
                "returned non-bool value path={path} chart={}",
                dependency.name.text
            )),
        }
    }
}

/// Helm's `Table`: the map at a path of names.
pub(super) fn table(values: &Rc<Map>, path: &str) -> Option<Rc<Map>> {
    let mut at = Rc::clone(values);
    for name in path.split('.') {
        let next = at.get(name.as_bytes())?;
        at = Rc::clone(next.value.as_map()?);
    }
    Some(at)
}

/// Helm's `PathValue`: what stands at a path, unless that is a map.
fn path_value(values: &Rc<Map>, path: &str) -> Option<Value> {
    let found = match path.rsplit_once('.') {
        None => values.get(path.as_bytes()),
        Some((tables, name)) => table(values, tables)?.get(name.as_bytes()),
    };
    found
        .map(|entry| entry.value)
        .filter(|value| value.as_map().is_none())
}

fn import_values(chart: &mut Working<'_>, warnings: &mut Vec<String>) -> Result<(), Mismatch> {
    for sub in &mut chart.dependencies {
        import_values(sub, warnings)?;
    }
    if chart.metadata.dependencies.is_empty() {
        return Ok(());
    }
    let coalesced = coalesce(chart, &Value::map([]), Nulls::Keep, warnings)?;
    let values = map_of(&coalesced);
    let imported = Rc::new(Map::new());
    let mut imports = Vec::new();
    for dependency in chart.metadata.dependencies.iter().flatten() {
        let mut of_this = Vec::new();
        for import in &dependency.import_values {
            let (child, parent) = match &import.value {
                PlainValue::Map(entries) => {
                    let get = |name: &str| {
                        let found = entries.iter().find(|(key, ..)| &**key == name);
                        found
                            .map_or_else(|| "<nil>".to_owned(), |(.., value)| printed(&value.value))
                    };
                    (get("child"), get("parent"))
                }
                PlainValue::Str(name) => (format!("exports.{name}"), ".".to_owned()),
                _ => continue,
            };
            of_this.push((child.clone(), parent.clone()));
            let path = format!("{}.{child}", dependency.name.text);
            let Some(found) = table(&values, &path) else {
                warnings.push(format!(
                    "ImportValues missing table from chart chart={} table={path}",
                    dependency.name.text
                ));
                continue;
            };
            // A table that is not empty stays shared with the values it is taken from, and what is
            // merged into it shows there, too.
            let found = if found.is_empty() {
                Rc::new(Map::new())
            } else {
                found
            };
            let placed = if parent == "." {
                Some(found)
            } else {
                placed(&parent, found)
            };
            match placed {
                Some(placed) => merge_tables(&imported, &placed, warnings),
                None => warnings.push(format!("ImportValues path is too long: {parent}")),
            }
        }
        imports.push(of_this);
    }
    chart.imports = Some(imports);
    // What the parent says itself is stronger than what it imports.
    chart.values = RefCell::new(match imported.is_empty() {
        true => coalesced,
        false => {
            let own = deep_copy(&coalesced)?;
            merge_tables(&map_of(&own), &imported, warnings);
            own
        }
    });
    Ok(())
}

/// A table under the names of a path.
fn placed(path: &str, table: Rc<Map>) -> Option<Rc<Map>> {
    if path.split('.').count() > MAX_PATH {
        return None;
    }
    let mut at = table;
    for name in path.rsplit('.') {
        let outer = Rc::new(Map::new());
        let value = of_map(at, Prov::NONE);
        let key = Prov::NONE;
        outer.set(name.as_bytes(), Entry { key, value });
        at = outer;
    }
    Some(at)
}

/// Go's `%v` of what should be a path.
fn printed(value: &PlainValue) -> String {
    match value {
        PlainValue::Null => "<nil>".to_owned(),
        PlainValue::Bool(is) => is.to_string(),
        PlainValue::Number(number) => crate::golang::float::append_float(*number, b'g', -1, 64),
        PlainValue::Str(text) => text.to_string(),
        PlainValue::List(_) | PlainValue::Map(_) => String::new(),
    }
}
