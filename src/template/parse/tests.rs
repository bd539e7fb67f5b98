//! Against Go's own parser, whose answers are recorded in `fixtures/go/template-parse.jsonl`.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::super::ast::{Branch, Command, Expr, ExprKind, List, Node, Pipe};
use super::super::funcs::Callee;
use super::{MAX_DEPTH, Parsed, parse, print};
use crate::source::{FileId, FileKind, Sources, Span};

const NAME: &str = "c/t.yaml";
const FUNCTIONS: &str =
    "printf print include index len not and or eq default quote nindent toYaml foo";

fn file() -> FileId {
    Sources::new().add(NAME, FileKind::Template, Vec::new())
}

fn parsed(text: &[u8]) -> Parsed {
    parse(NAME, file(), text, &|name| {
        let is_function = FUNCTIONS.split(' ').any(|function| function == name);
        is_function.then(|| Callee::Unknown(name.into()))
    })
}

/// A string of the fixture: text, or bytes in hexadecimal.
fn bytes(json: &Json) -> Vec<u8> {
    match json {
        Json::String(text) => text.clone().into_bytes(),
        other => {
            let hex = other["hex"].as_str().unwrap_or_default();
            let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            (0..hex.len()).step_by(2).map(byte).collect()
        }
    }
}

/// The nodes with Go's positions, in the words of the fixture.
#[derive(Default)]
struct Outline(Vec<String>);

impl Outline {
    fn add(&mut self, what: &str, pos: impl std::fmt::Display) {
        self.0.push(format!("{what}@{pos}"));
    }

    fn list(&mut self, list: &List) {
        for node in &list.nodes {
            match node {
                Node::Text(span) => self.add("text", span.start()),
                Node::Comment(_) => {}
                Node::Action(action) => {
                    self.add("action", action.pos);
                    self.pipe(&action.pipe);
                }
                Node::If(branch) => self.branch("if", branch),
                Node::With(branch) => self.branch("with", branch),
                Node::Range(branch) => self.branch("range", branch),
                Node::Template(call) => {
                    self.add("template", call.pos);
                    if let Some(pipe) = &call.pipe {
                        self.pipe(pipe);
                    }
                }
                Node::Break(jump) => self.add("break", jump.pos),
                Node::Continue(jump) => self.add("continue", jump.pos),
            }
        }
    }

    fn branch(&mut self, what: &str, branch: &Branch) {
        self.add(what, branch.pos);
        self.pipe(&branch.pipe);
        self.list(&branch.list);
        if let Some(list) = &branch.else_list {
            self.0.push("else".to_owned());
            self.list(list);
        }
        self.0.push("end".to_owned());
    }

