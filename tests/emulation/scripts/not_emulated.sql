-- What has no place in the emulation says so.
SELECT citus_version() LIKE '%emulation%';
CREATE TABLE users (id int PRIMARY KEY, name text);
SELECT create_distributed_table('users', NULL);
SELECT create_distributed_table('users', 'id', 'append');
SELECT create_distributed_table('users', 'id', 'range');
SET citus.shard_replication_factor = 2;
SELECT create_distributed_table('users', 'id');
SET citus.shard_replication_factor = 1;
CREATE TABLE parts (id int) PARTITION BY RANGE (id);
SELECT create_distributed_table('parts', 'id');
SELECT create_distributed_table_concurrently('users', 'id');
SELECT citus_add_local_table_to_metadata('users');
SELECT citus_add_secondary_node('127.0.0.1', 1, '127.0.0.1', {worker1});
SELECT citus_schema_distribute('public');
SELECT update_distributed_table_colocation('users', 'none');
SELECT start_metadata_sync_to_node('127.0.0.1', {worker1});
SET citus.shard_count = 4;
SELECT create_distributed_table('users', 'id');
INSERT INTO users VALUES (1, 'one');
INSERT INTO users VALUES (1, 'two') ON CONFLICT (id) DO UPDATE SET name = excluded.name;
INSERT INTO users VALUES (1, 'two') ON CONFLICT (id) DO NOTHING;
-- Pruning: one foreign scan.
EXPLAIN (COSTS OFF) SELECT * FROM users WHERE id = 1;
EXPLAIN (COSTS OFF) SELECT * FROM users WHERE id = 1::bigint AND name = 'one';
EXPLAIN (COSTS OFF) UPDATE users SET name = 'uno' WHERE id = 1;
PREPARE one (int) AS SELECT * FROM users WHERE id = $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE one (1);
