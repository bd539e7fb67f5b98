//! Containers that do nothing but wait: for somebody to log in, or for a node to have been set up.

use crate::k8s::Container;
use crate::rules::shell::{Word, commands};

use super::known::is_pause;
use super::task::{is_program, program};

/// How many seconds are as good as for ever.
const LONG: u64 = 86_400;

/// What one command of a script does for those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It waits; for ever or for a while.
    Waits { for_ever: bool },
    /// It does nothing that stays.
    Nothing,
    /// It sets something up, and is over.
    Prepares,
    /// It may be anything, a server among it.
    Works,
}

/// Whether there is nothing in a container that could answer a probe: its image is Kubernetes'
/// `pause`, or its command sleeps, perhaps after it has set something up.
#[must_use]
pub(in crate::rules) fn only_waits(container: &Container<'_>) -> bool {
    if is_pause(container.image()) {
        return true;
    }
    let command = container.node.get("command");
    let has_command = command.is_some_and(|list| list.items().next().is_some());
    let first = container.arguments().next().and_then(|node| node.text());
    // Arguments alone go to the image's own program, unless they are one.
    let is_told = has_command || first.is_some_and(is_program);
    if !is_told || container.node.at(&["lifecycle", "postStart"]).is_some() {
        return false;
    }
    let commands = commands(container.arguments());
    let steps: Vec<Step> = commands.iter().map(|command| step(command)).collect();
    let has = |step: Step| steps.contains(&step);
    let waits = |for_ever| has(Step::Waits { for_ever });
    // What sets up again and again does its work between two short waits.
    !has(Step::Works) && (waits(true) || (waits(false) && !has(Step::Prepares)))
}

fn step(command: &[Word<'_>]) -> Step {
    let Some((program, rest)) = program(command) else {
        return Step::Nothing;
    };
    let first = rest.first().map_or("", |word| word.text);
    match program.file_name() {
        "sleep" => Step::Waits {
            for_ever: is_long(first),
        },
        "tail" => {
            let follows = |word: &Word<'_>| {
                let flags = word.text.strip_prefix('-').unwrap_or_default();
                matches!(flags, "-follow") || flags.contains(['f', 'F']) && !flags.starts_with('-')
            };
            let is_empty = rest.iter().any(|word| word.text == "/dev/null");
            match is_empty && rest.iter().any(follows) {
                true => Step::Waits { for_ever: true },
                false => Step::Works,
            }
        }
        "pause" => Step::Waits { for_ever: true },
        ":" | "[" | "[[" | "break" | "continue" | "date" | "done" | "echo" | "exit" | "false"
        | "fi" | "printf" | "set" | "test" | "trap" | "true" | "wait" => Step::Nothing,
        "cat" | "chmod" | "chown" | "cp" | "export" | "ln" | "ls" | "mkdir" | "modprobe" | "mv"
        | "rm" | "sysctl" | "touch" | "ulimit" | "umask" => Step::Prepares,
        _ => Step::Works,
    }
}

/// Whether `sleep` is told a time that does not end: `infinity`, `3650d`, `999999`.
fn is_long(time: &str) -> bool {
    let digits = time.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = time.split_at_checked(digits).unwrap_or_default();
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => LONG,
        _ => return matches!(time, "inf" | "infinity"),
    };
    let number: u64 = number.parse().unwrap_or(0);
    number.saturating_mul(seconds) >= LONG
}
