//! `aiplat render`.

use std::io;

use crate::chart::Prints;
use crate::cli::Io;
use crate::cli::args::{Render, RenderFormat};
use crate::engine;
use crate::report;

pub(in crate::cli) fn render(args: &Render, io: &mut Io<'_>) -> io::Result<u8> {
    let release = &args.release;
    let template = args.name_template.as_ref().filter(|text| !text.is_empty());
    let (name, chart) = match args.name_and_chart.as_slice() {
        [name, chart] => {
            let name = if args.generate_name {
                let message = "cannot set --generate-name and also specify a name";
                engine::ReleaseName::Refused(message)
            } else if template.is_some() {
                let message = "cannot set --name-template and also specify a name";
                engine::ReleaseName::Refused(message)
            } else {
                engine::ReleaseName::Given(name.clone())
            };
            (name, chart.clone())
        }
        [chart] => {
            let name = match (template, &release.name) {
                (Some(template), _) => engine::ReleaseName::Template(template.clone()),
                (None, Some(name)) => engine::ReleaseName::Given(name.clone()),
                (None, None) => engine::ReleaseName::Standard,
            };
            (name, chart.clone())
        }
        _ => return Ok(2),
    };
    if args.coverage {
        return coverage(args, name, chart, io);
    }
    let vfs = super::file_system(std::slice::from_ref(&chart), &release.values.0, &[]);
    let stdin = super::stdin(&[], &release.values.0, io)?;
    let request = engine::RenderRequest {
        chart,
        stdin,
        values: release.values.0.clone(),
        name,
        namespace: release.namespace.clone(),
        kube_version: release.kube_version.clone(),
        api_versions: release.api_versions(),
        include_crds: release.include_crds,
        skip_tests: args.skip_tests,
        no_hooks: args.no_hooks,
        is_upgrade: args.is_upgrade,
        show_only: args.show_only.clone(),
        prints: match args.format {
            RenderFormat::Text if !args.origins => Prints::Bytes,
            RenderFormat::Text | RenderFormat::Json => Prints::Text,
        },
        skip_schema: release.skip_schema_validation,
        ends: true,
    };
    let (rendered, report) = engine::render(&vfs, &request);
    let status = report.status();
    match args.format {
        RenderFormat::Json => report::write_render_json(&rendered, &report, io.output)?,
        RenderFormat::Text if status != 0 => {
            let look = report::Look {
                color: io.error_color,
                width: io.width,
                took: None,
            };
            // Whoever takes the manifests gets none, as from Helm.
            io.errors
                .write_all(report::human(&report, look).as_bytes())?;
        }
        RenderFormat::Text if args.origins => {
            io.output.write_all(report::origins(&rendered).as_bytes())?;
        }
        RenderFormat::Text => {
            for piece in &rendered.printed {
                io.output.write_all(piece)?;
            }
        }
    }
    // The process ends here.
    std::mem::forget((rendered, report.remains));
    Ok(status)
}

fn coverage(
    args: &Render,
    name: engine::ReleaseName,
    chart: String,
    io: &mut Io<'_>,
) -> io::Result<u8> {
    let release = &args.release;
    let name = match name.made() {
        Ok(name) => name,
        Err(message) => {
            writeln!(io.errors, "error: {message}")?;
            return Ok(2);
        }
    };
    let paths = vec![chart];
    let others: Vec<String> = args.config.iter().cloned().collect();
    let mut vfs = super::file_system(&paths, &release.values.0, &others);
    for path in engine::config_values(&vfs, &paths, args.config.as_deref()) {
        vfs.allow(&path);
    }
    let stdin = super::stdin(&[], &release.values.0, io)?;
    let request = engine::Request {
        paths,
        stdin,
        config: args.config.clone(),
        values: release.values.0.clone(),
        release_name: name,
        namespace: release.namespace.clone(),
        kube_version: release.kube_version.clone(),
        api_versions: release.api_versions(),
        include_crds: release.include_crds,
        ..engine::Request::default()
    };
    let (covered, report) = engine::coverage(&vfs, &request);
    let status = report.status();
    let text = match args.format {
        RenderFormat::Json => report::coverage_json(&covered, &report),
        RenderFormat::Text => {
            let mut text = String::new();
            if status != 0 {
                let look = report::Look {
                    color: io.color,
                    width: io.width,
                    took: None,
                };
                text = report::human(&report, look);
                text.push('\n');
            }
            text + &report::coverage(&covered, &report)
        }
    };
    io.output.write_all(text.as_bytes())?;
    Ok(status)
}
