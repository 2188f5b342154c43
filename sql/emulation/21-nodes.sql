-- Nodes: adding, activating, disabling, removing, asking.

CREATE FUNCTION citus_emulation.qualified_name(relation regclass) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('%I.%I', citus_emulation.schema_name(relnamespace), relname) FROM pg_class WHERE oid = relation
$$;

CREATE FUNCTION citus_emulation.ensure_coordinator() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF citus_emulation.local_group() <> 0 THEN
        RAISE EXCEPTION 'operation is not allowed on this node' USING ERRCODE = 'internal_error', HINT = 'Connect to the coordinator and run it again.';
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.node_by_address(nodename text, nodeport int) RETURNS pg_dist_node LANGUAGE plpgsql STABLE AS $$
DECLARE
    node pg_dist_node;
BEGIN
    SELECT * INTO node FROM pg_dist_node n
    WHERE n.nodename = node_by_address.nodename AND n.nodeport = node_by_address.nodeport;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'node at "%:%" does not exist', nodename, nodeport USING ERRCODE = 'internal_error';
    END IF;
    RETURN node;
END
$$;

-- Groups that a change of definitions has to reach.
CREATE FUNCTION citus_emulation.active_groups() RETURNS SETOF int LANGUAGE sql STABLE AS $$
    SELECT groupid FROM pg_dist_node WHERE isactive AND noderole = 'primary' ORDER BY groupid
$$;

CREATE FUNCTION pg_catalog.citus_version() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'emulation of Citus 13.2 by citus-tour on ' || version()
$$;

CREATE FUNCTION pg_catalog.citus_is_coordinator() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT citus_emulation.local_group() = 0
$$;

CREATE FUNCTION pg_catalog.citus_coordinator_nodeid() RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT nodeid FROM pg_dist_node WHERE groupid = 0 AND noderole = 'primary'), 0)
$$;

CREATE FUNCTION pg_catalog.get_nodeid_for_groupid(groupidinput int) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT nodeid FROM pg_dist_node WHERE groupid = groupidinput AND noderole = 'primary'
$$;

CREATE FUNCTION pg_catalog.citus_nodename_for_nodeid(nodeid int) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT n.nodename FROM pg_dist_node n WHERE n.nodeid = citus_nodename_for_nodeid.nodeid
$$;

CREATE FUNCTION pg_catalog.citus_nodeport_for_nodeid(nodeid int) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT n.nodeport FROM pg_dist_node n WHERE n.nodeid = citus_nodeport_for_nodeid.nodeid
$$;

CREATE FUNCTION pg_catalog.citus_get_active_worker_nodes(OUT node_name text, OUT node_port bigint) RETURNS SETOF record
LANGUAGE sql STABLE AS $$
    SELECT nodename, nodeport FROM pg_dist_node WHERE isactive AND noderole = 'primary' AND groupid <> 0
$$;

CREATE VIEW pg_catalog.citus_nodes AS
SELECT nodename, nodeport, CASE WHEN groupid = 0 THEN 'coordinator' ELSE 'worker' END AS role, isactive AS active
FROM pg_catalog.pg_dist_node;
GRANT SELECT ON pg_catalog.citus_nodes TO PUBLIC;

