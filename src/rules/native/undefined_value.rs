//! `undefined-value`.

use crate::finding::Finding;
use crate::rules::Context;

use super::words::nearest;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let Some(values) = context.values else { return };
    for undefined in values.undefined {
        let path = undefined.path.join(".");
        let (last, around) = match undefined.path.split_last() {
            Some((last, around)) => (last.to_string(), around.join(".")),
            None => continue,
        };
        let near = (last.len() > 2).then(|| nearest(&last, &undefined.others));
        let help = match near.flatten() {
            Some(near) if around.is_empty() => format!("did you mean `.Values.{near}`?"),
            Some(near) => format!("did you mean `.Values.{around}.{near}`?"),
            None => "define it in values.yaml, or provide a `default`".to_owned(),
        };
        let message = format!("no values define `{path}`, which is read here without a default");
        context.report(Finding::new("undefined-value", undefined.span, message).help(help));
    }
}
