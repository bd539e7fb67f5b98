//! Processes with limits, and what they wrote.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long one rendering may take.
const TIME: Duration = Duration::from_secs(60);
/// How much memory it may hold.
const MEMORY_KIB: u64 = 3 << 20;
/// Linux counts processor time in hundredths of a second.
const TICKS: f64 = 100.0;

/// What became of one rendering.
pub(crate) struct Outcome {
    /// Whether it succeeded.
    pub(crate) ok: bool,
    /// Whether it ended by a signal, a panic or a limit, where a failure would be told.
    pub(crate) broke: bool,
    /// How long it took.
    pub(crate) millis: u128,
    /// The most memory that it was seen to hold.
    pub(crate) peak_kib: u64,
    /// Whether it ran in an earlier comparison.
    pub(crate) from_cache: bool,
    folder: PathBuf,
}

impl Outcome {
    /// What it wrote.
    pub(crate) fn output(&self) -> Vec<u8> {
        crate::text(&self.folder.join("out"))
    }

    /// What it said.
    pub(crate) fn errors(&self) -> String {
        String::from_utf8_lossy(&crate::text(&self.folder.join("err"))).into_owned()
    }

    /// An outcome that was kept.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join("outcome")).ok()?;
        let mut words = text.split_whitespace();
        Some(Self {
            ok: words.next()? == "true",
            millis: words.next()?.parse().ok()?,
            peak_kib: words.next()?.parse().ok()?,
            broke: false,
            from_cache: true,
            folder: folder.to_path_buf(),
        })
    }
}

/// Runs a command with its output in a folder.
pub(crate) fn run(command: &[OsString], folder: &Path) -> Outcome {
    let start = Instant::now();
    let mut outcome = Outcome {
        ok: false,
        broke: false,
        millis: 0,
        peak_kib: 0,
        from_cache: false,
        folder: folder.to_path_buf(),
    };
    let ended = start_in(command, folder).and_then(|mut child| {
        let status = wait(&mut child, start, &mut outcome.peak_kib)?;
        Ok(status)
    });
    outcome.ok = ended.as_ref().is_ok_and(ExitStatus::success);
    outcome.broke = !ended
        .as_ref()
        .is_ok_and(|status| matches!(status.code(), Some(0 | 1)));
    outcome.millis = start.elapsed().as_millis();
    let kept = format!("{} {} {}", outcome.ok, outcome.millis, outcome.peak_kib);
    let kept = match ended {
        Ok(_) => fs::write(folder.join("outcome"), kept),
        Err(error) => fs::write(folder.join("err"), format!("parity: {error}\n")),
    };
    if let Err(error) = kept {
        eprintln!("parity: {}: {error}", folder.display());
    }
    outcome
}

fn start_in(command: &[OsString], folder: &Path) -> std::io::Result<Child> {
    fs::create_dir_all(folder)?;
    let (program, arguments) = command.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(File::create(folder.join("out"))?)
        .stderr(File::create(folder.join("err"))?)
        .spawn()
}

fn wait(child: &mut Child, start: Instant, peak: &mut u64) -> std::io::Result<ExitStatus> {
    let status = format!("/proc/{}/status", child.id());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        *peak = memory(&status).unwrap_or(0).max(*peak);
        let over = if start.elapsed() > TIME {
            "took too long"
        } else if *peak > MEMORY_KIB {
            "took too much memory"
        } else {
            std::thread::sleep(Duration::from_millis(2));
            continue;
        };
        child.kill()?;
        child.wait()?;
        return Err(std::io::Error::other(over));
    }
}

/// The most memory that a process held so far.
fn memory(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The processor time of all processes that this one started and that ended, in seconds.
pub(crate) fn cpu_of_children() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold spaces; the fields that follow it do not.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: f64 = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / TICKS
}
