-- The rebalance plan. Greedy, as Citus plans: while a move makes the spread more even, take a shard from the fullest node to
-- the emptiest one. Utilization is cost over capacity; every comparison is in single precision, as there, or ties break
-- differently.

-- One distributed table for each colocation group, in the order in which they came.
CREATE FUNCTION citus_emulation.rebalanced_relations()
RETURNS regclass[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(relation ORDER BY place), '{}')
      FROM (SELECT DISTINCT ON (CASE WHEN colocationid = 0 THEN logicalrelid::oid::bigint + 4294967296 ELSE colocationid END)
                   logicalrelid AS relation, ctid AS place
              FROM pg_dist_partition
             WHERE citus_emulation.is_distributed_table(logicalrelid)
             ORDER BY CASE WHEN colocationid = 0 THEN logicalrelid::oid::bigint + 4294967296 ELSE colocationid END, ctid) first;
$$;

CREATE FUNCTION citus_emulation.check_movable(relation regclass)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    kind text := CASE
        WHEN citus_emulation.is_distributed_table(relation) THEN NULL
        ELSE coalesce((SELECT repmodel::text FROM pg_dist_partition WHERE logicalrelid = relation), 'none') END;
    qualified text := citus_emulation.qualified_name(relation);
BEGIN
    IF kind IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = CASE kind
            WHEN 'none' THEN format('table %s is a regular postgres table, you can only move shards of a citus table', qualified)
            WHEN 't' THEN format('table %s is a reference table, moving shard of a reference table is not supported', qualified)
            ELSE format('table %s is a local table, moving shard of a local table added to metadata is currently not supported',
                        qualified) END;
    END IF;
END
$$;

-- What one colocation group (or the small ones together) looks like while the plan is made. A node is known by its place in
-- `nodes`, a placement by its place in `shards`.
CREATE TYPE citus_emulation.fill_state AS (
    nodes int[], capacity real[], cost real[], utilization real[], allowed boolean[],
    shards bigint[], shard_cost real[], placed_on int[]
);

CREATE FUNCTION citus_emulation.utilization(cost real, capacity real)
RETURNS real LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN capacity <= 0 THEN 'Infinity'::real ELSE (cost / capacity)::real END;
$$;

CREATE FUNCTION citus_emulation.initial_fill(placed_shards bigint[], placed_nodes int[], strategy pg_catalog.pg_dist_rebalance_strategy)
RETURNS citus_emulation.fill_state LANGUAGE plpgsql AS $$
DECLARE
    fill citus_emulation.fill_state;
    node record;
    amount real;
    place int;
BEGIN
    FOR node IN
        SELECT nodeid, shouldhaveshards
          FROM pg_dist_node
         WHERE isactive AND noderole = 'primary'
         ORDER BY nodename COLLATE "C", nodeport
    LOOP
        amount := 0;
        IF node.shouldhaveshards THEN
            EXECUTE format('SELECT %s($1)', strategy.node_capacity_function) INTO amount USING node.nodeid;
        END IF;
        fill.nodes := fill.nodes || node.nodeid;
        fill.allowed := fill.allowed || node.shouldhaveshards;
        fill.capacity := fill.capacity || amount;
        fill.cost := fill.cost || 0::real;
        fill.utilization := fill.utilization || citus_emulation.utilization(0, amount);
    END LOOP;
    fill.shards := placed_shards;
    fill.placed_on := '{}';
    fill.shard_cost := '{}';
    FOR i IN 1 .. coalesce(array_length(placed_shards, 1), 0) LOOP
        place := array_position(fill.nodes, placed_nodes[i]);
        EXECUTE format('SELECT %s($1)', strategy.shard_cost_function) INTO amount USING placed_shards[i];
        fill.shard_cost := fill.shard_cost || amount;
        fill.placed_on := fill.placed_on || place;
        fill.cost[place] := (fill.cost[place] + amount)::real;
        fill.utilization[place] := citus_emulation.utilization(fill.cost[place], fill.capacity[place]);
    END LOOP;
    RETURN fill;
END
$$;

