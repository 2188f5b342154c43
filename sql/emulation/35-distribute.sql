-- create_distributed_table: planning shards, making them, moving the rows, turning the table into the parent.

-- Write a table's shards and placements into the catalogs: beside those of its colocation group, or anew.
CREATE FUNCTION citus_emulation.plan_shards(relation regclass, colocation int, shard_count int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    neighbour regclass := (SELECT logicalrelid FROM pg_dist_partition
        WHERE colocationid = colocation AND logicalrelid <> relation ORDER BY logicalrelid LIMIT 1);
    groups int[];
    id bigint;
    other record;
    factor int := citus_emulation.replication_factor();
    width bigint := 4294967296 / shard_count;
BEGIN
    IF neighbour IS NOT NULL THEN
        FOR other IN SELECT * FROM pg_dist_shard WHERE logicalrelid = neighbour ORDER BY shardminvalue::int LOOP
            id := nextval('pg_catalog.pg_dist_shardid_seq');
            INSERT INTO pg_dist_shard VALUES (relation, id, 't', other.shardminvalue, other.shardmaxvalue);
            INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
            SELECT id, 1, 0, p.groupid FROM pg_dist_placement p JOIN pg_dist_node n USING (groupid) WHERE p.shardid = other.shardid
            ORDER BY n.nodename COLLATE "C", n.nodeport;
        END LOOP;
        RETURN;
    END IF;
    SELECT array_agg(groupid ORDER BY nodename COLLATE "C", nodeport) INTO groups FROM pg_dist_node
    WHERE isactive AND shouldhaveshards AND noderole = 'primary';
    IF groups IS NULL THEN
        RAISE EXCEPTION 'no worker nodes are available for placing shards'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Add more worker nodes.';
    END IF;
    IF factor > cardinality(groups) THEN
        RAISE EXCEPTION 'replication_factor (%) exceeds number of worker nodes (%)', factor, cardinality(groups)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Add more worker nodes or try again with a lower replication factor.';
    END IF;
    IF factor > 1 AND citus_emulation.local_group() = ANY (groups) THEN
        RAISE EXCEPTION 'replicated shards on the coordinator are not part of the emulation' USING ERRCODE = 'feature_not_supported',
            HINT = 'Keep shards away from it with citus_set_node_property(…, ''shouldhaveshards'', false); Citus itself can place them there.';
    END IF;
    FOR ordinal IN 0 .. shard_count - 1 LOOP
        id := nextval('pg_catalog.pg_dist_shardid_seq');
        INSERT INTO pg_dist_shard VALUES (relation, id, 't', -2147483648 + ordinal * width,
            CASE WHEN ordinal = shard_count - 1 THEN 2147483647 ELSE -2147483648 + (ordinal + 1) * width - 1 END);
        INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
        SELECT id, 1, 0, groups[1 + (ordinal + copy) % cardinality(groups)] FROM generate_series(0, factor - 1) AS copy ORDER BY copy;
    END LOOP;
END
$$;

-- The setting; Citus refuses other values when they are set, here it is too early to know.
CREATE FUNCTION citus_emulation.replication_factor() RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
    setting text := current_setting('citus.shard_replication_factor');
BEGIN
    IF setting !~ '^\s*[+-]?\d{1,9}\s*$' THEN
        RAISE EXCEPTION 'invalid value for parameter "citus.shard_replication_factor": "%"', setting USING ERRCODE = 'invalid_parameter_value';
    ELSIF setting::int NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION '% is outside the valid range for parameter "citus.shard_replication_factor" (1 .. 100)', setting
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN setting::int;
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
    factor int;
    model "char";
    before text;
    qualified text := citus_emulation.qualified_name(table_name);
BEGIN
    IF table_name IS NULL OR distribution_type IS NULL OR colocate_with IS NULL THEN
        RETURN;
    END IF;
    IF distribution_column IS NULL AND citus_emulation.replication_factor() > 1 THEN
        RAISE EXCEPTION 'could not create single shard table: citus.shard_replication_factor is greater than 1' USING
            ERRCODE = 'internal_error', HINT = 'Consider setting citus.shard_replication_factor to 1 and try again';
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
    factor := citus_emulation.replication_factor();
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
    model := CASE WHEN colocate_with NOT IN ('default', 'none')
            THEN (SELECT repmodel FROM pg_dist_partition WHERE logicalrelid = colocate_with::regclass)
        WHEN factor > 1 THEN 'c' ELSE 's' END;
    PERFORM citus_emulation.ensure_unique_constraints_fit(table_name, attribute.attnum);
    PERFORM citus_emulation.ensure_foreign_keys_fit(table_name, attribute.attnum,
        coalesce(colocation, -1), factor > 1);
    PERFORM citus_emulation.replicate_reference_tables();
    IF colocation IS NULL THEN
        colocation := nextval('pg_catalog.pg_dist_colocationid_seq');
        INSERT INTO pg_dist_colocation VALUES (colocation, wanted, factor, attribute.atttypid, attribute.attcollation);
    END IF;
    PERFORM citus_emulation.ensure_not_referenced(table_name);
    PERFORM citus_emulation.forget_local_table(table_name);
    INSERT INTO pg_dist_partition VALUES (table_name, 'h', column_name_to_column(table_name, distribution_column), colocation, model, false);
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
    PERFORM citus_emulation.fill_replicas(relation, copied > 0);
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
