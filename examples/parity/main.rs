//! Renders every chart under a directory with Helm and with aiplat, and compares the bytes.
//!
//! ```text
//! cargo run --release --example parity -- DIR --helm PATH [--jobs N] [--ci] [--filter TEXT] [--cache DIR]
//! ```
//!
//! A rendering is a chart with its defaults, with its CRDs where it has some, or with one of its CI
//! values files (`--ci`). Each runs in a process of its own with a limit on time and memory, so that
//! one chart cannot stop the rest.
//! What Helm gave is kept under `--cache`, so that it runs once while aiplat changes. Exit status 0:
//! every rendering agrees; 1: some do not; 2: nothing could be compared.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is what it is for"
)]

#[path = "../charts/mod.rs"]
mod charts;
mod compare;
mod ours;
mod process;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use charts::Case;
use compare::{Class, Verdict};
use process::{Outcome, cpu_of_children};

/// The marker under which this binary renders one chart with aiplat.
const OURS: &str = "--render-one";

struct Args {
    root: PathBuf,
    helm: PathBuf,
    jobs: usize,
    ci: bool,
    filter: String,
    cache: PathBuf,
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == OURS).is_some() {
        return ours::main(words);
    }
    match arguments(words) {
        Ok(args) => measure(&args),
        Err(problem) => {
            eprintln!("parity: {problem}");
            ExitCode::from(2)
        }
    }
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Args, String> {
    let (mut root, mut helm) = (None, None);
    let (mut jobs, mut ci, mut filter) = (1, false, String::new());
    let mut cache = std::env::temp_dir().join("parity-cache");
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--helm" => helm = Some(PathBuf::from(value()?)),
            "--jobs" => jobs = value()?.parse().map_err(|_| "--jobs needs a number")?,
            "--filter" => filter = value()?,
            "--cache" => cache = PathBuf::from(value()?),
            "--ci" => ci = true,
            _ if word.starts_with('-') => return Err(format!("unknown option {word}")),
            _ => root = Some(PathBuf::from(word)),
        }
    }
    Ok(Args {
        root: root.ok_or("which directory?")?,
        helm: helm.ok_or("--helm PATH is needed")?,
        jobs,
        ci,
        filter,
        cache,
    })
}

fn measure(args: &Args) -> ExitCode {
    let mut cases = charts::cases(&args.root, args.ci);
    cases.retain(|case| case.name.contains(&args.filter));
    let Ok(this) = std::env::current_exe() else {
        eprintln!("parity: where is this program?");
        return ExitCode::from(2);
    };
    if cases.is_empty() || std::fs::create_dir_all(&args.cache).is_err() {
        eprintln!("parity: nothing to compare, or no room for a cache");
        return ExitCode::from(2);
    }
    // One tool after the other, so that the processor time of each can be told.
    let start = cpu_of_children();
    let theirs = each(&cases, args.jobs, |case| helm(args, case, ""));
    let between = cpu_of_children();
    let own = each(&cases, args.jobs, |case| {
        let folder = args.cache.join("ours").join(key(case));
        let root = args.root.as_os_str().to_owned();
        let mut command = vec![this.as_os_str().into(), OURS.into(), root];
        command.extend(chart_and_values(case));
        process::run(&command, &folder)
    });
    let end = cpu_of_children();
    let verdicts = each(
        &cases.iter().zip(&theirs).zip(&own).collect::<Vec<_>>(),
        args.jobs,
        |((case, theirs), own)| compare::verdict(theirs, own, || helm(args, case, "again")),
    );
    report(&cases, &theirs, &own, &verdicts);
    println!(
        "CPU: Helm {:.1} s ({} of {} renderings run now), aiplat {:.1} s",
        between - start,
        theirs.iter().filter(|outcome| !outcome.from_cache).count(),
        cases.len(),
        end - between,
    );
    println!(
        "peak memory: Helm {} MiB, aiplat {} MiB",
        peak(&theirs),
        peak(&own)
    );
    match verdicts.iter().all(|verdict| verdict.class.agrees()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    }
}

fn peak(outcomes: &[Outcome]) -> u64 {
    outcomes
        .iter()
        .map(|outcome| outcome.peak_kib)
        .max()
        .unwrap_or(0)
        / 1024
}

/// A name for the files of a case.
fn key(case: &Case) -> String {
    let mut hasher = DefaultHasher::new();
    (&case.chart, &case.values).hash(&mut hasher);
    if case.crds {
        "crds".hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// The arguments that both tools take.
fn chart_and_values(case: &Case) -> Vec<OsString> {
    let mut arguments = vec![case.chart.clone().into_os_string()];
    if let Some(values) = &case.values {
        arguments.push("--values".into());
        arguments.push(values.clone().into_os_string());
    }
    if case.crds {
        arguments.push("--include-crds".into());
    }
    arguments
}

/// Helm's answer, from the cache where it is there.
fn helm(args: &Args, case: &Case, again: &str) -> Outcome {
    let folder = args.cache.join(format!("helm{again}")).join(key(case));
    if let Some(known) = Outcome::read(&folder) {
        return known;
    }
    let mut command = vec![
        args.helm.as_os_str().into(),
        "template".into(),
        "release-name".into(),
    ];
    command.extend(chart_and_values(case));
    process::run(&command, &folder)
}

/// Does the same for all items on several threads, and keeps their order.
fn each<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    let result = work(item);
                    if let Ok(mut done) = done.lock() {
                        done.insert(at, result);
                    }
                }
            });
        }
    });
    done.into_inner()
        .map(|done| done.into_values().collect())
        .unwrap_or_default()
}

fn report(cases: &[Case], theirs: &[Outcome], own: &[Outcome], verdicts: &[Verdict]) {
    let mut totals: BTreeMap<Class, usize> = BTreeMap::new();
    for (((case, theirs), own), verdict) in cases.iter().zip(theirs).zip(own).zip(verdicts) {
        *totals.entry(verdict.class).or_default() += 1;
        let times = format!("{:>5} ms {:>5} ms", theirs.millis, own.millis);
        println!("{:<28} {times}  {}", verdict.class.name(), case.name);
        for line in verdict.detail.lines() {
            println!("    {line}");
        }
    }
    println!("\n{} renderings", cases.len());
    for (class, count) in totals {
        println!("{count:>6}  {}", class.name());
    }
}

/// A file's whole text; empty where it cannot be read.
fn text(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_default()
}
