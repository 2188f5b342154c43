//! An engine that answers, and what it says of itself.

use std::path::Path;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker, errors::Error};
use tokio::time::timeout;

use super::find::{Address, Surroundings};
use crate::runtime::RuntimeError;

/// Seconds that one request may take. Stopping a container takes its time.
const REQUEST: u64 = 120;
/// How long an engine may take to say that it is there.
const GREETING: Duration = Duration::from_secs(2);

/// An engine for containers that answers.
#[derive(Debug, Clone)]
pub struct ContainerEngine {
    pub(super) api: Docker,
    /// Where it listens, such as `unix:///var/run/docker.sock`.
    pub(super) host: String,
    facts: EngineFacts,
}

/// What an engine says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineFacts {
    /// `Docker` or `Podman`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its machine's processor, such as `amd64`.
    pub architecture: String,
}

impl ContainerEngine {
    /// The first engine that answers, of those that may be meant.
    ///
    /// # Errors
    /// When none answers; the message says where it was looked for.
    pub async fn find() -> Result<Self, RuntimeError> {
        let addresses = Surroundings::of_this_process().addresses();
        let mut refused = Vec::new();
        for address in &addresses {
            if is_missing(address) {
                continue;
            }
            match Self::connect(&address.host).await {
                Ok(engine) => return Ok(engine),
                Err(error) => refused.push(error),
            }
        }
        Err(refused
            .into_iter()
            .next()
            .unwrap_or_else(|| RuntimeError::NoContainerEngine {
                at: String::new(),
                reason:
                    "no socket of Docker or Podman was found. Start one of them, or set DOCKER_HOST"
                        .to_owned(),
            }))
    }

    /// The engine at an address.
    ///
    /// # Errors
    /// When it does not answer, or the address cannot be used.
    pub async fn connect(host: &str) -> Result<Self, RuntimeError> {
        let failed = |reason: String| no_engine(host, reason);
        let connected = if let Some(path) = host.strip_prefix("unix://") {
            Docker::connect_with_unix(path, REQUEST, API_DEFAULT_VERSION)
        } else if host.starts_with("tcp://") || host.starts_with("http://") {
            Docker::connect_with_http(host, REQUEST, API_DEFAULT_VERSION)
        } else {
            return Err(failed(
                "addresses that begin with unix:// and tcp:// can be used. For an engine behind ssh, forward its socket: `ssh -L /tmp/docker.sock:/var/run/docker.sock HOST`, and set DOCKER_HOST=unix:///tmp/docker.sock"
                    .to_owned(),
            ));
        };
        let api = connected.map_err(|error| failed(advice(host, &in_words(&error))))?;
        let greeting = async {
            let api = api.negotiate_version().await?;
            let version = api.version().await?;
            Ok::<_, Error>((api, version))
        };
        let (api, version) = match timeout(GREETING, greeting).await {
            Ok(Ok(greeted)) => greeted,
            Ok(Err(error)) => return Err(failed(advice(host, &in_words(&error)))),
            Err(_) => {
                return Err(failed(format!(
                    "it said nothing within {} seconds. Restart it",
                    GREETING.as_secs()
                )));
            }
        };
        let components = version.components.unwrap_or_default();
        let is_podman = components.iter().any(|part| part.name.contains("Podman"));
        Ok(Self {
            api,
            host: host.to_owned(),
            facts: EngineFacts {
                name: if is_podman { "Podman" } else { "Docker" }.to_owned(),
                version: version.version.unwrap_or_default(),
                architecture: version.arch.unwrap_or_default(),
            },
        })
    }

    /// Where it listens, such as `unix:///var/run/docker.sock`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What it says of itself.
    #[must_use]
    pub fn facts(&self) -> &EngineFacts {
        &self.facts
    }

    /// Nodes are published on the loopback of the engine's machine: that has to be this one.
    pub(super) fn must_be_here(&self) -> Result<(), RuntimeError> {
        if is_here(&self.host) {
            return Ok(());
        }
        Err(no_engine(
            &self.host,
            "it answers from another machine, whose loopback would be the only way to its nodes. Run citus-tour there, or set DOCKER_HOST to an engine of this machine".to_owned(),
        ))
    }

    /// What an error of a request means.
    pub(super) fn error(&self, action: &str, error: &Error) -> RuntimeError {
        match error {
            Error::DockerResponseServerError { message, .. } => RuntimeError::ContainerEngine {
                action: action.to_owned(),
                message: message.trim().to_owned(),
            },
            Error::DockerStreamError { error } => RuntimeError::ContainerEngine {
                action: action.to_owned(),
                message: error.trim().to_owned(),
            },
            _ => no_engine(
                &self.host,
                format!(
                    "{action} failed: {}. Is it still running? Start it again; `citus-tour down --all` removes what it has of ours then",
                    in_words(error)
                ),
            ),
        }
    }
}

/// Whether an address is of this machine: a socket file, or a port of the loopback.
fn is_here(host: &str) -> bool {
    let Some((_, rest)) = host
        .split_once("://")
        .filter(|(scheme, _)| *scheme != "unix")
    else {
        return true;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|digit| digit.is_ascii_digit()) => name,
        _ => authority,
    };
    let name = name.trim_matches(['[', ']']);
    let address = name.parse::<std::net::IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Whether an error says that a thing is not there.
pub(super) fn is_not_found(error: &Error) -> bool {
    status(error) == Some(404)
}

/// The status of a refusal.
pub(super) fn status(error: &Error) -> Option<u16> {
    match error {
        Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

fn is_missing(address: &Address) -> bool {
    let path = address.host.strip_prefix("unix://");
    !address.asked_for && path.is_some_and(|path| !Path::new(path).exists())
}

fn no_engine(host: &str, reason: String) -> RuntimeError {
    RuntimeError::NoContainerEngine {
        at: format!(" at {host}"),
        reason,
    }
}

fn advice(host: &str, reason: &str) -> String {
    if reason.contains("ermission denied") {
        return format!(
            "{reason}. Add yourself to the group that may use it (`sudo usermod -aG docker $USER`, then log in anew); whoever may use it is as good as root"
        );
    }
    let path = host.strip_prefix("unix://");
    if path.is_some_and(|path| !Path::new(path).exists()) {
        return "there is no such socket. Start the engine, or set DOCKER_HOST to where it listens"
            .to_owned();
    }
    format!("{reason}. Start it, or set DOCKER_HOST to where it listens")
}

/// An error with its causes.
fn in_words(error: &Error) -> String {
    use std::error::Error as _;
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = next.source();
    }
    // What the library calls its own layers helps nobody.
    words.replace("Error in the hyper legacy client: ", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_of_another_machine_is_told_from_one_of_this() {
        for host in [
            "unix:///var/run/docker.sock",
            "tcp://127.0.0.1:2375",
            "tcp://localhost:2375",
            "http://[::1]:2375",
        ] {
            assert!(is_here(host), "{host}");
        }
        for host in [
            "tcp://10.0.0.7:2375",
            "tcp://docker.example:2375",
            "tcp://docker.example",
        ] {
            assert!(!is_here(host), "{host}");
        }
    }
}
