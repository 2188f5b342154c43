//! Which statements a session takes that is held to reading. Pure.
//!
//! What keeps such a session from writing is the server: each statement runs as the only one of its request, inside a transaction that
//! is READ ONLY and has its snapshot, which no statement can make READ WRITE again. Refused here, before anything is sent, is what a
//! READ ONLY transaction of PostgreSQL lets through all the same: commands that rewrite or lock, and functions that act on other
//! sessions, over connections of their own on other nodes, or on the catalogs from within. Those are known by their names, and, since no
//! list is whole, by what the server's catalog says of them.

use super::doubt::reads;
use super::split::{Scanner, Token};

/// Statements that begin with these only read, or fail in a READ ONLY transaction.
const TAKEN: [&str; 28] = [
    "select",
    "with",
    "values",
    "table",
    "show",
    "explain",
    "set",
    "reset",
    "begin",
    "start",
    "commit",
    "end",
    "rollback",
    "abort",
    "savepoint",
    "release",
    "declare",
    "fetch",
    "move",
    "close",
    "copy",
    "prepare",
    "execute",
    "deallocate",
    "listen",
    "unlisten",
    "discard",
    "describe",
];

/// Changes that the server refuses by itself, with a message of its own that names the command.
const REFUSED_THERE: [&str; 11] = [
    "insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "grant",
    "revoke", "comment",
];

/// Functions that act elsewhere begin with these words.
const ACTING: [&str; 62] = [
    "run_command_on_",
    "dblink",
    "master_",
    "worker_",
    "citus_move_",
    "citus_copy_shard",
    "citus_rebalance_",
    "rebalance_table_shards",
    "replicate_table_shards",
    "replicate_reference_tables",
    "citus_drain_node",
    "citus_add_",
    "citus_activate_",
    "citus_disable_node",
    "citus_remove_node",
    "citus_update_",
    "citus_set_",
    "citus_split_",
    "citus_schema_move",
    "citus_schema_distribute",
    "citus_schema_undistribute",
    "citus_cleanup_",
    "citus_job_cancel",
    "citus_drop_",
    "citus_delete_",
    "citus_internal",
    "citus_execute_",
    "citus_create_",
    "citus_stat_statements_reset",
    "citus_stat_tenants_reset",
    "citus_unmark_",
    "citus_promote_",
    "citus_finalize_",
    "citus_truncate_",
    "citus_pause_",
    "citus_conninfo_cache_invalidate",
    "isolate_tenant_to_new_shard",
    "create_distributed_table",
    "create_reference_table",
    "create_distributed_function",
    "undistribute_table",
    "alter_distributed_table",
    "alter_table_set_access_method",
    "truncate_local_data",
    "remove_local_tables",
    "start_metadata_sync",
    "stop_metadata_sync",
    "recover_prepared_transactions",
    "lock_shard",
    "pg_terminate_backend",
    "pg_cancel_backend",
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_promote",
    "pg_switch_wal",
    "pg_create_",
    "pg_drop_",
    "pg_logical_emit_message",
    "pg_notify",
    "pg_stat_reset",
    "pg_file_",
    "lo_",
];

const MORE_ACTING: [&str; 9] = [
    "pg_stat_statements_reset",
    "pg_replication_",
    "pg_wal_replay_",
    "pg_advance_",
    "pg_sync_",
    // It runs a text that can be put together out of pieces.
    "query_to_xml",
    "pg_import_",
    "pg_export_",
    "adminpack",
];

pub(super) fn refused(what: &str) -> String {
    format!("{what} is not sent: this cluster is read-only")
}

/// Why a statement is not sent at all.
#[must_use]
pub fn refusal(statement: &str) -> Option<String> {
    let text = without_comments(statement);
    let lower = text.to_lowercase();
    let mut words = words_of(&lower);
    let first = words.next()?;
    let second = words.next().unwrap_or_default();
    let refuse = |what: &str| Some(refused(what));
    if REFUSED_THERE.contains(&first) {
        return None;
    }
    if !TAKEN.contains(&first) || (first == "prepare" && second == "transaction") {
        return refuse(&first.to_uppercase());
    }
    if first == "copy" && !copies_to_us(text) {
        return refuse("COPY other than to STDOUT");
    }
    // Escapes could spell a name that is not seen here.
    if lower.contains("u&\"") || lower.contains("u&'") {
        return refuse("a name or text with Unicode escapes");
    }
    // Citus takes sessions of some names for its own, and lets them do more.
    if first == "set" && lower.contains("application_name") {
        return refuse("another application_name");
    }
    // What is judged here has to be what the server reads.
    let reading = ["standard_conforming_strings", "client_encoding", "names"];
    if first == "set" && words_of(&lower).any(|word| reading.contains(&word)) {
        return refuse("another way to read statements");
    }
    match called(&lower).find(|name| acts(name) && !reads(name)) {
        Some(name) => refuse(name),
        None => None,
    }
}

