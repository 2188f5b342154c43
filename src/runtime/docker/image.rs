//! The image: here already, or pulled with progress; and whether it is the one of last time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bollard::models::{CreateImageInfo, ImageInspect};
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::engine::{ContainerEngine, is_not_found};
use crate::runtime::{Event, Progress, RuntimeError};
use crate::topology::embedded_containers;

/// Beside the progress file: which image a name stood for.
const SEEN: &str = "images.json";

/// An image that the engine has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// What it is called by.
    pub name: String,
    /// The digest of its configuration: the same for the same image, whatever it is called.
    pub id: String,
    /// Its digest in the registry that it came from, if it came from one.
    pub digest: Option<String>,
    /// The processor that it is made for, such as `amd64`.
    pub architecture: String,
    /// Where it keeps data: that differs between major versions of PostgreSQL.
    #[serde(default)]
    pub volumes: Vec<String>,
}

/// The image that a topology's Compose file pins.
///
/// # Errors
/// When the file is wrong or names none.
pub fn image_of(topology: &str) -> Result<String, RuntimeError> {
    let unfit = |reason: String| RuntimeError::NoContainers {
        topology: topology.to_owned(),
        reason,
    };
    let containers = embedded_containers(topology).map_err(|error| unfit(error.to_string()))?;
    let first = containers.into_values().next();
    let first = first.ok_or_else(|| unfit("it names no image".to_owned()))?;
    Ok(first.image)
}

impl ContainerEngine {
    /// The image of that name, if it is here. The network is not asked.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn image(&self, name: &str) -> Result<Option<ImageFacts>, RuntimeError> {
        match self.api.inspect_image(name).await {
            Ok(found) => Ok(Some(facts(name, found))),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(self.error(&format!("looking for the image {name}"), &error)),
        }
    }

    /// The image of that name, pulled where it is not here.
    ///
    /// # Errors
    /// When it can be had from nowhere.
    pub(super) async fn bring_image(
        &self,
        name: &str,
        platform: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<ImageFacts, RuntimeError> {
        if let Some(found) = self.image(name).await? {
            return Ok(found);
        }
        let (repository, tag) = split(name);
        let mut options = CreateImageOptionsBuilder::new()
            .from_image(repository)
            .tag(tag);
        if let Some(platform) = platform {
            options = options.platform(platform);
        }
        let failed = |reason: String| RuntimeError::NoImage {
            image: name.to_owned(),
            reason: format!(
                "{reason}. Without a network, load it from a bundle that `citus-tour bundle` wrote elsewhere (--bundle FILE), name another with --image, or use --runtime local"
            ),
        };
        let mut layers = Layers::default();
        let mut pulling = std::pin::pin!(self.api.create_image(Some(options.build()), None, None));
        loop {
            let next = pulling.try_next().await;
            let Some(info) =
                next.map_err(|error| failed(self.error("pulling it", &error).to_string()))?
            else {
                break;
            };
            if let Some(error) = info.error_detail.as_ref() {
                return Err(failed(error.message.clone().unwrap_or_default()));
            }
            if layers.hear(&info) {
                progress.report(layers.event(name));
            }
        }
        let found = self.image(name).await?;
        found.ok_or_else(|| {
            failed("the engine said that it was pulled, and does not have it".to_owned())
        })
    }
}

/// Says where an image is not what it was, or not made for this machine; remembers what it is.
pub(super) fn compare(
    engine: &ContainerEngine,
    image: &ImageFacts,
    data: &Path,
    progress: &dyn Progress,
) -> Result<(), RuntimeError> {
    let here = &engine.facts().architecture;
    if !image.architecture.is_empty()
        && !here.is_empty()
        && !same_processor(&image.architecture, here)
    {
        progress.report(Event::Remark(format!(
            "{} is made for {} and this engine's machine is {here}: it is emulated, which is slow and may end servers. An image for {here} can be named with --image, and --runtime local needs none",
            image.name, image.architecture
        )));
    }
    let path = data.join(SEEN);
    let text = fs::read_to_string(&path).unwrap_or_default();
    // What cannot be read is as good as nothing: it is only for comparing.
    let mut seen: BTreeMap<String, ImageFacts> = serde_json::from_str(&text).unwrap_or_default();
    match seen.get(&image.name) {
        Some(before) if before == image => return Ok(()),
        Some(before) if before.id != image.id => {
            let called =
                |facts: &ImageFacts| facts.digest.clone().unwrap_or_else(|| facts.id.clone());
            progress.report(Event::Remark(format!(
                "{} is another image than last time: it was {}, and is {}",
                image.name,
                called(before),
                called(image)
            )));
        }
        _ => {}
    }
    seen.insert(image.name.clone(), image.clone());
    let text = serde_json::to_string_pretty(&seen).unwrap_or_default();
    fs::write(&path, text).map_err(|error| RuntimeError::io("remembering the image", &path, error))
}

