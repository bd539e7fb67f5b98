//! Charts that want more than they should get.

use std::io::Write;
use std::path::Path;
use std::rc::Rc;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Chart, Limits, Options, Rendered, Usage, ValuesInput, load, load_values, render};
use crate::finding::Finding;
use crate::source::{Prov, Sources};
use crate::template::value::{Entry, Value};
use crate::vfs::MemoryFs;

const CHART: &str = "apiVersion: v2\nname: c\nversion: 1.0.0\n";

/// A `.tgz` of these files, of the sizes told.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    let mut encoder = builder.into_inner().unwrap();
    encoder.flush().unwrap();
    encoder.finish().unwrap()
}

fn loaded(disk: &MemoryFs, path: &str, limits: &Limits) -> (Option<Chart>, Sources, Vec<Finding>) {
    let mut sources = Sources::new();
    let (chart, findings) = load(disk, Path::new(path), &mut sources, limits);
    (chart, sources, findings)
}

#[track_caller]
fn one(findings: &[Finding], rule: &str, message: &str) {
    let got: Vec<(&str, &str)> = findings
        .iter()
        .map(|finding| (finding.rule, finding.message.as_str()))
        .collect();
    assert_eq!(got, [(rule, message)]);
}

#[test]
fn the_limit_on_bytes_counts_all_nested_archives() {
    let limits = Limits {
        chart: 10_000,
        ..Limits::default()
    };
    let bulk = vec![b'x'; 4_000];
    let sub = |name: &str| {
        let metadata = format!("name: {name}\nversion: 1.0.0\n");
        archive(&[("s/Chart.yaml", metadata.as_bytes()), ("s/bulk", &bulk)])
    };
    let mut disk = MemoryFs::new();
    disk.insert("c/Chart.yaml", CHART);
    disk.insert("c/charts/a.tgz", sub("a"));
    disk.insert("c/charts/b.tgz", sub("b"));
    let (chart, _, findings) = loaded(&disk, "c", &limits);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(chart.unwrap().dependencies.len(), 2);
    disk.insert("c/charts/d.tgz", sub("d"));
    let (chart, _, findings) = loaded(&disk, "c", &limits);
    let message = "chart exceeds maximum decompressed size of 10000 bytes";
    one(&findings, "limit-exceeded", message);
    assert_eq!(chart.unwrap().dependencies.len(), 2);
}

#[test]
fn an_archive_of_zeros_is_not_unpacked() {
    let zeros = vec![0; 300_000];
    let bytes = archive(&[("c/Chart.yaml", CHART.as_bytes()), ("c/zeros", &zeros)]);
    assert!(bytes.len() < 3_000);
    let mut disk = MemoryFs::new();
    disk.insert("c.tgz", bytes);
    let limits = Limits {
        file: 100_000,
        ..Limits::default()
    };
    let (chart, _, findings) = loaded(&disk, "c.tgz", &limits);
    assert!(chart.is_none());
    let message = "c.tgz!c/zeros is larger than the 100000 bytes allowed for it";
    one(&findings, "limit-exceeded", message);
}

#[test]
fn files_and_charts_are_counted() {
    let mut disk = MemoryFs::new();
    disk.insert("c/Chart.yaml", CHART);
    for index in 0..9 {
        disk.insert(format!("c/f{index}"), "");
    }
    let limits = Limits {
        entries: 5,
        nesting: 2,
        ..Limits::default()
    };
    let (_, _, findings) = loaded(&disk, "c", &limits);
    one(
        &findings,
        "limit-exceeded",
        "the chart has more than 5 files",
    );

    let mut disk = MemoryFs::new();
    let mut path = "c".to_owned();
    for _ in 0..4 {
        disk.insert(format!("{path}/Chart.yaml"), CHART);
        path.push_str("/charts/c");
    }
    let limits = Limits {
        nesting: 2,
        ..Limits::default()
    };
    let (chart, sources, findings) = loaded(&disk, "c", &limits);
    one(
        &findings,
        "limit-exceeded",
        "charts nest deeper than 2 levels",
    );
    let place = sources.file(findings[0].span.file()).name();
    assert_eq!(place, "c/charts/c/charts/c/charts/c");
    assert!(chart.is_some());
}