-- The nodes from the emptiest to the fullest.
CREATE FUNCTION citus_emulation.emptiest_first(fill citus_emulation.fill_state)
RETURNS int[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(i ORDER BY (fill).utilization[i], (fill).capacity[i] DESC, (fill).nodes[i])
      FROM generate_subscripts((fill).nodes, 1) i;
$$;

-- The placements for which nothing speaks but their cost: the dearest first.
CREATE FUNCTION citus_emulation.dearest_first(fill citus_emulation.fill_state, node int)
RETURNS int[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(i ORDER BY (fill).shard_cost[i] DESC, (fill).shards[i]), '{}')
      FROM generate_subscripts((fill).shards, 1) i
     WHERE node IS NULL OR (fill).placed_on[i] = node;
$$;

CREATE FUNCTION citus_emulation.may_receive(
    fill citus_emulation.fill_state, placement int, node int, strategy pg_catalog.pg_dist_rebalance_strategy)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean;
BEGIN
    IF NOT (fill).allowed[node] OR EXISTS (
        SELECT FROM unnest((fill).shards, (fill).placed_on) AS u (shard, place)
         WHERE u.shard = (fill).shards[placement] AND u.place = node)
    THEN
        RETURN false;
    END IF;
    EXECUTE format('SELECT %s($1, $2)', strategy.shard_allowed_on_node_function)
       INTO allowed USING (fill).shards[placement], (fill).nodes[node];
    RETURN allowed;
END
$$;

CREATE FUNCTION citus_emulation.moved(fill citus_emulation.fill_state, placement int, target int)
RETURNS citus_emulation.fill_state LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    source int := (fill).placed_on[placement];
    amount real := (fill).shard_cost[placement];
BEGIN
    fill.placed_on[placement] := target;
    fill.cost[source] := (fill.cost[source] - amount)::real;
    fill.cost[target] := (fill.cost[target] + amount)::real;
    fill.utilization[source] := citus_emulation.utilization(fill.cost[source], fill.capacity[source]);
    fill.utilization[target] := citus_emulation.utilization(fill.cost[target], fill.capacity[target]);
    RETURN fill;
END
$$;

-- The next move that makes the spread more even, as (placement, target); nothing when there is none. `ignored` counts the
-- moves that would help too little for what they cost.
CREATE FUNCTION citus_emulation.next_move(
    fill citus_emulation.fill_state, lower_bound real, upper_bound real, improvement_threshold real,
    strategy pg_catalog.pg_dist_rebalance_strategy, INOUT ignored int, OUT placement int, OUT target int)
LANGUAGE plpgsql AS $$
DECLARE
    ascending int[] := citus_emulation.emptiest_first(fill);
    source int;
    new_source real;
    new_target real;
    gain real;
BEGIN
    FOR s IN REVERSE array_length(ascending, 1) .. 1 LOOP
        source := ascending[s];
        EXIT WHEN fill.utilization[source] <= lower_bound;
        FOREACH target IN ARRAY ascending LOOP
            EXIT WHEN fill.utilization[target] >= upper_bound
                OR (fill.utilization[target] >= lower_bound AND fill.utilization[source] <= upper_bound);
            FOREACH placement IN ARRAY citus_emulation.dearest_first(fill, source) LOOP
                CONTINUE WHEN NOT citus_emulation.may_receive(fill, placement, target, strategy);
                new_target := citus_emulation.utilization(
                    (fill.cost[target] + fill.shard_cost[placement])::real, fill.capacity[target]);
                new_source := citus_emulation.utilization(
                    (fill.cost[source] - fill.shard_cost[placement])::real, fill.capacity[source]);
                IF new_target <= new_source THEN
                    RETURN;
                END IF;
                -- The target would be fuller than the source is now: no gain, nor when the two only change places.
                CONTINUE WHEN new_target > fill.utilization[source]
                    OR (new_target = fill.utilization[source] AND new_source <= fill.utilization[target]);
                gain := (greatest(fill.utilization[source] - new_target, new_source - fill.utilization[target])
                         / least(new_target - fill.utilization[target], fill.utilization[source] - new_source))::real;
                IF gain >= improvement_threshold THEN
                    RETURN;
                END IF;
                ignored := ignored + 1;
                IF ignored <= coalesce(nullif(current_setting('citus.max_rebalancer_logged_ignored_moves', true), '')::int, 5) THEN
                    RAISE NOTICE USING MESSAGE = format(
                        'Ignoring move of shard %s from %s to %s, because the move only brings a small improvement relative to the shard its size',
                        fill.shards[placement], citus_emulation.node_address(fill.nodes[source]),
                        citus_emulation.node_address(fill.nodes[target])),
                        DETAIL = format('The balance improvement of %s is lower than the improvement_threshold of %s',
                                        trim_scale(gain::numeric), improvement_threshold);
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
    placement := NULL;
    target := NULL;
END
$$;

CREATE FUNCTION citus_emulation.node_address(node int)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nodename || ':' || nodeport FROM pg_dist_node WHERE nodeid = node;
$$;
