//! Where values, and the bytes made of them, were written.

use std::path::Path;

use super::{Limits, Options, Rendered, ValuesInput, load, load_values, render};
use crate::source::{Sources, Span};
use crate::vfs::MemoryFs;

const VALUES: &str = "image: {tag: v1}\nempty: {}\nlist:\n- one\n- {two: 2}\nnothing:\n";
const TEMPLATE: &str = "a: {{ .Values.image.tag }}
b: {{ .Values.empty | toJson }}
c: {{ index .Values.list 0 }}
d: {{ .Chart.AppVersion }}
e: {{ .Values.port }}
f: {{ .Values.sub.x }}
g: {{ .Files.Lines \"f.txt\" | last }}
h: {{ .Values.data }}
i: {{ toJson .Values.nothing }}
";

fn rendered() -> Rendered {
    let mut disk = MemoryFs::new();
    let metadata = "apiVersion: v2\nname: c\nversion: 1.0.0\nappVersion: 1.10\n";
    disk.insert("dir/c/Chart.yaml", metadata);
    disk.insert("dir/c/values.yaml", VALUES);
    disk.insert("dir/c/f.txt", "first\nsecond\n");
    disk.insert("dir/c/templates/a.yaml", TEMPLATE);
    disk.insert("dir/c/charts/sub/Chart.yaml", "name: sub\nversion: 1.0.0\n");
    disk.insert("dir/c/charts/sub/values.yaml", "# default\nx: inner\n");
    disk.insert("data.txt", "from file");
    disk.insert("more.yaml", "list: [1, 2]\n");
    let inputs = [
        ValuesInput::File("more.yaml".to_owned()),
        ValuesInput::Set("x=1,port=80".to_owned()),
        ValuesInput::SetFile("data=data.txt".to_owned()),
    ];
    let mut sources = Sources::new();
    let limits = Limits::default();
    let (values, _) = load_values(&disk, &inputs, &[], &mut sources, &limits);
    let (chart, findings) = load(&disk, Path::new("dir/c/"), &mut sources, &limits);
    assert!(findings.is_empty(), "{findings:?}");
    let options = Options {
        values,
        ..Options::default()
    };
    render(&chart.unwrap(), &sources, &options)
}

#[test]
fn every_printed_value_names_the_bytes_it_was_written_in() {
    let rendered = rendered();
    assert!(rendered.findings.is_empty(), "{:?}", rendered.findings);
    case(&rendered, "a: ", "v1", &["dir/c/values.yaml: v1"]);
    case(&rendered, "b: ", "{}", &["dir/c/values.yaml: {}"]);
    case(&rendered, "c: ", "1", &["more.yaml: 1"]);
    case(&rendered, "d: ", "1.1", &["dir/c/Chart.yaml: 1.10"]);
    case(&rendered, "e: ", "80", &["--set[1]: 80"]);
    case(
        &rendered,
        "f: ",
        "inner",
        &["dir/c/charts/sub/values.yaml: inner"],
    );
    case(&rendered, "g: ", "second", &["dir/c/f.txt: second"]);
    case(&rendered, "h: ", "from file", &["data.txt: from file"]);
}

#[track_caller]
fn case(rendered: &Rendered, line: &str, printed: &str, expected: &[&str]) {
    let manifest = &rendered.manifests[0];
    let text = std::str::from_utf8(manifest.text.bytes()).unwrap();
    let at = text.find(line).unwrap() + line.len();
    assert!(text[at..].starts_with(printed), "{text}");
    let run = manifest
        .text
        .runs(at, at + 1)
        .find(|run| run.start < run.end);
    let origin = rendered.origins.origin(run.unwrap().origin);
    let spans = rendered.origins.spans(origin.data);
    let shown = |span: &Span| {
        let name = rendered.sources.file(span.file()).name();
        format!(
            "{name}: {}",
            String::from_utf8_lossy(rendered.sources.slice(*span))
        )
    };
    let got: Vec<String> = spans.iter().map(shown).collect();
    for wanted in expected {
        assert!(
            got.iter().any(|span| span == wanted),
            "{line}{wanted} in {got:?}"
        );
    }
    let action = rendered.sources.slice(origin.at.unwrap());
    assert!(action.starts_with(b"{{"), "{line}");
}

/// Helm cuts the space at the end of what it prints. A value that printed nothing there stays
/// known.
#[test]
fn a_value_that_printed_nothing_at_the_end_is_known() {
    let mut disk = MemoryFs::new();
    disk.insert("c/Chart.yaml", "name: c\nversion: 1.0.0\n");
    disk.insert("c/values.yaml", "token: \"\"\nother: {}\n");
    let template = "a: 1\nb: {{ .Values.token }}\n{{- with .Values.other }}\nc: 1\n{{- end }}\n";
    disk.insert("c/templates/a.yaml", template);
    let mut sources = Sources::new();
    let limits = Limits::default();
    let (chart, _) = load(&disk, Path::new("c"), &mut sources, &limits);
    let rendered = render(&chart.unwrap(), &sources, &Options::default());
    let output = &rendered.output;
    assert!(output.bytes().ends_with(b"a: 1\nb:\n"));
    let end = output.len() - 1;
    let marks = output.runs(end, end).filter(|run| run.start == run.end);
    let origins = marks.map(|mark| rendered.origins.origin(mark.origin));
    let spans = origins.flat_map(|origin| rendered.origins.spans(origin.data));
    let texts: Vec<&[u8]> = spans.map(|span| rendered.sources.slice(span)).collect();
    assert_eq!(texts, [b"\"\""]);
}

/// Bytes that Helm adds come from nowhere; all others from a template.
#[test]
fn the_lines_that_helm_adds_have_no_origin() {
    let rendered = rendered();
    let output = std::str::from_utf8(rendered.output.bytes()).unwrap();
    assert!(output.starts_with("---\n# Source: c/templates/a.yaml\na: v1\n"));
    let body = output.find("a: v1").unwrap();
    for at in 0..output.len() - 1 {
        let origin = rendered.output.template_at(at, &rendered.origins);
        assert_eq!(origin.is_some(), at >= body, "byte {at}");
    }
}

#[test]
fn findings_point_at_what_is_to_blame() {
    blamed("name: a/b\nversion: 1.0.0\n", "a/b");
    blamed("name: c\nversion: [1]\n", "[1]");
    blamed("name: c\nversion: x.y\n", "x.y");
    blamed(
        "name: c\nversion: 1.0.0\ndependencies:\n- name: gone\n  version: 1.0.0\n",
        "gone",
    );
    blamed(
        "apiVersion: v2\nname: c\nversion: 1.0.0\nkubeVersion: '>=1.99'\n",
        "'>=1.99'",
    );
    blamed("name: c\nversion: 1.0.0\ntype: library\n", "library");
    blamed("name: c\nversion: 1.0.0\na: b: c\n", ":");
}

#[track_caller]
fn blamed(metadata: &str, bytes: &str) {
    let mut disk = MemoryFs::new();
    disk.insert("c/Chart.yaml", metadata);
    let mut sources = Sources::new();
    let (chart, mut findings) = load(&disk, Path::new("c"), &mut sources, &Limits::default());
    if let (Some(chart), true) = (chart, findings.is_empty()) {
        findings = render(&chart, &sources, &Options::default()).findings;
    }
    let spans: Vec<_> = findings
        .iter()
        .map(|finding| String::from_utf8_lossy(sources.slice(finding.span)).into_owned())
        .collect();
    assert_eq!(spans, [bytes], "{findings:?}");
}
