-- Reference tables. The coordinator's own table is its placement; triggers repeat every write on the other nodes' copies in
-- the same transaction, one command a node and statement.

CREATE FUNCTION citus_emulation.copy_reference_table(relation regclass, shardid bigint, groupid int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    view_name name := format('window_%s_%s', shardid, groupid);
    columns text := citus_emulation.stored_columns(relation);
BEGIN
    PERFORM citus_emulation.create_shard(relation, shardid, groupid);
    PERFORM citus_emulation.create_window(view_name, relation, shardid, groupid);
    EXECUTE format('INSERT INTO citus_emulation.%I (%s) SELECT %s FROM %s', view_name, columns, columns,
        citus_emulation.qualified_name(relation));
    EXECUTE format('DROP FOREIGN TABLE citus_emulation.%I', view_name);
    PERFORM citus_emulation.create_shard_foreign_keys(relation, shardid, groupid);
    INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid) VALUES (shardid, 1, 0, groupid);
END
$$;

-- Nodes that were added after a reference table get their copies when shards are about to need them.
CREATE FUNCTION citus_emulation.replicate_reference_tables() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text := citus_emulation.begin_internal();
    missing record;
BEGIN
    FOR missing IN
        SELECT s.logicalrelid, s.shardid, n.groupid FROM pg_dist_partition t JOIN pg_dist_shard s USING (logicalrelid), pg_dist_node n
        WHERE t.partmethod = 'n' AND t.repmodel = 't' AND n.isactive AND n.noderole = 'primary' AND n.groupid <> 0
            AND NOT EXISTS (SELECT FROM pg_dist_placement p WHERE p.shardid = s.shardid AND p.groupid = n.groupid)
        ORDER BY s.shardid, n.groupid
    LOOP
        EXECUTE format('LOCK TABLE %s IN EXCLUSIVE MODE', citus_emulation.qualified_name(missing.logicalrelid));
        PERFORM citus_emulation.copy_reference_table(missing.logicalrelid, missing.shardid, missing.groupid);
    END LOOP;
    PERFORM citus_emulation.end_internal(before);
END
$$;

CREATE FUNCTION pg_catalog.replicate_reference_tables(shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    PERFORM citus_emulation.replicate_reference_tables();
END
$$;

-- Local tables that foreign keys tie to a reference table get into the catalogs, as Citus puts them there.
CREATE FUNCTION citus_emulation.add_tied_local_tables(relation regclass) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    tied record;
    id bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0)
        OR coalesce(current_setting('citus.enable_local_reference_table_foreign_keys', true), '') IN ('off', 'false', '0')
    THEN
        RETURN;
    END IF;
    FOR tied IN
        WITH RECURSIVE reached (relation) AS (
            SELECT relation::oid
            UNION
            SELECT CASE WHEN c.conrelid = r.relation THEN c.confrelid ELSE c.conrelid END
            FROM reached r JOIN pg_constraint c ON c.contype = 'f' AND r.relation IN (c.conrelid, c.confrelid)
            WHERE NOT citus_emulation.is_distributed_table(CASE WHEN c.conrelid = r.relation THEN c.confrelid ELSE c.conrelid END)
        )
        SELECT r.relation::regclass AS name FROM reached r JOIN pg_class c ON c.oid = r.relation
        WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = r.relation) AND c.relkind = 'r' AND NOT c.relispartition ORDER BY r.relation
    LOOP
        RAISE NOTICE 'local tables that are added to metadata automatically by citus, but not chained with reference tables via '
            'foreign keys might be automatically converted back to postgres tables'
        USING HINT = format('Executing citus_add_local_table_to_metadata($$%s$$) prevents this for the given relation, and all of '
            || 'the connected relations', citus_emulation.qualified_name(tied.name));
        id := nextval('pg_catalog.pg_dist_shardid_seq');
        INSERT INTO pg_dist_partition VALUES (tied.name, 'n', NULL, 0, 's', true);
        INSERT INTO pg_dist_shard VALUES (tied.name, id, 't', NULL, NULL);
        INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid) VALUES (id, 1, 0, 0);
    END LOOP;
END
$body$;

CREATE FUNCTION pg_catalog.create_reference_table(table_name regclass) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    before text;
    colocation int;
    id bigint;
    workers int;
    node record;
    filled boolean;
    was_known boolean;
    qualified text := citus_emulation.qualified_name(table_name);
