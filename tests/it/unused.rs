//! Keys that no template reads are told where an argument gives them.

use aiplat::chart::ValuesInput;
use aiplat::engine::{self, Request};
use aiplat::vfs::MemoryFs;

const TEMPLATE: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  a: \"{{ .Values.image.tag }} {{ .Values.port }}\"
  {{- range .Values.hosts }}
  {{ .name }}: b
  {{- end }}
  {{- with .Values.extra }}{{ toYaml . | nindent 2 }}{{ end }}
";

/// The texts of the arguments that are told of, with the path of what nothing reads.
#[track_caller]
fn case(inputs: &[ValuesInput], expected: &[(&str, &str)]) {
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    let values = "image: {tag: \"1\"}\nport: 1\nhosts: [{name: a}]\nextra: {}\n";
    memory.insert("c/values.yaml", values);
    memory.insert("c/templates/a.yaml", TEMPLATE);
    memory.insert("f.txt", "text");
    let request = Request {
        paths: vec!["c".to_owned()],
        values: inputs.to_vec(),
        ..Request::default()
    };
    let report = engine::run(&memory, &request);
    let found: Vec<(String, &str)> = report
        .diagnostics
        .iter()
        .map(|found| {
            assert_eq!(found.rule, "unused-value", "{found:?}");
            let at = found.primary().unwrap();
            let bytes = at.file.bytes();
            let text = &bytes[at.start..at.end];
            let text = String::from_utf8_lossy(text).into_owned();
            let path = found.message.strip_prefix("no template reads ").unwrap();
            (format!("{}: {text}", at.file.name()), path)
        })
        .collect();
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(at, path)| (at.as_str(), *path))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn what_an_argument_sets_and_nothing_reads() {
    let set = |text: &str| ValuesInput::Set(text.to_owned());
    case(&[set("image.tag=2,hosts[0].name=b,extra.any.key=1")], &[]);
    case(&[set("image.tga=2")], &[("--set[0]: tga", "`image.tga`")]);
    case(
        &[set("port=2"), set("image.tag=2,imag.tag=1")],
        &[("--set[1]: imag", "`imag`")],
    );
    case(
        &[set("hosts[0].name=z,hosts[0].tls=true")],
        &[("--set[0]: tls", "`hosts[0].tls`")],
    );
    case(&[set("zone=null")], &[("--set[0]: zone", "`zone`")]);
    case(
        &[ValuesInput::SetJson(
            r#"{"image":{"tag":"1","pull":{"a":1}}}"#.to_owned(),
        )],
        &[("--set-json[0]: \"pull\"", "`image.pull`")],
    );
    case(
        &[ValuesInput::SetJson(r#"image={"pull":1}"#.to_owned())],
        &[("--set-json[0]: \"pull\"", "`image.pull`")],
    );
    case(
        &[ValuesInput::SetString("port=1,prot=2".to_owned())],
        &[("--set-string[0]: prot", "`prot`")],
    );
    case(
        &[ValuesInput::SetLiteral("note=a,b=c".to_owned())],
        &[("--set-literal[0]: note", "`note`")],
    );
    case(
        &[ValuesInput::SetFile("image.file=f.txt".to_owned())],
        &[("--set-file[0]: file", "`image.file`")],
    );
}