/// Whether a COPY ends with us: the word STDOUT in a query, a name or a program's text does not count.
fn copies_to_us(statement: &str) -> bool {
    let mut scanner = Scanner::new(statement);
    let mut depth = 0_usize;
    let mut outside: Vec<String> = Vec::new();
    while let Some(token) = scanner.token() {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Word(word) if depth == 0 => outside.push(word.to_lowercase()),
            // A name or a text: it stands between words.
            Token::Quoted if depth == 0 => outside.push(String::new()),
            _ => {}
        }
    }
    // The first TO is the statement's own; a table cannot be called so without quotes.
    let to = outside.iter().position(|word| word == "to");
    to.and_then(|to| outside.get(to + 1))
        .is_some_and(|target| target == "stdout")
}

fn acts(name: &str) -> bool {
    let mut known = ACTING.iter().chain(&MORE_ACTING);
    known.any(|known| name.starts_with(known))
}

/// The words that a parenthesis follows, within texts and comments too: a name is a call only so.
fn called(text: &str) -> impl Iterator<Item = &str> {
    words_of(text).filter(|word| {
        let behind = word.as_ptr() as usize - text.as_ptr() as usize + word.len();
        let mut rest = &text[behind..];
        loop {
            let bare = without_comments(rest.trim_start_matches('"'));
            if bare.len() == rest.len() {
                return rest.starts_with('(');
            }
            rest = bare;
        }
    })
}

/// Whether a statement opens a transaction block.
pub(super) fn opens(statement: &str) -> bool {
    let lower = without_comments(statement).to_lowercase();
    let first = words_of(&lower).next();
    matches!(first, Some("begin" | "start"))
}

pub(super) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
}

/// Whether a statement says how the transaction shall be.
pub(super) fn sets_transaction(statement: &str) -> bool {
    let lower = without_comments(statement).to_lowercase();
    let mut words = words_of(&lower);
    words.next() == Some("set") && words.next() == Some("transaction")
}

/// Only leading comments: a statement's first word stands behind them.
pub(super) fn without_comments(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment
                .split_once(['\n', '\r'])
                .map_or("", |(_, behind)| behind)
                .trim_start();
        } else if rest.starts_with("/*") {
            rest = behind_block(rest).trim_start();
        } else {
            return rest;
        }
    }
}

/// Comments in comments count.
fn behind_block(text: &str) -> &str {
    let (mut depth, mut at) = (0_usize, 0);
    let bytes = text.as_bytes();
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return &text[at..];
                }
            }
            _ => at += 1,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_taken() {
        for statement in [
            "SELECT 1",
            "(SELECT 1) UNION SELECT 2",
            "-- why\n/* a /* b */ c */ WITH a AS (SELECT 1) TABLE a",
            "EXPLAIN ANALYZE SELECT 1",
            "SET search_path = x",
            "COPY (SELECT 1) TO STDOUT",
            "SELECT * FROM citus_tables, pg_dist_node, citus_shards",
            "SELECT get_shard_id_for_distribution_column('a', 1), citus_version()",
            "PREPARE a AS SELECT 1",
            "SELECT worker_id, master_key FROM lo_items WHERE note = 'pg_notify'",
            // The server's own words are better than ours.
            "INSERT INTO a VALUES (1)",
            "",
        ] {
            assert_eq!(refusal(statement), None, "{statement}");
        }
    }

    #[test]
    fn what_acts_in_spite_of_read_only_is_refused() {
        for statement in [
            "DO $$ BEGIN END $$",
            "CALL p()",
            "/* x */ vacuum a",
            "REINDEX TABLE a",
            "LOCK TABLE a",
            "NOTIFY a",
            "LOAD 'x'",
            "CHECKPOINT",
            "PREPARE TRANSACTION 'a'",
            "COPY a TO PROGRAM 'sh'",
            "COPY a TO PROGRAM 'sh; stdout'",
            "COPY (SELECT 1 AS stdout) TO PROGRAM 'sh'",
            "COPY stdout TO '/tmp/a'",
            "COPY \"to stdout\" TO PROGRAM 'sh'",
            "SELECT query_to_xml('SELECT run_' || 'command', true, true, '')",
            "COPY a FROM STDIN",
            "COPY (SELECT 1) --\rTO PROGRAM 'sh' /*\n TO STDOUT */",
            "SELECT run_command_on_workers --\r('x')\nAS x",
            "SET standard_conforming_strings = off",
            "SET NAMES 'LATIN1'",
            "SET LOCAL \"application_name\" = 'citus_internal gpid=1'",
            "SELECT run_command_on_workers('DROP TABLE a')",
            "SELECT query_to_xml('SELECT citus_move_shard_placement(1)', true, true, '')",
            "SELECT pg_catalog . Pg_Terminate_Backend(1)",
            "SELECT \"dblink_exec\"('x', 'y')",
            "SELECT dblink_exec /* a */ -- b\n ('x', 'y')",
            r#"SELECT U&"run\005fcommand"('x')"#,
        ] {
            assert!(refusal(statement).is_some(), "{statement}");
        }
    }

    #[test]
    fn a_block_is_known_behind_comments() {
        assert!(opens("/* a */ -- b\n begin read write"));
        assert!(opens("START TRANSACTION"));
        assert!(!opens("SELECT 1"));
        assert!(!opens("/* unfinished"));
    }
}
