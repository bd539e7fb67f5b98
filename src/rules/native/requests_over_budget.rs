//! `requests-over-budget`.

use crate::finding::Finding;
use crate::k8s::{Quantity, Workload, human_bytes};
use crate::platform::{Demand, Resource, demands, refused};
use crate::rules::{Context, Limit};

use super::words::{listed, uncounted, unreadable};

const RULE: &str = "requests-over-budget";

/// How many of the largest workloads are named.
const SHOWN: usize = 3;

pub(super) fn check(context: &mut Context<'_, '_>) {
    let budget = context.settings.budget.clone();
    for (resource, budget) in [
        (Resource::Gpu, budget.gpu),
        (Resource::Cpu, budget.cpu),
        (Resource::Memory, budget.memory),
    ] {
        if let Some(budget) = budget {
            unread(context, resource, &budget);
            over(context, resource, &budget);
        }
    }
}

/// Quantities that cannot be read leave open whether the budget is kept. Those of devices are
/// another rule's to tell, where it is on.
fn unread(context: &mut Context<'_, '_>, resource: Resource, budget: &Limit) {
    let (key, what, example) = match resource {
        Resource::Gpu if context.settings.is_on("gpu-request-missing") => return,
        Resource::Gpu => ("gpu", "GPUs", "1"),
        Resource::Cpu => ("cpu", "CPU", "500m"),
        Resource::Memory => ("memory", "memory", "4Gi"),
    };
    for refused in refused(context.release, resource) {
        let who = refused.workload.label().to_string();
        let finding = unreadable(RULE, refused.node, what, &who, budget, key, example);
        context.report(finding.object(refused.workload.object.reference()));
    }
}

fn over(context: &mut Context<'_, '_>, resource: Resource, budget: &Limit) {
    let mut demands = demands(context.release, resource);
    let sum = demands
        .iter()
        .fold(Quantity::ZERO, |sum, demand| sum.plus(demand.total()));
    if sum <= budget.quantity {
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
        .map(|demand| shown(resource, demand, budget))
        .collect();
    let is_one = sum.milli() == 1000;
    let (name, what) = match resource {
        Resource::Gpu => ("gpu", if is_one { "GPU" } else { "GPUs" }),
        Resource::Cpu => ("cpu", if is_one { "CPU" } else { "CPUs" }),
        Resource::Memory => ("memory", "of memory"),
    };
    let message = format!(
        "the release requests {} {what}, {} over its budget of {budget}; the largest: {}{}",
        amount(resource, sum, budget),
        amount(resource, sum.minus(budget.quantity), budget),
        listed(&largest),
        uncounted(&unread)
    );
    let Some(first) = demands.first() else { return };
    let help = format!(
        "lower the largest requests or their replicas, or raise `budget.{name}` in aiplat.yaml"
    );
    let mut finding = Finding::new(RULE, first.span, message)
        .help(help)
        .object(first.workload.object.reference());
    for demand in demands.iter().take(SHOWN) {
        finding = finding.related(demand.span, shown(resource, demand, budget));
    }
    context.report(finding);
}

/// `` `RayCluster/x` worker group `gpu` ``
fn named(workload: &Workload<'_>) -> String {
    format!("`{}`{}", workload.object.label(), workload.part)
}

/// `` `Deployment/gateway` 1.5 (3 × 0.5) ``
fn shown(resource: Resource, demand: &Demand<'_>, budget: &Limit) -> String {
    let name = named(&demand.workload);
    let total = amount(resource, demand.total(), budget);
    match demand.pods {
        1 => format!("{name} {total}"),
        pods => {
            let each = match resource {
                Resource::Memory => human_bytes(demand.each, demand.each.format()),
                Resource::Gpu | Resource::Cpu => budget.count(demand.each),
            };
            format!("{name} {total} ({pods} × {each})")
        }
    }
}

fn amount(resource: Resource, quantity: Quantity, budget: &Limit) -> String {
    match resource {
        Resource::Memory => budget.bytes(quantity),
        Resource::Gpu | Resource::Cpu => budget.count(quantity),
    }
}
