//! Which functions a session that is held to reading calls, for the server's catalog to say what they may do. Pure.

use std::collections::BTreeSet;

use postgres_protocol::escape::escape_literal;

use super::seal::{refused, without_comments, words_of};

/// No name of a server is longer, in bytes.
const LONGEST_NAME: usize = 63;

const CALLED: &str = include_str!("../../sql/attach/called.sql");

/// Functions that PostgreSQL, Citus or well-known extensions do not call harmless although they only read (or wait, or roll dice).
const READING: [&str; 104] = [
    "bernoulli",
    "citus_backend_gpid",
    "citus_blocking_pids",
    "citus_calculate_gpid",
    "citus_check_cluster_node_health",
    "citus_check_connection_to_node",
    "citus_coordinator_nodeid",
    "citus_dist_stat_activity",
    "citus_get_active_worker_nodes",
    "citus_is_clock_after",
    "citus_is_coordinator",
    "citus_job_list",
    "citus_job_status",
    "citus_local_disk_space_stats",
    "citus_locks",
    "citus_node_disk_space_stats",
    "citus_nodeid_for_gpid",
    "citus_pid_for_gpid",
    "citus_rebalance_status",
    "citus_relation_size",
    "citus_remote_connection_stats",
    "citus_server_id",
    "citus_shard_indexes_on_worker",
    "citus_shard_sizes",
    "citus_shards_on_worker",
    "citus_stat_activity",
    "citus_stat_counters",
    "citus_stat_statements",
    "citus_stat_tenants",
    "citus_stat_tenants_local",
    "citus_table_size",
    "citus_total_relation_size",
    "citus_worker_stat_activity",
    "clock_timestamp",
    "column_to_column_name",
    "current_query",
    "currval",
    "dump_global_wait_edges",
    "dump_local_wait_edges",
    "gen_random_uuid",
    "get_all_active_transactions",
    "get_colocated_shard_array",
    "get_colocated_table_array",
    "get_colocated_tables",
    "get_current_transaction_id",
    "get_global_active_transactions",
    "get_missing_time_partition_ranges",
    "get_rebalance_progress",
    "get_rebalance_table_shards_plan",
    "get_shard_id_for_distribution_column",
    "lastval",
    "pg_blocking_pids",
    "pg_buffercache_pages",
    "pg_column_size",
    "pg_control_checkpoint",
    "pg_control_system",
    "pg_current_logfile",
    "pg_current_wal_flush_lsn",
    "pg_current_wal_insert_lsn",
    "pg_current_wal_lsn",
    "pg_database_size",
    "pg_get_backend_memory_contexts",
    "pg_hba_file_rules",
    "pg_indexes_size",
    "pg_is_in_recovery",
    "pg_is_wal_replay_paused",
    "pg_isolation_test_session_is_blocked",
    "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn",
    "pg_last_xact_replay_timestamp",
    "pg_lock_status",
    "pg_ls_waldir",
    "pg_notification_queue_usage",
    "pg_partition_ancestors",
    "pg_partition_tree",
    "pg_prepared_xact",
    "pg_relation_size",
    "pg_safe_snapshot_blocking_pids",
    "pg_sequence_last_value",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_stat_get_xact_tuples_inserted",
    "pg_stat_statements",
    "pg_stat_statements_info",
    "pg_table_size",
    "pg_tablespace_size",
    "pg_total_relation_size",
    "pg_xact_status",
    "pgstatindex",
    "pgstattuple",
    "pgstattuple_approx",
    "random",
    "random_normal",
    "setseed",
    "system",
    "time_partition_range",
    "timeofday",
    "txid_status",
    "uuid_generate_v1",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "worker_hash",
];

/// Statements that call nothing themselves. Some of them must come before any other of their transaction.
const CALLING_NOTHING: [&str; 17] = [
    "abort",
    "begin",
    "close",
    "commit",
    "deallocate",
    "discard",
    "end",
    "fetch",
    "listen",
    "move",
    "release",
    "reset",
    "rollback",
    "savepoint",
    "set",
    "show",
    "start",
];

/// Whether a function is known only to read.
pub(super) fn reads(name: &str) -> bool {
    READING.contains(&name)
}

/// The question which functions that a statement may call may do more than read, by what the server's catalog says of them. `None`: it
/// calls none.
///
/// Every word is asked for, wherever it stands: a call need not be followed by a parenthesis (`(x).f`), and what is a text or a comment
/// is for the server to say.
pub(super) fn doubts(statement: &str) -> Option<String> {
    // A comment before it may begin with any word.
    let first = words_of(without_comments(statement))
        .next()
        .unwrap_or_default();
    if CALLING_NOTHING.contains(&first.to_lowercase().as_str()) {
        return None;
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    let dollars = statement.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')));
    // Between quotation marks anything may stand.
    let quoted = statement.split('"');
    for word in words_of(statement).chain(dollars).chain(quoted) {
        if !word.is_empty() && word.len() <= LONGEST_NAME {
            names.insert(word.to_owned());
            names.insert(word.to_ascii_lowercase());
        }
    }
    names.retain(|name| !reads(name));
    let literals: Vec<String> = names.iter().map(|name| escape_literal(name)).collect();
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
    fn every_word_is_asked_for_wherever_it_stands() {
        let asked = doubts("SELECT (x).F, \"a b\"(1), y$z(), random() -- g").unwrap();
        for name in ["'x'", "'f'", "'F'", "'a b'", "'y$z'", "'g'"] {
            assert!(asked.contains(name), "{name}: {asked}");
        }
        assert!(!asked.contains("'random'"), "{asked}");
        for hidden in ["/* set */ SELECT f(1)", "-- begin\rSELECT f(1)"] {
            assert!(
                doubts(hidden).is_some_and(|asked| asked.contains("'f'")),
                "{hidden}"
            );
        }
        for nothing in [
            "-- why\nBEGIN",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "",
        ] {
            assert_eq!(doubts(nothing), None);
        }
        assert_eq!(CALLED.matches("{names}").count(), 1);
    }
}
