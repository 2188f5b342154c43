-- Rebalance strategies: what a shard costs, what a node can carry, where a shard may lie.

-- Advisory locks stand in for the lock tags that Citus adds to PostgreSQL. Each purpose is a first key of its own;
-- the second key says of what (a colocation group, a job, a shard).
CREATE FUNCTION citus_emulation.lock_class(purpose text)
RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 1718206500 + CASE purpose
        WHEN 'rebalance' THEN 1
        WHEN 'placements' THEN 2
        WHEN 'shard' THEN 3
        WHEN 'job' THEN 4
        WHEN 'runner' THEN 5
        WHEN 'cleanup' THEN 6
        WHEN 'writes' THEN 7
    END;
$$;

-- The disk size of a shard together with its colocated shards, on the first active node that has it, over a base cost:
-- without one, empty shards would never be spread.
CREATE FUNCTION pg_catalog.citus_shard_cost_by_disk_size(bigint)
RETURNS real LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    carrier int;
    base bigint := pg_size_bytes(coalesce(nullif(current_setting('citus.rebalancer_by_disk_size_base_cost', true), ''), '100MB'));
    size bigint;
BEGIN
    SELECT p.groupid INTO carrier
      FROM pg_dist_placement p
      JOIN pg_dist_node n USING (groupid)
     WHERE p.shardid = $1 AND n.noderole = 'primary' AND n.isactive
     ORDER BY p.placementid
     LIMIT 1;
    IF carrier IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000',
            MESSAGE = format('could not find any healthy placement for shard %s', $1);
    END IF;
    size := citus_emulation.shards_size(carrier, citus_emulation.colocated_shards($1)) + base;
    RETURN CASE WHEN size <= 0 THEN 1 ELSE size END;
END
$$;

CREATE FUNCTION citus_emulation.check_strategy_function(purpose text, function regproc, arguments oid[], result oid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    called pg_proc;
    problem text;
    names constant jsonb := '{"20": "bigint", "23": "int", "700": "real", "16": "boolean"}';
BEGIN
    SELECT * INTO called FROM pg_proc WHERE oid = function;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000',
            MESSAGE = format('cache lookup failed for %s with oid %s', purpose, function::oid);
    END IF;
    problem := CASE
        WHEN called.pronargs <> cardinality(arguments) THEN format(
            'number of arguments of %s should be %s, not %s', called.proname, cardinality(arguments), called.pronargs)
        WHEN called.proargtypes[0] <> arguments[1] THEN format(
            '%s of %s should be %s', CASE called.pronargs WHEN 1 THEN 'argument type' ELSE 'type of first argument' END,
            called.proname, names ->> arguments[1]::text)
        WHEN called.pronargs = 2 AND called.proargtypes[1] <> arguments[2] THEN format(
            'type of second argument of %s should be int', called.proname)
        WHEN called.prorettype <> result THEN format('return type of %s should be %s', called.proname, names ->> result::text) END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000',
            MESSAGE = format('signature for %s is incorrect', purpose), DETAIL = problem;
    END IF;
END
$$;

CREATE FUNCTION pg_catalog.citus_validate_rebalance_strategy_functions(
    shard_cost_function regproc, node_capacity_function regproc, shard_allowed_on_node_function regproc)
RETURNS void LANGUAGE sql STRICT AS $$
    SELECT citus_emulation.check_strategy_function('shard_cost_function', shard_cost_function, '{20}', 'real'::regtype);
    SELECT citus_emulation.check_strategy_function('node_capacity_function', node_capacity_function, '{23}', 'real'::regtype);
    SELECT citus_emulation.check_strategy_function(
        'shard_allowed_on_node_function', shard_allowed_on_node_function, '{20,23}', 'boolean'::regtype);
$$;

CREATE FUNCTION citus_emulation.check_strategy()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE pg_dist_rebalance_strategy IN SHARE ROW EXCLUSIVE MODE;
    PERFORM citus_validate_rebalance_strategy_functions(
        NEW.shard_cost_function, NEW.node_capacity_function, NEW.shard_allowed_on_node_function);
    IF NEW.default_threshold < NEW.minimum_threshold THEN
        RAISE EXCEPTION 'default_threshold cannot be smaller than minimum_threshold';
    END IF;
    IF NEW.default_strategy
       AND EXISTS (SELECT FROM pg_dist_rebalance_strategy s WHERE s.default_strategy AND s.name <> NEW.name) THEN
        RAISE EXCEPTION 'there cannot be two default strategies';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER pg_dist_rebalance_strategy_validation_trigger
    BEFORE INSERT OR UPDATE ON pg_catalog.pg_dist_rebalance_strategy
    FOR EACH ROW EXECUTE FUNCTION citus_emulation.check_strategy();

INSERT INTO pg_catalog.pg_dist_rebalance_strategy (
    name, default_strategy, shard_cost_function, node_capacity_function, shard_allowed_on_node_function,
    default_threshold, minimum_threshold, improvement_threshold)
VALUES
    ('by_shard_count', false, 'citus_shard_cost_1', 'citus_node_capacity_1', 'citus_shard_allowed_on_node_true', 0, 0, 0),
    ('by_disk_size', true, 'citus_shard_cost_by_disk_size', 'citus_node_capacity_1', 'citus_shard_allowed_on_node_true', 0.1, 0.01, 0.5)
ON CONFLICT DO NOTHING;

CREATE FUNCTION pg_catalog.citus_add_rebalance_strategy(
    name name, shard_cost_function regproc, node_capacity_function regproc, shard_allowed_on_node_function regproc,
    default_threshold real, minimum_threshold real DEFAULT 0, improvement_threshold real DEFAULT 0)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO pg_dist_rebalance_strategy (
        name, shard_cost_function, node_capacity_function, shard_allowed_on_node_function,
        default_threshold, minimum_threshold, improvement_threshold)
    VALUES ($1, $2, $3, $4, $5, $6, $7);
$$;

CREATE FUNCTION pg_catalog.citus_set_default_rebalance_strategy(name text)
RETURNS void LANGUAGE plpgsql STRICT AS $$
BEGIN
    LOCK TABLE pg_dist_rebalance_strategy IN SHARE ROW EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM pg_dist_rebalance_strategy s WHERE s.name = $1) THEN
        RAISE EXCEPTION 'strategy with specified name does not exist';
    END IF;
    UPDATE pg_dist_rebalance_strategy s SET default_strategy = false WHERE s.default_strategy;
    UPDATE pg_dist_rebalance_strategy s SET default_strategy = true WHERE s.name = $1;
END
$$;

-- The strategy of that name, or the default one.
CREATE FUNCTION citus_emulation.rebalance_strategy(wanted name)
RETURNS pg_catalog.pg_dist_rebalance_strategy LANGUAGE plpgsql STABLE AS $$
DECLARE
    strategy pg_dist_rebalance_strategy;
BEGIN
    SELECT * INTO strategy
      FROM pg_dist_rebalance_strategy s
     WHERE CASE WHEN wanted IS NULL THEN s.default_strategy ELSE s.name = wanted END;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = CASE WHEN wanted IS NULL
            THEN 'no rebalance_strategy was provided, but there is also no default strategy set'
            ELSE format('could not find rebalance strategy with name %s', wanted) END;
    END IF;
    RETURN strategy;
END
$$;
