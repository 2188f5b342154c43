//! Finds PostgreSQL's server programs on this machine, and says of each place looked at why it can or cannot be used.

use std::collections::HashSet;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::embedded;
use super::examine::{Installation, Rejection, ask_pg_config, examine};
use super::places;

/// How a place came to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// `--pg-bindir`.
    Given,
    /// What `pg_config` on PATH names.
    PgConfig,
    /// A directory on PATH that holds `postgres`.
    SearchPath,
    /// Where Debian, Fedora, Homebrew, Postgres.app and others put it.
    UsualPlace,
    /// The one that citus-tour itself brought into its cache.
    Embedded,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Given => "--pg-bindir",
            Self::PgConfig => "pg_config on PATH",
            Self::SearchPath => "PATH",
            Self::UsualPlace => "a usual place",
            Self::Embedded => "brought by citus-tour",
        })
    }
}

/// One place that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The directory.
    pub bindir: PathBuf,
    /// How we came to look there.
    pub source: Source,
    /// What is there, or why it cannot be used.
    pub found: Result<Installation, Rejection>,
}

/// Every place that was looked at, in the order of looking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The places.
    pub candidates: Vec<Candidate>,
}

impl Discovery {
    /// Those that can be used.
    pub fn installations(&self) -> impl Iterator<Item = &Installation> {
        self.candidates
            .iter()
            .filter_map(|candidate| candidate.found.as_ref().ok())
    }

    /// The places that were refused, one line each, each line begun with a line feed.
    #[must_use]
    pub fn refusals(&self) -> String {
        self.candidates
            .iter()
            .fold(String::new(), |text, candidate| match &candidate.found {
                Ok(_) => text,
                Err(reason) => format!("{text}\n  {}: {reason}", candidate.bindir.display()),
            })
    }
}

/// Looks at `given` alone where it is named, else everywhere. `cache` is where an embedded PostgreSQL would be.
#[must_use]
pub fn discover(given: Option<&Path>, cache: &Path) -> Discovery {
    let sought = match given {
        Some(bindir) => vec![(Source::Given, bindir.to_path_buf())],
        None => everywhere(cache),
    };
    let mut seen = HashSet::new();
    let candidates = sought
        .into_iter()
        .filter_map(|(source, bindir)| {
            let bindir = fs::canonicalize(&bindir).unwrap_or(bindir);
            seen.insert(bindir.clone()).then(|| {
                let found = examine(&bindir, source);
                Candidate {
                    bindir,
                    source,
                    found,
                }
            })
        })
        .collect();
    Discovery { candidates }
}

fn everywhere(cache: &Path) -> Vec<(Source, PathBuf)> {
    let mut sought = Vec::new();
    if let Some(bindir) = ask_pg_config(Path::new("pg_config"), "--bindir")
        .filter(|bindir| bindir.join("postgres").exists())
    {
        sought.push((Source::PgConfig, bindir));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    sought.extend(
        env::split_paths(&path)
            .filter(|directory| directory.join("postgres").exists())
            .map(|directory| (Source::SearchPath, directory)),
    );
    sought.extend(
        places::usual()
            .into_iter()
            .map(|directory| (Source::UsualPlace, directory)),
    );
    sought.extend(embedded::installed(cache).map(|directory| (Source::Embedded, directory)));
    sought
}
