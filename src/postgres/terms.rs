//! On which terms a session is opened: encrypted or not, with which settings, and whether it is held to reading.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rustls::ClientConfig;

/// `sslmode`, with libpq's meaning of each word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SslMode {
    /// Never encrypted. What servers of our own, on loopback, are talked to by.
    #[default]
    Disable,
    /// Encrypted only where the server insists.
    Allow,
    /// Encrypted where the server can; libpq's default.
    Prefer,
    /// Encrypted, with whomever it is.
    Require,
    /// Encrypted, with a certificate that the root certificate vouches for.
    VerifyCa,
    /// The same, and the certificate names the host.
    VerifyFull,
}

impl SslMode {
    const ALL: [Self; 6] = [
        Self::Disable,
        Self::Allow,
        Self::Prefer,
        Self::Require,
        Self::VerifyCa,
        Self::VerifyFull,
    ];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    /// What is tried, in order.
    pub(super) fn attempts(self) -> &'static [Attempt] {
        match self {
            Self::Disable => &[Attempt::Plain],
            Self::Allow => &[Attempt::Plain, Attempt::Encrypted],
            Self::Prefer => &[Attempt::Offered, Attempt::Plain],
            Self::Require | Self::VerifyCa | Self::VerifyFull => &[Attempt::Encrypted],
        }
    }
}

impl FromStr for SslMode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let found = Self::ALL.into_iter().find(|mode| mode.as_str() == text);
        found.ok_or(())
    }
}

/// One way to open a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// Without encryption.
    Plain,
    /// With it, or in plain text where the server cannot.
    Offered,
    /// With it, or not at all.
    Encrypted,
}

/// On which terms sessions with a server are opened.
#[derive(Clone, Default)]
pub struct Terms {
    /// Whether they are encrypted.
    pub mode: SslMode,
    /// How, where they are.
    pub encryption: Option<Arc<ClientConfig>>,
    /// Settings that a session begins with, and comes back to by `RESET`.
    pub settings: Vec<(String, String)>,
    /// The learner's own statements are held to reading, whatever they say.
    pub sealed: bool,
}

impl Terms {
    /// What a session begins with for a setting, where that is said.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        let mut settings = self.settings.iter().rev();
        settings
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl PartialEq for Terms {
    fn eq(&self, other: &Self) -> bool {
        let encryption = |terms: &Self| terms.encryption.as_ref().map(Arc::as_ptr);
        self.mode == other.mode
            && self.sealed == other.sealed
            && self.settings == other.settings
            && encryption(self) == encryption(other)
    }
}

impl Eq for Terms {}

impl fmt::Debug for Terms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Terms")
            .field("mode", &self.mode)
            .field("settings", &self.settings)
            .field("sealed", &self.sealed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_libpqs() {
        for mode in SslMode::ALL {
            assert_eq!(mode.as_str().parse(), Ok(mode));
        }
        assert!("Require".parse::<SslMode>().is_err());
        assert_eq!(SslMode::Prefer.attempts().len(), 2);
        assert_eq!(SslMode::VerifyFull.attempts(), [Attempt::Encrypted]);
    }
}
