//! Programs that serve or train models on a GPU, whatever image they are started in.
//!
//! The name of a program is a strong sign only where nothing but a GPU is meant by it: servers that
//! run as well on a CPU (`ollama`, `torchserve`) are none of these, and `llama-server` only is where
//! it is told to put layers on a GPU. Launchers of training (`torchrun`) count where something else
//! says that there is training: what they launch, the names around them, or the kind of workload.

use crate::k8s::{Container, Workload, WorkloadKind};
use crate::rules::shell::{Word, commands};

use super::known::may_use_gpu;
use super::task::{Python, Task, is_python, is_training_name, program};
use super::{has_word, is_for_training};

/// What asks a program for its usage instead of its work.
const USAGE: &[&str] = &["--help", "-h", "--version", "help"];

/// Options that name a device.
const DEVICE_OPTIONS: &[&str] = &[
    "--device",
    "--devices",
    "--device-type",
    "--device_type",
    "--target-device",
];

/// Options that name how the processes of a training talk to each other.
const BACKEND_OPTIONS: &[&str] = &[
    "--backend",
    "--dist-backend",
    "--dist_backend",
    "--ddp-backend",
    "--ddp_backend",
];

/// Options that do without a GPU.
const CPU_OPTIONS: &[&str] = &["--cpu", "--use-cpu", "--use_cpu", "--no-cuda", "--no_cuda"];

/// Options of llama.cpp that say how many layers go to a GPU.
const LAYER_OPTIONS: &[&str] = &["-ngl", "--gpu-layers", "--n-gpu-layers", "--n_gpu_layers"];

/// Words in names of what runs on another device.
const OTHER_DEVICES: &[&str] = &[
    "cpu", "gaudi", "hpu", "neuron", "npu", "openvino", "tpu", "xeon",
];

/// What something runs on, by what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    /// A GPU, or whatever there is.
    Gpu,
    /// A CPU, or an accelerator that is no GPU.
    Other,
    /// What a variable says.
    Unknown,
}

/// Whether a container is told, by its arguments or variables, to use another device than a GPU.
#[must_use]
pub(super) fn is_told_other_device(container: &Container<'_>) -> bool {
    let commands = commands(container.arguments());
    let mut devices = commands.iter().map(|command| device(command));
    devices.any(|device| device == Device::Other) || has_other_env(container)
}

/// What a container does whose command starts a known server or trainer that needs a GPU.
#[must_use]
pub(super) fn started(workload: &Workload<'_>, container: &Container<'_>) -> Option<Task> {
    let commands = commands(container.arguments());
    let names = [container.name(), workload.object.name];
    let trains = matches!(
        workload.kind,
        WorkloadKind::Job | WorkloadKind::CronJob | WorkloadKind::Batch | WorkloadKind::RayJob
    ) || names.iter().any(|name| is_for_training(name));
    let found: Vec<(Task, Device)> = commands
        .iter()
        .filter_map(|command| Some((task(command, trains)?, device(command))))
        .collect();
    let serves = found.iter().find(|(task, _)| *task == Task::Serves);
    let (task, device) = *serves.or(found.first())?;
    let is_elsewhere = device != Device::Gpu
        || has_other_env(container)
        || names.iter().any(|name| has_word(name, OTHER_DEVICES))
        || !may_use_gpu(container.image());
    (!is_elsewhere).then_some(task)
}

/// What one command does, where its program is a known one. `trains` says that what a launcher
/// launches there is training.
fn task(command: &[Word<'_>], trains: bool) -> Option<Task> {
    let (program, rest) = program(command)?;
    if rest.iter().any(|word| USAGE.contains(&word.text)) {
        return None;
    }
    let name = program.file_name();
    if is_python(name) {
        return match Python::of(rest) {
            Python::Module(module, rest) => module_task(module.text, rest, trains),
            _ => None,
        };
    }
    let mut plain = plain(rest);
    let next = plain.next().unwrap_or_default();
    match (name, next) {
        ("vllm" | "sglang" | "max" | "max-pipelines", "serve")
        | ("aphrodite", "run")
        | ("infinity_emb", "v2")
        | ("text-generation-launcher" | "tritonserver", _)
        | ("xinference-local" | "xinference-worker", _) => Some(Task::Serves),
        ("lmdeploy", "serve") => is_model_serving(plain.next()).then_some(Task::Serves),
        // It also puts a front before servers that stand elsewhere.
        ("trtllm-serve", next) if !next.starts_with("disaggregated") => Some(Task::Serves),
        ("llama-server", _) => has_gpu_layers(rest).then_some(Task::Serves),
        ("axolotl" | "llamafactory-cli", "train") => Some(Task::Trains),
        ("torchrun" | "deepspeed", _) | ("accelerate", "launch") => launched(rest, trains),
        _ => None,
    }
}

fn module_task(module: &str, rest: &[Word<'_>], trains: bool) -> Option<Task> {
    let next = plain(rest).next().unwrap_or_default();
    match (module, next) {
        (
            "vllm.entrypoints.openai.api_server"
            | "vllm.entrypoints.api_server"
            | "sglang.launch_server"
            | "lmdeploy.serve.openai.api_server"
            | "aphrodite.endpoints.openai.api_server"
            | "lightllm.server.api_server"
            | "fastchat.serve.model_worker"
            | "fastchat.serve.multi_model_worker"
            | "fastchat.serve.vllm_worker"
            | "fastchat.serve.sglang_worker"
            | "fastchat.serve.lightllm_worker",
            _,
        )
        | ("vllm.entrypoints.cli.main" | "max.entrypoints.pipelines", "serve") => {
            Some(Task::Serves)
        }
        ("llama_cpp.server", _) => has_gpu_layers(rest).then_some(Task::Serves),
        ("axolotl.cli.train", _) => Some(Task::Trains),
        (
            "torch.distributed.run" | "torch.distributed.launch" | "accelerate.commands.launch",
            _,
        ) => launched(rest, trains),
        _ => None,
    }
}

/// The words that are no options.
fn plain<'w, 'a>(words: &'w [Word<'a>]) -> impl Iterator<Item = &'a str> + use<'w, 'a> {
    let texts = words.iter().map(|word| word.text);
    texts.filter(|text| !text.starts_with('-'))
}

