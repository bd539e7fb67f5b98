//! Which containers serve or train models.

use crate::k8s::{Container, Workload};
use crate::yaml::NodeRef;

use super::Settings;

/// Images of model servers and trainers that need a GPU, by a part of the repository's name.
const GPU_IMAGES: &[&str] = &[
    "modular/max-",
    "modular/max/",
    "vllm/vllm-openai",
    "vllm-openai",
    "lmsysorg/sglang",
    "sglang",
    "text-generation-inference",
    "tritonserver",
    "huggingfaceserver-gpu",
    "nvcr.io/nim/",
    "tensorrt-llm",
    "trtllm",
    "tensorrt_llm",
    "lmdeploy",
    "openmmlab/lmdeploy",
    "axolotl",
    "unsloth",
    "deepspeed",
    "aphrodite-engine",
    "tabbyapi",
    "exllama",
];

/// Images that need a GPU only in the variants whose tag says so.
const GPU_TAGS: &[(&str, &[&str])] = &[
    ("llama.cpp", &["cuda", "rocm", "musa"]),
    (
        "text-embeddings-inference",
        &["turing", "89-", "86-", "80-", "hopper", "cuda", "120-"],
    ),
    ("pytorch/pytorch", &["cuda"]),
    ("rayproject/ray", &["gpu", "cu11", "cu12", "cu13"]),
    ("kserve/huggingfaceserver", &["gpu"]),
];

/// Names of workloads that serve or train models whatever their image.
const GPU_NAMES: &[&str] = &["max-serve", "learning-engine"];

/// An image's repository and tag, without a digest.
fn split(image: &str) -> (&str, &str) {
    let bare = image.split('@').next().unwrap_or(image);
    match bare.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (bare, ""),
    }
}

/// Whether an image is that of a model server or trainer that needs a GPU.
#[must_use]
pub(super) fn needs_gpu(image: &str) -> bool {
    let image = image.to_ascii_lowercase();
    let (repository, tag) = split(&image);
    let is_for_cpu = |text: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| {
                matches!(
                    word,
                    "cpu" | "arm64" | "neuron" | "hpu" | "tpu" | "xpu" | "gaudi" | "inferentia"
                )
            })
    };
    let name = repository.rsplit('/').next().unwrap_or(repository);
    if is_for_cpu(tag) || is_for_cpu(name) {
        return false;
    }
    let known = GPU_IMAGES.iter().any(|part| repository.contains(part));
    // The client side and tooling around a server have its name too.
    let is_other = [
        "router",
        "client",
        "exporter",
        "proxy",
        "operator",
        "controller",
        "sdk",
        "gateway",
        "dashboard",
        "benchmark",
    ]
    .iter()
    .any(|word| name.contains(word));
    let tagged = GPU_TAGS.iter().any(|(part, words)| {
        repository.contains(part) && words.iter().any(|word| tag.contains(word))
    });
    (known && !is_other) || tagged
}

/// Whether a name is one of those, alone or with a prefix or suffix: `rel-max-serve-llama`.
fn is_gpu_name(name: &str) -> bool {
    let padded = format!("-{}-", name.to_ascii_lowercase().replace(['_', '.'], "-"));
    GPU_NAMES
        .iter()
        .any(|part| padded.contains(&format!("-{part}-")))
}

/// The containers of a workload that serve or train models: those whose image says so; else, in a
/// workload whose name or label says so, the main one.
#[must_use]
pub(super) fn serving<'a>(workload: &Workload<'a>, settings: &Settings) -> Vec<Container<'a>> {
    let object = &workload.object;
    let all: Vec<Container<'a>> = workload.template.containers().collect();
    let by_image: Vec<Container<'a>> = all
        .iter()
        .filter(|container| {
            needs_gpu(container.image())
                || settings
                    .gpu_workloads
                    .iter()
                    .any(|pattern| pattern.fits(object.kind, object.name, container.image()))
        })
        .copied()
        .collect();
    let is_for_all = |pattern: &&super::WorkloadPattern| pattern.image.is_none();
    let named_by_user = settings
        .gpu_workloads
        .iter()
        .filter(is_for_all)
        .any(|pattern| pattern.fits(object.kind, object.name, ""));
    if !by_image.is_empty() && !named_by_user {
        return by_image;
    }
    let labels = [object.labels(), workload.template.labels];
    let labelled = labels.into_iter().flatten().any(|labels| {
        [
            "app.kubernetes.io/component",
            "app.kubernetes.io/name",
            "app",
            "component",
        ]
        .iter()
        .filter_map(|key| labels.get(key).and_then(NodeRef::text))
        .any(is_gpu_name)
    });
    if !(named_by_user || labelled || is_gpu_name(object.name)) {
        return Vec::new();
    }
    // The main container: the one named as the workload, else the first.
    let main = all
        .iter()
        .find(|container| object.name.ends_with(container.name()) || is_gpu_name(container.name()))
        .or(all.first());
    main.copied().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_model_servers_and_their_cpu_variants() {
        for image in [
            "docker.modular.com/modular/max-nvidia-full:25.4",
            "vllm/vllm-openai:v0.8.1",
            "lmsysorg/sglang:v0.4",
            "ghcr.io/huggingface/text-generation-inference:3.0@sha256:0",
            "nvcr.io/nvidia/tritonserver:24.01-py3",
            "ghcr.io/ggml-org/llama.cpp:server-cuda",
            "pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime",
        ] {
            assert!(needs_gpu(image), "{image}");
        }
        for image in [
            "redis:7",
            "vllm/vllm-openai-cpu:v0.8",
            "ghcr.io/huggingface/text-embeddings-inference:cpu-1.7",
            "ghcr.io/ggml-org/llama.cpp:server",
            "lmcache/vllm-router:1",
            "ollama/ollama:latest",
            "example.com:5000/api",
        ] {
            assert!(!needs_gpu(image), "{image}");
        }
        assert!(is_gpu_name("rel-max-serve-llama") && is_gpu_name("learning-engine"));
        assert!(!is_gpu_name("max-server") && !is_gpu_name("learning-engines"));
    }
}
