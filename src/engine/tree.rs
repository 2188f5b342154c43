//! Where a server finds the emulation's extension without a file being written into the system's PostgreSQL.
//!
//! From PostgreSQL 18 on a setting names one more directory. Before that a server finds its share directory by where its own
//! program lies: a copy of that one program in a tree of the same shape, where everything but `share/extension` is a link to the
//! original, reads its extensions from us.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::extension;
use crate::runtime::RuntimeError;
use crate::runtime::{fingerprint, local::Installation};

/// The first version that can be told where extensions lie.
const FIRST_WITH_PATH: u32 = 18;

/// What the server has to be started with.
pub(super) struct Prepared {
    pub(super) postgres: PathBuf,
    pub(super) settings: Vec<(String, String)>,
}

/// Lays what this installation needs into the cache, unless it lies there already.
pub(super) fn prepare(installation: &Installation, cache: &Path) -> Result<Prepared, RuntimeError> {
    if installation.major >= FIRST_WITH_PATH {
        let place = lay(cache, &format!("extension-{}", extension::mark()), |work| {
            let directory = work.join("extension");
            make_directory(&directory)?;
            extension::write(&directory)
        })?;
        return Ok(Prepared {
            postgres: installation.program("postgres"),
            // Ours first: a real Citus may lie beside the server, and the learner was told that this is the emulation.
            settings: vec![(
                "extension_control_path".to_owned(),
                format!("{}:$system", place.display()),
            )],
        });
    }
    let shape = Shape::of(installation)?;
    let key = fingerprint::short(&[
        installation.bindir.as_os_str().as_encoded_bytes(),
        installation.version.as_bytes(),
        extension::mark().as_bytes(),
    ]);
    let place = lay(
        cache,
        &format!("tree-{}-{key}", installation.major),
        |work| shape.lay(installation, work),
    )?;
    Ok(Prepared {
        postgres: place.join(&shape.bindir).join("postgres"),
        settings: Vec::new(),
    })
}

/// Makes a directory under the cache, whole or not at all. Two programs may make the same one at once: one of them wins.
fn lay(
    cache: &Path,
    name: &str,
    fill: impl FnOnce(&Path) -> Result<(), RuntimeError>,
) -> Result<PathBuf, RuntimeError> {
    let engines = cache.join("engines");
    let place = engines.join(name);
    if place.exists() {
        return Ok(place);
    }
    make_directory(&engines)?;
    let work = engines.join(format!("{name}.{}", std::process::id()));
    let _ = fs::remove_dir_all(&work);
    make_directory(&work)?;
    let outcome = fill(&work).and_then(|()| match fs::rename(&work, &place) {
        Err(_) if place.exists() => Ok(()),
        outcome => outcome.map_err(|error| RuntimeError::io("laying the emulation", &place, error)),
    });
    let _ = fs::remove_dir_all(&work);
    outcome.map(|()| place)
}

/// An installation's directories seen from the directory that they have in common. A server keeps their relation when moved.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    bindir: PathBuf,
    share: PathBuf,
    libraries: PathBuf,
}

impl Shape {
    fn of(installation: &Installation) -> Result<Self, RuntimeError> {
        let root = [&installation.share, &installation.libraries]
            .into_iter()
            .fold(installation.bindir.clone(), |root, path| {
                common(&root, path)
            });
        let below = |path: &Path| path.strip_prefix(&root).map(Path::to_path_buf).ok();
        match (
            below(&installation.bindir),
            below(&installation.share),
            below(&installation.libraries),
        ) {
            (Some(bindir), Some(share), Some(libraries)) => Ok(Self {
                bindir,
                share,
                libraries,
            }),
            _ => Err(RuntimeError::UnusablePostgres {
                bindir: installation.bindir.clone(),
                reason: "its directories have nothing in common, so that no copy of it can be made"
                    .to_owned(),
            }),
        }
    }

    fn lay(&self, installation: &Installation, work: &Path) -> Result<(), RuntimeError> {
        let bindir = work.join(&self.bindir);
        make_directory(&bindir)?;
        let program = bindir.join("postgres");
        fs::copy(installation.program("postgres"), &program)
            .and_then(|_| fs::set_permissions(&program, fs::Permissions::from_mode(0o755)))
            .map_err(|error| RuntimeError::io("copying the server's program", &program, error))?;

        // Shared libraries of the program's own are found beside it, as `../lib`, where a package brings them along.
        let beside = installation
            .bindir
            .parent()
            .map(|parent| parent.join("lib"));
        let own = bindir.parent().map(|parent| parent.join("lib"));
        if let (Some(original), Some(link)) = (beside.filter(|path| path.is_dir()), own) {
            link_to(&original, &link)?;
        }
        let libraries = work.join(&self.libraries);
        if fs::symlink_metadata(&libraries).is_err() {
            if let Some(parent) = libraries.parent() {
                make_directory(parent)?;
            }
            link_to(&installation.libraries, &libraries)?;
        }

        let share = work.join(&self.share);
        make_directory(&share.join("extension"))?;
        mirror(&installation.share, &share, |name| name == "extension")?;
        mirror(
            &installation.share.join("extension"),
            &share.join("extension"),
            |name| name == "citus.control" || name.starts_with("citus--"),
        )?;
        extension::write(&share.join("extension"))
    }
}

