//! What the branches that were not taken would have written: the keys of YAML at the outermost
//! level of their bodies.

use super::ast::{Action, Branch, ExprKind, List, Node, Template};
use super::eval::parse_file;
use crate::source::{FileId, FileKind, Sources, Span};

/// What stands in a key for what an action prints.
pub const PRINTED: char = '\u{0}';

/// How deep bodies, and templates that they include, are followed into each other.
const MAX_DEPTH: usize = 64;
/// How many nodes of one body are followed.
const MAX_NODES: usize = 10_000;
/// How many bytes of one body are looked at.
const MAX_BYTES: usize = 1 << 16;

/// The templates of a chart and its subcharts.
#[derive(Debug, Default)]
pub struct Bodies {
    files: Vec<(FileId, Vec<Template>)>,
}

/// A body that was not executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The condition that did not hold.
    pub condition: Span,
    /// Whether the condition compares or negates: values that are set can fail it, too.
    pub compares: bool,
    /// The keys that it would have written, with [`PRINTED`] for what actions print in them.
    pub keys: Vec<String>,
}

impl Bodies {
    /// Parses the templates: run it on a thread with the stack that the parser needs.
    #[must_use]
    pub fn read(sources: &Sources) -> Self {
        let files = sources
            .files()
            .filter(|(_, file)| file.kind() == FileKind::Template)
            .map(|(id, file)| (id, parse_file(file.name(), id, sources)))
            .collect();
        Self { files }
    }

    /// The body of the branch that `at` is, or whose condition it is, and those of the branches
    /// that it is the `else if` of: the innermost first. Nothing where there is no such branch.
    #[must_use]
    pub fn missed(&self, at: Span, sources: &Sources) -> Vec<Missed> {
        let templates = self.files.iter().filter(|(id, _)| *id == at.file());
        let mut chain = Vec::new();
        let found = templates
            .flat_map(|(_, templates)| templates)
            .any(|template| find(&template.body, at, 0, &mut chain));
        if !found {
            return Vec::new();
        }
        chain
            .iter()
            .map(|branch| Missed {
                condition: branch.pipe.span,
                compares: compares(sources.slice(branch.pipe.span)),
                keys: self.keys(branch, sources),
            })
            .collect()
    }

    fn keys(&self, branch: &Branch, sources: &Sources) -> Vec<String> {
        let mut writer = Writer {
            bodies: self,
            sources,
            left: MAX_NODES,
            out: Vec::new(),
        };
        writer.out.extend(margin(branch, sources));
        writer.list(&branch.list, 0);
        keys(&String::from_utf8_lossy(&writer.out))
    }

    fn define(&self, name: &str) -> Option<&Template> {
        let mut templates = self
            .files
            .iter()
            .rev()
            .flat_map(|(_, all)| all.iter().rev());
        templates.find(|template| template.name == name && !template.is_empty_tree())
    }
}

/// Finds a branch and those it is the `else if` of.
fn find<'a>(list: &'a List, at: Span, depth: usize, chain: &mut Vec<&'a Branch>) -> bool {
    depth < MAX_DEPTH
        && list.nodes.iter().any(|node| match node {
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                in_branch(branch, at, depth, chain)
            }
            _ => false,
        })
}

fn in_branch<'a>(branch: &'a Branch, at: Span, depth: usize, chain: &mut Vec<&'a Branch>) -> bool {
    if branch.whole == at || branch.pipe.span == at {
        chain.push(branch);
        return true;
    }
    if !branch.whole.contains(at) {
        return false;
    }
    if find(&branch.list, at, depth + 1, chain) {
        return true;
    }
    let Some(other) = &branch.else_list else {
        return false;
    };
    let found = find(other, at, depth + 1, chain);
    // Within the last branch of the chain a mark of another branch ends it.
    let is_chained = branch.else_body.is_none()
        && other.nodes.iter().any(|node| match node {
            Node::If(next) | Node::With(next) => chain
                .last()
                .is_some_and(|last| std::ptr::eq(*last, &**next)),
            _ => false,
        });
    if found && is_chained {
        chain.push(branch);
    }
    found
}

