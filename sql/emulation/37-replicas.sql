-- Shards with several placements: writing.
--
-- The leader gets the rows as any shard does, in batches and by direct modification. A trigger on the shard there notes what changed,
-- as a command for the other placements; when the statement ends, the coordinator fetches the notes and sends them on, along the same
-- connections, within the same transactions. So whichever placement led, each gets every change once, or the statement fails.

-- Notes wait in a setting: it is undone with the subtransaction that made it. Called on the node that made them.
CREATE FUNCTION citus_emulation.take_notes() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    notes text := coalesce(current_setting('citus_emulation.notes', true), '');
BEGIN
    PERFORM set_config('citus_emulation.notes', '', true);
    RETURN notes;
END
$$;

CREATE FUNCTION citus_emulation.take_note(shardid bigint, command text) RETURNS void LANGUAGE sql AS $$
    SELECT set_config('citus_emulation.notes', coalesce(current_setting('citus_emulation.notes', true), '')
        || shardid || ' ' || to_json(command) || E'\n', true)
$$;

-- The triggers of a placement. They come after the rows that it starts with.
CREATE FUNCTION citus_emulation.note_taking_commands(relation regclass, shardid bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(format('CREATE TRIGGER citus_replicas_%s AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT
        EXECUTE FUNCTION citus_emulation.repeat_write(%s);', lower(operation), operation, citus_emulation.shard_name(relation, shardid), rows, shardid), ' ')
    FROM (VALUES ('INSERT', 'NEW TABLE AS new_rows'), ('UPDATE', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
        ('DELETE', 'OLD TABLE AS old_rows')) AS kind (operation, rows)
    WHERE citus_emulation.is_replicated(relation)
$$;

CREATE FUNCTION citus_emulation.start_taking_notes(relation regclass, shards bigint[], groupid int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    commands text := (SELECT string_agg(citus_emulation.note_taking_commands(relation, s), ' ' ORDER BY s) FROM unnest(shards) s);
BEGIN
    IF commands IS NOT NULL THEN
        PERFORM citus_emulation.remote(groupid, commands);
    END IF;
END
$$;

-- The shards of a table that this transaction has opened for writing; those of the statement among them.
CREATE FUNCTION citus_emulation.opened_shards(relation oid) RETURNS bigint[] LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(array_agg(substring(c.relname FROM '_(\d+)$')::bigint ORDER BY c.relname), '{}')
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = relation AND i.inhrelid IN (
        SELECT l.relation FROM pg_locks l WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.mode = 'RowExclusiveLock' AND l.granted)
$$;

-- The active nodes that have these shards, by address. A transaction that looks at the catalogs as they once were must not
-- miss a placement that has come since: it asks a session apart as well.
CREATE FUNCTION citus_emulation.placements_to_write(shards bigint[]) RETURNS TABLE (shardid bigint, groupid int) LANGUAGE plpgsql AS $$
DECLARE
    query constant text := 'SELECT p.shardid, p.groupid FROM pg_dist_placement p JOIN pg_dist_node n ON n.groupid = p.groupid AND n.isactive '
        'AND n.noderole = ''primary'' WHERE p.shardid = ANY (%L)';
BEGIN
    RETURN QUERY EXECUTE format(query, shards);
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RETURN QUERY
            SELECT (place ->> 0)::bigint, (place ->> 1)::int
            FROM jsonb_array_elements(citus_emulation.outside_value(coalesce(host(inet_server_addr()), '127.0.0.1'), current_setting('port')::int,
                format('SELECT coalesce(jsonb_agg(jsonb_build_array(shardid, groupid)), ''[]'') FROM (%s) AS place', format(query, shards)))::jsonb) AS place
            EXCEPT SELECT p.shardid, p.groupid FROM pg_dist_placement p WHERE p.shardid = ANY (shards);
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.require_placements(shards bigint[]) RETURNS void LANGUAGE sql AS $$
    SELECT citus_emulation.require_node(g.groupid)
    FROM (SELECT DISTINCT n.nodename COLLATE "C", n.nodeport, n.groupid FROM citus_emulation.placements_to_write(shards) p
        JOIN pg_dist_node n USING (groupid) ORDER BY 1, 2) AS g
$$;

-- The worker on which Citus takes the locks of writes to replicated tables: with it down there is none.
CREATE FUNCTION citus_emulation.first_worker() RETURNS int LANGUAGE sql STABLE AS $$
    SELECT groupid FROM pg_dist_node WHERE isactive AND noderole = 'primary' AND groupid <> 0
    ORDER BY nodename COLLATE "C", nodeport LIMIT 1
$$;

-- Before a statement that writes to a table with several placements.
CREATE FUNCTION citus_emulation.before_replicated_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shards bigint[];
    shard bigint;
BEGIN
    PERFORM citus_emulation.require_node(citus_emulation.first_worker());
    IF TG_OP = 'TRUNCATE' THEN
        shards := (SELECT array_agg(shardid) FROM pg_dist_shard WHERE logicalrelid = TG_RELID);
    ELSIF TG_OP <> 'INSERT' THEN
        shards := citus_emulation.opened_shards(TG_RELID);
        -- One writer at a time, as on Citus, before anything is seen of the rows: no two may wait for each other on two nodes.
        FOREACH shard IN ARRAY shards LOOP
            PERFORM pg_advisory_xact_lock(citus_emulation.lock_class('writes'), shard::int);
        END LOOP;
    END IF;
    PERFORM citus_emulation.require_placements(shards);
    RETURN NULL;
END
$$;

-- After it: what the leaders noted goes to the other placements.
CREATE FUNCTION citus_emulation.after_replicated_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shards bigint[];
    places jsonb;
    notes jsonb := '[]';
    source int;
    target record;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        FOR target IN
            SELECT p.groupid, string_agg(citus_emulation.shard_name(TG_RELID, p.shardid), ', ' ORDER BY p.shardid) AS names
            FROM citus_emulation.placements_to_write((SELECT array_agg(shardid) FROM pg_dist_shard WHERE logicalrelid = TG_RELID)) p
            GROUP BY p.groupid ORDER BY p.groupid
        LOOP
            PERFORM citus_emulation.remote(target.groupid, 'TRUNCATE ' || target.names);
        END LOOP;
        RETURN NULL;
    END IF;
    shards := citus_emulation.opened_shards(TG_RELID);
    IF TG_OP = 'INSERT' THEN
        -- Which shards an INSERT reaches is not known before.
        PERFORM citus_emulation.require_placements(shards);
    END IF;
    SELECT jsonb_agg(jsonb_build_array(p.shardid, p.groupid)) INTO places FROM citus_emulation.placements_to_write(shards) p;
    -- The leaders first; the others only where none of them knows of a shard, because another session has changed its leader meanwhile.
    FOR source IN
        SELECT DISTINCT citus_emulation.pointed_to(i.inhrelid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = TG_RELID AND substring(c.relname FROM '_(\d+)$')::bigint = ANY (shards)
    LOOP
        notes := notes || citus_emulation.notes_of(source);
    END LOOP;
    FOR source IN
        SELECT DISTINCT (place ->> 1)::int FROM jsonb_array_elements(places) AS place
        WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(notes) AS note WHERE note -> 1 = place -> 0)
    LOOP
        notes := notes || citus_emulation.notes_of(source);
    END LOOP;
    FOR target IN
        SELECT (place ->> 1)::int AS groupid, string_agg(note ->> 2, '; ' ORDER BY number) AS commands
        FROM jsonb_array_elements(places) AS place
        JOIN jsonb_array_elements(notes) WITH ORDINALITY AS n (note, number) ON note -> 1 = place -> 0 AND note -> 0 <> place -> 1
        GROUP BY 1 ORDER BY 1
    LOOP
        PERFORM citus_emulation.remote(target.groupid, target.commands);
    END LOOP;
    RETURN NULL;
END
$$;

-- What a node has noted, as [group, shard, command].
CREATE FUNCTION citus_emulation.notes_of(source int) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_array(source, split_part(note, ' ', 1)::bigint,
            substring(note FROM position(' ' IN note))::json #>> '{}') ORDER BY place), '[]')
        FROM regexp_split_to_table(citus_emulation.remote_value(source, 'SELECT citus_emulation.take_notes()'), E'\n')
            WITH ORDINALITY AS u (note, place)
        WHERE note <> '');
END
$$;

CREATE FUNCTION citus_emulation.guard_replicated_table(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER citus_replicas_before BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT
        EXECUTE FUNCTION citus_emulation.before_replicated_write()', citus_emulation.qualified_name(relation));
    EXECUTE format('CREATE TRIGGER citus_replicas_after AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT
        EXECUTE FUNCTION citus_emulation.after_replicated_write()', citus_emulation.qualified_name(relation));
END
$$;

-- When a table's first rows have gone to the leaders: gives them to the other placements too, and has all of them take notes from now on.
CREATE FUNCTION citus_emulation.fill_replicas(relation regclass, has_rows boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    IF NOT citus_emulation.is_replicated(relation) THEN
        RETURN;
    END IF;
    FOR place IN
        SELECT p.shardid, p.groupid, citus_emulation.leader(p.shardid) AS leader
        FROM pg_dist_shard s, citus_emulation.placements_to_write(ARRAY[s.shardid]) p
        WHERE has_rows AND s.logicalrelid = relation AND p.groupid <> citus_emulation.leader(p.shardid) ORDER BY p.shardid, p.groupid
    LOOP
        PERFORM citus_emulation.copy_rows(relation, place.shardid, place.leader, place.groupid);
    END LOOP;
    PERFORM citus_emulation.start_taking_notes(relation, array_agg(p.shardid ORDER BY p.shardid), p.groupid)
    FROM pg_dist_shard s, citus_emulation.placements_to_write(ARRAY[s.shardid]) p
    WHERE s.logicalrelid = relation GROUP BY p.groupid;
END
$$;
