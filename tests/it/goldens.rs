//! What is rendered is what Helm renders, byte for byte: `fixtures/record` recorded it.

use std::fs;

use aiplat::chart::Prints;
use aiplat::engine::{self, ReleaseName, RenderRequest};
use aiplat::source::Text;
use aiplat::vfs::RealFs;
use rayon::prelude::*;

#[test]
fn every_case_renders_as_helm_does() {
    let cases = fs::read_to_string("fixtures/helm/cases.tsv").unwrap();
    let cases: Vec<&str> = cases
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(cases.len() > 20, "only {} cases", cases.len());
    cases.par_iter().for_each(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, chart, arguments] = fields.as_slice() else {
            panic!("not three fields: {line:?}");
        };
        case(name, chart, arguments);
    });
}

#[track_caller]
fn case(name: &str, chart: &str, arguments: &str) {
    let release = chart.rsplit('/').next().unwrap().to_owned();
    let mut vfs = RealFs::new();
    vfs.allow(chart.as_ref());
    vfs.allow("fixtures/helm/values".as_ref());
    let mut request = request(chart, &release, arguments);
    let (rendered, report) = engine::render(&vfs, &request);
    let messages: Vec<&str> = report
        .diagnostics
        .iter()
        .map(|found| found.message.as_str())
        .collect();
    assert!(messages.is_empty(), "{name}: {messages:?}");
    let golden = fs::read(format!("fixtures/helm/{release}/{name}.yaml")).unwrap();
    let ours = rendered.output.bytes();
    if ours != golden {
        let same = ours.iter().zip(&golden).take_while(|(a, b)| a == b).count();
        let line = golden[..same].iter().filter(|byte| **byte == b'\n').count() + 1;
        panic!("{name}: differs from what Helm renders at line {line}");
    }
    // The command line writes the same in pieces.
    request.prints = Prints::Bytes;
    let (written, _) = engine::render(&vfs, &request);
    let pieces: Vec<&[u8]> = written.printed.iter().map(|piece| &**piece).collect();
    assert!(pieces.concat() == golden, "{name}: differs in pieces");
    whole(name, &rendered.output);
    for manifest in &rendered.manifests {
        whole(&manifest.source, &manifest.text);
        assert_eq!(
            manifest.text.bytes(),
            rendered.sources.file(manifest.file).bytes(),
            "{name}"
        );
    }
}

/// Every byte has an origin: the segments of a text are as long as the text.
#[track_caller]
fn whole(name: &str, text: &Text) {
    let sum: usize = text
        .runs(0, text.len())
        .map(|run| run.end - run.start)
        .sum();
    assert_eq!(
        sum,
        text.len(),
        "{name}: the segments do not cover the text"
    );
}

fn request(chart: &str, release: &str, arguments: &str) -> RenderRequest {
    let mut request = RenderRequest {
        chart: chart.to_owned(),
        name: ReleaseName::Given(release.to_owned()),
        namespace: Some(release.to_owned()),
        ..RenderRequest::default()
    };
    let mut words = arguments.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "--is-upgrade" => request.is_upgrade = true,
            "--include-crds" => request.include_crds = true,
            "--no-hooks" => request.no_hooks = true,
            "--skip-tests" => request.skip_tests = true,
            flag => crate::flags::give(&mut request, flag, words.next().unwrap()),
        }
    }
    request
}
