//! `storage-over-budget`.

use crate::finding::Finding;
use crate::k8s::Quantity;
use crate::platform::claims;
use crate::rules::Context;

use super::words::listed;

/// How many of the largest claims are named.
const SHOWN: usize = 3;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let Some(budget) = context.settings.storage_budget else {
        return;
    };
    let mut claims = claims(context.release);
    let sum = claims
        .iter()
        .fold(Quantity::default(), |sum, claim| sum.plus(claim.total()));
    if sum <= budget {
        return;
    }
    let unread = claims.iter().filter(|claim| claim.each.is_none()).count();
    let count = claims.len();
    // The largest first, and those of one size as they are written.
    claims.sort_by_key(|claim| std::cmp::Reverse(claim.total()));
    let largest: Vec<String> = claims
        .iter()
        .take(SHOWN)
        .map(|claim| format!("{} ({})", claim.name, claim.total()))
        .collect();
    let mut message = format!(
        "the release claims {sum} of storage in {count} claims, the budget is {budget}; the largest are {}",
        listed(&largest)
    );
    if unread > 0 {
        message.push_str(&format!("; {unread} more could not be read as quantities"));
    }
    let Some(first) = claims.first() else { return };
    let mut finding = Finding::new("storage-over-budget", first.span, message)
        .help("make the largest claims smaller, or raise `budget.storage` in aiplat.yaml")
        .object(first.object.reference());
    for claim in claims.iter().skip(1).take(SHOWN - 1) {
        finding = finding.related(
            claim.span,
            format!("{} claims {}", claim.name, claim.total()),
        );
    }
    context.report(finding);
}