    fn pipe(&mut self, pipe: &Pipe) {
        self.add("pipe", pipe.pos);
        for variable in &pipe.decl {
            self.add("decl", variable.span.start());
        }
        for command in &pipe.cmds {
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        self.add("command", command.pos);
        for arg in &command.args {
            self.expr(arg);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let what = match &expr.kind {
            ExprKind::Identifier(_) => "identifier".to_owned(),
            ExprKind::Field(parts) => format!("field{}", parts.len()),
            ExprKind::Variable(variable) => format!("variable{}", 1 + variable.1.len()),
            ExprKind::Chain(chain) => {
                let (of, parts) = &**chain;
                self.add(&format!("chain{}", parts.len()), expr.pos);
                return self.expr(of);
            }
            ExprKind::Dot => "dot".to_owned(),
            ExprKind::Nil => "nil".to_owned(),
            ExprKind::Bool(_) => "bool".to_owned(),
            ExprKind::Number(number) => {
                let mut what = "number".to_owned();
                if let Some(int) = number.int {
                    what += &format!(" int {int}");
                }
                if let Some(uint) = number.uint {
                    what += &format!(" uint {uint}");
                }
                if let Some(float) = number.float {
                    what += &format!(" float {:x}", float.to_bits());
                }
                if let Some((re, im)) = number.complex {
                    what += &format!(" complex {:x} {:x}", re.to_bits(), im.to_bits());
                }
                what
            }
            ExprKind::String { value, .. } => {
                let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("string {hex}")
            }
            ExprKind::Pipe(pipe) => return self.pipe(pipe),
        };
        self.add(&what, expr.pos);
    }
}

/// What differs from Go's answer, if anything.
fn differs(line: &str) -> Option<String> {
    let json: Json = serde_json::from_str(line).unwrap();
    let text = bytes(&json["text"]);
    let parsed = parsed(&text);
    let message = parsed.errors.first().map(|error| error.message.as_str());
    if let Some(error) = json.get("error") {
        let error = String::from_utf8_lossy(&bytes(error)).into_owned();
        return (message != Some(&error)).then(|| format!("{message:?}, Go {error:?}"));
    }
    if let Some(message) = message {
        return Some(format!("{message:?}, Go none"));
    }
    let mut ours: Vec<_> = parsed.templates.iter().collect();
    ours.sort_by(|a, b| a.name.cmp(&b.name));
    let theirs = json["trees"].as_array().unwrap();
    if ours.len() != theirs.len() {
        return Some(format!("{} templates, Go {}", ours.len(), theirs.len()));
    }
    for (ours, theirs) in ours.iter().zip(theirs) {
        let mut outline = Outline::default();
        outline.list(&ours.body);
        let (got, want) = (outline.0.join(" "), theirs["nodes"].as_str().unwrap());
        if got != want {
            return Some(format!("{got}\nGo {want}"));
        }
        let (got, want) = (print::list(&ours.body, &text), bytes(&theirs["print"]));
        let name = String::from_utf8_lossy(&bytes(&theirs["name"])).into_owned();
        // A name is kept as text, so a broken byte in it is printed replaced.
        if got != want && std::str::from_utf8(&want).is_ok() || ours.name != name {
            return Some(format!("{}", String::from_utf8_lossy(&got)));
        }
        if Some(ours.is_empty_tree()) != theirs["empty"].as_bool() {
            return Some("emptiness".to_owned());
        }
    }
    None
}

#[test]
fn answers_as_go() {
    let fixture = include_str!("../../../fixtures/go/template-parse.jsonl");
    let mut wrong = Vec::new();
    for line in fixture.lines() {
        if let Some(how) = differs(line) {
            wrong.push(format!("{line}\n  {how}"));
        }
    }
    let (count, all) = (wrong.len(), fixture.lines().count());
    wrong.truncate(10);
    assert!(wrong.is_empty(), "{count} of {all}:\n{}", wrong.join("\n"));
}

#[track_caller]
fn errors(text: &str, want: &[(&str, &str)]) {
    let parsed = parsed(text.as_bytes());
    let got: Vec<(&str, &str)> = parsed
        .errors
        .iter()
        .map(|error| {
            let blamed = &text[error.span.start()..error.span.end()];
            let prefix = format!("template: {NAME}:{}: ", error.line);
            (error.message.strip_prefix(&prefix).unwrap(), blamed)
        })
        .collect();
    assert_eq!(got, want, "{text:?}");
}

#[test]
fn goes_on_behind_an_error() {
    errors(
        "{{ nope }}{{ if $x }}{{ .a } }}{{ end }}{{ nada }}",
        &[
            ("function \"nope\" not defined", "nope"),
            ("undefined variable \"$x\"", "$x"),
            ("unexpected \"}\" in operand", "}"),
            ("function \"nada\" not defined", "nada"),
        ],
    );
    errors(
        "{{ if .a }}x{{ with .b",
        &[
            ("unclosed action", ""),
            ("unexpected EOF", "{{ with .b"),
            ("unexpected EOF", "{{ if .a }}"),
        ],
    );
    errors(
        "{{ if .a }\n{{ end }}{{ end }}",
        &[
            ("unexpected \"}\" in operand", "}"),
            ("unexpected {{end}}", "{{ end }}"),
        ],
    );
    errors(
        "{{ if .a }}{{ define \"x\" }}{{ nope }}{{ end }}{{ end }}",
        &[
            ("unexpected <define> in command", "define"),
            ("function \"nope\" not defined", "nope"),
        ],
    );
    errors(
        "{{ define \"x\" }}a{{ end }}{{ define \"x\" }}b{{ end }}",
        &[("template: multiple definition of template \"x\"", "\"x\"")],
    );
    errors(
        "{{ else if .a }}x{{ nope }}",
        &[
            ("unexpected {{else}}", "{{ else if"),
            ("function \"nope\" not defined", "nope"),
        ],
    );
}

#[test]
fn says_it_as_helm() {
    let parsed = parsed(b"a\n{{ define \"x\" }}a{{ end }}{{ define \"x\" }}b{{ end }}{{ .a }");
    assert_eq!(
        parsed.errors[0].core,
        "parse error at (c/t.yaml:2): multiple definition of template \"x\""
    );
    assert_eq!(
        parsed.errors[1].core,
        "parse error at (c/t.yaml:2): unexpected \"}\" in operand"
    );
}

fn first_branch(text: &str) -> Branch {
    let parsed = parse(NAME, file(), text.as_bytes(), &|name| {
        Some(Callee::Unknown(name.into()))
    });
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let nodes = &parsed.templates[0].body.nodes;
    let branch = nodes.iter().find_map(|node| match node {
        Node::If(branch) | Node::With(branch) | Node::Range(branch) => Some((**branch).clone()),
        _ => None,
    });
    branch.unwrap()
}

#[track_caller]
fn assigns(text: &str, want: &[&str]) {
    let branch = first_branch(text);
    let noted = branch.assigns.iter().chain(&branch.changes);
    assert_eq!(noted.collect::<Vec<_>>(), want, "{text:?}");
}

#[test]
fn knows_which_outer_maps_a_branch_changes() {
    let case = |text: &str, want: &[&str]| {
        assigns(
            &format!("{{{{ $m := dict }}}}{{{{ if .x }}}}{text}{{{{ end }}}}"),
            want,
        );
    };
    case("{{ $_ := set $m \"k\" 1 }}", &["$m"]);
    case(
        "{{ with .y }}{{ $_ := unset $m . | len }}{{ end }}",
        &["$m"],
    );
    case("{{ $_ := mergeOverwrite $m .y }}", &["$m"]);
    case("{{ $_ := get $m \"k\" }}{{ set .m \"k\" 1 }}", &[]);
    case("{{ $m := dict }}{{ $_ := set $m \"k\" 1 }}", &[]);
    case("{{ $_ := set $m.n \"k\" 1 }}{{ $_ := set $ \"k\" 1 }}", &[]);
}

#[test]
fn knows_which_keys_of_maps_a_branch_changes() {
    let case = |text: &str, want: &[&str]| {
        let text = format!("{{{{ $m := dict }}}}{{{{ if .x }}}}{text}{{{{ end }}}}");
        let branch = first_branch(&text);
        let shown = branch.alters.iter().map(|altered| {
            let root = altered.root.as_deref().unwrap_or_default();
            let key = altered.key.as_deref().map(String::from_utf8_lossy);
            let key = key.unwrap_or("?".into());
            let fields = altered.fields.join(".");
            format!("{root}.{fields} {key}")
        });
        assert_eq!(shown.collect::<Vec<_>>(), want, "{text:?}");
    };
    case("{{ $_ := set .a.b \"k\" 1 }}", &[".a.b k"]);
    case(
        "{{ unset $.a .k }}{{ set $m.n \"k\" 1 }}",
        &["$.a ?", "$m.n k"],
    );
    case("{{ if .y }}{{ set .a \"k\" 1 }}{{ end }}", &[".a k"]);
    case(
        "{{ with .y }}{{ set .a \"k\" 1 }}{{ set $m.n \"k\" 1 }}{{ end }}",
        &["$m.n k"],
    );
    case(
        "{{ $n := dict }}{{ set $n.a \"k\" 1 }}{{ set $m \"k\" 1 }}",
        &[],
    );
    case("{{ get .a \"k\" }}{{ merge .a .b }}", &[]);
}

#[test]
fn knows_which_outer_variables_a_branch_assigns() {
    let head = "{{ $a := 1 }}{{ $b := 1 }}{{ $a = 3 }}";
    let case = |text: &str, want: &[&str]| assigns(&format!("{head}{text}"), want);
    case("{{ if .x }}{{ end }}{{ $b = 2 }}", &[]);
    case("{{ if .x }}{{ $b = 2 }}{{ $b = 3 }}{{ end }}", &["$b"]);
    case(
        "{{ if .x }}{{ else if .y }}{{ $b = 2 }}{{ else }}{{ $a = 2 }}{{ end }}",
        &["$a", "$b"],
    );
    case("{{ if .x }}{{ $b := 2 }}{{ $b = 3 }}{{ end }}", &[]);
    case(
        "{{ with .x }}{{ range .y }}{{ $a = . }}{{ end }}{{ end }}",
        &["$a"],
    );
    case("{{ range $a, $b = .x }}{{ end }}", &["$a", "$b"]);
    case("{{ with $c := .x }}{{ $c = 1 }}{{ end }}", &[]);
    case(
        "{{ if .x }}{{ block \"n\" . }}{{ $ = 1 }}{{ end }}{{ end }}",
        &[],
    );
}

#[test]
fn spans_are_what_was_written() {
    let text = b"{{- if eq .a.b (foo 1).c -}} x {{ else if $ }}{{ $.y.z | quote }}{{ end }}";
    let parsed = parsed(text);
    let slice = |span: Span| std::str::from_utf8(&text[span.start()..span.end()]).unwrap();
    let Node::If(branch) = &parsed.templates[0].body.nodes[0] else {
        panic!("no branch");
    };
    assert_eq!(slice(branch.span), "{{- if eq .a.b (foo 1).c -}}");
    assert_eq!(slice(branch.whole), std::str::from_utf8(text).unwrap());
    assert_eq!(slice(branch.pipe.span), "eq .a.b (foo 1).c");
    let args = &branch.pipe.cmds[0].args;
    let spans: Vec<_> = args.iter().map(|arg| slice(arg.span)).collect();
    assert_eq!(spans, ["eq", ".a.b", "(foo 1).c"]);
    let Some(Node::If(other)) = branch
        .else_list
        .as_ref()
        .and_then(|list| list.nodes.first())
    else {
        panic!("no else if");
    };
    assert_eq!(slice(other.span), "{{ else if $ }}");
    assert_eq!(
        slice(other.whole),
        "{{ else if $ }}{{ $.y.z | quote }}{{ end }}"
    );
    let Node::Action(action) = &other.list.nodes[0] else {
        panic!("no action");
    };
    assert_eq!(slice(action.span), "{{ $.y.z | quote }}");
    assert_eq!(slice(action.pipe.span), "$.y.z | quote");
}

#[track_caller]
fn too_deep(before: &str, inside: &str, after: &str, message: &str) {
    let nest = |times| format!("{}{inside}{}", before.repeat(times), after.repeat(times));
    assert!(parsed(nest(MAX_DEPTH).as_bytes()).errors.is_empty());
    let errors = parsed(nest(20_000).as_bytes()).errors;
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].message, format!("template: {NAME}:1: {message}"));
}

