-- Running commands on nodes, shards and placements, each outside of the caller's transaction as on Citus; and sizes.

-- Run the same or different commands on many nodes at once, over connections of their own.
CREATE FUNCTION citus_emulation.run_on(hosts text[], ports int[], commands text[], parallel boolean, OUT number int, OUT success boolean, OUT result text)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    connections text[] := '{}';
    failures text[] := '{}';
    connection text;
    answer record;
    message text;
    asked jsonb := '{}';
    address text;
BEGIN
    FOR place IN 1 .. cardinality(commands) LOOP
        connection := format('citus_emulation_run_%s', place);
        IF current_setting('server_version_num')::int >= 160000 THEN
            -- Asked once a node, however many shards it has.
            address := hosts[place] || ':' || ports[place];
            IF asked ? address THEN
                failures[place] := asked->>address;
            ELSE
                failures[place] := CASE WHEN citus_emulation.connection_failure(hosts[place], ports[place]) IS NOT NULL
                    THEN format('failed to connect to %s', address) END;
                asked := asked || jsonb_build_object(address, failures[place]);
            END IF;
            CONTINUE WHEN failures[place] IS NOT NULL;
        END IF;
        BEGIN
            PERFORM citus_emulation.dblink_connect(connection, citus_emulation.connection_string(hosts[place], ports[place]));
            PERFORM citus_emulation.dblink_send_query(connection, commands[place]);
            connections[place] := connection;
        EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
            failures[place] := format('failed to connect to %s:%s', hosts[place], ports[place]);
        END;
        IF NOT parallel AND connections[place] IS NOT NULL THEN
            WHILE citus_emulation.dblink_is_busy(connection) = 1 LOOP
                PERFORM pg_sleep(0.001);
            END LOOP;
        END IF;
    END LOOP;
    FOR place IN 1 .. cardinality(commands) LOOP
        number := place;
        success := failures[place] IS NULL;
        result := failures[place];
        IF connections[place] IS NOT NULL THEN
            BEGIN
                result := '';
                FOR answer IN SELECT value FROM citus_emulation.dblink_get_result(connections[place], true) AS (value text) LOOP
                    result := coalesce(answer.value, '');
                    EXIT;
                END LOOP;
            EXCEPTION WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
                success := false;
                result := 'ERROR:  ' || message;
            END;
            PERFORM citus_emulation.dblink_disconnect(connections[place]);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE FUNCTION pg_catalog.run_command_on_workers(
    command text, parallel boolean DEFAULT true, OUT nodename text, OUT nodeport int, OUT success boolean, OUT result text
) RETURNS SETOF record LANGUAGE sql AS $$
    WITH node AS (
        SELECT array_agg(n.nodename ORDER BY n.nodename, n.nodeport) AS hosts, array_agg(n.nodeport ORDER BY n.nodename, n.nodeport) AS ports
        FROM pg_dist_node n WHERE n.isactive AND n.noderole = 'primary' AND n.groupid <> 0
    )
    SELECT hosts[r.number], ports[r.number], r.success, r.result
    FROM node, citus_emulation.run_on(hosts, ports, array_fill(command, ARRAY[cardinality(hosts)]), parallel) r
    WHERE hosts IS NOT NULL
$$;

CREATE FUNCTION pg_catalog.run_command_on_all_nodes(
    command text, parallel boolean DEFAULT true, give_warning_for_connection_errors boolean DEFAULT false,
    OUT nodeid int, OUT success boolean, OUT result text
) RETURNS SETOF record LANGUAGE sql AS $$
    WITH node AS (
        SELECT array_agg(n.nodename ORDER BY n.nodeid) AS hosts, array_agg(n.nodeport ORDER BY n.nodeid) AS ports,
            array_agg(n.nodeid ORDER BY n.nodeid) AS ids
        FROM pg_dist_node n WHERE n.isactive AND n.noderole = 'primary'
    )
    SELECT ids[r.number], r.success, r.result
    FROM node, citus_emulation.run_on(hosts, ports, array_fill(command, ARRAY[cardinality(hosts)]), parallel) r
    WHERE hosts IS NOT NULL
$$;

CREATE FUNCTION pg_catalog.run_command_on_coordinator(
    command text, give_warning_for_connection_errors boolean DEFAULT false, OUT nodeid int, OUT success boolean, OUT result text
) RETURNS SETOF record LANGUAGE sql AS $$
    SELECT n.nodeid, r.success, r.result
    FROM pg_dist_node n, citus_emulation.run_on(ARRAY[n.nodename], ARRAY[n.nodeport], ARRAY[command], true) r WHERE n.groupid = 0
