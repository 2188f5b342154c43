-- What is left behind. A moved shard's old table is dropped after the move is committed, as on Citus: who planned before it can read to
-- the end there.

CREATE TABLE pg_catalog.pg_dist_cleanup (
    record_id bigint PRIMARY KEY DEFAULT nextval('pg_catalog.pg_dist_cleanup_recordid_seq'),
    operation_id bigint NOT NULL,
    object_type int NOT NULL,
    object_name text NOT NULL,
    node_group_id int NOT NULL,
    policy_type int NOT NULL
);
GRANT SELECT ON pg_catalog.pg_dist_cleanup TO PUBLIC;

CREATE FUNCTION citus_emulation.leave_for_cleanup(shards bigint[], groupid int)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pg_dist_cleanup (operation_id, object_type, object_name, node_group_id, policy_type)
    SELECT nextval('pg_dist_operationid_seq'), 1, t.name, groupid, 2 FROM citus_emulation.shard_tables(shards) t;
    -- A session that moves for another one leaves the cleaning to it.
    IF current_setting('application_name') <> 'citus_rebalancer' THEN
        PERFORM citus_emulation.clean_after_commit();
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.clean_after_commit()
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(citus_emulation.lock_class('cleanup'), pg_backend_pid());
    PERFORM citus_emulation.run_detached('cleanup', format('CALL citus_emulation.cleanup_resources(%s)', pg_backend_pid()));
EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
    -- The next move cleans up for this one.
    RETURN;
END
$$;

-- Drops what is recorded and free; what a node that is down still has waits for the next time. With `awaited`, first lets that session's
-- transaction end.
CREATE PROCEDURE citus_emulation.cleanup_resources(awaited int DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
    leftover pg_dist_cleanup;
    node pg_dist_node;
    done bigint := 0;
BEGIN
    IF awaited IS NOT NULL THEN
        PERFORM set_config('client_min_messages', 'error', false);
        PERFORM pg_advisory_lock(citus_emulation.lock_class('cleanup'), awaited);
        PERFORM pg_advisory_unlock(citus_emulation.lock_class('cleanup'), awaited);
        COMMIT;
    END IF;
    LOOP
        SELECT * INTO leftover FROM pg_dist_cleanup WHERE record_id > done ORDER BY record_id LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        done := leftover.record_id;
        SELECT * INTO node FROM pg_dist_node WHERE groupid = leftover.node_group_id AND noderole = 'primary';
        IF NOT FOUND OR citus_emulation.drop_leftover(node, leftover.object_name) THEN
            DELETE FROM pg_dist_cleanup WHERE record_id = leftover.record_id;
        END IF;
        COMMIT;
    END LOOP;
    PERFORM citus_emulation.lift_refusals(n) FROM pg_dist_node n
      WHERE n.isactive AND n.noderole = 'primary' AND n.groupid <> citus_emulation.local_group();
END
$$;

-- A move that a node's death ended halfway may have been committed on the source alone, where writes are refused since: there is no
-- two-phase commit. So the shards that the catalogs still place there, and that nobody moves, are opened again.
CREATE FUNCTION citus_emulation.lift_refusals(node pg_catalog.pg_dist_node)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    closed text[];
    shard record;
BEGIN
    closed := citus_emulation.outside_value((node).nodename, (node).nodeport,
        'SELECT coalesce(array_agg(format(''%I.%I'', n.nspname, c.relname)), ''{}'') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid '
        'JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.tgname = ''citus_emulation_moved''');
    FOR shard IN SELECT s.shardid, citus_emulation.shard_name(s.logicalrelid, s.shardid) AS name FROM pg_dist_shard s
        WHERE citus_emulation.shard_name(s.logicalrelid, s.shardid) = ANY (closed)
    LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(citus_emulation.lock_class('shard'), shard.shardid::int);
        -- Asked under the lock: a move that was under way a moment ago has ended one way or the other.
        IF EXISTS (SELECT FROM pg_dist_placement p WHERE p.shardid = shard.shardid AND p.groupid = (node).groupid) THEN
            PERFORM citus_emulation.outside_value((node).nodename, (node).nodeport,
                format('DROP TRIGGER IF EXISTS citus_emulation_moved ON %s', shard.name));
        END IF;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    -- The next cleaning tries again.
    RETURN;
END
$$;

CREATE FUNCTION citus_emulation.drop_leftover(node pg_catalog.pg_dist_node, name text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF (node).groupid = citus_emulation.local_group() THEN
        PERFORM set_config('citus_emulation.remote', 'on', true);
        EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', name);
    ELSE
        PERFORM citus_emulation.outside_value((node).nodename, (node).nodeport,
            format('DROP TABLE IF EXISTS %s CASCADE', name));
    END IF;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END
$$;

CREATE PROCEDURE pg_catalog.citus_cleanup_orphaned_resources()
LANGUAGE plpgsql AS $$
BEGIN
    CALL citus_emulation.cleanup_resources();
END
$$;

-- Waits for a cleaning that is under way and does the rest in this transaction: whoever drops tables must not meet it half-way.
CREATE FUNCTION citus_emulation.clean_before_dropping()
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    leftover pg_dist_cleanup;
BEGIN
    FOR leftover IN
        SELECT c.* FROM pg_dist_cleanup c
         WHERE EXISTS (SELECT FROM pg_dist_node n WHERE n.groupid = c.node_group_id AND n.isactive)
         ORDER BY record_id FOR UPDATE
    LOOP
        PERFORM citus_emulation.remote(leftover.node_group_id, format('DROP TABLE IF EXISTS %s CASCADE', leftover.object_name));
        DELETE FROM pg_dist_cleanup WHERE record_id = leftover.record_id;
    END LOOP;
END
$$;
