//! The files of the image that both variants stand on: PostgreSQL and little else, out of Debian's packages.

use std::fs;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;

use super::archive::{Archive, Owner};
use super::packages::Packages;

/// Directories that Debian keeps as links into `/usr`.
const MERGED: &[&str] = &["bin", "lib", "lib32", "lib64", "libx32", "sbin"];

/// For people, for other programs than a server, or for compiling just in time.
const LEFT_OUT: &[&str] = &[
    "etc/init.d",
    "usr/include",
    "usr/lib/systemd",
    "usr/share/bash-completion",
    "usr/share/bug",
    "usr/share/doc",
    "usr/share/i18n",
    "usr/share/info",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/zoneinfo/posix",
    "usr/share/zoneinfo/right",
];

/// The whole as a tar.
pub(super) fn archive(packages: &Packages) -> Bytes {
    let mut archive = Archive::new();
    for name in MERGED {
        if fs::symlink_metadata(Path::new("/").join(name)).is_ok_and(|found| found.is_symlink()) {
            archive.link(name, format!("usr/{name}"));
        }
    }
    add_system(&mut archive, packages.major);
    let sample = configuration_sample(packages.major);
    archive.text(
        sample.strip_prefix("/").unwrap(),
        0o644,
        &listening_everywhere(&fs::read_to_string(&sample).unwrap()),
    );
    for original in &packages.paths {
        let place = merged(original);
        let left_out = LEFT_OUT.iter().any(|left_out| place.starts_with(left_out));
        // A package's list can name what an administrator has removed.
        let is_there = original.symlink_metadata().is_ok();
        if is_there && !left_out && !is_for_compiling(&place) && place.file_name().is_some() {
            archive.copy(&place, original);
        }
    }
    archive.finish()
}

/// Where Debian has the settings that a new data directory begins with.
pub(super) fn configuration_sample(major: u32) -> PathBuf {
    format!("/usr/share/postgresql/{major}/postgresql.conf.sample").into()
}

/// In a container a server listens on every address.
pub(super) fn listening_everywhere(sample: &str) -> String {
    format!("{sample}\nlisten_addresses = '*'\n")
}

/// Bitcode, and the library that compiles it: the compiler itself is left out.
pub(super) fn is_for_compiling(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "bitcode")
        || path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("llvmjit"))
}

/// Where a path of a package really lies, without its first slash.
fn merged(path: &Path) -> PathBuf {
    let mut parts = path
        .components()
        .filter(|part| matches!(part, Component::Normal(_)));
    let Some(first) = parts.next() else {
        return PathBuf::new();
    };
    let place: PathBuf = std::iter::once(first).chain(parts).collect();
    // The links themselves are laid once, before everything.
    let is_merged = MERGED.iter().any(|name| first.as_os_str() == *name);
    match (is_merged, place.components().count()) {
        (true, 1) => PathBuf::new(),
        (true, _) => Path::new("usr").join(place),
        (false, _) => place,
    }
}

/// What no package has as an image needs it: users, names, places to write to, the entry point.
fn add_system(archive: &mut Archive, major: u32) {
    let postgres = Owner::POSTGRES;
    archive.text(
        "etc/passwd",
        0o644,
        &format!(
            "root:x:0:0:root:/root:/bin/bash\n\
             postgres:x:{postgres}:{postgres}::/var/lib/postgresql:/bin/bash\n\
             nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        ),
    );
    archive.text(
        "etc/group",
        0o644,
        &format!("root:x:0:\npostgres:x:{postgres}:\nnogroup:x:65534:\n"),
    );
    archive.text(
        "etc/nsswitch.conf",
        0o644,
        "passwd: files\ngroup: files\nhosts: files dns\n",
    );
    for (path, mode) in [
        ("docker-entrypoint-initdb.d", 0o755),
        ("root", 0o700),
        ("run", 0o755),
        ("tmp", 0o1777),
        ("var/tmp", 0o1777),
    ] {
        archive.directory(path, mode, Owner::Root);
    }
    for (path, mode) in [
        ("run/postgresql", 0o3777),
        ("var/lib/postgresql", 0o755),
        (&data_directory(major)[1..], 0o700),
    ] {
        archive.directory(path, mode, Owner::Postgres);
    }
    archive.link("var/run", "/run");
    archive.text(
        "usr/local/bin/docker-entrypoint.sh",
        0o755,
        include_str!("docker-entrypoint.sh"),
    );
}

/// Where the official images of this version keep data.
pub(super) fn data_directory(major: u32) -> String {
    if major >= 18 {
        format!("/var/lib/postgresql/{major}/docker")
    } else {
        "/var/lib/postgresql/data".to_owned()
    }
}
