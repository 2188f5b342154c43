//! What our servers are told: the settings of a class-room cluster, who may connect, and each node's own lines.

use std::fmt::Write;
use std::path::Path;

/// Raised when what is written here changes in a way that old templates must not survive. Settings themselves are part of the key.
pub(super) const LAYOUT: &str = "1";
/// The superuser that the tours log in as, and the database they use.
pub(super) const USER: &str = "postgres";
/// The database of the tours.
pub(super) const DATABASE: &str = "postgres";
/// The file of a node's own lines, included by the common one.
pub(super) const NODE_FILE: &str = "node.conf";

/// Settings of every node, whatever the engine.
const COMMON: &[(&str, &str)] = &[
    ("listen_addresses", "127.0.0.1"),
    ("password_encryption", "scram-sha-256"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("default_text_search_config", "pg_catalog.english"),
    ("log_line_prefix", "%m [%p] "),
    ("logging_collector", "off"),
    // Moving and splitting shards replicates logically, and commits in two phases.
    ("wal_level", "logical"),
    ("max_wal_senders", "20"),
    ("max_replication_slots", "20"),
    ("max_worker_processes", "32"),
    ("max_logical_replication_workers", "16"),
    ("max_prepared_transactions", "200"),
    ("max_connections", "200"),
    ("max_locks_per_transaction", "256"),
    // A class-room cluster may lose its data with the machine, and must not own the machine. But a server that is killed
    // must not lose what it committed, so that synchronous_commit stays on: without fsync it costs a write to memory.
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("shared_buffers", "32MB"),
    ("min_wal_size", "32MB"),
    ("max_wal_size", "256MB"),
    ("huge_pages", "off"),
    ("jit", "off"),
    // A killed server leaves what it kept in /dev/shm behind; what it keeps in its data directory goes with that.
    ("dynamic_shared_memory_type", "mmap"),
];

/// `postgresql.conf` of a template: common lines, the engine's, and the include of the node's own.
pub(super) fn common(engine: &[(String, String)]) -> String {
    let mut text = String::from(
        "# Written by citus-tour for a cluster to learn on. fsync is off: a crash of the machine may lose data.\n",
    );
    for (name, value) in COMMON {
        push(&mut text, name, value);
    }
    for (name, value) in engine {
        push(&mut text, name, value);
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "include_if_exists = '{NODE_FILE}'");
    text
}

/// The lines of one node.
pub(super) fn node(port: u16, cluster_name: &str, sockets: &Path) -> String {
    let mut text = String::new();
    push(&mut text, "port", &port.to_string());
    push(&mut text, "cluster_name", cluster_name);
    push(
        &mut text,
        "unix_socket_directories",
        &sockets.to_string_lossy(),
    );
    push(&mut text, "unix_socket_permissions", "0700");
    text
}

/// A password everywhere, also for the socket, since servers of other users' programs may run under the same account.
pub(super) const HOST_ACCESS: &str = "\
# Written by citus-tour.
local   all          all                 scram-sha-256
host    all          all  127.0.0.1/32   scram-sha-256
local   replication  all                 scram-sha-256
host    replication  all  127.0.0.1/32   scram-sha-256
";

/// One setting, quoted as the configuration file's grammar wants it.
pub(super) fn push(text: &mut String, name: &str, value: &str) {
    let value = value.replace('\\', "\\\\").replace('\'', "''");
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{name} = '{value}'");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_for_the_file() {
        let text = node(5440, "it's", Path::new(r"/a\b"));
        assert!(text.contains("cluster_name = 'it''s'"), "{text}");
        assert!(
            text.contains(r"unix_socket_directories = '/a\\b'"),
            "{text}"
        );
    }

    #[test]
    fn the_engine_has_the_last_word_but_for_the_nodes_own_lines() {
        let text = common(&[("fsync".into(), "on".into())]);
        assert!(text.rfind("fsync = 'on'") > text.find("fsync = 'off'"));
        assert!(text.trim_end().ends_with("include_if_exists = 'node.conf'"));
    }
}
