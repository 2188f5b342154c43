//! What somebody gives us to reach a server by, read as libpq reads it: a connection string, and around it the environment and files.
//!
//! In: text. Out: an [`Address`] with its [`Terms`]. Nothing here is ever shown with a password in it.

mod keywords;
mod passfile;
mod url;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::address::Address;
use super::encryption::{CertificateFileError, Certificates, encryption};
use super::terms::{SslMode, Terms};

/// What is around a connection string: the environment, the home directory, the account.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The variables whose names begin with `PG`.
    pub variables: BTreeMap<String, String>,
    /// Where `.pgpass` and `.postgresql` lie.
    pub home: Option<PathBuf>,
    /// Who we are on this machine: the role where none is named.
    pub account: Option<String>,
}

// Not derived: one of the variables is a password.
impl fmt::Debug for Surroundings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Surroundings")
            .field("variables", &self.variables.keys())
            .field("home", &self.home)
            .field("account", &self.account)
            .finish()
    }
}

impl Surroundings {
    /// Those of this program.
    #[must_use]
    pub fn here() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
            (name.starts_with("PG") && !value.is_empty()).then_some((name, value))
        });
        let account = nix::unistd::User::from_uid(nix::unistd::geteuid());
        Self {
            variables: variables.collect(),
            home: std::env::var_os("HOME").map(PathBuf::from),
            account: account.ok().flatten().map(|user| user.name),
        }
    }
}

/// What is wrong with a connection string. None of these repeats it: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GivenError {
    /// It is neither form.
    #[error(
        "the connection string cannot be read: {0}. It is written postgres://user@host:5432/database?sslmode=require, or host=… port=… user=… dbname=…"
    )]
    Unreadable(String),
    /// A keyword that libpq does not know either.
    #[error("the connection string has `{0}`, which is no keyword that libpq knows")]
    UnknownKeyword(String),
    /// What libpq can and we cannot.
    #[error("{keyword} is not supported here: {instead}")]
    Unsupported {
        /// The keyword.
        keyword: String,
        /// What to do in its place.
        instead: &'static str,
    },
    /// A value that makes no sense for its keyword.
    #[error("{keyword} cannot be `{value}`: {reason}")]
    WrongValue {
        /// The keyword, or the variable.
        keyword: String,
        /// What stood there; never a password.
        value: String,
        /// What may stand there.
        reason: &'static str,
    },
    /// No role.
    #[error("the connection string names no user, and this account has no name. Add user=… to it")]
    NoUser,
    /// A certificate file does not serve.
    #[error(transparent)]
    Certificates(#[from] CertificateFileError),
}

/// A connection string, read, with what its surroundings add.
#[derive(Clone)]
pub struct Given {
    values: BTreeMap<&'static str, String>,
    home: Option<PathBuf>,
}

// Not derived: one of the values is a password.
impl fmt::Debug for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.values.iter().filter(|(name, _)| **name != "password");
        formatter.debug_map().entries(shown).finish()
    }
}

