//! Whether a run leaves the cluster as it was, so that leaving it out leaves no gap. In doubt it does not.

use crate::{lesson::Run, postgres::split};

/// Functions that only compute or look.
const PURE: &[&str] = &[
    "abs",
    "array_agg",
    "avg",
    "bool_and",
    "bool_or",
    "coalesce",
    "count",
    "date_trunc",
    "filter",
    "format",
    "get_shard_id_for_distribution_column",
    "greatest",
    "hashint4",
    "hashint8",
    "hashtext",
    "in",
    "least",
    "left",
    "length",
    "lower",
    "max",
    "min",
    "nullif",
    "on",
    "over",
    "pg_get_indexdef",
    "pg_relation_size",
    "pg_size_pretty",
    "pg_total_relation_size",
    "right",
    "round",
    "string_agg",
    "sum",
    "to_char",
    "to_regclass",
    "upper",
    "values",
    "width_bucket",
    "worker_hash",
    "and",
    "or",
    "not",
    "as",
    "any",
    "exists",
    "from",
    "by",
    "using",
    "distinct",
    "select",
    "where",
    "when",
    "then",
    "else",
    "all",
    "citus_total_relation_size",
    "citus_relation_size",
    "citus_table_size",
    "citus_version",
    "citus_check_cluster_node_health",
    "get_rebalance_table_shards_plan",
    "hash",
    "numeric",
    "row",
    "explain",
    "costs",
    "off",
];

/// Words that change something inside an innocent statement.
const CHANGING: &[&str] = &[
    "into", "insert", "update", "delete", "merge", "analyze", "set",
];

/// Whether a run only looks.
pub(super) fn is_effectless(run: &Run) -> bool {
    let statements = split(&run.sql.text);
    // A lone statement that is meant to fail is rolled back.
    if run.fails.is_some() && statements.len() == 1 {
        return true;
    }
    statements
        .iter()
        .all(|statement| only_looks(statement.text))
}

fn only_looks(statement: &str) -> bool {
    let lower = statement.to_lowercase();
    let mut words = lower
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty());
    let begins = matches!(
        words.next(),
        Some("select" | "show" | "table" | "values" | "with" | "explain")
    );
    begins
        && !words.any(|word| CHANGING.contains(&word))
        && calls(&lower).all(|name| PURE.contains(&name))
}

/// The words before opening parentheses.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('(').filter_map(|(at, _)| {
        let before = text[..at].trim_end();
        let name = before
            .rsplit(|character: char| !character.is_alphanumeric() && character != '_')
            .next()?;
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_is_told_from_changing() {
        for text in [
            "SELECT count(*), sum(total) FROM orders WHERE user_id IN (1, 2);",
            "SHOW citus.shard_count",
            "EXPLAIN (COSTS OFF) SELECT * FROM orders",
        ] {
            assert!(only_looks(text), "{text}");
        }
        for text in [
            "SELECT create_reference_table('regions')",
            "SELECT * INTO copy FROM orders",
            "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM gone",
            "CREATE TABLE t ()",
            "BEGIN",
            "EXPLAIN ANALYZE SELECT 1",
            "SET citus.shard_count = 8",
        ] {
            assert!(!only_looks(text), "{text}");
        }
    }
}
