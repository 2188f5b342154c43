-- From the state of the cluster to the list of moves.

-- The fills that are balanced by themselves: one for each colocation group; groups with fewer shards than nodes together.
CREATE FUNCTION citus_emulation.initial_fills(
    relations regclass[], excluded bigint[], only_node int, strategy pg_catalog.pg_dist_rebalance_strategy)
RETURNS SETOF citus_emulation.fill_state LANGUAGE plpgsql AS $$
DECLARE
    node_count int;
    replication_factor int := coalesce(nullif(current_setting('citus.shard_replication_factor', true), '')::int, 1);
    relation regclass;
    shards bigint[];
    nodes int[];
    small_shards bigint[] := '{}';
    small_nodes int[] := '{}';
BEGIN
    SELECT count(*) INTO node_count
      FROM pg_dist_node
     WHERE isactive AND noderole = 'primary' AND shouldhaveshards;
    IF node_count < replication_factor THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format(
            'Shard replication factor (%s) cannot be greater than number of nodes with should_have_shards=true (%s).',
            replication_factor, node_count);
    END IF;
    FOREACH relation IN ARRAY relations LOOP
        SELECT coalesce(array_agg(s.shardid ORDER BY s.shardid, n.nodeid), '{}'),
               coalesce(array_agg(n.nodeid ORDER BY s.shardid, n.nodeid), '{}')
          INTO shards, nodes
          FROM pg_dist_shard s
          JOIN pg_dist_placement p USING (shardid)
          JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' AND n.isactive
         WHERE s.logicalrelid = relation
           AND s.shardid <> ALL (excluded)
           AND (only_node IS NULL OR n.nodeid = only_node);
        IF cardinality(shards) >= node_count THEN
            RETURN NEXT citus_emulation.initial_fill(shards, nodes, strategy);
        ELSE
            small_shards := small_shards || shards;
            small_nodes := small_nodes || nodes;
        END IF;
    END LOOP;
    IF cardinality(small_shards) > 0 THEN
        RETURN NEXT citus_emulation.initial_fill(small_shards, small_nodes, strategy);
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.plan_moves(
    relations regclass[], threshold real, max_shard_moves int, excluded bigint[], drain_only boolean,
    strategy pg_catalog.pg_dist_rebalance_strategy, improvement_threshold real, only_node int DEFAULT NULL)
RETURNS citus_emulation.planned_move[] LANGUAGE plpgsql AS $$
DECLARE
    fills citus_emulation.fill_state[];
    fill citus_emulation.fill_state;
    plan citus_emulation.planned_move[] := '{}';
    placement int;
    target int;
    lower_bound real;
    upper_bound real;
    average real;
    ignored int := 0;
    ignored_here int;
BEGIN
    PERFORM citus_validate_rebalance_strategy_functions(
        strategy.shard_cost_function, strategy.node_capacity_function, strategy.shard_allowed_on_node_function);
    SELECT coalesce(array_agg(f), '{}') INTO fills
      FROM citus_emulation.initial_fills(relations, excluded, only_node, strategy) f;
    IF threshold < strategy.minimum_threshold THEN
        RAISE WARNING USING
            MESSAGE = 'the given threshold is lower than the minimum threshold allowed by the rebalance strategy, using the minimum allowed threshold instead',
            DETAIL = format('Using threshold of %s', round(strategy.minimum_threshold::numeric, 2));
        threshold := strategy.minimum_threshold;
    END IF;

    -- First away from where a shard may not lie.
    FOR f IN 1 .. cardinality(fills) LOOP
        fill := fills[f];
        FOREACH placement IN ARRAY citus_emulation.dearest_first(fill, NULL) LOOP
            CONTINUE WHEN citus_emulation.may_stay(fill, placement, strategy);
            SELECT n INTO target
              FROM unnest(citus_emulation.emptiest_first(fill)) WITH ORDINALITY AS u (n, place)
             WHERE citus_emulation.may_receive(fill, placement, n, strategy)
             ORDER BY place LIMIT 1;
            IF target IS NULL THEN
                RAISE WARNING USING MESSAGE = format('Not allowed to move shard %s anywhere from %s',
                    fill.shards[placement], citus_emulation.node_address(fill.nodes[fill.placed_on[placement]]));
                CONTINUE;
            END IF;
            plan := plan || ROW(fill.shards[placement], fill.nodes[fill.placed_on[placement]],
                                fill.nodes[target])::citus_emulation.planned_move;
            fill := citus_emulation.moved(fill, placement, target);
        END LOOP;
        fills[f] := fill;
    END LOOP;
    IF drain_only THEN
        RETURN plan;
    END IF;

    FOR f IN 1 .. cardinality(fills) LOOP
        fill := fills[f];
        ignored_here := 0;
        SELECT (SELECT sum(c) FROM unnest(fill.shard_cost) c) / nullif((SELECT sum(c) FROM unnest(fill.capacity) c), 0)
          INTO average;
        CONTINUE WHEN average IS NULL;
        lower_bound := ((1.0::float8 - threshold::float8) * average)::real;
        upper_bound := ((1.0::float8 + threshold::float8) * average)::real;
        LOOP
            IF cardinality(plan) >= max_shard_moves THEN
                RAISE NOTICE 'Stopped searching before we were out of moves. Please rerun the rebalancer after it''s finished for a more optimal placement.';
                EXIT;
            END IF;
            SELECT m.ignored, m.placement, m.target INTO ignored_here, placement, target
              FROM citus_emulation.next_move(fill, lower_bound, upper_bound, improvement_threshold, strategy, ignored_here) m;
            EXIT WHEN placement IS NULL;
            plan := plan || ROW(fill.shards[placement], fill.nodes[fill.placed_on[placement]],
                                fill.nodes[target])::citus_emulation.planned_move;
            fill := citus_emulation.moved(fill, placement, target);
        END LOOP;
        ignored := ignored + ignored_here;
        EXIT WHEN placement IS NOT NULL;
    END LOOP;
    PERFORM citus_emulation.report_ignored_moves(ignored, improvement_threshold);
    RETURN plan;
