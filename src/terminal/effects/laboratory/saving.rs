//! Keeps reports as files.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::super::context::{Context, blocking};
use crate::app::Msg;

/// Reports of one tour that are kept; beyond that somebody has to tidy up.
const MOST: u32 = 9_999;

/// Keeps a report of a tour and tells where.
pub(in crate::terminal::effects) async fn save(
    context: Context,
    generation: u64,
    tour: String,
    markdown: String,
) {
    let directory = context.machine.directories.data().join("reports");
    let result = blocking(move || keep(&directory, &tour, &markdown)).await;
    let result = result.and_then(|kept| kept);
    context.send(Msg::ReportSaved(generation, result)).await;
}

/// Writes it under the first number that is free.
fn keep(directory: &Path, tour: &str, markdown: &str) -> Result<PathBuf, String> {
    let words = |path: &Path, error: &io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(directory).map_err(|error| words(directory, &error))?;
    for number in 1..=MOST {
        let path = directory.join(format!("{tour}-{number}.md"));
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        match file {
            Ok(mut file) => {
                return match file.write_all(markdown.as_bytes()) {
                    Ok(()) => Ok(path),
                    Err(error) => Err(words(&path, &error)),
                };
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(words(&path, &error)),
        }
    }
    Err(format!("{} is full of reports", directory.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_numbered_and_none_is_lost() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("reports");
        let first = keep(&directory, "journey", "# one").unwrap();
        let second = keep(&directory, "journey", "# two").unwrap();
        assert_eq!(first, directory.join("journey-1.md"));
        assert_eq!(fs::read_to_string(first).unwrap(), "# one");
        assert_eq!(fs::read_to_string(second).unwrap(), "# two");
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let problem = keep(&file.join("reports"), "journey", "").unwrap_err();
        assert!(problem.contains("reports"), "{problem}");
    }
}
