//! Passwords: one at random per cluster, and the file by which a server's own connections to its neighbours know it.

use std::fmt::Write;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use postgres_protocol::password::scram_sha_256;

use super::account::ServerAccount;
use super::configuration::USER;
use super::fingerprint;
use crate::runtime::RuntimeError;

/// 128 random bits as digits, so that no place that quotes has to quote it.
pub(super) fn random_word(bytes: usize) -> String {
    let mut word = vec![0_u8; bytes];
    rand::fill(word.as_mut_slice());
    fingerprint::hex(&word)
}

/// The statement that makes `password` the role's. It carries the verifier alone, so that no log can tell the password.
pub(super) fn alter_role(password: &str) -> String {
    format!(
        "ALTER ROLE {USER} PASSWORD '{}'",
        scram_sha_256(password.as_bytes())
    )
}

/// What libpq reads in a server: the password for this cluster's ports on the loopback, and for no other port, so that a
/// stranger's server is never offered it.
pub(super) fn passfile(ports: &[u16], password: &str) -> String {
    ports.iter().fold(String::new(), |mut text, port| {
        for host in ["127.0.0.1", "localhost"] {
            let _ = writeln!(text, "{host}:{port}:*:{USER}:{password}");
        }
        text
    })
}

/// Writes a file that only its owner can read, whole or not at all.
pub(super) fn write_secret(
    path: &Path,
    content: &str,
    owner: Option<&ServerAccount>,
) -> Result<(), RuntimeError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}", random_word(4)));
    let partial = Path::new(&partial);
    let failed = |error| RuntimeError::io("writing a private file", path, error);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(partial)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .map_err(failed)?;
    if let Some(account) = owner {
        account.own(partial)?;
    }
    std::fs::rename(partial, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn passwords_differ_and_need_no_quoting() {
        let (one, other) = (random_word(16), random_word(16));
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.chars().all(|digit| digit.is_ascii_hexdigit()));
    }

    #[test]
    fn the_statement_does_not_tell_the_password() {
        let statement = alter_role("secret");
        assert!(!statement.contains("secret"));
        assert!(statement.contains("SCRAM-SHA-256$"));
    }

    #[test]
    fn the_password_is_offered_to_our_ports_only() {
        let text = passfile(&[5440, 5441], "word");
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains("127.0.0.1:5441:*:postgres:word\n"));
    }

    #[test]
    fn a_secret_is_readable_by_its_owner_only_and_replaced_whole() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("secret");
        write_secret(&path, "one", None).unwrap();
        write_secret(&path, "two", None).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
