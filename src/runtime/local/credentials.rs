//! How the servers of a cluster know its password, also for their own connections to their neighbours.

use std::fmt::Write;

use postgres_protocol::password::scram_sha_256;

use super::configuration::USER;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
