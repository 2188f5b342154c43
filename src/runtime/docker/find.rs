//! Where an engine may listen: what the user says, what Docker's own client would use, then the usual sockets.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::runtime::fingerprint;

/// What of this machine decides where to look.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    pub(super) docker_host: Option<String>,
    pub(super) docker_context: Option<String>,
    pub(super) docker_config: Option<PathBuf>,
    pub(super) home: Option<PathBuf>,
    pub(super) runtime_directory: Option<PathBuf>,
}

/// An address to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Such as `unix:///var/run/docker.sock`.
    pub(super) host: String,
    /// It was asked for: nothing else is tried when it does not answer.
    pub(super) asked_for: bool,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        let word = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            docker_host: word("DOCKER_HOST"),
            docker_context: word("DOCKER_CONTEXT"),
            docker_config: word("DOCKER_CONFIG").map(PathBuf::from),
            home: word("HOME").map(PathBuf::from),
            runtime_directory: word("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }

    /// The addresses to try, in order.
    pub(super) fn addresses(&self) -> Vec<Address> {
        let asked_for = |host: String| {
            vec![Address {
                host,
                asked_for: true,
            }]
        };
        if let Some(host) = &self.docker_host {
            return asked_for(host.clone());
        }
        if let Some(host) = self.of_context() {
            return asked_for(host);
        }
        let sockets = self.sockets();
        let addresses = sockets.iter().map(|path| Address {
            host: format!("unix://{}", path.display()),
            asked_for: false,
        });
        addresses.collect()
    }

    /// The address of the context that Docker's client would use; none for the default one, which is the usual socket.
    fn of_context(&self) -> Option<String> {
        let home = self.home.as_ref().map(|home| home.join(".docker"));
        let directory = self.docker_config.clone().or(home)?;
        let name = self
            .docker_context
            .clone()
            .or_else(|| text(&read(&directory.join("config.json"))?, "/currentContext"))?;
        if name == "default" {
            return None;
        }
        let digest = fingerprint::hex(&Sha256::digest(name.as_bytes()));
        let meta = directory.join("contexts/meta").join(digest);
        text(&read(&meta.join("meta.json"))?, "/Endpoints/docker/Host")
    }

    /// Sockets of Docker and Podman, for the whole machine and of this user.
    fn sockets(&self) -> Vec<PathBuf> {
        let mut paths = vec![PathBuf::from("/var/run/docker.sock")];
        if let Some(directory) = &self.runtime_directory {
            paths.push(directory.join("docker.sock"));
        }
        if let Some(home) = &self.home {
            for place in [
                ".docker/run/docker.sock",
                ".docker/desktop/docker.sock",
                ".orbstack/run/docker.sock",
                ".colima/default/docker.sock",
                ".rd/docker.sock",
            ] {
                paths.push(home.join(place));
            }
        }
        if let Some(directory) = &self.runtime_directory {
            paths.push(directory.join("podman/podman.sock"));
        }
        paths.push(PathBuf::from("/run/podman/podman.sock"));
        paths
    }
}

fn read(path: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn text(value: &Value, place: &str) -> Option<String> {
    let found = value.pointer(place)?.as_str()?;
    (!found.is_empty()).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(surroundings: &Surroundings) -> Vec<String> {
        let addresses = surroundings.addresses().into_iter();
        addresses.map(|address| address.host).collect()
    }

    #[test]
    fn what_is_asked_for_comes_alone() {
        let surroundings = Surroundings {
            docker_host: Some("tcp://10.0.0.1:2375".into()),
            ..Surroundings::default()
        };
        assert_eq!(
            surroundings.addresses(),
            [Address {
                host: "tcp://10.0.0.1:2375".into(),
                asked_for: true
            }]
        );
    }

    #[test]
    fn the_context_of_dockers_client_is_heeded() {
        let home = tempfile::tempdir().unwrap();
        let docker = home.path().join(".docker");
        let digest = fingerprint::hex(&Sha256::digest(b"colima"));
        let meta = docker.join("contexts/meta").join(digest);
        fs::create_dir_all(&meta).unwrap();
        fs::write(
            docker.join("config.json"),
            r#"{"currentContext": "colima"}"#,
        )
        .unwrap();
        let endpoint =
            r#"{"Name": "colima", "Endpoints": {"docker": {"Host": "unix:///colima.sock"}}}"#;
        fs::write(meta.join("meta.json"), endpoint).unwrap();
        let mut surroundings = Surroundings {
            home: Some(home.path().to_path_buf()),
            ..Surroundings::default()
        };
        assert_eq!(hosts(&surroundings), ["unix:///colima.sock"]);
        surroundings.docker_context = Some("default".into());
        assert_eq!(hosts(&surroundings)[0], "unix:///var/run/docker.sock");
    }

    #[test]
    fn sockets_of_this_user_are_looked_for_too() {
        let surroundings = Surroundings {
            home: Some("/home/ada".into()),
            runtime_directory: Some("/run/user/1000".into()),
            ..Surroundings::default()
        };
        let hosts = hosts(&surroundings);
        assert!(hosts.contains(&"unix:///run/user/1000/docker.sock".to_owned()));
        assert!(hosts.contains(&"unix:///run/user/1000/podman/podman.sock".to_owned()));
        assert!(hosts.contains(&"unix:///home/ada/.docker/run/docker.sock".to_owned()));
    }
}
