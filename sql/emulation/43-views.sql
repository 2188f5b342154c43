-- The views that learners and the map read.

CREATE FUNCTION citus_emulation.measure_shard(shardid bigint, groupid int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    relation regclass := (SELECT logicalrelid FROM pg_dist_shard s WHERE s.shardid = measure_shard.shardid);
BEGIN
    RETURN citus_emulation.remote_value(groupid, format('SELECT pg_total_relation_size(%L)',
        citus_emulation.placement_name(relation, shardid, groupid)))::bigint;
EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection OR connection_failure THEN
    RAISE WARNING 'could not measure shard % on %', shardid,
        (SELECT format('%s:%s', n.nodename, n.nodeport) FROM pg_dist_node n WHERE n.groupid = measure_shard.groupid)
    USING DETAIL = SQLERRM;
    RETURN NULL;
END
$$;

-- Stable although it asks other nodes, so that a view's column costs nothing when nobody asks for it.
CREATE FUNCTION citus_emulation.shard_size(shardid bigint, groupid int) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT citus_emulation.measure_shard(shardid, groupid)
$$;

CREATE FUNCTION citus_emulation.table_type(part pg_dist_partition) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN part.partkey IS NOT NULL THEN 'distributed' WHEN part.repmodel = 't' THEN 'reference'
        WHEN part.colocationid = 0 THEN 'local' ELSE 'distributed' END
$$;

CREATE FUNCTION citus_emulation.table_size(relation regclass) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_size_pretty(sum(citus_emulation.shard_size(s.shardid, p.groupid)))
    FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid) WHERE s.logicalrelid = relation
$$;

CREATE VIEW public.citus_tables AS
SELECT part.logicalrelid AS table_name,
    citus_emulation.table_type(part) AS citus_table_type,
    coalesce(column_to_column_name(part.logicalrelid, part.partkey), '<none>') AS distribution_column,
    part.colocationid AS colocation_id,
    citus_emulation.table_size(part.logicalrelid) AS table_size,
    (SELECT count(*) FROM pg_dist_shard s WHERE s.logicalrelid = part.logicalrelid) AS shard_count,
    pg_get_userbyid(class.relowner) AS table_owner,
    coalesce(method.amname, 'heap') AS access_method
FROM pg_dist_partition part
JOIN pg_class class ON class.oid = part.logicalrelid
LEFT JOIN pg_am method ON method.oid = class.relam
ORDER BY part.logicalrelid::text;
GRANT SELECT ON public.citus_tables TO PUBLIC;

CREATE VIEW pg_catalog.citus_shards AS
SELECT shard.logicalrelid AS table_name,
    shard.shardid,
    shard_name(shard.logicalrelid, shard.shardid) AS shard_name,
    citus_emulation.table_type(part) AS citus_table_type,
    part.colocationid AS colocation_id,
    node.nodename,
    node.nodeport,
    citus_emulation.shard_size(shard.shardid, placement.groupid) AS shard_size
FROM pg_dist_shard shard
JOIN pg_dist_placement placement ON placement.shardid = shard.shardid
JOIN pg_dist_node node ON node.groupid = placement.groupid
JOIN pg_dist_partition part ON part.logicalrelid = shard.logicalrelid
WHERE placement.shardstate = 1
ORDER BY shard.logicalrelid::text, shard.shardid;
GRANT SELECT ON pg_catalog.citus_shards TO PUBLIC;
