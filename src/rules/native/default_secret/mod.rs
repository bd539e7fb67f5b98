//! `default-secret`: credentials that everybody knows.

mod names;
mod texts;
mod values;

use std::fmt::Display;
use std::ops::Range;

use smol_str::{SmolStr, StrExt};

use crate::finding::Finding;
use crate::k8s::{Container, Object, Workload};
use crate::platform::{EmbeddedText, decode_base64};
use crate::rules::{Context, Piece, Written};
use crate::source::Span;
use crate::yaml::NodeRef;

use names::{Class, classify, may_name_a_secret, words};
pub(in crate::rules) use texts::get_ready;
use values::{Fault, fault, is_no_secret};

const RULE: &str = "default-secret";

/// How much of a placeholder is shown.
const SHOWN: usize = 40;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let release = context.release;
    let mut findings = Vec::new();
    let judge = Judge { context };
    for object in release.objects() {
        match (object.group(), object.kind) {
            ("", "Secret") => judge.secret(object, &mut findings),
            ("", "ConfigMap") => judge.config_map(object, &mut findings),
            _ => {}
        }
    }
    for workload in release.workloads() {
        for container in workload.containers() {
            judge.container(workload, &container, &mut findings);
        }
    }
    // One value, one finding.
    let mut seen = std::collections::BTreeSet::new();
    let part = |finding: &Finding| Some(finding.decoded.as_ref()?.1.start);
    findings.retain(|finding| seen.insert((finding.span, finding.value, part(finding))));
    for finding in findings {
        context.report(finding);
    }
}

/// One value with what is known of it.
struct Candidate<'v> {
    /// How messages call it.
    what: &'v dyn Display,
    /// Its name.
    name: &'v str,
    /// The value.
    value: &'v str,
    /// Its place.
    span: Span,
    /// Words around it, beside those of its name, that would make it a default: the component's and
    /// the user's name.
    around: &'v [SmolStr],
    /// The text that it is a part of, where it is one.
    part: Option<(&'v Body<'v>, Range<usize>)>,
}

/// A text that values are looked for in.
struct Body<'b> {
    node: NodeRef<'b>,
    text: &'b str,
    /// Nothing where the scalar is an encoding of the text.
    embedded: Option<EmbeddedText<'b>>,
}

impl<'b> Body<'b> {
    /// The text of a scalar that stands in the bytes `file`.
    fn written(node: NodeRef<'b>, file: &[u8]) -> Self {
        Self {
            node,
            text: node.text().unwrap_or_default(),
            embedded: Some(EmbeddedText::new(node, file)),
        }
    }

    fn encoded(node: NodeRef<'b>, text: &'b str) -> Self {
        Self {
            node,
            text,
            embedded: None,
        }
    }

    /// The bytes of the manifest for a part of the text: all of what is encoded.
    fn span(&self, at: &Range<usize>) -> Span {
        match &self.embedded {
            Some(embedded) => embedded.span(at.start, at.end),
            None => self.node.span(),
        }
    }

    /// The text and a part of it, where the bytes of the manifest do not show them.
    fn decoded(&self, at: Range<usize>) -> Option<(String, Range<usize>)> {
        let is_encoded = self.embedded.is_none();
        is_encoded.then(|| (self.text.to_owned(), at))
    }
}

struct Judge<'j, 'c, 'r> {
    context: &'j Context<'c, 'r>,
}