$$;

-- `%s` and `%I` in the command stand for the shard's name, as on Citus.
CREATE FUNCTION citus_emulation.shard_command(command text, relation regclass, shardid bigint, groupid int) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT replace(replace(replace(command, '%s', name), '%I', name), '%L', quote_literal(name))
    FROM (SELECT CASE WHEN citus_emulation.placement_name(relation, shardid, groupid) LIKE 'public.%'
        THEN substring(citus_emulation.placement_name(relation, shardid, groupid) FROM 8)
        ELSE citus_emulation.placement_name(relation, shardid, groupid) END AS name) named
$$;

CREATE FUNCTION pg_catalog.run_command_on_placements(
    table_name regclass, command text, parallel boolean DEFAULT true,
    OUT nodename text, OUT nodeport int, OUT shardid bigint, OUT success boolean, OUT result text
) RETURNS SETOF record LANGUAGE sql AS $$
    WITH place AS (
        SELECT n.nodename, n.nodeport, s.shardid, citus_emulation.shard_command(command, table_name, s.shardid, n.groupid) AS text,
            row_number() OVER (ORDER BY s.shardid, n.nodename, n.nodeport) AS number
        FROM pg_dist_shard s JOIN pg_dist_placement p ON p.shardid = s.shardid
        JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' WHERE s.logicalrelid = table_name
    ), everything AS (
        SELECT array_agg(nodename ORDER BY number) AS hosts, array_agg(nodeport ORDER BY number) AS ports,
            array_agg(text ORDER BY number) AS commands FROM place
    )
    SELECT place.nodename, place.nodeport, place.shardid, r.success, r.result
    FROM everything, citus_emulation.run_on(hosts, ports, commands, parallel) r JOIN place ON place.number = r.number
    WHERE hosts IS NOT NULL ORDER BY place.number
$$;

CREATE FUNCTION pg_catalog.run_command_on_shards(
    table_name regclass, command text, parallel boolean DEFAULT true, OUT shardid bigint, OUT success boolean, OUT result text
) RETURNS SETOF record LANGUAGE sql AS $$
    SELECT DISTINCT ON (r.shardid) r.shardid, r.success, r.result
    FROM run_command_on_placements(table_name, command, parallel) r ORDER BY r.shardid, r.success DESC
$$;

CREATE FUNCTION pg_catalog.run_command_on_colocated_placements(
    table_name1 regclass, table_name2 regclass, command text, parallel boolean DEFAULT true,
    OUT nodename text, OUT nodeport int, OUT shardid1 bigint, OUT shardid2 bigint, OUT success boolean, OUT result text
) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'run_command_on_colocated_placements is not part of the emulation'
        USING ERRCODE = 'feature_not_supported', HINT = 'Citus itself can; run_command_on_placements works here too.';
END
$$;

CREATE FUNCTION citus_emulation.ensure_citus_table(relation regclass) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation) THEN
        RAISE EXCEPTION 'cannot calculate the size because relation % is not distributed', quote_literal(citus_emulation.relation_name(relation))
            USING ERRCODE = 'invalid_table_definition';
    END IF;
END
$$;

-- The sum of a size function over all placements of a table, one question a node.
CREATE FUNCTION citus_emulation.measure_table(relation regclass, size_function text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    node record;
    total bigint := 0;
BEGIN
    PERFORM citus_emulation.ensure_citus_table(relation);
    FOR node IN
        SELECT p.groupid, string_agg(format('%s(%L)', size_function, citus_emulation.placement_name(relation, s.shardid, p.groupid)), ' + ') AS sizes
        FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid) WHERE s.logicalrelid = relation GROUP BY p.groupid
    LOOP
        total := total + citus_emulation.remote_value(node.groupid, 'SELECT ' || node.sizes)::bigint;
    END LOOP;
    RETURN total;
END
$$;

CREATE FUNCTION pg_catalog.citus_table_size(logicalrelid regclass) RETURNS bigint LANGUAGE sql AS $$
    SELECT citus_emulation.measure_table(logicalrelid, 'pg_table_size')
$$;
CREATE FUNCTION pg_catalog.citus_relation_size(logicalrelid regclass) RETURNS bigint LANGUAGE sql AS $$
    SELECT citus_emulation.measure_table(logicalrelid, 'pg_relation_size')
