//! What is in one directory of PostgreSQL's programs, and whether tours can run on it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::discover::Source;
use super::places;

/// Oldest and newest major version that the tours run on.
pub const SUPPORTED: std::ops::RangeInclusive<u32> = 14..=18;
/// Oldest Citus whose functions and views the tours know.
const OLDEST_CITUS: (u32, u32) = (12, 1);

/// A PostgreSQL that servers can be started from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Where `postgres`, `initdb` and `pg_ctl` are.
    pub bindir: PathBuf,
    /// Major version.
    pub major: u32,
    /// The version as the server says it, such as `15.20 (Debian 15.20-0+deb12u1)`.
    pub version: String,
    /// Where `extension/` lies.
    pub share: PathBuf,
    /// Where extensions' libraries lie.
    pub libraries: PathBuf,
    /// The version of Citus that `CREATE EXTENSION citus` would install, if it is there and new enough.
    pub citus: Option<String>,
    /// Whether `postgres_fdw` is there, which the emulation stands on.
    pub has_postgres_fdw: bool,
    /// Whether `dblink` is there, which the emulation stands on.
    pub has_dblink: bool,
    /// How it was found.
    pub source: Source,
    /// What is worth knowing though it does not hinder, such as a Citus that is too old.
    pub remarks: Vec<String>,
}

impl Installation {
    /// A program of this installation.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.bindir.join(name)
    }

    /// The version without the packager's words: `15.20`.
    #[must_use]
    pub fn short_version(&self) -> &str {
        self.version
            .split_whitespace()
            .next()
            .unwrap_or(&self.version)
    }

    /// The version to compare by: major and minor.
    #[must_use]
    pub fn numbers(&self) -> (u32, u32) {
        let minor = self
            .short_version()
            .split('.')
            .nth(1)
            .and_then(|digits| digits.parse().ok());
        (self.major, minor.unwrap_or(0))
    }

    /// Whether the emulation has what it needs here.
    #[must_use]
    pub fn can_emulate(&self) -> bool {
        self.has_postgres_fdw && self.has_dblink
    }
}

/// Why a place cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing is there.
    #[error("there is no `postgres` in it")]
    NoServer,
    /// A program that we need is not beside the server.
    #[error("`{0}` is missing beside `postgres`: the server package is incomplete")]
    Missing(&'static str),
    /// The server does not even tell its version.
    #[error("`postgres --version` failed: {0}")]
    Broken(String),
    /// Too old.
    #[error("PostgreSQL {0} is too old: 14 to 18 are supported")]
    TooOld(String),
    /// Newer than what was tried.
    #[error("PostgreSQL {0} is newer than what citus-tour knows: 14 to 18 are supported")]
    TooNew(String),
    /// Its extension files are nowhere.
    #[error("its share directory was not found: the server package is incomplete")]
    NoShare,
}

/// What is in one directory of programs.
pub(super) fn examine(bindir: &Path, source: Source) -> Result<Installation, Rejection> {
    let postgres = bindir.join("postgres");
    if !postgres.exists() {
        return Err(Rejection::NoServer);
    }
    let version = server_version(&postgres)?;
    let major =
        major(&version).ok_or_else(|| Rejection::Broken(format!("it calls itself {version}")))?;
    if major < *SUPPORTED.start() {
        return Err(Rejection::TooOld(version));
    }
    if major > *SUPPORTED.end() {
        return Err(Rejection::TooNew(version));
    }
    for program in ["initdb", "pg_ctl"] {
        if !bindir.join(program).exists() {
            return Err(Rejection::Missing(program));
        }
    }
    let share = locate(
        bindir,
        "--sharedir",
        &places::shares(bindir, major),
        |share| share.join("postgres.bki").exists(),
    )
    .ok_or(Rejection::NoShare)?;
    let libraries = locate(
        bindir,
        "--pkglibdir",
        &places::libraries(bindir, major),
        |directory| has_library(directory, "libpqwalreceiver") || has_library(directory, "plpgsql"),
    )
    .ok_or(Rejection::NoShare)?;

    let mut remarks = Vec::new();
    let citus = citus_version(&share, &libraries, &mut remarks);
    let has = |name| has_extension(&share, &libraries, name);
    Ok(Installation {
        bindir: bindir.to_path_buf(),
        major,
        citus,
        has_postgres_fdw: has("postgres_fdw"),
        has_dblink: has("dblink"),
        version,
        share,
        libraries,
        source,
        remarks,
    })
}

