-- What Citus does not do with several placements a shard.
SET citus.shard_count = 4;
CREATE TABLE plain (id int PRIMARY KEY, n int);
SELECT create_distributed_table('plain', 'id');
CREATE TABLE kinds (id int PRIMARY KEY);
SELECT create_reference_table('kinds');
SET citus.shard_replication_factor = 2;
CREATE TABLE rooms (id int PRIMARY KEY, kind int);
SELECT create_distributed_table('rooms', 'id');
CREATE TABLE notes (room_id int, id int, kind int, PRIMARY KEY (room_id, id));
SELECT create_distributed_table('notes', 'room_id', colocate_with => 'rooms');
SELECT create_distributed_table('notes', 'room_id', colocate_with => 'plain');
-- Foreign keys.
CREATE TABLE tied (room_id int PRIMARY KEY REFERENCES rooms (id));
SELECT create_distributed_table('tied', 'room_id', colocate_with => 'rooms');
SELECT create_distributed_table('tied', 'room_id', colocate_with => 'none');
DROP TABLE tied;
CREATE TABLE tied (room_id int PRIMARY KEY, kind int REFERENCES kinds);
SELECT create_distributed_table('tied', 'room_id', colocate_with => 'rooms');
DROP TABLE tied;
CREATE TABLE tied (room_id int PRIMARY KEY REFERENCES plain (id));
SELECT create_distributed_table('tied', 'room_id', colocate_with => 'plain');
ALTER TABLE notes ADD CONSTRAINT notes_room FOREIGN KEY (room_id) REFERENCES rooms (id);
ALTER TABLE notes ADD CONSTRAINT notes_kind FOREIGN KEY (kind) REFERENCES kinds (id);
ALTER TABLE notes ADD CONSTRAINT notes_id FOREIGN KEY (id) REFERENCES rooms (id);
-- Locks on rows.
SELECT * FROM rooms WHERE id = 1 FOR UPDATE;
SELECT * FROM rooms WHERE id = 1 FOR NO KEY UPDATE;
SELECT * FROM rooms WHERE id = 1 FOR SHARE;
SELECT * FROM rooms FOR KEY SHARE;
SELECT * FROM plain WHERE id = 1 FOR UPDATE;
SELECT * FROM rooms WHERE id = 1;
-- Shards are not cut.
SELECT isolate_tenant_to_new_shard('rooms', 1);
SELECT isolate_tenant_to_new_shard('rooms', 1, 'CASCADE');
SELECT citus_split_shard_by_split_points((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'rooms'::regclass), ARRAY['-1500000000'], (SELECT array_agg(nodeid) FROM (SELECT nodeid FROM pg_dist_node WHERE groupid > 0 ORDER BY nodeid LIMIT 2) n), 'block_writes');
-- Ways to distribute.
CREATE TABLE local (id int PRIMARY KEY);
SELECT create_distributed_table_concurrently('local', 'id');
SELECT create_distributed_table('local', NULL);
-- Copies only of what may have them.
SELECT citus_copy_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'plain'::regclass), '127.0.0.1', {worker1}, '127.0.0.1', {worker2}, 'block_writes');
SELECT replicate_table_shards('local', 2);
SELECT replicate_table_shards('kinds', 2);
SELECT replicate_table_shards('rooms', 9, shard_transfer_mode := 'block_writes');
-- Out of range.
-- differs: a setting that no extension has declared takes every value
SET citus.shard_replication_factor = 0;
-- differs: as above, and so it is found when it is used
SELECT create_distributed_table('local', 'id');
SET citus.shard_replication_factor = 1;
-- Only placements.
SELECT citus_disable_node('127.0.0.1', {worker2});
SELECT citus_disable_node('127.0.0.1', {worker1});
SELECT citus_remove_node('127.0.0.1', {worker2});
DROP TABLE plain CASCADE;
SELECT citus_disable_node('127.0.0.1', {worker1});