BEGIN
    IF table_name IS NULL THEN
        RETURN;
    END IF;
    PERFORM citus_emulation.ensure_table_can_be_converted(table_name);
    before := citus_emulation.begin_internal();
    EXECUTE format('LOCK TABLE %s IN EXCLUSIVE MODE', qualified);
    LOCK TABLE pg_dist_node IN SHARE MODE;
    PERFORM citus_emulation.add_coordinator_if_alone();
    IF EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = table_name AND c.contype = 'f'
        AND citus_emulation.is_distributed_table(c.confrelid))
    THEN
        PERFORM citus_emulation.ensure_foreign_keys_fit(table_name, NULL, NULL, false);
    END IF;
    PERFORM citus_emulation.replicate_reference_tables();
    SELECT colocationid INTO colocation FROM pg_dist_colocation WHERE distributioncolumntype = 0 AND shardcount = 1;
    IF NOT FOUND THEN
        colocation := nextval('pg_catalog.pg_dist_colocationid_seq');
        INSERT INTO pg_dist_colocation VALUES (colocation, 1, -1, 0, 0);
    END IF;
    -- A table that was known as a local one keeps its shard's number.
    SELECT shardid INTO id FROM pg_dist_shard WHERE logicalrelid = table_name;
    was_known := FOUND;
    IF was_known THEN
        PERFORM citus_emulation.forget_local_table(table_name);
    ELSE
        id := nextval('pg_catalog.pg_dist_shardid_seq');
    END IF;
    INSERT INTO pg_dist_partition VALUES (table_name, 'n', NULL, colocation, 't', false);
    INSERT INTO pg_dist_shard VALUES (table_name, id, 't', NULL, NULL);
    INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
    SELECT id, 1, 0, 0 FROM pg_dist_node WHERE groupid = 0;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', qualified) INTO filled;
    IF filled THEN
        RAISE NOTICE 'Copying data from local table...';
    END IF;
    FOR node IN SELECT groupid FROM citus_emulation.active_groups() AS groupid WHERE groupid <> 0 LOOP
        PERFORM citus_emulation.copy_reference_table(table_name, id, node.groupid);
    END LOOP;
    PERFORM citus_emulation.repeat_writes(table_name);
    PERFORM citus_emulation.remember(table_name);
    IF filled AND NOT was_known THEN
        RAISE NOTICE 'copying the data has completed' USING
            DETAIL = 'The local data in the table is no longer visible, but is still on disk.',
            HINT = format('To remove the local data, run: SELECT truncate_local_data_after_distributing_table($$%s$$)', qualified);
    END IF;
    PERFORM citus_emulation.add_tied_local_tables(table_name);
    PERFORM citus_emulation.end_internal(before);
END
$body$;

