-- What a distributed table refuses at run time, and remembering its definition.

CREATE FUNCTION citus_emulation.refuse_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'modifying the partition value of rows is not allowed' USING ERRCODE = 'feature_not_supported';
END
$$;

-- postgres_fdw hands on ON CONFLICT DO NOTHING, and no other.
CREATE FUNCTION citus_emulation.refuse_upsert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_query() ~* '\mon\s+conflict\M' AND current_query() !~* '\mon\s+conflict\s+do\s+nothing\M' THEN
        RAISE EXCEPTION 'ON CONFLICT with a target or DO UPDATE is not part of the emulation' USING
            ERRCODE = 'feature_not_supported',
            HINT = 'Citus itself can. Here ON CONFLICT DO NOTHING works, and UPDATE followed by INSERT.';
    END IF;
    RETURN NULL;
END
$$;

-- The triggers and the statistics object through which a distributed table watches over its statements. A statement trigger
-- leaves batching and direct modification on the workers alone, which a row trigger would not.
CREATE FUNCTION citus_emulation.guard_distributed_table(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    qualified text := citus_emulation.qualified_name(relation);
    distribution_column name := citus_emulation.distribution_column(relation);
BEGIN
    EXECUTE format('CREATE TRIGGER citus_distribution_value BEFORE UPDATE OF %I ON %s FOR EACH STATEMENT
        EXECUTE FUNCTION citus_emulation.refuse_key_change()', distribution_column, qualified);
    EXECUTE format('CREATE TRIGGER citus_on_conflict BEFORE INSERT ON %s FOR EACH STATEMENT
        EXECUTE FUNCTION citus_emulation.refuse_upsert()', qualified);
    EXECUTE format('CREATE STATISTICS citus_emulation.%I ON (citus_emulation.%I()), %I FROM %s', 'guard_' || relation::oid,
        CASE WHEN citus_emulation.is_replicated(relation) THEN 'replicated_plan_guard' ELSE 'plan_guard' END, distribution_column, qualified);
    IF citus_emulation.is_replicated(relation) THEN
        PERFORM citus_emulation.guard_replicated_table(relation);
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.remember(relation regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM citus_emulation.remembered_table r WHERE r.relation = remember.relation;
    DELETE FROM citus_emulation.remembered_column r WHERE r.relation = remember.relation;
    DELETE FROM citus_emulation.remembered_index r WHERE r.relation = remember.relation;
    DELETE FROM citus_emulation.remembered_constraint r WHERE r.relation = remember.relation;
    INSERT INTO citus_emulation.remembered_table SELECT oid, citus_emulation.schema_name(relnamespace), relname FROM pg_class WHERE oid = relation;
    INSERT INTO citus_emulation.remembered_column SELECT * FROM citus_emulation.current_columns(relation);
    INSERT INTO citus_emulation.remembered_index SELECT * FROM citus_emulation.current_indexes(relation);
    INSERT INTO citus_emulation.remembered_constraint SELECT * FROM citus_emulation.current_constraints(relation);
END
$$;

CREATE FUNCTION citus_emulation.forget(relation oid) RETURNS void LANGUAGE sql AS $$
    DELETE FROM citus_emulation.remembered_table r WHERE r.relation = forget.relation;
    DELETE FROM citus_emulation.remembered_column r WHERE r.relation = forget.relation;
    DELETE FROM citus_emulation.remembered_index r WHERE r.relation = forget.relation;
    DELETE FROM citus_emulation.remembered_constraint r WHERE r.relation = forget.relation;
$$;

CREATE FUNCTION citus_emulation.current_columns(relation oid) RETURNS SETOF citus_emulation.remembered_column LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        CASE WHEN a.attgenerated = '' AND pg_get_expr(d.adbin, d.adrelid) NOT LIKE '%nextval(%' THEN pg_get_expr(d.adbin, d.adrelid) END
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
$$;

CREATE FUNCTION citus_emulation.current_indexes(relation oid) RETURNS SETOF citus_emulation.remembered_index LANGUAGE sql STABLE AS $$
    SELECT i.indrelid, i.indexrelid, citus_emulation.schema_name(c.relnamespace), c.relname
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = relation AND NOT EXISTS (
        SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = i.indrelid AND contype IN ('p', 'u', 'x'))
$$;

CREATE FUNCTION citus_emulation.current_constraints(relation oid) RETURNS SETOF citus_emulation.remembered_constraint LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT c.conrelid, c.oid, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
    WHERE c.conrelid = relation AND c.contype IN ('p', 'u', 'x', 'c', 'f') AND c.conparentid = 0
$$;
