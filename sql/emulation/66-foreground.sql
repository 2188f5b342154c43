-- Rebalancing in the foreground: each move is a transaction of its own in a session beside this one, so that others see it at once
-- and it stays when a later one fails.

-- Runs a statement in a session of its own and waits for it.
CREATE FUNCTION citus_emulation.run_apart(command text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF 'citus_apart' = ANY (coalesce(citus_emulation.dblink_get_connections(), '{}')) THEN
        PERFORM citus_emulation.dblink_disconnect('citus_apart');
    END IF;
    PERFORM citus_emulation.dblink_connect('citus_apart', citus_emulation.own_connection('citus_rebalancer'));
    PERFORM * FROM citus_emulation.dblink('citus_apart', command) AS answer (nothing text);
    PERFORM citus_emulation.dblink_disconnect('citus_apart');
END
$$;

-- The other session would wait for this transaction, and this one waits for it: nobody would find out. So it is refused first.
CREATE FUNCTION citus_emulation.check_not_in_own_way(relations regclass[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    touched regclass;
BEGIN
    SELECT r INTO touched
      FROM unnest(relations) r
      JOIN pg_locks l ON l.pid = pg_backend_pid() AND l.locktype = 'relation'
                     AND (l.relation = r OR l.relation IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = r))
     WHERE l.mode NOT IN ('AccessShareLock', 'RowShareLock')
     LIMIT 1;
    IF touched IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '25001',
            MESSAGE = format('cannot move shards of %s in a transaction that has changed it', citus_emulation.qualified_name(touched)),
            HINT = 'Every move is a transaction of its own: commit this one first.';
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.rebalance_now(
    relations regclass[], threshold real, max_shard_moves int, excluded bigint[], mode citus.shard_transfer_mode, drain_only boolean,
    strategy pg_catalog.pg_dist_rebalance_strategy, improvement_threshold real, only_node int DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    plan citus_emulation.planned_move[];
BEGIN
    IF cardinality(relations) = 0 THEN
        PERFORM citus_emulation.run_apart(format('SELECT pg_catalog.replicate_reference_tables(%L)', mode));
        RETURN;
    END IF;
    PERFORM citus_emulation.begin_rebalance(relations, CASE WHEN drain_only THEN 'move' ELSE 'rebalance' END),
            citus_emulation.check_not_in_own_way(array_agg(c))
       FROM unnest(relations) r, unnest(citus_emulation.colocated_relations(r)) c;
    plan := citus_emulation.plan_moves(
        relations, threshold, max_shard_moves, excluded, drain_only, strategy, improvement_threshold, only_node);
    PERFORM citus_emulation.check_plan_keys(plan, mode);
    IF citus_emulation.reference_tables_missing_somewhere() THEN
        PERFORM citus_emulation.run_apart(format('SELECT pg_catalog.replicate_reference_tables(%L)', mode));
    END IF;
    PERFORM citus_emulation.execute_plan(plan, 'Moving', 'citus_move_shard_placement', mode);
END
$$;

CREATE FUNCTION citus_emulation.execute_plan(
    plan citus_emulation.planned_move[], operation text, function text, mode citus.shard_transfer_mode)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    move citus_emulation.planned_move;
    deaf int[];
BEGIN
    IF cardinality(plan) = 0 THEN
        RETURN;
    END IF;
    SELECT array_agg(node) INTO deaf
      FROM (SELECT DISTINCT unnest(ARRAY[m.source_node, m.target_node]) AS node FROM unnest(plan) m) involved
     WHERE NOT citus_emulation.node_responds(node);
    PERFORM citus_emulation.announce_plan(plan, function = 'citus_copy_shard_placement');
    FOREACH move IN ARRAY plan LOOP
        RAISE NOTICE USING MESSAGE = format('%s shard %s from %s to %s ...', operation, move.shard_id,
            citus_emulation.node_address(move.source_node), citus_emulation.node_address(move.target_node));
        IF move.target_node = ANY (deaf) THEN
            RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format(
                'target node %s is not responsive', citus_emulation.node_address(move.target_node));
        ELSIF move.source_node = ANY (deaf) THEN
            RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format(
                'source node %s is not responsive', citus_emulation.node_address(move.source_node));
        END IF;
        PERFORM citus_emulation.note_progress(citus_emulation.colocated_shards(move.shard_id), 'moving');
        PERFORM citus_emulation.run_apart(format('SELECT pg_catalog.%I(%s,%s,%s,%L)',
            function, move.shard_id, move.source_node, move.target_node, mode));
        PERFORM citus_emulation.note_progress(citus_emulation.colocated_shards(move.shard_id), 'moved');
        PERFORM citus_emulation.run_detached('cleanup', 'CALL citus_emulation.cleanup_resources()');
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.node_responds(node int)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM citus_emulation.dblink_connect('citus_probe', citus_emulation.node_connection(node)),
            citus_emulation.dblink_disconnect('citus_probe');
    RETURN true;
EXCEPTION WHEN connection_exception OR cannot_connect_now OR sqlclient_unable_to_establish_sqlconnection THEN
    RETURN false;
END
$$;

-- Which copies would bring every shard of a table to the replication factor: each from the first node that has it to the node with
-- the fewest of them.
CREATE FUNCTION citus_emulation.plan_copies(relation regclass, factor int, excluded bigint[])
RETURNS citus_emulation.planned_move[] LANGUAGE plpgsql AS $$
DECLARE
    nodes int[] := (SELECT array_agg(nodeid ORDER BY nodename COLLATE "C", nodeport) FROM pg_dist_node
                     WHERE isactive AND noderole = 'primary');
    loads jsonb := '{}';
    plan citus_emulation.planned_move[] := '{}';
    shard bigint;
    carriers int[];
    target int;
BEGIN
    SELECT coalesce(jsonb_object_agg(nodeid, number), '{}') INTO loads
      FROM (SELECT n.nodeid, count(*) AS number
              FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid)
              JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' AND n.isactive
             WHERE s.logicalrelid = relation AND s.shardid <> ALL (excluded)
             GROUP BY n.nodeid) counted;
    FOR shard, carriers IN
        SELECT s.shardid, array_agg(n.nodeid ORDER BY array_position(nodes, n.nodeid)) FILTER (WHERE n.nodeid IS NOT NULL)
          FROM pg_dist_shard s
          LEFT JOIN pg_dist_placement p USING (shardid)
          LEFT JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' AND n.isactive
         WHERE s.logicalrelid = relation AND s.shardid <> ALL (excluded)
         GROUP BY s.shardid ORDER BY s.shardid
    LOOP
        CONTINUE WHEN carriers IS NULL;
        -- One copy for each placement that there is, as Citus does: from one to three placements takes two calls.
        FOR i IN 1 .. cardinality(carriers) LOOP
            EXIT WHEN cardinality(carriers) >= factor;
            SELECT n.nodeid INTO target
              FROM pg_dist_node n
             WHERE n.nodeid = ANY (nodes) AND n.shouldhaveshards AND n.nodeid <> ALL (carriers)
             ORDER BY coalesce((loads ->> n.nodeid::text)::int, 0), array_position(nodes, n.nodeid)
             LIMIT 1;
            IF target IS NULL THEN
                RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format('could not find a target for shard %s', shard);
            END IF;
            plan := plan || ROW(shard, carriers[1], target)::citus_emulation.planned_move;
            loads := jsonb_set(loads, ARRAY[target::text], to_jsonb(coalesce((loads ->> target::text)::int, 0) + 1));
            carriers := (SELECT array_agg(c ORDER BY array_position(nodes, c)) FROM unnest(carriers || target) c);
        END LOOP;
    END LOOP;
    RETURN plan;
END
$$;

CREATE FUNCTION pg_catalog.replicate_table_shards(
    relation regclass, shard_replication_factor int DEFAULT current_setting('citus.shard_replication_factor')::int,
    max_shard_copies int DEFAULT 1000000, excluded_shard_list bigint[] DEFAULT '{}',
    shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto')
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    IF NOT citus_emulation.is_citus_table(relation) THEN
        RAISE EXCEPTION 'relation % is not distributed', citus_emulation.relation_name(relation) USING ERRCODE = 'internal_error';
    END IF;
    IF citus_emulation.reference_tables_missing_somewhere() THEN
        PERFORM citus_emulation.run_apart(format('SELECT pg_catalog.replicate_reference_tables(%L)', shard_transfer_mode));
    END IF;
    PERFORM citus_emulation.begin_rebalance(ARRAY[relation], 'replicate');
    PERFORM citus_emulation.execute_plan(
        (citus_emulation.plan_copies(relation, shard_replication_factor, excluded_shard_list))[:max_shard_copies],
        'Copying', 'citus_copy_shard_placement', shard_transfer_mode);
END
$$;
