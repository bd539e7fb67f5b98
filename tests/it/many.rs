//! Releases of very many objects: each finding once, and more than can be compared is told.

use std::fmt::Write;

use aiplat::engine::{self, Report, Request};
use aiplat::vfs::MemoryFs;

fn lint(template: &str) -> Report {
    let mut memory = MemoryFs::new();
    memory.insert("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    memory.insert("c/templates/a.yaml", template);
    let request = Request {
        paths: vec!["c".to_owned()],
        ..Request::default()
    };
    engine::run(&memory, &request)
}

/// As many Services as monitors, none of which selects any.
fn monitors(many: usize) -> String {
    let mut out = String::new();
    for at in 0..many {
        let service = "apiVersion: v1\nkind: Service";
        let monitor = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor";
        write!(
            out,
            "---\n{service}\nmetadata: {{name: s{at}, labels: {{app: s{at}}}}}\n\
             spec: {{selector: {{app: s{at}}}, ports: [{{name: http, port: 80}}]}}\n\
             ---\n{monitor}\nmetadata: {{name: m{at}}}\n\
             spec: {{selector: {{matchLabels: {{app: none}}}}, endpoints: [{{port: http}}]}}\n"
        )
        .unwrap();
    }
    out
}

#[test]
fn monitors_are_compared_with_services_up_to_a_limit() {
    let rules = |report: &Report| -> Vec<&str> {
        let found = report.diagnostics.iter();
        found.map(|found| found.rule).collect()
    };
    assert_eq!(rules(&lint(&monitors(3))), ["scrape-target-unknown"; 3]);
    let report = lint(&monitors(1025));
    assert_eq!(rules(&report), ["limit-exceeded"]);
    assert!(report.diagnostics[0].is_failure);
    assert_eq!(
        report.diagnostics[0].message,
        "0 scrape targets, 0 discoveries and 1025 monitors are too many to be compared with 1025 \
         Services and 0 workloads: there are more than 1048576 pairs"
    );
}

#[test]
fn many_findings_of_one_message_are_told_apart_by_their_places() {
    let container = "  - {name: a, image: a, env: [{name: PASSWORD, value: changeme}], \
                     livenessProbe: {exec: {}}, readinessProbe: {exec: {}}}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n";
    let report = lint(&format!("{pod}{}", container.repeat(2000)));
    let mut lines: Vec<usize> = report
        .diagnostics
        .iter()
        .filter(|found| found.rule == "default-secret")
        .map(|found| found.primary().unwrap().start_place().line)
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, (6..2006).collect::<Vec<_>>());
}
