//! Lessons for somebody's own cluster: nothing of them may reach beyond the schema that is theirs.

use super::nodes::{Piece, pieces};
use super::style::line_at;
use crate::lesson::markdown::ParsedLesson;
use crate::lesson::problem::Problems;
use crate::lesson::sql::{Token, tokens};
use crate::lesson::{Problem, Sql};

/// Statements that a lesson may have there.
const VERBS: &[&str] = &[
    "alter",
    "analyze",
    "begin",
    "commit",
    "create",
    "delete",
    "drop",
    "end",
    "explain",
    "insert",
    "merge",
    "release",
    "reset",
    "rollback",
    "savepoint",
    "select",
    "set",
    "show",
    "start",
    "table",
    "truncate",
    "update",
    "values",
    "with",
];

/// What lies in a schema, and so goes with it.
const OBJECTS: &[&str] = &[
    "aggregate",
    "domain",
    "function",
    "index",
    "procedure",
    "sequence",
    "statistics",
    "table",
    "trigger",
    "type",
    "view",
];

/// Words that may stand before those.
const MODIFIERS: &[&str] = &[
    "global",
    "local",
    "materialized",
    "or",
    "recursive",
    "replace",
    "temp",
    "temporary",
    "unique",
    "unlogged",
];

/// Of functions whose names begin so only those below are known to keep to the tables that they are given.
const FAMILIES: &[&str] = &[
    "citus_",
    "create_distributed_",
    "dblink",
    "lo_",
    "master_",
    "pg_",
    "rebalance_",
    "replicate_",
    "run_command_on_",
    "start_metadata_",
    "stop_metadata_",
    "update_distributed_",
    "worker_",
];

const KEEPING_TO_THEIRS: &[&str] = &[
    "citus_relation_size",
    "citus_shards",
    "citus_table_size",
    "citus_total_relation_size",
    "citus_version",
    "create_distributed_table",
    "pg_backend_pid",
    "pg_get_constraintdef",
    "pg_get_expr",
    "pg_get_indexdef",
    "pg_relation_size",
    "pg_size_pretty",
    "pg_sleep",
    "pg_table_size",
    "pg_total_relation_size",
    "pg_typeof",
    "run_command_on_shards",
];

/// Schemas that everybody reads.
const OF_ALL: &[&str] = &["pg_catalog", "information_schema"];

