//! `.Capabilities`: what the cluster would offer.

use std::any::Any;
use std::rc::Rc;

use crate::source::Origins;
use crate::template::funcs::Param;
use crate::template::value::{Data, Key, Member, Object, Value};

/// The version of Kubernetes that Helm 4.3.1 was built with.
const KUBE_VERSION: &str = "v1.37.0";

/// What Helm 4.3.1 knows without a cluster, in its order.
const API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// A version of Kubernetes as Helm reads `--kube-version`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KubeVersion {
    /// As given, with a `v`.
    pub(super) full: String,
    /// Numbers only: what constraints are compared with.
    pub(super) normalized: String,
    major: String,
    minor: String,
}

impl KubeVersion {
    /// Reads a version (`ParseGeneric` of k8s.io/apimachinery).
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let quoted = crate::golang::quote::quote(text.as_bytes());
        let space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        let trimmed = text.trim_start_matches(space);
        let trimmed = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let mut numbers: Vec<&str> = Vec::new();
        let mut rest = trimmed;
        loop {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, behind) = rest.split_at(digits);
            if number.is_empty() {
                break;
            }
            numbers.push(number);
            match behind.strip_prefix('.') {
                Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
                _ => break,
            }
        }
        if numbers.is_empty() || text.contains('\n') {
            return Err(format!("could not parse {quoted} as version"));
        }
        if numbers.len() < 2 {
            return Err(format!("illegal version string {quoted}"));
        }
        let mut parsed = Vec::new();
        for (index, number) in numbers.iter().enumerate() {
            if index == 0 && number.starts_with('0') && *number != "0" {
                let number = crate::golang::quote::quote(number.as_bytes());
                return Err(format!(
                    "illegal zero-prefixed version component {number} in {quoted}"
                ));
            }
            match number.parse::<u64>() {
                Ok(number) => parsed.push(number.to_string()),
                Err(_) => {
                    let shown = crate::golang::quote::quote(number.as_bytes());
                    return Err(format!(
                        "illegal non-numeric version component {shown} in {quoted}: strconv.ParseUint: parsing {shown}: value out of range"
                    ));
                }
            }
        }
        let full = if text.starts_with('v') {
            text.to_owned()
        } else {
            format!("v{text}")
        };
        Ok(Self {
            full,
            normalized: format!("v{}", parsed.join(".")),
            major: parsed.first().cloned().unwrap_or_default(),
            minor: parsed.get(1).cloned().unwrap_or_default(),
        })
    }

    /// The copy that `deepCopy` makes: one field is not exported, and stays behind.
    fn copied(&self) -> Self {
        Self {
            normalized: String::new(),
            ..self.clone()
        }
    }

    /// What its `String` method says, which falls back on the version as given.
    fn shown(&self) -> &str {
        match self.normalized.as_str() {
            "" => &self.full,
            normalized => normalized,
        }
    }

    /// The version without `--kube-version`.
    pub(super) fn standard() -> Self {
        Self {
            full: KUBE_VERSION.to_owned(),
            normalized: KUBE_VERSION.to_owned(),
            major: "1".to_owned(),
            minor: "37".to_owned(),
        }
    }
}

/// `.Capabilities` of a release.
pub(super) fn capabilities(kube: &KubeVersion, api_versions: &[String]) -> Value {
    let versions = API_VERSIONS.iter().map(|version| (*version).to_owned());
    let versions = versions.chain(api_versions.iter().cloned()).collect();
    object(Capabilities {
        kube: Rc::new(kube.clone()),
        versions,
    })
}

fn object(object: impl Object + 'static) -> Value {
    Value::new(Data::Object(Rc::new(object)))
}

#[derive(Debug)]
struct Capabilities {
    kube: Rc<KubeVersion>,
    versions: Rc<[String]>,
}

impl Capabilities {
    fn kube(&self) -> Kube {
        Kube {
            version: Rc::clone(&self.kube),
            has_methods: true,
        }
    }
}

