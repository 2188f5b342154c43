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

-- A note is either a command or rows that came.
CREATE FUNCTION citus_emulation.take_note(shardid bigint, kind text, note text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    notes text;
BEGIN
    notes := set_config('citus_emulation.notes', coalesce(current_setting('citus_emulation.notes', true), '')
        || shardid || ' ' || kind || ' ' || to_json(note) || E'\n', true);
END
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

-- The shards of a table that this transaction has opened for writing; those of the statement are among them.
CREATE FUNCTION citus_emulation.opened_shards(relation oid) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(substring(c.relname FROM '_(\d+)$')::bigint ORDER BY c.relname), '{}')
        FROM pg_lock_status() l JOIN pg_inherits i ON i.inhrelid = l.relation JOIN pg_class c ON c.oid = l.relation
        WHERE i.inhparent = opened_shards.relation AND l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.mode = 'RowExclusiveLock');
END
$$;

-- The placements of these shards on active nodes. A transaction that sees the catalogs as they once were must not
-- miss a placement that has come since: it asks a session apart as well.
CREATE FUNCTION citus_emulation.placements_to_write(shards bigint[]) RETURNS TABLE (shardid bigint, groupid int) LANGUAGE plpgsql AS $$
DECLARE
    query constant text := 'SELECT p.shardid, p.groupid FROM pg_dist_placement p JOIN pg_dist_node n ON n.groupid = p.groupid AND n.isactive '
        'AND n.noderole = ''primary'' WHERE p.shardid = ANY (%L)';
BEGIN
    RETURN QUERY
        SELECT p.shardid, p.groupid FROM pg_dist_placement p JOIN pg_dist_node n ON n.groupid = p.groupid AND n.isactive AND n.noderole = 'primary'
        WHERE p.shardid = ANY (shards);
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RETURN QUERY
            SELECT (place ->> 0)::bigint, (place ->> 1)::int
            FROM jsonb_array_elements(citus_emulation.outside_value(coalesce(host(inet_server_addr()), '127.0.0.1'), current_setting('port')::int,
                format('SELECT coalesce(jsonb_agg(jsonb_build_array(shardid, groupid)), ''[]'') FROM (%s) AS place', format(query, shards)))::jsonb) AS place
            EXCEPT SELECT p.shardid, p.groupid FROM pg_dist_placement p WHERE p.shardid = ANY (shards);
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.require_placements(shards bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    node pg_dist_node;
BEGIN
    FOR node IN
        SELECT * FROM pg_dist_node n WHERE n.groupid IN (SELECT p.groupid FROM citus_emulation.placements_to_write(shards) p)
        ORDER BY n.nodename COLLATE "C", n.nodeport
    LOOP
        PERFORM citus_emulation.require_node(node);
    END LOOP;
END
$$;

-- Before a statement that writes to a table with several placements.
CREATE FUNCTION citus_emulation.before_replicated_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shards bigint[];
    shard bigint;
BEGIN
    PERFORM citus_emulation.require_first_worker();
    IF TG_OP = 'INSERT' THEN
        -- Which shards it reaches is not known before.
        RETURN NULL;
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        shards := (SELECT array_agg(s.shardid) FROM pg_dist_shard s WHERE s.logicalrelid = TG_RELID);
    ELSE
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
    shards bigint[] := citus_emulation.opened_shards(TG_RELID);
    notes jsonb := '[]';
    source int;
    target record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM citus_emulation.require_placements(shards);
    END IF;
    -- The leaders first; others only where no leader knows of a shard, because another session has changed the leader meanwhile.
    FOR source IN
        SELECT DISTINCT citus_emulation.pointed_to(i.inhrelid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = TG_RELID AND substring(c.relname FROM '_(\d+)$')::bigint = ANY (shards)
    LOOP
        notes := notes || citus_emulation.notes_of(TG_RELID, source);
    END LOOP;
    IF (SELECT count(DISTINCT note -> 1) FROM jsonb_array_elements(notes) AS note) < cardinality(shards) THEN
        FOR source IN
            SELECT DISTINCT p.groupid FROM citus_emulation.placements_to_write(shards) p
            WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(notes) AS note WHERE (note ->> 1)::bigint = p.shardid)
        LOOP
            notes := notes || citus_emulation.notes_of(TG_RELID, source);
        END LOOP;
    END IF;
    FOR target IN
        SELECT p.groupid, string_agg(note ->> 2, '; ' ORDER BY number) AS commands
        FROM jsonb_array_elements(notes) WITH ORDINALITY AS n (note, number)
        JOIN citus_emulation.placements_to_write(shards) p ON (note ->> 1)::bigint = p.shardid AND (note ->> 0)::int <> p.groupid
        WHERE note ->> 2 <> '' GROUP BY 1 ORDER BY 1
    LOOP
        PERFORM citus_emulation.remote(target.groupid, target.commands);
    END LOOP;
    RETURN NULL;
END
$$;

-- What a node has noted, as [group, shard, command].
CREATE FUNCTION citus_emulation.notes_of(relation regclass, source int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    notes text := citus_emulation.remote_value(source, 'SELECT citus_emulation.take_notes()');
BEGIN
    RETURN (
        WITH line AS MATERIALIZED (
            SELECT place, split_part(note, ' ', 1)::bigint AS shard, split_part(note, ' ', 2) AS kind,
                substring(note FROM '^\S+ \S+ (.*)$')::json #>> '{}' AS text
            FROM string_to_table(notes, E'\n') WITH ORDINALITY AS u (note, place) WHERE note <> ''
        ), noted AS (
            SELECT place, shard, text FROM line WHERE kind = 'command'
            UNION ALL
            SELECT min(place), shard, coalesce('INSERT INTO ' || citus_emulation.shard_name(relation, shard)
                || format(' (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (VALUES ', citus_emulation.stored_columns(relation),
                    citus_emulation.prefixed_columns(relation, '(v.new_row).'))
                || string_agg(nullif(text, ''), ', ' ORDER BY place) || ') AS v (new_row)', '')
            FROM line WHERE kind = 'rows' GROUP BY shard
        )
        SELECT coalesce(jsonb_agg(jsonb_build_array(source, shard, text) ORDER BY place), '[]') FROM noted);
END
$$;

CREATE FUNCTION citus_emulation.after_replicated_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target record;
BEGIN
    FOR target IN
        SELECT p.groupid, string_agg(citus_emulation.shard_name(TG_RELID, p.shardid), ', ' ORDER BY p.shardid) AS names
        FROM citus_emulation.placements_to_write((SELECT array_agg(s.shardid) FROM pg_dist_shard s WHERE s.logicalrelid = TG_RELID)) p
        GROUP BY p.groupid ORDER BY p.groupid
    LOOP
        PERFORM citus_emulation.remote(target.groupid, 'TRUNCATE ' || target.names);
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION citus_emulation.guard_replicated_table(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER citus_replicas_before BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT
        EXECUTE FUNCTION citus_emulation.before_replicated_write()', citus_emulation.qualified_name(relation));
    EXECUTE format('CREATE TRIGGER citus_replicas_after AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT
        EXECUTE FUNCTION citus_emulation.after_replicated_write()', citus_emulation.qualified_name(relation));
    EXECUTE format('CREATE TRIGGER citus_replicas_truncate AFTER TRUNCATE ON %s FOR EACH STATEMENT
        EXECUTE FUNCTION citus_emulation.after_replicated_truncate()', citus_emulation.qualified_name(relation));
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
