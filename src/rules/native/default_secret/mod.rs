//! `default-secret`: credentials that everybody knows.

mod body;
mod commands;
mod logins;
mod names;
mod patterns;
mod programs;
mod properties;
mod python;
mod refer;
mod scripts;
mod sed;
mod texts;
mod values;

use std::cell::{LazyCell, OnceCell};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;

use smol_str::{SmolStr, StrExt};

use crate::finding::Finding;
use crate::k8s::{Container, Object, Workload};
use crate::platform::decode_base64;
use crate::rules::{Context, Piece, Written};
use crate::source::Span;
use crate::yaml::NodeRef;

use body::Body;
use logins::{is_pair, pair_of};
use names::{Class, classify, is_of_trust_store, is_telling_of, may_name_a_secret, telling, words};
use refer::{is_entry_of_secret, is_name_of_secret, is_of_secrets, is_word_about};
use scripts::{joined, names_of_secrets};
use texts::Setting;
use values::{Fault, fault, is_made_up, is_no_secret, is_stand_in, says_secret};

const RULE: &str = "default-secret";

/// How much of a placeholder is shown.
const SHOWN: usize = 40;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let release = context.release;
    let mut findings = Vec::new();
    let judge = Judge {
        context,
        replaced: OnceCell::new(),
    };
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
    let mut seen = BTreeSet::new();
    let part = |finding: &Finding| Some(finding.decoded.as_ref()?.1.start);
    findings.retain(|finding| seen.insert((finding.span, finding.value, part(finding))));
    for finding in findings {
        context.report(finding);
    }
}

/// One value with what is known of it.
struct Candidate<'v, 'b> {
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
    part: Option<(&'v Body<'b>, Range<usize>)>,
}

