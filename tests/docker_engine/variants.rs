//! What makes the common image one of the emulation or of Citus: the extension, the settings it needs, and the Dockerfile that says the
//! rest as the official one does.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use citus_tour::engine::{Emulation, Engine};
use citus_tour::runtime::local::{Installation, discover};
use citus_tour::runtime::{Directories, ServerAccount};

use super::archive::{Archive, Owner};
use super::packages::Packages;
use super::rootfs::{configuration_sample, data_directory, is_for_compiling, listening_everywhere};

/// Names the programs of a PostgreSQL that has Citus.
const CITUS_BINDIR: &str = "CITUS_TOUR_TEST_CITUS_BINDIR";

/// In the build's context, what comes to lie in the image.
const FILES: &str = "files";

/// Everything that an image has beyond the common one.
pub(super) struct Variant {
    pub(super) name: &'static str,
    /// PostgreSQL's major version.
    pub(super) major: u32,
    bindir: PathBuf,
    /// Citus's version, where it is Citus.
    citus: Option<String>,
    /// Directories of this machine that the image has at the same place.
    trees: Vec<PathBuf>,
    /// Files by their places in the image.
    texts: Vec<(PathBuf, String)>,
}

/// PostgreSQL of the packages, with our extension.
pub(super) fn emulation(packages: &Packages) -> Variant {
    let major = packages.major;
    let bindir = PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"));
    let installation = installation(&bindir);
    let cache = tempfile::tempdir().unwrap();
    let directories = Directories::under(cache.path(), ServerAccount::choose().unwrap()).unwrap();
    let setup = Emulation.prepare(&installation, &directories).unwrap();

    let extension = installation.share.join("extension");
    let mut texts = Vec::new();
    for file in files_below(cache.path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name == "citus.control" || name.starts_with("citus--") {
            texts.push((extension.join(name), fs::read_to_string(&file).unwrap()));
        }
    }
    assert_eq!(
        texts.len(),
        2,
        "the emulation is a control file and a script"
    );

    let sample = configuration_sample(major);
    let mut configuration = listening_everywhere(&fs::read_to_string(&sample).unwrap());
    for (name, value) in &setup.settings {
        // In the image the extension lies where every server looks.
        if name != "extension_control_path" {
            writeln!(configuration, "{name} = '{value}'").unwrap();
        }
    }
    texts.push((sample, configuration));
    Variant {
        name: "emulation",
        major,
        bindir,
        citus: None,
        trees: Vec::new(),
        texts,
    }
}

/// The PostgreSQL with Citus that is named, at the same place in the image; or why there is none.
pub(super) fn citus() -> Result<Variant, String> {
    let bindir = env::var_os(CITUS_BINDIR)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| format!("{CITUS_BINDIR} names no PostgreSQL with Citus"))?;
    let installation = installation(Path::new(&bindir));
    let sample = installation.share.join("postgresql.conf.sample");
    let configuration = listening_everywhere(&fs::read_to_string(&sample).unwrap());
    let preloading = format!("{configuration}shared_preload_libraries = 'citus'\n");
    Ok(Variant {
        name: "citus",
        major: installation.major,
        citus: Some(installation.citus.unwrap()),
        texts: vec![(sample, preloading)],
        trees: vec![
            installation.bindir.clone(),
            installation.libraries,
            installation.share,
        ],
        bindir: installation.bindir,
    })
}

impl Variant {
    /// What the engine builds the image from.
    pub(super) fn context(mut self, base: &str, package_version: &str) -> Bytes {
        self.texts.push((
            "/docker-entrypoint-initdb.d/001-create-citus-extension.sql".into(),
            "CREATE EXTENSION citus;\n".to_owned(),
        ));
        let mut archive = Archive::new();
        archive.text("Dockerfile", 0o644, &self.dockerfile(base, package_version));
        archive.directory(FILES, 0o755, Owner::Root);
        for (place, text) in &self.texts {
            archive.text(in_context(place), 0o644, text);
        }
        for tree in &self.trees {
            for file in files_below(tree) {
                if !is_for_compiling(&file) {
                    archive.copy(in_context(&file), &file);
                }
            }
        }
        archive.finish()
    }

    fn dockerfile(&self, base: &str, package_version: &str) -> String {
        let major = self.major;
        let data = data_directory(major);
        let bindir = self.bindir.display();
        let volume = if major >= 18 {
            "/var/lib/postgresql"
        } else {
            &data
        };
        let citus = self
            .citus
            .as_ref()
            .map_or_else(String::new, |version| format!(" CITUS_VERSION={version}"));
        // Each instruction costs the engine a layer.
        format!(
            "FROM {base}\n\
             COPY {FILES}/ /\n\
             ENV PATH={bindir}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
             PG_MAJOR={major} PG_VERSION={package_version} PGDATA={data}{citus}\n\
             VOLUME {volume}\n\
             EXPOSE 5432\n\
             STOPSIGNAL SIGINT\n\
             HEALTHCHECK --interval=4s --start-period=6s CMD pg_isready -h $(hostname -i)\n\
             ENTRYPOINT [\"docker-entrypoint.sh\"]\n\
             CMD [\"postgres\"]\n"
        )
    }
}

fn installation(bindir: &Path) -> Installation {
    let found = discover(Some(bindir), Path::new("/nonexistent"));
    let installation = found.installations().next().cloned();
    let refusals = || format!("no PostgreSQL that can be used:{}", found.refusals());
    installation.ok_or_else(refusals).unwrap()
}

fn in_context(place: &Path) -> PathBuf {
    Path::new(FILES).join(place.strip_prefix("/").unwrap())
}

/// Files and links, in the directory and those below it.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}
