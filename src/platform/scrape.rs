//! Who is scraped: Prometheus configurations in ConfigMaps and Secrets, and monitors.

use crate::k8s::{Object, Release};
use crate::source::{FileId, Span};
use crate::yaml::{NodeRef, SyntaxError, read};

use super::embedded::{EmbeddedText, decode_base64};
use super::monitor::Monitor;
use super::relabel::Relabeling;

/// How deep `scrape_configs` may stand in a document: OpenTelemetry's collector has it four deep.
const MAX_DEPTH: usize = 6;

/// How many nodes of one text are looked at: aliases can stand for many times their bytes.
const MAX_NODES: usize = 200_000;

/// One static address.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its bytes in the manifest, quotes left out; the whole scalar where they do not map.
    pub span: Span,
    /// As written.
    pub text: String,
    /// What stands behind a colon that makes a mapping of it (`- web:`, `- web: 80`), which is no
    /// address.
    pub mapped: Option<String>,
    /// Whether relabelling puts it in the place of the addresses: it is an exporter's, which is
    /// often installed apart.
    pub is_exporter: bool,
}

/// A way to find targets in the cluster.
#[derive(Debug)]
pub enum Discovery {
    /// `kubernetes_sd_configs` with this `role`.
    Kubernetes(String),
    /// `dns_sd_configs`: the names.
    Names(Vec<Target>),
    /// Any other: it may find anything.
    Anything,
}

/// One entry of `scrape_configs`.
#[derive(Debug)]
pub struct Job<'a> {
    /// The object that holds the configuration.
    pub object: Object<'a>,
    /// `job_name`, or empty.
    pub name: String,
    /// Whether it scrapes over TLS.
    pub is_https: bool,
    /// The addresses that are asked: `static_configs`, or what relabelling puts in their place.
    pub targets: Vec<Target>,
    /// How it finds further ones.
    pub discoveries: Vec<Discovery>,
    /// What it does with the targets it found.
    pub relabeling: Relabeling,
    /// Whether its static targets may be more than addresses: parameters for an exporter that is
    /// asked in their place, or what relabelling makes addresses of.
    pub has_parameters: bool,
}

/// A configuration of Prometheus' that is no YAML.
#[derive(Debug)]
pub struct Unreadable<'a> {
    /// The object that holds it.
    pub object: Object<'a>,
    /// Its key there.
    pub key: &'a str,
    /// The place of the error; the whole scalar where places do not map.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

/// All scraping that a release configures.
#[derive(Debug, Default)]
pub struct Scraping<'a> {
    /// The jobs of Prometheus configurations.
    pub jobs: Vec<Job<'a>>,
    /// ServiceMonitors, PodMonitors and their kin.
    pub monitors: Vec<Monitor<'a>>,
    /// Configurations that nobody can read.
    pub unreadable: Vec<Unreadable<'a>>,
    /// Whether there may be scraping that cannot be seen: a configuration that is no YAML, or one
    /// that names further files.
    pub is_partly_unknown: bool,
}

