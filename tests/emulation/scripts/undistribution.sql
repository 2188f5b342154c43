-- Undistribution gives everything back, under its name; distribution can be altered.
SET citus.shard_count = 4;
CREATE TABLE groups (id int PRIMARY KEY, title text);
CREATE TABLE members (grp int REFERENCES groups, id int, name text NOT NULL DEFAULT 'nobody', score numeric(6,2), born date, gone int, CONSTRAINT members_key PRIMARY KEY (grp, id), CONSTRAINT members_name UNIQUE (grp, name), CONSTRAINT members_score CHECK (score >= 0));
ALTER TABLE members DROP COLUMN gone;
CREATE INDEX members_born ON members (born) WHERE born IS NOT NULL;
CREATE INDEX members_lower ON members (lower(name));
-- differs: views are not sent to the workers
CREATE VIEW adults AS SELECT grp, name FROM members WHERE born < '2000-01-01';
INSERT INTO groups SELECT n, 'group ' || n FROM generate_series(1, 10) n;
INSERT INTO members SELECT 1 + n % 10, n, 'member ' || n, n, date '1990-01-01' + n * 100 FROM generate_series(1, 100) n;
CREATE TABLE before AS SELECT conname, contype, conrelid::regclass::text AS owner, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid IN ('groups'::regclass, 'members'::regclass) AND contype <> 'n';
CREATE TABLE indexes_before AS SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('groups', 'members');
SELECT create_distributed_table('groups', 'id');
-- differs: the table keeps its identity, so its views are not made again
SELECT create_distributed_table('members', 'grp');
SELECT conname, contype FROM pg_constraint WHERE conrelid IN ('groups'::regclass, 'members'::regclass) AND contype <> 'n' ORDER BY 1;
SELECT count(*) FROM adults;
UPDATE members SET score = score * 2 WHERE grp = 3;
DELETE FROM members WHERE grp = 4;
SELECT count(*), sum(score), md5(string_agg(name, ',' ORDER BY id)) FROM members;
SELECT undistribute_table('members');
-- differs: the table keeps its identity, so views need not be made again and no such notice comes
SELECT undistribute_table('groups', cascade_via_foreign_keys => true);
SELECT count(*), sum(score), md5(string_agg(name, ',' ORDER BY id)) FROM members;
SELECT conname, contype, owner, definition FROM before EXCEPT SELECT conname, contype, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint;
SELECT conname FROM pg_constraint WHERE conrelid IN ('groups'::regclass, 'members'::regclass) AND contype <> 'n' EXCEPT SELECT conname FROM before;
SELECT indexname, indexdef FROM indexes_before EXCEPT SELECT indexname, indexdef FROM pg_indexes;
SELECT count(*) FROM pg_indexes WHERE tablename = 'members';
SELECT count(*) FROM adults;
SELECT count(*) FROM pg_dist_partition;
SELECT success, result FROM run_command_on_workers('SELECT count(*) FROM pg_class WHERE relname ~ ''^(members|groups)_\d+$''') ORDER BY 1, 2;
INSERT INTO members VALUES (1, 100, 'again');
INSERT INTO members VALUES (77, 1, 'nowhere');
INSERT INTO members VALUES (1, 1000, 'negative', -1);
INSERT INTO members (grp, id) VALUES (1, 1000) RETURNING name;
-- And the whole way once more.
SELECT create_reference_table('groups');
-- differs: the table keeps its identity, so its views are not made again
SELECT create_distributed_table('members', 'grp');
SELECT count(*) FROM members;
SELECT undistribute_table('members');
-- differs: the table keeps its identity, so its views are not made again
SELECT undistribute_table('members', cascade_via_foreign_keys => true);
SELECT undistribute_table('members');
CREATE TABLE facts (k int, other text, n int);
INSERT INTO facts SELECT n, 'o' || n % 7, n FROM generate_series(1, 70) n;
SELECT create_distributed_table('facts', 'k');
-- differs: the table keeps its identity, so there are no notices of a new one
SELECT alter_distributed_table('facts', shard_count => 6);
SELECT count(*), sum(n) FROM facts;
SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = 'facts'::regclass;
-- differs: the table keeps its identity, so there are no notices of a new one
SELECT alter_distributed_table('facts', distribution_column => 'other');
SELECT distribution_column, shard_count FROM citus_tables WHERE table_name = 'facts'::regclass;
SELECT count(*), sum(n) FROM facts WHERE other = 'o3';
SELECT alter_distributed_table('facts', shard_count => 6);
