-- alter_distributed_table: back to an ordinary table and out again, with other properties.

CREATE TYPE citus_emulation.alteration AS (
    relation regclass, distribution_column text, shard_count int, colocate_with text, cascades boolean,
    old_column name, old_count int, old_type oid, new_type oid, neighbours regclass[],
    same_column boolean, same_count boolean, same_group boolean
);

CREATE FUNCTION citus_emulation.column_type(relation regclass, column_name name)
RETURNS oid LANGUAGE sql STABLE AS $$
    SELECT atttypid FROM pg_attribute WHERE attrelid = relation AND attname = column_name AND attnum > 0 AND NOT attisdropped;
$$;

CREATE FUNCTION citus_emulation.describe_alteration(
    relation regclass, distribution_column text, shard_count int, colocate_with text, cascades boolean)
RETURNS citus_emulation.alteration LANGUAGE plpgsql STABLE AS $$
DECLARE
    change citus_emulation.alteration;
BEGIN
    change.relation := relation;
    change.distribution_column := distribution_column;
    change.shard_count := shard_count;
    change.colocate_with := colocate_with;
    change.cascades := cascades;
    change.old_column := citus_emulation.distribution_column(relation);
    change.old_type := citus_emulation.column_type(relation, change.old_column);
    change.new_type := citus_emulation.column_type(relation, coalesce(distribution_column, change.old_column));
    change.old_count := (SELECT count(*) FROM pg_dist_shard s WHERE s.logicalrelid = relation);
    change.neighbours := array_remove(citus_emulation.colocated_relations(relation), relation);
    change.same_column := coalesce(distribution_column = change.old_column, false);
    change.same_count := coalesce(shard_count = change.old_count, false);
    change.same_group := coalesce(colocate_with, 'none') NOT IN ('default', 'none')
        AND colocate_with::regclass = ANY (change.neighbours || relation);
    IF change.new_type IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '42703', MESSAGE = format('column "%s" of relation "%s" does not exist',
            distribution_column, citus_emulation.relation_name(relation));
    END IF;
    RETURN change;
END
$$;

CREATE FUNCTION citus_emulation.refuse_alteration(complaint text, detail text DEFAULT '', hint text DEFAULT '')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- An empty detail or hint would be printed.
    IF detail <> '' THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = complaint, DETAIL = detail, HINT = hint;
    ELSIF hint <> '' THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = complaint, HINT = hint;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = complaint;
END
$$;

CREATE FUNCTION citus_emulation.check_alteration(change citus_emulation.alteration)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    cascades boolean := coalesce(change.cascades, false);
    named boolean := coalesce(change.colocate_with, 'none') NOT IN ('default', 'none');
BEGIN
    IF change.distribution_column IS NULL AND change.shard_count IS NULL AND change.colocate_with IS NULL AND NOT cascades THEN
        PERFORM citus_emulation.refuse_alteration(
            'you have to specify at least one of the distribution_column, shard_count or colocate_with parameters');
    ELSIF named AND NOT citus_emulation.is_distributed_table(change.colocate_with::regclass) THEN
        PERFORM citus_emulation.refuse_alteration(
            format('cannot colocate with %s because it is not a distributed table', change.colocate_with));
    ELSIF change.shard_count = 0 THEN
        PERFORM citus_emulation.refuse_alteration('shard_count cannot be 0',
            hint => 'if you no longer want this to be a distributed table you can try undistribute_table() function');
    ELSIF cascades AND change.distribution_column IS NOT NULL THEN
        PERFORM citus_emulation.refuse_alteration('distribution_column cannot be cascaded to colocated tables');
    ELSIF cascades AND change.shard_count IS NULL AND change.colocate_with IS NULL THEN
        PERFORM citus_emulation.refuse_alteration('shard_count or colocate_with is necessary for cascading to colocated tables');
    ELSIF (change.distribution_column IS NULL OR change.same_column) AND (change.shard_count IS NULL OR change.same_count)
          AND (change.colocate_with IS NULL OR change.same_group)
    THEN
        PERFORM citus_emulation.refuse_alteration('this call doesn''t change any properties of the table',
            hint => 'check citus_tables view to see current properties of the table');
    ELSIF cascades AND change.colocate_with = 'none' THEN
        PERFORM citus_emulation.refuse_alteration('colocate_with := ''none'' cannot be cascaded to colocated tables');
    ELSIF cardinality(change.neighbours) > 0 AND change.shard_count IS NOT NULL AND NOT change.same_count AND change.cascades IS NULL THEN
        PERFORM citus_emulation.refuse_alteration('cascade_to_colocated parameter is necessary',
            'this table is colocated with some other tables',
            'cascade_to_colocated := false will break the current colocation, cascade_to_colocated := true will change the shard count of colocated tables too.');
    END IF;
    IF named THEN
        PERFORM citus_emulation.check_new_group(change, change.colocate_with::regclass);
    END IF;
    IF change.same_column THEN
        RAISE NOTICE 'table is already distributed by %', change.distribution_column;
    END IF;
    IF change.same_count THEN
        RAISE NOTICE 'shard count of the table is already %', change.shard_count;
    END IF;
    IF change.same_group THEN
        RAISE NOTICE 'table is already colocated with %', change.colocate_with;
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.check_new_group(change citus_emulation.alteration, neighbour regclass)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    type oid := citus_emulation.column_type(neighbour, citus_emulation.distribution_column(neighbour));
BEGIN
    IF change.shard_count <> (SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = neighbour) THEN
        PERFORM citus_emulation.refuse_alteration(
            'shard_count cannot be different than the shard count of the table in colocate_with',
            hint => 'if no shard_count is specified shard count will be same with colocate_with table''s');
    ELSIF type <> change.new_type AND change.distribution_column IS NOT NULL THEN
        PERFORM citus_emulation.refuse_alteration(format(
            'cannot colocate with %s and change distribution column to %s because data type of column %s is different then the distribution column of the %s',
            change.colocate_with, change.distribution_column, change.distribution_column, change.colocate_with));
    ELSIF type <> change.new_type THEN
        PERFORM citus_emulation.refuse_alteration(format(
            'cannot colocate with %s because data type of its distribution column is different than %s',
            change.colocate_with, citus_emulation.relation_name(change.relation)));
    END IF;
