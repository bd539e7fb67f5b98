//! What the fuzzers run: any bytes in one place of a small chart, and what must hold whatever they
//! are. `cargo test` runs the same on the corpus and on mutations of it.

use std::path::Path;

use aiplat::chart::{self, Limits, Options, Rendered, ValuesInput};
use aiplat::engine::{self, Request};
use aiplat::source::Sources;
use aiplat::vfs::MemoryFs;

const CHART: &[u8] = b"apiVersion: v2\nname: c\nversion: 1.0.0\n";
const VALUES: &[u8] =
    b"a: text\nb: 1\nc: [1, two, {d: 3}]\nm: {x: y, n: {o: true}}\nt: '{{ .Values.a }}'\n";
const PRINTER: &[u8] = b"{{ toYaml .Values }}\n---\n{{ range $k, $v := .Values }}{{ $k }}: {{ $v | toJson }}\n{{ end }}";

/// A target: it panics where something does not hold.
pub(super) type Target = fn(&[u8]);

/// All targets by name: the folders of the corpus.
pub(super) const TARGETS: &[(&str, Target)] = &[
    ("archive", archive),
    ("config", config),
    ("manifest", manifest),
    ("set", set),
    ("template", template),
    ("values", values),
];

/// A template, with values of every type.
pub(super) fn template(data: &[u8]) {
    check(&render(
        &[("values.yaml", VALUES), ("templates/t.yaml", data)],
        &[],
    ));
}

/// A values file, and a values file of the user over it.
pub(super) fn values(data: &[u8]) {
    let files: &[(&str, &[u8])] = &[("values.yaml", data), ("templates/t.yaml", PRINTER)];
    check(&render(files, &[]));
    let files: &[(&str, &[u8])] = &[
        ("values.yaml", VALUES),
        ("user.yaml", data),
        ("templates/t.yaml", PRINTER),
    ];
    check(&render(
        files,
        &[ValuesInput::File("c/user.yaml".to_owned())],
    ));
}

/// An argument of `--set` and of its relatives.
pub(super) fn set(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    for input in [
        ValuesInput::Set(text.clone()),
        ValuesInput::SetString(text.clone()),
        ValuesInput::SetJson(text.clone()),
        ValuesInput::SetLiteral(text),
    ] {
        let files: &[(&str, &[u8])] = &[("values.yaml", VALUES), ("templates/t.yaml", PRINTER)];
        check(&render(files, &[input]));
    }
}

/// A chart archive.
pub(super) fn archive(data: &[u8]) {
    let mut files = MemoryFs::new();
    files.insert("c.tgz", data);
    let mut sources = Sources::new();
    let (chart, findings) =
        chart::load(&files, Path::new("c.tgz"), &mut sources, &Limits::default());
    assert!(
        chart.is_some() || !findings.is_empty(),
        "no chart, and no reason"
    );
}

/// Manifests from standard input, through all rules.
pub(super) fn manifest(data: &[u8]) {
    lint(&MemoryFs::new(), &["-"], data);
}

/// A configuration beside a chart.
pub(super) fn config(data: &[u8]) {
    let mut files = MemoryFs::new();
    files.insert("c/Chart.yaml", CHART);
    files.insert("c/values.yaml", VALUES);
    files.insert(
        "c/templates/t.yaml",
        b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n".as_slice(),
    );
    files.insert("c/aiplat.yaml", data);
    lint(&files, &["c"], b"");
}

/// Lints, and holds what no input may break: no panic, no false green.
fn lint(files: &MemoryFs, paths: &[&str], stdin: &[u8]) {
    let request = Request {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        stdin: stdin.to_vec(),
        ..Request::default()
    };
    let report = engine::run(files, &request);
    let failed = |rule: &str| report.diagnostics.iter().any(|found| found.rule == rule);
    assert!(!failed("internal-error"), "a panic");
    if report.status() == 0 {
        assert!(report.objects > 0, "a green for nothing");
    }
    for found in &report.diagnostics {
        assert!(!found.locations.is_empty(), "no place: {}", found.message);
    }
}

/// Renders a chart of these files.
fn render(files: &[(&str, &[u8])], inputs: &[ValuesInput]) -> Rendered {
    let mut fs = MemoryFs::new();
    fs.insert("c/Chart.yaml", CHART);
    for (name, bytes) in files {
        fs.insert(format!("c/{name}"), *bytes);
    }
    let mut sources = Sources::new();
    let limits = Limits::default();
    let (chart, mut findings) = chart::load(&fs, Path::new("c"), &mut sources, &limits);
    let Some(chart) = chart else {
        assert!(!findings.is_empty(), "no chart, and no reason");
        return Rendered {
            sources,
            findings,
            ..Rendered::default()
        };
    };
    let (values, more) = chart::load_values(&fs, inputs, &[], &mut sources, &limits);
    findings.extend(more);
    // Small budgets: a fuzzer wants many inputs, not large ones.
    let limits = aiplat::template::eval::Limits {
        fuel: 200_000,
        output: 1 << 20,
        single: 1 << 20,
        ..Default::default()
    };
    let options = Options {
        values,
        limits,
        ..Options::default()
    };
    let mut rendered = chart::render(&chart, &sources, &options);
    findings.append(&mut rendered.findings);
    rendered.findings = findings;
    rendered
}

/// What holds of every rendering: origins cover the text, and spans lie within their files.
fn check(rendered: &Rendered) {
    let output = &rendered.output;
    let ends: Vec<usize> = output
        .segments()
        .iter()
        .map(|run| run.end as usize)
        .collect();
    assert!(ends.is_sorted());
    if !output.is_plain() {
        assert_eq!(
            ends.last().copied().unwrap_or(0),
            output.len(),
            "bytes without origin"
        );
    }
    let within = |span: aiplat::source::Span| {
        let size = rendered.sources.file(span.file()).bytes().len();
        assert!(
            span.start() <= span.end() && span.end() <= size,
            "{span:?} of {size}"
        );
    };
    for run in output.segments() {
        let origin = rendered.origins.origin(run.origin);
        origin.at.into_iter().for_each(within);
        rendered
            .origins
            .spans(origin.data)
            .into_iter()
            .for_each(within);
    }
    for finding in &rendered.findings {
        within(finding.span);
        assert!(!finding.message.is_empty());
    }
}
