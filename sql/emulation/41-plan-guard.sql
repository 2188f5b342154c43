-- Refusing at plan time what Citus refuses at plan time.
--
-- A distributed table has a statistics object with a call of plan_guard() in it. Whenever the planner plans the table it
-- folds that call, because the function is declared immutable: so it runs for every client and every kind of statement.
-- A statement about one table costs one regular expression. One that may join is explained, and its plan inspected.

CREATE FUNCTION citus_emulation.plan_guard() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF current_query() ~* '\mjoin\M|\mfrom\M[^;]*,' AND coalesce(current_setting('citus_emulation.remote', true), '') <> 'on' THEN
        PERFORM citus_emulation.inspect_plan(current_query());
    END IF;
    RETURN 0;
END
$$;

-- On a table with several placements rows cannot be locked by a query. It does not call plan_guard(), which PL/pgSQL would fold once and
-- for all.
CREATE FUNCTION citus_emulation.replicated_plan_guard() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF current_query() ~* '\mfor\s+((no\s+key\s+)?update|(key\s+)?share)\M' AND current_query() ~* '^[\s(]*(explain\M.*)?(select|with|table)\M' THEN
        RAISE EXCEPTION 'could not run distributed query with FOR UPDATE/SHARE commands' USING ERRCODE = 'feature_not_supported',
            HINT = 'Consider using an equality filter on the distributed table''s partition column.';
    END IF;
    IF current_query() ~* '\mjoin\M|\mfrom\M[^;]*,' AND coalesce(current_setting('citus_emulation.remote', true), '') <> 'on' THEN
        PERFORM citus_emulation.inspect_plan(current_query());
    END IF;
    RETURN 0;
END
$$;

-- The same trick on every foreign partition, from PostgreSQL 16 on: it is planned only when it is not pruned, so a session asks
-- a node for a connection in time, before postgres_fdw would wait for a frozen one for ever.
CREATE FUNCTION citus_emulation.partition_guard(shardid bigint) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF current_setting('citus_emulation.all_linked', true) IS DISTINCT FROM 'on' THEN
        PERFORM citus_emulation.link_for_shard(shardid);
    END IF;
    RETURN 0;
END
$$;