-- The triggers that repeat writes. `citus_reference` is their prefix, so that undistributing finds them.
CREATE FUNCTION citus_emulation.repeat_writes(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    qualified text := citus_emulation.qualified_name(relation);
BEGIN
    EXECUTE format('CREATE TRIGGER citus_reference_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION citus_emulation.repeat_write()', qualified);
    EXECUTE format('CREATE TRIGGER citus_reference_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION citus_emulation.repeat_write()', qualified);
    EXECUTE format('CREATE TRIGGER citus_reference_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
        FOR EACH STATEMENT EXECUTE FUNCTION citus_emulation.repeat_write()', qualified);
    EXECUTE format('CREATE TRIGGER citus_reference_truncate AFTER TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION citus_emulation.repeat_write()', qualified);
END
$$;

CREATE FUNCTION citus_emulation.stop_repeating_writes(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name name;
BEGIN
    FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = relation AND tgname LIKE 'citus\_reference\_%' AND NOT tgisinternal LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', name, citus_emulation.qualified_name(relation));
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.repeat_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- On a placement of a distributed shard the trigger says which it is; it bears the same name everywhere.
    is_placement constant boolean := TG_NARGS > 0;
    shard bigint := CASE WHEN is_placement THEN TG_ARGV[0]::bigint ELSE (SELECT shardid FROM pg_dist_shard WHERE logicalrelid = TG_RELID) END;
    copy text := CASE WHEN is_placement THEN format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) ELSE citus_emulation.shard_name(TG_RELID, shard) END;
    columns text := citus_emulation.stored_columns(TG_RELID);
    matching text;
    rows text;
    command text;
    node int;
BEGIN
    -- What comes by way of the command view is a repeated write itself, or a copy of the whole shard.
    IF is_placement AND pg_trigger_depth() > 1 THEN
        RETURN NULL;
    END IF;
    IF is_placement AND TG_OP = 'INSERT' THEN
        -- COPY comes row by row: whoever sends them on makes one command of them all.
        SELECT string_agg(format('(%L::%s)', (citus_row.*)::text, copy), ', ') INTO rows FROM new_rows AS citus_row;
        PERFORM citus_emulation.take_note(shard, 'rows', coalesce(rows, ''));
        RETURN NULL;
    END IF;
    SELECT string_agg(format('t.%1$I = (v.old_row).%1$I', a.attname), ' AND ') INTO matching
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = TG_RELID AND i.indisprimary;
    -- Without a key, equal rows are told apart by their number among their equals.
    IF TG_OP = 'TRUNCATE' THEN
        command := format('TRUNCATE %s CASCADE', copy);
    ELSIF TG_OP = 'INSERT' THEN
        SELECT string_agg(format('(%L::%s)', (citus_row.*)::text, copy), ', ') INTO rows FROM new_rows AS citus_row;
        command := format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (VALUES %s) AS v (new_row)', copy, columns,
            citus_emulation.prefixed_columns(TG_RELID, '(v.new_row).'), rows);
    ELSIF TG_OP = 'DELETE' THEN
        SELECT string_agg(format('(%L::%s, %s)', o.value, copy, o.number), ', ') INTO rows
        FROM (SELECT (citus_row.*)::text AS value, row_number() OVER (PARTITION BY (citus_row.*)::text) AS number FROM old_rows AS citus_row) o;
        command := CASE WHEN matching IS NOT NULL
            THEN format('DELETE FROM %s AS t USING (VALUES %s) AS v (old_row, number) WHERE %s', copy, rows, matching)
            ELSE format('DELETE FROM %1$s AS d USING (SELECT ctid, (t.*)::text AS value, row_number() OVER (PARTITION BY (t.*)::text) AS number
                FROM %1$s AS t) AS t, (VALUES %2$s) AS v (old_row, number)
                WHERE d.ctid = t.ctid AND t.value = (v.old_row)::text AND t.number = v.number', copy, rows) END;
    ELSE
        SELECT string_agg(format('(%L::%s, %L::%s, %s)', o.value, copy, n.value, copy, o.number), ', ') INTO rows
        -- Places are counted before rows are sorted for their numbers.
        FROM (SELECT value, row_number() OVER (PARTITION BY value) AS number, place
            FROM (SELECT (citus_row.*)::text AS value, row_number() OVER () AS place FROM old_rows AS citus_row) placed) o
        JOIN (SELECT (citus_row.*)::text AS value, row_number() OVER () AS place FROM new_rows AS citus_row) n USING (place)
        WHERE is_placement OR o.value <> n.value;
        command := CASE WHEN matching IS NOT NULL
            THEN format('UPDATE %s AS t SET (%s) = ROW(%s) FROM (VALUES %s) AS v (old_row, new_row, number) WHERE %s', copy, columns,
                citus_emulation.prefixed_columns(TG_RELID, '(v.new_row).'), rows, matching)
            ELSE format('UPDATE %1$s AS d SET (%2$s) = ROW(%3$s)
                FROM (SELECT ctid, (t.*)::text AS value, row_number() OVER (PARTITION BY (t.*)::text) AS number FROM %1$s AS t) AS t,
                    (VALUES %4$s) AS v (old_row, new_row, number)
                WHERE d.ctid = t.ctid AND t.value = (v.old_row)::text AND t.number = v.number', copy, columns,
                citus_emulation.prefixed_columns(TG_RELID, '(v.new_row).'), rows) END;
    END IF;
    IF TG_OP <> 'TRUNCATE' AND rows IS NULL THEN
        -- Nothing changed, but a write needs every placement all the same. Those of a shard have been asked already.
        command := CASE WHEN is_placement THEN '' ELSE 'SELECT 1' END;
    END IF;
    IF is_placement THEN
        PERFORM citus_emulation.take_note(shard, 'command', command);
        RETURN NULL;
    END IF;
    PERFORM citus_emulation.require_first_worker();
    FOR node IN
        SELECT p.groupid FROM pg_dist_placement p JOIN pg_dist_node n USING (groupid)
        WHERE p.shardid = shard AND p.groupid <> 0 AND n.isactive ORDER BY n.nodename, n.nodeport
    LOOP
        PERFORM citus_emulation.remote(node, command);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION citus_emulation.prefixed_columns(relation regclass, prefix text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT string_agg(prefix || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
END
$$;
