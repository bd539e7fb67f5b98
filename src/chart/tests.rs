//! Whole charts, compared with what Helm 4.3.1 made of them (`fixtures/charts`).

use std::path::{Path, PathBuf};

use super::*;
use crate::vfs::RealFs;

struct Case {
    name: String,
    chart: String,
    inputs: Vec<ValuesInput>,
    options: Options,
}

/// The repository's root.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn cases() -> Vec<Case> {
    let list = std::fs::read_to_string(root().join("fixtures/charts/cases.tsv")).unwrap();
    list.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(parse)
        .collect()
}

fn parse(line: &str) -> Case {
    let mut fields = line.split('\t');
    let name = fields.next().unwrap().to_owned();
    let chart = fields.next().unwrap().to_owned();
    let mut arguments = fields.next().unwrap_or_default().split_whitespace();
    let release = chart.rsplit('/').next().unwrap().to_owned();
    let mut options = Options {
        release_name: release.clone(),
        namespace: release,
        ..Options::default()
    };
    let mut inputs = Vec::new();
    while let Some(flag) = arguments.next() {
        let mut value = || arguments.next().unwrap().to_owned();
        match flag {
            "-f" => inputs.push(ValuesInput::File(value())),
            "--set" => inputs.push(ValuesInput::Set(value())),
            "--set-string" => inputs.push(ValuesInput::SetString(value())),
            "--set-json" => inputs.push(ValuesInput::SetJson(value())),
            "--set-file" => inputs.push(ValuesInput::SetFile(value())),
            "--set-literal" => inputs.push(ValuesInput::SetLiteral(value())),
            "--namespace" => options.namespace = value(),
            "--kube-version" => options.kube_version = Some(value()),
            "--api-versions" | "-a" => {
                let versions = value();
                options
                    .api_versions
                    .extend(versions.split(',').map(str::to_owned));
            }
            "--show-only" | "-s" => options.show_only.push(value()),
            "--is-upgrade" => options.is_upgrade = true,
            "--include-crds" => options.include_crds = true,
            "--skip-tests" => options.skip_tests = true,
            "--no-hooks" => options.no_hooks = true,
            _ => panic!("{flag} in {line}"),
        }
    }
    Case {
        name,
        chart,
        inputs,
        options,
    }
}

/// What the repository's root is called in the texts: nothing, since they name what was given.
struct FromRoot(RealFs);

impl Vfs for FromRoot {
    fn metadata(&self, path: &Path) -> Result<crate::vfs::Metadata, crate::vfs::VfsError> {
        self.0.metadata(&root().join(path))
    }
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, crate::vfs::VfsError> {
        self.0.read(&root().join(path), limit)
    }
    fn list(&self, path: &Path) -> Result<Vec<String>, crate::vfs::VfsError> {
        self.0.list(&root().join(path))
    }
}

use crate::vfs::Vfs;

fn run(mut case: Case) -> Rendered {
    let mut real = RealFs::new();
    real.allow(&root().join("fixtures/charts"));
    let vfs = FromRoot(real);
    let mut sources = Sources::new();
    let limits = Limits::default();
    let (values, mut findings) = load_values(&vfs, &case.inputs, &[], &mut sources, &limits);
    let (chart, more) = load(&vfs, Path::new(&case.chart), &mut sources, &limits);
    findings.extend(more);
    case.options.values = values;
    let Some(chart) = chart else {
        return Rendered {
            sources,
            findings,
            ..Rendered::default()
        };
    };
    let mut rendered = render(&chart, &sources, &case.options);
    findings.append(&mut rendered.findings);
    rendered.findings = findings;
    rendered
}

#[test]
fn charts_render_as_helm_renders_them() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases() {
        count += 1;
        let name = case.name.clone();
        let recorded = |extension: &str| {
            let path = root().join(format!("fixtures/charts/{name}.{extension}"));
            std::fs::read_to_string(path)
        };
        let rendered = run(case);
        let messages: Vec<&str> = rendered
            .findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        match (recorded("out"), recorded("err")) {
            (Ok(out), Err(_)) => {
                let got = String::from_utf8_lossy(rendered.output.bytes());
                if got != out || !messages.is_empty() {
                    wrong.push(format!(
                        "{name}: {messages:?}\n--- Helm\n{out}\n--- ours\n{got}"
                    ));
                }
                check_origins(&name, &rendered);
            }
            (Err(_), Ok(err)) => {
                if messages
                    .first()
                    .is_none_or(|message| !err.contains(message))
                {
                    wrong.push(format!("{name}:\n--- Helm\n{err}\n--- ours\n{messages:?}"));
                }
            }
            _ => wrong.push(format!("{name}: not recorded, or twice")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{} wrong of {count}",
        wrong.join("\n\n"),
        wrong.len()
    );
    assert!(count > 60);
}

/// Segments cover every text, and every manifest stands in the output.
#[track_caller]
fn check_origins(name: &str, rendered: &Rendered) {
    let end = |text: &Text| text.segments().last().map_or(0, |last| last.end as usize);
    assert_eq!(end(&rendered.output), rendered.output.len(), "{name}");
    for manifest in &rendered.manifests {
        let bytes = manifest.text.bytes();
        assert_eq!(end(&manifest.text), bytes.len(), "{name}");
        assert_eq!(
            rendered.sources.file(manifest.file).bytes(),
            bytes,
            "{name}"
        );
        let trimmed = bytes.trim_ascii_end();
        let output = rendered.output.bytes();
        assert!(
            output
                .windows(trimmed.len())
                .any(|window| window == trimmed),
            "{name}: {}",
            manifest.source
        );
    }
}

#[test]
fn what_is_no_dependency_is_not_missing() {
    let rendered = run(parse("x\tfixtures/charts/errors/dependency-text\t"));
    assert_eq!(rendered.findings.len(), 1, "{:?}", rendered.findings);
}