CREATE FUNCTION citus_emulation.ensure_reachable(host text, port int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    failure text := citus_emulation.connection_failure(host, port);
BEGIN
    IF failure IS NOT NULL THEN
        RAISE EXCEPTION 'connection to the remote node %@%:% failed with the following error: %', current_user, host, port, failure
            USING ERRCODE = 'connection_failure';
    END IF;
END
$$;

CREATE FUNCTION pg_catalog.citus_check_connection_to_node(nodename text, nodeport int DEFAULT 5432) RETURNS boolean
LANGUAGE sql AS $$
    SELECT citus_emulation.connection_failure(nodename, nodeport) IS NULL
$$;

CREATE FUNCTION pg_catalog.citus_check_cluster_node_health(
    OUT from_nodename text, OUT from_nodeport int, OUT to_nodename text, OUT to_nodeport int, OUT result boolean
) RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    source pg_dist_node;
    target pg_dist_node;
BEGIN
    FOR source IN SELECT * FROM pg_dist_node WHERE isactive ORDER BY nodename, nodeport LOOP
        FOR target IN SELECT * FROM pg_dist_node WHERE isactive ORDER BY nodename, nodeport LOOP
            from_nodename := source.nodename;
            from_nodeport := source.nodeport;
            to_nodename := target.nodename;
            to_nodeport := target.nodeport;
            BEGIN
                result := citus_emulation.outside_value(source.nodename, source.nodeport,
                    format('SELECT citus_check_connection_to_node(%L, %s)', target.nodename, target.nodeport))::boolean;
            EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
                result := NULL;
            END;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$$;

-- One value from a node over a connection that is no part of the transaction.
CREATE FUNCTION citus_emulation.outside_value(host text, port int, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    connection text := 'citus_emulation_outside_' || port;
    answer text;
    failure text;
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        failure := citus_emulation.connection_failure(host, port);
        IF failure IS NOT NULL THEN
            RAISE EXCEPTION '%', failure USING ERRCODE = 'sqlclient_unable_to_establish_sqlconnection';
        END IF;
    END IF;
    PERFORM citus_emulation.dblink_connect(connection, citus_emulation.connection_string(host, port));
    BEGIN
        SELECT value INTO answer FROM citus_emulation.dblink(connection, query) AS (value text);
    EXCEPTION WHEN OTHERS THEN
        PERFORM citus_emulation.dblink_disconnect(connection);
        RAISE;
    END;
    PERFORM citus_emulation.dblink_disconnect(connection);
    RETURN answer;
END
$$;

CREATE FUNCTION pg_catalog.citus_set_coordinator_host(
    host text,
    port int DEFAULT current_setting('port')::int,
    node_role noderole DEFAULT 'primary',
    node_cluster name DEFAULT 'default'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
    UPDATE pg_dist_node SET nodename = host, nodeport = port WHERE groupid = 0;
    IF NOT FOUND THEN
        INSERT INTO pg_dist_node (groupid, nodename, nodeport, hasmetadata, metadatasynced, shouldhaveshards, noderole, nodecluster)
        VALUES (0, host, port, true, true, false, node_role, node_cluster);
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.add_node(host text, port int, requested_group int, role noderole, cluster name, active boolean)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    IF role <> 'primary' THEN
        RAISE EXCEPTION 'secondary nodes are not part of the emulation'
            USING ERRCODE = 'feature_not_supported', HINT = 'Citus itself can: citus_add_secondary_node registers a standby.';
    END IF;
    IF cluster <> 'default' THEN
        RAISE EXCEPTION 'primaries must be added to the default cluster' USING ERRCODE = 'internal_error';
    END IF;
    LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
    SELECT * INTO node FROM pg_dist_node WHERE nodename = host AND nodeport = port;
    IF FOUND THEN
        RETURN node.nodeid;
    END IF;
    IF requested_group = 0 THEN
        PERFORM citus_set_coordinator_host(host, port, role, cluster);
        RETURN (SELECT nodeid FROM pg_dist_node WHERE groupid = 0);
    END IF;
    IF requested_group > 0 AND EXISTS (SELECT FROM pg_dist_node WHERE groupid = requested_group) THEN
        RAISE EXCEPTION 'group % already has a primary node', requested_group USING ERRCODE = 'internal_error';
    END IF;
    IF host <> 'localhost' AND EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0 AND nodename = 'localhost') THEN
        RAISE EXCEPTION 'cannot add a worker node when the coordinator hostname is set to localhost' USING ERRCODE = 'internal_error',
            DETAIL = 'Worker nodes need to be able to connect to the coordinator to transfer data.',
            HINT = 'Use SELECT citus_set_coordinator_host(''<hostname>'') to configure the coordinator hostname';
    END IF;
    PERFORM citus_emulation.ensure_reachable(host, port);
    INSERT INTO pg_dist_node (groupid, nodename, nodeport, isactive, noderole, nodecluster)
    VALUES (CASE WHEN requested_group > 0 THEN requested_group ELSE nextval('pg_catalog.pg_dist_groupid_seq') END,
        host, port, false, role, cluster)
    RETURNING * INTO node;
    PERFORM citus_emulation.link_node(node.groupid, host, port);
    IF active THEN
        PERFORM citus_activate_node(host, port);
    END IF;
    RETURN node.nodeid;
END
$$;

CREATE FUNCTION pg_catalog.citus_add_node(
    nodename text, nodeport int, groupid int DEFAULT '-1', noderole noderole DEFAULT 'primary', nodecluster name DEFAULT 'default'
) RETURNS int LANGUAGE sql AS $$
    SELECT citus_emulation.add_node(nodename, nodeport, groupid, noderole, nodecluster, true)
$$;

CREATE FUNCTION pg_catalog.citus_add_inactive_node(
    nodename text, nodeport int, groupid int DEFAULT '-1', noderole noderole DEFAULT 'primary', nodecluster name DEFAULT 'default'
) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    IF groupid = 0 THEN
        RAISE EXCEPTION 'coordinator node cannot be added as inactive node' USING ERRCODE = 'internal_error';
    END IF;
    RETURN citus_emulation.add_node(nodename, nodeport, groupid, noderole, nodecluster, false);
END
$$;

-- What no other server shares, not even one whose data directory was copied from the same template.
CREATE FUNCTION citus_emulation.server_identity() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws(' ', current_setting('data_directory'), current_setting('port'), extract(epoch FROM pg_postmaster_start_time()))
$$;

CREATE FUNCTION pg_catalog.citus_activate_node(nodename text, nodeport int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
    identity text;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    node := citus_emulation.node_by_address(nodename, nodeport);
    IF node.isactive OR node.groupid = 0 THEN
        RETURN node.nodeid;
    END IF;
    PERFORM citus_emulation.ensure_reachable(nodename, nodeport);
    IF citus_emulation.remote_value(node.groupid, $query$SELECT count(*) FROM pg_extension WHERE extname = 'citus'$query$) <> '1' THEN
        RAISE EXCEPTION 'extension "citus" is missing on %:%', nodename, nodeport
            USING ERRCODE = 'internal_error', HINT = 'Run CREATE EXTENSION citus there first.';
    END IF;
    identity := citus_emulation.remote_value(node.groupid, 'SELECT citus_emulation.server_identity()');
    IF identity = citus_emulation.server_identity() THEN
        RAISE EXCEPTION 'Node cannot add itself as a worker.' USING ERRCODE = 'internal_error', HINT = format(
            'Add the node as a coordinator by using: SELECT citus_set_coordinator_host(''%s'', %s);', nodename, nodeport);
    END IF;
    PERFORM citus_emulation.remote(node.groupid, format('UPDATE pg_catalog.pg_dist_local_group SET groupid = %s', node.groupid));
    -- What the node missed while it was away cannot be trusted: replicated placements are made anew.
    DELETE FROM pg_dist_placement p USING pg_dist_shard s, pg_dist_partition t
    WHERE p.groupid = node.groupid AND s.shardid = p.shardid AND t.logicalrelid = s.logicalrelid AND t.repmodel IN ('t', 'c');
    UPDATE pg_dist_node SET isactive = true, hasmetadata = true, metadatasynced = true WHERE nodeid = node.nodeid;
    RETURN node.nodeid;
END
$$;

CREATE FUNCTION citus_emulation.ensure_removable(node pg_dist_node) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lonely record;
BEGIN
    SELECT s.shardid, s.logicalrelid INTO lonely FROM pg_dist_placement p JOIN pg_dist_shard s USING (shardid)
    WHERE p.groupid = node.groupid AND NOT EXISTS (
        SELECT FROM pg_dist_placement other JOIN pg_dist_node n USING (groupid)
        WHERE other.shardid = p.shardid AND other.groupid <> p.groupid AND n.isactive AND n.noderole = 'primary')
    ORDER BY p.placementid LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'cannot remove or disable the node %:% because because it contains the only shard placement for shard %',
            node.nodename, node.nodeport, lonely.shardid
        USING ERRCODE = 'internal_error',
            DETAIL = 'One of the table(s) that prevents the operation complete successfully is '
                || citus_emulation.qualified_name(lonely.logicalrelid),
            HINT = 'To proceed, either drop the tables or use undistribute_table() function to convert them to local tables';
    END IF;
END
$$;

CREATE FUNCTION pg_catalog.citus_disable_node(nodename text, nodeport int, synchronous boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    node := citus_emulation.node_by_address(nodename, nodeport);
    IF node.groupid = 0 THEN
        RAISE EXCEPTION 'cannot change "isactive" field of the coordinator node' USING ERRCODE = 'internal_error';
    END IF;
    LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
    IF NOT synchronous AND node.groupid = (citus_emulation.first_worker()).groupid THEN
        RAISE EXCEPTION 'disabling the first worker node in the metadata is not allowed' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            HINT = format('You can force disabling node, SELECT citus_disable_node(''%s'', %s, synchronous:=true);', nodename, nodeport),
            DETAIL = 'Citus uses the first worker node in the metadata for certain internal operations when replicated tables are '
                || 'modified. Synchronous mode ensures that all nodes have the same view of the first worker node, which is used '
                || 'for certain locking operations.';
    END IF;
    PERFORM citus_emulation.ensure_removable(node);
    UPDATE pg_dist_node n SET isactive = false, metadatasynced = false WHERE n.nodeid = node.nodeid;
    -- Citus tells the other nodes at once only when it is asked to, and then each has to listen.
    PERFORM citus_emulation.require_node(n) FROM pg_dist_node n WHERE synchronous AND n.isactive;
    PERFORM citus_emulation.repoint_shards_of(node.groupid);
END
$$;

CREATE FUNCTION pg_catalog.citus_remove_node(nodename text, nodeport int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
    shard record;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    node := citus_emulation.node_by_address(nodename, nodeport);
    LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
    PERFORM citus_emulation.ensure_removable(node);
    IF node.groupid <> 0 AND node.isactive THEN
        -- Its copies of replicated shards would be in the way if it ever came back.
        FOR shard IN SELECT s.logicalrelid, s.shardid FROM pg_dist_placement p JOIN pg_dist_shard s USING (shardid)
            WHERE p.groupid = node.groupid
        LOOP
            PERFORM citus_emulation.remote(node.groupid, format('DROP TABLE IF EXISTS %s CASCADE',
                citus_emulation.shard_name(shard.logicalrelid, shard.shardid)));
        END LOOP;
        PERFORM citus_emulation.remote(node.groupid, 'UPDATE pg_catalog.pg_dist_local_group SET groupid = 0');
    END IF;
    UPDATE pg_dist_node n SET isactive = false WHERE n.nodeid = node.nodeid;
    PERFORM citus_emulation.repoint_shards_of(node.groupid);
    DELETE FROM pg_dist_placement p WHERE p.groupid = node.groupid;
    DELETE FROM pg_dist_node n WHERE n.nodeid = node.nodeid;
    IF node.groupid <> 0 THEN
        PERFORM citus_emulation.unlink_node(node.groupid);
    END IF;
END
$$;

CREATE FUNCTION pg_catalog.citus_update_node(
    node_id int, new_node_name text, new_node_port int, force boolean DEFAULT false, lock_cooldown int DEFAULT 10000
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    SELECT * INTO node FROM pg_dist_node WHERE nodeid = node_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'node % not found', node_id USING ERRCODE = 'no_data_found';
    END IF;
    IF EXISTS (SELECT FROM pg_dist_node WHERE nodename = new_node_name AND nodeport = new_node_port AND nodeid <> node_id) THEN
        RAISE EXCEPTION 'there is already another node with the specified hostname and port'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE pg_dist_node SET nodename = new_node_name, nodeport = new_node_port WHERE nodeid = node_id;
    IF node.groupid <> 0 THEN
        PERFORM citus_emulation.link_node(node.groupid, new_node_name, new_node_port);
    END IF;
END
$$;

CREATE FUNCTION pg_catalog.citus_set_node_property(nodename text, nodeport int, property text, value boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    node := citus_emulation.node_by_address(nodename, nodeport);
    IF property <> 'shouldhaveshards' THEN
        RAISE EXCEPTION 'only the ''shouldhaveshards'' property can be set using this function' USING ERRCODE = 'internal_error';
    END IF;
    UPDATE pg_dist_node n SET shouldhaveshards = value WHERE n.nodeid = node.nodeid;
END
$$;

CREATE FUNCTION pg_catalog.citus_add_secondary_node(
    nodename text, nodeport int, primaryname text, primaryport int, nodecluster name DEFAULT 'default'
) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'secondary nodes are not part of the emulation'
        USING ERRCODE = 'feature_not_supported', HINT = 'Citus itself can: citus_add_secondary_node registers a standby.';
END
$$;