/// The space before the first byte of a body in its line, where the body does not begin a line.
fn margin<'a>(branch: &Branch, sources: &'a Sources) -> &'a [u8] {
    let Some(Node::Text(first)) = branch.list.nodes.first() else {
        return &[];
    };
    let before = sources.file(first.file()).bytes().get(..first.start());
    let before = before.unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next();
    let line = line.unwrap_or_default();
    let len = line.iter().take_while(|byte| **byte == b' ').count();
    line.get(..len).unwrap_or_default()
}

/// Whether a condition asks for more than that something is set.
fn compares(condition: &[u8]) -> bool {
    const ASKS: &[&[u8]] = &[
        b"not", b"eq", b"ne", b"lt", b"le", b"gt", b"ge", b"empty", b"has", b"hasKey",
    ];
    condition
        .split(|byte| !byte.is_ascii_alphanumeric() && !b"._$".contains(byte))
        .any(|word| ASKS.contains(&word))
}

/// Writes out what a body may write: of each branch within it both ways.
struct Writer<'a> {
    bodies: &'a Bodies,
    sources: &'a Sources,
    left: usize,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn list(&mut self, list: &List, depth: usize) {
        for node in &list.nodes {
            if self.left == 0 || depth > MAX_DEPTH || self.out.len() > MAX_BYTES {
                return;
            }
            self.left -= 1;
            match node {
                Node::Text(span) => self.out.extend_from_slice(self.sources.slice(*span)),
                Node::Action(action) if action.pipe.decl.is_empty() => self.action(action, depth),
                Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                    self.list(&branch.list, depth + 1);
                    if let Some(other) = &branch.else_list {
                        self.list(other, depth + 1);
                    }
                }
                Node::Template(call) => self.call(&call.name, depth),
                _ => {}
            }
        }
    }

    /// `include`, indented or not, and what is printed by default; of any other action nothing is
    /// known but how it is indented.
    fn action(&mut self, action: &Action, depth: usize) {
        let mut indent = None;
        let mut name = None;
        let mut default = None;
        for command in &action.pipe.cmds {
            let mut args = command.args.iter().map(|arg| &arg.kind);
            match (args.next(), args.next()) {
                (Some(ExprKind::Identifier(function)), Some(ExprKind::String { value, .. }))
                    if function.name() == "include" =>
                {
                    name = Some(String::from_utf8_lossy(value).into_owned());
                }
                (Some(ExprKind::Identifier(function)), Some(ExprKind::String { value, .. }))
                    if function.name() == "default" =>
                {
                    default = Some(value);
                }
                (Some(ExprKind::Identifier(function)), Some(ExprKind::Number(width)))
                    if matches!(function.name(), "nindent" | "indent") =>
                {
                    let width = width.int.and_then(|width| usize::try_from(width).ok());
                    indent =
                        width.map(|width| (function.name() == "nindent", width.min(MAX_BYTES)));
                }
                _ => {}
            }
        }
        let start = self.out.len();
        match (name, default) {
            (Some(name), _) => self.call(&name, depth),
            (None, Some(text)) if !text.is_empty() => self.out.extend_from_slice(text),
            (None, _) => self.out.push(PRINTED as u8),
        }
        let Some((is_new_line, width)) = indent else {
            return;
        };
        let written = self.out.split_off(start);
        let written = written.trim_ascii();
        for (at, line) in written.split(|byte| *byte == b'\n').enumerate() {
            if self.out.len() > MAX_BYTES {
                return;
            }
            if at > 0 || is_new_line {
                self.out.push(b'\n');
            }
            self.out.resize(self.out.len() + width, b' ');
            self.out.extend_from_slice(line);
        }
    }

    fn call(&mut self, name: &str, depth: usize) {
        match self.bodies.define(name) {
            Some(template) => self.list(&template.body, depth + 1),
            None => self.out.push(PRINTED as u8),
        }
    }
}

/// The keys at the outermost level of a text; none where it is a list.
fn keys(text: &str) -> Vec<String> {
    let lines = || {
        text.lines().filter_map(|line| {
            let said = line.trim();
            let is_said = said.chars().any(|c| c != PRINTED) && !said.starts_with('#');
            is_said.then(|| (line.len() - line.trim_start().len(), said))
        })
    };
    let Some(outermost) = lines().map(|(indent, _)| indent).min() else {
        return Vec::new();
    };
    if lines()
        .next()
        .is_some_and(|(_, said)| said.starts_with('-'))
    {
        return Vec::new();
    }
    let outer = lines().filter(|(indent, _)| *indent == outermost);
    let mut found: Vec<String> = Vec::new();
    for key in outer.filter_map(|(_, said)| key(said)) {
        if !found.contains(&key) {
            found.push(key);
        }
    }
    found
}

