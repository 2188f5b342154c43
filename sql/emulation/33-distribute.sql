-- create_distributed_table, create_reference_table and what they check.

CREATE FUNCTION citus_emulation.relation_name(relation oid) RETURNS name LANGUAGE sql STABLE AS $$
    SELECT relname FROM pg_class WHERE oid = relation
$$;

CREATE FUNCTION citus_emulation.is_reference_table(relation oid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation AND partmethod = 'n' AND repmodel = 't')
$$;
CREATE FUNCTION citus_emulation.is_distributed_table(relation oid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation AND partmethod = 'h')
$$;
CREATE FUNCTION citus_emulation.is_local_table(relation oid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation AND partmethod = 'n' AND repmodel <> 't')
$$;

-- Refusals that hold for every kind of Citus table.
CREATE FUNCTION citus_emulation.ensure_table_can_be_converted(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    class pg_class;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    SELECT * INTO class FROM pg_class WHERE oid = relation;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'could not create Citus table: relation does not exist' USING ERRCODE = 'internal_error';
    END IF;
    IF class.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) THEN
        RAISE EXCEPTION 'cannot create a citus table from a catalog table' USING ERRCODE = 'feature_not_supported';
    END IF;
    IF citus_emulation.is_distributed_table(relation) OR citus_emulation.is_reference_table(relation) THEN
        RAISE EXCEPTION 'table "%" is already distributed', class.relname USING ERRCODE = 'invalid_table_definition';
    END IF;
    IF class.relispartition THEN
        RAISE EXCEPTION 'cannot distribute relation "%" which is partition of "%"', class.relname,
            (SELECT citus_emulation.relation_name(inhparent) FROM pg_inherits WHERE inhrelid = relation)
        USING ERRCODE = 'internal_error', DETAIL = 'Citus does not support distributing partitions if their parent is not distributed table.';
    END IF;
    IF class.relkind IN ('p', 'f') THEN
        RAISE EXCEPTION 'distributing partitioned and foreign tables is not part of the emulation'
            USING ERRCODE = 'feature_not_supported', HINT = 'Citus itself can.';
    END IF;
    IF class.relkind <> 'r' THEN
        RAISE EXCEPTION '% is not a regular, foreign or partitioned table', class.relname USING ERRCODE = 'wrong_object_type';
    END IF;
    IF class.relpersistence = 't' THEN
        RAISE EXCEPTION 'cannot distribute a temporary table' USING ERRCODE = 'feature_not_supported';
    END IF;
    IF EXISTS (SELECT FROM pg_inherits WHERE inhrelid = relation OR inhparent = relation) THEN
        RAISE EXCEPTION 'tables in an inheritance hierarchy are not part of the emulation'
            USING ERRCODE = 'feature_not_supported', HINT = 'Citus refuses them too: use partitioning.';
    END IF;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal)
        AND coalesce(current_setting('citus.enable_unsafe_triggers', true), '') NOT IN ('on', 'true', '1')
    THEN
        RAISE EXCEPTION 'cannot distribute relation "%" because it has triggers', class.relname USING
            ERRCODE = 'internal_error', HINT = 'Consider dropping all the triggers on "' || class.relname || '" and retry.';
    END IF;
END
$$;

-- A unique constraint that does not hold the distribution column could not be checked within one shard.
CREATE FUNCTION citus_emulation.ensure_unique_constraints_fit(relation regclass, column_number smallint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_index WHERE indrelid = relation AND (indisunique OR indisexclusion)
            AND column_number <> ALL ((indkey::smallint[])[0:indnkeyatts - 1]))
    THEN
        RAISE EXCEPTION 'cannot create constraint on "%"', citus_emulation.relation_name(relation) USING
            ERRCODE = 'feature_not_supported',
            DETAIL = 'Distributed relations cannot have UNIQUE, EXCLUDE, or PRIMARY KEY constraints that do not include the '
                || 'partition column (with an equality operator if EXCLUDE).';
    END IF;
END
$$;