impl Object for Capabilities {
    fn type_name(&self) -> &str {
        "*common.Capabilities"
    }
    fn kind(&self) -> &'static str {
        "ptr"
    }
    fn print(&self) -> Vec<u8> {
        let mut out = b"&".to_vec();
        out.extend(self.display());
        out
    }
    fn display(&self) -> Vec<u8> {
        let mut out = b"{".to_vec();
        out.extend(self.kube().print());
        out.push(b' ');
        out.extend(Versions(Rc::clone(&self.versions)).print());
        out.push(b' ');
        out.extend(Helm.print());
        out.push(b'}');
        out
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "KubeVersion" => object(self.kube()),
            "APIVersions" => object(Versions(Rc::clone(&self.versions))),
            "HelmVersion" => object(Helm),
            _ => return None,
        })
    }
    fn members(&self) -> Option<Vec<Member>> {
        let member = |name| Some(Member::new(name, self.field(name)?));
        ["KubeVersion", "APIVersions", "HelmVersion"]
            .into_iter()
            .map(member)
            .collect()
    }
    fn copied(&self) -> Option<Value> {
        Some(object(Self {
            kube: Rc::new(self.kube.copied()),
            versions: Rc::clone(&self.versions),
        }))
    }
    fn params(&self, method: &str) -> Option<&'static [Param]> {
        (method == "Copy").then_some(&[])
    }
    fn call(&self, name: &str, _: &[Value], _: &mut Origins) -> Option<Result<Value, String>> {
        (name == "Copy").then(|| {
            Ok(object(Self {
                kube: Rc::clone(&self.kube),
                versions: Rc::clone(&self.versions),
            }))
        })
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct Kube {
    version: Rc<KubeVersion>,
    /// Whether it still is the field that a pointer leads to: its methods are the pointer's.
    has_methods: bool,
}

impl Object for Kube {
    fn type_name(&self) -> &str {
        "common.KubeVersion"
    }
    fn kind(&self) -> &'static str {
        "struct"
    }
    /// The struct: its `String` method is the pointer's, which functions are not given.
    fn print(&self) -> Vec<u8> {
        let KubeVersion {
            full,
            normalized,
            major,
            minor,
        } = &*self.version;
        format!("{{{full} {normalized} {major} {minor}}}").into_bytes()
    }
    fn display(&self) -> Vec<u8> {
        match self.has_methods {
            true => self.version.shown().as_bytes().to_vec(),
            false => self.print(),
        }
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(Value::str(match name {
            "Version" => self.version.full.as_str(),
            "Major" => self.version.major.as_str(),
            "Minor" => self.version.minor.as_str(),
            _ => return None,
        }))
    }
    fn members(&self) -> Option<Vec<Member>> {
        let KubeVersion {
            full,
            normalized,
            major,
            minor,
        } = &*self.version;
        let fields = [
            ("Version", full),
            ("normalizedVersion", normalized),
            ("Major", major),
            ("Minor", minor),
        ];
        let member = |(name, text): (_, &String)| Member::new(name, Value::str(text.as_bytes()));
        Some(fields.map(member).into())
    }
    fn copied(&self) -> Option<Value> {
        Some(object(Self {
            version: Rc::new(self.version.copied()),
            has_methods: false,
        }))
    }
    fn detached(&self) -> Option<Value> {
        self.has_methods.then(|| {
            object(Self {
                version: Rc::clone(&self.version),
                has_methods: false,
            })
        })
    }
    fn params(&self, method: &str) -> Option<&'static [Param]> {
        let known = matches!(method, "GitVersion" | "String");
        (known && self.has_methods).then_some(&[])
    }
    fn call(&self, name: &str, _: &[Value], _: &mut Origins) -> Option<Result<Value, String>> {
        let text = match name {
            "GitVersion" => &self.version.full,
            "String" => self.version.shown(),
            _ => return None,
        };
        Some(Ok(Value::str(text.as_bytes())))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct Versions(Rc<[String]>);

impl Object for Versions {
    fn type_name(&self) -> &str {
        "common.VersionSet"
    }
    fn kind(&self) -> &'static str {
        "slice"
    }
    fn print(&self) -> Vec<u8> {
        format!("[{}]", self.0.join(" ")).into_bytes()
    }
    fn field(&self, _: &str) -> Option<Value> {
        None
    }
    fn params(&self, method: &str) -> Option<&'static [Param]> {
        (method == "Has").then_some(&[Param::Str])
    }
    fn call(&self, name: &str, args: &[Value], _: &mut Origins) -> Option<Result<Value, String>> {
        self.params(name)?;
        let version = args.first().and_then(Value::as_bytes);
        let has = self.0.iter().any(|known| Some(known.as_bytes()) == version);
        Some(Ok(Value::bool(has)))
    }
    fn entries(&self) -> Option<Vec<(Key, Value)>> {
        let entries = self.0.iter().enumerate().map(|(index, text)| {
            let key = Rc::from(index.to_string().as_bytes());
            (key, Value::str(text.as_bytes()))
        });
        Some(entries.collect())
    }
    fn truth(&self) -> bool {
        !self.0.is_empty()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The build of Helm that we follow.
#[derive(Debug)]
struct Helm;

/// Its fields: the name in Go, the one in JSON, the value.
const HELM: [(&str, &str, &str); 5] = [
    ("Version", "version", "v4.3.1"),
    (
        "GitCommit",
        "git_commit",
        "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff",
    ),
    ("GitTreeState", "git_tree_state", "clean"),
    ("GoVersion", "go_version", "go1.27.2"),
    ("KubeClientVersion", "kube_client_version", "v1.37"),
];

impl Object for Helm {
    fn type_name(&self) -> &str {
        "version.BuildInfo"
    }
    fn kind(&self) -> &'static str {
        "struct"
    }
    fn print(&self) -> Vec<u8> {
        format!("{{{}}}", HELM.map(|(.., value)| value).join(" ")).into_bytes()
    }
    fn field(&self, name: &str) -> Option<Value> {
        let found = HELM.iter().find(|(known, ..)| *known == name);
        found.map(|(.., value)| Value::str(value.as_bytes()))
    }
    fn members(&self) -> Option<Vec<Member>> {
        let member = |(name, tag, value): (_, _, &str)| Member {
            name,
            tag: Some(tag),
            value: Value::str(value.as_bytes()),
        };
        Some(HELM.map(member).into())
    }
    fn call(&self, _: &str, _: &[Value], _: &mut Origins) -> Option<Result<Value, String>> {
        None
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