CREATE FUNCTION citus_emulation.link_for_shard(shardid bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM citus_emulation.ensure_linked(p.groupid) FROM pg_dist_placement p
    WHERE p.shardid = link_for_shard.shardid AND p.groupid <> citus_emulation.local_group();
    IF NOT EXISTS (SELECT FROM pg_dist_node WHERE groupid <> 0 AND groupid::text <> ALL (
        string_to_array(coalesce(current_setting('citus_emulation.linked', true), ''), ' ')))
    THEN
        PERFORM set_config('citus_emulation.all_linked', 'on', false);
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.inspect_plan(query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    statement text := regexp_replace(query, '^\s*explain\s*(\([^)]*\)|(\s*(analyze|verbose)\M)*)\s*', '', 'i');
    plan jsonb;
    kind text;
BEGIN
    statement := regexp_replace(statement, '[;\s]+$', '');
    -- More than one statement, parameters without values, or no query: EXPLAIN would run the rest, or fail.
    -- Subqueries and CTEs Citus may run apart, and join what they return with anything.
    IF statement ~ ';|\$\d' OR statement ~* '\(\s*(select|with)\M|^\s*with\M' OR statement !~* '^[\s(]*(select|with|insert|update|delete)\M'
        OR coalesce(current_setting('citus.enable_repartition_joins', true), 'off') IN ('on', 'true', 'yes', '1')
    THEN
        RETURN;
    END IF;
    PERFORM set_config('citus_emulation.remote', 'on', true);
    BEGIN
        EXECUTE 'EXPLAIN (FORMAT JSON, COSTS OFF, VERBOSE) ' || statement INTO plan;
    EXCEPTION WHEN OTHERS THEN
        -- Whatever is wrong with it, the planner will say so itself.
        plan := NULL;
    END;
    PERFORM set_config('citus_emulation.remote', '', true);
    kind := citus_emulation.scattered_join(plan->0->'Plan');
    IF kind = 'Inner' THEN
        RAISE EXCEPTION 'the query contains a join that requires repartitioning'
            USING ERRCODE = 'internal_error', HINT = 'Set citus.enable_repartition_joins to on to enable repartitioning';
    ELSIF kind IS NOT NULL THEN
        RAISE EXCEPTION 'complex joins are only supported when all distributed tables are co-located and joined on their '
            'distribution columns' USING ERRCODE = 'feature_not_supported';
    END IF;
END
$$;

-- The shard groups that a plan node reads directly. What an aggregate, a limit or a subquery hands on is an intermediate
-- result, which Citus joins with anything.
CREATE FUNCTION citus_emulation.shard_groups(node jsonb) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    child jsonb;
    groups text[] := '{}';
BEGIN
    IF node->>'Node Type' = 'Foreign Scan' THEN
        RETURN (SELECT coalesce(array_agg(DISTINCT format('%s:%s', t.colocationid, s.shardminvalue)), '{}')
            FROM regexp_matches(coalesce(node->>'Relations', '') || ' ' || coalesce(node->>'Relation Name', ''), '_(\d{6,})\M', 'g') AS m
            JOIN pg_dist_shard s ON s.shardid = m[1]::bigint JOIN pg_dist_partition t USING (logicalrelid));
    END IF;
    IF node->>'Node Type' IN ('Aggregate', 'WindowAgg', 'Limit', 'Unique', 'SetOp', 'CTE Scan', 'Subquery Scan', 'ModifyTable') THEN
        RETURN groups;
    END IF;
    FOR child IN SELECT value FROM jsonb_array_elements(coalesce(node->'Plans', '[]')) LOOP
        IF child->>'Parent Relationship' NOT IN ('InitPlan', 'SubPlan') THEN
            groups := groups || citus_emulation.shard_groups(child);
        END IF;
    END LOOP;
    RETURN ARRAY(SELECT DISTINCT unnest(groups));
END
$$;

-- Whether a column, as the plan writes it, is its table's distribution column. What an alias stands for is known where its shards
-- are scanned below; elsewhere any distribution column's name will do.
CREATE FUNCTION citus_emulation.is_key(node jsonb, alias text, column_name text) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH scanned AS (
        SELECT t.logicalrelid
        FROM jsonb_path_query(node, 'lax $.** ? (@."Node Type" == "Foreign Scan")') AS scan
        CROSS JOIN LATERAL (
            SELECT scan->>'Alias' AS alias, substring(scan->>'Relation Name' FROM '_(\d{6,})$') AS shard
            UNION ALL
            SELECT trim(m[2], '"'), m[1] FROM regexp_matches(scan->>'Relations', '_(\d{6,})"? (\w+|"[^"]+")', 'g') AS m
        ) AS place
        JOIN pg_dist_shard t ON t.shardid = place.shard::bigint
        -- Above the shards their parent's alias is used, which theirs are numbered from.
        WHERE trim(is_key.alias, '"') IN (place.alias, regexp_replace(place.alias, '_\d+$', ''))
    )
    SELECT trim(column_name, '"') IN (
        SELECT citus_emulation.distribution_column(t.logicalrelid) FROM pg_dist_partition t
        WHERE t.logicalrelid IN (SELECT logicalrelid FROM scanned) OR NOT EXISTS (SELECT FROM scanned))
$$;

CREATE FUNCTION citus_emulation.conditions(node jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT concat_ws(' ', node->>'Hash Cond', node->>'Merge Cond', node->>'Join Filter')
$$;

-- Whether a join that PostgreSQL does not run shard by shard could have been: equal distribution columns, one colocation group.
CREATE FUNCTION citus_emulation.joined_by_key(node jsonb, groups text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT (SELECT count(DISTINCT split_part(g, ':', 1)) = 1 FROM unnest(groups) AS g) AND (
        EXISTS (
            SELECT FROM regexp_matches(citus_emulation.conditions(node),
                '(\w+|"[^"]+")\.(\w+|"[^"]+") = (\w+|"[^"]+")\.(\w+|"[^"]+")', 'g') AS m
            WHERE citus_emulation.is_key(node, m[1], m[2]) AND citus_emulation.is_key(node, m[3], m[4]))
        -- A nested loop hands the other side's value to the shards' own query.
        OR EXISTS (
            SELECT FROM regexp_matches((node->'Plans'->1)::text, '\((\w+) = \$\d', 'g') AS m
            WHERE m[1] IN (SELECT citus_emulation.distribution_column(logicalrelid) FROM pg_dist_partition)))
$$;

CREATE FUNCTION citus_emulation.mentions_key(node jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM regexp_matches(citus_emulation.conditions(node), '(\w+|"[^"]+")\.(\w+|"[^"]+")\M(?!\))', 'g') AS m
        WHERE citus_emulation.is_key(node, m[1], m[2]))
        OR EXISTS (
        SELECT FROM regexp_matches(citus_emulation.conditions(node), '= (\w+|"[^"]+")\.(\w+|"[^"]+")\)', 'g') AS m
        WHERE citus_emulation.is_key(node, m[1], m[2]))
$$;

-- The type of the first join in a plan that brings together rows of different shard groups.
CREATE FUNCTION citus_emulation.scattered_join(node jsonb) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    child jsonb;
    found text;
    outer_groups text[];
    inner_groups text[];
BEGIN
    IF node->>'Node Type' IN ('Nested Loop', 'Hash Join', 'Merge Join') AND node->>'Join Type' IN ('Inner', 'Left', 'Right', 'Full') THEN
        outer_groups := citus_emulation.shard_groups(node->'Plans'->0);
        inner_groups := citus_emulation.shard_groups(node->'Plans'->1);
        IF cardinality(outer_groups) > 0 AND cardinality(inner_groups) > 0
            AND (outer_groups <> inner_groups OR cardinality(outer_groups) > 1)
            AND NOT citus_emulation.joined_by_key(node, outer_groups || inner_groups)
            -- An outer join with one distribution column in its condition Citus plans in two steps.
            AND (node->>'Join Type' = 'Inner' OR NOT citus_emulation.mentions_key(node))
        THEN
            RETURN node->>'Join Type';
        END IF;
    END IF;
    FOR child IN SELECT value FROM jsonb_array_elements(coalesce(node->'Plans', '[]')) LOOP
        found := citus_emulation.scattered_join(child);
        EXIT WHEN found IS NOT NULL;
    END LOOP;
    RETURN found;
END
$$;
