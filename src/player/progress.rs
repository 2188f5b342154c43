//! What a learner has done, kept under the user's data directory. Stored by `lesson/step`, never by number, so that tours can grow.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// The file's version; another one is not read.
const FORMAT: u32 = 1;

/// What has been done of every tour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    format: u32,
    #[serde(default)]
    tours: BTreeMap<String, TourProgress>,
}

/// What has been done of one tour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TourProgress {
    /// `lesson/step` of every finished step.
    #[serde(default)]
    pub done: BTreeSet<String>,
    /// `lesson/step` where the learner is.
    #[serde(default)]
    pub current: Option<String>,
    /// `lesson/step` → the options that were chosen in its prediction, by their place.
    #[serde(default)]
    pub predictions: BTreeMap<String, Vec<usize>>,
}

/// The progress file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ProgressError {
    /// The file system refused.
    #[error("cannot {what} the progress file {}: {source}. Check that you may write there and that the disk has room", path.display())]
    Io {
        /// `read` or `write`.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no progress file of this version.
    #[error("{} is not a progress file that this version can read ({reason}). Move it away to start afresh; nothing in it was changed", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            format: FORMAT,
            tours: BTreeMap::new(),
        }
    }
}

impl Progress {
    /// Reads the file; one that is not there is empty progress.
    ///
    /// # Errors
    /// When it cannot be read or is of another version.
    pub fn load(path: &Path) -> Result<Self, ProgressError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                return Err(ProgressError::Io {
                    what: "read",
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let unreadable = |reason: String| ProgressError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let progress: Self =
            serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
        if progress.format == FORMAT {
            Ok(progress)
        } else {
            Err(unreadable(format!(
                "format {}, not {FORMAT}",
                progress.format
            )))
        }
    }

    /// Writes the file whole or not at all: a full disk or a kill never leaves half of it.
    ///
    /// # Errors
    /// When it cannot be written; the file is then as it was.
    pub fn save(&self, path: &Path) -> Result<(), ProgressError> {
        let write = || -> io::Result<()> {
            if let Some(directory) = path.parent() {
                fs::create_dir_all(directory)?;
            }
            let temporary = path.with_extension(format!("{}.new", std::process::id()));
            let text = serde_json::to_string_pretty(self)?;
            fs::write(&temporary, text + "\n")
                .and_then(|()| fs::rename(&temporary, path))
                .inspect_err(|_| {
                    // The error that matters is the one at hand.
                    let _ = fs::remove_file(&temporary);
                })
        };
        write().map_err(|source| ProgressError::Io {
            what: "write",
            path: path.to_owned(),
            source,
        })
    }

    /// What has been done of `tour`.
    #[must_use]
    pub fn tour(&self, tour: &str) -> TourProgress {
        self.tours.get(tour).cloned().unwrap_or_default()
    }

    /// The same, to change it.
    pub fn tour_mut(&mut self, tour: &str) -> &mut TourProgress {
        self.tours.entry(tour.to_owned()).or_default()
    }
}

impl TourProgress {
    /// Marks a step as finished.
    pub fn finish(&mut self, lesson: &str, step: &str) {
        self.done.insert(key(lesson, step));
    }

    /// Forgets that the steps of a lesson were finished.
    pub fn forget_lesson(&mut self, lesson: &str) {
        let prefix = key(lesson, "");
        self.done.retain(|done| !done.starts_with(&prefix));
    }
}

/// What a step is stored under.
#[must_use]
pub fn key(lesson: &str, step: &str) -> String {
    format!("{lesson}/{step}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_loaded() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep").join("progress.json");
        let mut progress = Progress::default();
        progress.tour_mut("journey").finish("tables", "create");
        progress.tour_mut("journey").current = Some("tables/seed".to_owned());
        progress.save(&path).unwrap();
        assert_eq!(Progress::load(&path).unwrap(), progress);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn no_file_is_no_progress() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(
            Progress::load(&directory.path().join("none")).unwrap(),
            Progress::default()
        );
    }

    #[test]
    fn junk_and_other_versions_are_refused_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("progress.json");
        for text in ["junk", r#"{"format": 99}"#] {
            fs::write(&path, text).unwrap();
            let error = Progress::load(&path).unwrap_err().to_string();
            assert!(error.contains("progress.json"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn forgetting_a_lesson_keeps_those_whose_name_begins_alike() {
        let mut tour = TourProgress::default();
        tour.finish("move", "a");
        tour.finish("move-again", "a");
        tour.forget_lesson("move");
        assert_eq!(tour.done.into_iter().collect::<Vec<_>>(), ["move-again/a"]);
    }
}
