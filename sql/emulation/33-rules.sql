-- What may become a distributed or reference table, and with what it is co-located: Citus's rules in Citus's words.

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

CREATE FUNCTION citus_emulation.refuse_replicated_foreign_key() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'cannot create foreign key constraint' USING ERRCODE = 'feature_not_supported',
        DETAIL = 'Citus currently supports foreign key constraints only for "citus.shard_replication_factor = 1".',
        HINT = 'Please change "citus.shard_replication_factor to 1". To learn more about using foreign keys with other replication '
            || 'factors, please contact us at https://citusdata.com/about/contact_us.';
END
$$;

-- Citus's rules for a foreign key that leaves `relation`, which is or becomes a distributed table.
CREATE FUNCTION citus_emulation.ensure_foreign_keys_fit(relation regclass, column_number smallint, colocation int, replicated boolean) RETURNS void
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
            PERFORM citus_emulation.refuse_replicated_foreign_key() WHERE replicated AND target.partmethod = 'n';
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
        PERFORM citus_emulation.refuse_replicated_foreign_key() WHERE replicated;
    END LOOP;
END
$$;

-- A table that reference tables or local ones in the catalogs refer to cannot be distributed.
CREATE FUNCTION citus_emulation.ensure_not_referenced(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_constraint c JOIN pg_dist_partition p ON p.logicalrelid = c.conrelid
        WHERE c.contype = 'f' AND c.confrelid = relation AND c.conrelid <> relation AND p.partmethod = 'n')
    THEN
        RAISE EXCEPTION 'cannot create foreign key constraint since foreign keys from reference tables and local tables '
            'to distributed tables are not supported'
        USING ERRCODE = 'feature_not_supported',
            DETAIL = 'Reference tables and local tables can only have foreign keys to reference tables and local tables';
    END IF;
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
