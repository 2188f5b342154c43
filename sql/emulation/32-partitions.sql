-- The distributed table on the coordinator: a hash-partitioned parent whose partitions are the shards, as foreign tables.
--
-- PostgreSQL gives such a parent no primary key and no foreign key, because it could not enforce them. Here the shards enforce
-- them, so the parent may well carry them: `\d`, pg_constraint and GROUP BY on a primary key then work as on Citus. The
-- catalogs are edited by hand for it, which `allow_system_table_mods` permits. While partitions are attached those entries
-- are put aside, because attaching is where PostgreSQL checks.

-- Tell the event triggers that what happens is our own doing. Answers what the mark was before.
CREATE FUNCTION citus_emulation.begin_internal() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('citus_emulation.remote', true), '');
BEGIN
    PERFORM set_config('citus_emulation.remote', 'on', true);
    RETURN before;
END
$$;
CREATE FUNCTION citus_emulation.end_internal(before text) RETURNS void LANGUAGE sql AS $$
    SELECT set_config('citus_emulation.remote', before, true)
$$;

CREATE FUNCTION citus_emulation.foreign_keys_of(relation oid) RETURNS pg_constraint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(c ORDER BY c.oid), '{}') FROM pg_constraint c
    WHERE c.contype = 'f' AND (c.conrelid = relation OR c.confrelid = relation)
$$;

-- Show foreign keys in the catalogs without the triggers that would enforce them. The index that a key relies on may have
-- been made anew meanwhile.
CREATE FUNCTION citus_emulation.show_foreign_keys(foreign_keys pg_constraint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    foreign_key pg_constraint;
BEGIN
    FOREACH foreign_key IN ARRAY foreign_keys LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_constraint WHERE oid = foreign_key.oid);
        SELECT i.indexrelid INTO foreign_key.conindid FROM pg_index i
        WHERE i.indrelid = foreign_key.confrelid AND i.indisunique
            AND (SELECT array_agg(k ORDER BY k) FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS u (k, n) WHERE n <= i.indnkeyatts)
                = (SELECT array_agg(k ORDER BY k) FROM unnest(foreign_key.confkey) AS k)
        ORDER BY i.indisprimary DESC LIMIT 1;
        CONTINUE WHEN foreign_key.conindid IS NULL;
        INSERT INTO pg_constraint SELECT (foreign_key).*;
        INSERT INTO pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
        SELECT 'pg_constraint'::regclass, foreign_key.oid, 0, 'pg_class'::regclass, foreign_key.conrelid, k, 'a'
        FROM unnest(foreign_key.conkey) AS k
        UNION ALL
        SELECT 'pg_constraint'::regclass, foreign_key.oid, 0, 'pg_class'::regclass, foreign_key.confrelid, k, 'n'
        FROM unnest(foreign_key.confkey) AS k
        UNION ALL
        SELECT 'pg_constraint'::regclass, foreign_key.oid, 0, 'pg_class'::regclass, foreign_key.conindid, 0, 'n';
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.opclass_of(relation regclass) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('citus_emulation.%I', 'colocation_' || colocationid) FROM pg_dist_partition WHERE logicalrelid = relation
$$;

-- Detach what is attached and attach the shards as the catalogs have them now. `parent` is the distributed table, or while it
-- is being made, the stand-in through which its rows travel.
CREATE FUNCTION citus_emulation.attach_partitions(parent regclass, relation regclass) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE
    before text := citus_emulation.begin_internal();
    foreign_keys pg_constraint[] := '{}';
    uniques oid[];
    primaries oid[];
    shard record;
    child record;
    modulus int := (SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = relation);
    pass text;