impl<'a> Scraping<'a> {
    /// Reads every configuration of the release. `bytes_of` gives the bytes of the file that a
    /// span lies in.
    #[must_use]
    pub fn of<'b>(release: &Release<'a>, bytes_of: &dyn Fn(Span) -> &'b [u8]) -> Self {
        let mut scraping = Self::default();
        for object in release.objects() {
            match (object.group(), object.kind) {
                ("", "ConfigMap") => {
                    for (key, value) in data(object, "data") {
                        scraping.text(object, key, value, bytes_of);
                    }
                }
                ("", "Secret") => {
                    for (key, value) in data(object, "stringData") {
                        scraping.text(object, key, value, bytes_of);
                    }
                    for (key, value) in data(object, "data") {
                        scraping.encoded(object, key, value);
                    }
                }
                (_, "ScrapeConfig") if !object.is_builtin() => scraping.custom(object),
                // What these are told of elsewhere cannot be seen here.
                (_, "Probe" | "VMStaticScrape" | "VMScrapeConfig") if !object.is_builtin() => {
                    scraping.is_partly_unknown = true;
                }
                _ => scraping.monitors.extend(Monitor::read(*object)),
            }
        }
        scraping
    }

    /// Whether the release scrapes anything.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.jobs.is_empty() || !self.monitors.is_empty()
    }

    fn text<'b>(
        &mut self,
        object: &Object<'a>,
        key: NodeRef<'a>,
        value: NodeRef<'a>,
        bytes_of: &dyn Fn(Span) -> &'b [u8],
    ) {
        let text = value.text().unwrap_or_default();
        if !may_configure(key, text) {
            return;
        }
        let embedded = EmbeddedText::new(value, bytes_of(value.span()));
        self.configuration(object, key, text, &|span| {
            embedded.span(span.start(), span.end())
        });
    }

    /// Base64 has no places: everything in it stands at the whole scalar.
    fn encoded(&mut self, object: &Object<'a>, key: NodeRef<'a>, value: NodeRef<'a>) {
        let decoded = value.text().and_then(decode_base64);
        let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(text) = text.filter(|text| may_configure(key, text)) {
            self.configuration(object, key, &text, &|_| value.span());
        }
    }

    fn configuration(
        &mut self,
        object: &Object<'a>,
        key: NodeRef<'a>,
        text: &str,
        place: &dyn Fn(Span) -> Span,
    ) {
        let (documents, errors) = read(FileId::DETACHED, text);
        if !errors.is_empty() {
            self.is_partly_unknown |= has_yaml_name(key);
            let error = errors.first().filter(|error| is_broken(key, text, error));
            self.unreadable.extend(error.map(|error| Unreadable {
                object: *object,
                key: key.text().unwrap_or_default(),
                span: place(error.span),
                message: error.message.clone(),
            }));
            return;
        }
        for root in documents.iter().filter_map(|document| document.root()) {
            // A bare list of jobs is what an operator's `additionalScrapeConfigs` takes.
            let bare = root
                .items()
                .any(|job| job.get("job_name").is_some() && !job.is_null());
            if bare {
                self.jobs_of(object, root, place);
            } else {
                self.find(object, root, place, 0, &mut 0);
            }
        }
    }

    fn find(
        &mut self,
        object: &Object<'a>,
        node: NodeRef<'_>,
        place: &dyn Fn(Span) -> Span,
        depth: usize,
        seen: &mut usize,
    ) {
        *seen += 1;
        if depth > MAX_DEPTH || *seen > MAX_NODES {
            self.is_partly_unknown |= *seen > MAX_NODES;
            return;
        }
        for (key, value) in node.entries() {
            match key.text() {
                Some("scrape_configs") => self.jobs_of(object, value, place),
                Some("scrape_config_files") if value.items().next().is_some() => {
                    self.is_partly_unknown = true;
                }
                _ => self.find(object, value, place, depth + 1, seen),
            }
        }
        for item in node.items() {
            self.find(object, item, place, depth + 1, seen);
        }
    }

    fn jobs_of(&mut self, object: &Object<'a>, list: NodeRef<'_>, place: &dyn Fn(Span) -> Span) {
        for job in list.items().filter(|job| job.is_mapping()) {
            self.jobs.push(read_job(object, job, place));
        }
    }

    /// The operator's ScrapeConfig: the same in camel case.
    fn custom(&mut self, object: &Object<'a>) {
        let Some(spec) = object.node.get("spec") else {
            return;
        };
        let targets = static_targets(spec.get("staticConfigs"), &|span| span);
        let rewrites = spec
            .get("relabelings")
            .into_iter()
            .flat_map(NodeRef::items)
            .any(|rule| rule.get("targetLabel").and_then(NodeRef::text) == Some("__address__"));
        let discovers = spec
            .entries()
            .any(|(key, _)| key.text().is_some_and(|key| key.ends_with("SDConfigs")));
        self.jobs.push(Job {
            object: *object,
            name: object.name.to_owned(),
            is_https: is_https(spec.get("scheme")),
            targets: if rewrites { Vec::new() } else { targets },
            discoveries: discovers
                .then_some(Discovery::Anything)
                .into_iter()
                .collect(),
            relabeling: Relabeling::default(),
            has_parameters: ["params", "relabelings"]
                .iter()
                .any(|key| spec.get(key).is_some()),
        });
    }
}

fn data<'a>(
    object: &Object<'a>,
    field: &str,
) -> impl Iterator<Item = (NodeRef<'a>, NodeRef<'a>)> + use<'a> {
    object
        .node
        .get(field)
        .into_iter()
        .flat_map(NodeRef::entries)
}