#[test]
fn the_values_of_all_charts_are_counted() {
    let mut disk = MemoryFs::new();
    disk.insert("c/Chart.yaml", CHART);
    disk.insert("c/values.yaml", "a: [1, 2]\n");
    for name in ["s", "t", "u"] {
        disk.insert(format!("c/charts/{name}/Chart.yaml"), CHART);
        disk.insert(format!("c/charts/{name}/values.yaml"), "a: {b: 1}\n");
    }
    let limits = |values| Limits {
        values,
        ..Limits::default()
    };
    let (_, _, findings) = loaded(&disk, "c", &limits(13));
    assert!(findings.is_empty(), "{findings:?}");
    for most in [4, 7, 9] {
        let (_, _, findings) = loaded(&disk, "c", &limits(most));
        let message = format!("the values.yaml of all charts hold more than {most} values");
        one(&findings, "limit-exceeded", &message);
    }
}

#[test]
fn broken_archives_are_findings() {
    let whole = archive(&[("c/Chart.yaml", CHART.as_bytes())]);
    for cut in [3, 10, 40, whole.len() / 2] {
        let mut disk = MemoryFs::new();
        disk.insert("c.tgz", &whole[..cut]);
        let (_, _, findings) = loaded(&disk, "c.tgz", &Limits::default());
        assert_eq!(findings.len(), 1, "cut at {cut}");
        assert_eq!(findings[0].rule, "chart-invalid");
    }
}

fn rendered(files: &[(&str, &str)], inputs: &[ValuesInput]) -> Rendered {
    rendered_within(100_000, files, inputs)
}

fn rendered_within(fuel: u64, files: &[(&str, &str)], inputs: &[ValuesInput]) -> Rendered {
    let mut disk = MemoryFs::new();
    for (name, text) in files {
        disk.insert(format!("c/{name}"), *text);
    }
    let (chart, mut sources, findings) = loaded(&disk, "c", &Limits::default());
    assert!(findings.is_empty(), "{findings:?}");
    let (values, _) = load_values(&disk, inputs, &[], &mut sources, &Limits::default());
    let mut options = Options {
        values,
        ..Options::default()
    };
    options.limits.fuel = fuel;
    render(&chart.unwrap(), &sources, &options)
}

/// Helm 4.3.1 overflows its stack here.
#[test]
fn tables_that_import_values_puts_into_each_other() {
    let chart = "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n\
        - name: s\n  version: 1.0.0\n  import-values:\n\
        \x20 - {child: p.q, parent: a}\n  - {child: p, parent: a.z}\n";
    let rendered = rendered(
        &[
            ("Chart.yaml", chart),
            ("charts/s/Chart.yaml", "name: s\nversion: 1.0.0\n"),
            ("charts/s/values.yaml", "p: {q: {x: 1}, r: 2}\n"),
        ],
        &[],
    );
    let message = "chart dependencies processing failed: values nest without end";
    one(&rendered.findings, "values-invalid", message);
}

#[test]
fn deep_arguments_and_values() {
    let indices = format!("a{}=1", "[0]".repeat(10_000));
    let names = "a[0].".repeat(10_000) + "b=1";
    let json = format!("a={}", "[".repeat(10_000));
    for input in [
        ValuesInput::Set(indices),
        ValuesInput::Set(names),
        ValuesInput::SetJson(json),
    ] {
        let rendered = rendered(&[("Chart.yaml", CHART)], &[input]);
        assert_eq!(rendered.findings.len(), 1);
        assert_eq!(rendered.findings[0].rule, "values-invalid");
    }
}

