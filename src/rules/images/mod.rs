//! Which containers serve or train models.
//!
//! Three signs count: the image is that of a known server or trainer in a variant for GPUs, the
//! workload is called MAX Serve or learning engine, and the command says what is done with it. An
//! image runs anything it holds: where the command names another task (a proxy, a download), or is
//! a script and the container is named for another task, the image does not count. Nor does it
//! where the command says that it runs on a CPU. In an image that nothing is known of the command
//! alone counts, where it starts a server or trainer that is known to need a GPU. A name alone is
//! the weakest sign, so it does not count where the container plainly is something else (a
//! database, a proxy, an exporter).

mod known;
mod programs;
mod task;
mod waiting;

use crate::k8s::{Container, Release, Role, Workload, WorkloadKind};

use super::Settings;
use known::{Purpose, is_other, is_separator, purpose};
use task::{BESIDE, Task};

pub(super) use known::resource_of;
pub(super) use waiting::only_waits;

/// Names of workloads that serve or train models whatever their image.
const NAMES: &[&str] = &["max-serve", "learning-engine"];

/// Whether a name is one of those, alone or with a prefix or suffix: `rel-max-serve-llama`. Names
/// of what stands beside a server (`max-serve-proxy`) are not.
fn is_model_name(name: &str) -> bool {
    // Most names are none, whatever stands around them.
    let is_alike = |(here, known): (&u8, u8)| {
        here.eq_ignore_ascii_case(&known) || (known == b'-' && matches!(here, b'_' | b'.' | b'/'))
    };
    let has = |known: &&str| {
        let mut windows = name.as_bytes().windows(known.len());
        windows.any(|window| window.iter().zip(known.bytes()).all(is_alike))
    };
    if !NAMES.iter().any(has) {
        return false;
    }
    let name = name.to_ascii_lowercase().replace(['_', '.', '/'], "-");
    let padded = format!("-{name}-");
    NAMES.iter().any(|known| {
        let Some((_, tail)) = padded.split_once(&format!("-{known}-")) else {
            return false;
        };
        !tail.split('-').any(|word| BESIDE.contains(&word))
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

/// A container that serves or trains models.
#[derive(Debug, Clone, Copy)]
pub(super) struct Serving<'a> {
    /// The container.
    pub(super) container: Container<'a>,
    /// Whether it surely does: its image's own program or its command says so, not only the name of
    /// the workload or an image with a script.
    pub(super) is_certain: bool,
    /// Whether it serves: what trains answers nobody.
    pub(super) is_server: bool,
    /// What fills it up: the container of a ServingRuntime.
    pub(super) runtime: Option<Runtime<'a>>,
}

impl<'a> Serving<'a> {
    /// The image that it runs.
    pub(super) fn image(&self) -> &'a str {
        match (self.container.image(), self.runtime) {
            ("", Some(runtime)) => runtime.container.image(),
            (image, _) => image,
        }
    }
}

/// What an InferenceService's container has from a ServingRuntime of the release.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runtime<'a> {
    /// The runtime.
    pub(super) workload: Workload<'a>,
    /// Its container of the same name.
    pub(super) container: Container<'a>,
}

/// Whether one of a name's words is one of those.
fn has_word(name: &str, words: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    name.split(is_separator).any(|word| words.contains(&word))
}

/// Whether a container that is known by its image, or by the program that is started in it, serves
/// or trains models.
fn known_by_image<'a>(
    workload: &Workload<'a>,
    container: Container<'a>,
    settings: &Settings,
) -> Option<Serving<'a>> {
    let object = &workload.object;
    let is_configured = settings.gpu_workloads.iter().any(|pattern| {
        pattern.image.is_some() && pattern.fits(object.kind, object.name, container.image())
    });
    let serving = |is_certain, is_server| {
        Some(Serving {
            container,
            is_certain,
            is_server,
            runtime: None,
        })
    };
    let purpose = purpose(container.image());
    if !is_configured && purpose.is_none() {
        let task = programs::started(workload, &container)?;
        return serving(true, task == Task::Serves);
    }
    let task = Task::of(&container);
    let is_named_for_training =
        || is_for_training(container.name()) || is_for_training(object.name);
    if is_configured {
        let is_server = match task {
            Task::Serves => true,
            Task::Own | Task::Unknown => !is_named_for_training(),
            Task::Trains | Task::Other => false,
        };
        return serving(true, is_server);
    }
    let is_serving_image = purpose? == Purpose::Serves;
    if programs::is_told_other_device(&container) {
        return None;
    }
    let is_named_beside = || has_word(container.name(), BESIDE) || has_word(object.name, BESIDE);
    match task {
        Task::Own if is_serving_image => serving(true, true),
        Task::Serves => serving(true, true),
        Task::Trains => serving(true, false),
        Task::Own | Task::Unknown if !is_named_beside() => {
            serving(false, is_serving_image && !is_named_for_training())
        }
        Task::Own | Task::Unknown | Task::Other => None,
    }
}

