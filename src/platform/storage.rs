//! The storage that a release claims.

use crate::k8s::{Object, Quantity, Release};
use crate::source::Span;
use crate::yaml::NodeRef;

/// A request for storage: a claim, or a claim template of a StatefulSet times its replicas.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The object that asks.
    pub object: Object<'a>,
    /// The claim's name, or the template's within its StatefulSet.
    pub name: String,
    /// The quantity, where it is written.
    pub span: Span,
    /// One volume; `None` where the text is no quantity.
    pub each: Option<Quantity>,
    /// How many volumes.
    pub count: i64,
}

impl Claim<'_> {
    /// All its volumes together.
    #[must_use]
    pub fn total(&self) -> Quantity {
        self.each.unwrap_or_default().times(self.count)
    }
}

/// Every claim of a release, in order.
#[must_use]
pub fn claims<'a>(release: &Release<'a>) -> Vec<Claim<'a>> {
    let mut found = Vec::new();
    for object in release.objects() {
        match object.kind {
            "PersistentVolumeClaim" => {
                let spec = object.node.get("spec");
                found.extend(claim(*object, spec, object.name.to_owned(), 1));
            }
            "StatefulSet" => {
                let replicas = object.node.at(&["spec", "replicas"]);
                let replicas = replicas.and_then(NodeRef::int).unwrap_or(1).max(0);
                let templates = object.node.at(&["spec", "volumeClaimTemplates"]);
                for template in templates.into_iter().flat_map(NodeRef::items) {
                    let name = template.at(&["metadata", "name"]).and_then(NodeRef::text);
                    let name = format!("{}/{}", object.name, name.unwrap_or("?"));
                    found.extend(claim(*object, template.get("spec"), name, replicas));
                }
            }
            _ => {}
        }
    }
    found
}

fn claim<'a>(
    object: Object<'a>,
    spec: Option<NodeRef<'a>>,
    name: String,
    count: i64,
) -> Option<Claim<'a>> {
    let storage = spec?.at(&["resources", "requests", "storage"])?;
    Some(Claim {
        object,
        name,
        span: storage.span(),
        each: storage.text().and_then(Quantity::parse),
        count,
    })
}