$$;
CREATE FUNCTION pg_catalog.citus_total_relation_size(logicalrelid regclass, fail_on_error boolean DEFAULT true) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN citus_emulation.measure_table(logicalrelid, 'pg_total_relation_size');
EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection OR connection_failure THEN
    IF fail_on_error THEN
        RAISE;
    END IF;
    RAISE WARNING '%', SQLERRM;
    RETURN 0;
END
$$;

CREATE FUNCTION pg_catalog.citus_shard_sizes(OUT shard_id int, OUT size bigint) RETURNS SETOF record LANGUAGE sql AS $$
    SELECT p.shardid::int, citus_emulation.measure_shard(p.shardid, p.groupid) FROM pg_dist_placement p ORDER BY p.shardid
$$;

CREATE FUNCTION pg_catalog.distributed_tables_colocated(table1 regclass, table2 regclass) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT one.colocationid = two.colocationid AND one.colocationid <> 0
    FROM pg_dist_partition one, pg_dist_partition two WHERE one.logicalrelid = table1 AND two.logicalrelid = table2
$$;

CREATE FUNCTION pg_catalog.get_colocated_table_array(regclass) RETURNS regclass[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(other.logicalrelid ORDER BY other.logicalrelid) FROM pg_dist_partition own JOIN pg_dist_partition other
        ON other.logicalrelid = own.logicalrelid OR other.colocationid = own.colocationid AND own.colocationid <> 0
    WHERE own.logicalrelid = $1
$$;

CREATE FUNCTION pg_catalog.get_colocated_shard_array(bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(other.shardid ORDER BY other.shardid)
    FROM pg_dist_shard own JOIN pg_dist_partition p ON p.logicalrelid = own.logicalrelid
    JOIN pg_dist_partition q ON q.colocationid = p.colocationid
    JOIN pg_dist_shard other ON other.logicalrelid = q.logicalrelid AND other.shardminvalue IS NOT DISTINCT FROM own.shardminvalue
    WHERE own.shardid = $1
$$;

-- Functions that a learner may meet in Citus's documentation and that have no place here: they say so.
CREATE FUNCTION citus_emulation.refuse(thing text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is not part of the emulation', thing USING ERRCODE = 'feature_not_supported', HINT = 'Citus itself can.';
END
$$;
CREATE FUNCTION pg_catalog.create_distributed_table_concurrently(
    table_name regclass, distribution_column text, distribution_type citus.distribution_type DEFAULT 'hash',
    colocate_with text DEFAULT 'default', shard_count int DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF citus_emulation.replication_factor() > 1 THEN
        RAISE EXCEPTION 'cannot distribute a table concurrently when citus.shard_replication_factor > 1' USING ERRCODE = 'internal_error';
    END IF;
    PERFORM citus_emulation.refuse('create_distributed_table_concurrently');
END
$$;
CREATE FUNCTION pg_catalog.citus_add_local_table_to_metadata(table_name regclass, cascade_via_foreign_keys boolean DEFAULT false)
RETURNS void LANGUAGE sql AS $$ SELECT citus_emulation.refuse('citus_add_local_table_to_metadata') $$;
CREATE FUNCTION pg_catalog.create_distributed_function(
    function_name regprocedure, distribution_arg_name text DEFAULT NULL, colocate_with text DEFAULT 'default', force_delegation boolean DEFAULT NULL
) RETURNS void LANGUAGE sql AS $$ SELECT citus_emulation.refuse('create_distributed_function') $$;
CREATE FUNCTION pg_catalog.citus_schema_distribute(schemaname regnamespace) RETURNS void LANGUAGE sql
AS $$ SELECT citus_emulation.refuse('schema-based sharding') $$;
CREATE FUNCTION pg_catalog.citus_schema_undistribute(schemaname regnamespace) RETURNS void LANGUAGE sql
AS $$ SELECT citus_emulation.refuse('schema-based sharding') $$;
CREATE FUNCTION pg_catalog.update_distributed_table_colocation(table_name regclass, colocate_with text) RETURNS void LANGUAGE sql
AS $$ SELECT citus_emulation.refuse('update_distributed_table_colocation') $$;
CREATE FUNCTION pg_catalog.start_metadata_sync_to_node(nodename text, nodeport int) RETURNS void LANGUAGE sql
AS $$ SELECT citus_emulation.refuse('syncing metadata to workers') $$;