#[test]
fn a_budget_that_is_used_up_is_said_once() {
    let endless = "{{ range until 1000000 }}{{ range until 1000000 }}x{{ end }}{{ end }}";
    let rendered = rendered(
        &[
            ("Chart.yaml", CHART),
            ("templates/a.yaml", endless),
            ("templates/b.yaml", endless),
            ("templates/z.yaml", "kind: ConfigMap\n"),
        ],
        &[],
    );
    let rules: Vec<&str> = rendered.findings.iter().map(|found| found.rule).collect();
    assert_eq!(rules, ["limit-exceeded"]);
    assert_eq!(rendered.manifests.len(), 1);
}

/// Printing a release costs what it has of bytes, not that for each of its values.
#[test]
fn a_large_file_does_not_make_each_value_dear() {
    let large = "x".repeat(100_000);
    let values: String = (0..2000).map(|at| format!("key-{at}: text\n")).collect();
    let rendered = rendered(
        &[
            ("Chart.yaml", CHART),
            ("values.yaml", &values),
            ("large.txt", &large),
            (
                "templates/a.yaml",
                "size: {{ printf \"%v\" . | len }}\nkey: {{ dict . 1 | len }}\n",
            ),
        ],
        &[],
    );
    assert!(rendered.findings.is_empty(), "{:?}", rendered.findings);
    assert_eq!(rendered.manifests.len(), 1);
}

/// Only where it is certain that a template calls itself without end, Helm's words are ours: it goes
/// deeper than we do.
#[test]
fn a_template_that_calls_itself_may_come_to_an_end() {
    let deep = "too many templates that call templates, in depth";
    for (calls, want) in [
        (
            "{{ template \"x\" . }}",
            "exceeded maximum template depth (100000)",
        ),
        (
            "{{ if lt .n 5000 }}{{ template \"x\" (dict \"n\" (add1 .n)) }}{{ end }}",
            deep,
        ),
        (
            "{{ range .none }}{{ template \"x\" . }}{{ end }}{{ template \"y\" . }}",
            deep,
        ),
    ] {
        let end = "{{ if lt .n 5000 }}{{ template \"y\" (dict \"n\" (add1 .n)) }}{{ end }}";
        let template = format!(
            "{{{{ define \"y\" }}}}{end}{{{{ end }}}}{{{{ define \"x\" }}}}{calls}{{{{ end }}}}\
             {{{{ template \"x\" (dict \"n\" 0) }}}}"
        );
        let files = [
            ("Chart.yaml", "name: c\nversion: 1.0.0\n"),
            ("templates/a.yaml", &template),
        ];
        let rendered = rendered_within(1_000_000, &files, &[]);
        let [found] = rendered.findings.as_slice() else {
            panic!("{:?}", rendered.findings);
        };
        assert_eq!(
            (found.rule, found.message.as_str()),
            ("limit-exceeded", want)
        );
        let bytes = rendered.sources.file(found.span.file()).bytes();
        let blamed = &bytes[found.span.start()..found.span.end()];
        assert!(blamed.starts_with(b"{{ template"), "{found:?}");
    }
}