-- Citus's rules for a foreign key that leaves `relation`, which is or becomes a distributed table.
CREATE FUNCTION citus_emulation.ensure_foreign_keys_fit(relation regclass, column_number smallint, colocation int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    foreign_key pg_constraint;
    target pg_dist_partition;
    target_column smallint;
    on_key boolean;
BEGIN
    FOR foreign_key IN SELECT * FROM pg_constraint WHERE conrelid = relation AND contype = 'f' ORDER BY oid LOOP
        CONTINUE WHEN foreign_key.confrelid = relation AND column_number IS NULL;
        SELECT * INTO target FROM pg_dist_partition WHERE logicalrelid = foreign_key.confrelid;
        IF foreign_key.confrelid <> relation THEN
            IF NOT FOUND OR target.partmethod = 'n' AND target.repmodel <> 't' THEN
                RAISE EXCEPTION 'referenced table "%" must be a distributed table or a reference table',
                    citus_emulation.relation_name(foreign_key.confrelid)
                USING ERRCODE = 'invalid_table_definition',
                    DETAIL = 'To enforce foreign keys, the referencing and referenced rows need to be stored on the same node.',
                    HINT = format('You could use SELECT create_reference_table(''%s'') to replicate the referenced table to all '
                        || 'nodes or consider dropping the foreign key', citus_emulation.relation_name(foreign_key.confrelid));
            END IF;
            CONTINUE WHEN target.partmethod = 'n';
            IF column_number IS NULL THEN
                RAISE EXCEPTION 'cannot create foreign key constraint since foreign keys from reference tables and local tables '
                    'to distributed tables are not supported'
                USING ERRCODE = 'feature_not_supported',
                    DETAIL = 'Reference tables and local tables can only have foreign keys to reference tables and local tables';
            END IF;
            IF target.colocationid IS DISTINCT FROM colocation THEN
                RAISE EXCEPTION 'cannot create foreign key constraint since relations are not colocated or not referencing a '
                    'reference table'
                USING ERRCODE = 'feature_not_supported',
                    DETAIL = 'A distributed table can only have foreign keys if it is referencing another colocated hash '
                        || 'distributed table or a reference table';
            END IF;
            SELECT attnum INTO target_column FROM pg_attribute WHERE attrelid = foreign_key.confrelid
                AND attname = citus_emulation.distribution_column(foreign_key.confrelid);
        ELSE
            target_column := column_number;
        END IF;
        on_key := column_number = ANY (foreign_key.conkey);
        IF on_key AND foreign_key.confdeltype IN ('n', 'd') THEN
            RAISE EXCEPTION 'cannot create foreign key constraint' USING ERRCODE = 'feature_not_supported',
                DETAIL = 'SET NULL or SET DEFAULT is not supported in ON DELETE operation when distribution key is included in '
                    || 'the foreign key constraint';
        END IF;
        IF on_key AND foreign_key.confupdtype IN ('n', 'd', 'c') THEN
            RAISE EXCEPTION 'cannot create foreign key constraint' USING ERRCODE = 'feature_not_supported',
                DETAIL = 'SET NULL, SET DEFAULT or CASCADE is not supported in ON UPDATE operation when distribution key '
                    || 'included in the foreign constraint.';
        END IF;
        IF array_position(foreign_key.conkey, column_number) IS DISTINCT FROM array_position(foreign_key.confkey, target_column)
            OR NOT on_key
        THEN
            RAISE EXCEPTION 'cannot create foreign key constraint' USING ERRCODE = 'feature_not_supported',
                DETAIL = 'Foreign keys are supported in two cases, either in between two colocated tables including partition '
                    || 'column in the same ordinal in the both tables or from distributed to reference tables';
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.add_coordinator_if_alone() RETURNS void LANGUAGE sql AS $$
    INSERT INTO pg_dist_node (groupid, nodename, nodeport, hasmetadata, metadatasynced, shouldhaveshards)
    SELECT 0, 'localhost', current_setting('port')::int, true, true, true
    WHERE NOT EXISTS (SELECT FROM pg_dist_node)
$$;

-- Forget a table that stood in the catalogs only because a foreign key ties it to a reference table.
CREATE FUNCTION citus_emulation.forget_local_table(relation oid) RETURNS void LANGUAGE sql AS $$
    DELETE FROM pg_dist_placement WHERE shardid IN (SELECT shardid FROM pg_dist_shard WHERE logicalrelid = relation);
    DELETE FROM pg_dist_shard WHERE logicalrelid = relation;
    DELETE FROM pg_dist_partition WHERE logicalrelid = relation;
$$;

CREATE FUNCTION citus_emulation.find_colocation(
    relation regclass, type oid, collation_id oid, shard_count int, strict boolean, colocate_with text
) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    source regclass;
    part pg_dist_partition;
    source_type oid;
    found_id int;
BEGIN
    IF colocate_with = 'none' THEN
        RETURN NULL;
    END IF;
    IF colocate_with = 'default' THEN
        SELECT min(colocationid) INTO found_id FROM pg_dist_colocation c
        WHERE c.shardcount = shard_count AND c.replicationfactor = current_setting('citus.shard_replication_factor')::int
            AND c.distributioncolumntype = type AND c.distributioncolumncollation = collation_id;
        IF strict AND EXISTS (SELECT FROM pg_dist_partition WHERE colocationid = found_id) AND shard_count <> (
            SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = (
                SELECT logicalrelid FROM pg_dist_partition WHERE colocationid = found_id LIMIT 1))
        THEN
            RETURN NULL;
        END IF;
        RETURN found_id;
    END IF;
    source := colocate_with::regclass;
    SELECT * INTO part FROM pg_dist_partition WHERE logicalrelid = source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'relation % is not distributed', citus_emulation.relation_name(source) USING ERRCODE = 'internal_error';
    END IF;
    IF part.partmethod = 'n' AND part.repmodel <> 't' THEN
        RAISE EXCEPTION 'cannot distribute relation' USING ERRCODE = 'feature_not_supported',
            DETAIL = 'Currently, colocate_with option is not supported with append / range distributed tables and local tables '
                || 'added to metadata.';
    END IF;
    IF part.repmodel = 't' THEN
        RAISE EXCEPTION 'cannot colocate tables % and %', citus_emulation.relation_name(source), citus_emulation.relation_name(relation)
            USING ERRCODE = 'internal_error', DETAIL = format('Replication models don''t match for %s and %s.',
                citus_emulation.relation_name(source), citus_emulation.relation_name(relation));
    END IF;
    SELECT atttypid INTO source_type FROM pg_attribute
    WHERE attrelid = source AND attname = citus_emulation.distribution_column(source);
    IF source_type <> type THEN
        RAISE EXCEPTION 'cannot colocate tables % and %', citus_emulation.relation_name(source), citus_emulation.relation_name(relation)
            USING ERRCODE = 'internal_error', DETAIL = format('Distribution column types don''t match for %s and %s.',
                citus_emulation.relation_name(source), citus_emulation.relation_name(relation));
    END IF;
    RETURN part.colocationid;
END
$$;

-- Write a table's shards and placements into the catalogs: beside those of its colocation group, or anew.
CREATE FUNCTION citus_emulation.plan_shards(relation regclass, colocation int, shard_count int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    neighbour regclass := (SELECT logicalrelid FROM pg_dist_partition
        WHERE colocationid = colocation AND logicalrelid <> relation ORDER BY logicalrelid LIMIT 1);
    groups int[];
    id bigint;
    other record;
    width bigint := 4294967296 / shard_count;
BEGIN
    IF neighbour IS NOT NULL THEN
        FOR other IN SELECT * FROM pg_dist_shard WHERE logicalrelid = neighbour ORDER BY shardminvalue::int LOOP
            id := nextval('pg_catalog.pg_dist_shardid_seq');
            INSERT INTO pg_dist_shard VALUES (relation, id, 't', other.shardminvalue, other.shardmaxvalue);
            INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
            SELECT id, 1, 0, groupid FROM pg_dist_placement WHERE shardid = other.shardid ORDER BY placementid;
        END LOOP;
        RETURN;
    END IF;
    SELECT array_agg(groupid ORDER BY nodename, nodeport) INTO groups FROM pg_dist_node
    WHERE isactive AND shouldhaveshards AND noderole = 'primary';
    IF groups IS NULL THEN
        RAISE EXCEPTION 'no worker nodes are available for placing shards'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Add more worker nodes.';
    END IF;
    FOR ordinal IN 0 .. shard_count - 1 LOOP
        id := nextval('pg_catalog.pg_dist_shardid_seq');
        INSERT INTO pg_dist_shard VALUES (relation, id, 't', -2147483648 + ordinal * width,
            CASE WHEN ordinal = shard_count - 1 THEN 2147483647 ELSE -2147483648 + (ordinal + 1) * width - 1 END);
        INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
        VALUES (id, 1, 0, groups[1 + ordinal % cardinality(groups)]);
    END LOOP;
END
$$;

-- Make all shards of a table, one command a node.
CREATE FUNCTION citus_emulation.create_shards(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node record;
BEGIN
    FOR node IN
        SELECT p.groupid, string_agg(citus_emulation.shard_commands(relation, s.shardid), ' ' ORDER BY s.shardid) AS tables,
            string_agg(citus_emulation.foreign_key_commands(relation, s.shardid, p.groupid), ' ' ORDER BY s.shardid) AS keys
        FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid)
        WHERE s.logicalrelid = relation GROUP BY p.groupid ORDER BY p.groupid
    LOOP
        PERFORM citus_emulation.remote(node.groupid, node.tables || ' ' || node.keys);
    END LOOP;
END
$$;

CREATE FUNCTION pg_catalog.create_distributed_table(
    table_name regclass,
    distribution_column text,
    distribution_type citus.distribution_type DEFAULT 'hash',
    colocate_with text DEFAULT 'default',
    shard_count int DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    attribute pg_attribute;
    wanted int;
    colocation int;
    before text;
    qualified text := citus_emulation.qualified_name(table_name);
BEGIN
    IF table_name IS NULL OR distribution_type IS NULL OR colocate_with IS NULL THEN
        RETURN;
    END IF;
    IF distribution_column IS NULL THEN
        RAISE EXCEPTION 'single-shard tables are not part of the emulation'
            USING ERRCODE = 'feature_not_supported', HINT = 'Citus itself can: a table without a distribution column has one shard.';
    END IF;
    IF shard_count IS NOT NULL AND colocate_with NOT IN ('default', 'none') THEN
        RAISE EXCEPTION 'Cannot use colocate_with with a table and shard_count at the same time' USING ERRCODE = 'internal_error';
    END IF;
    wanted := coalesce(shard_count, current_setting('citus.shard_count')::int);
    IF wanted NOT BETWEEN 1 AND 64000 THEN
        RAISE EXCEPTION '% is outside the valid range for parameter "shard_count" (1 .. 64000)', wanted USING ERRCODE = 'internal_error';
    END IF;
    PERFORM citus_emulation.ensure_table_can_be_converted(table_name);
    IF distribution_type <> 'hash' THEN
        RAISE EXCEPTION '%-distributed tables are not part of the emulation', distribution_type
            USING ERRCODE = 'feature_not_supported', HINT = 'Citus itself can; nearly everybody distributes by hash.';
    END IF;
    SELECT * INTO attribute FROM pg_attribute
    WHERE attrelid = table_name AND attname = distribution_column AND attnum > 0 AND NOT attisdropped;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'column "%" of relation "%" does not exist', distribution_column, citus_emulation.relation_name(table_name)
            USING ERRCODE = 'undefined_column';
    END IF;
    IF current_setting('citus.shard_replication_factor')::int <> 1 THEN
        RAISE EXCEPTION 'shard replication is not part of the emulation'
            USING ERRCODE = 'feature_not_supported', HINT = 'SET citus.shard_replication_factor = 1; Citus itself can keep several placements of a shard.';
    END IF;
    before := citus_emulation.begin_internal();
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', qualified);
    LOCK TABLE pg_dist_node IN SHARE MODE;
    PERFORM citus_emulation.add_coordinator_if_alone();
    colocation := citus_emulation.find_colocation(table_name, attribute.atttypid, attribute.attcollation, wanted,
        shard_count IS NOT NULL, colocate_with);
    IF attribute.attgenerated <> '' THEN
        RAISE EXCEPTION 'cannot distribute relation: %', citus_emulation.relation_name(table_name)
            USING ERRCODE = 'feature_not_supported', DETAIL = 'Distribution column must not use GENERATED ALWAYS AS (...) STORED.';
    END IF;
    IF (SELECT function FROM citus_emulation.hash_function(attribute.atttypid)) IS NULL THEN
        RAISE EXCEPTION 'data type % has no default operator class for specified partition method', format_type(attribute.atttypid, NULL)
            USING ERRCODE = 'undefined_object', DETAIL = 'Partition column types must have a default operator class defined.';
    END IF;
    IF EXISTS (SELECT FROM pg_collation WHERE oid = attribute.attcollation AND NOT collisdeterministic) THEN
        RAISE EXCEPTION 'Hash distributed partition columns may not use a non deterministic collation'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    PERFORM citus_emulation.ensure_unique_constraints_fit(table_name, attribute.attnum);
    PERFORM citus_emulation.ensure_foreign_keys_fit(table_name, attribute.attnum,
        coalesce(colocation, -1));
    PERFORM citus_emulation.replicate_reference_tables();
    IF colocation IS NULL THEN
        colocation := nextval('pg_catalog.pg_dist_colocationid_seq');
        INSERT INTO pg_dist_colocation VALUES (colocation, wanted, 1, attribute.atttypid, attribute.attcollation);
    END IF;
    PERFORM citus_emulation.forget_local_table(table_name);
    INSERT INTO pg_dist_partition VALUES (table_name, 'h', column_name_to_column(table_name, distribution_column), colocation, 's', false);
    PERFORM citus_emulation.plan_shards(table_name, colocation, wanted);
    PERFORM citus_emulation.become_distributed(table_name);
    PERFORM citus_emulation.end_internal(before);
END
$$;

-- The work itself, once the catalogs say what is wanted: shards, rows, parent.
CREATE FUNCTION citus_emulation.become_distributed(relation regclass) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    qualified text := citus_emulation.qualified_name(relation);
    distribution_column name := citus_emulation.distribution_column(relation);
    attribute pg_attribute;
    operator_class text;
    stand_in regclass;
    columns text := citus_emulation.stored_columns(relation);
    copied bigint;
    foreign_keys pg_constraint[];
    remake text[] := '{}';
    command text;
    item record;
    dropped boolean := EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attisdropped);
BEGIN
    SELECT * INTO attribute FROM pg_attribute WHERE attrelid = relation AND attname = distribution_column;
    operator_class := citus_emulation.define_routing(
        (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = relation),
        attribute.atttypid, citus_emulation.shard_minimums(relation));

    PERFORM citus_emulation.create_shards(relation);

    EXECUTE format('CREATE TABLE citus_emulation.%I (LIKE %s INCLUDING GENERATED INCLUDING CONSTRAINTS) PARTITION BY HASH (%I %s)',
        'local_data_' || relation::oid, qualified, distribution_column, operator_class);
    stand_in := format('citus_emulation.%I', 'local_data_' || relation::oid)::regclass;
    PERFORM citus_emulation.attach_partitions(stand_in, relation);
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT 1) AS any_row', qualified) INTO copied;
    IF copied > 0 THEN
        RAISE NOTICE 'Copying data from local table...';
        EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM ONLY %s', stand_in, columns, columns, qualified);
    END IF;
    FOR item IN SELECT inhrelid::regclass AS name FROM pg_inherits WHERE inhparent = stand_in LOOP
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', stand_in, item.name);
    END LOOP;

    -- What an ordinary table has and a partitioned one has differently: take it off, and put it back on afterwards.
    foreign_keys := citus_emulation.foreign_keys_of(relation);
    -- Foreign keys of tables that are still local stay visible; they are enforced once those tables are distributed too.
    FOR item IN SELECT (f).conname AS name, (f).conrelid AS owner FROM unnest(foreign_keys) AS f LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', citus_emulation.qualified_name(item.owner), item.name);
    END LOOP;
    FOR item IN SELECT conname, contype, pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE conrelid = relation AND contype IN ('p', 'u', 'x') ORDER BY contype, conname
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', qualified, item.conname);
        IF item.contype <> 'x' THEN
            remake := remake || format('ALTER TABLE %s ADD CONSTRAINT %I %s', qualified, item.conname, item.definition);
        END IF;
    END LOOP;
    FOR item IN SELECT c.relname, citus_emulation.schema_name(c.relnamespace) AS schema,
            citus_emulation.index_definition(i.indexrelid, c.relname, 'ONLY ' || qualified) AS definition
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = relation
    LOOP
        EXECUTE format('DROP INDEX %I.%I', item.schema, item.relname);
        remake := remake || replace(item.definition, ' ON ONLY ', ' ON ');
    END LOOP;
    PERFORM citus_emulation.exchange_storage(relation, stand_in, attribute.attnum);
    FOREACH command IN ARRAY remake LOOP
        EXECUTE command;
    END LOOP;
    PERFORM citus_emulation.show_foreign_keys(foreign_keys);
    PERFORM citus_emulation.attach_partitions(relation, relation);
    IF dropped OR copied = 0 THEN
        EXECUTE format('DROP TABLE %s', stand_in);
    ELSE
        INSERT INTO citus_emulation.local_data VALUES (relation, stand_in);
    END IF;
    PERFORM citus_emulation.guard_distributed_table(relation);
    PERFORM citus_emulation.remember(relation);

    IF copied > 0 THEN
        RAISE NOTICE 'copying the data has completed' USING
            DETAIL = 'The local data in the table is no longer visible, but is still on disk.',
            HINT = format('To remove the local data, run: SELECT truncate_local_data_after_distributing_table($$%s$$)', qualified);
    END IF;
END
$body$;

CREATE FUNCTION pg_catalog.truncate_local_data_after_distributing_table(function_name regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text;
    storage regclass;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    IF NOT citus_emulation.is_distributed_table(function_name) AND NOT citus_emulation.is_reference_table(function_name) THEN
        RAISE EXCEPTION 'supplied parameter is not a distributed relation'
            USING ERRCODE = 'internal_error', DETAIL = 'This UDF only truncates local records of distributed tables.';
    END IF;
    before := citus_emulation.begin_internal();
    DELETE FROM citus_emulation.local_data d WHERE d.relation = function_name RETURNING d.storage INTO storage;
    IF storage IS NOT NULL THEN
        EXECUTE format('DROP TABLE %s', storage);
    END IF;
    PERFORM citus_emulation.end_internal(before);
END
$$;
