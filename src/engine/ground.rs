//! Where a tour's nodes are to live: what was asked for, else the best that this machine offers, with the reasons.

use std::path::Path;
use std::sync::Arc;

use super::{Choice, EngineError, EngineKind, EnginePreference, choose, is_real, words_of};
use crate::runtime::{
    Directories, GuardProgram, Progress, Runtime, RuntimeError,
    docker::{ContainerEngine, DockerCluster, DockerPlan, ImageFacts, image_of, load_bundle},
    local::{Discovery, LocalCluster, LocalPlan, discover},
};
use crate::topology::Topology;

/// `--runtime`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RuntimePreference {
    /// Local servers that have Citus, else containers where the image is at hand, else local servers with the emulation.
    #[default]
    Auto,
    /// Servers of our own on this machine.
    Local,
    /// Containers.
    Docker,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Where nodes are to live.
    pub runtime: RuntimePreference,
    /// What is to make them one database.
    pub engine: EnginePreference,
    /// The PostgreSQL programs to use.
    pub pg_bindir: Option<std::path::PathBuf>,
    /// The image to use in place of the Compose file's.
    pub image: Option<String>,
    /// A bundle whose image is to be used.
    pub bundle: Option<std::path::PathBuf>,
}

impl Wish {
    /// The image of containers: the one that was asked for, else the one that the topology's Compose file pins.
    ///
    /// # Errors
    /// When neither names one.
    pub(super) fn image_for(&self, topology: &str) -> Result<String, RuntimeError> {
        match &self.image {
            Some(image) => Ok(image.clone()),
            None => image_of(topology),
        }
    }
}

/// What was decided.
#[derive(Debug)]
pub enum Ground {
    /// Servers of our own.
    Local(Choice),
    /// Containers in an engine, of an image.
    Docker(ContainerEngine, String),
}

/// What of containers there is.
#[derive(Debug)]
pub enum Containers {
    /// An engine answers; the image, where it is at hand.
    Answer(Box<ContainerEngine>, Option<ImageFacts>),
    /// None does, or it cannot be asked.
    Nothing(RuntimeError),
}

/// Looks what containers there are. An engine that is not there costs no time.
pub async fn look_for_containers(image: &str) -> Containers {
    match ContainerEngine::find().await {
        Ok(engine) => match engine.image(image).await {
            Ok(found) => Containers::Answer(Box::new(engine), found),
            Err(error) => Containers::Nothing(error),
        },
        Err(error) => Containers::Nothing(error),
    }
}

/// Decides for a topology.
///
/// # Errors
/// When nothing on this machine can do what is asked for; the message says what would.
pub async fn decide(
    wish: &Wish,
    topology: &str,
    directories: &Directories,
) -> Result<Ground, EngineError> {
    if let Some(path) = &wish.bundle {
        let engine = ContainerEngine::find().await?;
        let bundle = load_bundle(&engine, path).await?;
        let image = wish.image.clone().unwrap_or(bundle.image.name);
        return Ok(Ground::Docker(engine, image));
    }
    if wish.runtime == RuntimePreference::Docker {
        let image = wish.image_for(topology)?;
        return Ok(Ground::Docker(ContainerEngine::find().await?, image));
    }
    let found = find(wish.pg_bindir.as_deref(), directories).await?;
    let local = choose(wish.engine, &found);
    // Local servers need no image: a topology that names none has them all the same.
    if wants_containers(wish, &local)
        && let Ok(image) = wish.image_for(topology)
        && let Containers::Answer(engine, Some(_)) = look_for_containers(&image).await
    {
        return Ok(Ground::Docker(*engine, image));
    }
    Ok(Ground::Local(local?))
}

/// Starts a topology there.
///
/// # Errors
/// When files cannot be prepared or a node does not start; nothing is left running then.
pub async fn start_on(
    ground: Ground,
    topology: Topology,
    keep: Option<String>,
    directories: Directories,
    progress: &dyn Progress,
) -> Result<Arc<dyn Runtime>, EngineError> {
    let guard = GuardProgram::current()?;
    match ground {
        Ground::Docker(engine, image) => {
            let plan = DockerPlan {
                topology,
                engine,
                image: Some(image),
                keep,
                directories,
                guard,
            };
            Ok(Arc::new(DockerCluster::start(plan, progress).await?))
        }
        Ground::Local(choice) => {
            let preparing = directories.clone();
            let prepared = tokio::task::spawn_blocking(move || {
                let engine = choice.engine.engine();
                engine.prepare(&choice.installation, &preparing)
            });
            let setup = prepared
                .await
                .map_err(|error| RuntimeError::Guard(error.to_string()))??;
            let plan = LocalPlan {
                topology,
                setup,
                keep,
                directories,
                guard,
            };
            Ok(Arc::new(LocalCluster::start(plan, progress).await?))
        }
    }
}

/// Holds a cluster that has started to the engine that was asked for: what an image has in it is known only then.
///
/// # Errors
/// When it serves another one; it is ended then.
pub async fn hold_to(
    wish: EnginePreference,
    cluster: Arc<dyn Runtime>,
) -> Result<Arc<dyn Runtime>, EngineError> {
    let served = cluster.served();
    let wanted = match wish {
        EnginePreference::Citus if !is_real(&served) => EngineKind::Citus,
        EnginePreference::Emulation if is_real(&served) => EngineKind::Emulation,
        _ => return Ok(cluster),
    };
    if let Err(error) = cluster.end().await {
        // Why it was refused matters more; the guard ends it.
        tracing::warn!(%error, "a cluster of another engine could not be ended");
    }
    Err(EngineError::Unavailable {
        wanted: format!("--engine {}", wanted.engine().name()),
        why: format!("what would run is {}", words_of(&served)),
    })
}

/// Whether containers would be better than what local servers offer.
pub(super) fn wants_containers(wish: &Wish, local: &Result<Choice, EngineError>) -> bool {
    // Who names programs means local servers.
    let may = wish.runtime == RuntimePreference::Auto && wish.pg_bindir.is_none();
    let has_citus = local
        .as_ref()
        .is_ok_and(|choice| choice.engine == EngineKind::Citus);
    may && !has_citus && wish.engine != EnginePreference::Emulation
}

pub(super) async fn find(
    given: Option<&Path>,
    directories: &Directories,
) -> Result<Discovery, RuntimeError> {
    let (given, cache) = (
        given.map(Path::to_path_buf),
        directories.cache().to_path_buf(),
    );
    let found = tokio::task::spawn_blocking(move || discover(given.as_deref(), &cache)).await;
    found.map_err(|error| RuntimeError::Guard(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unavailable() -> Result<Choice, EngineError> {
        Err(EngineError::Unavailable {
            wanted: "the engine".to_owned(),
            why: "nothing is here".to_owned(),
        })
    }

    #[test]
    fn containers_are_thought_of_only_where_local_servers_have_no_citus() {
        let wish = Wish::default();
        assert!(wants_containers(&wish, &unavailable()));
        let local = Wish {
            runtime: RuntimePreference::Local,
            ..Wish::default()
        };
        assert!(!wants_containers(&local, &unavailable()));
        let emulation = Wish {
            engine: EnginePreference::Emulation,
            ..Wish::default()
        };
        assert!(!wants_containers(&emulation, &unavailable()));
        let programs = Wish {
            pg_bindir: Some("/pg/bin".into()),
            ..Wish::default()
        };
        assert!(!wants_containers(&programs, &unavailable()));
    }
}
