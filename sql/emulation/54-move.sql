-- Moving and copying placements.

-- Shards are moved (or copied) together with their colocated ones. `copies` leaves the source as it is.
CREATE FUNCTION citus_emulation.transfer(
    shard bigint, source_node int, target_node int, mode citus.shard_transfer_mode, copies boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass := citus_emulation.shard_relation(shard);
    shards bigint[] := citus_emulation.colocated_shards(shard);
    source pg_dist_node;
    target pg_dist_node;
    operation text := CASE WHEN copies THEN 'copy' ELSE 'move' END;
    present bigint;
    before text;
BEGIN
    IF copies THEN
        PERFORM citus_emulation.check_copyable(relation);
    ELSE
        PERFORM citus_emulation.check_movable(relation);
    END IF;
    target := citus_emulation.check_target(source_node, target_node, copies);
    SELECT * INTO source FROM pg_dist_node WHERE nodeid = source_node;
    PERFORM citus_emulation.lock_transfer(relation, shards, operation),
            citus_emulation.lock_for_transfer(relation);
    IF citus_emulation.has_placements(shards, target.groupid)
       AND copies = citus_emulation.has_placements(shards, source.groupid)
    THEN
        RAISE WARNING USING MESSAGE = format('shard is already present on node %s:%s', target.nodename, target.nodeport),
            DETAIL = format('%s may have already completed.', initcap(operation));
        RETURN;
    END IF;
    IF NOT citus_emulation.has_placements(shards, source.groupid) THEN
        RAISE EXCEPTION USING ERRCODE = '22000',
            MESSAGE = format('could not find placement matching "%s:%s"', source.nodename, source.nodeport),
            HINT = 'Confirm the placement still exists and try again.';
    END IF;
    SELECT min(p.shardid) INTO present
      FROM pg_dist_placement p WHERE p.shardid = ANY (shards) AND p.groupid = target.groupid;
    IF present IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('shard %s already exists in the target node', present);
    END IF;
    PERFORM citus_emulation.check_keys(citus_emulation.colocated_relations(relation), mode),
            citus_emulation.check_nodes_answer();

    before := citus_emulation.begin_internal();
    PERFORM citus_emulation.announce_step(shard, source.groupid, target.groupid, copies),
            citus_emulation.note_progress(shards, 'setup'),
            citus_emulation.note_progress(shards, 'moving');
    PERFORM citus_emulation.copy_shards(
        shards, source.groupid, target.groupid, citus_emulation.block_writes(shards, source.groupid, NOT copies));
    PERFORM citus_emulation.note_progress(shards, 'completing');
    IF NOT copies THEN
        DELETE FROM pg_dist_placement WHERE shardid = ANY (shards) AND groupid = source.groupid;
    END IF;
    INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
    SELECT s, 1, 0, target.groupid FROM unnest(shards) s ORDER BY s;
    PERFORM citus_emulation.repoint_shard(s) FROM unnest(shards) s;
    IF NOT copies THEN
        PERFORM citus_emulation.leave_for_cleanup(shards, source.groupid);
    END IF;
    PERFORM citus_emulation.note_progress(shards, 'moved'), citus_emulation.note_progress(shards, 'completed'),
            citus_emulation.end_internal(before);
END
$$;

CREATE FUNCTION citus_emulation.check_copyable(relation regclass)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    table_entry pg_dist_partition;
BEGIN
    SELECT * INTO table_entry FROM pg_dist_partition WHERE logicalrelid = relation;
    IF table_entry.partmethod = 'n' AND table_entry.repmodel = 's' AND table_entry.colocationid = 0 THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format(
            'Table %s is a local table. Replicating shard of a local table added to metadata currently is not supported',
            quote_literal(citus_emulation.relation_name(relation)));
    ELSIF table_entry.repmodel = 's' THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format(
            'Table %s is streaming replicated. Shards of streaming replicated tables cannot be copied',
            quote_literal(citus_emulation.relation_name(relation)));
    END IF;
END
$$;

-- No DDL on the colocated tables while their shards travel, and no TRUNCATE; reads and writes go on.
CREATE FUNCTION citus_emulation.lock_for_transfer(relation regclass)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    colocated regclass;
BEGIN
    FOR colocated IN SELECT r FROM unnest(citus_emulation.colocated_relations(relation)) r ORDER BY r::oid LOOP
        EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', colocated);
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.node_at(host text, port int, verb text)
RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
    node int := (SELECT nodeid FROM pg_dist_node WHERE nodename = host AND nodeport = port);
BEGIN
    IF node IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format('%s shards to a non-existing node is not supported', verb),
            HINT = format('Add the target node via SELECT citus_add_node(''%s'', %s);', host, port);
    END IF;
    RETURN node;
END
$$;

CREATE FUNCTION citus_emulation.node_with_id(node int)
RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_dist_node WHERE nodeid = node) THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format('node %s not found', node);
    END IF;
    RETURN node;
END
$$;

CREATE FUNCTION pg_catalog.citus_move_shard_placement(
    shard_id bigint, source_node_id int, target_node_id int, transfer_mode citus.shard_transfer_mode DEFAULT 'auto')
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT citus_emulation.ensure_coordinator();
    SELECT citus_emulation.transfer(shard_id, citus_emulation.node_with_id(source_node_id), citus_emulation.node_with_id(target_node_id),
                                    transfer_mode, false);
$$;

CREATE FUNCTION pg_catalog.citus_move_shard_placement(
    shard_id bigint, source_node_name text, source_node_port int, target_node_name text, target_node_port int,
    shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto')
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    IF citus_emulation.reference_tables_missing_somewhere() THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = 'there are missing reference tables on some nodes',
            HINT = 'Copy reference tables first with replicate_reference_tables() or use citus_rebalance_start() that will do it automatically.';
    END IF;
    PERFORM citus_emulation.transfer(
        shard_id,
        citus_emulation.source_node_at(source_node_name, source_node_port, target_node_name, target_node_port, 'move'),
        citus_emulation.node_at(target_node_name, target_node_port, 'Moving'), shard_transfer_mode, false);
END
$$;

CREATE FUNCTION citus_emulation.source_node_at(host text, port int, target_host text, target_port int, operation text)
RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
    node int := (SELECT nodeid FROM pg_dist_node WHERE nodename = host AND nodeport = port);
BEGIN
    IF host = target_host AND port = target_port THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('cannot %s shard to the same node', operation);
    ELSIF node IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '22000', MESSAGE = format('could not find placement matching "%s:%s"', host, port),
            HINT = 'Confirm the placement still exists and try again.';
    END IF;
    RETURN node;
END
$$;

CREATE FUNCTION pg_catalog.citus_copy_shard_placement(
    shard_id bigint, source_node_id int, target_node_id int, transfer_mode citus.shard_transfer_mode DEFAULT 'auto')
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT citus_emulation.ensure_coordinator();
    SELECT citus_emulation.transfer(shard_id, citus_emulation.node_with_id(source_node_id), citus_emulation.node_with_id(target_node_id),
                                    transfer_mode, true);
$$;

CREATE FUNCTION pg_catalog.citus_copy_shard_placement(
    shard_id bigint, source_node_name text, source_node_port int, target_node_name text, target_node_port int,
    transfer_mode citus.shard_transfer_mode DEFAULT 'auto')
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    PERFORM citus_emulation.transfer(
        shard_id,
        citus_emulation.source_node_at(source_node_name, source_node_port, target_node_name, target_node_port, 'copy'),
        citus_emulation.node_at(target_node_name, target_node_port, 'Copying'), transfer_mode, true);
END
$$;
