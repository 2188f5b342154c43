-- Reaching the other nodes.
--
-- Two roads lead there. postgres_fdw's connection takes part in the transaction: whatever goes along it is undone by ROLLBACK,
-- and it is the connection on which rows travel, so a table made a moment ago can be filled. dblink's stands outside of it.
-- Both libraries come with PostgreSQL; their functions are declared here because one extension may not create another.

CREATE FUNCTION citus_emulation.fdw_handler() RETURNS fdw_handler LANGUAGE c STRICT AS '$libdir/postgres_fdw', 'postgres_fdw_handler';
CREATE FUNCTION citus_emulation.fdw_validator(text[], oid) RETURNS void LANGUAGE c STRICT AS '$libdir/postgres_fdw', 'postgres_fdw_validator';
CREATE FUNCTION citus_emulation.postgres_fdw_disconnect(text) RETURNS boolean LANGUAGE c STRICT AS '$libdir/postgres_fdw', 'postgres_fdw_disconnect';
CREATE FOREIGN DATA WRAPPER citus_emulation HANDLER citus_emulation.fdw_handler VALIDATOR citus_emulation.fdw_validator;

CREATE FUNCTION citus_emulation.dblink_connect(text, text) RETURNS text LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_connect';
CREATE FUNCTION citus_emulation.dblink_disconnect(text) RETURNS text LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_disconnect';
CREATE FUNCTION citus_emulation.dblink(text, text) RETURNS SETOF record LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_record';
CREATE FUNCTION citus_emulation.dblink_exec(text, text) RETURNS text LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_exec';
CREATE FUNCTION citus_emulation.dblink_send_query(text, text) RETURNS int LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_send_query';
CREATE FUNCTION citus_emulation.dblink_get_result(text, boolean) RETURNS SETOF record LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_get_result';
CREATE FUNCTION citus_emulation.dblink_is_busy(text) RETURNS int LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_is_busy';
CREATE FUNCTION citus_emulation.dblink_error_message(text) RETURNS text LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_error_message';
CREATE FUNCTION citus_emulation.dblink_cancel_query(text) RETURNS text LANGUAGE c STRICT PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_cancel_query';
CREATE FUNCTION citus_emulation.dblink_get_connections() RETURNS text[] LANGUAGE c PARALLEL RESTRICTED AS '$libdir/dblink', 'dblink_get_connections';

-- Every node offers this view. A row inserted into it is a command to run; a row inserted with `wants_result` is a query whose
-- first column of its first row comes back. The coordinator has a foreign table onto it for every other node.
CREATE VIEW citus_emulation.command AS
SELECT NULL::text AS command, NULL::boolean AS wants_result, NULL::text AS result WHERE false;

CREATE FUNCTION citus_emulation.run_command() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    -- Commands that come from the coordinator's event triggers must not set off this node's own.
    PERFORM set_config('citus_emulation.remote', 'on', true);
    IF NEW.wants_result THEN
        EXECUTE NEW.command INTO NEW.result;
    ELSE
        EXECUTE NEW.command;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER run_command INSTEAD OF INSERT ON citus_emulation.command
FOR EACH ROW EXECUTE FUNCTION citus_emulation.run_command();

CREATE FUNCTION citus_emulation.local_group() RETURNS int LANGUAGE sql STABLE
AS 'SELECT groupid FROM pg_catalog.pg_dist_local_group';

-- The setting in seconds, at least the two that libpq asks for.
CREATE FUNCTION citus_emulation.connection_timeout() RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
    setting text := coalesce(nullif(current_setting('citus.node_connection_timeout', true), ''), '3s');
BEGIN
    RETURN greatest(2, ceil(extract(epoch FROM
        CASE WHEN setting ~ '^\d+$' THEN (setting || ' milliseconds')::interval ELSE setting::interval END))::int);
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow THEN
    RETURN 3;
END
$$;