/// Words after which a table's name stands.
const BEFORE_TABLES: &[&str] = &[
    "function",
    "type",
    "references",
    "of",
    "procedure",
    "domain",
    "sequence",
    "from",
    "join",
    "into",
    "update",
    "table",
    "truncate",
    "only",
    "view",
    "index",
    "exists",
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

/// Tells of statements that reach beyond the schema. What stands between dollar signs is not looked into.
fn reach(sql: &Sql, problems: &mut Problems<'_>) {
    let tokens = tokens(&sql.text);
    for statement in tokens.split(|(_, token)| *token == Token::Sign(';')) {
        let Some((offset, _)) = statement.first() else {
            continue;
        };
        let line = line_at(sql, *offset);
        let words: Vec<String> = statement.iter().filter_map(|(_, it)| word(it)).collect();
        verb(&words, line, problems);
        for at in 0..statement.len() {
            let line = line_at(sql, statement[at].0);
            function(statement, at, line, problems);
            name(statement, at, line, problems);
        }
    }
}

/// An identifier or keyword in small letters, without its quotation marks.
fn word(token: &Token<'_>) -> Option<String> {
    match token {
        Token::Word(word) => Some(word.trim_matches('"').to_ascii_lowercase()),
        _ => None,
    }
}

fn verb(words: &[String], line: usize, problems: &mut Problems<'_>) {
    let Some(verb) = words.first() else { return };
    let hint = "a lesson on somebody's own cluster keeps to tables, views, indexes, types and functions of its own";
    if !VERBS.contains(&verb.as_str()) {
        problems.add(
            line,
            format!("`{verb}` may reach beyond the lesson's schema"),
            hint,
        );
    }
    if matches!(verb.as_str(), "create" | "alter" | "drop") {
        let mut objects = words[1..].iter();
        let object = objects.find(|word| !MODIFIERS.contains(&word.as_str()));
        if let Some(object) = object.filter(|object| !OBJECTS.contains(&object.as_str())) {
            problems.add(
                line,
                format!("`{verb} {object}` would outlive the lesson's schema"),
                hint,
            );
        }
    }
    let changes = [
        "insert", "update", "delete", "merge", "truncate", "alter", "drop",
    ];
    let between = ["into", "from", "only", "table", "if", "exists"];
    let mut targets = words[1..].iter();
    let target = targets.find(|word| !between.contains(&word.as_str()));
    if changes.contains(&verb.as_str()) && target.is_some_and(|it| it.starts_with("pg_")) {
        problems.add(
            line,
            format!("`{verb}` of a catalog reaches beyond the lesson's schema"),
            hint,
        );
    }
    let elsewhere = [
        "search_path",
        "schema",
        "role",
        "authorization",
        "enable_ddl_propagation",
    ];
    if matches!(verb.as_str(), "set" | "alter")
        && let Some(what) = words.iter().find(|word| elsewhere.contains(&word.as_str()))
    {
        problems.add(
            line,
            format!("`{verb} … {what}` leads to tables that are not the lesson's"),
            "leave it out: names are looked for in the lesson's own schema",
        );
    }
}

fn function(statement: &[(usize, Token<'_>)], at: usize, line: usize, problems: &mut Problems<'_>) {
    let follows = |at: usize, sign: char| matches!(statement.get(at), Some((_, Token::Sign(found))) if *found == sign);
    let Some(name) = word(&statement[at].1) else {
        return;
    };
    if name == "colocate_with" {
        let value = statement[at + 1..]
            .iter()
            .find(|(_, token)| !matches!(token, Token::Sign(_)));
        if !matches!(value, Some((_, Token::Text(table))) if *table != "default") {
            problems.add(
                line,
                "by `colocate_with` the table may join the colocation group of somebody's own tables",
                "say 'none', or name a table of the lesson",
            );
        }
    }
    if !follows(at + 1, '(') {
        return;
    }
    let is_known = KEEPING_TO_THEIRS.contains(&name.as_str());
    let is_of_family = FAMILIES.iter().any(|family| name.starts_with(family));
    if (is_of_family && !is_known) || name == "set_config" {
        problems.add(
            line,
            format!("`{name}` reaches beyond the lesson's schema"),
            "a lesson on somebody's own cluster keeps to tables of its own",
        );
    } else if name == "create_distributed_table"
        && !statement
            .iter()
            .any(|(_, token)| word(token).as_deref() == Some("colocate_with"))
    {
        problems.add(
            line,
            "without `colocate_with` the table may join the colocation group of somebody's own tables",
            "say `colocate_with => 'none'`, or name a table of the lesson",
        );
    }
}

/// A table's name with a schema, in a statement or in a text.
fn name(statement: &[(usize, Token<'_>)], at: usize, line: usize, problems: &mut Problems<'_>) {
    let schema = match &statement[at].1 {
        Token::Text(text) => match text.split_once('.') {
            Some((schema, table)) if is_identifier(schema) && is_identifier(table) => {
                Some(schema.trim_matches('"').to_ascii_lowercase())
            }
            _ => None,
        },
        token => {
            let before = at.checked_sub(1).and_then(|at| word(&statement[at].1));
            let stands_for_a_table =
                before.is_some_and(|before| BEFORE_TABLES.contains(&before.as_str()));
            let is_qualified =
                matches!(statement.get(at + 1), Some((_, Token::Sign('.')))) && stands_for_a_table;
            word(token).filter(|_| is_qualified)
        }
    };
    let Some(schema) = schema.filter(|schema| !OF_ALL.contains(&schema.as_str())) else {
        return;
    };
    problems.add(
        line,
        format!("a table of `{schema}` is not the lesson's"),
        "name tables without a schema: they are looked for in the lesson's own",
    );
}

fn is_identifier(text: &str) -> bool {
    let text = text.trim_matches('"');
    let fits = |character: char| character.is_alphanumeric() || character == '_';
    text.starts_with(|first: char| first.is_alphabetic() || first == '_') && text.chars().all(fits)
}
