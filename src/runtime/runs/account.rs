//! Who the servers run as. PostgreSQL refuses root, so root lends them to another user; everybody else runs their own.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Gid, Uid, User};

use crate::runtime::RuntimeError;

/// The user whom servers run as and who owns everything that they touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAccount {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Name for shell commands.
    pub name: String,
    /// True when we are root and this is somebody else.
    pub lent: bool,
}

impl ServerAccount {
    /// `postgres` (else `nobody`) for root, ourselves for everybody else.
    ///
    /// # Errors
    /// When we are root and neither exists.
    pub fn choose() -> Result<Self, RuntimeError> {
        let uid = Uid::effective();
        if !uid.is_root() {
            let name = User::from_uid(uid)
                .ok()
                .flatten()
                .map_or_else(|| uid.to_string(), |user| user.name);
            return Ok(Self {
                uid: uid.as_raw(),
                gid: Gid::effective().as_raw(),
                name,
                lent: false,
            });
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .filter(|user| !user.uid.is_root())
            .map(|user| Self {
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
                name: user.name,
                lent: true,
            })
            .ok_or(RuntimeError::NoServerAccount)
    }

    /// Makes a command run as this user.
    pub fn lend(&self, command: &mut Command) {
        if self.lent {
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Gives a file or directory that we just made to this user. A link that they laid in its place is not followed: as root we
    /// would give them whatever it leads to.
    pub(in crate::runtime) fn own(&self, path: &Path) -> Result<(), RuntimeError> {
        if !self.lent {
            return Ok(());
        }
        lchown(path, Some(self.uid), Some(self.gid))
            .map_err(|error| RuntimeError::io("giving a file to the servers' user", path, error))
    }

    /// Whether this user can get through every directory down to `path`. What does not exist yet is judged by its parent.
    #[must_use]
    pub fn can_traverse(&self, path: &Path) -> bool {
        path.ancestors()
            .filter_map(|directory| fs::metadata(directory).ok())
            .all(|metadata| {
                let mode = metadata.permissions().mode();
                let bit = if metadata.uid() == self.uid {
                    0o100
                } else if metadata.gid() == self.gid {
                    0o010
                } else {
                    0o001
                };
                mode & bit != 0
            })
    }

    /// What a person types before a command so that it runs as this user.
    #[must_use]
    pub fn shell_prefix(&self) -> String {
        match (self.lent, cfg!(target_os = "linux")) {
            (false, _) => String::new(),
            (true, true) => format!("runuser -u {} -- ", self.name),
            (true, false) => format!("sudo -u {} ", self.name),
        }
    }
}
