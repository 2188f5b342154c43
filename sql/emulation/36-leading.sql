-- Shards with several placements: reading.
--
-- A shard's foreign table points to one of its placements, which leads: it is read, and written first. The leader is the first living
-- placement in the order of the nodes' addresses, as Citus reads. Whether that is still so is asked whenever a query is planned that
-- needs the shard, by the same trick as in plan_guard(). When it is not, the foreign table is pointed elsewhere in a transaction apart,
-- before the planner looks at it: the query does not fail, nor does it need a lock or leave a change behind.

CREATE FUNCTION citus_emulation.is_replicated(relation oid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation AND partmethod = 'h' AND repmodel = 'c')
$$;

-- The groups of active nodes that have a placement of the shard, in the order in which they are read.
CREATE FUNCTION citus_emulation.active_placements(shardid bigint) RETURNS int[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(p.groupid ORDER BY n.nodename COLLATE "C", n.nodeport), '{}')
    FROM pg_dist_placement p JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' AND n.isactive
    WHERE p.shardid = active_placements.shardid
$$;

-- Who leads when these are dead. A shard without any active placement keeps the first that the catalogs know.
CREATE FUNCTION citus_emulation.leader(shardid bigint, dead int[] DEFAULT '{}') RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT g FROM unnest(citus_emulation.active_placements(shardid)) WITH ORDINALITY AS u (g, place)
            WHERE g <> ALL (dead) ORDER BY place LIMIT 1),
        (SELECT p.groupid FROM pg_dist_placement p WHERE p.shardid = leader.shardid ORDER BY p.placementid LIMIT 1))
$$;

-- Where a shard's foreign table points.
CREATE FUNCTION citus_emulation.pointed_to(partition oid) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT substr(s.srvname, length('citus_node_') + 1)::int
        FROM pg_foreign_table t JOIN pg_foreign_server s ON s.oid = t.ftserver WHERE t.ftrelid = partition);
END
$$;

-- On each foreign table of a shard with several placements, when it is planned.
CREATE FUNCTION citus_emulation.replica_guard(shardid bigint, partition oid) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF coalesce(current_setting('citus_emulation.remote', true), '') <> 'on' THEN
        PERFORM citus_emulation.follow_leader(shardid, partition);
    END IF;
    RETURN 0;
END
$$;

CREATE FUNCTION citus_emulation.follow_leader(shardid bigint, partition oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
    lost pg_dist_node;
    dead int[] := '{}';
    failure text;
BEGIN
    FOR node IN
        SELECT n.* FROM pg_dist_placement p JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' AND n.isactive
        WHERE p.shardid = follow_leader.shardid ORDER BY n.nodename COLLATE "C", n.nodeport
    LOOP
        IF failure IS NOT NULL THEN
            PERFORM citus_emulation.warn_of_lost(lost, failure);
        END IF;
        failure := citus_emulation.node_failure(node);
        IF failure IS NULL THEN
            IF citus_emulation.pointed_to(partition) <> node.groupid THEN
                PERFORM citus_emulation.run_apart(format('SELECT citus_emulation.change_leaders(%s, %L)', node.groupid, dead));
            END IF;
            IF dead <> '{}' THEN
                PERFORM citus_emulation.hear_of_changes();
            END IF;
            RETURN;
        END IF;
        dead := dead || node.groupid;
        lost := node;
    END LOOP;
    IF failure IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'connection_failure', MESSAGE = citus_emulation.lost_message(lost, failure);
    END IF;
END
$$;

-- This session may not have noticed yet where another one has pointed a foreign table. It looks whenever it gets a new lock.
CREATE TABLE citus_emulation.bell ();
CREATE FUNCTION citus_emulation.hear_of_changes() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE citus_emulation.bell IN ACCESS SHARE MODE;
    -- Given back at once, so that it can be got anew.
    RAISE EXCEPTION USING ERRCODE = 'triggered_action_exception';
EXCEPTION WHEN triggered_action_exception THEN
    RETURN;
END
$$;

-- Points away from the dead, and back to a living node what it is the first for.
CREATE FUNCTION citus_emulation.change_leaders(living int, dead int[]) RETURNS void LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
DECLARE
    shard record;
    before text := citus_emulation.begin_internal();
BEGIN
    FOR shard IN
        SELECT s.shardid, c.relname, citus_emulation.leader(s.shardid, dead) AS leader, citus_emulation.pointed_to(c.oid) AS pointed_to
        FROM pg_dist_partition t JOIN pg_dist_shard s USING (logicalrelid)
        JOIN pg_inherits i ON i.inhparent = t.logicalrelid
        JOIN pg_class c ON c.oid = i.inhrelid AND c.relname = citus_emulation.numbered_name(citus_emulation.relation_name(t.logicalrelid), s.shardid)
        WHERE t.partmethod = 'h' AND t.repmodel = 'c' AND c.relkind = 'f' ORDER BY s.shardid
    LOOP
        IF shard.leader <> shard.pointed_to AND (shard.pointed_to = ANY (dead) OR shard.leader = living) THEN
            PERFORM citus_emulation.point_partition(shard.relname, shard.leader);
        END IF;
    END LOOP;
    PERFORM citus_emulation.end_internal(before);
END
$$;

-- Points every shard of which a node has a placement to whom the catalogs let lead. For when nodes come and go.
CREATE FUNCTION citus_emulation.repoint_shards_of(groupid int) RETURNS void LANGUAGE sql AS $$
    SELECT citus_emulation.repoint_shard(p.shardid)
    FROM pg_dist_placement p JOIN pg_dist_shard s USING (shardid) JOIN pg_dist_partition t USING (logicalrelid)
    WHERE p.groupid = repoint_shards_of.groupid AND t.partmethod = 'h' AND t.repmodel = 'c'
$$;
