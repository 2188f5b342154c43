-- Shards on their way from node to node: what may move where, the copy itself, the change of the catalogs.

CREATE FUNCTION citus_emulation.check_target(source int, target int, copies boolean)
RETURNS pg_catalog.pg_dist_node LANGUAGE plpgsql STABLE AS $$
DECLARE
    node pg_dist_node;
    verb text := CASE WHEN copies THEN 'Copying' ELSE 'Moving' END;
BEGIN
    SELECT * INTO node FROM pg_dist_node WHERE nodeid = target;
    IF source = target THEN
        RAISE EXCEPTION USING ERRCODE = '22023',
            MESSAGE = format('cannot %s shard to the same node', CASE WHEN copies THEN 'copy' ELSE 'move' END);
    ELSIF NOT node.isactive THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format('%s shards to a non-active node is not supported', verb),
            HINT = format('Activate the target node via SELECT citus_activate_node(''%s'', %s);', node.nodename, node.nodeport);
    ELSIF NOT copies AND NOT node.shouldhaveshards THEN
        RAISE EXCEPTION USING ERRCODE = '0A000',
            MESSAGE = 'Moving shards to a node that shouldn''t have a shard is not supported',
            HINT = format('Allow shards on the target node via SELECT * FROM citus_set_node_property(''%s'', %s, ''shouldhaveshards'', true);',
                          node.nodename, node.nodeport);
    END IF;
    RETURN node;
END
$$;

-- Locks that say who is moving what. They are not waited for: whoever comes second would go by a plan that is out of date.
CREATE FUNCTION citus_emulation.lock_transfer(relation regclass, shards bigint[], operation text, exclusive boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    free boolean;
    shard bigint;
BEGIN
    free := CASE WHEN exclusive
        THEN pg_try_advisory_xact_lock(citus_emulation.lock_class('placements'), citus_emulation.colocation_id(relation))
        ELSE pg_try_advisory_xact_lock_shared(citus_emulation.lock_class('placements'), citus_emulation.colocation_id(relation)) END;
    FOREACH shard IN ARRAY shards LOOP
        free := free AND pg_try_advisory_xact_lock(citus_emulation.lock_class('shard'), shard::int);
    END LOOP;
    IF NOT free THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000',
            MESSAGE = format('could not acquire the lock required to %s %s', operation, citus_emulation.qualified_name(relation)),
            DETAIL = 'It means that either a concurrent shard move or colocated distributed table creation is happening.',
            HINT = 'Make sure that the concurrent operation has finished and re-run the command';
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.has_placements(shards bigint[], group_asked int)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) = cardinality(shards) FROM pg_dist_placement WHERE shardid = ANY (shards) AND groupid = group_asked;
$$;

-- What stands where a moved shard stood, until it is dropped: a late writer must learn that its row would be lost.
CREATE FUNCTION citus_emulation.refuse_moved()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '40001',
        MESSAGE = format('shard %s was moved to another node', TG_TABLE_NAME), HINT = 'Run the statement again.';
END
$$;

-- Takes several locks that transactions in use may hold in another order. Whoever waited for one while holding another could be waited
-- for in turn; so each attempt is short and gives back what it got. Only when luck stays away for long are they waited for.
CREATE FUNCTION citus_emulation.lock_patiently(commands text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    command text;
    allowed text := current_setting('lock_timeout');
BEGIN
    FOR attempt IN 1 .. 100 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', CASE WHEN attempt < 100 THEN '100ms' ELSE allowed END, true);
            FOREACH command IN ARRAY commands LOOP
                EXECUTE command;
            END LOOP;
            PERFORM set_config('lock_timeout', allowed, true);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 100 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.02 * random());
        END;
    END LOOP;
END
$$;

