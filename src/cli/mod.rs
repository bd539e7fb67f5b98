//! Arguments and commands; the only printer.

mod args;
mod commands;
mod helm_flags;

use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

/// Where a command reads and writes, and how it may look.
pub struct Io<'i> {
    /// Standard input.
    pub input: &'i mut dyn Read,
    /// Standard output.
    pub output: &'i mut dyn Write,
    /// Standard error: what is wrong where the output is for another program, such as manifests.
    pub errors: &'i mut dyn Write,
    /// Whether colours are wanted in the output.
    pub color: bool,
    /// Whether they are wanted in the errors.
    pub error_color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether how long it took is told.
    pub timing: bool,
}

/// Columns where nobody says how many there are: the output goes to a file or a log.
const DEFAULT_WIDTH: usize = 140;

/// Runs aiplat with the process's arguments and streams.
#[must_use]
pub fn main() -> ExitCode {
    // On the thread that loads and renders: each thread has memory of its own.
    crate::template::eval::with_stack(process).unwrap_or_else(|_| process())
}

fn process() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // clap prints help to standard output with status 0, mistakes to standard error
            // with status 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let (stdout, mut stderr) = (io::stdout(), io::stderr());
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = |is_terminal: bool| match args.color {
        args::Color::Always => true,
        args::Color::Never => false,
        args::Color::Auto => is_terminal && !no_color,
    };
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    let terminal = terminal_size::terminal_size_of(&stdout);
    let terminal = terminal.or_else(|| terminal_size::terminal_size_of(&stderr));
    let terminal = terminal.map(|(width, _)| usize::from(width.0));
    let error_color = color(stderr.is_terminal());
    let mut io = Io {
        input: &mut io::stdin().lock(),
        output: &mut io::BufWriter::new(stdout.lock()),
        // Unlocked, as another thread that breaks tells so there.
        errors: &mut stderr,
        color: color(stdout.is_terminal()),
        error_color,
        width: columns.or(terminal).unwrap_or(DEFAULT_WIDTH),
        timing: true,
    };
    let status = run(&args, &mut io);
    if let Err(error) = io.output.flush()
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return ExitCode::from(2);
    }
    ExitCode::from(status)
}

/// Runs one command; gives the exit status.
pub fn run(args: &Args, io: &mut Io<'_>) -> u8 {
    let result = match &args.command {
        Command::Lint(lint) => commands::lint(lint, io),
        Command::Render(render) => commands::render(render, io),
        Command::Rules => commands::rules(io),
        Command::Explain { rule } => commands::explain(rule, io),
    };
    match result {
        Ok(status) => status,
        // Whoever reads no further has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(_) => 2,
    }
}

/// Runs aiplat on arguments, for tests: the first is the program's name.
///
/// # Errors
/// What clap says of wrong arguments.
pub fn run_on(arguments: &[&str], io: &mut Io<'_>) -> Result<u8, String> {
    let args = Args::try_parse_from(arguments).map_err(|error| error.to_string())?;
    Ok(run(&args, io))
}
