-- Rebalancing: in the background as a job, or in the foreground move by move.

-- Nobody else may plan for these tables until this transaction ends, nor may a job be moving shards already.
CREATE FUNCTION citus_emulation.begin_rebalance(relations regclass[], operation text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
    job bigint;
BEGIN
    FOREACH relation IN ARRAY relations LOOP
        IF NOT pg_try_advisory_xact_lock(
            citus_emulation.lock_class('rebalance'), citus_emulation.colocation_id(relation))
        THEN
            RAISE EXCEPTION USING ERRCODE = 'XX000',
                MESSAGE = format('could not acquire the lock required to %s %s', operation, citus_emulation.qualified_name(relation)),
                DETAIL = 'It means that either a concurrent shard move or shard copy is happening.',
                HINT = 'Make sure that the concurrent operation has finished and re-run the command';
        END IF;
    END LOOP;
    job := citus_emulation.unfinished_job('rebalance');
    IF job IS NOT NULL THEN
        PERFORM citus_emulation.revive_runner(job);
        RAISE EXCEPTION USING ERRCODE = 'XX000',
            MESSAGE = format('A rebalance is already running as job %s', job),
            DETAIL = 'A rebalance was already scheduled as background job',
            HINT = 'To monitor progress, run: SELECT * FROM citus_rebalance_status();';
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.colocation_id(relation regclass)
RETURNS int LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN colocationid = 0 THEN logicalrelid::oid::int ELSE colocationid END
      FROM pg_dist_partition WHERE logicalrelid = relation;
$$;

-- In the mode `auto`, Citus copies by logical replication, which needs a key on every table.
CREATE FUNCTION citus_emulation.check_keys(relations regclass[], mode citus.shard_transfer_mode)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    IF mode <> 'auto' THEN
        RETURN;
    END IF;
    FOREACH relation IN ARRAY relations LOOP
        IF NOT citus_emulation.has_replica_identity(relation) THEN
            RAISE EXCEPTION USING ERRCODE = '0A000',
                MESSAGE = format('cannot use logical replication to transfer shards of the relation %s since it doesn''t have a REPLICA IDENTITY or PRIMARY KEY',
                                 citus_emulation.relation_name(relation)),
                DETAIL = 'UPDATE and DELETE commands on the shard will error out during logical replication unless there is a REPLICA IDENTITY or PRIMARY KEY.',
                HINT = 'If you wish to continue without a replica identity set the shard_transfer_mode to ''force_logical'' or ''block_writes''.';
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION citus_emulation.check_plan_keys(plan citus_emulation.planned_move[], mode citus.shard_transfer_mode)
RETURNS void LANGUAGE sql AS $$
    SELECT citus_emulation.check_keys(citus_emulation.colocated_relations(relation), mode)
      FROM (SELECT DISTINCT s.logicalrelid::regclass AS relation
              FROM unnest(plan) m JOIN pg_dist_shard s ON s.shardid = m.shard_id) moved;
$$;

CREATE FUNCTION pg_catalog.citus_rebalance_start(
    rebalance_strategy name DEFAULT NULL, drain_only boolean DEFAULT false,
    shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto',
    parallel_transfer_reference_tables boolean DEFAULT false, parallel_transfer_colocated_shards boolean DEFAULT false)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    strategy pg_dist_rebalance_strategy;
    relations regclass[];
    plan citus_emulation.planned_move[];
    job bigint;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    relations := citus_emulation.rebalanced_relations();
    strategy := citus_emulation.rebalance_strategy(rebalance_strategy);
    IF cardinality(relations) = 0 THEN
        RAISE NOTICE 'No tables to rebalance';
        RETURN NULL;
    END IF;
    PERFORM citus_emulation.begin_rebalance(relations, CASE WHEN drain_only THEN 'move' ELSE 'rebalance' END);
    plan := citus_emulation.plan_moves(
        relations, strategy.default_threshold, 10000000, '{}', drain_only, strategy, strategy.improvement_threshold);
    IF cardinality(plan) = 0 THEN
        RAISE NOTICE 'No moves available for rebalancing';
        RETURN NULL;
    END IF;
    PERFORM citus_emulation.check_plan_keys(plan, shard_transfer_mode);
    INSERT INTO pg_dist_background_job (job_type, description)
    VALUES ('rebalance', 'Rebalance all colocation groups')
    RETURNING job_id INTO job;
    PERFORM citus_emulation.schedule_moves(job, plan, shard_transfer_mode, parallel_transfer_colocated_shards),
            citus_emulation.start_job(job);
    RAISE NOTICE USING
        MESSAGE = format('Scheduled %s moves as job %s', cardinality(plan), job),
        DETAIL = 'Rebalance scheduled as background job',
        HINT = 'To monitor progress, run: SELECT * FROM citus_rebalance_status();';
    RETURN job;
END
$$;

-- Writes a job's tasks. A move waits for the one before it in its colocation group, and for those that make room on its target.
CREATE FUNCTION citus_emulation.schedule_moves(
    job bigint, plan citus_emulation.planned_move[], mode citus.shard_transfer_mode, parallel_colocated boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    move citus_emulation.planned_move;
    references_task bigint;
    task bigint;
    group_of_move int;
    waits_for bigint[];
BEGIN
    IF citus_emulation.reference_tables_missing_somewhere() THEN
        PERFORM citus_emulation.check_keys(citus_emulation.reference_tables(), mode);
        INSERT INTO pg_dist_background_task (job_id, command, nodes_involved)
        VALUES (job, format('SELECT pg_catalog.replicate_reference_tables(%L)', mode), '{}')
        RETURNING task_id INTO references_task;
    END IF;
    FOREACH move IN ARRAY plan LOOP
        group_of_move := citus_emulation.colocation_id(
            (SELECT logicalrelid FROM pg_dist_shard WHERE shardid = move.shard_id));
        SELECT array_agg(t.task_id) INTO waits_for
          FROM (SELECT max(task_id) AS task_id FROM pg_dist_background_task
                 WHERE job_id = job AND NOT parallel_colocated AND nodes_involved[3] = group_of_move
                UNION
                SELECT task_id FROM pg_dist_background_task
                 WHERE job_id = job AND nodes_involved[1] = move.target_node) t
         WHERE t.task_id IS NOT NULL;
        waits_for := coalesce(waits_for, CASE WHEN references_task IS NOT NULL THEN ARRAY[references_task] END);
        INSERT INTO pg_dist_background_task (job_id, command, status, nodes_involved)
        VALUES (job,
                format('SELECT pg_catalog.citus_move_shard_placement(%s,%s,%s,%L)',
                       move.shard_id, move.source_node, move.target_node, mode),
                CASE WHEN waits_for IS NULL THEN 'runnable' ELSE 'blocked' END::citus_task_status,
                ARRAY[move.source_node, move.target_node, group_of_move])
        RETURNING task_id INTO task;
        INSERT INTO pg_dist_background_task_depend (job_id, task_id, depends_on)
        SELECT job, task, w FROM unnest(waits_for) w;
    END LOOP;
    -- The third entry was only a note for the loop above.
    UPDATE pg_dist_background_task SET nodes_involved = nodes_involved[1:2] WHERE job_id = job;
END
$$;

CREATE FUNCTION pg_catalog.citus_rebalance_stop()
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    job bigint := citus_emulation.unfinished_job('rebalance');
BEGIN
    IF job IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = 'no ongoing rebalance that can be stopped';
    END IF;
    PERFORM citus_job_cancel(job);
END
$$;

CREATE FUNCTION pg_catalog.citus_rebalance_wait()
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    job bigint := citus_emulation.unfinished_job('rebalance');
BEGIN
    IF job IS NULL THEN
        RAISE WARNING 'no ongoing rebalance that can be waited on';
        RETURN;
    END IF;
    PERFORM citus_job_wait(job);
END
$$;

CREATE FUNCTION pg_catalog.citus_rebalance_status(raw boolean DEFAULT false)
RETURNS TABLE (job_id bigint, state citus_job_status, job_type name, description text, started_at timestamptz, finished_at timestamptz,
               details jsonb)
LANGUAGE sql STRICT AS $$
    SELECT s.*
      FROM (SELECT max(job_id) AS id FROM pg_dist_background_job WHERE job_type = 'rebalance') j,
           citus_job_status(j.id, raw) s;
$$;

CREATE FUNCTION pg_catalog.rebalance_table_shards(
    relation regclass DEFAULT NULL, threshold real DEFAULT NULL, max_shard_moves int DEFAULT 1000000,
    excluded_shard_list bigint[] DEFAULT '{}', shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto',
    drain_only boolean DEFAULT false, rebalance_strategy name DEFAULT NULL)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    strategy pg_dist_rebalance_strategy;
BEGIN
    IF relation IS NOT NULL THEN
        PERFORM citus_emulation.check_movable(relation);
    END IF;
    PERFORM citus_emulation.ensure_coordinator(),
            citus_emulation.check_rebalance_arguments(max_shard_moves, excluded_shard_list, drain_only);
    strategy := citus_emulation.rebalance_strategy(rebalance_strategy);
    PERFORM citus_emulation.rebalance_now(
        CASE WHEN relation IS NULL THEN citus_emulation.rebalanced_relations() ELSE ARRAY[relation] END,
        coalesce(threshold, strategy.default_threshold), max_shard_moves, excluded_shard_list, shard_transfer_mode, drain_only,
        strategy, strategy.improvement_threshold);
END
$$;

CREATE FUNCTION pg_catalog.citus_drain_node(
    nodename text, nodeport int, shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto', rebalance_strategy name DEFAULT NULL)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    strategy pg_dist_rebalance_strategy;
    drained int;
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    strategy := citus_emulation.rebalance_strategy($4);
    drained := (SELECT nodeid FROM pg_dist_node WHERE nodename = $1 AND nodeport = $2);
    IF drained IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'P0002', MESSAGE = format('node %s:%s not found', $1, $2);
    END IF;
    -- On its own, so that the node gets no more shards even when the draining breaks off.
    PERFORM citus_emulation.run_apart(format('SELECT citus_set_node_property(%L, %s, ''shouldhaveshards'', false)', $1, $2));
    PERFORM citus_emulation.rebalance_now(
        citus_emulation.rebalanced_relations(), strategy.default_threshold, 0, '{}', shard_transfer_mode, true,
        strategy, 0, drained);
END
$$;
