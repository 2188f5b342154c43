-- Background jobs: their state, waiting for them, cancelling them.

-- A job's state follows from its tasks' states.
CREATE FUNCTION citus_emulation.update_job(job bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    counts jsonb;
    unfinished int;
    failed int;
    reached citus_job_status;
BEGIN
    SELECT jsonb_object_agg(t.status, t.number) INTO counts
      FROM (SELECT status, count(*) AS number FROM pg_dist_background_task WHERE job_id = job GROUP BY status) t;
    unfinished := coalesce((counts ->> 'blocked')::int, 0) + coalesce((counts ->> 'runnable')::int, 0)
                + coalesce((counts ->> 'running')::int, 0);
    failed := coalesce((counts ->> 'error')::int, 0) + coalesce((counts ->> 'unscheduled')::int, 0);
    reached := CASE
        WHEN counts ? 'cancelling' THEN 'cancelling'
        WHEN counts ? 'cancelled' THEN 'cancelled'
        WHEN unfinished + failed = 0 THEN 'finished'
        WHEN failed > 0 AND unfinished > 0 THEN 'failing'
        WHEN failed > 0 THEN 'failed'
        ELSE 'running' END;
    UPDATE pg_dist_background_job
       SET state = reached,
           started_at = CASE WHEN reached = 'running' THEN coalesce(started_at, clock_timestamp()) ELSE started_at END,
           finished_at = CASE WHEN reached IN ('cancelled', 'failed', 'finished')
                              THEN coalesce(finished_at, clock_timestamp()) ELSE finished_at END
     WHERE job_id = job;
END
$$;

CREATE FUNCTION citus_emulation.is_terminal(state pg_catalog.citus_job_status)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT state IN ('cancelled', 'failed', 'finished') $$;

CREATE FUNCTION citus_emulation.is_terminal(state pg_catalog.citus_task_status)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT state IN ('done', 'error', 'unscheduled', 'cancelled') $$;

CREATE FUNCTION citus_emulation.unfinished_job(wanted_type name)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT job_id
      FROM pg_dist_background_job
     WHERE job_type = wanted_type AND NOT citus_emulation.is_terminal(state)
     ORDER BY job_id LIMIT 1;
$$;

CREATE FUNCTION pg_catalog.citus_job_list()
RETURNS TABLE (job_id bigint, state citus_job_status, job_type name, description text, started_at timestamptz, finished_at timestamptz)
LANGUAGE sql AS $$
    SELECT job_id, state, job_type, description, started_at, finished_at FROM pg_dist_background_job ORDER BY job_id;
$$;

-- How far the running tasks are, from the progress of the sessions that run them.
CREATE FUNCTION citus_emulation.running_tasks(job bigint, raw boolean)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'state', t.status, 'retried', coalesce(t.retry_count, 0), 'phase', p.status,
               'size', jsonb_build_object(
                   'source', CASE WHEN raw THEN to_jsonb(p.source_size) ELSE to_jsonb(pg_size_pretty(p.source_size)) END,
                   'target', CASE WHEN raw THEN to_jsonb(p.target_size) ELSE to_jsonb(pg_size_pretty(p.target_size)) END),
               'hosts', jsonb_build_object('source', p.source, 'target', p.target),
               'message', t.message, 'command', t.command, 'task_id', t.task_id,
               'LSN', jsonb_build_object('source', NULL, 'target', NULL, 'lag', NULL)) ORDER BY t.task_id), '[]')
      FROM pg_dist_background_task t
      JOIN (SELECT sessionid, min(status) AS status, sum(source_shard_size) AS source_size, sum(target_shard_size) AS target_size,
                   min(sourcename || ':' || sourceport) AS source, min(targetname || ':' || targetport) AS target
              FROM get_rebalance_progress() GROUP BY sessionid) p ON p.sessionid = t.pid
     WHERE t.job_id = job AND t.status = 'running';
$$;

CREATE FUNCTION citus_emulation.troubled_tasks(job bigint)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'state', status, 'retried', coalesce(retry_count, 0), 'message', message,
               'command', command, 'task_id', task_id) ORDER BY task_id), '[]')
      FROM pg_dist_background_task
     WHERE job_id = job AND (status = 'error' OR (status = 'runnable' AND retry_count > 0));