#[test]
fn depth_is_bounded() {
    let blocks = "exceeded the depth of 500 nested blocks";
    too_deep("{{if .a}}", "x", "{{end}}", blocks);
    too_deep("{{range .a}}", "x", "{{end}}", blocks);
    let nested = r#"{{block "a" .}}"#.repeat(20_000);
    assert!(
        parsed(nested.as_bytes()).errors[0]
            .message
            .ends_with(blocks)
    );
    let chain = "{{if .a}}".to_owned() + &"{{else if .a}}".repeat(20_000) + "{{end}}";
    assert!(parsed(chain.as_bytes()).errors[0].message.ends_with(blocks));
    let parens = format!("{{{{{}.a{}}}}}", "(".repeat(20_000), ")".repeat(20_000));
    let errors = parsed(parens.as_bytes()).errors;
    assert!(errors[0].message.ends_with("max expression depth exceeded"));
}

/// Everything that has a span.
fn check_spans(list: &List, len: usize) {
    fn pipe(of: &Pipe, len: usize) {
        assert!(of.span.end() <= len && of.pos as usize <= len);
        for command in &of.cmds {
            assert!(of.span.contains(command.span), "{of:?}");
            for arg in &command.args {
                assert!(command.span.contains(arg.span), "{command:?}");
                if let ExprKind::Pipe(inner) = &arg.kind {
                    pipe(inner, len);
                }
            }
        }
    }
    let mut last = 0;
    for node in &list.nodes {
        let span = match node {
            Node::Text(span) | Node::Comment(span) => *span,
            Node::Action(action) => {
                pipe(&action.pipe, len);
                action.span
            }
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                pipe(&branch.pipe, len);
                check_spans(&branch.list, len);
                if let Some(list) = &branch.else_list {
                    check_spans(list, len);
                }
                assert!(branch.whole.contains(branch.span), "{branch:?}");
                branch.whole
            }
            Node::Template(call) => call.span,
            Node::Break(jump) | Node::Continue(jump) => jump.span,
        };
        assert!(span.start() >= last && span.end() <= len, "{node:?}");
        last = span.end();
    }
}

