//! One rendering by aiplat, in a process of its own: text to standard output, messages to standard
//! error.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use aiplat::chart::ValuesInput;
use aiplat::engine::{RenderRequest, render};
use aiplat::vfs::RealFs;

/// Renders `ROOT CHART [--values FILE]… [--include-crds]`. Links may lead anywhere below the root.
pub(crate) fn main(mut words: impl Iterator<Item = String>) -> ExitCode {
    let mut vfs = RealFs::new();
    let mut request = RenderRequest::default();
    vfs.allow(Path::new(&words.next().unwrap_or_default()));
    while let Some(word) = words.next() {
        if word == "--values" {
            let file = words.next().unwrap_or_default();
            request.values.push(ValuesInput::File(file));
        } else if word == "--include-crds" {
            request.include_crds = true;
        } else {
            request.chart = word;
        }
    }
    let (rendered, report) = render(&vfs, &request);
    if report.status() != 0 {
        // Helm stops at the first problem.
        if let Some(finding) = rendered.findings.first() {
            eprintln!("{}", finding.message);
        }
        return ExitCode::FAILURE;
    }
    match std::io::stdout().write_all(rendered.output.bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
