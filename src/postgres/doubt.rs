//! Which functions a session that is held to reading calls, for the server's catalog to say what they may do. Pure.

use postgres_protocol::escape::escape_literal;

use super::seal::{called, refused};

const CALLED: &str = include_str!("../../sql/attach/called.sql");

/// Functions that PostgreSQL or Citus call volatile although they only read (or wait, or roll dice).
const READING: [&str; 58] = [
    "random",
    "random_normal",
    "setseed",
    "gen_random_uuid",
    "uuidv7",
    "clock_timestamp",
    "timeofday",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "currval",
    "lastval",
    "pg_relation_size",
    "pg_table_size",
    "pg_indexes_size",
    "pg_total_relation_size",
    "pg_database_size",
    "pg_tablespace_size",
    "pg_column_size",
    "pg_is_in_recovery",
    "pg_is_wal_replay_paused",
    "pg_current_wal_lsn",
    "pg_current_wal_insert_lsn",
    "pg_current_wal_flush_lsn",
    "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn",
    "pg_last_xact_replay_timestamp",
    "pg_lock_status",
    "pg_blocking_pids",
    "pg_safe_snapshot_blocking_pids",
    "pg_prepared_xact",
    "pg_stat_statements",
    "pg_control_system",
    "pg_control_checkpoint",
    "pg_notification_queue_usage",
    "pg_isolation_test_session_is_blocked",
    "get_shard_id_for_distribution_column",
    "get_rebalance_progress",
    "get_rebalance_table_shards_plan",
    "get_all_active_transactions",
    "get_global_active_transactions",
    "get_current_transaction_id",
    "dump_global_wait_edges",
    "dump_local_wait_edges",
    "citus_table_size",
    "citus_relation_size",
    "citus_total_relation_size",
    "citus_shard_sizes",
    "citus_get_active_worker_nodes",
    "citus_check_cluster_node_health",
    "citus_check_connection_to_node",
    "citus_remote_connection_stats",
    "citus_rebalance_status",
    "citus_job_list",
    "citus_backend_gpid",
    "citus_server_id",
    "citus_is_clock_after",
    "citus_stat_statements",
];

/// The question which of the functions that a statement calls may do more than read, by what the server's catalog says of them: only
/// those that are code of the server or of an extension, since what people write in SQL runs under the transaction's lock. `None`: it
/// calls nothing that would have to be asked for.
pub(super) fn doubts(statement: &str) -> Option<String> {
    let lower = statement.to_lowercase();
    let mut names: Vec<&str> = called(&lower)
        .filter(|name| !READING.contains(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    let literals: Vec<String> = names.into_iter().map(escape_literal).collect();
    (!literals.is_empty()).then(|| CALLED.replace("{names}", &literals.join(", ")))
}

/// What is said of a function that may do more than read.
pub(super) fn doubtful(name: &str) -> String {
    refused(&format!("{name}, which may do more than read,"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_calls_is_asked_for_once() {
        let asked = doubts("SELECT b(1), a.A(2), \"b\" (3), random(), x IN (1)").unwrap();
        assert!(asked.contains("IN ('a', 'b', 'in')"), "{asked}");
        assert_eq!(doubts("SELECT 1, random()"), None);
        assert_eq!(CALLED.matches("{names}").count(), 1);
    }
}
