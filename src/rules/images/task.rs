//! What a container does, by the command it is given.

use crate::k8s::Container;
use crate::rules::shell::{Word, commands, is_shell};
use crate::yaml::NodeRef;

use super::known::is_separator;

/// Words in names of what stands beside a server: it needs no GPU.
pub(super) const BESIDE: &[&str] = &[
    "backup",
    "benchmark",
    "cache",
    "cleanup",
    "client",
    "controller",
    "dashboard",
    "database",
    "db",
    "download",
    "downloader",
    "exporter",
    "frontend",
    "gateway",
    "ingress",
    "init",
    "loadtest",
    "metrics",
    "migrate",
    "migration",
    "migrations",
    "minio",
    "mock",
    "monitor",
    "operator",
    "postgres",
    "postgresql",
    "prometheus",
    "proxy",
    "redis",
    "router",
    "sdk",
    "sim",
    "simulator",
    "test",
    "tests",
    "ui",
    "web",
    "webui",
];

/// Words in names of programs that stand beside a server, further to those. A supervisor
/// (Xinference's) hands models to its workers and loads none itself.
const PROGRAMS_BESIDE: &[&str] = &["bench", "lmcache", "planner", "supervisor", "tensorboard"];

/// Of the words for what stands beside a server, those that programs which do serve carry too.
const MAY_SERVE: &[&str] = &["init", "ui", "web", "webui"];

/// Words in names of programs that serve.
const SERVING: &[&str] = &[
    "api",
    "entrypoints",
    "gunicorn",
    "launcher",
    "serve",
    "server",
    "serving",
    "tritonserver",
    "uvicorn",
];

/// Words in names of programs that train.
const TRAINING: &[&str] = &[
    "accelerate",
    "composer",
    "deepspeed",
    "dpo",
    "finetune",
    "finetuning",
    "grpo",
    "pretrain",
    "sft",
    "torchrun",
    "train",
    "trainer",
    "training",
];

/// Words in names of programs that fetch.
const FETCHING: &[&str] = &[
    "download",
    "downloader",
    "fetch",
    "fetcher",
    "prefetch",
    "pull",
];

/// Programs that only prepare the ground for others.
const PREPARING: &[&str] = &[
    ".",
    ":",
    "[",
    "[[",
    "apk",
    "apt",
    "apt-get",
    "break",
    "case",
    "cat",
    "cd",
    "chmod",
    "chown",
    "continue",
    "cp",
    "date",
    "done",
    "echo",
    "esac",
    "exit",
    "export",
    "fi",
    "find",
    "for",
    "function",
    "git",
    "grep",
    "kill",
    "ln",
    "ls",
    "mkdir",
    "mv",
    "nvidia-smi",
    "pip",
    "pip3",
    "printf",
    "pwd",
    "read",
    "return",
    "rm",
    "sed",
    "set",
    "shift",
    "shopt",
    "source",
    "tar",
    "tee",
    "test",
    "touch",
    "trap",
    "true",
    "ulimit",
    "umask",
    "unset",
    "unzip",
    "wait",
    "which",
    "}",
];

/// Words before a program that are none themselves.
const WRAPPERS: &[&str] = &[
    "!",
    "command",
    "do",
    "dumb-init",
    "else",
    "elif",
    "env",
    "eval",
    "exec",
    "if",
    "nice",
    "nohup",
    "numactl",
    "poetry",
    "run",
    "stdbuf",
    "sudo",
    "then",
    "time",
    "timeout",
    "tini",
    "until",
    "uv",
    "while",
    "{",
];

/// What a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// What its image does when it is told nothing else.
    Own,
    /// It serves.
    Serves,
    /// It trains.
    Trains,
    /// Something that its command does not name.
    Unknown,
    /// Something else: it fetches, waits, or stands beside a server.
    Other,
}

impl Task {
    /// Reads the command and arguments of a container.
    pub(super) fn of(container: &Container<'_>) -> Self {
        let has_command = container
            .node
            .get("command")
            .is_some_and(|list| list.items().next().is_some());
        let steps: Vec<Step> = commands(container.arguments())
            .iter()
            .map(|command| Step::of(command))
            .collect();
        // Arguments alone go to the image's own program, which may run them in its place.
        let first = container.arguments().next().and_then(NodeRef::text);
        if !has_command && !first.is_some_and(is_program) {
            let is_name =
                first.is_some_and(|first| !first.starts_with('-') && !first.contains('/'));
            return match is_name && steps == [Step::Fetches] {
                true => Self::Other,
                false => Self::Own,
            };
        }
        summary(&steps).unwrap_or(Self::Own)
    }
}

/// Whether a word is a program to run, rather than the name of a model.
pub(super) fn is_program(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or_default();
    is_shell(name)
        || is_python(name)
        || matches!(
            name,
            "sleep" | "tail" | "torchrun" | "jupyter" | "tritonserver"
        )
}

/// What all commands together do; nothing where there is none that does anything.
fn summary(steps: &[Step]) -> Option<Task> {
    let has = |step: Step| steps.contains(&step);
    let last = steps.iter().rev().find(|step| **step != Step::Prepares);
    Some(if steps.is_empty() {
        return None;
    } else if has(Step::Serves) {
        Task::Serves
    } else if has(Step::Trains) {
        Task::Trains
    } else if last == Some(&Step::Fetches) || !has(Step::Unknown) {
        Task::Other
    } else {
        Task::Unknown
    })
}