/// Keywords with the variables that stand in for them.
const KEYWORDS: [(&str, &str); 12] = [
    ("host", "PGHOST"),
    ("port", "PGPORT"),
    ("user", "PGUSER"),
    ("dbname", "PGDATABASE"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("options", "PGOPTIONS"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("channel_binding", "PGCHANNELBINDING"),
];

/// Keywords that change nothing here: we have deadlines and names of our own.
const WITHOUT_EFFECT: [&str; 14] = [
    "application_name",
    "fallback_application_name",
    "client_encoding",
    "connect_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "gssencmode",
    "sslcompression",
    "sslsni",
    "target_session_attrs",
    "load_balance_hosts",
];

/// Keywords that would lead elsewhere, or promise what we do not keep.
const UNSUPPORTED: [(&str, &str); 9] = [
    ("hostaddr", "write the address as host"),
    ("service", "write out what the service says"),
    (
        "sslcrl",
        "there is no look at lists of revoked certificates",
    ),
    (
        "sslcrldir",
        "there is no look at lists of revoked certificates",
    ),
    ("sslpassword", "use a key without a password"),
    (
        "sslnegotiation",
        "leave it out: encryption is negotiated as PostgreSQL 16 does",
    ),
    ("requirepeer", "leave it out"),
    ("require_auth", "leave it out"),
    ("krbsrvname", "log in by a password or a certificate"),
];

/// Variables by which libpq would go elsewhere, or otherwise: a service says whatever the connection string leaves out, and an address
/// counts more than a host's name.
const LEADING_ELSEWHERE: [(&str, &str); 2] = [
    (
        "PGSERVICE",
        "unset it, and write what the service says into the connection string",
    ),
    ("PGHOSTADDR", "unset it, and write the address as host"),
];

/// The directory of socket files on Debian and Fedora, then PostgreSQL's own.
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

impl Given {
    /// Reads a connection string; where it is silent the variables speak.
    ///
    /// # Errors
    /// When it cannot be read, or asks for what we cannot do.
    pub fn read(text: &str, around: &Surroundings) -> Result<Self, GivenError> {
        let pairs = match url::without_scheme(text) {
            Some(rest) => url::read(rest)?,
            None => keywords::read(text)?,
        };
        let mut values = BTreeMap::new();
        for (name, value) in pairs {
            if let Some((name, _)) = KEYWORDS.iter().find(|(known, _)| *known == name) {
                values.insert(*name, value);
            } else if let Some((_, instead)) = UNSUPPORTED.iter().find(|(known, _)| *known == name)
            {
                return Err(GivenError::Unsupported {
                    keyword: name,
                    instead,
                });
            } else if !WITHOUT_EFFECT.contains(&name.as_str()) {
                return Err(GivenError::UnknownKeyword(name));
            }
        }
        // An empty value is as good as none.
        values.retain(|_, value| !value.is_empty());
        if let Some((variable, instead)) = LEADING_ELSEWHERE
            .iter()
            .find(|(variable, _)| around.variables.contains_key(*variable))
        {
            return Err(GivenError::Unsupported {
                keyword: (*variable).to_owned(),
                instead,
            });
        }
        for (name, variable) in KEYWORDS {
            if let Some(value) = around.variables.get(variable) {
                values.entry(name).or_insert_with(|| value.clone());
            }
        }
        if let Some(account) = &around.account {
            values.entry("user").or_insert_with(|| account.clone());
        }
        let given = Self {
            values,
            home: around.home.clone(),
        };
        given.check()?;
        Ok(given)
    }

    fn check(&self) -> Result<(), GivenError> {
        let wrong = |keyword: &str, reason: &'static str| GivenError::WrongValue {
            keyword: keyword.to_owned(),
            value: self.value(keyword).unwrap_or_default().to_owned(),
            reason,
        };
        if self.value("user").is_none() {
            return Err(GivenError::NoUser);
        }
        if self.value("host").is_some_and(|host| host.contains(',')) {
            let reason = "name one host, the coordinator";
            return Err(wrong("host", reason));
        }
        if self
            .value("port")
            .is_some_and(|port| port.parse::<u16>().is_err())
        {
            return Err(wrong("port", "a port is a number from 1 to 65535"));
        }
        if self
            .value("sslmode")
            .is_some_and(|mode| mode.parse::<SslMode>().is_err())
        {
            let reason = "it is disable, allow, prefer, require, verify-ca or verify-full";
            return Err(wrong("sslmode", reason));
        }
        if self.value("channel_binding") == Some("require") {
            let reason = "channel binding is not supported here; verify-full knows the server by its certificate";
            return Err(wrong("channel_binding", reason));
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// `sslmode`; libpq's default where nobody says.
    #[must_use]
    pub fn mode(&self) -> SslMode {
        let default = if self.value("sslrootcert") == Some("system") {
            SslMode::VerifyFull
        } else {
            SslMode::Prefer
        };
        self.value("sslmode")
            .and_then(|mode| mode.parse().ok())
            .unwrap_or(default)
    }

    /// The server's host name, address, or the directory of its socket file.
    #[must_use]
    pub fn host(&self) -> String {
        if let Some(host) = self.value("host") {
            return host.to_owned();
        }
        let file = format!(".s.PGSQL.{}", self.port());
        let there = SOCKETS
            .iter()
            .find(|directory| Path::new(directory).join(&file).exists());
        there.map_or_else(
            || "localhost".to_owned(),
            |directory| (*directory).to_owned(),
        )
    }

    /// The server's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.value("port")
            .and_then(|port| port.parse().ok())
            .unwrap_or(5432)
    }

    /// The role to log in as.
    #[must_use]
    pub fn user(&self) -> &str {
        self.value("user").unwrap_or_default()
    }

    /// The database; the role's name where none is named.
    #[must_use]
    pub fn database(&self) -> &str {
        self.value("dbname").unwrap_or_else(|| self.user())
    }

    /// The password that a server's line in the password file has; as libpq does it, a file that others may read is passed over,
    /// which is the second part.
    #[must_use]
    pub fn filed_password(&self, host: &str, port: u16) -> (Option<String>, Option<String>) {
        let path = match (self.value("passfile"), &self.home) {
            (Some(path), _) => PathBuf::from(path),
            (None, Some(home)) => home.join(".pgpass"),
            (None, None) => return (None, None),
        };
        match passfile::read(&path) {
            Ok(text) => {
                let wanted = [host, &port.to_string(), self.database(), self.user()];
                (passfile::find(&text, wanted), None)
            }
            Err(remark) => (None, remark),
        }
    }

    /// The password of the connection string, or of the environment.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.value("password")
    }

    /// How to reach the server, with a password where one was found.
    ///
    /// # Errors
    /// When a certificate file does not serve.
    pub fn address(&self) -> Result<Address, GivenError> {
        let own_default = |name: &str| {
            let path = self.home.as_ref()?.join(".postgresql").join(name);
            path.is_file().then_some(path)
        };
        let own = |keyword: &str, default: &str| {
            self.value(keyword)
                .map(PathBuf::from)
                .or_else(|| own_default(default))
        };
        let certificates = Certificates {
            root: self.value("sslrootcert").map(PathBuf::from),
            own: own("sslcert", "postgresql.crt").zip(own("sslkey", "postgresql.key")),
        };
        let root = self
            .home
            .as_ref()
            .map(|home| home.join(".postgresql/root.crt"));
        let mode = self.mode();
        let encryption = encryption(mode, &certificates, root.as_deref())?;
        let options = self
            .value("options")
            .map(|value| ("options".to_owned(), value.to_owned()));
        let (host, port) = (self.host(), self.port());
        let filed = || self.filed_password(&host, port).0;
        Ok(Address {
            password: self
                .password()
                .map(str::to_owned)
                .or_else(filed)
                .unwrap_or_default(),
            user: self.user().to_owned(),
            database: self.database().to_owned(),
            terms: Terms {
                mode,
                encryption,
                settings: options.into_iter().collect(),
                sealed: false,
            },
            host,
            port,
        })
    }
}

#[cfg(test)]
mod tests;
