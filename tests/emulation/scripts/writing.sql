-- Every way to write rows.
SET citus.shard_count = 4;
CREATE TABLE events (tenant text NOT NULL, id int NOT NULL, kind text DEFAULT 'click', amount numeric(8,2), tags text[], PRIMARY KEY (tenant, id));
SELECT create_distributed_table('events', 'tenant');
-- input: acme	1	view	1.50	{a,b}|acme	2	click	\N	{}|globex	1	buy	99.99	\N|initech	7	buy	0.01	{"c d"}
COPY events FROM STDIN;
-- input: tenant,id|umbrella,1|umbrella,2|hooli,1
COPY events (tenant, id) FROM STDIN WITH (FORMAT csv, HEADER);
SELECT * FROM events ORDER BY tenant, id;
-- differs: the code is that of the constraint, as it is for INSERT
-- input: acme	1	again	\N	\N
COPY events FROM STDIN;
-- input: acme	notanumber	again	\N	\N
COPY events FROM STDIN;
SELECT count(*) FROM events;
INSERT INTO events (tenant, id, kind) VALUES ('acme', 10, 'a'), ('globex', 10, 'b'), ('hooli', 10, 'c'), ('initech', 10, 'd');
INSERT INTO events (tenant, id) SELECT tenant, id + 100 FROM events WHERE kind = 'buy';
INSERT INTO events (tenant, id) SELECT 'tenant-' || n, n FROM generate_series(1, 50) n;
SELECT count(*), count(DISTINCT tenant) FROM events;
INSERT INTO events VALUES ('acme', 1) ON CONFLICT DO NOTHING;
INSERT INTO events VALUES ('acme', 1), ('acme', 3), ('globex', 1) ON CONFLICT DO NOTHING;
INSERT INTO events VALUES ('acme', 1);
INSERT INTO events (tenant, id, amount) VALUES ('wayne', 1, 5), ('stark', 1, 6) RETURNING tenant, id, kind, amount;
INSERT INTO events (tenant, id, amount) VALUES ('stark', 2, 1 + 1) RETURNING *;
UPDATE events SET amount = coalesce(amount, 0) + 1 WHERE tenant = 'acme';
UPDATE events SET amount = 0 WHERE tenant = 'acme' AND id = 2 RETURNING id, amount;
UPDATE events SET kind = 'bulk' WHERE id > 40;
UPDATE events SET kind = upper(kind) WHERE tenant IN ('wayne', 'stark');
SELECT tenant, id, kind, amount FROM events WHERE tenant IN ('acme', 'wayne', 'stark') ORDER BY 1, 2;
DELETE FROM events WHERE tenant = 'acme' AND id = 3 RETURNING kind;
DELETE FROM events WHERE kind = 'bulk';
DELETE FROM events WHERE tenant = 'nobody';
SELECT count(*), sum(amount) FROM events;
INSERT INTO events (tenant, id) VALUES (NULL, 1);
CREATE TABLE loose (k int, v text);
SELECT create_distributed_table('loose', 'k');
INSERT INTO loose VALUES (NULL, 'x');
INSERT INTO loose VALUES (1, 'one'), (2, NULL), (2, NULL);
UPDATE loose SET k = 5 WHERE k = 1;
UPDATE loose SET v = 'two' WHERE k = 2;
SELECT * FROM loose ORDER BY k, v;
DELETE FROM loose USING (SELECT 1 AS k) AS gone WHERE loose.k = gone.k;
-- differs: it runs
UPDATE loose SET v = events.kind FROM events WHERE loose.k = 2 AND events.tenant = 'globex' AND events.id = 1;
TRUNCATE loose;
SELECT count(*) FROM loose;
SELECT sum(result::int) FROM run_command_on_shards('loose', 'SELECT count(*) FROM %s');
TRUNCATE events, loose;
SELECT count(*) FROM events;
-- Sequences stay on the coordinator.
CREATE TABLE numbered (id bigserial, tenant int, note text DEFAULT 'none', PRIMARY KEY (tenant, id));
SELECT create_distributed_table('numbered', 'tenant');
INSERT INTO numbered (tenant) SELECT n % 3 FROM generate_series(1, 9) n;
SELECT count(DISTINCT id), min(id), max(id) FROM numbered;
INSERT INTO numbered (tenant, note) VALUES (1, DEFAULT) RETURNING id, note;
-- Generated columns.
CREATE TABLE priced (shop int, net numeric, gross numeric GENERATED ALWAYS AS (net * 1.2) STORED);
SELECT create_distributed_table('priced', 'shop');
INSERT INTO priced VALUES (1, 10), (2, 20);
UPDATE priced SET net = 30 WHERE shop = 2;
SELECT * FROM priced ORDER BY shop;
-- Rows that were there before.
CREATE TABLE earlier (k int PRIMARY KEY, v text);
INSERT INTO earlier SELECT n, 'v' || n FROM generate_series(1, 100) n;
SELECT create_distributed_table('earlier', 'k');
SELECT count(*), min(v), max(v) FROM earlier;
SELECT truncate_local_data_after_distributing_table('earlier');
SELECT count(*) FROM earlier;
INSERT INTO earlier VALUES (100, 'again');