/// What one command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Serves,
    Trains,
    /// It fetches a model.
    Fetches,
    /// It waits, moves files, stands beside a server, or lets somebody work.
    Other,
    /// It makes ready for the next.
    Prepares,
    Unknown,
}

impl Step {
    fn of(command: &[Word<'_>]) -> Self {
        let Some((program, rest)) = program(command) else {
            return Self::Prepares;
        };
        let name = program.file_name();
        let mut plain = rest.iter().filter(|word| !word.text.starts_with('-'));
        if is_python(name) {
            return Self::of_python(rest);
        }
        if is_shell(name) {
            return plain.next().map_or(Self::Unknown, |script| {
                Self::of_name(script.file_name(), "")
            });
        }
        let next = plain.next().map_or("", |word| word.text);
        match name {
            "git" if next == "clone" => Self::Fetches,
            "sleep" | "tail" | "pause" | "curl" | "wget" | "aws" | "gsutil" | "gcloud"
            | "azcopy" | "rclone" | "s5cmd" | "mc" | "kubectl" | "code-server" => Self::Other,
            // Tools of NVIDIA's microservices.
            "list-model-profiles" | "create-model-store" => Self::Fetches,
            name if PREPARING.contains(&name) => Self::Prepares,
            name if name.starts_with("jupyter") || name.starts_with("start-notebook") => {
                Self::Other
            }
            name if name.starts_with('$') => Self::Unknown,
            // What they launch says more than they do.
            "torchrun" | "accelerate" | "deepspeed" => {
                let script = rest.iter().find(|word| word.text.ends_with(".py"));
                match script.map(|script| Self::of_name(script.file_name(), "")) {
                    Some(step @ Self::Serves) => step,
                    _ => Self::Trains,
                }
            }
            name => Self::of_name(name, next),
        }
    }

    fn of_python(words: &[Word<'_>]) -> Self {
        match Python::of(words) {
            // `torch.distributed.run` launches what trains.
            Python::Module(module, rest) => match module.text {
                "torch.distributed.run" | "torch.distributed.launch" => Self::Trains,
                "http.server" => Self::Other,
                module => Self::of_name(module, rest.first().map_or("", |word| word.text)),
            },
            Python::Code(code) => {
                let fetches = ["snapshot_download", "hf_hub_download"];
                match fetches.iter().any(|call| code.contains(call)) {
                    true => Self::Fetches,
                    false => Self::Unknown,
                }
            }
            Python::File(file) => Self::of_name(file.file_name(), ""),
            Python::Nothing => Self::Unknown,
        }
    }

    /// By the words of a program's, module's or script's name, and of the first word behind it.
    fn of_name(name: &str, next: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let words: Vec<&str> = name.split(is_separator).collect();
        let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
        let is_beside = words.iter().any(|word| {
            PROGRAMS_BESIDE.contains(word)
                || (BESIDE.contains(word) && !MAY_SERVE.contains(word) && !FETCHING.contains(word))
        });
        if words.first().is_some_and(|word| FETCHING.contains(word)) && !has(SERVING) {
            Self::Fetches
        } else if is_beside
            || matches!(next, "bench" | "benchmark")
            || has(&["jupyter", "jupyterlab"])
        {
            Self::Other
        } else if has(SERVING) || matches!(next, "serve" | "server") {
            Self::Serves
        } else if has(FETCHING) || FETCHING.contains(&next) {
            Self::Fetches
        } else if has(TRAINING) || matches!(next, "train" | "sft") {
            Self::Trains
        } else {
            Self::Unknown
        }
    }
}

pub(super) fn is_python(name: &str) -> bool {
    name.strip_prefix("python")
        .is_some_and(|version| version.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

/// Whether the name of a script or module says that it trains.
pub(super) fn is_training_name(name: &str) -> bool {
    Step::of_name(name, "") == Step::Trains
}

/// What Python is told to run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Python<'w, 'a> {
    /// A module, and the words behind it.
    Module(Word<'a>, &'w [Word<'a>]),
    /// A script.
    File(Word<'a>),
    /// Code on the command line.
    Code(&'a str),
    Nothing,
}

impl<'w, 'a> Python<'w, 'a> {
    /// Reads the words behind the interpreter.
    pub(super) fn of(mut words: &'w [Word<'a>]) -> Self {
        while let Some((word, rest)) = words.split_first() {
            words = rest;
            match word.text {
                "-m" => {
                    let module = rest.split_first();
                    return module
                        .map_or(Self::Nothing, |(module, rest)| Self::Module(*module, rest));
                }
                "-c" => return Self::Code(rest.first().map_or("", |word| word.text)),
                "-X" | "-W" => words = rest.get(1..).unwrap_or_default(),
                option if option.starts_with('-') => {}
                _ => return Self::File(*word),
            }
        }
        Self::Nothing
    }
}

/// The program of a command, behind the variables that are set for it and what wraps it.
pub(super) fn program<'w, 'a>(command: &'w [Word<'a>]) -> Option<(Word<'a>, &'w [Word<'a>])> {
    let at = command.iter().position(|word| {
        let is_assigned = word.assignment().is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        let is_number = word.text.bytes().next().is_some_and(|b| b.is_ascii_digit());
        !(is_assigned
            || is_number
            || word.text.starts_with('-')
            || WRAPPERS.contains(&word.file_name()))
    })?;
    let rest = command.get(at..)?;
    rest.split_first().map(|(program, rest)| (*program, rest))
}
