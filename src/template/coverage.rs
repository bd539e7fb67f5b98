//! The bodies of a template's branches, and which of them were executed.

use std::collections::BTreeMap;

use super::ast::{Branch, List, Node, Template};
use super::eval::Coverage;
use crate::source::Span;

/// What is executed one way or another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body {
    /// The keyword before it: `if`, `with`, `range` or `else`.
    pub what: &'static str,
    /// The opening action of the branch that it belongs to.
    pub opening: Span,
    /// Its bytes, from behind one action to the next.
    pub span: Span,
    /// Whether it was executed.
    pub is_reached: bool,
    /// Whether a body around it was not executed either.
    pub is_within: bool,
}

/// The bodies of the templates of one file, in order. `ways` tells of each branch that was decided
/// which ways it went, by the span of its opening action.
#[must_use]
pub fn bodies(templates: &[Template], ways: &BTreeMap<Span, Coverage>) -> Vec<Body> {
    let mut found = Vec::new();
    for template in templates {
        list(&template.body, ways, false, &mut found);
    }
    found.sort_by_key(|body: &Body| body.span.start());
    found
}

fn list(list: &List, ways: &BTreeMap<Span, Coverage>, is_within: bool, found: &mut Vec<Body>) {
    for node in &list.nodes {
        match node {
            Node::If(it) => branch("if", it, ways, is_within, found),
            Node::With(it) => branch("with", it, ways, is_within, found),
            Node::Range(it) => branch("range", it, ways, is_within, found),
            _ => {}
        }
    }
}

fn branch(
    what: &'static str,
    branch: &Branch,
    ways: &BTreeMap<Span, Coverage>,
    is_within: bool,
    found: &mut Vec<Body>,
) {
    let way = ways.get(&branch.span).copied().unwrap_or_default();
    found.push(Body {
        what,
        opening: branch.span,
        span: branch.body,
        is_reached: way.body,
        is_within,
    });
    list(&branch.list, ways, is_within || !way.body, found);
    if let Some(span) = branch.else_body {
        found.push(Body {
            what: "else",
            opening: branch.span,
            span,
            is_reached: way.other,
            is_within,
        });
    }
    if let Some(other) = &branch.else_list {
        // An `else if` has a body of its own, and nothing around it but what is around this.
        let is_missed = branch.else_body.is_some() && !way.other;
        list(other, ways, is_within || is_missed, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileKind, Sources};
    use crate::template::eval::parse_file;

    /// The bodies, each as its keyword and its text; `ways` are those of the branches in order.
    #[track_caller]
    fn case(text: &str, ways: &[(&str, bool, bool)], expected: &[&str]) {
        let mut sources = Sources::new();
        let file = sources.add("c/t.yaml", FileKind::Template, text.as_bytes().to_vec());
        let templates = parse_file("c/t.yaml", file, &sources);
        let ways = ways.iter().map(|(opening, body, other)| {
            let at = text.find(opening).unwrap();
            let span = Span::new(file, at, at + opening.len());
            (
                span,
                Coverage {
                    body: *body,
                    other: *other,
                },
            )
        });
        let got: Vec<String> = bodies(&templates, &ways.collect())
            .iter()
            .map(|body| {
                let mark = match (body.is_reached, body.is_within) {
                    (true, _) => '+',
                    (false, false) => '-',
                    (false, true) => ' ',
                };
                let text = &text[body.span.start()..body.span.end()];
                format!("{mark}{}:{text}", body.what)
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn a_body_is_reached_when_its_branch_went_that_way() {
        case(
            "{{ if a }}A{{ else }}B{{ end }}",
            &[("{{ if a }}", true, false)],
            &["+if:A", "-else:B"],
        );
        case(
            "{{ if .a }}A{{ else if .b }}B{{ else }}C{{ end }}",
            &[
                ("{{ if .a }}", false, true),
                ("{{ else if .b }}", false, true),
            ],
            &["-if:A", "-if:B", "+else:C"],
        );
        case(
            "{{ range .a }}{{ with .b }}B{{ end }}{{ end }}",
            &[("{{ range .a }}", false, true)],
            &["-range:{{ with .b }}B{{ end }}", " with:B"],
        );
        case(
            "{{ define \"x\" }}{{ if .a }}A{{ end }}{{ end }}",
            &[],
            &["-if:A"],
        );
    }
}
