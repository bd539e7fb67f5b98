//! How long a full lint of `helm/ai-platform` takes, and how much memory: inside the process, as
//! a process of its own, and beside `helm template` where a `helm` is on `PATH`.
//!
//! `cargo bench` prints one line a measurement: the minimum, the median, and the number of runs.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aiplat::engine::{self, Request};
use aiplat::vfs::RealFs;

const AIPLAT: &str = env!("CARGO_BIN_EXE_aiplat");
const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/helm/ai-platform");
const RUNS: usize = 20;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{CHART}, {cores} cores");
    in_process();
    measure("aiplat lint, a process", || spawn(AIPLAT, &["lint", CHART]));
    measure("aiplat render, a process", || {
        spawn(AIPLAT, &["render", CHART])
    });
    if starts("helm", &["version", "--short"]) {
        measure("helm template, a process", || {
            spawn("helm", &["template", CHART])
        });
        measure("helm lint, a process", || spawn("helm", &["lint", CHART]));
    } else {
        println!(
            "{:<28} skipped: no helm on PATH",
            "helm template, a process"
        );
    }
    memory("aiplat lint", AIPLAT, &["lint", CHART]);
    if starts("helm", &["version", "--short"]) {
        memory("helm template", "helm", &["template", CHART]);
    }
}

fn in_process() {
    let mut vfs = RealFs::new();
    vfs.allow(Path::new(CHART));
    let request = Request {
        paths: vec![CHART.to_owned()],
        ..Request::default()
    };
    let report = engine::run(&vfs, &request);
    assert!(
        report.charts == 1 && report.objects > 0,
        "the chart was not linted"
    );
    measure("engine::run, in the process", || {
        let start = Instant::now();
        std::hint::black_box(engine::run(&vfs, &request));
        start.elapsed()
    });
}

/// Runs it once to warm up, then `RUNS` times.
fn measure(what: &str, mut run: impl FnMut() -> Duration) {
    run();
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run()).collect();
    times.sort();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{what:<28} min {:>7.1} ms   median {:>7.1} ms   {RUNS} runs",
        milliseconds(times[0]),
        milliseconds(times[RUNS / 2]),
    );
}

/// How long the process lives. Its status is not looked at: a lint with findings ends with 1.
fn spawn(program: &str, arguments: &[&str]) -> Duration {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    command.status().expect("the program starts");
    start.elapsed()
}

fn starts(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The peak of the resident memory, as GNU time tells it.
fn memory(what: &str, program: &str, arguments: &[&str]) {
    let label = format!("{what}, peak memory");
    let mut command = Command::new("/usr/bin/time");
    command
        .args(["-f", "peak %M", program])
        .args(arguments)
        .stdout(Stdio::null());
    let Ok(output) = command.output() else {
        println!("{label:<28} skipped: no /usr/bin/time");
        return;
    };
    let told = String::from_utf8_lossy(&output.stderr);
    let kibibytes = told
        .lines()
        .find_map(|line| line.strip_prefix("peak ")?.trim().parse::<f64>().ok());
    match kibibytes {
        Some(kibibytes) => println!("{label:<28} {:>7.1} MiB", kibibytes / 1024.0),
        None => println!("{label:<28} skipped: /usr/bin/time is not GNU time"),
    }
}
