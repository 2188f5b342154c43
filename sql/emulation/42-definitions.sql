-- Definitions follow: the difference between what a table is and what its shards are known to have.

-- What Citus refuses in a changed definition.
CREATE FUNCTION citus_emulation.check_definition(relation regclass) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog AS $$
#variable_conflict use_variable
DECLARE
    part pg_dist_partition;
    key smallint;
BEGIN
    SELECT * INTO part FROM pg_dist_partition WHERE logicalrelid = relation;
    IF EXISTS (
        SELECT FROM citus_emulation.current_columns(relation) c JOIN pg_attrdef d ON d.adrelid = relation AND d.adnum = c.number
        WHERE pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%'
            AND NOT EXISTS (SELECT FROM citus_emulation.remembered_column r WHERE r.relation = c.relation AND r.number = c.number))
    THEN
        RAISE EXCEPTION 'cannot execute ADD COLUMN commands involving serial pseudotypes when metadata is synchronized to workers'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    IF part.partmethod <> 'h' THEN
        RETURN;
    END IF;
    SELECT attnum INTO key FROM pg_attribute WHERE attrelid = relation AND attname = citus_emulation.distribution_column(relation);
    IF EXISTS (
        SELECT FROM citus_emulation.current_indexes(relation) c JOIN pg_index i ON i.indexrelid = c.index
        WHERE i.indisunique AND key <> ALL ((i.indkey::smallint[])[0:i.indnkeyatts - 1]))
    THEN
        RAISE EXCEPTION 'creating unique indexes on non-partition columns is currently unsupported'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    PERFORM citus_emulation.ensure_unique_constraints_fit(relation, key);
    PERFORM citus_emulation.ensure_foreign_keys_fit(relation, key, part.colocationid, part.repmodel = 'c');
END
$$;

-- The commands that bring one placement from the remembered definition to the present one. To a partition on the coordinator
-- PostgreSQL has done all of it already, but for the foreign keys.
CREATE FUNCTION citus_emulation.definition_commands(relation regclass, shardid bigint, groupid int, keys_only boolean) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog AS $$
#variable_conflict use_variable
DECLARE
    shard text := citus_emulation.shard_name(relation, shardid);
    old_table citus_emulation.remembered_table;
    new_table citus_emulation.remembered_table;
    commands text[] := '{}';
    column_change record;
    index_change record;
    constraint_change record;
