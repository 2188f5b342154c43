//! Statements and the words that are said of them, the same on both engines.

use crate::bench::Bench;

/// Statements and what is said of them on every engine.
pub(crate) const WORDS: &[(&str, &str)] = &[
    (
        "SELECT * FROM orders WHERE user_id = 42",
        "1 of 8 shards, {42}",
    ),
    (
        "SELECT count(*) FROM orders",
        "8 of 8 shards on 2 workers: no filter on the distribution column user_id",
    ),
    (
        "SELECT count(*) FROM orders WHERE user_id IN (1, 2)",
        "2 of 8 shards, worker1",
    ),
    (
        "SELECT count(*) FROM orders WHERE user_id BETWEEN 1 AND 3",
        "8 of 8 shards on 2 workers: hashing scatters a range of user_id",
    ),
    (
        "SELECT count(*) FROM users JOIN orders USING (user_id) WHERE user_id = 42",
        "1 of 8 shard groups, {42}",
    ),
    (
        "SELECT u.name, count(*) FROM users u JOIN orders o ON u.user_id = o.user_id GROUP BY u.user_id, u.name",
        "8 of 8 shard groups on 2 workers: no filter on the distribution column user_id",
    ),
    (
        "SELECT r.name, count(*) FROM users JOIN regions r USING (region_id) GROUP BY 1",
        "8 of 8 shards on 2 workers: no filter on the distribution column user_id",
    ),
    (
        "SELECT * FROM orders WHERE user_id = 42 FOR UPDATE",
        "1 of 8 shards, {42}",
    ),
    (
        "INSERT INTO users VALUES (42, 'x', 1)",
        "1 of 8 shards, {42}",
    ),
    (
        "INSERT INTO users (name, region_id, user_id) VALUES (upper('x'), 1, 40 + 2)",
        "1 of 8 shards, {42}",
    ),
    (
        "INSERT INTO users VALUES (5001, 'x', 1), (5002, 'y', 1), (5003, 'z', 2)",
        "3 of 8 shards, worker1 and worker2",
    ),
    ("INSERT INTO users SELECT 42, 'x', 1", "1 of 8 shards, {42}"),
    (
        "INSERT INTO users VALUES ((random() * 10)::int, 'x', 1)",
        "unknown until it runs",
    ),
    (
        "INSERT INTO users SELECT i, 'x', 1 FROM generate_series(1, 3) i",
        "unknown until it runs",
    ),
    (
        "INSERT INTO users SELECT user_id + 1, name, region_id FROM users",
        "reads 8 of 8 shards on 2 workers; which shards it writes is unknown until it runs",
    ),
    (
        "INSERT INTO orders SELECT 1, user_id, 'x', 1 FROM users WHERE user_id = 42",
        "1 of 8 shard groups, {42}",
    ),
    (
        "INSERT INTO orders SELECT 1, user_id, 'x', 1 FROM users",
        "8 of 8 shard groups on 2 workers",
    ),
    (
        "INSERT INTO events (user_id, note) VALUES (42, 'x')",
        "1 of 8 shards, {42}",
    ),
    ("COPY users FROM STDIN", "unknown until it runs"),
    (
        "UPDATE users SET name = 'x' WHERE user_id = 42",
        "1 of 8 shards, {42}",
    ),
    (
        "UPDATE users SET name = 'x'",
        "8 of 8 shards on 2 workers: no filter on the distribution column user_id",
    ),
    (
        "DELETE FROM orders WHERE user_id IN (1, 2)",
        "2 of 8 shards, worker1",
    ),
    (
        "UPDATE orders SET status = 'x' FROM users WHERE users.user_id = orders.user_id AND users.user_id = 42",
        "1 of 8 shard groups, {42}",
    ),
    (
        "WITH d AS (DELETE FROM orders WHERE user_id = 42 RETURNING *) SELECT count(*) FROM d",
        "1 of 8 shards, {42}",
    ),
    (
        "SELECT * FROM regions",
        "reference table: read on the coordinator",
    ),
    (
        "INSERT INTO regions VALUES (9, 'x')",
        "reference table: all 3 copies are written",
    ),
    (
        "UPDATE regions SET name = 'x' WHERE region_id = 1",
        "reference table: all 3 copies are written",
    ),
    (
        "INSERT INTO regions SELECT user_id::int, name FROM users WHERE user_id = 42",
        "1 of 8 shards, {42}; reference table: all 3 copies are written",
    ),
    (
        "ALTER TABLE regions ADD COLUMN c int",
        "reference table: all 3 copies are changed",
    ),
    (
        "SELECT * FROM notes",
        "no shard: only the coordinator, where notes is",
    ),
    (
        "DELETE FROM notes",
        "no shard: only the coordinator, where notes is",
    ),
    (
        "ALTER TABLE notes ADD COLUMN c int",
        "no shard: only the coordinator, where notes is",
    ),
    (
        "SELECT * FROM orders WHERE user_id = 7 AND user_id = 8",
        "no shard: only the coordinator, no row can match",
    ),
    (
        "UPDATE orders SET status = 'x' WHERE user_id = 7 AND user_id = 8",
        "no shard: only the coordinator, no row can match",
    ),
    (
        "ALTER TABLE users ADD COLUMN c int",
        "the definition changes in all 8 shards on 2 workers",
    ),
    (
        "CREATE INDEX ON orders (status)",
        "the definition changes in all 8 shards on 2 workers",
    ),
    ("TRUNCATE orders", "8 of 8 shards on 2 workers"),
    (
        "EXPLAIN ANALYZE SELECT * FROM orders WHERE user_id = 42",
        "1 of 8 shards, {42}",
    ),
    (
        "COPY (SELECT * FROM orders WHERE user_id = 42) TO STDOUT",
        "1 of 8 shards, {42}",
    ),
    (
        "SELECT * FROM crm.\"Deals\" WHERE \"Client\" = 'a'",
        "1 of 4 shards, {a}",
    ),
    (
        "INSERT INTO crm.\"Deals\" VALUES ('a', 1)",
        "1 of 4 shards, {a}",
    ),
    (
        "SELECT * FROM crm.\"Deals\"",
        "4 of 4 shards on 2 workers: no filter on the distribution column Client",
    ),
    ("SELECT 1", ""),
    ("BEGIN", ""),
    ("SET citus.shard_count = 4", ""),
    (
        "SELECT get_shard_id_for_distribution_column('users', 42)",
        "",
    ),
    ("SELECT * FROM pg_dist_shard", ""),
    ("SELECT citus_version()", ""),
    ("", ""),
];

impl Bench {
    pub(crate) async fn assert_words(&mut self, expected: &[(&str, &str)]) {
        let (_, tenant) = self.home("users", "42").await;
        let (_, client) = self.home("crm.\"Deals\"", "a").await;
        let mut wrong = Vec::new();
        for (statement, words) in expected {
            let words = words.replace("{42}", &tenant).replace("{a}", &client);
            let said = match self.examine(statement).await {
                Ok(Some(touched)) => touched.to_string(),
                Ok(None) => String::new(),
                Err(error) => format!("{error:?}"),
            };
            if said != words {
                wrong.push(format!(
                    "{statement}\n  expected {words}\n  said     {said}"
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
