//! Finding charts and their CI values: what the examples that measure over many charts share.

use std::path::{Path, PathBuf};

/// One chart with one set of values.
pub(crate) struct Case {
    /// Its name in the table.
    pub(crate) name: String,
    /// Its directory or archive.
    pub(crate) chart: PathBuf,
    /// A values file in it, beside its defaults.
    pub(crate) values: Option<PathBuf>,
    /// Whether its CRDs are printed.
    pub(crate) crds: bool,
}

/// All charts below a directory that lie in no other chart, archives included, in the order of
/// their paths.
pub(crate) fn cases(root: &Path, ci: bool) -> Vec<Case> {
    let mut charts = Vec::new();
    collect(root, &mut charts);
    let mut cases = Vec::new();
    for chart in charts {
        let shown = chart.strip_prefix(root).unwrap_or(&chart);
        let name = shown.display().to_string();
        let values = if ci { ci_values(&chart) } else { Vec::new() };
        cases.push(Case {
            name: name.clone(),
            chart: chart.clone(),
            values: None,
            crds: false,
        });
        if has_crds(&chart, 6) {
            cases.push(Case {
                name: format!("{name} --include-crds"),
                chart: chart.clone(),
                values: None,
                crds: true,
            });
        }
        cases.extend(values.into_iter().map(|values| {
            let file = values.strip_prefix(&chart).unwrap_or(&values).display();
            Case {
                name: format!("{name} -f {file}"),
                chart: chart.clone(),
                values: Some(values.clone()),
                crds: false,
            }
        }));
    }
    cases
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

fn collect(folder: &Path, charts: &mut Vec<PathBuf>) {
    if folder.join("Chart.yaml").is_file() {
        charts.push(folder.to_path_buf());
        return;
    }
    for path in sorted(folder) {
        if path.is_dir() && !path.is_symlink() {
            collect(&path, charts);
        } else if path.extension().is_some_and(|extension| extension == "tgz") {
            charts.push(path);
        }
    }
}

/// Whether a chart or one of its subcharts has a folder of CRDs.
fn has_crds(chart: &Path, depth: usize) -> bool {
    let charts = || sorted(&chart.join("charts")).into_iter();
    chart.join("crds").is_dir() || depth > 0 && charts().any(|below| has_crds(&below, depth - 1))
}

/// Values files as chart-testing looks for them, and those of other test folders.
fn ci_values(chart: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["ci", "tests", "test", "examples"] {
        found.extend(values_in(&chart.join(folder), 3));
    }
    found
}

fn values_in(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in sorted(folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && depth > 0 && !path.join("Chart.yaml").exists() {
            found.extend(values_in(&path, depth - 1));
        } else if name.contains("values") && (name.ends_with(".yaml") || name.ends_with(".yml")) {
            found.push(path);
        }
    }
    found
}
