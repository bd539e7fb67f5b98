//! `storage-over-budget`.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::k8s::{Quantity, human_bytes};
use crate::platform::{Claim, claims, is_refused};
use crate::rules::{Context, Limit};

use super::words::{listed, uncounted, unreadable};

const RULE: &str = "storage-over-budget";

/// How many of the largest claims are named.
const SHOWN: usize = 3;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let Some(budget) = context.settings.budget.storage.clone() else {
        return;
    };
    let claims = claims(context.release);
    let mut seen = BTreeSet::new();
    for claim in &claims {
        let written = claim.written.filter(|node| is_refused(*node));
        if let Some(node) = written.filter(|node| seen.insert(node.span())) {
            let who = match claim.object.kind {
                "PersistentVolumeClaim" => claim.object.label().to_string(),
                _ => format!("claim `{}`", claim.name),
            };
            let finding = unreadable(RULE, node, "storage", &who, &budget, "storage", "100Gi");
            context.report(finding.object(claim.object.reference()));
        }
    }
    if let Some(finding) = over(claims, &budget) {
        context.report(finding);
    }
}

fn over(mut claims: Vec<Claim<'_>>, budget: &Limit) -> Option<Finding> {
    let sum = claims
        .iter()
        .fold(Quantity::ZERO, |sum, claim| sum.plus(claim.total()));
    if sum <= budget.quantity {
        return None;
    }
    let unread: Vec<String> = claims
        .iter()
        .filter(|claim| claim.each.is_none())
        .map(|claim| format!("`{}`", claim.name))
        .collect();
    claims.retain(|claim| claim.total() > Quantity::ZERO);
    // The largest first, and those of one size as they are written.
    claims.sort_by_key(|claim| std::cmp::Reverse(claim.total()));
    let largest: Vec<String> = claims
        .iter()
        .take(SHOWN)
        .map(|claim| shown(claim, budget))
        .collect();
    let mut message = format!(
        "the release claims {} of storage, {} over its budget of {budget}; the largest: {}",
        budget.bytes(sum),
        budget.bytes(sum.minus(budget.quantity)),
        listed(&largest)
    );
    message.push_str(&uncounted(&unread));
    let first = claims.first()?;
    let mut finding = Finding::new(RULE, first.span, message)
        .help("make the largest claims smaller, or raise `budget.storage` in aiplat.yaml")
        .object(first.object.reference());
    for claim in claims.iter().take(SHOWN) {
        finding = finding.related(claim.span, shown(claim, budget));
    }
    Some(finding)
}

/// `` `redis/data` 30Gi (3 × 10Gi) ``
fn shown(claim: &Claim<'_>, budget: &Limit) -> String {
    let total = budget.bytes(claim.total());
    match (claim.count, claim.each) {
        (1, _) | (_, None) => format!("`{}` {total}", claim.name),
        (count, Some(each)) => {
            let each = human_bytes(each, each.format());
            format!("`{}` {total} ({count} × {each})", claim.name)
        }
    }
}