/// Whether a name says that something is trained.
fn is_for_training(name: &str) -> bool {
    has_word(
        name,
        &[
            "finetune",
            "finetuner",
            "finetuning",
            "notebook",
            "notebooks",
            "jupyter",
            "train",
            "trainer",
            "training",
        ],
    )
}

/// Whether an InferenceService's model is served by what a ServingRuntime of the release names.
fn filled<'a>(
    release: &Release<'a>,
    workload: &Workload<'a>,
    container: Container<'a>,
    settings: &Settings,
) -> Option<Serving<'a>> {
    let runtime = runtime(release, workload, &container)?;
    // What the InferenceService names goes before that.
    let names_own = |key| container.node.get(key).is_some();
    if names_own("image") || names_own("command") {
        return None;
    }
    let serves = known_by_image(&runtime.workload, runtime.container, settings)?;
    let is_elsewhere = programs::is_told_other_device(&container);
    (serves.is_server && !is_elsewhere).then_some(Serving {
        container,
        // Which of the containers has the GPU is for both objects to say.
        is_certain: false,
        runtime: Some(runtime),
        ..serves
    })
}

/// The ServingRuntime that an InferenceService names, where it is in the release. One of the
/// namespace goes before one of the cluster.
fn runtime<'a>(
    release: &Release<'a>,
    workload: &Workload<'a>,
    container: &Container<'a>,
) -> Option<Runtime<'a>> {
    let name = container.node.get("runtime")?.text()?;
    let is_named = |kind: &str, one: &&Workload<'a>| {
        one.kind == WorkloadKind::Blueprint
            && one.object.kind == kind
            && one.object.name == name
            && (kind != "ServingRuntime" || one.object.shares_namespace(&workload.object))
    };
    let found = ["ServingRuntime", "ClusterServingRuntime"]
        .iter()
        .find_map(|kind| release.workloads().iter().find(|one| is_named(kind, one)))?;
    let mut containers = found.main_containers();
    let container = containers.find(|one| one.name() == container.name())?;
    Some(Runtime {
        workload: *found,
        container,
    })
}

/// The containers of a workload that serve or train models: those whose image says so; else, in a
/// workload whose name says so, the main one. Hooks are none: they prepare; and what is filled up
/// from elsewhere may be given a GPU there, unless that is in the release, too.
#[must_use]
pub(super) fn serving<'a>(
    release: &Release<'a>,
    workload: &Workload<'a>,
    settings: &Settings,
) -> Vec<Serving<'a>> {
    let object = &workload.object;
    let is_filled_up = matches!(
        workload.kind,
        WorkloadKind::Blueprint | WorkloadKind::LlmInferenceService
    );
    if object.is_hook || is_filled_up {
        return Vec::new();
    }
    let by_image: Vec<Serving<'a>> = workload
        .running_containers()
        .filter_map(|container| match container.role {
            Role::Filled(_) => filled(release, workload, container, settings),
            _ => known_by_image(workload, container, settings),
        })
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
    let all: Vec<Container<'a>> = workload.main_containers().collect();
    // The main container: the one named for it, else the first that is not plainly another thing.
    let is_other = |container: &Container<'a>| {
        is_other(container.image())
            || Task::of(container) == Task::Other
            || programs::is_told_other_device(container)
    };
    let mut candidates = all
        .iter()
        .filter(|container| by_pattern || !is_other(container));
    let named = candidates.clone().find(|container| {
        !container.name().is_empty()
            && (object.name.ends_with(container.name()) || is_model_name(container.name()))
    });
    let main = named.or_else(|| candidates.next()).copied();
    main.map(|container| Serving {
        container,
        is_certain: false,
        runtime: None,
        is_server: match Task::of(&container) {
            Task::Serves => true,
            Task::Own | Task::Unknown => {
                !is_for_training(object.name) && !is_for_training(container.name())
            }
            Task::Trains | Task::Other => false,
        },
    })
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