END
$$;

CREATE FUNCTION citus_emulation.may_stay(
    fill citus_emulation.fill_state, placement int, strategy pg_catalog.pg_dist_rebalance_strategy)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean := (fill).allowed[(fill).placed_on[placement]];
BEGIN
    IF allowed THEN
        EXECUTE format('SELECT %s($1, $2)', strategy.shard_allowed_on_node_function)
           INTO allowed USING (fill).shards[placement], (fill).nodes[(fill).placed_on[placement]];
    END IF;
    RETURN allowed;
END
$$;

CREATE FUNCTION citus_emulation.report_ignored_moves(ignored int, improvement_threshold real)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    logged int := coalesce(nullif(current_setting('citus.max_rebalancer_logged_ignored_moves', true), '')::int, 5);
BEGIN
    IF ignored > 0 THEN
        RAISE NOTICE USING
            MESSAGE = CASE WHEN logged = -1 OR ignored <= logged
                THEN format('Ignored %s moves, all of which are shown in notices above', ignored)
                ELSE format('Ignored %s moves, %s of which are shown in notices above', ignored, logged) END,
            HINT = format('If you do want these moves to happen, try changing improvement_threshold to a lower value than what it is now (%s).',
                          improvement_threshold);
    END IF;
END
$$;

CREATE FUNCTION pg_catalog.get_rebalance_table_shards_plan(
    relation regclass DEFAULT NULL, threshold real DEFAULT NULL, max_shard_moves int DEFAULT 1000000,
    excluded_shard_list bigint[] DEFAULT '{}', drain_only boolean DEFAULT false, rebalance_strategy name DEFAULT NULL,
    improvement_threshold real DEFAULT NULL)
RETURNS TABLE (table_name regclass, shardid bigint, shard_size bigint, sourcename text, sourceport int, targetname text, targetport int)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    strategy pg_dist_rebalance_strategy;
    move citus_emulation.planned_move;
BEGIN
    PERFORM citus_emulation.check_rebalance_arguments(max_shard_moves, excluded_shard_list, drain_only);
    IF relation IS NOT NULL THEN
        PERFORM citus_emulation.check_movable(relation);
    END IF;
    strategy := citus_emulation.rebalance_strategy(rebalance_strategy);
    FOREACH move IN ARRAY citus_emulation.plan_moves(
        CASE WHEN relation IS NULL THEN citus_emulation.rebalanced_relations() ELSE ARRAY[relation] END,
        coalesce(threshold, strategy.default_threshold), max_shard_moves, excluded_shard_list, drain_only, strategy,
        coalesce(improvement_threshold, strategy.improvement_threshold))
    LOOP
        RETURN QUERY
            SELECT s.logicalrelid, s.shardid, coalesce(p.shardlength, 0), source.nodename, source.nodeport,
                   target.nodename, target.nodeport
              FROM unnest(citus_emulation.colocated_shards(move.shard_id)) AS c (id)
              JOIN pg_dist_shard s ON s.shardid = c.id
              JOIN pg_dist_node source ON source.nodeid = move.source_node
              JOIN pg_dist_node target ON target.nodeid = move.target_node
              LEFT JOIN pg_dist_placement p ON p.shardid = s.shardid AND p.groupid = source.groupid
             ORDER BY s.shardid;
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.check_rebalance_arguments(max_shard_moves int, excluded_shard_list bigint[], drain_only boolean)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    missing text := CASE
        WHEN max_shard_moves IS NULL THEN 'max_shard_moves'
        WHEN excluded_shard_list IS NULL THEN 'excluded_shard_list'
        WHEN drain_only IS NULL THEN 'drain_only' END;
BEGIN
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format('%s cannot be NULL', missing);
    END IF;
END
$$;
