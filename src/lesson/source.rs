//! Where the lessons' texts come from: compiled in, or a directory of somebody's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::LessonError;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/lessons");

/// The Markdown files of a set of lessons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonSource {
    /// Path relative to the directory, with `/`, to text.
    files: BTreeMap<String, String>,
}

impl LessonSource {
    /// The lessons that are compiled in.
    #[must_use]
    pub fn embedded() -> Self {
        let mut files = BTreeMap::new();
        collect_embedded(&EMBEDDED, &mut files);
        Self { files }
    }

    /// The lessons of a directory, all folders below it included.
    ///
    /// # Errors
    /// When the directory or a Markdown file in it cannot be read.
    pub fn directory(root: &Path) -> Result<Self, LessonError> {
        let mut files = BTreeMap::new();
        let mut folders: Vec<PathBuf> = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let unreadable = |source| LessonError::Unreadable {
                path: folder.clone(),
                source,
            };
            for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
                let entry = entry.map_err(unreadable)?;
                let path = entry.path();
                if entry.file_name().to_string_lossy().starts_with('.') {
                    continue;
                }
                // A link to a folder is not followed: it could lead back up.
                if entry.file_type().map_err(unreadable)?.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "md") {
                    let text = std::fs::read_to_string(&path).map_err(|source| {
                        LessonError::Unreadable {
                            path: path.clone(),
                            source,
                        }
                    })?;
                    files.insert(relative(root, &path), text);
                }
            }
        }
        Ok(Self { files })
    }

    /// Lessons from texts, each with its path.
    pub fn from_texts<Name: Into<String>, Text: Into<String>>(
        texts: impl IntoIterator<Item = (Name, Text)>,
    ) -> Self {
        Self {
            files: texts
                .into_iter()
                .map(|(name, text)| (name.into(), text.into()))
                .collect(),
        }
    }

    /// The text of one file, by its path relative to the directory.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&str> {
        self.files.get(file).map(String::as_str)
    }

    /// The paths of all files, in alphabetical order.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

fn collect_embedded(directory: &Dir<'static>, files: &mut BTreeMap<String, String>) {
    for file in directory.files() {
        let is_markdown = file
            .path()
            .extension()
            .is_some_and(|extension| extension == "md");
        if let (true, Some(text)) = (is_markdown, file.contents_utf8()) {
            files.insert(with_slashes(file.path()), text.to_owned());
        }
    }
    for folder in directory.dirs() {
        collect_embedded(folder, files);
    }
}

fn relative(root: &Path, path: &Path) -> String {
    with_slashes(path.strip_prefix(root).unwrap_or(path))
}

fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}