fn check(text: &[u8]) -> Parsed {
    let parsed = parsed(text);
    assert_eq!(parsed.templates[0].name, NAME);
    for template in &parsed.templates {
        check_spans(&template.body, text.len());
    }
    for error in &parsed.errors {
        assert!(error.span.end() <= text.len(), "{error:?}");
    }
    parsed
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{{",
        "}}",
        "{{- ",
        " -}}",
        " ",
        "\n",
        ".a",
        ".b.c",
        "$",
        "$x",
        ":=",
        "=",
        ",",
        "(",
        ")",
        "\"s\"",
        "`r\n`",
        "'c'",
        "1",
        "-2.5e3",
        "1+2i",
        "true",
        "nil",
        ".",
        "if ",
        "else",
        "end",
        "range ",
        "with ",
        "define ",
        "block ",
        "template ",
        "break",
        "foo ",
        "bar",
        "|",
        "/*",
        "*/",
        "text",
        "é",
        "\"",
        "{{end}}",
        "{{else}}",
        "{{if .x}}",
        "{{range $x := .x}}",
        "{{define \"d\"}}",
        "{{/* c */}}",
        "{{.y}}",
        "{{$x := 1}}",
    ])
}

proptest! {
    #[test]
    fn any_bytes_give_a_tree(text in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&text);
    }

    #[test]
    fn any_pieces_give_a_tree(pieces in prop::collection::vec(piece(), 0..40)) {
        check(pieces.concat().as_bytes());
    }

    #[test]
    fn what_is_printed_parses_to_the_same(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = format!("{{{{if .a}}}}{}{{{{end}}}}", pieces.concat());
        let first = check(text.as_bytes());
        let printed = print::list(&first.templates[0].body, text.as_bytes());
        // A brace left alone by trimming or by a comment joins the next delimiter in print.
        prop_assume!(first.errors.is_empty() && !text.replace("{{", "").contains('{'));
        let again = check(&printed);
        prop_assert_eq!(&again.errors, &vec![]);
        let second = print::list(&again.templates[0].body, &printed);
        prop_assert_eq!(String::from_utf8_lossy(&second), String::from_utf8_lossy(&printed));
    }
}

#[test]
fn operands_and_nodes_are_small() {
    assert_eq!(size_of::<Expr>(), 40);
    assert_eq!(size_of::<Node>(), 16);
}
