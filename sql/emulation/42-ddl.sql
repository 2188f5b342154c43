-- Definitions follow: what is done to a distributed or reference table is done to its shards, in the same transaction.
--
-- Nothing is parsed. After a command the catalogs are compared with what the shards are known to have, and the difference is
-- sent. The text of the command is looked at only to know when a parent has to be without its partitions for a moment,
-- because PostgreSQL refuses unique indexes and foreign keys on a table with foreign partitions.

-- A definition has to reach every active node, or none.
CREATE FUNCTION citus_emulation.require_active_nodes() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node int;
BEGIN
    FOR node IN SELECT g FROM citus_emulation.active_groups() g WHERE g <> citus_emulation.local_group() LOOP
        PERFORM citus_emulation.remote_value(node, 'SELECT 1');
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.detach_shards(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text := citus_emulation.begin_internal();
    child record;
BEGIN
    FOR child IN SELECT c.oid::regclass AS name, c.relkind FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = relation LOOP
        -- A foreign table would miss what the command does to the columns; it is made anew afterwards.
        EXECUTE CASE child.relkind WHEN 'f' THEN format('DROP FOREIGN TABLE %s', child.name)
            ELSE format('ALTER TABLE %s DETACH PARTITION %s', relation, child.name) END;
    END LOOP;
    PERFORM citus_emulation.end_internal(before);
END
$$;

-- PostgreSQL would refuse a unique constraint without the partition key as well, but in its own words.
CREATE FUNCTION citus_emulation.check_unique_text(relation name, key name, query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    columns := substring(query FROM format('(?i)create\s+unique\s+index\M.*\mon\s+(?:only\s+)?(?:"?\w+"?\.)?"?%s"?\s*(?:using\s+\w+\s*)?\(([^)]*)\)', relation));
    IF columns IS NOT NULL AND columns !~* format('\m%s\M', key) THEN
        RAISE EXCEPTION 'creating unique indexes on non-partition columns is currently unsupported'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    IF query ~* format('alter\s+table\s+(if\s+exists\s+)?(only\s+)?("?\w+"?\.)?"?%s"?\s', relation) THEN
        columns := substring(query FROM '(?i)\madd\M.*\m(?:unique|primary\s+key)\s*\(([^)]*)\)');
        IF columns IS NOT NULL AND columns !~* format('\m%s\M', key) THEN
            RAISE EXCEPTION 'cannot create constraint on "%"', relation USING ERRCODE = 'feature_not_supported',
                DETAIL = 'Distributed relations cannot have UNIQUE, EXCLUDE, or PRIMARY KEY constraints that do not include the '
                    || 'partition column (with an equality operator if EXCLUDE).';
        END IF;
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.before_definition() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    query text := current_query();
    part record;
    bare text := '';
    key name;
BEGIN
    IF current_setting('citus_emulation.remote', true) = 'on' OR citus_emulation.local_group() <> 0 THEN
        RETURN;
    END IF;
    FOR part IN
        SELECT t.logicalrelid, c.relname FROM pg_dist_partition t JOIN pg_class c ON c.oid = t.logicalrelid
        WHERE t.partmethod = 'h' AND position(lower(c.relname) IN lower(query)) > 0
    LOOP
        key := citus_emulation.distribution_column(part.logicalrelid);
        IF TG_TAG = 'ALTER TABLE' AND query ~* format('alter\s+table\s+(if\s+exists\s+)?(only\s+)?("?\w+"?\.)?"?%s"?\s', part.relname) AND (
            query ~* format('\mdrop\s+(column\s+)?(if\s+exists\s+)?"?%s"?\s*(,|;|$|cascade|restrict)', key)
            OR query ~* format('\malter\s+(column\s+)?"?%s"?\s+(set\s+data\s+)?type\M', key))
        THEN
            RAISE EXCEPTION 'cannot execute ALTER TABLE command involving partition column' USING ERRCODE = 'internal_error';
        END IF;
        PERFORM citus_emulation.check_unique_text(part.relname, key, query);
        IF TG_TAG = 'ALTER TABLE' AND query ~* '\m(add\s+(constraint|primary|unique|foreign|exclude)|references|type|unique|primary)\M'
            OR TG_TAG = 'CREATE TABLE' AND query ~* '\mreferences\M'
            OR TG_TAG = 'CREATE INDEX' AND query ~* '\munique\M'
        THEN
            PERFORM citus_emulation.detach_shards(part.logicalrelid);
            bare := bare || ' ' || part.logicalrelid::oid;
        END IF;
    END LOOP;
    PERFORM set_config('citus_emulation.bare', trim(bare), true);
END
$$;

CREATE FUNCTION citus_emulation.after_definition() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    before text;
    part record;
    bare oid[];
    made record;
BEGIN
    IF current_setting('citus_emulation.remote', true) = 'on' OR citus_emulation.local_group() <> 0 THEN
        RETURN;
    END IF;
    before := citus_emulation.begin_internal();
    bare := string_to_array(nullif(current_setting('citus_emulation.bare', true), ''), ' ')::oid[];
    PERFORM set_config('citus_emulation.bare', '', true);
    IF TG_TAG = 'CREATE TRIGGER' AND EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() c JOIN pg_trigger t ON t.oid = c.objid
        WHERE c.classid = 'pg_trigger'::regclass AND citus_emulation.is_distributed_table(t.tgrelid))
    THEN
        RAISE EXCEPTION 'triggers are not supported on distributed tables' USING ERRCODE = 'internal_error';
    END IF;
    -- Foreign keys to distributed tables are shown, not enforced here.
    FOR made IN
        SELECT c.conrelid::regclass AS owner, c.conname, c AS row FROM pg_constraint c
        WHERE c.contype = 'f' AND EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = c.oid)
            AND (citus_emulation.is_distributed_table(c.confrelid) OR citus_emulation.is_distributed_table(c.conrelid))
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', made.owner, made.conname);
        PERFORM citus_emulation.show_foreign_keys(ARRAY[made.row]);
    END LOOP;
    FOR part IN
        SELECT t.logicalrelid, t.partmethod FROM pg_dist_partition t
        WHERE EXISTS (SELECT FROM citus_emulation.remembered_table r WHERE r.relation = t.logicalrelid)
    LOOP
        PERFORM citus_emulation.follow_definition(part.logicalrelid, part.logicalrelid = ANY (coalesce(bare, '{}')));
    END LOOP;
    FOR part IN SELECT t.logicalrelid FROM pg_dist_partition t WHERE t.logicalrelid = ANY (bare) LOOP
        PERFORM citus_emulation.attach_partitions(part.logicalrelid, part.logicalrelid);
    END LOOP;
    IF TG_TAG IN ('CREATE TABLE', 'ALTER TABLE') THEN
        FOR made IN
            SELECT DISTINCT c.confrelid FROM pg_constraint c
            WHERE c.contype = 'f' AND citus_emulation.is_reference_table(c.confrelid)
                AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = c.conrelid)
        LOOP
            PERFORM citus_emulation.add_tied_local_tables(made.confrelid);
        END LOOP;
    END IF;
    PERFORM citus_emulation.end_internal(before);
