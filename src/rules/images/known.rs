//! Which images hold model servers and trainers, and for which device.

use super::task::BESIDE;

/// What an image's repository must look like.
enum Repository {
    /// Its last part is this.
    Last(&'static str),
    /// Its last part starts with this.
    Starts(&'static str),
    /// Its last part has this, from the start of a word.
    Has(&'static str),
    /// One of its parts is this.
    Part(&'static str),
    /// It contains this, from the start of a part; a `/` at the end ends a part, or all of it.
    Contains(&'static str),
}

use Repository::{Contains, Has, Last, Part, Starts};

/// Servers whose images need a GPU unless the tag names another device.
const SERVERS: &[Repository] = &[
    // MAX, Modular's model server.
    Contains("modular/max-"),
    Last("max-serve"),
    Starts("max-serve-"),
    Last("max-nvidia-full"),
    Last("max-nvidia-base"),
    Last("max-openai-api"),
    // vLLM, and what is built around it.
    Last("vllm"),
    Has("vllm-openai"),
    Last("vllm-rocm"),
    Last("vllm-cuda"),
    Contains("rocm/vllm-dev/"),
    Last("llm-d-cuda"),
    Last("aphrodite-engine"),
    Last("lorax"),
    // SGLang
    Last("sglang"),
    Last("sglang-rocm"),
    Contains("rocm/sgl-dev/"),
    // Hugging Face's servers.
    Last("text-generation-inference"),
    Last("text-embeddings-inference"),
    Starts("huggingface-text-generation-inference"),
    // NVIDIA's servers.
    Last("tritonserver"),
    Contains("nvcr.io/nim/"),
    Last("tensorrtllm_backend"),
    Contains("ai-dynamo/vllm-runtime/"),
    Contains("ai-dynamo/sglang-runtime/"),
    Contains("ai-dynamo/tensorrtllm-runtime/"),
    // Others.
    Starts("ipex-llm-serving-xpu"),
    Last("lmdeploy"),
    Last("tabbyapi"),
    // RAGFlow's database has the same last name.
    Contains("michaelf34/infinity/"),
    Last("xinference"),
];

/// Servers whose tag says whether they need a GPU.
const SERVERS_BY_TAG: &[Repository] = &[
    Last("llama.cpp"),
    Last("whisper.cpp"),
    Last("llama-cpp-python"),
    Last("torchserve"),
    Last("torchserve-kfs"),
    Contains("tensorflow/serving"),
    Last("huggingfaceserver"),
    Last("localai"),
    Last("local-ai"),
    Last("faster-whisper-server"),
    Last("speaches"),
    Last("ollama"),
    Last("pytorch-inference"),
    Last("huggingface-pytorch-inference"),
];

/// Trainers, and frameworks for anything, whose images need a GPU unless the tag names another
/// device.
const WORKSHOPS: &[Repository] = &[
    Last("transformers-pytorch-gpu"),
    Last("transformers-pytorch-deepspeed-latest-gpu"),
    Last("trl-latest-gpu"),
    Last("trl-source-gpu"),
    Last("peft-gpu"),
    Part("tensorrt-llm"),
    Contains("nvcr.io/nvidia/nemo/"),
    Contains("nvcr.io/nvidia/nemo-rl/"),
    Contains("nvcr.io/nvidia/nemo-automodel/"),
    Contains("nvcr.io/nvidia/pytorch/"),
    Contains("nvcr.io/nvidia/tensorflow/"),
    Contains("nvcr.io/nvidia/jax/"),
    Contains("mosaicml/llm-foundry/"),
    Last("axolotl"),
    Starts("axolotl-"),
    Last("unsloth"),
    Last("deepspeed"),
    Last("llamafactory"),
    Last("llama-factory"),
    Last("autotrain-advanced"),
];

/// Frameworks whose tag says whether they need a GPU.
const WORKSHOPS_BY_TAG: &[Repository] = &[
    Contains("pytorch/pytorch"),
    Contains("tensorflow/tensorflow"),
    Contains("rayproject/ray"),
    Contains("anyscale/ray"),
    Last("pytorch-training"),
    Last("huggingface-pytorch-training"),
];

/// Images without a device in their name that are for a CPU: their publishers name the device of
/// every other variant.
const FOR_CPU: &[Repository] = &[Contains("opea/vllm/")];

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
            Has(name) => self.last().match_indices(name).any(|(at, _)| {
                let before = self.last().get(..at).unwrap_or_default();
                before.is_empty() || before.ends_with(is_separator)
            }),
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

    /// Whether a part before the last, who publishes it, is this.
    fn is_of(&self, publisher: &str) -> bool {
        let parts = self.repository.rsplit('/').skip(1);
        parts.into_iter().any(|part| part == publisher)
    }

    /// The words of the last part and of the tag.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.last()
            .split(is_separator)
            .chain(self.tag.split(is_separator))
    }

    /// Whether its name says that it stands beside a server.
    fn is_beside(&self) -> bool {
        let mut words = self.last().split(is_separator);
        words.any(|word| BESIDE.contains(&word))
    }

    /// Whether its name says that it is to be replaced, as bases for kustomize have it.
    fn is_placeholder(&self) -> bool {
        const WORDS: &[&str] = &[
            "changeme",
            "kustomize",
            "placeholder",
            "replace",
            "replaced",
            "replaceme",
            "tbd",
            "todo",
        ];
        let mut words = self.last().split(is_separator);
        words.any(|word| WORDS.contains(&word))
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
            || FOR_CPU.iter().any(|known| self.is(known))
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

pub(super) fn is_separator(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// What an image that needs a GPU is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Its own command serves a model.
    Serves,
    /// It trains, or holds what anything can be done with: the command says what.
    Works,
}

/// What an image is for, where it is that of a model server or trainer that needs a GPU.
#[must_use]
pub(super) fn purpose(image: &str) -> Option<Purpose> {
    let image = Image::new(image);
    if image.is_beside() || image.is_for_other_device() {
        return None;
    }
    let is_one_of = |always: &[Repository], by_tag: &[Repository]| {
        always.iter().any(|known| image.is(known))
            || (image.is_for_gpu() && by_tag.iter().any(|known| image.is(known)))
    };
    if is_one_of(SERVERS, SERVERS_BY_TAG) {
        Some(Purpose::Serves)
    } else if is_one_of(WORKSHOPS, WORKSHOPS_BY_TAG) {
        Some(Purpose::Works)
    } else {
        None
    }
}

/// Whether what is started in an image may use a GPU: the image neither is for another device, nor
/// for what stands beside a server. What another image takes the place of may get a device there.
#[must_use]
pub(super) fn may_use_gpu(image: &str) -> bool {
    let image = Image::new(image);
    let mut by_tag = SERVERS_BY_TAG.iter().chain(WORKSHOPS_BY_TAG);
    !image.repository.is_empty()
        && !image.is_beside()
        && !image.is_for_other_device()
        && !image.is_placeholder()
        && (image.is_for_gpu() || !by_tag.any(|known| image.is(known)))
}

/// Whether an image plainly is that of something else than a model server, or is for a CPU.
#[must_use]
pub(super) fn is_other(image: &str) -> bool {
    let image = Image::new(image);
    let first = image.last().split(is_separator).next().unwrap_or_default();
    OTHERS.contains(&image.last())
        || OTHERS.contains(&first)
        || image.last().ends_with("-exporter")
        || image.last().ends_with("_exporter")
        || image.last().ends_with("-proxy")
        || image.is_for_other_device()
}

/// Whether nothing is in an image but Kubernetes' `pause`, which holds a place and does no more.
#[must_use]
pub(super) fn is_pause(image: &str) -> bool {
    matches!(Image::new(image).last(), "pause" | "mirrored-pause")
}

/// The vendor's resource that an image wants.
#[must_use]
pub(in crate::rules) fn resource_of(image: &str) -> &'static str {
    let image = Image::new(image);
    let has = |test: fn(&str) -> bool| image.words().any(test);
    if has(|word| word.starts_with("rocm") || word == "amd") || image.is_of("rocm") {
        "amd.com/gpu"
    } else if has(|word| word == "xpu") {
        "gpu.intel.com/i915"
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
            "ghcr.io/neuralmagic/nm-vllm-openai:v0.1.0",
            "registry.example.com/acme-vllm-openai-lora:1",
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
            "michaelf34/infinity:0.0.76",
            "mirror.example.com/michaelf34/infinity:0.0.76",
            "nvcr.io/nvidia/nemo:25.02",
            "nvcr.io/nvidia/nemo-rl:v0.4",
            "rocm/vllm-dev:nightly",
            "nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.8.0",
            "nvcr.io/nvidia/ai-dynamo/sglang-runtime:0.8.0",
            "nvcr.io/nvidia/ai-dynamo/tensorrtllm-runtime:0.8.0",
            "lmsysorg/sglang-rocm:v0.5",
            "intelanalytics/ipex-llm-serving-xpu:latest",
            "mosaicml/llm-foundry:2.7.0_cu128-latest",
            "huggingface/trl-latest-gpu",
            "opea/vllm-rocm:1.4",
        ] {
            assert!(purpose(image).is_some(), "{image}");
        }
        for image in [
            "",
            "redis:7",
            "vllm/vllm-openai-cpu:v0.8",
            "acme/vllm-openai-mock:1",
            "acme/mock-vllm-openai:1",
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
            "infiniflow/infinity:v0.6",
            "nvcr.io/nvidia/nemo-microservices/guardrails:25.12",
            "opea/vllm:1.4",
            "nvcr.io/nvidia/ai-dynamo/kubernetes-operator:0.8.0",
        ] {
            assert!(purpose(image).is_none(), "{image}");
        }
    }

    #[test]
    fn tells_servers_from_what_only_can_serve() {
        let serves = Some(Purpose::Serves);
        assert_eq!(purpose("vllm/vllm-openai"), serves);
        assert_eq!(purpose("tensorflow/serving:2.16-gpu"), serves);
        assert_eq!(
            purpose("tensorflow/tensorflow:2.16-gpu"),
            Some(Purpose::Works)
        );
        assert_eq!(purpose("axolotlai/axolotl"), Some(Purpose::Works));
        assert_eq!(resource_of("rocm/vllm-dev:nightly"), "amd.com/gpu");
        assert_eq!(resource_of("intel/vllm:0.10.0-xpu"), "gpu.intel.com/i915");
        assert_eq!(resource_of("vllm/vllm-openai"), "nvidia.com/gpu");
    }
}
