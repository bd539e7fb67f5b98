//! Extended resources that are GPUs and other devices for models.

/// Whether an extended resource is a GPU or another device for models, whoever makes it.
#[must_use]
pub fn is_device(name: &str) -> bool {
    let Some((vendor, device)) = name.split_once('/') else {
        return false;
    };
    let device = device.strip_prefix("shared-").unwrap_or(device);
    let is_known_vendor = matches!(
        vendor,
        "nvidia.com"
            | "gpu.intel.com"
            | "habana.ai"
            | "gpu.deckhouse.io"
            | "huawei.com"
            | "metax-tech.com"
            | "mthreads.com"
            | "iluvatar.ai"
            | "cambricon.com"
            | "enflame.com"
            | "kunlunxin.com"
    );
    // A slip is no device: `nvidia.com/gpus`.
    if misspelt_device(name).is_some() {
        return false;
    }
    is_known_vendor
        || device.split(['-', '.', '_']).any(|word| {
            matches!(
                word,
                "gpu" | "vgpu" | "mig" | "tpu" | "npu" | "gaudi" | "vcuda" | "xpu" | "dcunum"
            )
        })
        || device.starts_with("neuron")
        || device.starts_with("mig-")
}

/// The resource that a slip was meant for.
#[must_use]
pub fn misspelt_device(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let (right, slips): (_, &[&str]) = match lower.as_str() {
        "nvidia.com/gpu" | "amd.com/gpu" if lower == name => return None,
        lower if lower.contains("amd") => (
            "amd.com/gpu",
            &["amd.com/gpu", "amd.com/gpus", "amd/gpu", "amd.com.gpu"],
        ),
        _ => (
            "nvidia.com/gpu",
            &[
                "nvidia.com/gpu",
                "nvidia.com/gpus",
                "nvidia/gpu",
                "nvidia.com.gpu",
                "nvidia.gpu",
                "nvidia-gpu",
                "nvidia.com-gpu",
                "nvidia.io/gpu",
                "nvidea.com/gpu",
                "nvida.com/gpu",
                "www.nvidia.com/gpu",
                "gpu",
                "gpus",
            ],
        ),
    };
    slips.contains(&lower.as_str()).then_some(right)
}

/// Whether one of it is one device: a card, or a slice that a pod has for itself. Shares of a card
/// in time, memory, cores or percent are not, and neither are network cards of the same makers.
#[must_use]
pub fn is_whole_device(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "bandwidth",
        "cores",
        "hca",
        "hostdev",
        "ib",
        "mem",
        "memory",
        "millicores",
        "monitoring",
        "percent",
        "percentage",
        "rdma",
        "share",
        "shared",
        "sriov",
        "tiles",
        "vf",
    ];
    let device = name.split_once('/').map_or("", |(_, device)| device);
    let device = device.to_ascii_lowercase();
    let words = || device.split(['-', '.', '_']);
    is_device(name)
        && !words().any(|word| {
            let part = word.strip_prefix("vgpu").or(word.strip_prefix("gpu"));
            PARTS.contains(&part.filter(|part| !part.is_empty()).unwrap_or(word))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_devices() {
        for name in [
            "nvidia.com/gpu",
            "nvidia.com/gpu.shared",
            "nvidia.com/mig-1g.5gb",
            "amd.com/gpu",
            "gpu.intel.com/i915",
            "aws.amazon.com/neuron",
            "google.com/tpu",
            "habana.ai/gaudi",
            "volcano.sh/vgpu-number",
            "aliyun.com/gpu-mem",
            "huawei.com/Ascend910",
        ] {
            assert!(is_device(name), "{name}");
        }
        for name in [
            "memory",
            "cpu",
            "rdma/hca",
            "smarter-devices/fuse",
            "nvidia.com/gpus",
            "nvidia.com/GPU",
            "gpu",
            "ephemeral-storage",
            "hugepages-2Mi",
        ] {
            assert!(!is_device(name), "{name}");
        }
        assert_eq!(misspelt_device("nvidia.com/gpus"), Some("nvidia.com/gpu"));
        assert_eq!(misspelt_device("AMD.com/gpu"), Some("amd.com/gpu"));
        assert_eq!(misspelt_device("nvidia.com/gpu"), None);
        assert_eq!(misspelt_device("rdma/hca"), None);
    }

    #[test]
    fn knows_which_of_them_count_as_devices() {
        for (name, expected) in [
            ("nvidia.com/gpu", true),
            ("nvidia.com/mig-1g.5gb", true),
            ("amd.com/gpu", true),
            ("nvidia.com/gpu.shared", false),
            ("nvidia.com/gpumem", false),
            ("nvidia.com/gpucores", false),
            ("nvidia.com/rdma_shared_device_a", false),
            ("aliyun.com/gpu-mem", false),
            ("volcano.sh/vgpu-memory", false),
            ("volcano.sh/vgpu-number", true),
            ("gpu.intel.com/i915", true),
            ("gpu.intel.com/i915_monitoring", false),
            ("cpu", false),
        ] {
            assert_eq!(is_whole_device(name), expected, "{name}");
        }
    }
}