/// The key that a line begins with.
fn key(line: &str) -> Option<String> {
    let at = line.match_indices(':').map(|(at, _)| at).find(|at| {
        let next = line.get(at + 1..).and_then(|rest| rest.chars().next());
        next.is_none_or(|next| next.is_whitespace() || next == PRINTED)
    })?;
    let key = line.get(..at)?.trim();
    let unquoted = ['"', '\''].iter().find_map(|quote| {
        let inner = key.strip_prefix(*quote)?;
        inner.strip_suffix(*quote)
    });
    Some(unquoted.unwrap_or(key).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of the bodies of the branch that begins with `opening`, the innermost first.
    #[track_caller]
    fn case(text: &str, opening: &str, expected: &[&[&str]]) {
        let mut sources = Sources::new();
        let file = sources.add("c/t.yaml", FileKind::Template, text.as_bytes().to_vec());
        let start = text.find(opening).unwrap();
        let ends = text
            .match_indices("{{ end }}")
            .map(|(at, end)| at + end.len());
        let bodies = Bodies::read(&sources);
        let found = ends
            .map(|end| bodies.missed(Span::new(file, start, end), &sources))
            .find(|missed| !missed.is_empty());
        let got: Vec<Vec<String>> = found
            .unwrap_or_default()
            .into_iter()
            .map(|missed| missed.keys)
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn keys_stand_at_the_outermost_level() {
        case(
            "{{ if .a }}\n  livenessProbe:\n    exec: {}\n  ports: []\n{{ end }}",
            "{{ if .a }}",
            &[&["livenessProbe", "ports"]],
        );
        case(
            "  {{ if .a }}\"b\": 1\n  c: 2{{ end }}",
            "{{ if .a }}",
            &[&["b", "c"]],
        );
        case(
            "{{ if .a }}\n- name: b\n  livenessProbe: {}\n{{ end }}",
            "{{ if .a }}",
            &[&[]],
        );
    }

    #[test]
    fn what_an_action_prints_is_left_open() {
        case(
            "{{ with .a }}\n{{ $kind }}Probe:\n  {{- toYaml . | nindent 2 }}\n{{ end }}",
            "{{ with .a }}",
            &[&["\0Probe"]],
        );
        case(
            "{{ if .a }}\n  livenessProbe: {{ .b }}\n{{ end }}",
            "{{ if .a }}",
            &[&["livenessProbe"]],
        );
    }

    #[test]
    fn what_an_action_prints_by_default_is_taken_for_that() {
        case(
            "{{ if .a }}{{ default \"nvidia.com/gpu\" .kind }}: 1\n{{ .b | default \"c\" }}: 1{{ end }}",
            "{{ if .a }}",
            &[&["nvidia.com/gpu", "c"]],
        );
    }

    #[test]
    fn includes_are_followed() {
        case(
            "{{ define \"x\" }}\na: {b: 1}\nc:\n  d: 1\n{{ end }}{{ if .a }}{{ include \"x\" . | nindent 4 }}{{ end }}",
            "{{ if .a }}",
            &[&["a", "c"]],
        );
        case(
            "{{ define \"x\" }}{{ template \"x\" }}a: 1\n{{ end }}{{ if .a }}{{ template \"x\" }}{{ end }}",
            "{{ if .a }}",
            &[&["a"]],
        );
    }

    #[test]
    fn an_else_if_comes_with_those_before_it() {
        let text = "{{ if .a }}a: 1{{ else if .b }}b: 1{{ if .x }}x: 1{{ end }}{{ else if .c }}c: 1{{ end }}";
        case(text, "{{ else if .c }}", &[&["c"], &["b"], &["a"]]);
        case(text, "{{ if .x }}", &[&["x"]]);
        let text = "{{ if .a }}a: 1{{ else }}{{ if .b }}b: 1{{ end }}{{ end }}";
        case(text, "{{ if .b }}", &[&["b"]]);
    }

    #[test]
    fn conditions_that_compare_are_told() {
        let asks = |text: &str| compares(text.as_bytes());
        assert!(asks("not .Values.off") && asks("and .a (eq .b 1)"));
        assert!(!asks("and .Values.not .Values.probes.has"));
    }
}