impl Judge<'_, '_, '_> {
    fn secret(&self, object: &Object<'_>, findings: &mut Vec<Finding>) {
        let kind = object
            .node
            .get("type")
            .and_then(NodeRef::text)
            .unwrap_or_default();
        if matches!(
            kind,
            "kubernetes.io/service-account-token" | "helm.sh/release.v1"
        ) {
            return;
        }
        let mut entries: Vec<(&str, NodeRef<'_>, String, bool)> = Vec::new();
        for (field, is_encoded) in [("stringData", false), ("data", true)] {
            for (key, node) in object
                .node
                .get(field)
                .into_iter()
                .flat_map(NodeRef::entries)
            {
                let (Some(name), Some(text)) = (key.text(), node.text()) else {
                    continue;
                };
                let value = if is_encoded {
                    decode_base64(text).and_then(|bytes| String::from_utf8(bytes).ok())
                } else {
                    Some(text.to_owned())
                };
                entries.extend(value.map(|value| (name, node, value, is_encoded)));
            }
        }
        let mut around = words(object.name);
        for (name, _, value, _) in &entries {
            if classify(name) == Class::User {
                around.push(value.trim().to_ascii_lowercase_smolstr());
            }
        }
        for (name, node, value, is_encoded) in &entries {
            let what = format_args!("key `{name}` of {}", object.label());
            let body = match is_encoded {
                true => Body::encoded(*node, value),
                false => Body::written(*node, self.context.bytes_of(node.span())),
            };
            if texts::is_file(name, value) {
                self.text(object, &what, name, &body, findings);
                continue;
            }
            if self.within(object, &what, &body, findings) {
                continue;
            }
            let candidate = Candidate {
                what: &what,
                name,
                value: value.trim(),
                span: node.span(),
                around: &around,
                part: None,
            };
            findings.extend(self.judge(object, &candidate));
        }
    }

    fn config_map(&self, object: &Object<'_>, findings: &mut Vec<Finding>) {
        let around = words(object.name);
        for (key, node) in object
            .node
            .get("data")
            .into_iter()
            .flat_map(NodeRef::entries)
        {
            let (Some(name), Some(value)) = (key.text(), node.text()) else {
                continue;
            };
            let what = format_args!("key `{name}` of {}", object.label());
            if texts::is_file(name, value) {
                let body = Body::written(node, self.context.bytes_of(node.span()));
                self.text(object, &what, name, &body, findings);
            } else {
                self.named(object, &what, name, node, &around, findings);
            }
        }
    }

    fn container(
        &self,
        workload: &Workload<'_>,
        container: &Container<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let object = &workload.object;
        let mut around = words(object.name);
        around.extend(words(container.name()));
        for variable in container.env() {
            if let (Class::User, Some(user)) = (
                classify(variable.name),
                variable.value.and_then(NodeRef::text),
            ) {
                around.push(user.to_ascii_lowercase_smolstr());
            }
        }
        for variable in container.env() {
            if let Some(node) = variable.value {
                let what = format_args!(
                    "environment variable `{}` of container `{}` of {}",
                    variable.name,
                    container.name(),
                    workload.label()
                );
                self.named(object, &what, variable.name, node, &around, findings);
            }
        }
        let arguments: Vec<NodeRef<'_>> = container.arguments().collect();
        for (index, node) in arguments.iter().enumerate() {
            let Some(text) = node.text() else { continue };
            let what = format_args!(
                "an argument of container `{}` of {}",
                container.name(),
                workload.label()
            );
            let file = self.context.bytes_of(node.span());
            let body = Body::written(*node, file);
            if self.within(object, &what, &body, findings) || text.contains('\n') {
                continue;
            }
            // `--requirepass x` and `--password=x`
            let Some(flag) = text.strip_prefix("--") else {
                continue;
            };
            let (name, value, span) = match flag.split_once('=') {
                Some((name, value)) => {
                    let start = text.len() - value.len();
                    (name, value, body.span(&(start..text.len())))
                }
                None => match arguments.get(index + 1) {
                    Some(next) => (flag, next.text().unwrap_or_default(), next.span()),
                    None => continue,
                },
            };
            if classify(name) == Class::Secret && !value.starts_with('-') {
                let candidate = Candidate {
                    what: &what,
                    name,
                    value,
                    span,
                    around: &around,
                    part: None,
                };
                findings.extend(self.judge(object, &candidate));
            }
        }
    }

    /// A scalar with a name of its own.
    fn named(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        name: &str,
        node: NodeRef<'_>,
        around: &[SmolStr],
        findings: &mut Vec<Finding>,
    ) {
        let Some(value) = node.text() else { return };
        let body = Body::written(node, self.context.bytes_of(node.span()));
        if self.within(object, what, &body, findings) {
            return;
        }
        let candidate = Candidate {
            what,
            name,
            value: value.trim(),
            span: node.span(),
            around,
            part: None,
        };
        // Only a name for a secret makes a secret of what stands in the open.
        if matches!(classify(name), Class::Secret | Class::User) || is_pair(name, value) {
            findings.extend(self.judge(object, &candidate));
        }
    }

    /// A password within a URL or connection string. Whether there is any.
    fn within(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        body: &Body<'_>,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let passwords = texts::passwords(body.text);
        for password in &passwords {
            let user = password.user.to_ascii_lowercase_smolstr();
            let what = format_args!("the password in {what}");
            let candidate = Candidate {
                what: &what,
                name: "password",
                value: &password.value,
                span: body.span(&password.at),
                around: &[user],
                part: Some((body, password.at.clone())),
            };
            findings.extend(self.judge(object, &candidate));
        }
        !passwords.is_empty()
    }

    /// A text with settings.
    fn text(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        name: &str,
        body: &Body<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let text = body.text;
        let settings = match may_name_a_secret(text) {
            true => texts::settings(name, text),
            false => Vec::new(),
        };
        self.within(object, what, body, findings);
        let mut around = words(object.name);
        for setting in &settings {
            if classify(&setting.name) == Class::User {
                around.push(setting.value.to_ascii_lowercase_smolstr());
            }
        }
        for setting in &settings {
            let is_meant = classify(&setting.name) == Class::Secret
                && texts::passwords(&setting.value).is_empty()
                && !is_word_about(&setting.name, &setting.value);
            if !is_meant {
                continue;
            }
            let what = format_args!("`{}` in {what}", setting.name);
            let candidate = Candidate {
                what: &what,
                name: &setting.name,
                value: setting.value.trim(),
                span: body.span(&setting.at),
                around: &around,
                part: Some((body, setting.at.clone())),
            };
            findings.extend(self.judge(object, &candidate));
        }
    }

    fn judge(&self, object: &Object<'_>, candidate: &Candidate<'_>) -> Option<Finding> {
        let Candidate {
            what,
            name,
            value,
            span,
            around,
            ref part,
        } = *candidate;
        let class = classify(name);
        // `neo4j/password`, `admin:admin`
        if let Some((user, password)) = pair_of(name, value) {
            let around = [user.to_ascii_lowercase_smolstr()];
            let inner = Candidate {
                name: "password",
                value: password,
                around: &around,
                part: part.clone(),
                ..*candidate
            };
            return self.judge(object, &inner);
        }
        if class == Class::Plain || value.is_empty() || is_no_secret(value) || self.is_name(value) {
            return None;
        }
        let shown: String = value.chars().take(SHOWN).collect();
        let cut = if shown.len() < value.len() { "…" } else { "" };
        let found = fault(value, &with_words(around, name));
        let message = match (class, found) {
            (Class::User, _) => (value == "minioadmin")
                .then(|| format!("{what} is the well-known default `minioadmin`")),
            (_, Some(Fault::Placeholder)) => {
                Some(format!("{what} is the placeholder `{shown}{cut}`"))
            }
            (_, Some(Fault::WellKnown)) | (Class::Secret, Some(Fault::Weak)) => {
                Some(format!("{what} is the well-known default `{shown}{cut}`"))
            }
            _ => None,
        };
        let message = message.or_else(|| {
            (class == Class::Secret)
                .then(|| self.shipped(object, what, value, span))
                .flatten()
        })?;
        let decoded = part
            .as_ref()
            .and_then(|(body, at)| body.decoded(at.clone()));
        Some(
            Finding::new(RULE, span, message)
                .help("have it given at install time, or take it from an existing Secret")
                .object(object.reference())
                .value(self.given(value, span))
                .decoded(decoded),
        )
    }

    /// Where a values file, an argument or a literal says just `value`, of all that decided the
    /// bytes of `span`: what is encoded was made of all of them. Of several, the one whose key is
    /// that of a secret: a user or a database may have the same name.
    fn given(&self, value: &str, span: Span) -> Option<Span> {
        let pieces = self.context.evidence.written_in(span);
        let is_given = |written| matches!(written, Written::ChartDefault | Written::UserValues);
        let is_secret = |piece: &&&Piece| {
            let key = piece.key.as_deref().unwrap_or_default();
            classify(key.rsplit('.').next().unwrap_or_default()) == Class::Secret
        };
        let alike: Vec<&Piece> = pieces.iter().filter(|piece| piece.text == value).collect();
        let mut given = alike.iter().filter(|piece| is_given(piece.written));
        let secret = given.clone().find(is_secret);
        let literal = |piece: &&&Piece| piece.written == Written::Template;
        let piece = secret
            .or_else(|| given.next())
            .or_else(|| alike.iter().find(literal));
        Some(piece?.place)
    }

    /// Whether the value ships with the chart: everybody who has the chart knows it.
    fn shipped(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        value: &str,
        span: Span,
    ) -> Option<String> {
        let pieces = self.context.evidence.written_in(span);
        // What is encoded in the template is written there, too.
        let raw = self.context.bytes_of(span).get(span.start()..span.end());
        for piece in &pieces {
            let key = piece.key.as_deref().unwrap_or_default();
            let text = piece.text.as_str();
            let is_secret_key =
                classify(key.rsplit('.').next().unwrap_or_default()) == Class::Secret;
            let is_whole = text == value;
            let is_part = is_secret_key && text.len() >= 4 && value.contains(text);
            match piece.written {
                Written::ChartDefault if !text.is_empty() && (is_whole || is_part) => {
                    let from = if key.is_empty() { "values.yaml" } else { key };
                    return Some(format!("{what} is the chart's own default, from `{from}`"));
                }
                // A literal in the template of a Secret is the same for everybody, too.
                Written::Template
                    if object.kind == "Secret" && (is_whole || raw == Some(text.as_bytes())) =>
                {
                    return Some(format!("{what} is written in the chart's template"));
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a value is the name of an object that a configuration may refer to.
    fn is_name(&self, value: &str) -> bool {
        self.context.release.objects().iter().any(|object| {
            object.name == value
                && matches!(
                    object.kind,
                    "Secret" | "ConfigMap" | "SealedSecret" | "ExternalSecret"
                )
        })
    }
}

fn with_words(around: &[SmolStr], name: &str) -> Vec<SmolStr> {
    let mut all = around.to_vec();
    all.extend(words(name));
    all
}

/// `NEO4J_AUTH: neo4j/password` and `BASIC_AUTH: admin:admin`
fn pair_of<'v>(name: &str, value: &'v str) -> Option<(&'v str, &'v str)> {
    let words = words(name);
    let last = words.last()?;
    if !matches!(last.as_str(), "auth" | "credentials" | "creds" | "userpass")
        || value.contains("://")
    {
        return None;
    }
    let (user, password) = value.split_once(['/', ':'])?;
    let is_user = !user.is_empty()
        && user
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_user && !password.is_empty() && !password.contains('/')).then_some((user, password))
}

fn is_pair(name: &str, value: &str) -> bool {
    pair_of(name, value).is_some()
}

/// In a configuration a value that repeats its own key (`token: token`, `secretKey: password`) may
/// be the name of a field; `password: password` is not taken for one.
fn is_word_about(name: &str, value: &str) -> bool {
    let is_key_of_secret = words(name) == ["secret", "key"]
        && value.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    is_key_of_secret
        && matches!(
            value,
            "password" | "token" | "secret" | "key" | "username" | "api-key"
        )
}
