//! The emulation's extension, compiled in: its control file, and its SQL in the order of the files' names.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::runtime::RuntimeError;
use crate::runtime::fingerprint;

static SOURCES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sql/emulation");
const CONTROL: &str = "citus.control";

/// The SQL of `CREATE EXTENSION`, whole.
pub(super) fn script() -> String {
    let mut parts: Vec<(&str, &str)> = SOURCES
        .files()
        .filter(|file| {
            file.path()
                .extension()
                .is_some_and(|extension| extension == "sql")
        })
        .filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
        .collect();
    parts.sort_unstable();
    let mut script = String::new();
    for (_, text) in parts {
        script.push_str(text);
        script.push('\n');
    }
    script
}

pub(super) fn control() -> &'static str {
    SOURCES
        .get_file(CONTROL)
        .and_then(include_dir::File::contents_utf8)
        .unwrap_or_default()
}

/// The version that the control file names, which is part of the script's name.
pub(super) fn version() -> &'static str {
    control()
        .lines()
        .find_map(|line| {
            line.trim()
                .strip_prefix("default_version")?
                .trim_start()
                .strip_prefix('=')
        })
        .map_or("unknown", |value| value.trim().trim_matches('\''))
}

/// Another text, another mark.
pub(super) fn mark() -> String {
    fingerprint::short(&[control().as_bytes(), script().as_bytes()])
}

/// Writes the extension into a directory that a server reads extensions from.
pub(super) fn write(directory: &Path) -> Result<(), RuntimeError> {
    let script_name = format!("citus--{}.sql", version());
    for (name, text) in [
        (CONTROL, control()),
        (script_name.as_str(), script().as_str()),
    ] {
        let path = directory.join(name);
        fs::write(&path, text)
            // The servers' user has to read it, whatever our umask is.
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o644)))
            .map_err(|error| RuntimeError::io("laying the emulation's extension", &path, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_is_compiled_in_whole_and_in_order() {
        let script = script();
        assert!(version().ends_with("-emulation"), "{}", version());
        let at = |name: &str| {
            script
                .find(name)
                .unwrap_or_else(|| panic!("{name} is missing"))
        };
        assert!(at("pg_catalog.pg_dist_node ") < at("undistribute_table"));
    }

    #[test]
    fn what_is_written_is_what_the_server_will_look_for() {
        let home = tempfile::tempdir().unwrap();
        write(home.path()).unwrap();
        assert!(home.path().join("citus.control").exists());
        assert!(
            home.path()
                .join(format!("citus--{}.sql", version()))
                .exists()
        );
    }
}
