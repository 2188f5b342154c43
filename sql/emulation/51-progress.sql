-- The progress of moves, for everybody to see while they run. A transaction cannot show others what it has done so far, except by the
-- advisory locks that it holds: so these carry it. They cost nothing, are always shared, and are gone with the session that
-- took them, however it ends.

-- A planned step: which shard goes from which group to which.
CREATE FUNCTION citus_emulation.step_key(shard bigint, source int, target int, copies boolean)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT (CASE WHEN copies THEN 22::bigint ELSE 21::bigint END << 58)
         | ((shard & 1073741823) << 28) | ((source & 16383)::bigint << 14) | (target & 16383)::bigint;
$$;

-- The file that a shard's rows go to on the target.
CREATE FUNCTION citus_emulation.file_key(shard bigint, file bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT (23::bigint << 58) | ((shard & 67108863) << 32) | (file & 4294967295);
$$;

-- First keys of the locks that say how far a step is; of several, the last counts.
CREATE FUNCTION citus_emulation.progress_notes()
RETURNS TABLE (note text, class int, progress bigint, status text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('moving', 1718206601, 1, NULL), ('moved', 1718206602, 2, NULL),
           ('setup', 1718206611, NULL, 'Setting Up'), ('copying', 1718206612, NULL, 'Copying Data'),
           ('constraints', 1718206613, NULL, 'Creating Constraints'), ('foreign_keys', 1718206614, NULL, 'Creating Foreign Keys'),
           ('completing', 1718206615, NULL, 'Completing'), ('completed', 1718206616, NULL, 'Completed');
$$;

CREATE FUNCTION citus_emulation.announce_step(shard bigint, source int, target int, copies boolean)
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock_shared(citus_emulation.step_key(id, source, target, copies))
      FROM unnest(citus_emulation.colocated_shards(shard)) id;
$$;

CREATE FUNCTION citus_emulation.announce_plan(plan citus_emulation.planned_move[], copies boolean)
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT citus_emulation.announce_step(m.shard_id, source.groupid, target.groupid, copies)
      FROM unnest(plan) m
      JOIN pg_dist_node source ON source.nodeid = m.source_node
      JOIN pg_dist_node target ON target.nodeid = m.target_node;
$$;

CREATE FUNCTION citus_emulation.note_progress(shards bigint[], noted text)
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock_shared(n.class, s::int)
      FROM citus_emulation.progress_notes() n, unnest(shards) s
     WHERE n.note = noted;
$$;

-- Every announced step with what is known of it. A move that a rebalance runs in a second session is announced by both: it counts
-- as the rebalance's.
CREATE FUNCTION citus_emulation.steps_under_way()
RETURNS TABLE (session int, shard bigint, source int, target int, copies boolean, progress bigint, status text, file bigint)
LANGUAGE sql VOLATILE AS $$
    WITH held AS MATERIALIZED (
        SELECT l.pid, l.objsubid, l.classid::bigint AS class, l.objid::bigint AS object, (l.classid::bigint << 32) | l.objid::bigint AS key
          FROM pg_locks l
         WHERE l.locktype = 'advisory' AND l.granted
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())),
    steps AS (
        SELECT pid, (key >> 28) & 1073741823 AS shard, ((key >> 14) & 16383)::int AS source, (key & 16383)::int AS target,
               (key >> 58) = 22 AS copies
          FROM held WHERE objsubid = 1 AND key >> 58 IN (21, 22)),
    notes AS (
        SELECT h.pid, h.object AS shard, n.progress, n.status, n.class
          FROM held h JOIN citus_emulation.progress_notes() n ON n.class = h.class
         WHERE h.objsubid = 2),
    files AS (
        SELECT pid, (key >> 32) & 67108863 AS shard, key & 4294967295 AS file
          FROM held WHERE objsubid = 1 AND key >> 58 = 23)
    SELECT coalesce(
               min(s.pid) FILTER (WHERE s.pid IN (SELECT pid FROM held
                                                   WHERE objsubid = 2 AND class = citus_emulation.lock_class('rebalance'))),
               min(s.pid)),
           s.shard, s.source, s.target, s.copies,
           coalesce((SELECT max(n.progress) FROM notes n WHERE n.shard = s.shard AND n.pid = ANY (array_agg(s.pid))), 0),
           coalesce((SELECT n.status FROM notes n
                      WHERE n.shard = s.shard AND n.pid = ANY (array_agg(s.pid)) AND n.status IS NOT NULL
                      ORDER BY n.class DESC LIMIT 1),
                    CASE WHEN EXISTS (SELECT FROM notes n WHERE n.shard = s.shard AND n.pid = ANY (array_agg(s.pid)) AND n.progress = 2)
                         THEN 'Completed' ELSE 'Not Started Yet' END),
           (SELECT max(f.file) FROM files f WHERE f.shard = s.shard & 67108863 AND f.pid = ANY (array_agg(s.pid)))
      FROM steps s
     GROUP BY s.shard, s.source, s.target, s.copies;
$$;

-- Sizes on one node; a node that does not answer has none.
CREATE FUNCTION citus_emulation.sizes_if_reachable(groupid int, wanted jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(citus_emulation.remote_value(groupid, format('SELECT citus_emulation.local_sizes(%L)', wanted))::jsonb, '{}');
EXCEPTION WHEN OTHERS THEN
    RETURN '{}';
END
$$;

CREATE FUNCTION pg_catalog.get_rebalance_progress()
RETURNS TABLE (sessionid int, table_name regclass, shardid bigint, shard_size bigint, sourcename text, sourceport int, targetname text,
               targetport int, progress bigint, source_shard_size bigint, target_shard_size bigint, operation_type text,
               source_lsn pg_lsn, target_lsn pg_lsn, status text)
LANGUAGE sql VOLATILE AS $$
    WITH steps AS MATERIALIZED (
        SELECT u.*, s.logicalrelid, citus_emulation.shard_name(s.logicalrelid, s.shardid) AS name
          FROM citus_emulation.steps_under_way() u
          JOIN pg_dist_shard s ON s.shardid = u.shard),
    sizes AS MATERIALIZED (
        SELECT groupid, citus_emulation.sizes_if_reachable(groupid, jsonb_agg(item)) AS size
          FROM (SELECT source AS groupid, jsonb_build_object('key', shard, 'name', name) AS item FROM steps
                UNION ALL
                SELECT target, jsonb_build_object('key', shard, 'name', name, 'file', file) FROM steps) wanted
         GROUP BY groupid),
    measured AS (
        SELECT s.*, coalesce((here.size ->> s.shard::text)::bigint, 0) AS here, coalesce((there.size ->> s.shard::text)::bigint, 0) AS there
          FROM steps s
          LEFT JOIN sizes here ON here.groupid = s.source
          LEFT JOIN sizes there ON there.groupid = s.target)
    SELECT m.session, m.logicalrelid, m.shard,
           CASE WHEN m.progress = 2 THEN coalesce(nullif(m.there, 0), m.here) ELSE coalesce(nullif(m.here, 0), m.there) END,
           source.nodename, source.nodeport, target.nodename, target.nodeport,
           m.progress, m.here, m.there, CASE WHEN m.copies THEN 'copy' ELSE 'move' END, NULL::pg_lsn, NULL::pg_lsn, m.status
      FROM measured m
      JOIN pg_dist_node source ON source.groupid = m.source AND source.noderole = 'primary'
      JOIN pg_dist_node target ON target.groupid = m.target AND target.noderole = 'primary'
     ORDER BY m.session, m.shard;
$$;