BEGIN
    FOR child IN SELECT i.inhrelid::regclass AS name FROM pg_inherits i WHERE i.inhparent = parent LOOP
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, child.name);
    END LOOP;
    SELECT array_agg(indexrelid) FILTER (WHERE indisunique), array_agg(indexrelid) FILTER (WHERE indisprimary)
    INTO uniques, primaries FROM pg_index WHERE indrelid = parent;
    foreign_keys := citus_emulation.foreign_keys_of(parent);
    DELETE FROM pg_constraint WHERE oid IN (SELECT (unnest(foreign_keys)).oid);
    UPDATE pg_index SET indisunique = false, indisprimary = false WHERE indexrelid = ANY (uniques);
    -- Shards on other nodes have to come before PostgreSQL sees a unique index, the coordinator's own after it.
    FOREACH pass IN ARRAY ARRAY['elsewhere', 'here'] LOOP
        FOR shard IN
            SELECT s.shardid, p.groupid, row_number() OVER (ORDER BY s.shardminvalue::int) - 1 AS ordinal,
                citus_emulation.numbered_name(c.relname, s.shardid) AS name, citus_emulation.schema_name(c.relnamespace) AS schema
            FROM pg_dist_shard s JOIN pg_class c ON c.oid = s.logicalrelid
            CROSS JOIN LATERAL (SELECT citus_emulation.leader(s.shardid) AS groupid) p
            WHERE s.logicalrelid = relation ORDER BY ordinal
        LOOP
            CONTINUE WHEN (shard.groupid = citus_emulation.local_group()) <> (pass = 'here');
            IF pass = 'here' THEN
                EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
                    parent, shard.schema, shard.name, modulus, shard.ordinal);
            ELSIF to_regclass(format('citus_emulation.%I', shard.name)) IS NULL THEN
                EXECUTE format('CREATE FOREIGN TABLE citus_emulation.%I PARTITION OF %s FOR VALUES WITH (MODULUS %s, REMAINDER %s)
                    SERVER %I OPTIONS (schema_name %L, table_name %L)',
                    shard.name, parent, modulus, shard.ordinal, 'citus_node_' || shard.groupid, shard.schema, shard.name);
                IF citus_emulation.is_replicated(relation) THEN
                    EXECUTE format('CREATE STATISTICS citus_emulation.%I ON (citus_emulation.replica_guard(%s, %s)), %I FROM citus_emulation.%I',
                        'replica_guard_' || shard.shardid, shard.shardid, format('citus_emulation.%I', shard.name)::regclass::oid,
                        citus_emulation.distribution_column(relation), shard.name);
                ELSIF current_setting('server_version_num')::int >= 160000 THEN
                    EXECUTE format('CREATE STATISTICS citus_emulation.%I ON (citus_emulation.partition_guard(%s)), %I FROM citus_emulation.%I',
                        'node_guard_' || shard.shardid, shard.shardid, citus_emulation.distribution_column(relation), shard.name);
                END IF;
            ELSE
                EXECUTE format('ALTER TABLE %s ATTACH PARTITION citus_emulation.%I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
                    parent, shard.name, modulus, shard.ordinal);
                PERFORM citus_emulation.point_partition(shard.name, shard.groupid);
            END IF;
        END LOOP;
        IF pass = 'elsewhere' THEN
            UPDATE pg_index SET indisunique = true, indisprimary = indexrelid = ANY (coalesce(primaries, '{}'))
            WHERE indexrelid = ANY (uniques);
        END IF;
    END LOOP;
    INSERT INTO pg_constraint SELECT (f).* FROM unnest(foreign_keys) AS f;
    PERFORM citus_emulation.end_internal(before);
END
$$;

-- Foreign tables of shards that are no more.
CREATE FUNCTION citus_emulation.drop_stale_partitions() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    before text := citus_emulation.begin_internal();
    stale record;
BEGIN
    FOR stale IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relkind = 'f' AND c.relnamespace = 'citus_emulation'::regnamespace AND c.relname ~ '_\d+$'
            AND c.relname NOT LIKE 'command\_%' AND NOT c.relispartition
            AND NOT EXISTS (SELECT FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid)
                WHERE s.shardid = substring(c.relname FROM '_(\d+)$')::bigint AND p.groupid <> citus_emulation.local_group())
    LOOP
        EXECUTE format('DROP FOREIGN TABLE %s', stale.name);
    END LOOP;
    PERFORM citus_emulation.end_internal(before);
END
$$;

