//! Credentials that containers are told by: arguments, shell scripts, and what probes and hooks
//! run or send.

use std::cell::LazyCell;
use std::fmt::Display;

use smol_str::{SmolStr, StrExt};

use super::body::Body;
use super::logins::is_pair;
use super::names::{may_name_a_secret, telling};
use super::programs::{given, piped};
use super::properties::name_of;
use super::refer::is_name_of_secret;
use super::scripts::{joined, names_of_secrets};
use super::{Candidate, Judge, is_secret, logins, may_be_secret, texts};
use crate::finding::Finding;
use crate::k8s::{Container, Object, ProbeKind, Workload};
use crate::rules::shell::{self, Word, commands};
use crate::yaml::NodeRef;

/// Whether a name is one of a variable or property, which is worth telling among many in a script.
fn is_variable(name: &str) -> bool {
    name.bytes()
        .any(|byte| byte.is_ascii_uppercase() || byte == b'.')
        && !name.contains('-')
}

impl Judge<'_, '_, '_> {
    /// Whatever a container runs, and what its probes and hooks run and send.
    pub(super) fn commands(
        &self,
        workload: &Workload<'_>,
        container: &Container<'_>,
        around: &[SmolStr],
        findings: &mut Vec<Finding>,
    ) {
        let object = &workload.object;
        let of = format_args!("container `{}` of {}", container.name(), workload.label());
        let arguments: Vec<NodeRef<'_>> = container.arguments().collect();
        let what = format_args!("an argument of {of}");
        self.command(object, &what, &arguments, around, findings);
        let probes = ProbeKind::ALL.iter().filter_map(|kind| {
            let probe = container.probe(*kind)?;
            Some((kind.key(), probe.node))
        });
        let hooks = ["postStart", "preStop"].into_iter().filter_map(|hook| {
            let node = container.node.at(&["lifecycle", hook])?;
            Some((hook, node))
        });
        for (key, handler) in probes.chain(hooks) {
            let list = handler.at(&["exec", "command"]);
            let arguments: Vec<NodeRef<'_>> = list.into_iter().flat_map(NodeRef::items).collect();
            let what = format_args!("an argument of the `{key}` of {of}");
            self.command(object, &what, &arguments, around, findings);
            let headers = handler.at(&["httpGet", "httpHeaders"]);
            for header in headers.into_iter().flat_map(NodeRef::items) {
                let name = header.get("name").and_then(NodeRef::text);
                if let (Some(name), Some(value)) = (name, header.get("value")) {
                    let what = format_args!("header `{name}` of the `{key}` of {of}");
                    self.header(object, &what, name, value, around, findings);
                }
            }
        }
    }

    fn command(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        arguments: &[NodeRef<'_>],
        around: &[SmolStr],
        findings: &mut Vec<Finding>,
    ) {
        for node in arguments {
            let body = Body::written(*node, self.context.bytes_of(node.span()));
            self.within(object, what, "", &body, findings);
            let statements = texts::statements(body.text);
            self.passwords(object, what, &body, &statements, findings);
        }
        let commands = commands(arguments.iter().copied());
        let names = LazyCell::new(|| names_of_secrets(&joined(arguments.iter().copied())));
        let given = commands.iter().flat_map(|command| given(command));
        let given = given.filter(|(name, _)| !may_be_secret(name) || !names.contains(*name));
        let is_login = |name: &str| name.eq_ignore_ascii_case("authorization");
        let (logins, given): (Vec<_>, Vec<_>) = given.partition(|(name, _)| is_login(name));
        for (_, word) in logins {
            self.authorization(object, what, word, around, findings);
        }
        let pairs = commands.iter().zip(commands.iter().skip(1));
        let piped = pairs.filter_map(|(before, command)| piped(before, command));
        let given = given
            .into_iter()
            .chain(piped.map(|word| ("password", word)));
        self.given_words(object, what, given, around, findings);
    }

    /// Options for a program in the value of a variable: `-Dldap.password=changeme`. Where it
    /// begins with one, it is nothing else, and the next word may be what an option is given.
    pub(super) fn options(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        node: NodeRef<'_>,
        around: &[SmolStr],
        findings: &mut Vec<Finding>,
    ) {
        let text = node.text().unwrap_or_default();
        let is_all = text.trim_start().starts_with('-');
        let may_have_options = is_all
            || text.contains('-') && text.contains('=') && text.contains(char::is_whitespace);
        if !may_have_options || !may_name_a_secret(text) {
            return;
        }
        let words = shell::words(node);
        let given = words.iter().enumerate().filter_map(|(index, word)| {
            let option = word.text.starts_with('-').then_some(*word)?;
            let next = || {
                let next = words.get(index + 1).filter(|_| is_all)?;
                (!next.text.starts_with('-')).then_some((option.text, *next))
            };
            let (name, value) = option.assignment().or_else(next)?;
            Some((name_of(name), value))
        });
        self.given_words(object, what, given, around, findings);
    }

    /// What commands and options give away: the names that say so, and the words.
    fn given_words<'w>(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        given: impl Iterator<Item = (&'w str, Word<'w>)>,
        around: &[SmolStr],
        findings: &mut Vec<Finding>,
    ) {
        // Many words may stand in one argument, which is mapped once.
        let mut last: Option<Body<'_>> = None;
        for (name, word) in given {
            let body = match last.take() {
                Some(body) if body.is_of(word.node) => body,
                _ => Body::written(word.node, self.context.bytes_of(word.node.span())),
            };
            let body = last.insert(body);
            if let Some(password) = logins::of_connection(name, word.text) {
                let start = word.at + password.at.start;
                let what = format_args!("the password in {what}");
                let user = password.user.to_ascii_lowercase_smolstr();
                let candidate = Candidate {
                    what: &what,
                    name: "password",
                    value: &password.value,
                    span: body.span(&(start..start + password.value.len())),
                    around: &[user],
                    part: None,
                };
                findings.extend(self.judge(object, &candidate));
                continue;
            }
            // What holds a URL or connection string has been looked at.
            let is_login = || word.text.contains(':') && is_pair(name, word.text);
            let is_meant = (may_be_secret(name) || is_login())
                && logins::passwords(word.text).is_empty()
                && !is_name_of_secret(name, word.text);
            if !is_meant {
                continue;
            }
            let variable = format_args!("`{name}` in {what}");
            let candidate = Candidate {
                what: if is_variable(name) { &variable } else { what },
                name,
                value: word.text,
                span: body.span(&(word.at..word.at + word.text.len())),
                around,
                part: None,
            };
            findings.extend(self.judge(object, &candidate));
        }
    }

    fn header(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        name: &str,
        node: NodeRef<'_>,
        around: &[SmolStr],
        findings: &mut Vec<Finding>,
    ) {
        if !name.eq_ignore_ascii_case("authorization") {
            if is_secret(name) {
                let name = (name, telling(name));
                self.named(object, what, name, node, around, findings);
            }
        } else if let Some(text) = node.text() {
            let word = Word { node, text, at: 0 };
            self.authorization(object, what, word, around, findings);
        }
    }

    /// The value of the header by which clients log in.
    fn authorization(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        word: Word<'_>,
        around: &[SmolStr],
        findings: &mut Vec<Finding>,
    ) {
        let (scheme, rest) = word.text.split_once(' ').unwrap_or_default();
        let end = word.at + word.text.len();
        let body = Body::written(word.node, self.context.bytes_of(word.node.span()));
        let span = || body.span(&(end - rest.len()..end));
        if scheme.eq_ignore_ascii_case("basic") {
            findings.extend(self.basic(object, what, rest, span()));
        } else if scheme.eq_ignore_ascii_case("bearer") {
            let candidate = Candidate {
                what,
                name: "token",
                value: rest,
                span: span(),
                around,
                part: None,
            };
            findings.extend(self.judge(object, &candidate));
        }
    }
}
