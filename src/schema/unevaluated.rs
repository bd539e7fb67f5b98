//! What `unevaluatedProperties` and `unevaluatedItems` cost before any value is checked: the
//! validator makes a list of all ways from them through schemas of the same value, and looks it
//! through for each of them.

use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::document::{Document, REFERENCES, behind, shape};

/// There are no more ways from one schema.
const MAX_WAYS: usize = 3_000;
/// Schemas for the same value nest no deeper.
const MAX_DEPTH: usize = 500;

/// Whether the ways of a schema without cycles are few enough.
pub(super) fn is_bounded(document: &Document<'_>) -> bool {
    let mut known = FxHashMap::default();
    let mut asking = document.asking().iter();
    asking.all(|schema| ways(schema, document, &mut known, 0) <= MAX_WAYS)
}

/// How many ways lead from a schema through others of the same value, itself included.
fn ways(
    schema: &Json,
    document: &Document<'_>,
    known: &mut FxHashMap<*const Json, usize>,
    depth: usize,
) -> usize {
    let Json::Object(map) = schema else {
        return 1;
    };
    let place = std::ptr::from_ref(schema);
    if let Some(ways) = known.get(&place) {
        return *ways;
    }
    if depth > MAX_DEPTH {
        return usize::MAX;
    }
    let mut count = 1_usize;
    let mut add = |schema: &Json| {
        count = count.saturating_add(ways(schema, document, known, depth + 1));
    };
    for (key, inner) in map {
        if REFERENCES.contains(&key.as_str())
            && let Some(target) = document.target(inner)
        {
            add(target);
        }
        if shape(key).1 {
            for (_, inner) in behind(key, inner) {
                add(inner);
            }
        }
    }
    known.insert(place, count);
    count
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::{Document, Json};

    /// Each of `depth` schemas asks the next one as often as `width` says.
    fn multiplied(depth: usize, width: usize, keyword: &str) -> Json {
        let mut defs = Map::new();
        for at in 0..depth {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            defs.insert(format!("d{at}"), json!({"anyOf": vec![next; width]}));
        }
        defs.insert(format!("d{depth}"), json!({"properties": {"a": {}}}));
        json!({"$ref": "#/$defs/d0", keyword: false, "$defs": defs})
    }

    fn is_bounded(schema: &Json) -> bool {
        super::is_bounded(&Document::new(schema))
    }

    #[test]
    fn ways_that_multiply() {
        assert!(is_bounded(&multiplied(4, 4, "unevaluatedProperties")));
        assert!(!is_bounded(&multiplied(8, 4, "unevaluatedProperties")));
        assert!(!is_bounded(&multiplied(8, 4, "unevaluatedItems")));
        assert!(is_bounded(&multiplied(8, 4, "additionalProperties")));
    }
}
