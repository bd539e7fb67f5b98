//! `aiplat lint`.

use std::io;
use std::time::Instant;

use crate::cli::Io;
use crate::cli::args::{FailOn, Format, Lint};
use crate::engine::{self, Request};
use crate::report;
use crate::rules::Severity;

pub(in crate::cli) fn lint(args: &Lint, io: &mut Io<'_>) -> io::Result<u8> {
    let start = Instant::now();
    let stdin = super::stdin(&args.paths, &args.release.values.0, io)?;
    let others: Vec<String> = args.config.iter().cloned().collect();
    let release = &args.release;
    let mut vfs = super::file_system(&args.paths, &release.values.0, &others);
    for path in engine::config_values(&vfs, &args.paths, args.config.as_deref()) {
        vfs.allow(&path);
    }
    let request = Request {
        paths: args.paths.clone(),
        stdin,
        config: args.config.clone(),
        values: release.values.0.clone(),
        release_name: release.name.clone(),
        namespace: release.namespace.clone(),
        kube_version: release.kube_version.clone(),
        api_versions: release.api_versions(),
        include_crds: release.include_crds,
        skip_schema: release.skip_schema_validation,
        ends: true,
        fail_on: match args.fail_on {
            FailOn::Info => Some(Severity::Info),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Error => Some(Severity::Error),
            FailOn::Never => None,
        },
    };
    let report = engine::run(&vfs, &request);
    let text = match args.format {
        Format::Human => {
            let look = report::Look {
                color: io.color,
                width: io.width,
                took: io.timing.then(|| start.elapsed()),
            };
            report::human(&report, look)
        }
        Format::Concise => report::concise(&report),
        Format::Json => report::json(&report),
    };
    io.output.write_all(text.as_bytes())?;
    let status = report.status();
    // The process ends here.
    std::mem::forget(report.remains);
    Ok(status)
}