/// LMDeploy's servers of models; its `proxy` stands before them.
fn is_model_serving(what: Option<&str>) -> bool {
    matches!(what, Some("api_server" | "gradio"))
}

/// What a launcher starts, where it is training: a script or module, without which it starts
/// nothing.
fn launched(words: &[Word<'_>], trains: bool) -> Option<Task> {
    let script = words.iter().find(|word| word.text.ends_with(".py"));
    let module = words
        .iter()
        .skip_while(|word| !matches!(word.text, "-m" | "--module"))
        .nth(1);
    let launched = script.or(module)?;
    let is_named = is_training_name(launched.file_name());
    let serves = has_word(launched.file_name(), &["api", "serve", "server", "serving"]);
    (is_named || (trains && !serves)).then_some(Task::Trains)
}

fn has_gpu_layers(words: &[Word<'_>]) -> bool {
    let mut values = LAYER_OPTIONS.iter().filter_map(|name| option(words, name));
    values.any(|value| value == "all" || value.parse::<i64>().is_ok_and(|layers| layers != 0))
}

/// The value of an option, behind `=` or in the next word.
fn option<'a>(words: &[Word<'a>], name: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| {
        let rest = word.text.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })?;
    match words.get(at)?.assignment() {
        Some((_, value)) => Some(value.text),
        None => Some(words.get(at + 1)?.text),
    }
}

/// The device that a command names.
fn device(command: &[Word<'_>]) -> Device {
    let says_cpu = |word: &Word<'_>| {
        let assigned = word.assignment();
        CPU_OPTIONS.contains(&word.text)
            || assigned.is_some_and(|(name, value)| is_other_variable(name, value.text))
    };
    let is_gloo = |name: &&str| option(command, name) == Some("gloo");
    if command.iter().any(says_cpu) || BACKEND_OPTIONS.iter().any(is_gloo) {
        return Device::Other;
    }
    let mut named = DEVICE_OPTIONS
        .iter()
        .filter_map(|name| option(command, name));
    // A path is a device of the system's.
    let Some(named) = named.find(|value| !value.starts_with('/')) else {
        return Device::Gpu;
    };
    let named = named.to_ascii_lowercase();
    let first = named.split([':', ',']).next().unwrap_or_default();
    let is_number = first.bytes().all(|byte| byte.is_ascii_digit());
    match first {
        "auto" | "cuda" | "gpu" | "hip" | "nvidia" | "rocm" | "xpu" => Device::Gpu,
        _ if is_number => Device::Gpu,
        _ if named.contains('$') => Device::Unknown,
        _ => Device::Other,
    }
}

fn has_other_env(container: &Container<'_>) -> bool {
    container.env().any(|variable| {
        let value = variable.value.and_then(|value| value.text());
        value.is_some_and(|value| is_other_variable(variable.name, value))
    })
}

/// Whether a variable says that there is no GPU: hidden devices, and what only builds for other
/// devices read.
fn is_other_variable(name: &str, value: &str) -> bool {
    let is_true = matches!(value, "1" | "true" | "True" | "yes");
    match name {
        "CUDA_VISIBLE_DEVICES" | "NVIDIA_VISIBLE_DEVICES" => {
            matches!(value, "" | "-1" | "none" | "void")
        }
        "VLLM_TARGET_DEVICE" => !value.starts_with("cuda") && !value.starts_with("rocm"),
        "SGLANG_USE_CPU_ENGINE" | "ACCELERATE_USE_CPU" => is_true,
        "PJRT_DEVICE" => !value.eq_ignore_ascii_case("cuda"),
        _ => ["VLLM_CPU_", "VLLM_XLA_", "NEURON_RT_"]
            .iter()
            .any(|prefix| name.starts_with(prefix)),
    }
}
