-- Definitions follow: what is done to a distributed or reference table is done to its shards, in the same transaction.
--
-- Nothing is parsed. After a command the catalogs are compared with what the shards are known to have, and the difference is
-- sent. The text of the command is looked at only to know when a parent has to be without its partitions for a moment,
-- because PostgreSQL refuses unique indexes and foreign keys on a table with foreign partitions.

-- A definition has to reach every active node, or none.
CREATE FUNCTION citus_emulation.require_active_nodes() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM citus_emulation.check_nodes_answer();
END
$$;

-- Citus makes a schema on every node at once; here shards bring theirs along, but every node is asked all the same.
CREATE FUNCTION citus_emulation.before_schema() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('citus_emulation.remote', true) IS DISTINCT FROM 'on' AND citus_emulation.local_group() = 0 THEN
        PERFORM citus_emulation.require_active_nodes();
    END IF;
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
    calls text;
    query text;
    part record;
    bare text := '';
    key name;
BEGIN
    IF current_setting('citus_emulation.remote', true) = 'on' OR citus_emulation.local_group() <> 0 THEN
        RETURN;
    END IF;
    -- Inside of a function or a block, current_query() is the statement that called it; the calls end with the command itself.
    GET DIAGNOSTICS calls = PG_CONTEXT;
    query := coalesce(substring(calls FROM E'SQL statement "(.*?)"\nPL/pgSQL function'), current_query());
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
            WHERE c.contype = 'f' AND EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = c.confrelid AND partmethod = 'n')
                AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = c.conrelid)
        LOOP
            PERFORM citus_emulation.add_tied_local_tables(made.confrelid);
        END LOOP;
    END IF;
    PERFORM citus_emulation.end_internal(before);
END
$$;

-- A colocation group ends with its last table, and what routed its rows goes too.
CREATE FUNCTION citus_emulation.end_colocation_if_empty(colocation int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_dist_partition WHERE colocationid = colocation) THEN
        RETURN;
    END IF;
    DELETE FROM pg_dist_colocation WHERE colocationid = colocation;
    PERFORM citus_emulation.drop_routing(colocation);
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
    IF (SELECT count(*) > 1 FROM pg_event_trigger_dropped_objects() o WHERE o.original AND o.object_type = 'index')
        AND EXISTS (SELECT FROM pg_event_trigger_dropped_objects() o JOIN citus_emulation.remembered_index r ON r.index = o.objid)
    THEN
        RAISE EXCEPTION 'cannot drop multiple distributed objects in a single command'
            USING ERRCODE = 'feature_not_supported', HINT = 'Try dropping each object in a separate DROP command';
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
    -- Shards brought their schema along; it goes from the nodes as it went from here.
    FOR dropped IN
        SELECT o.object_name AS name FROM pg_event_trigger_dropped_objects() o
        WHERE o.classid = 'pg_namespace'::regclass AND NOT o.is_temporary
    LOOP
        PERFORM citus_emulation.require_active_nodes();
        FOR node IN SELECT groupid FROM pg_dist_node WHERE isactive AND groupid <> citus_emulation.local_group() ORDER BY groupid LOOP
            PERFORM citus_emulation.remote(node.groupid, CASE WHEN current_query() ~* '\mcascade\M'
                THEN format('DROP SCHEMA IF EXISTS %I CASCADE', dropped.name)
                -- What somebody made there by hand stays, and so does its schema.
                ELSE format('DO %L', format('BEGIN DROP SCHEMA IF EXISTS %I; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END',
                    dropped.name)) END);
        END LOOP;
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
CREATE EVENT TRIGGER citus_emulation_schema ON ddl_command_start
WHEN TAG IN ('CREATE SCHEMA')
EXECUTE FUNCTION citus_emulation.before_schema();
CREATE EVENT TRIGGER citus_emulation_after ON ddl_command_end
WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE', 'CREATE INDEX', 'ALTER INDEX', 'CREATE TRIGGER')
EXECUTE FUNCTION citus_emulation.after_definition();
CREATE EVENT TRIGGER citus_emulation_drop ON sql_drop
WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP INDEX')
EXECUTE FUNCTION citus_emulation.after_drop();