CREATE FUNCTION citus_emulation.connection_value(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '''' || replace(replace(value, '\', '\\'), '''', '\''') || ''''
$$;

CREATE FUNCTION citus_emulation.connection_string(host text, port int) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('host=%s port=%s dbname=%s user=%s connect_timeout=%s application_name=citus_emulation',
        citus_emulation.connection_value(host), port, citus_emulation.connection_value(current_database()),
        citus_emulation.connection_value(current_user), citus_emulation.connection_timeout())
$$;

-- What libpq says of a connection that failed, in its first line.
CREATE FUNCTION citus_emulation.connection_complaint(detail text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT trim(split_part(split_part(detail, 'failed: ', 2) || CASE WHEN detail LIKE '%failed: %' THEN '' ELSE detail END, E'\n', 1))
$$;

-- Asks a node for a connection.
CREATE FUNCTION citus_emulation.try_connection(host text, port int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    connection text := 'citus_emulation_probe_' || port;
    detail text;
BEGIN
    PERFORM citus_emulation.dblink_connect(connection, citus_emulation.connection_string(host, port));
    PERFORM citus_emulation.dblink_disconnect(connection);
    RETURN NULL;
EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN citus_emulation.connection_complaint(detail);
END
$$;

-- The same within citus.node_connection_timeout. From PostgreSQL 16 on dblink and postgres_fdw do not heed connect_timeout, and
-- a frozen server never answers; so another session of this server tries, and is cancelled when the time is up.
CREATE FUNCTION citus_emulation.connection_failure(host text, port int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    attempt text := 'citus_emulation_deadline';
    deadline timestamptz := clock_timestamp() + citus_emulation.connection_timeout() * interval '1 second';
    failure text;
BEGIN
    IF current_setting('server_version_num')::int < 160000 THEN
        RETURN citus_emulation.try_connection(host, port);
    END IF;
    PERFORM citus_emulation.dblink_connect(attempt, citus_emulation.connection_string(
        coalesce(host(inet_server_addr()), '127.0.0.1'), current_setting('port')::int));
    PERFORM citus_emulation.dblink_send_query(attempt, format('SELECT citus_emulation.try_connection(%L, %s)', host, port));
    WHILE citus_emulation.dblink_is_busy(attempt) = 1 LOOP
        IF clock_timestamp() > deadline THEN
            PERFORM citus_emulation.dblink_cancel_query(attempt);
            PERFORM citus_emulation.dblink_disconnect(attempt);
            RETURN 'timeout expired';
        END IF;
        PERFORM pg_sleep(0.001);
    END LOOP;
    SELECT value INTO failure FROM citus_emulation.dblink_get_result(attempt, true) AS (value text);
    PERFORM citus_emulation.dblink_disconnect(attempt);
    RETURN failure;
EXCEPTION WHEN OTHERS THEN
    IF attempt = ANY (citus_emulation.dblink_get_connections()) THEN
        PERFORM citus_emulation.dblink_disconnect(attempt);
    END IF;
    RAISE;
END
$$;

-- Before a session's first use of a node: fail in time rather than wait for ever. Remembered for the session.
CREATE FUNCTION citus_emulation.ensure_linked(groupid int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    linked text := coalesce(current_setting('citus_emulation.linked', true), '');
    node pg_dist_node;
    failure text;
BEGIN
    IF current_setting('server_version_num')::int < 160000 OR groupid::text = ANY (string_to_array(linked, ' ')) THEN
        RETURN;
    END IF;
    SELECT * INTO node FROM pg_dist_node n WHERE n.groupid = ensure_linked.groupid;
    failure := citus_emulation.connection_failure(node.nodename, node.nodeport);
    IF failure IS NOT NULL THEN
        RAISE EXCEPTION 'could not connect to server "citus_node_%"', groupid USING
            ERRCODE = 'sqlclient_unable_to_establish_sqlconnection',
            DETAIL = format('connection to server at "%s", port %s failed: %s', node.nodename, node.nodeport, failure);
    END IF;
    PERFORM set_config('citus_emulation.linked', trim(linked || ' ' || groupid), false);
END
$$;

-- Run a command on a node inside the current transaction.
CREATE FUNCTION citus_emulation.remote(groupid int, command text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF groupid = citus_emulation.local_group() THEN
        DECLARE
            before text := coalesce(current_setting('citus_emulation.remote', true), '');
            messages text := current_setting('client_min_messages');
        BEGIN
            -- As quiet as on another node.
            PERFORM set_config('citus_emulation.remote', 'on', true), set_config('client_min_messages', 'warning', true);
            EXECUTE command;
            PERFORM set_config('citus_emulation.remote', before, true), set_config('client_min_messages', messages, true);
        END;
    ELSE
        PERFORM citus_emulation.ensure_linked(groupid);
        EXECUTE format('INSERT INTO citus_emulation.command_%s (command, wants_result) VALUES ($1, false)', groupid) USING command;
    END IF;
END
$$;

-- The first column of the first row that a query returns on a node, read inside the current transaction.
CREATE FUNCTION citus_emulation.remote_value(groupid int, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    IF groupid = citus_emulation.local_group() THEN
        EXECUTE query INTO answer;
    ELSE
        PERFORM citus_emulation.ensure_linked(groupid);
        EXECUTE format('INSERT INTO citus_emulation.command_%s (command, wants_result) VALUES ($1, true) RETURNING result', groupid)
        INTO answer USING query;
    END IF;
    RETURN answer;
END
$$;

-- Make a node reachable by its group: one foreign server, so one connection a session, over which all its shards are read
-- and written.
CREATE FUNCTION citus_emulation.link_node(groupid int, host text, port int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    server name := 'citus_node_' || groupid;
BEGIN
    IF EXISTS (SELECT FROM pg_foreign_server WHERE srvname = server) THEN
        EXECUTE format('ALTER SERVER %I OPTIONS (SET host %L, SET port %L)', server, host, port);
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE SERVER %I FOREIGN DATA WRAPPER citus_emulation OPTIONS (host %L, port %L, dbname %L, connect_timeout %L,
         keepalives_idle ''5'', keepalives_interval ''2'', keepalives_count ''2'', tcp_user_timeout ''10000'',
         async_capable ''true'', fetch_size ''5000'', batch_size ''1000'', fdw_startup_cost ''20'', fdw_tuple_cost ''0.05'')',
        server, host, port, current_database(), citus_emulation.connection_timeout());
    -- All nodes of a transaction commit at once, which leaves the least time for one to die in between.
    IF current_setting('server_version_num')::int >= 150000 THEN
        EXECUTE format('ALTER SERVER %I OPTIONS (ADD parallel_commit ''true'')', server);
    END IF;
    EXECUTE format('CREATE USER MAPPING FOR PUBLIC SERVER %I OPTIONS (user %L, password_required ''false'')', server, current_user);
    EXECUTE format(
        'CREATE FOREIGN TABLE citus_emulation.%I (command text, wants_result boolean, result text)
         SERVER %I OPTIONS (schema_name ''citus_emulation'', table_name ''command'', async_capable ''false'', batch_size ''1'')',
        'command_' || groupid, server);
END
$$;

CREATE FUNCTION citus_emulation.unlink_node(groupid int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP FOREIGN TABLE IF EXISTS citus_emulation.%I', 'command_' || groupid);
    IF EXISTS (SELECT FROM pg_foreign_server WHERE srvname = 'citus_node_' || groupid) THEN
        EXECUTE format('DROP USER MAPPING IF EXISTS FOR PUBLIC SERVER %I', 'citus_node_' || groupid);
        EXECUTE format('DROP SERVER %I', 'citus_node_' || groupid);
    END IF;
END
$$;