-- (Re)build a distributed table's partitions and routing from pg_dist_shard and pg_dist_placement. All tables of a colocation
-- group share the routing, so all of them have to have their new shards when the first is attached.
CREATE FUNCTION citus_emulation.attach_shards(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM citus_emulation.define_routing(p.colocationid,
        (SELECT atttypid FROM pg_attribute WHERE attrelid = relation AND attname = citus_emulation.distribution_column(relation)),
        citus_emulation.shard_minimums(relation))
    FROM pg_dist_partition p WHERE p.logicalrelid = relation;
    PERFORM citus_emulation.attach_partitions(relation, relation);
    PERFORM citus_emulation.drop_stale_partitions();
END
$$;

-- Point a shard's foreign table to another node. The catalogs are edited in place: far cheaper than making it again, and no
-- lock on the parent is needed. Touching pg_class tells cached plans.
CREATE FUNCTION citus_emulation.point_partition(name name, groupid int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    partition regclass := format('citus_emulation.%I', name)::regclass;
    server oid := (SELECT oid FROM pg_foreign_server WHERE srvname = 'citus_node_' || groupid);
BEGIN
    UPDATE pg_foreign_table SET ftserver = server WHERE ftrelid = partition AND ftserver <> server;
    IF FOUND THEN
        UPDATE pg_depend SET refobjid = server
        WHERE classid = 'pg_class'::regclass AND objid = partition AND refclassid = 'pg_foreign_server'::regclass;
        UPDATE pg_class SET relpages = relpages WHERE oid = partition;
    END IF;
END
$$;

-- After a shard's placement changed.
CREATE FUNCTION citus_emulation.repoint_shard(shardid bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    shard record;
BEGIN
    SELECT s.logicalrelid, t.partmethod, citus_emulation.numbered_name(c.relname, s.shardid) AS name,
        citus_emulation.leader(s.shardid) AS groupid
    INTO shard FROM pg_dist_shard s JOIN pg_dist_partition t USING (logicalrelid) JOIN pg_class c ON c.oid = s.logicalrelid
    WHERE s.shardid = repoint_shard.shardid;
    IF shard.partmethod <> 'h' THEN
        RETURN;
    END IF;
    IF shard.groupid = citus_emulation.local_group() OR to_regclass(format('citus_emulation.%I', shard.name)) IS NULL THEN
        PERFORM citus_emulation.attach_shards(shard.logicalrelid);
    ELSE
        PERFORM citus_emulation.point_partition(shard.name, shard.groupid);
    END IF;
END
$$;

-- Keep writers out of a table and its co-located ones while shards travel; readers go on.
CREATE FUNCTION citus_emulation.lock_for_move(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT other.logicalrelid FROM pg_dist_partition own JOIN pg_dist_partition other
            ON other.logicalrelid = own.logicalrelid OR own.partmethod = 'h' AND other.colocationid = own.colocationid
        WHERE own.logicalrelid = relation ORDER BY other.logicalrelid
    LOOP
        EXECUTE format('LOCK TABLE ONLY %s IN EXCLUSIVE MODE', citus_emulation.qualified_name(member.logicalrelid));
    END LOOP;
END
$$;

-- Turn an ordinary table into the parent, keeping its identity: views, sequences, grants, comments and prepared statements go
-- on working. `stand_in` is a partitioned table with the same columns; the two exchange what makes a relation ordinary or
-- partitioned, so that the stand-in ends up owning the old rows on disk.
CREATE FUNCTION citus_emulation.exchange_storage(relation regclass, stand_in regclass, column_number smallint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    ordinary pg_class;
    partitioned pg_class;
BEGIN
    SELECT * INTO ordinary FROM pg_class WHERE oid = relation;
    SELECT * INTO partitioned FROM pg_class WHERE oid = stand_in;
    UPDATE pg_class SET relkind = 'r', relam = ordinary.relam, relfilenode = ordinary.relfilenode,
        reltablespace = ordinary.reltablespace, reltoastrelid = ordinary.reltoastrelid, relfrozenxid = ordinary.relfrozenxid,
        relminmxid = ordinary.relminmxid, relpages = ordinary.relpages, reltuples = ordinary.reltuples,
        relhassubclass = false, relpersistence = ordinary.relpersistence
    WHERE oid = stand_in;
    UPDATE pg_class SET relkind = 'p', relam = partitioned.relam, relfilenode = 0, reltoastrelid = 0,
        relfrozenxid = partitioned.relfrozenxid, relminmxid = partitioned.relminmxid, relpages = 0, reltuples = -1,
        relallvisible = 0, relhasindex = false, reloptions = NULL
    WHERE oid = relation;
    UPDATE pg_depend SET refobjid = stand_in
    WHERE classid = 'pg_class'::regclass AND objid = ordinary.reltoastrelid AND refobjid = relation;
    UPDATE pg_partitioned_table SET partrelid = relation, partattrs = column_number::text::int2vector WHERE partrelid = stand_in;
    UPDATE pg_depend SET objid = relation
    WHERE classid = 'pg_class'::regclass AND objid = stand_in AND refclassid = 'pg_opclass'::regclass;
    -- The stand-in is no partitioned table any more: its column must not be tied to the table as a partition key is.
    DELETE FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = stand_in AND refclassid = 'pg_class'::regclass
        AND refobjid = stand_in;
    DELETE FROM pg_depend WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass
        AND objid = stand_in AND objsubid <> 0 AND refobjid = stand_in;
END
$$;
