//! Which files of this machine a PostgreSQL server needs: those of Debian's packages, and of what they depend on.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::process::Command;

/// What an image needs beside the server and its clients: a shell and the tools of the entry point, time zones, a locale.
const TOOLS: &[&str] = &[
    "bash",
    "coreutils",
    "dash",
    "findutils",
    "grep",
    "hostname",
    "libc-bin",
    "sed",
    "tzdata",
    "util-linux",
];

/// Depended on by packages' own scripts, or by what a server can do without: those of just-in-time compilation are its larger half.
const LEFT_OUT: &[&str] = &[
    "adduser",
    "base-files",
    "debconf",
    "debianutils",
    "dpkg",
    "install-info",
    "libllvm",
    "locales",
    "perl",
    "postgresql-client-common",
    "postgresql-common",
    "sensible-utils",
    "ssl-cert",
];

/// PostgreSQL as Debian's packages have installed it.
pub(super) struct Packages {
    /// Its major version, the newest that is installed.
    pub(super) major: u32,
    /// The server's package's version.
    pub(super) version: String,
    /// Everything in the packages.
    pub(super) paths: BTreeSet<PathBuf>,
}

struct Package {
    /// As dpkg tells it from the same package for another processor.
    name: String,
    version: String,
    depends: String,
}

impl Packages {
    /// `None` where the machine has no PostgreSQL of Debian's.
    pub(super) fn installed() -> Option<Self> {
        let packages = all()?;
        let major = packages
            .keys()
            .filter_map(|name| name.strip_prefix("postgresql-")?.parse::<u32>().ok())
            .max()?;
        let server = format!("postgresql-{major}");
        let version = packages[&server].version.clone();
        let mut waiting = vec![server, format!("postgresql-client-{major}")];
        waiting.extend(TOOLS.iter().map(|tool| (*tool).to_owned()));
        let mut needed = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            let left_out = LEFT_OUT.iter().any(|prefix| name.starts_with(prefix));
            if let Some(package) = packages.get(&name).filter(|_| !left_out)
                && needed.insert(package.name.clone())
            {
                waiting.extend(first_installed(&package.depends, &packages));
            }
        }
        let list = ask("dpkg-query", &["--listfiles"], &needed)?;
        Some(Self {
            major,
            version,
            // Other lines tell of diversions.
            paths: list
                .lines()
                .filter(|line| line.starts_with('/'))
                .map(PathBuf::from)
                .collect(),
        })
    }
}

/// Every installed package for this machine's processor, by its plain name.
fn all() -> Option<HashMap<String, Package>> {
    let none = BTreeSet::new();
    let native = ask("dpkg", &["--print-architecture"], &none)?;
    let format = "--showformat=${Package}\t${binary:Package}\t${Architecture}\t${db:Status-Status}\t${Version}\t\
                  ${Pre-Depends}, ${Depends}\n";
    let list = ask("dpkg-query", &["--show", format], &none)?;
    let package = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[plain, name, architecture, "installed", version, depends] = fields.as_slice() else {
            return None;
        };
        (architecture == "all" || architecture == native.trim()).then(|| {
            (
                plain.to_owned(),
                Package {
                    name: name.to_owned(),
                    version: version.to_owned(),
                    depends: depends.to_owned(),
                },
            )
        })
    };
    Some(list.lines().filter_map(package).collect())
}

/// Of each group of alternatives the first that is there. What is only provided by others is passed over.
fn first_installed<'a>(
    depends: &'a str,
    packages: &'a HashMap<String, Package>,
) -> impl Iterator<Item = String> + 'a {
    depends.split(',').filter_map(|alternatives| {
        alternatives
            .split('|')
            .filter_map(|alternative| alternative.split_whitespace().next())
            .map(|name| name.split(':').next().unwrap_or(name))
            .find(|name| packages.contains_key(*name))
            .map(str::to_owned)
    })
}

fn ask(program: &str, arguments: &[&str], names: &BTreeSet<String>) -> Option<String> {
    let answer = Command::new(program)
        .args(arguments)
        .args(names)
        .output()
        .ok()?;
    answer
        .status
        .success()
        .then(|| String::from_utf8(answer.stdout).unwrap())
}