fn has_yaml_name(key: NodeRef<'_>) -> bool {
    let name = key.text().unwrap_or_default();
    [".yml", ".yaml", ".yml.tmpl", ".yaml.in"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether a text may hold a configuration: by its words, and by the name of a YAML file or a
/// first line that starts a mapping or list.
fn may_configure(key: NodeRef<'_>, text: &str) -> bool {
    (text.contains("scrape_configs") || text.contains("job_name"))
        && (has_yaml_name(key) || !key.text().unwrap_or_default().contains('.'))
}

fn is_https(scheme: Option<NodeRef<'_>>) -> bool {
    scheme
        .and_then(NodeRef::text)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

fn static_targets(list: Option<NodeRef<'_>>, place: &dyn Fn(Span) -> Span) -> Vec<Target> {
    list.into_iter()
        .flat_map(NodeRef::items)
        .filter_map(|group| group.get("targets"))
        .flat_map(NodeRef::items)
        .filter_map(|node| target(node, place))
        .collect()
}

fn target(node: NodeRef<'_>, place: &dyn Fn(Span) -> Span) -> Option<Target> {
    let mut entries = node.entries();
    if let (Some((key, value)), None) = (entries.next(), entries.next()) {
        let value = match value.is_null() {
            true => "",
            false => value.text()?,
        };
        // A key that is no scalar is a placeholder in braces.
        return key.text().and_then(|_| {
            Some(Target {
                mapped: Some(value.to_owned()),
                ..target(key, place)?
            })
        });
    }
    let text = node.text().filter(|text| !text.is_empty())?;
    let span = node.span();
    // Quotes are not part of the address.
    let quotes = usize::from(node.style().is_some_and(|style| {
        use crate::yaml::ScalarStyle::{DoubleQuoted, SingleQuoted};
        matches!(style, SingleQuoted | DoubleQuoted)
    }));
    let inner = span.slice(quotes, span.len().saturating_sub(quotes));
    Some(Target {
        span: place(inner),
        text: text.to_owned(),
        mapped: None,
        is_exporter: false,
    })
}

fn read_job<'a>(object: &Object<'a>, job: NodeRef<'_>, place: &dyn Fn(Span) -> Span) -> Job<'a> {
    let relabel = job.get("relabel_configs");
    // Relabelling can send the request elsewhere (blackbox and other exporters): then the static
    // addresses only are parameters, and the literal replacement is who is asked.
    let rewriting: Vec<NodeRef<'_>> = relabel
        .into_iter()
        .flat_map(NodeRef::items)
        .filter(|rule| rule.get("target_label").and_then(NodeRef::text) == Some("__address__"))
        .collect();
    let targets = if rewriting.is_empty() {
        static_targets(job.get("static_configs"), place)
    } else {
        rewriting
            .iter()
            .filter_map(|rule| rule.get("replacement"))
            .filter(|text| text.text().is_some_and(|text| !text.contains('$')))
            .filter_map(|node| target(node, place))
            .map(|target| Target {
                is_exporter: true,
                ..target
            })
            .collect()
    };
    let mut discoveries = Vec::new();
    for (key, value) in job.entries() {
        let Some(name) = key.text().filter(|name| name.ends_with("_sd_configs")) else {
            continue;
        };
        for config in value.items() {
            let text = |key: &str| config.get(key).and_then(NodeRef::text).unwrap_or_default();
            discoveries.push(match name {
                "kubernetes_sd_configs" => Discovery::Kubernetes(text("role").to_ascii_lowercase()),
                "dns_sd_configs" => Discovery::Names(
                    config
                        .get("names")
                        .into_iter()
                        .flat_map(NodeRef::items)
                        .filter_map(|name| target(name, place))
                        .collect(),
                ),
                _ => Discovery::Anything,
            });
        }
    }
    Job {
        object: *object,
        name: job
            .get("job_name")
            .and_then(NodeRef::text)
            .unwrap_or_default()
            .to_owned(),
        is_https: is_https(job.get("scheme")),
        targets,
        discoveries,
        relabeling: Relabeling::read(relabel),
        has_parameters: has_parameters(job),
    }
}

/// Whether the static targets of a job are parameters, or become addresses by relabelling.
fn has_parameters(job: NodeRef<'_>) -> bool {
    let rules = job.get("relabel_configs").into_iter();
    let mut rules = rules.flat_map(NodeRef::items);
    job.at(&["params", "module"]).is_some()
        || job.at(&["params", "target"]).is_some()
        || rules.any(|rule| {
            let text = |key: &str| rule.get(key).and_then(NodeRef::text).unwrap_or_default();
            let target = text("target_label");
            target == "__address__"
                || target.starts_with("__param_")
                || target.contains('$')
                || text("action") == "labelmap"
        })
}

/// Whether an error in a text that Prometheus reads keeps it from starting. What fills in
/// placeholders may make YAML of it, and documents behind the first are not read.
fn is_broken(key: NodeRef<'_>, text: &str, error: &SyntaxError) -> bool {
    let is_prometheus = matches!(key.text(), Some("prometheus.yml" | "prometheus.yaml"));
    let is_first = match text.match_indices("\n---").next() {
        Some((at, _)) => error.span.start() <= at,
        None => true,
    };
    is_prometheus && is_first && text.contains("scrape_configs") && !has_placeholders(text)
}

/// Whether a text looks like one that something is filled into: `{{x}}`, `${X}`, or a line that is
/// nothing but `$X`, `%X%`, `__X__` or `@X@`.
fn has_placeholders(text: &str) -> bool {
    let is_variable = |(at, opening): (usize, &str)| {
        let next = text.get(at + opening.len()..).unwrap_or_default();
        // `${1}` is what relabelling calls a group.
        !next.starts_with(|c: char| c.is_ascii_digit())
    };
    ["{{", "{%", "<%", "$(", "%("]
        .iter()
        .any(|open| text.contains(open))
        || text.match_indices("${").any(is_variable)
        || text.lines().any(|line| {
            let line = line.trim().trim_start_matches("- ");
            let name = line.trim_matches(['$', '%', '@', '_', '<', '>']);
            name.len() < line.len()
                && !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        })
}