-- Lets writers that are under way finish and holds back new ones until this transaction ends; readers go on. New writers wait at the
-- coordinator, before they are planned, and go to the shard's new place afterwards.
-- Answers whether this transaction has changed anything on the source.
CREATE FUNCTION citus_emulation.block_writes(shards bigint[], source int, moves boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    shard record;
    changed boolean;
BEGIN
    -- This changes nothing, but takes the lock that is wanted, which LOCK TABLE cannot take on a foreign table.
    PERFORM citus_emulation.lock_patiently(array_agg(format('ALTER TABLE %s ENABLE TRIGGER USER', partition) ORDER BY s))
       FROM unnest(shards) s, citus_emulation.partition_of(s) AS partition
      WHERE partition IS NOT NULL
     HAVING count(*) > 0;
    changed := citus_emulation.remote_value(source, 'SELECT pg_current_xact_id_if_assigned()') IS NOT NULL;
    IF changed THEN
        PERFORM citus_emulation.check_nothing_missed(source);
    END IF;
    FOR shard IN SELECT * FROM citus_emulation.shard_tables(shards) LOOP
        PERFORM citus_emulation.remote(source, CASE WHEN moves
            THEN format('CREATE OR REPLACE TRIGGER citus_emulation_moved BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT '
                        'EXECUTE FUNCTION citus_emulation.refuse_moved()', shard.name)
            ELSE format('LOCK TABLE %s IN SHARE MODE', shard.name) END);
    END LOOP;
    RETURN changed;
END
$$;

-- Whether tables of this node have rows that were committed after `seen`. A table that others cannot see has none; one that cannot be
-- looked at soon may have some.
CREATE FUNCTION citus_emulation.rows_came(tables text[], seen pg_snapshot) RETURNS boolean LANGUAGE plpgsql
SET lock_timeout = '2s' AS $$
DECLARE
    name text;
    found boolean;
BEGIN
    FOREACH name IN ARRAY tables LOOP
        BEGIN
            EXECUTE format('SELECT EXISTS (SELECT FROM ONLY %s WHERE NOT pg_visible_in_snapshot(xmin::text::xid8, $1))', name)
               INTO found USING seen;
        EXCEPTION WHEN undefined_table THEN
            found := false;
        END;
        IF found THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
EXCEPTION WHEN lock_not_available THEN
    RETURN true;
END
$$;

-- Whether rows that this transaction sees in tables of this node were changed or locked by others between `seen` and `current`.
CREATE FUNCTION citus_emulation.rows_went(tables text[], seen pg_snapshot, current pg_snapshot) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    name text;
    found boolean;
BEGIN
    FOREACH name IN ARRAY tables LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM ONLY %s WHERE xmax <> ''0'' AND pg_visible_in_snapshot(xmax::text::xid8, $2)'
                       ' AND NOT pg_visible_in_snapshot(xmax::text::xid8, $1))', name)
           INTO found USING seen, current;
        IF found THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$;

-- What this transaction reads on another node is as of its first use of the node. Rows that others have committed there since would be
-- missing from a copy; so there may be none. To be asked when writers are held back; `since` is when they were.
CREATE FUNCTION citus_emulation.check_nothing_missed(asked int, since timestamptz DEFAULT 'infinity')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
    seen pg_snapshot;
    current pg_snapshot;
    tables text[];
BEGIN
    IF asked = citus_emulation.local_group() OR citus_emulation.remote_value(asked, 'SELECT now()')::timestamptz >= since THEN
        RETURN;
    END IF;
    SELECT * INTO node FROM pg_dist_node WHERE groupid = asked AND noderole = 'primary';
    seen := citus_emulation.remote_value(asked, 'SELECT pg_current_snapshot()');
    current := citus_emulation.outside_value(node.nodename, node.nodeport, 'SELECT pg_current_snapshot()');
    IF EXISTS (SELECT FROM generate_series(pg_snapshot_xmin(seen)::text::bigint, pg_snapshot_xmax(current)::text::bigint - 1) x
                WHERE NOT pg_visible_in_snapshot(x::text::xid8, seen) AND pg_visible_in_snapshot(x::text::xid8, current))
    THEN
        -- Somebody committed something. It may have been autovacuum or the removal of an old shard, so the rows are asked.
        SELECT array_agg(citus_emulation.shard_name(logicalrelid, shardid)) INTO tables
          FROM pg_dist_placement JOIN pg_dist_shard USING (shardid) WHERE groupid = asked;
        IF NOT citus_emulation.outside_value(node.nodename, node.nodeport,
                   format('SELECT citus_emulation.rows_came(%L, %L)', tables, seen))::boolean
           AND NOT citus_emulation.remote_value(asked,
                   format('SELECT citus_emulation.rows_went(%L, %L, %L)', tables, seen, current))::boolean
        THEN
            RETURN;
        END IF;
        RAISE EXCEPTION USING ERRCODE = '40001',
            MESSAGE = format('rows on %s:%s have changed since this transaction first used that node', node.nodename, node.nodeport),
            HINT = 'Run the statement again in a transaction of its own.';
    END IF;
