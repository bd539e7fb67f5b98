//! Which containers serve or train models.
//!
//! Two signs count: the image is that of a known server or trainer in a variant for GPUs, or the
//! workload is called MAX Serve or learning engine. A name alone is the weaker sign, so it does
//! not count where the container plainly is something else (a database, a proxy, an exporter).

use crate::k8s::{Container, Workload, WorkloadKind};

use super::Settings;

/// What an image's repository must look like.
enum Repository {
    /// Its last part is this.
    Last(&'static str),
    /// Its last part starts with this.
    Starts(&'static str),
    /// One of its parts is this.
    Part(&'static str),
    /// It contains this anywhere.
    Contains(&'static str),
}

use Repository::{Contains, Last, Part, Starts};

/// Servers and trainers whose images need a GPU unless the tag names another device.
const FOR_GPU: &[Repository] = &[
    // MAX, Modular's model server.
    Contains("modular/max-"),
    Last("max-serve"),
    Starts("max-serve-"),
    Last("max-nvidia-full"),
    Last("max-nvidia-base"),
    Last("max-openai-api"),
    // vLLM, and what is built around it.
    Last("vllm"),
    Starts("vllm-openai"),
    Last("vllm-rocm"),
    Last("vllm-cuda"),
    Last("llm-d-cuda"),
    Last("aphrodite-engine"),
    Last("lorax"),
    // SGLang
    Last("sglang"),
    // Hugging Face's servers.
    Last("text-generation-inference"),
    Last("text-embeddings-inference"),
    Starts("huggingface-text-generation-inference"),
    Last("transformers-pytorch-gpu"),
    Last("transformers-pytorch-deepspeed-latest-gpu"),
    // NVIDIA's servers and trainers.
    Last("tritonserver"),
    Contains("nvcr.io/nim/"),
    Part("tensorrt-llm"),
    Last("tensorrtllm_backend"),
    Contains("nvcr.io/nvidia/nemo"),
    Contains("nvcr.io/nvidia/pytorch"),
    Contains("nvcr.io/nvidia/tensorflow"),
    Contains("nvcr.io/nvidia/jax"),
    // Others.
    Last("lmdeploy"),
    Last("tabbyapi"),
    Last("infinity"),
    Last("xinference"),
    Last("axolotl"),
    Starts("axolotl-"),
    Last("unsloth"),
    Last("deepspeed"),
    Last("llamafactory"),
    Last("llama-factory"),
    Last("autotrain-advanced"),
];

/// Images whose tag says whether they need a GPU.
const BY_TAG: &[Repository] = &[
    Last("llama.cpp"),
    Last("whisper.cpp"),
    Last("llama-cpp-python"),
    Contains("pytorch/pytorch"),
    Last("torchserve"),
    Last("torchserve-kfs"),
    Contains("tensorflow/tensorflow"),
    Contains("tensorflow/serving"),
    Contains("rayproject/ray"),
    Contains("anyscale/ray"),
    Last("huggingfaceserver"),
    Last("localai"),
    Last("local-ai"),
    Last("faster-whisper-server"),
    Last("speaches"),
    Last("ollama"),
    Last("pytorch-training"),
    Last("pytorch-inference"),
    Last("huggingface-pytorch-training"),
    Last("huggingface-pytorch-inference"),
];

/// Names of workloads that serve or train models whatever their image.
const NAMES: &[&str] = &["max-serve", "learning-engine"];

/// Words in names of what stands beside a server: it needs no GPU.
const BESIDE: &[&str] = &[
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
    "monitor",
    "operator",
    "postgres",
    "postgresql",
    "prometheus",
    "proxy",
    "redis",
    "router",
    "sdk",
    "test",
    "tests",
    "ui",
    "web",
    "webui",
];

/// Images of well-known things that are no model servers, by their last part.
const OTHERS: &[&str] = &[
    "alpine",
    "aws-cli",
    "bash",
    "busybox",
    "caddy",
    "cloud-sql-proxy",
    "curl",
    "debian",
    "envoy",
    "fluent-bit",
    "grafana",
    "haproxy",
    "istio-proxy",
    "jaeger",
    "kubectl",
    "mariadb",
    "memcached",
    "minio",
    "mc",
    "mongo",
    "mysql",
    "nats",
    "neo4j",
    "nginx",
    "nginx-unprivileged",
    "node-exporter",
    "oauth2-proxy",
    "opentelemetry-collector",
    "opentelemetry-collector-contrib",
    "pgbouncer",
    "postgres",
    "postgresql",
    "prom2json",
    "prometheus",
    "proxyv2",
    "pushgateway",
    "qdrant",
    "rabbitmq",
    "redis",
    "redis_exporter",
    "traefik",
    "ubuntu",
    "valkey",
    "vault",
];

/// Repository and tag of an image, in small letters and without a digest.
struct Image {
    repository: String,
    tag: String,
}

impl Image {
    fn new(image: &str) -> Self {
        let image = image.trim().to_ascii_lowercase();
        let bare = image.split('@').next().unwrap_or_default();
        let (repository, tag) = match bare.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (bare, ""),
        };
        Self {
            repository: repository.to_owned(),
            tag: tag.to_owned(),
        }
    }

    fn last(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or_default()
    }

    fn is(&self, repository: &Repository) -> bool {
        match repository {
            Last(name) => self.last() == *name,
            Starts(name) => self.last().starts_with(name),
            Part(name) => self.repository.split('/').any(|part| part == *name),
            // A mirror may stand before the name: what counts starts a part of the path.
            Contains(name) => {
                let path = name.trim_end_matches('/');
                let is_whole = path.len() < name.len();
                let mut found = self.repository.match_indices(path);
                found.any(|(at, _)| {
                    let (before, rest) = self.repository.split_at(at);
                    let behind = rest.get(path.len()..).unwrap_or_default();
                    let starts = before.is_empty() || before.ends_with('/');
                    starts && (!is_whole || behind.is_empty() || behind.starts_with('/'))
                })
            }
        }
    }

    /// The words of the last part and of the tag.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.last()
            .split(is_separator)
            .chain(self.tag.split(is_separator))
    }

    /// Whether it says that it is for another device than a GPU.
    fn is_for_other_device(&self) -> bool {
        const DEVICES: &[&str] = &[
            "cpu",
            "cpuonly",
            "xeon",
            "neuron",
            "neuronx",
            "inf2",
            "inferentia",
            "trainium",
            "hpu",
            "gaudi",
            "tpu",
            "npu",
            "ascend",
            "openvino",
            "sdk",
        ];
        self.words().any(|word| DEVICES.contains(&word))
    }

    /// Whether it says that it is for a GPU: `cuda`, `cu124`, `rocm`, `gpu`.
    fn is_for_gpu(&self) -> bool {
        self.words().any(|word| {
            ["cuda", "rocm", "cublas", "musa"]
                .iter()
                .any(|name| word.starts_with(name))
                || word == "gpu"
                || word.strip_prefix("cu").is_some_and(|version| {
                    version.len() >= 2 && version.bytes().all(|b| b.is_ascii_digit())
                })
        })
    }
}

fn is_separator(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// Whether an image is that of a model server or trainer that needs a GPU.
#[must_use]
fn needs_gpu(image: &str) -> bool {
    let image = Image::new(image);
    let words: Vec<&str> = image.last().split(is_separator).collect();
    if image.is_for_other_device() || words.iter().any(|word| BESIDE.contains(word)) {
        return false;
    }
    FOR_GPU.iter().any(|known| image.is(known))
        || (image.is_for_gpu() && BY_TAG.iter().any(|known| image.is(known)))
}

/// Whether a name is one of those, alone or with a prefix or suffix: `rel-max-serve-llama`. Names
/// of what stands beside a server (`max-serve-proxy`) are not.
fn is_model_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', '.', '/'], "-");
    let padded = format!("-{name}-");
    NAMES.iter().any(|known| {
        let Some((_, tail)) = padded.split_once(&format!("-{known}-")) else {
            return false;
        };
        !tail.split('-').any(|word| BESIDE.contains(&word))
    })
}

/// Whether a container plainly is something else than a model server: by its image, or because
/// the image names a CPU.
fn is_other(container: &Container<'_>) -> bool {
    let image = Image::new(container.image());
    let first = image.last().split(is_separator).next().unwrap_or_default();
    OTHERS.contains(&image.last())
        || OTHERS.contains(&first)
        || image.last().ends_with("-exporter")
        || image.last().ends_with("_exporter")
        || image.last().ends_with("-proxy")
        || image.is_for_other_device()
}

/// Whether nothing is in the image but Kubernetes' `pause`, which holds a place and does no more.
pub(super) fn only_waits(container: &Container<'_>) -> bool {
    matches!(
        Image::new(container.image()).last(),
        "pause" | "mirrored-pause"
    )
}

/// Whether the container only fetches a model: it runs no server, whatever its image.
fn only_fetches(container: &Container<'_>) -> bool {
    container.arguments().any(|argument| {
        let text = argument.text().unwrap_or_default();
        [
            "huggingface-cli download",
            "hf download",
            "snapshot_download",
        ]
        .iter()
        .any(|command| text.contains(command))
            || text == "download"
    })
}

/// Whether a workload's own name, or a label that names the component, says that it serves or
/// trains models. The chart's name label stands on all its components, so it counts only where no
/// label names the component.
fn is_named(workload: &Workload<'_>) -> bool {
    let object = &workload.object;
    if is_model_name(object.name) {
        return true;
    }
    let padded = object.name.to_ascii_lowercase();
    if padded.split('-').any(|word| BESIDE.contains(&word)) {
        return false;
    }
    let label = |key: &str| {
        let of_object = object.node.at(&["metadata", "labels"]);
        of_object
            .and_then(|labels| labels.get(key)?.text())
            .or_else(|| workload.pod_label(key))
            .map(str::to_owned)
    };
    let component = label("app.kubernetes.io/component").or_else(|| label("component"));
    if let Some(component) = component {
        if is_model_name(&component) {
            return true;
        }
        let is_part_of_server = [
            "inference",
            "model",
            "serve",
            "serving",
            "server",
            "training",
            "trainer",
        ]
        .iter()
        .any(|word| {
            component
                .to_ascii_lowercase()
                .split(is_separator)
                .any(|part| part == *word)
        });
        if !is_part_of_server {
            return false;
        }
    }
    ["app.kubernetes.io/name", "app", "k8s-app", "name"]
        .iter()
        .filter_map(|key| label(key))
        .any(|name| is_model_name(&name))
}

/// The containers of a workload that serve or train models: those whose image says so; else, in a
/// workload whose name says so, the main one. Hooks are none: they prepare; and what is filled up
/// from elsewhere may be given a GPU there.
#[must_use]
pub(super) fn serving<'a>(workload: &Workload<'a>, settings: &Settings) -> Vec<Container<'a>> {
    let object = &workload.object;
    let is_filled_up = matches!(
        workload.kind,
        WorkloadKind::Blueprint | WorkloadKind::LlmInferenceService
    );
    if object.is_hook || is_filled_up {
        return Vec::new();
    }
    let all: Vec<Container<'a>> = workload.main_containers().collect();
    let by_image: Vec<Container<'a>> = all
        .iter()
        .filter(|container| {
            let by_pattern = settings.gpu_workloads.iter().any(|pattern| {
                pattern.image.is_some() && pattern.fits(object.kind, object.name, container.image())
            });
            by_pattern || (needs_gpu(container.image()) && !only_fetches(container))
        })
        .copied()
        .collect();
    if !by_image.is_empty() {
        return by_image;
    }
    let by_pattern = settings
        .gpu_workloads
        .iter()
        .any(|pattern| pattern.image.is_none() && pattern.fits(object.kind, object.name, ""));
    if !by_pattern && !is_named(workload) {
        return Vec::new();
    }
    // The main container: the one named for it, else the first that is not plainly another thing.
    let mut candidates = all
        .iter()
        .filter(|container| by_pattern || !(is_other(container) || only_fetches(container)));
    let named = candidates.clone().find(|container| {
        !container.name().is_empty()
            && (object.name.ends_with(container.name()) || is_model_name(container.name()))
    });
    named
        .or_else(|| candidates.next())
        .copied()
        .into_iter()
        .collect()
}

