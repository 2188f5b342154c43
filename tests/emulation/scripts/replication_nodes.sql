-- Nodes that go and come back, and copies that go from one to the other, with several placements a shard.
SET citus.shard_count = 4;
SET citus.shard_replication_factor = 2;
CREATE TABLE rooms (id int PRIMARY KEY, n int DEFAULT 0);
CREATE TABLE kinds (id int PRIMARY KEY);
SELECT create_distributed_table('rooms', 'id');
SELECT create_reference_table('kinds');
INSERT INTO rooms SELECT n, n FROM generate_series(1, 40) n;
INSERT INTO kinds VALUES (1);
-- Copies and moves.
SELECT citus_move_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'rooms'::regclass), '127.0.0.1', {worker1}, '127.0.0.1', {worker3}, 'block_writes');
SELECT citus_move_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'rooms'::regclass), '127.0.0.1', {worker3}, '127.0.0.1', {worker2}, 'block_writes');
SELECT citus_move_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'rooms'::regclass), '127.0.0.1', {worker1}, '127.0.0.1', {worker2}, 'block_writes');
SELECT citus_move_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'rooms'::regclass), '127.0.0.1', {worker1}, '127.0.0.1', {worker4}, 'block_writes');
SELECT citus_copy_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'rooms'::regclass), '127.0.0.1', {worker2}, '127.0.0.1', {worker4}, 'block_writes');
SELECT citus_copy_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'rooms'::regclass), '127.0.0.1', {worker2}, '127.0.0.1', {worker4}, 'block_writes');
SELECT citus_copy_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'rooms'::regclass), '127.0.0.1', {worker1}, '127.0.0.1', {worker3}, 'block_writes');
UPDATE rooms SET n = n + 1;
SELECT shardid, count(*), count(DISTINCT result) FROM run_command_on_placements('rooms', 'SELECT md5(string_agg(r::text, '','' ORDER BY id)) FROM %s r') GROUP BY 1 ORDER BY 1;
SELECT shardid, array_agg(nodeport ORDER BY nodeport) FROM citus_shards WHERE table_name = 'rooms'::regclass GROUP BY 1 ORDER BY 1;
SELECT shardid, sourceport, targetport FROM get_rebalance_table_shards_plan('rooms', rebalance_strategy => 'by_shard_count');
SELECT rebalance_table_shards('rooms', rebalance_strategy => 'by_shard_count', shard_transfer_mode => 'block_writes');
SELECT shardid, array_agg(nodeport ORDER BY nodeport) FROM citus_shards WHERE table_name = 'rooms'::regclass GROUP BY 1 ORDER BY 1;
UPDATE rooms SET n = n + 1;
SELECT shardid, count(*), count(DISTINCT result) FROM run_command_on_placements('rooms', 'SELECT md5(string_agg(r::text, '','' ORDER BY id)) FROM %s r') GROUP BY 1 ORDER BY 1;
-- One is disabled: it misses what happens.
SELECT citus_disable_node('127.0.0.1', {worker4}, synchronous := true);
SELECT nodeport, isactive, shouldhaveshards FROM pg_dist_node ORDER BY 1;
INSERT INTO rooms SELECT n, n FROM generate_series(41, 60) n;
INSERT INTO kinds VALUES (2);
ALTER TABLE rooms ADD COLUMN name text;
CREATE SCHEMA attic;
SELECT count(*), sum(n) FROM rooms;
SELECT count(DISTINCT nodeport) FROM citus_shards WHERE table_name = 'rooms'::regclass;
CREATE TABLE attic.notes (id int PRIMARY KEY);
SELECT create_distributed_table('attic.notes', 'id', colocate_with => 'none');
SELECT shardid, array_agg(nodeport ORDER BY placementid) FROM pg_dist_shard_placement JOIN pg_dist_shard USING (shardid) WHERE logicalrelid = 'attic.notes'::regclass GROUP BY 1 ORDER BY 1;
SET citus.shard_replication_factor = 4;
CREATE TABLE many (id int PRIMARY KEY);
SELECT create_distributed_table('many', 'id');
SET citus.shard_replication_factor = 2;
SELECT citus_copy_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'attic.notes'::regclass), '127.0.0.1', {worker1}, '127.0.0.1', {worker4}, 'block_writes');
-- The first worker, and then no other.
SELECT citus_disable_node('127.0.0.1', {worker1});
SELECT citus_disable_node('127.0.0.1', {worker3}, synchronous := true);
SELECT citus_disable_node('127.0.0.1', {worker4}, synchronous := true);
-- It comes back without what it missed.
SELECT citus_activate_node('127.0.0.1', {worker4}) > 0;
SELECT logicalrelid::text, shardid, array_agg(nodeport ORDER BY nodeport) FROM pg_dist_shard_placement JOIN pg_dist_shard USING (shardid) GROUP BY 1, 2 ORDER BY 2;
INSERT INTO kinds VALUES (3);
SELECT count(*), sum(n) FROM rooms;
SELECT replicate_table_shards('rooms', shard_transfer_mode := 'block_writes');
SELECT logicalrelid::text, shardid, array_agg(nodeport ORDER BY nodeport) FROM pg_dist_shard_placement JOIN pg_dist_shard USING (shardid) GROUP BY 1, 2 ORDER BY 2;
UPDATE rooms SET name = 'a room' WHERE n > 20;
INSERT INTO kinds VALUES (4);
SELECT shardid, count(*), count(DISTINCT result) FROM run_command_on_placements('rooms', 'SELECT md5(string_agg(r::text, '','' ORDER BY id)) FROM %s r') GROUP BY 1 ORDER BY 1;
SELECT count(*), count(DISTINCT result) FROM run_command_on_placements('kinds', 'SELECT string_agg(id::text, '','' ORDER BY id) FROM %s');
SELECT replicate_table_shards('rooms', 2, shard_transfer_mode := 'block_writes');
SELECT replicate_table_shards('rooms', 3, max_shard_copies := 1, shard_transfer_mode := 'block_writes');
SELECT shardid, array_agg(nodeport ORDER BY nodeport) FROM citus_shards WHERE table_name = 'rooms'::regclass GROUP BY 1 ORDER BY 1;
-- One leaves for good.
SELECT citus_remove_node('127.0.0.1', {worker4});
SELECT logicalrelid::text, shardid, array_agg(nodeport ORDER BY nodeport) FROM pg_dist_shard_placement JOIN pg_dist_shard USING (shardid) GROUP BY 1, 2 ORDER BY 2;
SELECT count(*), sum(n) FROM rooms;
UPDATE rooms SET n = 0;
INSERT INTO kinds VALUES (5);
SELECT replicate_table_shards('rooms', shard_transfer_mode := 'block_writes');
SELECT shardid, count(*), count(DISTINCT result) FROM run_command_on_placements('rooms', 'SELECT md5(string_agg(r::text, '','' ORDER BY id)) FROM %s r') GROUP BY 1 ORDER BY 1;
DROP TABLE rooms;