END
$$;

-- Foreign keys to and from tables that the table will not lie beside any more.
CREATE FUNCTION citus_emulation.drop_parted_foreign_keys(relation regclass)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    foreign_key pg_constraint;
BEGIN
    FOR foreign_key IN
        SELECT * FROM pg_constraint c
         WHERE c.contype = 'f' AND c.conrelid <> c.confrelid
           AND ((c.conrelid = relation AND citus_emulation.is_distributed_table(c.confrelid))
                OR (c.confrelid = relation AND citus_emulation.is_distributed_table(c.conrelid)))
         ORDER BY c.confrelid = relation, c.oid
    LOOP
        RAISE WARNING 'foreign key % will be dropped', foreign_key.conname;
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', citus_emulation.qualified_name(foreign_key.conrelid), foreign_key.conname);
    END LOOP;
END
$$;

CREATE FUNCTION pg_catalog.alter_distributed_table(
    table_name regclass, distribution_column text DEFAULT NULL, shard_count int DEFAULT NULL, colocate_with text DEFAULT NULL,
    cascade_to_colocated boolean DEFAULT NULL)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    change citus_emulation.alteration;
    relations regclass[];
    keys name[];
    relation regclass;
    foreign_keys pg_constraint[];
    foreign_key pg_constraint;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    IF NOT citus_emulation.is_distributed_table(table_name) THEN
        PERFORM citus_emulation.refuse_alteration('cannot alter table because the table is not distributed');
    END IF;
    change := citus_emulation.describe_alteration(table_name, distribution_column, shard_count, colocate_with, cascade_to_colocated);
    PERFORM citus_emulation.check_alteration(change);
    relations := ARRAY[table_name];
    IF cascade_to_colocated THEN
        relations := relations || change.neighbours;
    ELSE
        PERFORM citus_emulation.drop_parted_foreign_keys(table_name);
    END IF;
    FOREACH relation IN ARRAY relations LOOP
        PERFORM citus_emulation.check_no_identity(relation);
        keys := keys || citus_emulation.distribution_column(relation);
    END LOOP;
    -- Foreign keys among the tables come back when all are distributed: before, the one could not be without the other.
    SELECT coalesce(array_agg(c ORDER BY c.oid), '{}') INTO foreign_keys
      FROM pg_constraint c
     WHERE c.contype = 'f' AND c.conrelid <> c.confrelid AND c.conrelid = ANY (relations) AND c.confrelid = ANY (relations);
    FOREACH foreign_key IN ARRAY foreign_keys LOOP
        PERFORM citus_emulation.take_off_foreign_key(foreign_key);
    END LOOP;
    PERFORM citus_emulation.undistribute(relations, false);
    PERFORM citus_emulation.distribute_again(change, relations, keys);
    FOREACH foreign_key IN ARRAY foreign_keys LOOP
        PERFORM citus_emulation.put_on_foreign_key(foreign_key);
    END LOOP;
END
$$;

-- A foreign key between two distributed tables: enforced by the shards, shown by the tables.
CREATE FUNCTION citus_emulation.put_on_foreign_key(foreign_key pg_catalog.pg_constraint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass := (foreign_key).conrelid;
BEGIN
    PERFORM citus_emulation.remote(p.groupid, format('ALTER TABLE %s ADD CONSTRAINT %I %s', citus_emulation.shard_name(relation, s.shardid),
                citus_emulation.numbered_name((foreign_key).conname, s.shardid),
                citus_emulation.foreign_key_definition(foreign_key, s.shardid, p.groupid)))
       FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid)
      WHERE s.logicalrelid = relation;
    PERFORM citus_emulation.show_foreign_keys(ARRAY[foreign_key]), citus_emulation.remember(relation);
END
$$;

-- The first table by the wish, the others beside it; quietly, as the notices have been given.
CREATE FUNCTION citus_emulation.distribute_again(change citus_emulation.alteration, relations regclass[], keys name[])
RETURNS void LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
    beside text := CASE
        WHEN change.colocate_with IS NOT NULL THEN change.colocate_with
        WHEN change.old_type <> change.new_type OR change.shard_count IS NOT NULL THEN 'default'
        WHEN cardinality(change.neighbours) > 0 THEN change.neighbours[1]::text
        ELSE 'none' END;
BEGIN
    keys[1] := coalesce(change.distribution_column, keys[1]);
    FOR i IN 1 .. cardinality(relations) LOOP
        PERFORM create_distributed_table(relations[i], keys[i], colocate_with => beside,
            shard_count => CASE WHEN beside IN ('default', 'none') THEN coalesce(change.shard_count, change.old_count) END);
        beside := citus_emulation.qualified_name(change.relation);
    END LOOP;
END
$$;
