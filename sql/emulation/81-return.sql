-- The way back of what create_distributed_table does to a table.

-- The commands that put back on an ordinary table what a distributed one has differently, or only on its shards.
CREATE FUNCTION citus_emulation.constraint_commands(relation regclass)
RETURNS text[] LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(array_agg(command ORDER BY rank, name), '{}')
      FROM (SELECT 1 AS rank, conname::text AS name,
                   format('ALTER TABLE %s ADD CONSTRAINT %I %s', citus_emulation.qualified_name(relation), conname,
                          pg_get_constraintdef(oid)) AS command
              FROM pg_constraint WHERE conrelid = relation AND contype IN ('p', 'u')
            UNION ALL
            SELECT 2, x.name, format('ALTER TABLE %s ADD CONSTRAINT %I %s', citus_emulation.qualified_name(relation), x.name, x.definition)
              FROM citus_emulation.exclusions_of_shards(relation) x
            UNION ALL
            SELECT 3, c.relname, citus_emulation.index_definition(i.indexrelid, c.relname, citus_emulation.qualified_name(relation))
              FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             WHERE i.indrelid = relation
               AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))) parts;
$$;

-- Exclusion constraints, which a partitioned table cannot even show.
CREATE FUNCTION citus_emulation.exclusions_of_shards(relation regclass)
RETURNS TABLE (name text, definition text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    shard record;
BEGIN
    SELECT s.shardid, p.groupid, citus_emulation.shard_name(relation, s.shardid) AS name INTO shard
      FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid)
     WHERE s.logicalrelid = relation ORDER BY s.shardid LIMIT 1;
    RETURN QUERY
        SELECT regexp_replace(e ->> 0, '_' || shard.shardid || '$', ''), e ->> 1
          FROM jsonb_array_elements(citus_emulation.remote_value(shard.groupid, format(
              'SELECT coalesce(jsonb_agg(jsonb_build_array(conname, pg_get_constraintdef(oid))), ''[]'') FROM pg_constraint '
              'WHERE conrelid = %L::regclass AND contype = ''x''', shard.name))::jsonb) e;
END
$$;

CREATE FUNCTION citus_emulation.undistribute_sharded(relation regclass, quiet boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    qualified text := citus_emulation.qualified_name(relation);
    columns text := citus_emulation.stored_columns(relation);
    commands text[] := citus_emulation.constraint_commands(relation);
    command text;
    empty_table regclass;
    windows regclass[];
    held regclass;
BEGIN
    PERFORM citus_emulation.conversion_notice('creating a new table for %s', qualified, quiet);
    windows := citus_emulation.take_off_shards(relation);
    EXECUTE format('CREATE TABLE citus_emulation.%I (LIKE %s INCLUDING STORAGE INCLUDING COMPRESSION)',
                   'returned_' || relation::oid, qualified);
    empty_table := format('citus_emulation.%I', 'returned_' || relation::oid)::regclass;
    PERFORM citus_emulation.exchange_storage(empty_table, relation, attnum)
       FROM pg_attribute
      WHERE attrelid = empty_table AND attname = citus_emulation.distribution_column(relation);
    EXECUTE format('DROP TABLE %s', empty_table);

    PERFORM citus_emulation.conversion_notice('moving the data of %s', qualified, quiet);
    EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE %s', qualified, columns,
                   (SELECT string_agg(format('SELECT %s FROM %s', columns, w), ' UNION ALL ') FROM unnest(windows) w));

    PERFORM citus_emulation.conversion_notice('dropping the old %s', qualified, quiet);
    PERFORM citus_emulation.drop_placements(relation), citus_emulation.drop_stale_partitions();
    DELETE FROM citus_emulation.local_data d WHERE d.relation = undistribute_sharded.relation RETURNING d.storage INTO held;
    IF held IS NOT NULL THEN
        EXECUTE format('DROP TABLE %s', held);
    END IF;
    PERFORM citus_emulation.conversion_notice('renaming the new table to %s', qualified, quiet);
    FOREACH command IN ARRAY commands LOOP
        EXECUTE command;
    END LOOP;
END
$$;

-- Takes from a distributed table its partitions, guards and indexes; answers the partitions.
CREATE FUNCTION citus_emulation.take_off_shards(relation regclass)
RETURNS regclass[] LANGUAGE plpgsql AS $$
DECLARE
    qualified text := citus_emulation.qualified_name(relation);
    windows regclass[];
    partition regclass;
    name name;
    index regclass;
BEGIN
    SELECT array_agg(inhrelid::regclass ORDER BY inhrelid) INTO windows FROM pg_inherits WHERE inhparent = relation;
    FOREACH partition IN ARRAY windows LOOP
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', qualified, partition);
    END LOOP;
    -- The guards are whatever triggers and statistics of ours there are.
    FOR name IN
        SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
         WHERE t.tgrelid = relation AND NOT t.tgisinternal AND p.pronamespace = 'citus_emulation'::regnamespace
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', name, qualified);
    END LOOP;
    FOR name IN
        SELECT stxname FROM pg_statistic_ext WHERE stxrelid = relation AND stxnamespace = 'citus_emulation'::regnamespace
    LOOP
        EXECUTE format('DROP STATISTICS citus_emulation.%I', name);
    END LOOP;
    FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = relation AND contype IN ('p', 'u', 'x') LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', qualified, name);
    END LOOP;
    FOR index IN SELECT indexrelid FROM pg_index WHERE indrelid = relation LOOP
        EXECUTE format('DROP INDEX %s', index);
    END LOOP;
    RETURN windows;
END
$$;
