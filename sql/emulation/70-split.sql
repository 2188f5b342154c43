-- Cutting a shard in pieces, and with it all its colocated ones.

CREATE FUNCTION citus_emulation.check_split(relation regclass, source pg_catalog.pg_dist_shard, points int[], nodes int[], operation text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    lowest int := (source).shardminvalue;
    highest int := (source).shardmaxvalue;
    point int;
    previous int;
    node int;
    missing record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation AND partmethod = 'h') THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format(
            'Cannot %s as operation is only supported for hash distributed tables.', operation);
    ELSIF (SELECT count(*) FROM pg_dist_placement WHERE shardid = (source).shardid) > 1 THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format(
            'Operation %s not supported for %s as replication factor ''%s'' is greater than 1.',
            split_part(operation, ' ', 1), split_part(operation, ' ', 2),
            (SELECT count(*) FROM pg_dist_placement WHERE shardid = (source).shardid));
    ELSIF cardinality(nodes) <> cardinality(points) + 1 THEN
        RAISE EXCEPTION USING ERRCODE = '42601', MESSAGE = format(
            'Number of worker node ids should be one greater split points. NodeId count is ''%s'' and SplitPoint count is ''%s''.',
            cardinality(nodes), cardinality(points));
    ELSIF cardinality(nodes) > 64000 THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format(
            'Resulting shard count ''%s'' with split is greater than max shard count ''64000'' limit.', cardinality(nodes));
    ELSIF lowest = highest THEN
        RAISE EXCEPTION USING ERRCODE = '42601', MESSAGE = format(
            'Cannot split shard id "%s" as min/max range are equal: (''%s'', ''%s'').', (source).shardid, lowest, highest);
    END IF;
    FOREACH point IN ARRAY points LOOP
        IF point < lowest OR point > highest THEN
            RAISE EXCEPTION USING ERRCODE = '42601', MESSAGE = format(
                'Split point %s is outside the min/max range(%s, %s) for shard id %s.', point, lowest, highest, (source).shardid);
        ELSIF point = highest THEN
            RAISE EXCEPTION USING ERRCODE = '42601', MESSAGE = format(
                'Invalid split point %s, as split points should be inclusive. Please use %s instead.', highest, highest - 1);
        ELSIF point <= previous THEN
            RAISE EXCEPTION USING ERRCODE = '42601', MESSAGE = format(
                'Invalid Split Points ''%s'' followed by ''%s''. All split points should be strictly increasing.', previous, point);
        END IF;
        previous := point;
    END LOOP;
    FOREACH node IN ARRAY nodes LOOP
        IF NOT EXISTS (SELECT FROM pg_dist_node WHERE nodeid = node) THEN
            RAISE EXCEPTION USING ERRCODE = '25001', MESSAGE = format('Invalid Node Id ''%s''.', node);
        END IF;
    END LOOP;
    SELECT n.nodename, n.nodeport INTO missing
      FROM citus_emulation.missing_reference_placements() m JOIN pg_dist_node n ON n.groupid = m.target
     WHERE n.nodeid = ANY (nodes) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = '55000',
            MESSAGE = format('reference tables have not been replicated to node %s:%s yet', missing.nodename, missing.nodeport),
            DETAIL = 'Reference tables are lazily replicated after adding a node, but must exist before shards can be created on that node.',
            HINT = 'Run SELECT replicate_reference_tables(); to ensure reference tables exist on all nodes.';
    END IF;
END
$$;

