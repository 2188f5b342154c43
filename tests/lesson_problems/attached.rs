//! Lessons for somebody's own cluster.

use crate::{GOOD, lint_lesson, reports};

/// Statements that reach beyond a lesson's schema, with words of what is said of them.
const REACHING_BEYOND: &[(&str, &str)] = &[
    (
        "SELECT create_distributed_table('t', 'a');",
        "without `colocate_with`",
    ),
    (
        "SELECT create_distributed_table('t', 'a', colocate_with => 'default');",
        "by `colocate_with`",
    ),
    (
        "SELECT create_distributed_table('t', 'a', colocate_with => 'app.mine');",
        "a table of `app`",
    ),
    ("SELECT citus_add_node('w', 5432);", "reaches beyond"),
    ("SELECT \"citus_remove_node\"('w', 5432);", "reaches beyond"),
    ("SELECT master_remove_node('w', 5432);", "reaches beyond"),
    ("SELECT rebalance_table_shards();", "reaches beyond"),
    (
        "SELECT update_distributed_table_colocation('t', 'none');",
        "reaches beyond",
    ),
    (
        "SELECT run_command_on_placements('t', 'x');",
        "reaches beyond",
    ),
    (
        "SELECT run_command_on_shards('app.t', 'x');",
        "a table of `app`",
    ),
    ("SELECT pg_terminate_backend(1);", "reaches beyond"),
    (
        "SELECT set_config('search_' || 'path', 'a', false);",
        "reaches beyond",
    ),
    ("SELECT 1 FROM public.users;", "a table of `public`"),
    ("DROP TABLE app.mine;", "a table of `app`"),
    ("TRUNCATE app.mine;", "a table of `app`"),
    ("SET search_path = public;", "not the lesson's"),
    ("SET SCHEMA 'app';", "not the lesson's"),
    ("SET ROLE boss;", "not the lesson's"),
    ("CREATE EXTENSION citus;", "would outlive"),
    ("CREATE OR REPLACE LANGUAGE c;", "would outlive"),
    ("DROP SCHEMA other CASCADE;", "would outlive"),
    ("DROP OWNED BY me;", "would outlive"),
    ("ALTER SYSTEM SET wal_level = logical;", "would outlive"),
    (
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO x;",
        "would outlive",
    ),
    ("DO $$ BEGIN END $$;", "`do` may reach"),
    ("GRANT SELECT ON t TO x;", "`grant` may reach"),
    ("VACUUM FULL;", "`vacuum` may reach"),
    ("COPY t TO PROGRAM 'x';", "`copy` may reach"),
    ("DELETE FROM pg_dist_node;", "of a catalog"),
    ("ALTER TABLE users SET SCHEMA public;", "not the lesson's"),
    (
        "SET citus.enable_ddl_propagation = off;",
        "not the lesson's",
    ),
    (
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql RETURN 1;",
        "a table of `public`",
    ),
    ("PREPARE TRANSACTION 'x';", "`prepare` may reach"),
];

#[test]
fn lessons_for_somebodys_own_cluster_keep_to_their_schema() {
    let attached = GOOD
        .replace("topology: journey", "topology: attached")
        .replace(
            "SELECT citus_add_node('worker1', 5432);",
            "SELECT create_distributed_table('t', 'a', colocate_with => 'none');",
        );
    reports(&attached, &[]);
    let with = |sql: &str| {
        attached.replace(
            "SELECT create_distributed_table('t', 'a', colocate_with => 'none');",
            sql,
        )
    };
    for (sql, words) in REACHING_BEYOND {
        let problems = lint_lesson(&with(sql));
        assert!(
            problems
                .iter()
                .any(|problem| problem.line == 15 && problem.message.contains(words)),
            "{sql}: {problems:?}"
        );
    }
    for sql in [
        "SET citus.shard_count = 11;",
        "SELECT t.a FROM t JOIN u ON t.a = u.a WHERE t.b LIKE 'a.b.c';",
        "CREATE UNIQUE INDEX i ON t (a);",
        "SELECT pg_size_pretty(sum(1)) FROM pg_catalog.pg_class;",
    ] {
        reports(&with(sql), &[]);
    }
    let on = attached.replace("```sql run\n", "```sql run on=worker1\n");
    reports(&on, &[(14, "is not known")]);
    let action = format!(
        "{attached}\n```console action=kill node=worker1\n$ citus-tour node kill worker1\n```\n"
    );
    let problems = lint_lesson(&action);
    assert!(
        problems
            .iter()
            .any(|problem| problem.message.contains("nothing is done to the servers")),
        "{problems:?}"
    );
}
