-- active-active: 4 workers, 4 shards, 2 placements each
SELECT citus_set_coordinator_host('127.0.0.1', 5440);
SELECT citus_add_node('127.0.0.1', p) FROM generate_series(5441, 5444) p;
CREATE TABLE rooms (id bigint PRIMARY KEY, room_type int NOT NULL);
CREATE TABLE room_members (room_id bigint, member text, PRIMARY KEY (room_id, member));
CREATE TABLE messages (room_id bigint, id bigint, body text NOT NULL, PRIMARY KEY (room_id, id));
SET citus.shard_count = 4;
SET citus.shard_replication_factor = 2;
SELECT create_distributed_table('rooms', 'id');
SELECT create_distributed_table('room_members', 'room_id', colocate_with => 'rooms');
SELECT create_distributed_table('messages', 'room_id', colocate_with => 'rooms');
INSERT INTO rooms SELECT i, i % 2 FROM generate_series(1, 100) i;
INSERT INTO room_members SELECT i, m FROM generate_series(1, 100) i, (VALUES ('alice'), ('bob')) v(m);
INSERT INTO messages SELECT i, j, 'hello' FROM generate_series(1, 100) i, generate_series(1, 5) j;
SELECT shardid, shardminvalue, shardmaxvalue, array_agg(nodeport ORDER BY nodeport) AS placements FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid) WHERE logicalrelid = 'messages'::regclass GROUP BY 1, 2, 3 ORDER BY 1;
SELECT r AS room, get_shard_id_for_distribution_column('messages', r) FROM generate_series(1, 8) r;
## killed worker3
SELECT count(*) FROM messages;
SELECT count(*) FROM messages WHERE room_id = 1;
SELECT count(*) FROM messages WHERE room_id = 2;
SELECT count(*) FROM messages WHERE room_id = 3;
SELECT count(*) FROM messages WHERE room_id = 6;
BEGIN; INSERT INTO messages VALUES (1, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (2, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (3, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (6, 1000, 'w'); ROLLBACK;
ALTER TABLE messages ADD COLUMN edited boolean;
ALTER TABLE messages DROP COLUMN edited;
SELECT citus_disable_node('127.0.0.1', 5443)
## worker3 disabled
SELECT count(*) FROM messages;
SELECT count(*) FROM messages WHERE room_id = 1;
SELECT count(*) FROM messages WHERE room_id = 2;
SELECT count(*) FROM messages WHERE room_id = 3;
SELECT count(*) FROM messages WHERE room_id = 6;
BEGIN; INSERT INTO messages VALUES (1, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (2, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (3, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (6, 1000, 'w'); ROLLBACK;
ALTER TABLE messages ADD COLUMN edited boolean;
ALTER TABLE messages DROP COLUMN edited;
## restarted worker3
SELECT citus_activate_node('127.0.0.1', 5443)
SELECT shardid, array_agg(nodeport ORDER BY nodeport) AS placements FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid) WHERE logicalrelid = 'messages'::regclass GROUP BY 1 ORDER BY 1
SELECT replicate_table_shards('messages', shard_replication_factor := 2, shard_transfer_mode := 'block_writes')
SELECT shardid, array_agg(nodeport ORDER BY nodeport) AS placements FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node USING (groupid) WHERE logicalrelid = 'messages'::regclass GROUP BY 1 ORDER BY 1
## killed worker1
## worker1 is the first worker
SELECT count(*) FROM messages;
SELECT count(*) FROM messages WHERE room_id = 1;
SELECT count(*) FROM messages WHERE room_id = 2;
SELECT count(*) FROM messages WHERE room_id = 3;
SELECT count(*) FROM messages WHERE room_id = 6;
BEGIN; INSERT INTO messages VALUES (1, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (2, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (3, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (6, 1000, 'w'); ROLLBACK;
ALTER TABLE messages ADD COLUMN edited boolean;
ALTER TABLE messages DROP COLUMN edited;
SELECT citus_disable_node('127.0.0.1', 5441)
SELECT citus_disable_node('127.0.0.1', 5441, synchronous := true)
## worker1 disabled
SELECT count(*) FROM messages;
SELECT count(*) FROM messages WHERE room_id = 1;
SELECT count(*) FROM messages WHERE room_id = 2;
SELECT count(*) FROM messages WHERE room_id = 3;
SELECT count(*) FROM messages WHERE room_id = 6;
BEGIN; INSERT INTO messages VALUES (1, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (2, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (3, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (6, 1000, 'w'); ROLLBACK;
ALTER TABLE messages ADD COLUMN edited boolean;
ALTER TABLE messages DROP COLUMN edited;
## killed worker2
## killed worker3
SELECT count(*) FROM messages;
SELECT count(*) FROM messages WHERE room_id = 1;
SELECT count(*) FROM messages WHERE room_id = 2;
SELECT count(*) FROM messages WHERE room_id = 3;
SELECT count(*) FROM messages WHERE room_id = 6;
BEGIN; INSERT INTO messages VALUES (1, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (2, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (3, 1000, 'w'); ROLLBACK;
BEGIN; INSERT INTO messages VALUES (6, 1000, 'w'); ROLLBACK;
ALTER TABLE messages ADD COLUMN edited boolean;
ALTER TABLE messages DROP COLUMN edited;
