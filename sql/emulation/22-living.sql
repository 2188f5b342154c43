-- Who is alive, asked without a word to anybody. A session keeps an idle connection to every node that it had to know about; when the
-- node dies, the kernel says so at once. That is quick enough to be asked for every statement about a shard with several placements.

-- What one statement has found out about dead nodes, so that a frozen one costs it one timeout and a dead one is told of once. Each purpose
-- remembers for itself.
CREATE FUNCTION citus_emulation.noted(purpose text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    notes jsonb := nullif(current_setting('citus_emulation.' || purpose, true), '')::jsonb;
BEGIN
    IF notes ->> 'statement' = statement_timestamp()::text THEN
        RETURN notes;
    END IF;
    RETURN jsonb_build_object('statement', statement_timestamp()::text);
END
$$;

CREATE FUNCTION citus_emulation.note(purpose text, key text, value text) RETURNS void LANGUAGE sql AS $$
    SELECT set_config('citus_emulation.' || purpose, (citus_emulation.noted(purpose) || jsonb_build_object(key, value))::text, true)
$$;

-- Nothing when the node answers, else what libpq says.
CREATE FUNCTION citus_emulation.node_failure(node pg_catalog.pg_dist_node) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    watch text := 'citus_emulation_watch ' || node.nodename || ' ' || node.nodeport;
    failure text;
    busy int;
BEGIN
    IF node.groupid = 0 THEN
        RETURN NULL;
    END IF;
    IF current_setting('citus.max_cached_conns_per_worker', true) = '0' THEN
        PERFORM citus_emulation.forget_connections(node, watch);
    END IF;
    IF watch = ANY (coalesce(citus_emulation.dblink_get_connections(), '{}')) THEN
        -- Looking twice: the first look may only bring what a dying server said.
        busy := citus_emulation.dblink_is_busy(watch);
        busy := citus_emulation.dblink_is_busy(watch);
        IF citus_emulation.dblink_error_message(watch) = 'OK' THEN
            RETURN NULL;
        END IF;
        PERFORM citus_emulation.dblink_disconnect(watch);
    END IF;
    failure := citus_emulation.noted('lost') ->> node.groupid::text;
    IF failure IS NULL THEN
        failure := citus_emulation.open_watch(watch, node.nodename, node.nodeport);
        IF failure IS NOT NULL THEN
            PERFORM citus_emulation.note('lost', node.groupid::text, failure);
        END IF;
    END IF;
    RETURN failure;
END
$$;

-- A connection that was open before a node froze is waited for without end; who keeps none waits for the timeout of a new one. Once a
-- transaction, since what it uses already cannot be closed.
CREATE FUNCTION citus_emulation.forget_connections(node pg_catalog.pg_dist_node, watch text) RETURNS void LANGUAGE plpgsql
SET client_min_messages = error AS $$
DECLARE
    transaction text := transaction_timestamp()::text;
    forgotten jsonb := coalesce(nullif(current_setting('citus_emulation.forgotten', true), ''), '{}')::jsonb;
BEGIN
    IF forgotten ->> node.groupid::text = transaction THEN
        RETURN;
    END IF;
    forgotten := forgotten || jsonb_build_object(node.groupid, transaction);
    PERFORM set_config('citus_emulation.forgotten', forgotten::text, true);
    IF watch = ANY (coalesce(citus_emulation.dblink_get_connections(), '{}')) THEN
        PERFORM citus_emulation.dblink_disconnect(watch);
    END IF;
    PERFORM citus_emulation.postgres_fdw_disconnect('citus_node_' || node.groupid)
    FROM pg_foreign_server WHERE srvname = 'citus_node_' || node.groupid;
END
$$;

CREATE FUNCTION citus_emulation.open_watch(watch text, host text, port int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    failure text;
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        failure := citus_emulation.connection_failure(host, port);
    END IF;
    IF failure IS NULL THEN
        PERFORM citus_emulation.dblink_connect(watch, citus_emulation.connection_string(host, port));
    END IF;
    RETURN failure;
EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
    GET STACKED DIAGNOSTICS failure = PG_EXCEPTION_DETAIL;
    RETURN citus_emulation.connection_complaint(failure);
END
$$;

CREATE FUNCTION citus_emulation.lost_message(node pg_catalog.pg_dist_node, failure text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('connection to the remote node %s@%s:%s failed with the following error: %s', current_user,
        (node).nodename, (node).nodeport, failure)
$$;

CREATE FUNCTION citus_emulation.require_node(node pg_catalog.pg_dist_node) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    failure text := citus_emulation.node_failure(node);
BEGIN
    IF failure IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'connection_failure', MESSAGE = citus_emulation.lost_message(node, failure);
    END IF;
END
$$;

-- The worker on which Citus takes the locks of writes to replicated tables: with it down there is none.
CREATE FUNCTION citus_emulation.first_worker() RETURNS pg_catalog.pg_dist_node LANGUAGE plpgsql STABLE AS $$
DECLARE
    node pg_dist_node;
BEGIN
    SELECT * INTO node FROM pg_dist_node WHERE isactive AND noderole = 'primary' AND groupid <> 0
    ORDER BY nodename COLLATE "C", nodeport LIMIT 1;
    RETURN node;
END
$$;

CREATE FUNCTION citus_emulation.require_first_worker() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node := citus_emulation.first_worker();
BEGIN
    IF node.nodeid IS NOT NULL THEN
        PERFORM citus_emulation.require_node(node);
    END IF;
END
$$;

-- Once a statement.
CREATE FUNCTION citus_emulation.warn_of_lost(node pg_catalog.pg_dist_node, failure text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- A write will fail in its own words.
    IF citus_emulation.noted('warned') ? node.groupid::text OR current_query() ~* '^\s*(update|delete|merge|truncate)\M' THEN
        RETURN;
    END IF;
    PERFORM citus_emulation.note('warned', node.groupid::text, 'yes');
    RAISE WARNING USING ERRCODE = 'connection_failure', MESSAGE = citus_emulation.lost_message(node, failure);
END
$$;
