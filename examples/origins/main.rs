//! Checks over every chart under a directory that the origins of a rendering are true.
//!
//! ```text
//! cargo run --release --example origins -- DIR [--jobs N] [--limit N] [--ci] [--filter TEXT] [--details]
//! ```
//!
//! Each scalar of a chart's `values.yaml` (`--ci`: of its CI values files too, `--limit`: of at most
//! so many scalars) is changed alone, in two ways where there are two, and the chart is rendered
//! again. *Recall*: a rendered scalar that changed must have named the line of the values file,
//! as a value or as a condition. *Precision*: a rendered scalar that named a scalar of the values
//! file as its value must change with it, or vanish; texts of several lines are not asked, of which
//! a change touches one part. A collection without items counts as a scalar, but for precision;
//! `null` is left alone.
//!
//! Exit status 0: both are 99 % or more; 1: they are not; 2: nothing could be checked.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is what it is for"
)]

#[path = "../charts/mod.rs"]
mod charts;
mod check;
mod documents;
mod names;
mod scalars;
#[cfg(test)]
mod tests;
mod unpack;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use aiplat::vfs::RealFs;

use charts::Case;
use check::{Score, Subject, Tally};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Args {
    root: PathBuf,
    jobs: usize,
    limit: usize,
    ci: bool,
    filter: String,
    details: bool,
}

fn main() -> ExitCode {
    let args = match arguments(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(problem) => {
            eprintln!("origins: {problem}");
            return ExitCode::from(2);
        }
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs);
    match pool.build() {
        Ok(pool) => pool.install(|| measure(&args)),
        Err(problem) => {
            eprintln!("origins: {problem}");
            ExitCode::from(2)
        }
    }
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Args, String> {
    let mut root = None;
    // As many threads as there are processors.
    let mut jobs = 0;
    let (mut limit, mut ci, mut filter, mut details) = (usize::MAX, false, String::new(), false);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--jobs" => jobs = value()?.parse().map_err(|_| "--jobs needs a number")?,
            "--limit" => limit = value()?.parse().map_err(|_| "--limit needs a number")?,
            "--filter" => filter = value()?,
            "--ci" => ci = true,
            "--details" => details = true,
            _ if word.starts_with('-') => return Err(format!("unknown option {word}")),
            _ => root = Some(PathBuf::from(word)),
        }
    }
    Ok(Args {
        root: root.ok_or("which directory?")?,
        jobs,
        limit,
        ci,
        filter,
        details,
    })
}

fn measure(args: &Args) -> ExitCode {
    let mut cases = charts::cases(&args.root, args.ci);
    cases.retain(|case| case.name.contains(&args.filter) && !case.crds);
    let mut total = Tally::default();
    let (mut checked, mut failed) = (0, 0);
    println!("   tried  recall                 precision              failures  chart");
    for case in &cases {
        let result = catch_unwind(AssertUnwindSafe(|| one(&args.root, case, args.limit)));
        match result.unwrap_or_else(|_| Err("it made the check itself fail".to_owned())) {
            Ok(tally) => {
                checked += 1;
                print(&tally, &case.name);
                if args.details {
                    for line in &tally.details {
                        println!("    {line}");
                    }
                }
                total.add(tally);
            }
            Err(problem) => {
                failed += 1;
                println!("       -  {problem:<56}  {}", case.name);
            }
        }
    }
    print(
        &total,
        &format!("all {checked}; {failed} could not be checked"),
    );
    let is_good = |score: Score| score.right * 100 >= score.all * 99;
    if total.recall.all == 0 || total.precision.all == 0 {
        eprintln!("origins: nothing could be checked");
        ExitCode::from(2)
    } else if is_good(total.recall) && is_good(total.precision) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}

fn one(root: &Path, case: &Case, limit: usize) -> Result<Tally, String> {
    let chart = case.chart.to_string_lossy().into_owned();
    if case.chart.is_file() {
        let vfs = unpack::unpacked(&case.chart)?;
        let subject = Subject {
            vfs: Arc::new(vfs),
            chart,
            values: None,
        };
        return check::check(&subject, limit);
    }
    let mut vfs = RealFs::new();
    vfs.allow(root);
    let values = case.values.as_ref();
    let subject = Subject {
        vfs: Arc::new(vfs),
        chart,
        values: values.map(|file| file.to_string_lossy().into_owned()),
    };
    check::check(&subject, limit)
}

fn print(tally: &Tally, name: &str) {
    println!(
        "{:>8}  {:<22} {:<22} {:>8}  {name}",
        tally.tried,
        share(tally.recall),
        share(tally.precision),
        tally.failures,
    );
}

fn share(score: Score) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    let percent = match score.all {
        0 => 100.0,
        all => score.right as f64 * 100.0 / all as f64,
    };
    // Never rounded up to what was not reached.
    let percent = (percent * 100.0).floor() / 100.0;
    format!("{}/{} {percent:.2} %", score.right, score.all)
}
