-- What moving, splitting and rebalancing ask of the catalogs.

-- From here on functions call functions of later files.
SET LOCAL check_function_bodies = off;

CREATE TYPE citus_emulation.planned_move AS (shard_id bigint, source_node int, target_node int);

-- The tables that lie together with this one, itself among them, in the order in which they came.
CREATE FUNCTION citus_emulation.colocated_relations(relation regclass)
RETURNS regclass[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(p.logicalrelid ORDER BY p.ctid)
      FROM pg_dist_partition p
      JOIN pg_dist_partition this ON this.logicalrelid = relation
     WHERE p.logicalrelid = relation OR (this.colocationid <> 0 AND p.colocationid = this.colocationid);
$$;

-- The shards of all colocated tables for the same range of hashes.
CREATE FUNCTION citus_emulation.colocated_shards(shard bigint)
RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(s.shardid ORDER BY s.shardid)
      FROM pg_dist_shard this
      JOIN pg_dist_shard s ON s.logicalrelid = ANY (citus_emulation.colocated_relations(this.logicalrelid))
                          AND s.shardminvalue IS NOT DISTINCT FROM this.shardminvalue
     WHERE this.shardid = shard;
$$;

CREATE FUNCTION citus_emulation.shard_relation(shard bigint)
RETURNS regclass LANGUAGE plpgsql STABLE AS $$
DECLARE
    relation regclass;
BEGIN
    SELECT logicalrelid INTO relation FROM pg_dist_shard WHERE shardid = shard;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format('could not find valid entry for shard %s', shard);
    END IF;
    RETURN relation;
END
$$;

CREATE FUNCTION citus_emulation.node_connection(node int)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT citus_emulation.connection_string(nodename, nodeport) FROM pg_dist_node WHERE nodeid = node;
$$;

-- Sizes of this node's relations, those of another session's transaction included: they have no catalog entry to be seen, but a
-- file. Called on the node that has them, with [{"key": …, "name": …, "file": …}].
CREATE FUNCTION citus_emulation.local_sizes(wanted jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    sizes jsonb := '{}';
    item jsonb;
    size bigint;
BEGIN
    FOR item IN SELECT * FROM jsonb_array_elements(wanted) LOOP
        BEGIN
            size := coalesce(
                pg_total_relation_size(to_regclass(item ->> 'name')),
                (SELECT f.size
                   FROM pg_database d,
                        pg_stat_file(format('base/%s/%s', d.oid, item ->> 'file'), true) f
                  WHERE d.datname = current_database() AND item ->> 'file' IS NOT NULL),
                0);
        EXCEPTION WHEN undefined_table OR undefined_file THEN
            size := 0;
        END;
        sizes := sizes || jsonb_build_object(item ->> 'key', size);
    END LOOP;
    RETURN sizes;
END
$$;

CREATE FUNCTION citus_emulation.shards_size(groupid int, shards bigint[])
RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(sum(value::bigint), 0)::bigint
      FROM jsonb_each_text(citus_emulation.remote_value(groupid, format(
          'SELECT citus_emulation.local_sizes(%L)',
          (SELECT jsonb_agg(jsonb_build_object('key', s.shardid, 'name', citus_emulation.shard_name(s.logicalrelid, s.shardid)))
             FROM pg_dist_shard s WHERE s.shardid = ANY (shards))))::jsonb);
$$;

CREATE FUNCTION citus_emulation.reference_tables()
RETURNS regclass[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(logicalrelid ORDER BY ctid), '{}')
      FROM pg_dist_partition WHERE partmethod = 'n' AND repmodel = 't';
$$;

-- The active nodes that a reference table has not reached yet, as (shard, group).
CREATE FUNCTION citus_emulation.missing_reference_placements()
RETURNS TABLE (shard bigint, target int) LANGUAGE sql STABLE AS $$
    SELECT s.shardid, n.groupid
      FROM pg_dist_shard s
     CROSS JOIN pg_dist_node n
     WHERE s.logicalrelid = ANY (citus_emulation.reference_tables())
       AND n.isactive AND n.noderole = 'primary'
       AND NOT EXISTS (SELECT FROM pg_dist_placement p WHERE p.shardid = s.shardid AND p.groupid = n.groupid)
     ORDER BY n.groupid, s.shardid;
$$;

CREATE FUNCTION citus_emulation.reference_tables_missing_somewhere()
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM citus_emulation.missing_reference_placements());
$$;

-- Whether a table's rows can be told apart, which logical replication needs.
CREATE FUNCTION citus_emulation.has_replica_identity(relation regclass)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT c.relreplident = 'f'
        OR EXISTS (SELECT FROM pg_index i
                    WHERE i.indrelid = relation AND (i.indisreplident OR (i.indisprimary AND c.relreplident = 'd')))
      FROM pg_class c WHERE c.oid = relation;
$$;

-- The table on this node through which a shard is reached: its foreign table, or itself where it lies here.
CREATE FUNCTION citus_emulation.partition_of(shard bigint)
RETURNS regclass LANGUAGE sql STABLE AS $$
    SELECT i.inhrelid::regclass
      FROM pg_dist_shard s
      JOIN pg_inherits i ON i.inhparent = s.logicalrelid
      JOIN pg_class c ON c.oid = i.inhrelid
     WHERE s.shardid = shard AND c.relname = citus_emulation.numbered_name(citus_emulation.relation_name(s.logicalrelid), shard);
$$;

-- The catalogs' change has to reach every active node, so that none may be down; says which is, as Citus does.
CREATE FUNCTION citus_emulation.check_nodes_answer()
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
BEGIN
    FOR node IN
        SELECT * FROM pg_dist_node
         WHERE isactive AND noderole = 'primary' AND groupid <> citus_emulation.local_group() ORDER BY groupid
    LOOP
        PERFORM citus_emulation.require_node(node);
    END LOOP;
END
$$;