fn same_processor(one: &str, other: &str) -> bool {
    let usual = |name: &str| match name {
        "x86_64" | "amd64" => "amd64".to_owned(),
        "aarch64" | "arm64" => "arm64".to_owned(),
        other => other.to_owned(),
    };
    usual(one) == usual(other)
}

fn facts(name: &str, found: ImageInspect) -> ImageFacts {
    let digest = found.repo_digests.unwrap_or_default().into_iter().next();
    ImageFacts {
        name: name.to_owned(),
        id: found.id.unwrap_or_default(),
        digest: digest.and_then(|digest| digest.split_once('@').map(|(_, sum)| sum.to_owned())),
        architecture: found.architecture.unwrap_or_default(),
        volumes: found
            .config
            .and_then(|config| config.volumes)
            .unwrap_or_default(),
    }
}

/// `repository` and `tag` of a name; a port of a registry is no tag.
fn split(name: &str) -> (&str, &str) {
    if name.contains('@') {
        return (name, "");
    }
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, "latest"),
    }
}

/// How far each layer is.
#[derive(Debug, Default)]
struct Layers {
    /// Bytes that are here and bytes that there are, by layer.
    bytes: BTreeMap<String, (u64, u64)>,
    done: BTreeMap<String, bool>,
}

impl Layers {
    /// Whether that was news.
    fn hear(&mut self, info: &CreateImageInfo) -> bool {
        let (Some(layer), Some(status)) = (&info.id, &info.status) else {
            return false;
        };
        match status.as_str() {
            "Pulling fs layer" | "Waiting" => {
                self.done.entry(layer.clone()).or_default();
            }
            "Downloading" => {
                let of = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
                let detail = info.progress_detail.as_ref();
                let current = of(detail.and_then(|detail| detail.current)).unwrap_or(0);
                let total = of(detail.and_then(|detail| detail.total)).unwrap_or(current);
                self.done.entry(layer.clone()).or_default();
                self.bytes.insert(layer.clone(), (current, total));
            }
            "Download complete" | "Pull complete" | "Already exists" => {
                if let Some((current, total)) = self.bytes.get_mut(layer) {
                    *current = *total;
                }
                self.done
                    .insert(layer.clone(), status != "Download complete");
            }
            _ => return false,
        }
        true
    }

    fn event(&self, image: &str) -> Event {
        let sum = |of: fn(&(u64, u64)) -> u64| self.bytes.values().map(of).sum();
        Event::Pulling {
            image: image.to_owned(),
            layers: self.done.len(),
            layers_done: self.done.values().filter(|done| **done).count(),
            bytes: sum(|bytes| bytes.0),
            bytes_known: sum(|bytes| bytes.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::ProgressDetail;

    #[test]
    fn a_registrys_port_is_no_tag() {
        assert_eq!(
            split("citusdata/citus:13.2.0-pg17"),
            ("citusdata/citus", "13.2.0-pg17")
        );
        assert_eq!(split("here:5000/citus"), ("here:5000/citus", "latest"));
        assert_eq!(split("here:5000/citus:1"), ("here:5000/citus", "1"));
        assert_eq!(split("citus@sha256:ab"), ("citus@sha256:ab", ""));
    }

    #[test]
    fn layers_are_added_up() {
        let mut layers = Layers::default();
        let mut hear = |id: &str, status: &str, detail: Option<(i64, i64)>| {
            layers.hear(&CreateImageInfo {
                id: Some(id.to_owned()),
                status: Some(status.to_owned()),
                progress_detail: detail.map(|(current, total)| ProgressDetail {
                    current: Some(current),
                    total: Some(total),
                }),
                ..CreateImageInfo::default()
            })
        };
        assert!(hear("a", "Pulling fs layer", None));
        assert!(hear("b", "Already exists", None));
        assert!(hear("a", "Downloading", Some((10, 100))));
        assert!(hear("c", "Downloading", Some((5, 50))));
        assert!(hear("c", "Pull complete", None));
        assert!(!hear("c", "Verifying Checksum", None));
        assert_eq!(
            layers.event("citus"),
            Event::Pulling {
                image: "citus".into(),
                layers: 3,
                layers_done: 2,
                bytes: 60,
                bytes_known: 150
            }
        );
    }

    #[test]
    fn names_of_one_processor_are_one() {
        assert!(same_processor("amd64", "x86_64"));
        assert!(!same_processor("amd64", "aarch64"));
    }

    #[test]
    fn each_topology_pins_an_image() {
        for topology in crate::topology::embedded().unwrap() {
            let image = image_of(&topology.name).unwrap();
            assert!(image.starts_with("citusdata/citus:"), "{image}");
        }
        assert!(image_of("nowhere").is_err());
    }
}
