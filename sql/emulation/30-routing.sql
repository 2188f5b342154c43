-- The same shard for the same value as Citus.
--
-- Citus hashes the distribution column with its type's hash function and looks which shard's range of 32-bit numbers holds the
-- result. PostgreSQL's hash partitions take a 64-bit hash modulo their number. Each colocation group therefore has an operator
-- class whose hash function answers the ordinal of the range, less the constant that PostgreSQL adds for a single key column.

CREATE FUNCTION citus_emulation.hash_function(type oid, OUT family oid, OUT input oid, OUT function regprocedure,
    OUT base oid, OUT polymorphic boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    kind "char";
    category "char";
BEGIN
    base := type;
    LOOP
        SELECT typtype, typcategory INTO kind, category FROM pg_type WHERE oid = base;
        EXIT WHEN kind <> 'd';
        SELECT typbasetype INTO base FROM pg_type WHERE oid = base;
    END LOOP;
    SELECT c.opcfamily, c.opcintype INTO family, input FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
    WHERE a.amname = 'hash' AND c.opcdefault AND c.opcintype IN (
        SELECT base
        UNION ALL SELECT casttarget FROM pg_cast WHERE castsource = base AND castmethod = 'b' AND castcontext = 'i'
        UNION ALL SELECT 'anyenum'::regtype WHERE kind = 'e'
        UNION ALL SELECT 'anyarray'::regtype WHERE category = 'A'
        UNION ALL SELECT 'anyrange'::regtype WHERE kind = 'r'
        UNION ALL SELECT 'record'::regtype WHERE kind = 'c')
    ORDER BY (c.opcintype = base) DESC LIMIT 1;
    polymorphic := (SELECT typtype = 'p' FROM pg_type WHERE oid = input);
    SELECT amproc INTO function FROM pg_amproc
    WHERE amprocfamily = family AND amproclefttype = input AND amprocrighttype = input AND amprocnum = 1;
END
$$;

-- An expression that hashes another as Citus does. Several types borrow another type's function, dates that of integers for
-- one, and SQL cannot say so: they get a name for it of their own in citus_emulation.
CREATE FUNCTION citus_emulation.hash_expression(type oid, expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hash record;
    function pg_proc;
    alias text;
BEGIN
    SELECT * INTO hash FROM citus_emulation.hash_function(type);
    SELECT * INTO function FROM pg_proc WHERE oid = hash.function;
    IF function.proargtypes[0] = hash.input THEN
        RETURN format('pg_catalog.%I(%s)', function.proname, expression);
    END IF;
    alias := format('citus_emulation.hash(%s)', hash.input::regtype);
    IF to_regprocedure(alias) IS NULL THEN
        EXECUTE format('CREATE FUNCTION %s RETURNS int LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS %L', alias, function.prosrc);
    END IF;
    RETURN format('citus_emulation.hash(%s)', expression);
END
$$;

-- The least values of a table's shards, in order; their positions are the ordinals.
CREATE FUNCTION citus_emulation.shard_minimums(relation regclass) RETURNS int[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(shardminvalue::int ORDER BY shardminvalue::int) FROM pg_dist_shard WHERE logicalrelid = relation
$$;

-- Create or change the functions that route a colocation group's rows. Replacing them in place keeps operator class, parents
-- and their caches as they are: only the partitions' numbers have to be set again.
CREATE FUNCTION citus_emulation.define_routing(colocation int, type oid, minimums int[]) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE
    hash record;
    kind record;
    member record;
    name name := 'colocation_' || colocation;
    known boolean;
    route text;
BEGIN
    SELECT * INTO hash FROM citus_emulation.hash_function(type);
    known := EXISTS (SELECT FROM pg_opfamily WHERE opfname = name AND opfnamespace = 'citus_emulation'::regnamespace);
    IF NOT known THEN
        EXECUTE format('CREATE OPERATOR FAMILY citus_emulation.%I USING hash', name);
    END IF;
    -- Every type that can be compared with the column's own by `=` gets its function, or `bigint = 42` would prune nothing.
    -- A polymorphic class (enums, arrays) cannot tell what it is given, so its function is made for the column's type.
    FOR kind IN SELECT amproclefttype AS type, CASE WHEN amproclefttype = hash.input AND hash.polymorphic THEN hash.base
            ELSE amproclefttype END AS concrete
        FROM pg_amproc WHERE amprocfamily = hash.family AND amproclefttype = amprocrighttype AND amprocnum = 1
        ORDER BY amproclefttype = hash.input DESC
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION citus_emulation.%I(value %s, seed bigint) RETURNS bigint
             LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
             $body$BEGIN RETURN pg_catalog.width_bucket(%s, %L::pg_catalog.int4[]) - 1 - 5305509591434766563; END$body$',
            'route_' || colocation, kind.concrete::regtype, citus_emulation.hash_expression(kind.concrete, 'value'), minimums);
        CONTINUE WHEN known;
        route := format('citus_emulation.%I(%s, bigint)', 'route_' || colocation, kind.concrete::regtype);
        IF kind.type = hash.input THEN
            EXECUTE format(
                'CREATE OPERATOR CLASS citus_emulation.%I FOR TYPE %s USING hash FAMILY citus_emulation.%I AS
                 OPERATOR 1 %s, FUNCTION 2 (%s, %s) %s',
                name, kind.concrete::regtype, name,
                (SELECT amopopr::regoperator FROM pg_amop WHERE amopfamily = hash.family
                    AND amoplefttype = kind.type AND amoprighttype = kind.type AND amopstrategy = 1),
                kind.concrete::regtype, kind.concrete::regtype, route);
            CONTINUE WHEN kind.concrete = kind.type;
        END IF;
        EXECUTE format('ALTER OPERATOR FAMILY citus_emulation.%I USING hash ADD FUNCTION 2 (%s, %s) %s',
            name, kind.type::regtype, kind.type::regtype, route);
    END LOOP;
    IF NOT known THEN
        FOR member IN SELECT amopopr::regoperator AS operator FROM pg_amop
            WHERE amopfamily = hash.family AND amopstrategy = 1 AND NOT (amoplefttype = hash.input AND amoprighttype = hash.input)
        LOOP
            EXECUTE format('ALTER OPERATOR FAMILY citus_emulation.%I USING hash ADD OPERATOR 1 %s', name, member.operator);
        END LOOP;
    END IF;
    RETURN format('citus_emulation.%I', name);
END
$$;

CREATE FUNCTION citus_emulation.drop_routing(colocation int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    route regprocedure;
BEGIN
    IF EXISTS (SELECT FROM pg_opfamily
        WHERE opfnamespace = 'citus_emulation'::regnamespace AND opfname = 'colocation_' || colocation)
    THEN
        EXECUTE format('DROP OPERATOR FAMILY citus_emulation.%I USING hash', 'colocation_' || colocation);
    END IF;
    FOR route IN
        SELECT oid FROM pg_proc WHERE pronamespace = 'citus_emulation'::regnamespace AND proname = 'route_' || colocation
    LOOP
        EXECUTE format('DROP FUNCTION %s', route);
    END LOOP;
END
$$;

CREATE FUNCTION pg_catalog.column_to_column_name(table_name regclass, column_var_text text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = table_name AND attnum = substring(column_var_text FROM ':varattno (\d+)')::smallint
$$;

CREATE FUNCTION pg_catalog.column_name_to_column(table_name regclass, column_name text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    answer text;
BEGIN
    SELECT format('{VAR :varno 1 :varattno %s :vartype %s :vartypmod %s :varcollid %s :varlevelsup 0}',
            attnum, atttypid, atttypmod, attcollation)
    INTO answer FROM pg_attribute WHERE attrelid = table_name AND attname = column_name AND attnum > 0 AND NOT attisdropped;
    IF answer IS NULL THEN
        RAISE EXCEPTION 'column "%" of relation "%" does not exist', column_name,
            (SELECT relname FROM pg_class WHERE oid = table_name) USING ERRCODE = 'undefined_column';
    END IF;
    RETURN answer;
END
$$;

CREATE FUNCTION citus_emulation.distribution_column(relation regclass) RETURNS name LANGUAGE sql STABLE AS $$
    SELECT column_to_column_name(logicalrelid, partkey)::name FROM pg_dist_partition WHERE logicalrelid = relation
$$;

CREATE FUNCTION pg_catalog.get_shard_id_for_distribution_column(table_name regclass, distribution_value text DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    part pg_dist_partition;
    type oid;
    modifier int;
    hash int;
BEGIN
    IF table_name IS NULL THEN
        RAISE EXCEPTION 'relation cannot be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT * INTO part FROM pg_dist_partition WHERE logicalrelid = table_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'relation is not distributed' USING ERRCODE = 'invalid_table_definition';
    END IF;
    IF part.partmethod = 'n' THEN
        RETURN (SELECT shardid FROM pg_dist_shard WHERE logicalrelid = table_name);
    END IF;
    IF distribution_value IS NULL THEN
        RAISE EXCEPTION 'distribution value cannot be NULL for tables other than reference tables.'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT atttypid, atttypmod INTO type, modifier FROM pg_attribute
    WHERE attrelid = table_name AND attname = citus_emulation.distribution_column(table_name);
    EXECUTE format('SELECT %s', citus_emulation.hash_expression(type, format('$1::%s', format_type(type, modifier))))
    INTO hash USING distribution_value;
    RETURN (SELECT shardid FROM pg_dist_shard
        WHERE logicalrelid = table_name AND hash BETWEEN shardminvalue::int AND shardmaxvalue::int);
END
$$;
CREATE FUNCTION pg_catalog.get_shard_id_for_distribution_column(table_name regclass, distribution_value anyelement)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT get_shard_id_for_distribution_column(table_name, distribution_value::text)
$$;