/// What templates do that costs more than their text: each stops at a limit, and says so.
#[test]
fn templates_that_grow_stop_at_a_limit() {
    let doubled = "{{ $x := dict \"a\" 1 }}{{ range until 40 }}\
        {{ $x = dict \"a\" $x \"b\" $x }}{{ end }}";
    let cyclic = "{{ $x := dict }}{{ $_ := set $x \"a\" $x }}";
    for (setup, action) in [
        (doubled, "{{ deepCopy $x | len }}"),
        (doubled, "{{ quote $x }}"),
        (doubled, "{{ toToml $x }}"),
        (doubled, "{{ $x | len }}{{ $x }}"),
        (cyclic, "{{ $x }}"),
        (
            "",
            "{{ range until 2000 }}{{ $_ := dict \"a\" . }}{{ end }}",
        ),
        (
            "{{ $l := list }}",
            "{{ range until 50 }}{{ $l = append $l (until 1000) }}{{ end }}",
        ),
        (
            "{{ $l := list }}",
            "{{ range until 90 }}{{ $l = append $l (repeat 1000 \"a\") }}{{ end }}",
        ),
        (
            "{{ $y := print \"a: [\" (repeat 1000 \"1,\") \"]\" }}",
            "{{ range until 100 }}{{ $_ := fromYaml $y }}{{ end }}",
        ),
        (
            "{{ $x := print \"\\\"\" \"a\" }}",
            "{{ range until 40 }}{{ $x = quote $x }}{{ end }}",
        ),
        (
            "{{ $x := print \"a\" \"b\" }}",
            "{{ range until 40 }}{{ $x = cat $x $x }}{{ end }}",
        ),
    ] {
        let text = format!("{setup}{action}");
        let rendered = rendered(&[("Chart.yaml", CHART), ("templates/a.yaml", &text)], &[]);
        let rules: Vec<&str> = rendered.findings.iter().map(|found| found.rule).collect();
        assert_eq!(rules, ["limit-exceeded"], "{action}");
    }
}

#[test]
fn documents_are_counted() {
    let text = "{{ range until 100001 }}---\na: b\n{{ end }}";
    let files = [("Chart.yaml", CHART), ("templates/a.yaml", text)];
    let rendered = rendered_within(10_000_000, &files, &[]);
    let message = "the chart prints more than 100000 documents";
    one(&rendered.findings, "limit-exceeded", message);
    let at = rendered.findings[0].span;
    assert_eq!((at.start(), at.len()), (28, 1));
}

/// Values that nest deeper than the stack is high are dropped without it.
#[test]
fn deep_values_are_dropped() {
    let mut map = Value::map([]);
    let mut list = Value::list(Vec::new());
    for _ in 0..300_000 {
        let entry = Entry {
            key: Prov::NONE,
            value: map,
        };
        map = Value::map([(Rc::from(&b"a"[..]), entry)]);
        list = Value::list(vec![list]);
    }
    drop((map, list));
}

/// Aliases of charts that have aliases multiply.
#[test]
fn aliases_within_aliases() {
    let metadata = |name: &str, below: Option<&str>| {
        let mut text = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        if let Some(below) = below {
            text.push_str("dependencies:\n");
            for at in 0..8 {
                text += &format!("- {{name: {below}, version: 1.0.0, alias: a{at}}}\n");
            }
        }
        text
    };
    let files = [
        ("Chart.yaml", metadata("c", Some("s"))),
        ("charts/s/Chart.yaml", metadata("s", Some("t"))),
        ("charts/s/charts/t/Chart.yaml", metadata("t", Some("u"))),
        (
            "charts/s/charts/t/charts/u/Chart.yaml",
            metadata("u", Some("v")),
        ),
        (
            "charts/s/charts/t/charts/u/charts/v/Chart.yaml",
            metadata("v", None),
        ),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let rendered = rendered(&files, &[]);
    let message = "chart dependencies processing failed: \
        a chart is a dependency more than 2500 times in all";
    one(&rendered.findings, "limit-exceeded", message);
    let mut disk = MemoryFs::new();
    for (name, text) in files {
        disk.insert(format!("c/{name}"), text);
    }
    let (chart, sources, _) = loaded(&disk, "c", &Limits::default());
    assert!(Usage::of(&chart.unwrap(), &sources, &[]).places().is_none());
}

#[test]
fn indices_that_make_many_items() {
    let argument: Vec<String> = (0..20).map(|at| format!("a[{at}][65536]=1")).collect();
    let input = ValuesInput::Set(argument.join(","));
    let rendered = rendered(&[("Chart.yaml", CHART)], &[input]);
    let message = "failed parsing --set data: indices make more than 1000000 items";
    one(&rendered.findings, "values-invalid", message);
}