/// The vendor's resource that an image wants.
#[must_use]
pub(super) fn resource_of(image: &str) -> &'static str {
    if Image::new(image)
        .words()
        .any(|word| word.starts_with("rocm") || word == "amd")
    {
        "amd.com/gpu"
    } else {
        "nvidia.com/gpu"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_model_servers_and_their_cpu_variants() {
        for image in [
            "docker.modular.com/modular/max-nvidia-full:25.4",
            "modular/max-openai-api:latest",
            "mirror.example.com:5000/modular/max-amd:1",
            "max-serve:1.0",
            "vllm/vllm-openai:v0.8.1",
            "vllm/vllm-openai",
            "rocm/vllm:latest",
            "lmsysorg/sglang:v0.4",
            "ghcr.io/huggingface/text-generation-inference:3.0@sha256:0",
            "ghcr.io/huggingface/text-embeddings-inference:1.7",
            "ghcr.io/huggingface/text-embeddings-inference:turing-1.7",
            "nvcr.io/nvidia/tritonserver:24.01-py3",
            "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.3",
            "nvcr.io/nvidia/tensorrt-llm/release:1.0",
            "ghcr.io/ggml-org/llama.cpp:server-cuda",
            "pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime",
            "rayproject/ray:2.40-py311-gpu",
            "rayproject/ray-llm:2.46-cu124",
            "kserve/huggingfaceserver:v0.15-gpu",
            "axolotlai/axolotl:main-latest",
            "tensorflow/serving:2.16-gpu",
        ] {
            assert!(needs_gpu(image), "{image}");
        }
        for image in [
            "",
            "redis:7",
            "vllm/vllm-openai-cpu:v0.8",
            "public.ecr.aws/q9t5s3a7/vllm-cpu-release-repo:v0.9",
            "lmcache/vllm-router:1",
            "ghcr.io/huggingface/text-embeddings-inference:cpu-1.7",
            "ghcr.io/huggingface/text-generation-inference:3.0-intel-cpu",
            "ghcr.io/ggml-org/llama.cpp:server",
            "ollama/ollama:latest",
            "pytorch/pytorch:2.6.0",
            "rayproject/ray:2.40",
            "nvcr.io/nvidia/tritonserver:24.01-py3-sdk",
            "nvcr.io/nvidia/k8s-device-plugin:v0.17",
            "nvcr.io/nvidia/k8s/dcgm-exporter:4.0",
            "example.com:5000/api",
            "acme/max-server:1",
        ] {
            assert!(!needs_gpu(image), "{image}");
        }
    }

    #[test]
    fn knows_the_names_with_prefix_and_suffix() {
        for name in [
            "max-serve",
            "rel-max-serve-llama",
            "learning-engine",
            "x-learning-engine",
            "max_serve",
        ] {
            assert!(is_model_name(name), "{name}");
        }
        for name in [
            "max-server",
            "learning-engines",
            "max-serve-redis",
            "learning-engine-metrics-exporter",
        ] {
            assert!(!is_model_name(name), "{name}");
        }
    }
}
