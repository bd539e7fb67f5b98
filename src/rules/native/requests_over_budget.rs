//! `requests-over-budget`.

use crate::finding::Finding;
use crate::k8s::{Quantity, Workload, human_bytes, human_count};
use crate::platform::{Demand, Resource, demands};
use crate::rules::Context;

use super::words::{listed, uncounted};

/// How many of the largest workloads are named.
const SHOWN: usize = 3;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let budget = context.settings.budget;
    for (resource, budget) in [
        (Resource::Gpu, budget.gpu),
        (Resource::Cpu, budget.cpu),
        (Resource::Memory, budget.memory),
    ] {
        if let Some(budget) = budget {
            over(context, resource, budget);
        }
    }
}

fn over(context: &mut Context<'_, '_>, resource: Resource, budget: Quantity) {
    let mut demands = demands(context.release, resource);
    let sum = demands
        .iter()
        .fold(Quantity::ZERO, |sum, demand| sum.plus(demand.total()));
    if sum <= budget {
        return;
    }
    let unread: Vec<String> = demands
        .iter()
        .filter(|demand| demand.is_unread)
        .map(|demand| named(&demand.workload))
        .collect();
    demands.retain(|demand| demand.total() > Quantity::ZERO);
    // The largest first, and those of one size as they are written.
    demands.sort_by_key(|demand| std::cmp::Reverse(demand.total()));
    let largest: Vec<String> = demands
        .iter()
        .take(SHOWN)
        .map(|demand| shown(resource, demand))
        .collect();
    let is_one = sum.milli() == 1000;
    let (name, what) = match resource {
        Resource::Gpu => ("gpu", if is_one { "GPU" } else { "GPUs" }),
        Resource::Cpu => ("cpu", if is_one { "CPU" } else { "CPUs" }),
        Resource::Memory => ("memory", "of memory"),
    };
    let message = format!(
        "the release requests {} {what}, {} over its budget of {}; the largest: {}{}",
        amount(resource, sum),
        amount(resource, sum.minus(budget)),
        amount(resource, budget),
        listed(&largest),
        uncounted(&unread)
    );
    let Some(first) = demands.first() else { return };
    let help = format!(
        "lower the largest requests or their replicas, or raise `budget.{name}` in aiplat.yaml"
    );
    let mut finding = Finding::new("requests-over-budget", first.span, message)
        .help(help)
        .object(first.workload.object.reference());
    for demand in demands.iter().take(SHOWN) {
        finding = finding.related(demand.span, shown(resource, demand));
    }
    context.report(finding);
}

/// `` `RayCluster/x` worker group `gpu` ``
fn named(workload: &Workload<'_>) -> String {
    format!("`{}`{}", workload.object.label(), workload.part)
}

/// `` `Deployment/gateway` 1.5 (3 × 0.5) ``
fn shown(resource: Resource, demand: &Demand<'_>) -> String {
    let name = named(&demand.workload);
    let total = amount(resource, demand.total());
    match demand.pods {
        1 => format!("{name} {total}"),
        pods => format!(
            "{name} {total} ({pods} × {})",
            amount(resource, demand.each)
        ),
    }
}

fn amount(resource: Resource, quantity: Quantity) -> String {
    match resource {
        Resource::Memory => human_bytes(quantity),
        Resource::Gpu | Resource::Cpu => human_count(quantity),
    }
}