$$;

CREATE FUNCTION pg_catalog.citus_job_status(job_id bigint, raw boolean DEFAULT false)
RETURNS TABLE (job_id bigint, state citus_job_status, job_type name, description text, started_at timestamptz, finished_at timestamptz,
               details jsonb)
LANGUAGE sql STRICT AS $$
    SELECT citus_emulation.revive_runner($1);
    SELECT j.job_id, j.state, j.job_type, j.description, j.started_at, j.finished_at,
           jsonb_build_object(
               'task_state_counts',
               (SELECT jsonb_object_agg(c.status, c.number)
                  FROM (SELECT t.status, count(*) AS number FROM pg_dist_background_task t
                         WHERE t.job_id = $1 GROUP BY t.status) c),
               'tasks', citus_emulation.running_tasks($1, $2) || citus_emulation.troubled_tasks($1))
      FROM pg_dist_background_job j
     WHERE j.job_id = $1;
$$;

CREATE FUNCTION pg_catalog.citus_job_wait(jobid bigint, desired_status citus_job_status DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    reached citus_job_status;
BEGIN
    LOOP
        SELECT j.state INTO reached FROM pg_dist_background_job j WHERE j.job_id = jobid;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format('no job found for job with jobid: %s', jobid);
        END IF;
        EXIT WHEN reached = desired_status;
        IF citus_emulation.is_terminal(reached) THEN
            EXIT WHEN desired_status IS NULL;
            RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format(
                'Job reached terminal state "%s" instead of desired state "%s"', reached, desired_status);
        END IF;
        IF pg_backend_pid() IN (SELECT pid FROM citus_emulation.runners(jobid)) THEN
            RAISE EXCEPTION USING ERRCODE = '55000',
                MESSAGE = 'cannot wait for a job in the transaction that scheduled it',
                HINT = 'The job starts when the transaction is committed.';
        END IF;
        PERFORM citus_emulation.revive_runner(jobid), pg_sleep(0.02);
    END LOOP;
END
$$;

CREATE FUNCTION pg_catalog.citus_task_wait(taskid bigint, desired_status citus_task_status DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    reached citus_task_status;
    job bigint;
BEGIN
    LOOP
        SELECT t.status, t.job_id INTO reached, job FROM pg_dist_background_task t WHERE t.task_id = taskid;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format('no task found with taskid: %s', taskid);
        END IF;
        EXIT WHEN reached = desired_status;
        IF citus_emulation.is_terminal(reached) THEN
            EXIT WHEN desired_status IS NULL;
            RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format(
                'Task reached terminal state "%s" instead of desired state "%s"', reached, desired_status);
        END IF;
        PERFORM citus_emulation.revive_runner(job), pg_sleep(0.02);
    END LOOP;
END
$$;

-- A running task is asked to stop; its runner writes that it did. The others are cancelled at once.
CREATE FUNCTION pg_catalog.citus_job_cancel(jobid bigint)
RETURNS void LANGUAGE plpgsql STRICT AS $$
DECLARE
    session int;
    sessions int[];
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    IF NOT EXISTS (SELECT FROM pg_dist_background_job WHERE job_id = jobid) THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format('could not find background jobs entry for job_id: %s', jobid);
    END IF;
    WITH cancelled AS (
        UPDATE pg_dist_background_task
           SET status = CASE WHEN status = 'running' AND pid IS NOT NULL THEN 'cancelling' ELSE 'cancelled' END::citus_task_status
         WHERE job_id = jobid AND NOT citus_emulation.is_terminal(status)
        RETURNING status, pid)
    SELECT array_agg(pid) INTO sessions FROM cancelled WHERE status = 'cancelling';
    FOREACH session IN ARRAY coalesce(sessions, '{}') LOOP
        IF NOT pg_cancel_backend(session) THEN
            RAISE WARNING 'could not send signal to process %', session;
        END IF;
    END LOOP;
    PERFORM citus_emulation.update_job(jobid), citus_emulation.revive_runner(jobid);
END
$$;