BEGIN
    SELECT * INTO old_table FROM citus_emulation.remembered_table r WHERE r.relation = definition_commands.relation;
    SELECT oid, citus_emulation.schema_name(relnamespace), relname INTO new_table FROM pg_class WHERE oid = relation;
    IF old_table.schema <> new_table.schema THEN
        commands := commands || format('CREATE SCHEMA IF NOT EXISTS %I', new_table.schema)
            || format('ALTER TABLE %I.%I SET SCHEMA %I', old_table.schema,
                citus_emulation.numbered_name(old_table.name, shardid), new_table.schema);
    END IF;
    IF old_table.name <> new_table.name THEN
        commands := commands || format('ALTER TABLE %I.%I RENAME TO %I', new_table.schema,
            citus_emulation.numbered_name(old_table.name, shardid), citus_emulation.numbered_name(new_table.name, shardid));
    END IF;
    -- Constraints and indexes that are gone, before their columns go.
    FOR constraint_change IN
        SELECT r.name, r.definition FROM citus_emulation.remembered_constraint r
        WHERE r.relation = definition_commands.relation
            AND NOT EXISTS (SELECT FROM citus_emulation.current_constraints(relation) c WHERE c.id = r.id)
    LOOP
        CONTINUE WHEN keys_only AND constraint_change.definition NOT LIKE 'FOREIGN KEY%';
        commands := commands || format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', shard,
            citus_emulation.numbered_name(constraint_change.name, shardid));
        -- A check that was there before the table was distributed bears no number, as on Citus.
        IF constraint_change.definition LIKE 'CHECK%' THEN
            commands := commands || format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', shard, constraint_change.name);
        END IF;
    END LOOP;
    FOR index_change IN
        SELECT r.schema, r.name FROM citus_emulation.remembered_index r
        WHERE r.relation = definition_commands.relation
            AND NOT EXISTS (SELECT FROM citus_emulation.current_indexes(relation) c WHERE c.index = r.index)
    LOOP
        EXIT WHEN keys_only;
        commands := commands || format('DROP INDEX IF EXISTS %I.%I', new_table.schema, citus_emulation.numbered_name(index_change.name, shardid));
    END LOOP;
    FOR column_change IN
        SELECT old.name AS old_name, new.name AS new_name, old.type AS old_type, new.type AS new_type,
            old.required AS old_required, new.required AS new_required, old.fallback AS old_fallback, new.fallback AS new_fallback,
            coalesce(new.number, old.number) AS number
        FROM (SELECT * FROM citus_emulation.remembered_column r WHERE r.relation = definition_commands.relation) old
        FULL JOIN citus_emulation.current_columns(relation) new ON new.number = old.number
        WHERE (old.name, old.type, old.required, old.fallback) IS DISTINCT FROM (new.name, new.type, new.required, new.fallback)
        ORDER BY (new.name IS NOT NULL), number
    LOOP
        EXIT WHEN keys_only;
        IF column_change.new_name IS NULL THEN
            commands := commands || format('ALTER TABLE %s DROP COLUMN IF EXISTS %I CASCADE', shard, column_change.old_name);
            CONTINUE;
        END IF;
        IF column_change.old_name IS NULL THEN
            commands := commands || citus_emulation.type_commands(relation)
                || format('ALTER TABLE %s ADD COLUMN %s', shard, citus_emulation.column_definition(relation, column_change.number));
            CONTINUE;
        END IF;
        IF column_change.old_name <> column_change.new_name THEN
            commands := commands || format('ALTER TABLE %s RENAME COLUMN %I TO %I', shard, column_change.old_name, column_change.new_name);
        END IF;
        IF column_change.old_type <> column_change.new_type THEN
            commands := commands || format('ALTER TABLE %1$s ALTER COLUMN %2$I TYPE %3$s USING %2$I::%3$s', shard,
                column_change.new_name, column_change.new_type);
        END IF;
        IF column_change.old_required <> column_change.new_required THEN
            commands := commands || format('ALTER TABLE %s ALTER COLUMN %I %s NOT NULL', shard, column_change.new_name,
                CASE WHEN column_change.new_required THEN 'SET' ELSE 'DROP' END);
        END IF;
        IF column_change.old_fallback IS DISTINCT FROM column_change.new_fallback THEN
            commands := commands || format('ALTER TABLE %s ALTER COLUMN %I %s', shard, column_change.new_name,
                coalesce('SET DEFAULT ' || column_change.new_fallback, 'DROP DEFAULT'));
        END IF;
    END LOOP;
    FOR index_change IN
        SELECT old.name AS old_name, new.name AS new_name, new.index
        FROM citus_emulation.current_indexes(relation) new LEFT JOIN citus_emulation.remembered_index old ON old.index = new.index
        WHERE old.name IS DISTINCT FROM new.name ORDER BY new.index
    LOOP
        EXIT WHEN keys_only;
        commands := commands || CASE WHEN index_change.old_name IS NULL
            THEN citus_emulation.index_definition(index_change.index, citus_emulation.numbered_name(index_change.new_name, shardid), shard)
            ELSE format('ALTER INDEX IF EXISTS %I.%I RENAME TO %I', new_table.schema,
                citus_emulation.numbered_name(index_change.old_name, shardid), citus_emulation.numbered_name(index_change.new_name, shardid)) END;
    END LOOP;
    FOR constraint_change IN
        SELECT old.name AS old_name, new.name AS new_name, new.definition, c AS row
        FROM citus_emulation.current_constraints(relation) new JOIN pg_constraint c ON c.oid = new.id
        LEFT JOIN citus_emulation.remembered_constraint old ON old.id = new.id
        WHERE old.name IS DISTINCT FROM new.name ORDER BY c.contype DESC, new.id
    LOOP
        CONTINUE WHEN keys_only AND (constraint_change.row).contype <> 'f';
        IF constraint_change.old_name IS NULL THEN
            commands := commands || format('ALTER TABLE %s ADD CONSTRAINT %I %s', shard,
                -- A partition on the coordinator has to have its parent's checks by name.
                CASE WHEN (constraint_change.row).contype = 'c' AND groupid = citus_emulation.local_group() THEN constraint_change.new_name
                    ELSE citus_emulation.numbered_name(constraint_change.new_name, shardid) END,
                CASE (constraint_change.row).contype WHEN 'f'
                    THEN citus_emulation.foreign_key_definition(constraint_change.row, shardid, groupid)
                    ELSE constraint_change.definition END);
        ELSE
            RAISE EXCEPTION 'renaming constraints belonging to distributed tables is currently unsupported'
                USING ERRCODE = 'feature_not_supported';
        END IF;
    END LOOP;
    RETURN array_to_string(commands, '; ');