fn server_version(postgres: &Path) -> Result<String, Rejection> {
    let output = Command::new(postgres)
        .arg("--version")
        .output()
        .map_err(|error| Rejection::Broken(error.to_string()))?;
    if !output.status.success() {
        return Err(Rejection::Broken(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    let line = String::from_utf8_lossy(&output.stdout);
    line.trim()
        .strip_prefix("postgres (PostgreSQL) ")
        .map(str::to_owned)
        .ok_or_else(|| Rejection::Broken(format!("it printed `{}`", line.trim())))
}

/// The number before the first full stop: `15.20 (Debian …)`, `19beta1`.
fn major(version: &str) -> Option<u32> {
    let digits = version
        .split(|character: char| !character.is_ascii_digit())
        .next()?;
    digits.parse().ok()
}

pub(super) fn ask_pg_config(program: &Path, question: &str) -> Option<PathBuf> {
    let output = Command::new(program)
        .arg(question)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let answer = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(answer.trim_end())).filter(|path| path.is_absolute())
}

/// A directory of the installation: what its own `pg_config` says, else the first usual place that holds the right things.
fn locate(
    bindir: &Path,
    question: &str,
    usual: &[PathBuf],
    right: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    ask_pg_config(&bindir.join("pg_config"), question)
        .into_iter()
        .chain(usual.iter().cloned())
        .find(|directory| right(directory))
        .map(|directory| fs::canonicalize(&directory).unwrap_or(directory))
}

fn has_library(directory: &Path, name: &str) -> bool {
    ["so", "dylib"]
        .iter()
        .any(|suffix| directory.join(name).with_extension(suffix).exists())
}

fn has_extension(share: &Path, libraries: &Path, name: &str) -> bool {
    share
        .join("extension")
        .join(name)
        .with_extension("control")
        .exists()
        && has_library(libraries, name)
}

/// Citus's version by its control file, where the library is there too and it is new enough.
fn citus_version(share: &Path, libraries: &Path, remarks: &mut Vec<String>) -> Option<String> {
    let control = fs::read_to_string(share.join("extension").join("citus.control")).ok()?;
    if !has_library(libraries, "citus") {
        remarks.push(
            "citus.control is there, but Citus's library is not: its package is broken".to_owned(),
        );
        return None;
    }
    let version = default_version(&control)?;
    let mut numbers = version.split(|character: char| !character.is_ascii_digit());
    let mut number = || numbers.next().and_then(|digits| digits.parse::<u32>().ok());
    let known = (number().unwrap_or(0), number().unwrap_or(0));
    if known < OLDEST_CITUS {
        remarks.push(format!(
            "its Citus {version} is too old: {}.{} or newer is needed",
            OLDEST_CITUS.0, OLDEST_CITUS.1
        ));
        return None;
    }
    Some(version.split('-').next().unwrap_or(&version).to_owned())
}

fn default_version(control: &str) -> Option<String> {
    control.lines().find_map(|line| {
        let value = line
            .trim()
            .strip_prefix("default_version")?
            .trim_start()
            .strip_prefix('=')?;
        Some(value.trim().trim_matches('\'').to_owned())
    })
}

/// Whether a directory entry's name is `name`, for callers that list places.
pub(super) fn is_named(path: &Path, name: &str) -> bool {
    path.file_name() == Some(OsStr::new(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::local::discover::discover;
    use std::os::unix::fs::PermissionsExt;

    fn fake(home: &Path, version: &str, programs: &[&str]) -> PathBuf {
        let bindir = home.join("bin");
        fs::create_dir_all(&bindir).unwrap();
        for program in programs {
            let (path, text) = (bindir.join(program), home.join("text"));
            fs::write(
                &text,
                format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n"),
            )
            .unwrap();
            // Written by another process: a program that a test beside this one starts would inherit an open file of ours, and one that
            // is open for writing cannot be run.
            let copied = std::process::Command::new("cp")
                .args([&text, &path])
                .status();
            assert!(copied.unwrap().success());
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        bindir
    }

    #[test]
    fn majors_are_read_from_every_style_of_version() {
        assert_eq!(major("15.20 (Debian 15.20-0+deb12u1)"), Some(15));
        assert_eq!(major("19beta1"), Some(19));
        assert_eq!(major("devel"), None);
    }

    #[test]
    fn an_old_and_a_new_server_are_refused_by_name() {
        let home = tempfile::tempdir().unwrap();
        let bindir = fake(home.path(), "13.4", &["postgres"]);
        assert_eq!(
            examine(&bindir, Source::Given),
            Err(Rejection::TooOld("13.4".into()))
        );
        let home = tempfile::tempdir().unwrap();
        let bindir = fake(home.path(), "19beta1", &["postgres"]);
        assert_eq!(
            examine(&bindir, Source::Given),
            Err(Rejection::TooNew("19beta1".into()))
        );
    }

    #[test]
    fn an_incomplete_package_is_told_by_what_is_missing() {
        let home = tempfile::tempdir().unwrap();
        let bindir = fake(home.path(), "17.2", &["postgres"]);
        assert_eq!(
            examine(&bindir, Source::Given),
            Err(Rejection::Missing("initdb"))
        );
        let bindir = fake(home.path(), "17.2", &["postgres", "initdb", "pg_ctl"]);
        assert_eq!(examine(&bindir, Source::Given), Err(Rejection::NoShare));
    }

    #[test]
    fn an_empty_directory_has_no_server() {
        let home = tempfile::tempdir().unwrap();
        let discovery = discover(Some(home.path()), home.path());
        assert_eq!(discovery.candidates.len(), 1);
        assert_eq!(discovery.candidates[0].found, Err(Rejection::NoServer));
        assert!(discovery.refusals().contains("no `postgres`"));
    }

    #[test]
    fn citus_counts_with_its_library_and_from_twelve_one_on() {
        let home = tempfile::tempdir().unwrap();
        let (share, libraries) = (home.path().join("share"), home.path().join("lib"));
        fs::create_dir_all(share.join("extension")).unwrap();
        fs::create_dir_all(&libraries).unwrap();
        let control = share.join("extension/citus.control");
        let mut remarks = Vec::new();

        fs::write(&control, "# Citus\ndefault_version = '13.2-1'\n").unwrap();
        assert_eq!(citus_version(&share, &libraries, &mut remarks), None);
        assert!(remarks[0].contains("library is not"));

        fs::write(libraries.join("citus.so"), "").unwrap();
        assert_eq!(
            citus_version(&share, &libraries, &mut remarks).as_deref(),
            Some("13.2")
        );

        fs::write(&control, "default_version='11.3-1'").unwrap();
        assert_eq!(citus_version(&share, &libraries, &mut remarks), None);
        assert!(remarks[1].contains("too old"));
    }
}