END
$$;

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
    PERFORM citus_emulation.ensure_foreign_keys_fit(relation, key, part.colocationid);
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
        ELSIF (constraint_change.row).contype = 'c' THEN
            commands := commands || format('ALTER TABLE %1$s DROP CONSTRAINT IF EXISTS %2$I, DROP CONSTRAINT IF EXISTS %3$I,
                ADD CONSTRAINT %4$I %5$s', shard, constraint_change.old_name,
                citus_emulation.numbered_name(constraint_change.old_name, shardid),
                CASE groupid WHEN citus_emulation.local_group() THEN constraint_change.new_name
                    ELSE citus_emulation.numbered_name(constraint_change.new_name, shardid) END, constraint_change.definition);
        ELSE
            commands := commands || format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', shard,
                citus_emulation.numbered_name(constraint_change.old_name, shardid),
                citus_emulation.numbered_name(constraint_change.new_name, shardid));
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

-- A colocation group ends with its last table.
CREATE FUNCTION citus_emulation.end_colocation_if_empty(colocation int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_dist_partition WHERE colocationid = colocation) THEN
        RETURN;
    END IF;
    DELETE FROM pg_dist_colocation WHERE colocationid = colocation AND distributioncolumntype <> 0;
END
$$;

CREATE FUNCTION citus_emulation.after_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    before text;
    dropped record;
    node record;
    changed regclass;
BEGIN
    IF current_setting('citus_emulation.remote', true) = 'on' OR citus_emulation.local_group() <> 0 THEN
        RETURN;
    END IF;
    before := citus_emulation.begin_internal();
    FOR dropped IN
        SELECT t.logicalrelid::oid AS relation, t.partmethod, t.colocationid, r.schema, r.name, d.storage
        FROM pg_event_trigger_dropped_objects() o JOIN pg_dist_partition t ON t.logicalrelid = o.objid
        LEFT JOIN citus_emulation.remembered_table r ON r.relation = o.objid
        LEFT JOIN citus_emulation.local_data d ON d.relation = o.objid
        WHERE o.classid = 'pg_class'::regclass AND o.objsubid = 0
    LOOP
        IF dropped.name IS NOT NULL THEN
            PERFORM citus_emulation.require_active_nodes();
            FOR node IN
                SELECT p.groupid, string_agg(format('DROP TABLE IF EXISTS %I.%I CASCADE', dropped.schema,
                    citus_emulation.numbered_name(dropped.name, s.shardid)), '; ') AS commands
                FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid) JOIN pg_dist_node n USING (groupid)
                WHERE s.logicalrelid = dropped.relation AND p.groupid <> citus_emulation.local_group() AND n.isactive
                GROUP BY p.groupid ORDER BY p.groupid
            LOOP
                PERFORM citus_emulation.remote(node.groupid, node.commands);
            END LOOP;
        END IF;
        PERFORM citus_emulation.forget_local_table(dropped.relation), citus_emulation.forget(dropped.relation),
            citus_emulation.end_colocation_if_empty(dropped.colocationid);
        DELETE FROM citus_emulation.local_data WHERE relation = dropped.relation;
        IF to_regclass(format('citus_emulation.%I', 'local_data_' || dropped.relation)) IS NOT NULL THEN
            EXECUTE format('DROP TABLE citus_emulation.%I', 'local_data_' || dropped.relation);
        END IF;
    END LOOP;
    -- An index or a column that went without its table.
    FOR changed IN SELECT t.logicalrelid FROM pg_dist_partition t JOIN citus_emulation.remembered_table r ON r.relation = t.logicalrelid LOOP
        PERFORM citus_emulation.follow_definition(changed, false);
    END LOOP;
    PERFORM citus_emulation.end_internal(before);
END
$$;

CREATE EVENT TRIGGER citus_emulation_before ON ddl_command_start
WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE', 'CREATE INDEX')
EXECUTE FUNCTION citus_emulation.before_definition();
CREATE EVENT TRIGGER citus_emulation_after ON ddl_command_end
WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE', 'CREATE INDEX', 'ALTER INDEX', 'CREATE TRIGGER')
EXECUTE FUNCTION citus_emulation.after_definition();
CREATE EVENT TRIGGER citus_emulation_drop ON sql_drop
WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP INDEX')
EXECUTE FUNCTION citus_emulation.after_drop();
