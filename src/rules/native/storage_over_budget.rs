//! `storage-over-budget`.

use crate::finding::Finding;
use crate::k8s::{Quantity, human_bytes};
use crate::platform::{Claim, claims};
use crate::rules::Context;

use super::words::{listed, uncounted};

/// How many of the largest claims are named.
const SHOWN: usize = 3;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let Some(budget) = context.settings.budget.storage else {
        return;
    };
    let mut claims = claims(context.release);
    let sum = claims
        .iter()
        .fold(Quantity::ZERO, |sum, claim| sum.plus(claim.total()));
    if sum <= budget {
        return;
    }
    let unread: Vec<String> = claims
        .iter()
        .filter(|claim| claim.each.is_none())
        .map(|claim| format!("`{}`", claim.name))
        .collect();
    // The largest first, and those of one size as they are written.
    claims.sort_by_key(|claim| std::cmp::Reverse(claim.total()));
    let largest: Vec<String> = claims.iter().take(SHOWN).map(shown).collect();
    let over = sum.minus(budget);
    let mut message = format!(
        "the release claims {} of storage, {} over its budget of {}; the largest: {}",
        human_bytes(sum),
        human_bytes(over),
        human_bytes(budget),
        listed(&largest)
    );
    message.push_str(&uncounted(&unread));
    let Some(first) = claims.first() else { return };
    let mut finding = Finding::new("storage-over-budget", first.span, message)
        .help("make the largest claims smaller, or raise `budget.storage` in aiplat.yaml")
        .object(first.object.reference());
    for claim in claims.iter().take(SHOWN) {
        finding = finding.related(claim.span, shown(claim));
    }
    context.report(finding);
}

/// `` `redis/data` 30Gi (3 × 10Gi) ``
fn shown(claim: &Claim<'_>) -> String {
    let total = human_bytes(claim.total());
    match (claim.count, claim.each) {
        (1, _) | (_, None) => format!("`{}` {total}", claim.name),
        (count, Some(each)) => {
            format!("`{}` {total} ({count} × {})", claim.name, human_bytes(each))
        }
    }
}