END
$$;

CREATE FUNCTION citus_emulation.follow_definition(relation regclass, detached boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node record;
    told boolean := false;
    shard record;
BEGIN
    FOR node IN
        SELECT p.groupid, string_agg(d.commands, '; ' ORDER BY s.shardid) AS commands
        FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid)
        JOIN pg_dist_node n ON n.groupid = p.groupid AND n.isactive
        JOIN pg_dist_partition t USING (logicalrelid)
        CROSS JOIN LATERAL citus_emulation.definition_commands(relation, s.shardid, p.groupid,
            p.groupid = citus_emulation.local_group() AND NOT detached) AS d (commands)
        -- A reference table on the coordinator is the table itself.
        WHERE s.logicalrelid = relation AND (p.groupid <> citus_emulation.local_group() OR t.partmethod = 'h')
        GROUP BY p.groupid ORDER BY p.groupid
    LOOP
        CONTINUE WHEN node.commands ~ '^[; ]*$';
        IF NOT told THEN
            PERFORM citus_emulation.check_definition(relation);
            PERFORM citus_emulation.require_active_nodes();
            told := true;
        END IF;
        PERFORM citus_emulation.remote(node.groupid, node.commands);
    END LOOP;
    IF NOT told THEN
        RETURN;
    END IF;
    -- The foreign tables bear the shards' names.
    FOR shard IN
        SELECT citus_emulation.numbered_name(r.name, s.shardid) AS old_name, citus_emulation.numbered_name(c.relname, s.shardid) AS new_name,
            citus_emulation.schema_name(c.relnamespace) AS schema
        FROM pg_dist_shard s JOIN citus_emulation.remembered_table r ON r.relation = s.logicalrelid JOIN pg_class c ON c.oid = s.logicalrelid
        WHERE s.logicalrelid = follow_definition.relation AND (r.name <> c.relname OR r.schema <> citus_emulation.schema_name(c.relnamespace))
            AND to_regclass(format('citus_emulation.%I', citus_emulation.numbered_name(r.name, s.shardid))) IS NOT NULL
    LOOP
        EXECUTE format('ALTER FOREIGN TABLE citus_emulation.%I OPTIONS (SET schema_name %L, SET table_name %L)',
            shard.old_name, shard.schema, shard.new_name);
        IF shard.old_name <> shard.new_name THEN
            EXECUTE format('ALTER FOREIGN TABLE citus_emulation.%I RENAME TO %I', shard.old_name, shard.new_name);
        END IF;
    END LOOP;
    PERFORM citus_emulation.remember(relation);
END
$$;
