//! A tar archive in memory: what an engine takes files as.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tar::{Builder, EntryType, Header};

/// To whom an entry belongs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    Root,
    Postgres,
}

impl Owner {
    /// The number that the official images give their user `postgres`.
    pub(super) const POSTGRES: u64 = 999;

    fn id(self) -> u64 {
        match self {
            Self::Root => 0,
            Self::Postgres => Self::POSTGRES,
        }
    }
}

/// An archive that is being filled. Paths are those in the container, without the first slash. What has a place already keeps it: an
/// engine takes no path twice.
pub(super) struct Archive {
    builder: Builder<Vec<u8>>,
    taken: HashSet<PathBuf>,
}

impl Archive {
    pub(super) fn new() -> Self {
        Self {
            builder: Builder::new(Vec::new()),
            taken: HashSet::new(),
        }
    }

    pub(super) fn directory(&mut self, path: impl AsRef<Path>, mode: u32, owner: Owner) {
        let header = header(EntryType::Directory, mode, owner);
        self.append(header, path.as_ref(), &[][..]);
    }

    pub(super) fn text(&mut self, path: impl AsRef<Path>, mode: u32, text: &str) {
        let mut header = header(EntryType::Regular, mode, Owner::Root);
        header.set_size(text.len() as u64);
        self.append(header, path.as_ref(), text.as_bytes());
    }

    pub(super) fn link(&mut self, path: impl AsRef<Path>, target: impl AsRef<Path>) {
        let mut header = header(EntryType::Symlink, 0o777, Owner::Root);
        if self.taken.insert(path.as_ref().to_owned()) {
            self.builder.append_link(&mut header, path, target).unwrap();
        }
    }

    /// What lies at `original` on this machine: a directory without its content, a file, or a link as it is.
    pub(super) fn copy(&mut self, path: impl AsRef<Path>, original: &Path) {
        let metadata = fs::symlink_metadata(original).unwrap();
        let mode = metadata.mode() & 0o7777;
        if metadata.is_symlink() {
            self.link(path, fs::read_link(original).unwrap());
        } else if metadata.is_dir() {
            self.directory(path, mode, Owner::Root);
        } else {
            let mut header = header(EntryType::Regular, mode, Owner::Root);
            header.set_size(metadata.len());
            let file = fs::File::open(original).unwrap();
            self.append(header, path.as_ref(), file);
        }
    }

    fn append(&mut self, mut header: Header, path: &Path, content: impl Read) {
        if self.taken.insert(path.to_owned()) {
            self.builder
                .append_data(&mut header, path, content)
                .unwrap();
        }
    }

    pub(super) fn finish(self) -> Bytes {
        self.builder.into_inner().unwrap().into()
    }
}

fn header(kind: EntryType, mode: u32, owner: Owner) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(owner.id());
    header.set_gid(owner.id());
    header.set_size(0);
    // The same files make the same image, whenever it is made.
    header.set_mtime(0);
    header
}