-- The pieces of one shard: new ids, ranges, nodes.
CREATE FUNCTION citus_emulation.plan_pieces(source pg_catalog.pg_dist_shard, points int[], nodes int[])
RETURNS TABLE (id bigint, lowest int, highest int, groupid int) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    FOR i IN 1 .. cardinality(nodes) LOOP
        id := nextval('pg_dist_shardid_seq');
        lowest := CASE WHEN i = 1 THEN (source).shardminvalue::int ELSE points[i - 1] + 1 END;
        highest := CASE WHEN i = cardinality(nodes) THEN (source).shardmaxvalue::int ELSE points[i] END;
        groupid := (SELECT n.groupid FROM pg_dist_node n WHERE n.nodeid = nodes[i]);
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.split_shard(
    shard bigint, points int[], nodes int[], mode citus.shard_transfer_mode, operation text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass := citus_emulation.shard_relation(shard);
    shards bigint[] := citus_emulation.colocated_shards(shard);
    colocated regclass[] := citus_emulation.colocated_relations(relation);
    source pg_dist_shard;
    source_group int;
    piece record;
    created bigint[] := '{}';
    before text := citus_emulation.begin_internal();
    locked_at timestamptz;
BEGIN
    PERFORM citus_emulation.check_keys(colocated, mode);
    PERFORM citus_emulation.lock_transfer(relation, shards, 'split', true);
    -- The tables get new partitions, so readers wait too; with a lesser lock now and this one later, a reader that turns to writing would
    -- be waited for while it waits.
    PERFORM citus_emulation.lock_patiently(ARRAY[format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE',
        (SELECT string_agg(citus_emulation.qualified_name(r), ', ' ORDER BY r::oid) FROM unnest(colocated) r))]);
    locked_at := clock_timestamp();
    SELECT * INTO source FROM pg_dist_shard WHERE shardid = shard;
    PERFORM citus_emulation.check_split(relation, source, points, nodes, operation);
    PERFORM citus_emulation.check_nodes_answer(), citus_emulation.clean_before_dropping();
    source_group := (SELECT groupid FROM pg_dist_placement WHERE shardid = shard);
    PERFORM citus_emulation.check_nothing_missed(source_group, locked_at), citus_emulation.block_writes(shards, source_group, true);

    FOR source IN SELECT * FROM pg_dist_shard WHERE shardid = ANY (shards) ORDER BY shardid LOOP
        FOR piece IN SELECT * FROM citus_emulation.plan_pieces(source, points, nodes) LOOP
            PERFORM citus_emulation.create_shard(source.logicalrelid, piece.id, piece.groupid),
                    citus_emulation.copy_piece(source.logicalrelid, source.shardid, source_group, piece.id, piece.groupid,
                                               piece.lowest, piece.highest);
            INSERT INTO pg_dist_shard VALUES (source.logicalrelid, piece.id, 't', piece.lowest, piece.highest);
            INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid) VALUES (piece.id, 1, 0, piece.groupid);
            created := created || piece.id;
        END LOOP;
    END LOOP;
    PERFORM citus_emulation.leave_for_cleanup(shards, source_group);
    DELETE FROM pg_dist_placement WHERE shardid = ANY (shards);
    DELETE FROM pg_dist_shard WHERE shardid = ANY (shards);
    PERFORM citus_emulation.create_shard_foreign_keys(s.logicalrelid, s.shardid, p.groupid)
       FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid) WHERE s.shardid = ANY (created);
    PERFORM citus_emulation.attach_shards(r) FROM unnest(colocated) r;
    PERFORM citus_emulation.end_internal(before);
END
$$;

-- Fills a piece with the rows whose hash lies in its range; on the node itself where the piece stays there.
CREATE FUNCTION citus_emulation.copy_piece(
    relation regclass, source bigint, source_group int, piece bigint, piece_group int, lowest int, highest int)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text := citus_emulation.stored_columns(relation);
    hash text := (SELECT citus_emulation.hash_expression(atttypid, quote_ident(attname)) FROM pg_attribute
                   WHERE attrelid = relation AND attname = citus_emulation.distribution_column(relation));
    copy constant text := 'INSERT INTO %s (%s) SELECT %2$s FROM %s WHERE %s BETWEEN %s AND %s';
BEGIN
    IF source_group = piece_group THEN
        PERFORM citus_emulation.remote(source_group, format(copy, citus_emulation.shard_name(relation, piece), columns,
            citus_emulation.shard_name(relation, source), hash, lowest, highest));
    ELSE
        EXECUTE format(copy, citus_emulation.open_window('incoming', relation, piece, piece_group), columns,
            citus_emulation.open_window('outgoing', relation, source, source_group), hash, lowest, highest);
        PERFORM citus_emulation.close_window('outgoing', source, source_group),
                citus_emulation.close_window('incoming', piece, piece_group);
    END IF;
END
$$;

CREATE FUNCTION pg_catalog.citus_split_shard_by_split_points(
    shard_id bigint, split_points text[], node_ids int[], shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto')
RETURNS void LANGUAGE plpgsql VOLATILE STRICT AS $$
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    PERFORM citus_emulation.split_shard(shard_id, split_points::int[], node_ids, shard_transfer_mode, 'split shard');
END
$$;