/// Links every entry of a directory, but those left out.
fn mirror(from: &Path, to: &Path, left_out: impl Fn(&str) -> bool) -> Result<(), RuntimeError> {
    let failed = |error| RuntimeError::io("reading the server's share directory", from, error);
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if !left_out(&name.to_string_lossy()) {
            link_to(&entry.path(), &to.join(name))?;
        }
    }
    Ok(())
}

fn link_to(original: &Path, link: &Path) -> Result<(), RuntimeError> {
    symlink(original, link)
        .map_err(|error| RuntimeError::io("linking to the server's files", link, error))
}

/// The servers' user has to read it, whoever we are and whatever our umask is.
fn make_directory(path: &Path) -> Result<(), RuntimeError> {
    let failed = |error| RuntimeError::io("laying the emulation", path, error);
    let mut missing: Vec<&Path> = path
        .ancestors()
        .take_while(|ancestor| !ancestor.exists())
        .collect();
    while let Some(directory) = missing.pop() {
        fs::create_dir(directory)
            .or_else(|error| {
                if directory.is_dir() {
                    Ok(())
                } else {
                    Err(error)
                }
            })
            .and_then(|()| fs::set_permissions(directory, fs::Permissions::from_mode(0o755)))
            .map_err(failed)?;
    }
    Ok(())
}

/// The deepest directory above both.
fn common(one: &Path, other: &Path) -> PathBuf {
    one.components()
        .zip(other.components())
        .take_while(|(left, right)| left == right)
        .map(|(component, _)| component)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::local::Source;

    fn installation(bindir: &str, share: &str, libraries: &str) -> Installation {
        Installation {
            bindir: bindir.into(),
            major: 15,
            version: "15.20".to_owned(),
            share: share.into(),
            libraries: libraries.into(),
            citus: None,
            has_postgres_fdw: true,
            has_dblink: true,
            source: Source::UsualPlace,
            remarks: Vec::new(),
        }
    }

    #[test]
    fn each_systems_shape_is_kept() {
        let debian = installation(
            "/usr/lib/postgresql/15/bin",
            "/usr/share/postgresql/15",
            "/usr/lib/postgresql/15/lib",
        );
        assert_eq!(
            Shape::of(&debian).unwrap(),
            Shape {
                bindir: "lib/postgresql/15/bin".into(),
                share: "share/postgresql/15".into(),
                libraries: "lib/postgresql/15/lib".into(),
            }
        );
        let fedora = installation(
            "/usr/pgsql-16/bin",
            "/usr/pgsql-16/share",
            "/usr/pgsql-16/lib",
        );
        assert_eq!(
            Shape::of(&fedora).unwrap(),
            Shape {
                bindir: "bin".into(),
                share: "share".into(),
                libraries: "lib".into()
            }
        );
    }

    #[test]
    fn a_tree_reads_everything_from_the_original_but_the_extension() {
        let home = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(home.path()).unwrap();
        let system = root.join("system");
        for directory in [
            "bin",
            "lib/postgresql",
            "share/postgresql/extension",
            "share/postgresql/timezonesets",
        ] {
            fs::create_dir_all(system.join(directory)).unwrap();
        }
        fs::write(system.join("bin/postgres"), "program").unwrap();
        fs::write(
            system.join("share/postgresql/extension/citus.control"),
            "real",
        )
        .unwrap();
        fs::write(
            system.join("share/postgresql/extension/dblink.control"),
            "dblink",
        )
        .unwrap();
        let path = |name: &str| system.join(name).to_str().unwrap().to_owned();
        let installation = installation(
            &path("bin"),
            &path("share/postgresql"),
            &path("lib/postgresql"),
        );

        let prepared = prepare(&installation, &root.join("cache")).unwrap();
        let tree = prepared.postgres.parent().unwrap().parent().unwrap();
        assert_eq!(fs::read_to_string(&prepared.postgres).unwrap(), "program");
        assert!(!prepared.postgres.is_symlink());
        let extension = tree.join("share/postgresql/extension");
        assert_eq!(
            fs::read_to_string(extension.join("dblink.control")).unwrap(),
            "dblink"
        );
        assert_eq!(
            fs::read_to_string(extension.join("citus.control")).unwrap(),
            extension::control()
        );
        assert!(tree.join("lib/postgresql").is_dir());
        assert_eq!(
            prepare(&installation, &root.join("cache"))
                .unwrap()
                .postgres,
            prepared.postgres
        );
    }
}
