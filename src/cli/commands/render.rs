//! `aiplat render`.

use std::io;

use crate::cli::Io;
use crate::cli::args::{Render, RenderFormat};
use crate::engine;
use crate::report;

pub(in crate::cli) fn render(args: &Render, io: &mut Io<'_>) -> io::Result<u8> {
    let (name, chart) = match args.name_and_chart.as_slice() {
        [name, chart] => (Some(name.clone()), chart.clone()),
        [chart] => (args.release.name.clone(), chart.clone()),
        _ => return Ok(2),
    };
    let release = &args.release;
    let vfs = super::file_system(std::slice::from_ref(&chart), &release.values.0, &[]);
    let request = engine::RenderRequest {
        chart,
        values: release.values.0.clone(),
        release_name: name,
        namespace: release.namespace.clone(),
        kube_version: release.kube_version.clone(),
        api_versions: release.api_versions.clone(),
        include_crds: release.include_crds,
        skip_tests: args.skip_tests,
        no_hooks: args.no_hooks,
        is_upgrade: args.is_upgrade,
        show_only: args.show_only.clone(),
    };
    let (rendered, report) = engine::render(&vfs, &request);
    let status = report.status();
    match args.format {
        RenderFormat::Json => {
            let text = report::render_json(&rendered, &report);
            io.output.write_all(text.as_bytes())?;
        }
        RenderFormat::Text if status != 0 => {
            let look = report::Look {
                color: io.color,
                width: io.width,
                took: None,
            };
            io.output
                .write_all(report::human(&report, look).as_bytes())?;
        }
        RenderFormat::Text if args.origins => {
            io.output.write_all(report::origins(&rendered).as_bytes())?;
        }
        RenderFormat::Text => io.output.write_all(rendered.output.bytes())?,
    }
    Ok(status)
}
