//! Where the systems' packages put PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};

use super::examine::is_named;

/// Each pattern has one `*` for a version.
const PATTERNS: [&str; 8] = [
    // Debian, Ubuntu.
    "/usr/lib/postgresql/*/bin",
    // Fedora, RHEL by PostgreSQL's own packages.
    "/usr/pgsql-*/bin",
    // Homebrew on Apple silicon, on Intel, on Linux.
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    // Postgres.app and EDB's installers.
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin",
    "/opt/PostgreSQL/*/bin",
];
/// Built by hand, and the distributions that keep one version.
const PLAIN: [&str; 3] = ["/usr/local/pgsql/bin", "/usr/bin", "/usr/local/bin"];

/// The usual places that exist here and hold a server, newest version first within each pattern.
pub(super) fn usual() -> Vec<PathBuf> {
    PATTERNS
        .iter()
        .flat_map(|pattern| expand(pattern))
        .chain(PLAIN.iter().map(PathBuf::from))
        .filter(|directory| directory.join("postgres").exists())
        .collect()
}

/// The directories that a pattern with one `*` matches, in descending order of version.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return Vec::new();
    };
    let Some((parent, stem)) = before.rsplit_once('/') else {
        return Vec::new();
    };
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut matches: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(stem)?;
            let number = version.split('.').next()?.parse().ok()?;
            Some((number, PathBuf::from(format!("{parent}/{name}{after}"))))
        })
        .collect();
    matches.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    matches.into_iter().map(|(_, path)| path).collect()
}

/// Where the share directory may be, seen from the programs.
pub(super) fn shares(bindir: &Path, major: u32) -> Vec<PathBuf> {
    let mut places = vec![
        bindir.join("../share/postgresql"),
        bindir.join("../share"),
        bindir.join(format!("../share/postgresql@{major}")),
        bindir.join("../share/pgsql"),
    ];
    places.extend(debian_root(bindir).map(|root| root.join(format!("share/postgresql/{major}"))));
    places
}

/// Where the libraries of extensions may be, seen from the programs.
pub(super) fn libraries(bindir: &Path, major: u32) -> Vec<PathBuf> {
    vec![
        bindir.join("../lib/postgresql"),
        bindir.join("../lib"),
        bindir.join(format!("../lib/postgresql@{major}")),
        bindir.join("../lib64/pgsql"),
    ]
}

/// `/usr` for `/usr/lib/postgresql/15/bin`, wherever such a tree was moved.
fn debian_root(bindir: &Path) -> Option<&Path> {
    let tree = bindir.parent()?.parent()?;
    (is_named(tree, "postgresql") && is_named(tree.parent()?, "lib"))
        .then(|| tree.parent()?.parent())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_tried_from_the_newest() {
        let home = tempfile::tempdir().unwrap();
        for version in ["9.6", "15", "17", "common"] {
            fs::create_dir_all(home.path().join(version)).unwrap();
        }
        let found = expand(&format!("{}/*/bin", home.path().display()));
        let names: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(home.path()).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["17/bin", "15/bin", "9.6/bin"]);
    }

    #[test]
    fn a_moved_debian_tree_keeps_its_shape() {
        let root = debian_root(Path::new("/opt/moved/lib/postgresql/15/bin"));
        assert_eq!(root, Some(Path::new("/opt/moved")));
        assert_eq!(debian_root(Path::new("/usr/pgsql-16/bin")), None);
    }
}