struct Judge<'j, 'c, 'r> {
    context: &'j Context<'c, 'r>,
    /// What scripts of the release replace, once anything is to be said of a value.
    replaced: OnceCell<BTreeSet<String>>,
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
        let entries = entries(object, &[("stringData", false), ("data", true)]);
        let mut around = words(object.name);
        for (name, _, value, _) in &entries {
            if telling(name) == Some(Class::User) {
                around.push(value.trim().to_ascii_lowercase_smolstr());
            }
        }
        for (name, node, value, is_encoded) in &entries {
            let what = format_args!("key `{name}` of {}", object.label());
            let body = self.body(*node, value, *is_encoded);
            if texts::is_file(name, value) {
                self.text(object, &what, name, &body, findings);
                continue;
            }
            if self.within(object, &what, name, &body, findings) {
                continue;
            }
            // What may be a secret by its name is one where it stands in a Secret.
            let is_told_by_place = telling(name) == Some(Class::Either) && !is_pair(name, value);
            let is_told_by_object = || is_telling_of(object.name, name);
            let candidate = Candidate {
                what: &what,
                name: match is_told_by_place || is_told_by_object() {
                    true => "secret",
                    false => name,
                },
                value: value.trim(),
                span: node.span(),
                around: &with_words(&around, name),
                part: None,
            };
            let found = self.judge(object, &candidate);
            // What is encoded once more is as well known.
            let twice = || {
                let value = &values::decoded(candidate.value)?;
                let candidate = Candidate { value, ..candidate };
                self.judge(object, &candidate)
            };
            findings.extend(found.or_else(twice));
        }
    }

    fn config_map(&self, object: &Object<'_>, findings: &mut Vec<Finding>) {
        let around = words(object.name);
        for (name, node, value, is_encoded) in
            entries(object, &[("data", false), ("binaryData", true)])
        {
            let what = format_args!("key `{name}` of {}", object.label());
            if texts::is_file(name, &value) {
                let body = self.body(node, &value, is_encoded);
                self.text(object, &what, name, &body, findings);
            } else if !is_encoded {
                let name = (name, telling(name));
                self.named(object, &what, name, node, &around, findings);
                self.options(object, &what, node, &around, findings);
            } else if may_be_secret(name) {
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
    }

    /// The text of a scalar, or what it encodes.
    fn body<'b>(&'b self, node: NodeRef<'b>, text: &'b str, is_encoded: bool) -> Body<'b> {
        match is_encoded {
            true => Body::encoded(node, text),
            false => Body::written(node, self.context.bytes_of(node.span())),
        }
    }

    fn container(
        &self,
        workload: &Workload<'_>,
        container: &Container<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let object = &workload.object;
        let (name, label) = (container.name(), workload.label());
        let mut around = words(object.name);
        around.extend(words(name));
        let variables = container.env().filter_map(|variable| {
            let told = telling(variable.name);
            Some((variable.name, told, variable.value?))
        });
        let variables: Vec<_> = variables.collect();
        for (_, told, node) in &variables {
            if *told == Some(Class::User)
                && let Some(user) = node.text()
            {
                around.push(user.to_ascii_lowercase_smolstr());
            }
        }
        let names = LazyCell::new(|| names_of_secrets(&joined(container.arguments())));
        for (variable, told, node) in variables {
            if told.is_some_and(Class::may_be_secret) && names.contains(variable) {
                continue;
            }
            let what =
                format_args!("environment variable `{variable}` of container `{name}` of {label}");
            self.named(object, &what, (variable, told), node, &around, findings);
            self.options(object, &what, node, &around, findings);
        }
        self.commands(workload, container, &around, findings);
    }

    /// A scalar with a name of its own, and what that tells.
    fn named(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        (name, told): (&str, Option<Class>),
        node: NodeRef<'_>,
        around: &[SmolStr],
        findings: &mut Vec<Finding>,
    ) {
        let Some(value) = node.text() else { return };
        let body = Body::written(node, self.context.bytes_of(node.span()));
        if self.within(object, what, name, &body, findings) {
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
        if told.is_some() || is_pair(name, value) {
            findings.extend(self.judge(object, &candidate));
        }
    }

    /// Passwords within the value of a name, as in a URL or connection string. Whether there is any.
    fn within(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        name: &str,
        body: &Body<'_>,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let passwords = logins::passwords_of(name, body.text);
        self.passwords(object, what, body, &passwords, findings);
        !passwords.is_empty()
    }

    fn passwords(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        body: &Body<'_>,
        passwords: &[logins::Password],
        findings: &mut Vec<Finding>,
    ) {
        for password in passwords {
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
        let settings = match may_name_a_secret(text) || texts::is_docker(name) {
            true => {
                let mut settings = texts::settings(name, text);
                settings.extend(properties::properties(name, text));
                settings
            }
            false => Vec::new(),
        };
        let passwords = logins::passwords_in(name, text);
        self.passwords(object, what, body, &passwords, findings);
        let telling: Vec<(&Setting, Class)> = settings
            .iter()
            .filter_map(|setting| Some((setting, telling(&setting.name)?)))
            .collect();
        let names = LazyCell::new(|| names_of_secrets(text));
        let mut around = words(object.name);
        for (setting, class) in &telling {
            if *class == Class::User {
                around.push(setting.value.to_ascii_lowercase_smolstr());
            }
        }
        for (setting, class) in telling {
            let is_meant = class.may_be_secret()
                && logins::passwords(&setting.value).is_empty()
                && !(texts::is_structured(name)
                    && is_name_of_secret(&setting.name, &setting.value))
                && !is_word_about(&setting.name, &setting.value)
                && !names.contains(&setting.name);
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
        // `auth` is user and password once more; it may also stand alone.
        if texts::is_docker(name) && !settings.iter().any(|setting| setting.name == "password") {
            for setting in settings.iter().filter(|setting| setting.name == "auth") {
                let span = body.span(&setting.at);
                let what = format_args!("the login in {what}");
                findings.extend(self.basic(object, &what, &setting.value, span));
            }
        }
    }

    /// The user and password that are encoded as HTTP's basic authentication has them.
    fn basic(
        &self,
        object: &Object<'_>,
        what: &dyn Display,
        encoded: &str,
        span: Span,
    ) -> Option<Finding> {
        let login = String::from_utf8(decode_base64(encoded.trim())?).ok()?;
        let (user, password) = login.split_once(':')?;
        let what = format_args!("the password in {what}");
        let candidate = Candidate {
            what: &what,
            name: "password",
            value: password.trim_end(),
            span,
            around: &[user.to_ascii_lowercase_smolstr()],
            part: None,
        };
        self.judge(object, &candidate)
    }

    fn judge(&self, object: &Object<'_>, candidate: &Candidate<'_, '_>) -> Option<Finding> {
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
        if is_of_secrets(name) && is_entry_of_secret(value) {
            return None;
        }
        // Java's own trust store has this password, and whom to trust is no secret.
        if value == "changeit" && is_of_trust_store(name) {
            return None;
        }
        // Model servers speak OpenAI's interface, and look at no key where they are given none.
        if is_stand_in(value) && words(name).iter().any(|word| word == "openai") {
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
            (Class::Either, Some(Fault::Weak)) if !says_secret(value) => None,
            (_, Some(Fault::WellKnown)) | (Class::Secret | Class::Either, Some(Fault::Weak)) => {
                Some(format!("{what} is the well-known default `{shown}{cut}`"))
            }
            _ => None,
        };
        let message = message.or_else(|| {
            let is_secret = class == Class::Secret || (class == Class::Either && is_made_up(value));
            is_secret
                .then(|| self.shipped(object, what, value, span))
                .flatten()
        })?;
        // Only in texts: nobody edits a variable or the key of a Secret before it is used.
        if part.is_some() && self.is_replaced(value) {
            return None;
        }
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
        let is_of_secret = |piece: &&&Piece| class_of(piece) == Class::Secret;
        let alike: Vec<&Piece> = pieces.iter().filter(|piece| piece.text == value).collect();
        let mut given = alike.iter().filter(|piece| is_given(piece.written));
        let secret = given.clone().find(is_of_secret);
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
        // Of those that say the same, the one whose key is that of a secret is meant.
        let mut pieces: Vec<(&Piece, Class)> = pieces
            .iter()
            .map(|piece| (piece, class_of(piece)))
            .collect();
        pieces.sort_by_key(|(_, class)| *class != Class::Secret);
        for (piece, class) in pieces {
            let key = piece.key.as_deref().unwrap_or_default();
            let text = piece.text.as_str();
            // What the values call something else (`tlsSecret`) is the name of an object.
            if class == Class::Plain {
                continue;
            }
            let is_secret_key = class == Class::Secret;
            let is_whole = text == value;
            let is_part = || is_secret_key && text.len() >= 4 && value.contains(text);
            match piece.written {
                Written::ChartDefault if !text.is_empty() && (is_whole || is_part()) => {
                    let from = if key.is_empty() { "values.yaml" } else { key };
                    return Some(format!("{what} is the chart's own default, from `{from}`"));
                }
                // A literal in a template is the same for everybody, too. In a Secret it is one
                // whatever it looks like.
                Written::Template
                    if (is_whole || raw == Some(text.as_bytes()))
                        && (object.kind == "Secret" || is_made_up(value)) =>
                {
                    return Some(format!("{what} is written in the chart's template"));
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a script puts something in the place of a value before it is used.
    fn is_replaced(&self, value: &str) -> bool {
        let find = || sed::replaced(self.context.release);
        self.replaced.get_or_init(find).contains(value)
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

/// What a value is, by the key that values have it under.
fn class_of(piece: &Piece) -> Class {
    let key = piece.key.as_deref().unwrap_or_default();
    classify(key.rsplit('.').next().unwrap_or_default())
}

/// The texts in some fields of an object, those that are encoded as what they stand for.
fn entries<'a>(
    object: &Object<'a>,
    fields: &[(&str, bool)],
) -> Vec<(&'a str, NodeRef<'a>, String, bool)> {
    let mut found = Vec::new();
    for (field, is_encoded) in fields {
        for (key, node) in object
            .node
            .get(field)
            .into_iter()
            .flat_map(NodeRef::entries)
        {
            let (Some(name), Some(text)) = (key.text(), node.text()) else {
                continue;
            };
            let value = if *is_encoded {
                decode_base64(text).and_then(|bytes| String::from_utf8(bytes).ok())
            } else {
                Some(text.to_owned())
            };
            found.extend(value.map(|value| (name, node, value, *is_encoded)));
        }
    }
    found
}

/// Whether a name is that of a secret, or may be.
fn may_be_secret(name: &str) -> bool {
    telling(name).is_some_and(Class::may_be_secret)
}

/// Whether a name is surely that of a secret.
fn is_secret(name: &str) -> bool {
    telling(name) == Some(Class::Secret)
}

fn with_words(around: &[SmolStr], name: &str) -> Vec<SmolStr> {
    let mut all = around.to_vec();
    all.extend(words(name));
    all
}