END
$$;

-- Makes copies of shards on another node: tables, rows, foreign keys.
CREATE FUNCTION citus_emulation.copy_shards(shards bigint[], source int, target int, changed boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    shard record;
    file bigint;
BEGIN
    FOR shard IN SELECT * FROM citus_emulation.shard_tables(shards) LOOP
        -- A leftover there of the same name goes now, in this transaction.
        DELETE FROM pg_dist_cleanup WHERE node_group_id = target AND object_name = shard.name;
        PERFORM citus_emulation.create_shard(shard.relation, shard.id, target);
        file := citus_emulation.remote_value(target, format('SELECT pg_relation_filenode(%L)', shard.name));
        PERFORM pg_advisory_xact_lock_shared(citus_emulation.file_key(shard.id, file));
    END LOOP;
    PERFORM citus_emulation.note_progress(shards, 'copying');
    FOR shard IN SELECT * FROM citus_emulation.shard_tables(shards) LOOP
        IF changed THEN
            PERFORM citus_emulation.copy_rows(shard.relation, shard.id, source, target);
        ELSE
            PERFORM citus_emulation.fetch_rows(shard.relation, shard.id, source, target);
        END IF;
    END LOOP;
    PERFORM citus_emulation.note_progress(shards, 'constraints'), citus_emulation.note_progress(shards, 'foreign_keys');
    FOR shard IN SELECT * FROM citus_emulation.shard_tables(shards) LOOP
        PERFORM citus_emulation.create_shard_foreign_keys(shard.relation, shard.id, target),
                citus_emulation.start_taking_notes(shard.relation, ARRAY[shard.id], target);
    END LOOP;
END
$$;

-- The target fetches the rows from the source itself, as they are now.
CREATE FUNCTION citus_emulation.fetch_rows(relation regclass, shard bigint, source int, target int)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text := citus_emulation.stored_columns(relation);
BEGIN
    PERFORM citus_emulation.remote(target, format('INSERT INTO %s (%s) SELECT %2$s FROM citus_emulation.dblink(%L, %L) AS fetched (%s)',
            citus_emulation.placement_name(relation, shard, target), columns,
            citus_emulation.connection_string(n.nodename, n.nodeport),
            format('SELECT %s FROM %s', columns, citus_emulation.placement_name(relation, shard, source)),
            (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
               FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = '')))
       FROM pg_dist_node n WHERE n.groupid = source AND n.noderole = 'primary';
END
$$;

-- By way of this session, which sees what its transaction has changed.
CREATE FUNCTION citus_emulation.copy_rows(relation regclass, shard bigint, source int, target int)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    outgoing text := citus_emulation.open_window('outgoing', relation, shard, source);
    incoming text := citus_emulation.open_window('incoming', relation, shard, target);
BEGIN
    EXECUTE format('INSERT INTO %s (%s) SELECT %2$s FROM %s', incoming, citus_emulation.stored_columns(relation), outgoing);
    PERFORM citus_emulation.close_window('outgoing', shard, source), citus_emulation.close_window('incoming', shard, target);
END
$$;

-- What this session reads a placement through: a foreign table, or the table itself where it is on this node.
CREATE FUNCTION citus_emulation.open_window(purpose text, relation regclass, shard bigint, groupid int)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF groupid = citus_emulation.local_group() THEN
        RETURN citus_emulation.placement_name(relation, shard, groupid);
    END IF;
    PERFORM citus_emulation.create_window(format('%s_%s_%s', purpose, groupid, shard), relation, shard, groupid);
    RETURN format('citus_emulation.%I', format('%s_%s_%s', purpose, groupid, shard));
END
$$;

CREATE FUNCTION citus_emulation.close_window(purpose text, shard bigint, groupid int)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF groupid <> citus_emulation.local_group() THEN
        EXECUTE format('DROP FOREIGN TABLE citus_emulation.%I', format('%s_%s_%s', purpose, groupid, shard));
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.shard_tables(shards bigint[])
RETURNS TABLE (relation regclass, id bigint, name text) LANGUAGE sql STABLE AS $$
    SELECT logicalrelid, shardid, citus_emulation.shard_name(logicalrelid, shardid)
      FROM pg_dist_shard WHERE shardid = ANY (shards) ORDER BY shardid;
$$;
