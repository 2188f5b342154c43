-- Back to an ordinary table. Citus makes a new one, fills it and drops the old; here the table keeps its identity and gets its storage
-- back, so that views, sequences, grants and comments need not be made again. The notices are Citus's.

CREATE FUNCTION citus_emulation.is_citus_table(relation oid)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation);
$$;

CREATE FUNCTION citus_emulation.check_no_foreign_keys(relation regclass)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    problem text := CASE
        WHEN EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = relation AND confrelid <> relation)
            THEN 'has a foreign key'
        WHEN EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = relation AND conrelid <> relation)
            THEN 'is referenced by a foreign key' END;
    qualified text := citus_emulation.qualified_name(relation);
BEGIN
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000',
            MESSAGE = format('cannot complete operation because table %s %s', citus_emulation.relation_name(relation), problem),
            HINT = format('Use cascade option to undistribute all the relations involved in a foreign key relationship with %s by executing '
                          'SELECT undistribute_table(%s, cascade_via_foreign_keys=>true)', qualified, '$' || '$' || qualified || '$' || '$');
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.check_no_identity(relation regclass)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND attidentity <> '') THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = 'cannot complete operation on a table with identity column';
    END IF;
END
$$;

-- The Citus tables that foreign keys tie to this one, itself first.
CREATE FUNCTION citus_emulation.tied_tables(relation regclass)
RETURNS regclass[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    reached regclass[] := ARRAY[relation];
    next regclass;
    place int := 1;
BEGIN
    WHILE place <= cardinality(reached) LOOP
        FOR next IN
            SELECT CASE WHEN conrelid = reached[place] THEN confrelid ELSE conrelid END
              FROM pg_constraint
             WHERE contype = 'f' AND reached[place] IN (conrelid, confrelid)
             ORDER BY conrelid <> reached[place], oid
        LOOP
            CONTINUE WHEN next = ANY (reached);
            reached := reached || next;
        END LOOP;
        place := place + 1;
    END LOOP;
    RETURN (SELECT array_agg(r ORDER BY n) FROM unnest(reached) WITH ORDINALITY AS u (r, n) WHERE citus_emulation.is_citus_table(r));
END
$$;

CREATE FUNCTION pg_catalog.undistribute_table(table_name regclass, cascade_via_foreign_keys boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql VOLATILE STRICT AS $$
DECLARE
    relations regclass[];
    relation regclass;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    IF NOT citus_emulation.is_citus_table(table_name) THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = 'cannot undistribute table because the table is not distributed';
    END IF;
    IF NOT cascade_via_foreign_keys THEN
        PERFORM citus_emulation.check_no_foreign_keys(table_name);
    END IF;
    relations := citus_emulation.tied_tables(table_name);
    FOREACH relation IN ARRAY relations LOOP
        PERFORM citus_emulation.check_no_identity(relation);
    END LOOP;
    PERFORM citus_emulation.undistribute(relations, false);
END
$$;

-- Foreign keys are taken off all of the tables first and put back on when all are ordinary.
CREATE FUNCTION citus_emulation.undistribute(relations regclass[], quiet boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text := citus_emulation.begin_internal();
    relation regclass;
    kind text;
    foreign_keys pg_constraint[];
    foreign_key pg_constraint;
    locked_at timestamptz;
BEGIN
    FOR relation IN SELECT r FROM unnest(relations) r ORDER BY r::oid LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', relation);
    END LOOP;
    locked_at := clock_timestamp();
    PERFORM citus_emulation.check_nodes_answer(), citus_emulation.clean_before_dropping();
    PERFORM citus_emulation.check_nothing_missed(g, locked_at)
       FROM (SELECT DISTINCT p.groupid FROM pg_dist_placement p JOIN pg_dist_shard s USING (shardid)
              WHERE s.logicalrelid = ANY (relations)) AS placed (g);
    SELECT coalesce(array_agg(c ORDER BY c.oid), '{}') INTO foreign_keys
      FROM pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0 AND (c.conrelid = ANY (relations) OR c.confrelid = ANY (relations));
    FOREACH foreign_key IN ARRAY foreign_keys LOOP
        PERFORM citus_emulation.take_off_foreign_key(foreign_key);
    END LOOP;
    FOREACH relation IN ARRAY relations LOOP
        SELECT citus_emulation.table_type(p) INTO kind FROM pg_dist_partition p WHERE p.logicalrelid = relation;
        CASE kind
            WHEN 'distributed' THEN PERFORM citus_emulation.undistribute_sharded(relation, quiet);
            WHEN 'reference' THEN PERFORM citus_emulation.undistribute_reference(relation, quiet);
            ELSE PERFORM citus_emulation.forget_local_table(relation);
        END CASE;
    END LOOP;
    FOREACH foreign_key IN ARRAY foreign_keys LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', citus_emulation.qualified_name(foreign_key.conrelid), foreign_key.conname,
                       citus_emulation.foreign_key_text(foreign_key));
    END LOOP;
    PERFORM citus_emulation.forget_untied_local_tables();
    PERFORM citus_emulation.end_internal(before);
END
$$;

-- A foreign key that touches a distributed table is only shown in the catalogs: nothing but its entries is to be removed.
CREATE FUNCTION citus_emulation.take_off_foreign_key(foreign_key pg_catalog.pg_constraint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = (foreign_key).oid) THEN
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', (foreign_key).conrelid::regclass, (foreign_key).conname);
    ELSE
        DELETE FROM pg_depend
         WHERE (classid = 'pg_constraint'::regclass AND objid = (foreign_key).oid)
            OR (refclassid = 'pg_constraint'::regclass AND refobjid = (foreign_key).oid);
        DELETE FROM pg_constraint WHERE oid = (foreign_key).oid;
    END IF;
END
$$;

-- Local tables that were in the catalogs only for a reference table's sake, when it is none any more.
CREATE FUNCTION citus_emulation.forget_untied_local_tables()
RETURNS void LANGUAGE sql AS $$
    SELECT citus_emulation.forget_local_table(p.logicalrelid)
      FROM pg_dist_partition p
     WHERE p.partmethod = 'n' AND p.repmodel = 's' AND p.colocationid = 0 AND p.autoconverted
       AND NOT citus_emulation.tied_tables(p.logicalrelid) && citus_emulation.reference_tables();
$$;

CREATE FUNCTION citus_emulation.undistribute_reference(relation regclass, quiet boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    qualified text := citus_emulation.qualified_name(relation);
BEGIN
    PERFORM citus_emulation.conversion_notice('creating a new table for %s', qualified, quiet),
            citus_emulation.conversion_notice('moving the data of %s', qualified, quiet),
            citus_emulation.conversion_notice('dropping the old %s', qualified, quiet);
    PERFORM citus_emulation.stop_repeating_writes(relation), citus_emulation.drop_placements(relation);
    PERFORM citus_emulation.conversion_notice('renaming the new table to %s', qualified, quiet);
END
$$;

CREATE FUNCTION citus_emulation.conversion_notice(template text, qualified text, quiet boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT quiet THEN
        RAISE NOTICE USING MESSAGE = format(template, qualified);
    END IF;
END
$$;

-- Drops a table's shards on the other nodes and all that the catalogs say of it.
CREATE FUNCTION citus_emulation.drop_placements(relation regclass)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node record;
    colocation int;
BEGIN
    FOR node IN
        SELECT p.groupid, string_agg(format('DROP TABLE IF EXISTS %s CASCADE', citus_emulation.shard_name(relation, s.shardid)), '; '
                                     ORDER BY s.shardid) AS commands
          FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid)
         WHERE s.logicalrelid = relation
           AND citus_emulation.placement_name(relation, s.shardid, p.groupid) <> citus_emulation.qualified_name(relation)
         GROUP BY p.groupid
    LOOP
        PERFORM citus_emulation.remote(node.groupid, node.commands);
    END LOOP;
    DELETE FROM pg_dist_placement WHERE shardid IN (SELECT shardid FROM pg_dist_shard WHERE logicalrelid = relation);
    DELETE FROM pg_dist_shard WHERE logicalrelid = relation;
    DELETE FROM pg_dist_partition WHERE logicalrelid = relation RETURNING colocationid INTO colocation;
    PERFORM citus_emulation.end_colocation_if_empty(colocation), citus_emulation.forget(relation);
END
$$;
