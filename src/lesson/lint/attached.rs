//! Lessons for somebody's own cluster: nothing of them may reach beyond the schema that is theirs.

use super::nodes::{Piece, pieces};
use super::style::line_at;
use crate::lesson::markdown::ParsedLesson;
use crate::lesson::problem::Problems;
use crate::lesson::sql::{Token, tokens};
use crate::lesson::{Problem, Sql};

/// Functions that change nodes, other people's tables or other people's sessions.
const FOR_ALL: &[&str] = &[
    "alter_system_set",
    "citus_activate_node",
    "citus_add_inactive_node",
    "citus_add_node",
    "citus_add_secondary_node",
    "citus_disable_node",
    "citus_drain_node",
    "citus_rebalance_start",
    "citus_rebalance_stop",
    "citus_remove_node",
    "citus_set_coordinator_host",
    "citus_set_default_rebalance_strategy",
    "citus_set_node_property",
    "citus_update_node",
    "pg_cancel_backend",
    "pg_reload_conf",
    "pg_terminate_backend",
    "rebalance_table_shards",
    "replicate_table_shards",
    "run_command_on_all_nodes",
    "run_command_on_coordinator",
    "run_command_on_workers",
    "start_metadata_sync_to_node",
    "stop_metadata_sync_to_node",
];

/// What a statement may not create, change or drop: it lies in no schema, or is one.
const IN_NO_SCHEMA: &[&str] = &[
    "database",
    "extension",
    "foreign",
    "publication",
    "role",
    "schema",
    "server",
    "subscription",
    "system",
    "tablespace",
    "user",
];

pub(super) fn problems(parsed: &ParsedLesson) -> Vec<Problem> {
    let mut problems = Problems::of(&parsed.lesson.file);
    for piece in pieces(&parsed.lesson) {
        match piece {
            Piece::Action(action) => problems.add(
                action.line,
                "nothing is done to the servers of somebody's own cluster",
                "leave the action out; rows can be made by `INSERT … SELECT … FROM generate_series`",
            ),
            Piece::Sql(sql, on) => {
                if on.is_some() {
                    problems.add(
                        sql.line.saturating_sub(1),
                        "which nodes somebody's own cluster has is not known",
                        "leave `on=` out: everything runs on the coordinator",
                    );
                }
                reach(sql, &mut problems);
            }
        }
    }
    problems.into_vec()
}

/// Tells of statements that reach beyond the schema.
fn reach(sql: &Sql, problems: &mut Problems<'_>) {
    let tokens = tokens(&sql.text);
    for statement in tokens.split(|(_, token)| *token == Token::Sign(';')) {
        let words: Vec<(usize, String)> = statement
            .iter()
            .filter_map(|(offset, token)| match token {
                Token::Word(word) => Some((*offset, word.to_ascii_lowercase())),
                _ => None,
            })
            .collect();
        let says = |word: &str| words.iter().any(|(_, said)| said == word);
        for (offset, word) in &words {
            let line = line_at(sql, *offset);
            if FOR_ALL.contains(&word.as_str()) {
                problems.add(
                    line,
                    format!("`{word}` reaches beyond the lesson's schema"),
                    "a lesson on somebody's own cluster keeps to tables of its own",
                );
            } else if matches!(word.as_str(), "public" | "search_path") {
                problems.add(
                    line,
                    format!("`{word}` leads to tables that are not the lesson's"),
                    "name tables without a schema: they are looked for in the lesson's own",
                );
            } else if word == "create_distributed_table" && !says("colocate_with") {
                problems.add(
                    line,
                    "without `colocate_with` the table may join the colocation group of somebody's own tables",
                    "say `colocate_with => 'none'`, or name a table of the lesson",
                );
            }
        }
        if let [(offset, verb), object, ..] = words.as_slice()
            && matches!(verb.as_str(), "create" | "alter" | "drop")
            && IN_NO_SCHEMA.contains(&object.1.as_str())
        {
            problems.add(
                line_at(sql, *offset),
                format!("`{verb} {}` would outlive the lesson's schema", object.1),
                "a lesson on somebody's own cluster keeps to tables, views, indexes and functions",
            );
        }
    }
}
