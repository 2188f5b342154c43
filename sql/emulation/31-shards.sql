-- Shards on their nodes, made from what the coordinator's catalogs say of the table. The distributed table itself carries its
-- primary key, unique constraints and foreign keys in the catalogs, so it is the one place that remembers them.

-- A name with the shard's number, shortened as Citus does when it would get too long.
CREATE FUNCTION citus_emulation.numbered_name(name text, shardid bigint) RETURNS name LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    suffix text := '_' || shardid;
    clipped text := name;
BEGIN
    IF octet_length(name || suffix) <= 63 THEN
        RETURN name || suffix;
    END IF;
    suffix := '_' || lpad(to_hex(hashtext(name)), 8, '0') || suffix;
    WHILE octet_length(clipped || suffix) > 63 LOOP
        clipped := left(clipped, -1);
    END LOOP;
    RETURN clipped || suffix;
END
$$;

CREATE FUNCTION citus_emulation.shard_name(relation regclass, shardid bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('%I.%I', citus_emulation.schema_name(relnamespace), citus_emulation.numbered_name(relname, shardid))
    FROM pg_class WHERE oid = relation
$$;

CREATE FUNCTION pg_catalog.shard_name(object_name regclass, shard_id bigint, skip_qualify_public boolean DEFAULT true)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN skip_qualify_public AND relnamespace = 'public'::regnamespace
        THEN quote_ident(citus_emulation.numbered_name(relname, shard_id))
        ELSE citus_emulation.shard_name(object_name, shard_id) END
    FROM pg_class WHERE oid = object_name
$$;

-- What a node calls a table's shard: a reference table's own copy on the coordinator is the table itself.
CREATE FUNCTION citus_emulation.placement_name(relation regclass, shardid bigint, groupid int) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN groupid = 0 AND partmethod = 'n' THEN citus_emulation.qualified_name(relation)
        ELSE citus_emulation.shard_name(relation, shardid) END
    FROM pg_dist_partition WHERE logicalrelid = relation
$$;

-- The text of a column's definition for a shard. Sequences stay on the coordinator, so their defaults do too.
CREATE FUNCTION citus_emulation.column_definition(relation regclass, number smallint) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
        || coalesce((SELECT format(' COLLATE %I.%I', citus_emulation.schema_name(c.collnamespace), c.collname) FROM pg_collation c
            WHERE c.oid = a.attcollation AND a.attcollation <> t.typcollation), '')
        || CASE WHEN a.attgenerated <> '' THEN format(' GENERATED ALWAYS AS (%s) %s', pg_get_expr(d.adbin, d.adrelid),
                CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END)
            WHEN d.adbin IS NOT NULL AND pg_get_expr(d.adbin, d.adrelid) NOT LIKE '%nextval(%'
                THEN format(' DEFAULT %s', pg_get_expr(d.adbin, d.adrelid))
            ELSE '' END
        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = relation AND a.attnum = number
$$;

CREATE FUNCTION citus_emulation.index_definition(index oid, name name, target text) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT format('CREATE %sINDEX %I ON %s ', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, name, target)
        || substring(pg_get_indexdef(index) FROM position(' USING ' IN pg_get_indexdef(index)) + 1)
    FROM pg_index i WHERE i.indexrelid = index
$$;

-- Definitions of user-made types that a table's columns need, in an order that works, each harmless to repeat.
CREATE FUNCTION citus_emulation.type_commands(relation regclass) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    WITH RECURSIVE needed (type, depth) AS (
        SELECT atttypid, 0 FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT n.type, needed.depth + 1 FROM needed JOIN pg_type t ON t.oid = needed.type
        CROSS JOIN LATERAL (
            SELECT t.typelem AS type WHERE t.typelem <> 0 AND t.typcategory = 'A'
            UNION ALL SELECT t.typbasetype WHERE t.typtype = 'd'
            UNION ALL SELECT atttypid FROM pg_attribute WHERE attrelid = t.typrelid AND t.typtype = 'c' AND attnum > 0 AND NOT attisdropped
        ) n
        WHERE needed.depth < 10
    ), once AS (
        SELECT type, max(depth) AS depth FROM needed GROUP BY type
    ), command AS (
        SELECT depth, t.oid, format('%I.%I', citus_emulation.schema_name(t.typnamespace), t.typname) AS name,
            citus_emulation.schema_name(t.typnamespace) AS schema,
            CASE t.typtype
                WHEN 'e' THEN format('CREATE TYPE %I.%I AS ENUM (%s)', citus_emulation.schema_name(t.typnamespace), t.typname,
                    (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
                WHEN 'd' THEN format('CREATE DOMAIN %I.%I AS %s', citus_emulation.schema_name(t.typnamespace), t.typname,
                    format_type(t.typbasetype, t.typtypmod))
                    || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
                    || coalesce((SELECT string_agg(format(' CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), '')
                        FROM pg_constraint WHERE contypid = t.oid AND contype = 'c'), '')
                WHEN 'c' THEN format('CREATE TYPE %I.%I AS (%s)', citus_emulation.schema_name(t.typnamespace), t.typname,
                    (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
                        FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped))
            END AS text
        FROM once JOIN pg_type t ON t.oid = once.type
        WHERE t.oid >= 16384 AND t.typtype IN ('e', 'd', 'c')
    )
    SELECT coalesce(string_agg(format('CREATE SCHEMA IF NOT EXISTS %I; DO %L;', schema,
        format('BEGIN IF to_regtype(%L) IS NULL THEN %s; END IF; END', name, text)), ' ' ORDER BY depth DESC, oid), '')
    FROM command
$$;

-- Everything of a shard but its foreign keys, which need the other shards to be there.
CREATE FUNCTION citus_emulation.shard_commands(relation regclass, shardid bigint) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog AS $$
DECLARE
    shard text := citus_emulation.shard_name(relation, shardid);
    commands text;
    part pg_dist_partition;
BEGIN
    SELECT * INTO part FROM pg_dist_partition WHERE logicalrelid = relation;
    SELECT format('%s CREATE SCHEMA IF NOT EXISTS %I; DROP TABLE IF EXISTS %s CASCADE; CREATE %sTABLE %s (%s);',
        citus_emulation.type_commands(relation), citus_emulation.schema_name(c.relnamespace), shard,
        CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, shard,
        (SELECT string_agg(citus_emulation.column_definition(relation, attnum), ', ' ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped))
    INTO commands FROM pg_class c WHERE c.oid = relation;
    SELECT commands || coalesce(string_agg(format('ALTER TABLE %s ADD CONSTRAINT %I %s;', shard,
        CASE contype WHEN 'c' THEN conname ELSE citus_emulation.numbered_name(conname, shardid) END,
        pg_get_constraintdef(oid)), '' ORDER BY contype DESC, conname), '')
    INTO commands FROM pg_constraint WHERE conrelid = relation AND contype IN ('p', 'u', 'x', 'c');
    SELECT commands || coalesce(string_agg(citus_emulation.index_definition(i.indexrelid,
        citus_emulation.numbered_name(c.relname, shardid), shard) || ';', '' ORDER BY i.indexrelid), '')
    INTO commands FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = relation AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'));
    IF part.partmethod = 'h' THEN
        commands := commands || format(
            'CREATE TRIGGER citus_distribution_value BEFORE INSERT ON %s FOR EACH ROW WHEN (NEW.%I IS NULL)
             EXECUTE FUNCTION citus_emulation.refuse_null();', shard, citus_emulation.distribution_column(relation));
    END IF;
    RETURN commands;
END
$$;

CREATE FUNCTION citus_emulation.refuse_null() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'cannot perform an INSERT with NULL in the partition column' USING ERRCODE = 'null_value_not_allowed';
END
$$;

-- The foreign key's text for one shard: it points to the shard of the same range, or to the node's copy of a reference table.
CREATE FUNCTION citus_emulation.foreign_key_definition(foreign_key pg_constraint, shardid bigint, groupid int) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE
    referenced bigint;
    definition text := citus_emulation.foreign_key_text(foreign_key);
    full_name text := citus_emulation.qualified_name(foreign_key.confrelid);
    place int := position(' REFERENCES ' || full_name IN definition);
BEGIN
    SELECT other.shardid INTO referenced FROM pg_dist_shard other, pg_dist_shard own
    WHERE other.logicalrelid = foreign_key.confrelid AND own.shardid = foreign_key_definition.shardid
        AND (other.shardminvalue IS NULL OR other.shardminvalue = own.shardminvalue);
    RETURN overlay(definition PLACING
        ' REFERENCES ' || citus_emulation.placement_name(foreign_key.confrelid, referenced, groupid)
        FROM place FOR length(' REFERENCES ' || full_name));
END
$$;

-- pg_get_constraintdef for a row that may be out of its catalog at the moment.
CREATE FUNCTION citus_emulation.foreign_key_text(foreign_key pg_constraint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('FOREIGN KEY (%s) REFERENCES %s(%s)%s%s%s%s',
        citus_emulation.column_names(foreign_key.conrelid, foreign_key.conkey),
        citus_emulation.qualified_name(foreign_key.confrelid),
        citus_emulation.column_names(foreign_key.confrelid, foreign_key.confkey),
        CASE foreign_key.confmatchtype WHEN 'f' THEN ' MATCH FULL' ELSE '' END,
        CASE foreign_key.confupdtype WHEN 'r' THEN ' ON UPDATE RESTRICT' WHEN 'c' THEN ' ON UPDATE CASCADE'
            WHEN 'n' THEN ' ON UPDATE SET NULL' WHEN 'd' THEN ' ON UPDATE SET DEFAULT' ELSE '' END,
        CASE foreign_key.confdeltype WHEN 'r' THEN ' ON DELETE RESTRICT' WHEN 'c' THEN ' ON DELETE CASCADE'
            WHEN 'n' THEN ' ON DELETE SET NULL' WHEN 'd' THEN ' ON DELETE SET DEFAULT' ELSE '' END,
        CASE WHEN foreign_key.condeferrable THEN ' DEFERRABLE' ELSE '' END
            || CASE WHEN foreign_key.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END)
$$;

CREATE FUNCTION citus_emulation.column_names(relation oid, numbers smallint[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY n.place)
    FROM unnest(numbers) WITH ORDINALITY AS n (number, place)
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = n.number
$$;

CREATE FUNCTION citus_emulation.foreign_key_commands(relation regclass, shardid bigint, groupid int) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT coalesce(string_agg(format('ALTER TABLE %s ADD CONSTRAINT %I %s;', citus_emulation.shard_name(relation, shardid),
        citus_emulation.numbered_name(c.conname, shardid), citus_emulation.foreign_key_definition(c, shardid, groupid)), ''), '')
    FROM pg_constraint c
    WHERE c.conrelid = relation AND c.contype = 'f' AND c.conparentid = 0
        AND EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = c.confrelid)
$$;

-- Make an empty shard on a node: columns, checks, keys, indexes, all but the foreign keys.
CREATE FUNCTION citus_emulation.create_shard(relation regclass, shardid bigint, groupid int) RETURNS void LANGUAGE sql AS $$
    SELECT citus_emulation.remote(groupid, citus_emulation.shard_commands(relation, shardid))
$$;

-- Add a shard's foreign keys, once the shards that it refers to stand on the node.
CREATE FUNCTION citus_emulation.create_shard_foreign_keys(relation regclass, shardid bigint, groupid int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    commands text := citus_emulation.foreign_key_commands(relation, shardid, groupid);
BEGIN
    IF commands <> '' THEN
        PERFORM citus_emulation.remote(groupid, commands);
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.drop_shard(relation regclass, shardid bigint, groupid int) RETURNS void LANGUAGE sql AS $$
    SELECT citus_emulation.remote(groupid, format('DROP TABLE IF EXISTS %s CASCADE', citus_emulation.shard_name(relation, shardid)))
$$;

-- A foreign table onto one placement, outside of any parent, for copying whole shards.
CREATE FUNCTION citus_emulation.create_window(name name, relation regclass, shardid bigint, groupid int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    EXECUTE format('CREATE FOREIGN TABLE citus_emulation.%I (%s) SERVER %I OPTIONS (schema_name %L, table_name %L)', name,
        (SELECT string_agg(format('%I %s%s', attname, format_type(atttypid, atttypmod),
            coalesce((SELECT format(' COLLATE %I.%I', citus_emulation.schema_name(collnamespace), collname) FROM pg_collation c
                JOIN pg_type t ON t.oid = atttypid WHERE c.oid = attcollation AND attcollation <> t.typcollation), '')), ', ' ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = ''),
        'citus_node_' || groupid,
        (SELECT citus_emulation.schema_name(relnamespace) FROM pg_class WHERE oid = relation),
        (SELECT citus_emulation.numbered_name(relname, shardid) FROM pg_class WHERE oid = relation));
END
$$;

-- In PL/pgSQL, which keeps its plan: every repeated write asks for it.
CREATE FUNCTION citus_emulation.stored_columns(relation regclass) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
END
$$;
