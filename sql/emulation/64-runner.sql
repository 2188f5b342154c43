-- What runs background jobs where there are no background workers: a session of the server with itself, opened by dblink and left
-- to itself, in which a procedure goes through the tasks. Each task runs in a second session, the executor, so that a move
-- that fails (or is cancelled) takes its whole transaction with it and its runner can write down why.

-- Where this server reaches itself. The password comes from the password file, as for every connection between nodes.
CREATE FUNCTION citus_emulation.own_connection(application text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT citus_emulation.connection_string(coalesce(host(inet_server_addr()), '127.0.0.1'), current_setting('port')::int)
        || ' application_name=' || citus_emulation.connection_value(application);
$$;

-- Has a statement run on its own in a session of that name, without waiting for it. The session stays open so that the statement
-- can go on after this one has ended; a session that is still busy with an earlier statement is left to it, and another taken.
CREATE FUNCTION citus_emulation.run_detached(purpose text, command text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
    opened text[];
BEGIN
    opened := coalesce(citus_emulation.dblink_get_connections(), '{}');
    FOR i IN 1 .. 1000 LOOP
        name := format('citus_%s_%s', purpose, i);
        IF name = ANY (opened) THEN
            CONTINUE WHEN citus_emulation.dblink_is_busy(name) = 1;
            PERFORM citus_emulation.dblink_disconnect(name);
        END IF;
        EXIT;
    END LOOP;
    PERFORM citus_emulation.dblink_connect(name, citus_emulation.own_connection('citus ' || purpose)),
            citus_emulation.dblink_send_query(name, command);
END
$$;

CREATE FUNCTION citus_emulation.start_job(job bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Held until this transaction ends: the runner starts when the job is there to be seen, or finds that it never came.
    PERFORM pg_advisory_xact_lock(citus_emulation.lock_class('job'), job::int);
    PERFORM citus_emulation.run_detached('job', format('CALL citus_emulation.run_job(%s)', job));
END
$$;

-- The sessions that run that job or have just scheduled it.
CREATE FUNCTION citus_emulation.runners(job bigint)
RETURNS TABLE (pid int) LANGUAGE sql AS $$
    SELECT DISTINCT pid
      FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND objid = job
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND classid::bigint IN (citus_emulation.lock_class('job'), citus_emulation.lock_class('runner'));
$$;

-- A job whose runner is gone (the server was restarted, the session killed) gets a new one.
CREATE FUNCTION citus_emulation.revive_runner(job bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_dist_background_job WHERE job_id = job AND NOT citus_emulation.is_terminal(state))
       AND NOT EXISTS (SELECT FROM citus_emulation.runners(job) r JOIN pg_stat_activity a USING (pid) WHERE a.state <> 'idle')
       AND current_setting('transaction_read_only') = 'off'
    THEN
        -- A runner that broke off sits idle and still has its locks.
        PERFORM pg_terminate_backend(pid, 1000) FROM citus_emulation.runners(job);
        PERFORM citus_emulation.run_detached('job', format('CALL citus_emulation.run_job(%s)', job));
    END IF;
END
$$;

CREATE FUNCTION citus_emulation.backoff(retries int)
RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN retries = 1 THEN interval '5 seconds' WHEN retries = 2 THEN interval '20 seconds'
                WHEN retries <= 32 THEN interval '1 minute' END;
$$;

-- Goes through a job's tasks until none is left to run. Every state is committed as it is reached: whoever looks sees it.
CREATE PROCEDURE citus_emulation.run_job(job bigint)
LANGUAGE plpgsql AS $$
DECLARE
    task pg_dist_background_task;
    pause double precision;
BEGIN
    -- Whoever asked for this may be gone by the first notice, and a session that cannot send ends.
    PERFORM set_config('client_min_messages', 'error', false);
    IF NOT pg_try_advisory_lock(citus_emulation.lock_class('runner'), job::int) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_lock(citus_emulation.lock_class('job'), job::int);
    COMMIT;
    -- What a runner that is gone has left running starts again; its executor ended with it, or ends when it finds it gone.
    UPDATE pg_dist_background_task
       SET status = CASE status WHEN 'running' THEN 'runnable' ELSE 'cancelled' END::citus_task_status, pid = NULL
     WHERE job_id = job AND status IN ('running', 'cancelling');
    PERFORM citus_emulation.update_job(job)
       FROM pg_dist_background_job WHERE job_id = job AND NOT citus_emulation.is_terminal(state);
    COMMIT;
    LOOP
        SELECT * INTO task
          FROM pg_dist_background_task
         WHERE job_id = job AND status = 'runnable' AND coalesce(not_before, '-infinity') <= clock_timestamp()
         ORDER BY task_id LIMIT 1
           FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            UPDATE pg_dist_background_task
               SET status = 'running', pid = citus_emulation.open_executor()
             WHERE task_id = task.task_id;
            PERFORM citus_emulation.update_job(job);
            COMMIT;
            CALL citus_emulation.run_task(task);
            COMMIT;
        ELSE
            SELECT least(0.2, extract(epoch FROM min(not_before) - clock_timestamp())) INTO pause
              FROM pg_dist_background_task
             WHERE job_id = job AND status IN ('runnable', 'running', 'cancelling');
            COMMIT;
            EXIT WHEN NOT EXISTS (
                SELECT FROM pg_dist_background_task
                 WHERE job_id = job AND status IN ('runnable', 'running', 'cancelling'));
            PERFORM pg_sleep(greatest(coalesce(pause, 0.2), 0.02));
            COMMIT;
        END IF;
    END LOOP;
    PERFORM pg_advisory_unlock(citus_emulation.lock_class('job'), job::int),
            pg_advisory_unlock(citus_emulation.lock_class('runner'), job::int);
END
$$;

-- The session that runs tasks; answers its process id.
CREATE FUNCTION citus_emulation.open_executor()
RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    IF 'citus_executor' = ANY (coalesce(citus_emulation.dblink_get_connections(), '{}')) THEN
        PERFORM citus_emulation.dblink_disconnect('citus_executor');
    END IF;
    PERFORM citus_emulation.dblink_connect('citus_executor', citus_emulation.own_connection('citus_rebalancer'));
    RETURN (SELECT pid FROM citus_emulation.dblink('citus_executor', 'SELECT pg_backend_pid()') AS answer (pid int));
END
$$;

CREATE PROCEDURE citus_emulation.run_task(task pg_catalog.pg_dist_background_task)
LANGUAGE plpgsql AS $$
DECLARE
    report text;
    complaint text;
    detail text;
    hint text;
    retries int := coalesce(task.retry_count, 0) + 1;
BEGIN
    BEGIN
        PERFORM * FROM citus_emulation.dblink('citus_executor', task.command) AS answer (nothing text);
        report := E'SELECT 1\n';
    EXCEPTION WHEN OTHERS OR query_canceled THEN
        GET STACKED DIAGNOSTICS complaint = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        complaint := 'ERROR: ' || complaint
            || CASE WHEN detail <> '' THEN E'\nDETAIL: ' || detail ELSE '' END
            || CASE WHEN hint <> '' THEN E'\nHINT: ' || hint ELSE '' END || E'\n';
    END;
    PERFORM FROM pg_dist_background_task WHERE task_id = task.task_id FOR UPDATE;
    UPDATE pg_dist_background_task
       SET pid = NULL,
           message = coalesce(complaint, report),
           retry_count = CASE WHEN complaint IS NULL OR status = 'cancelling' THEN retry_count ELSE retries END,
           not_before = CASE WHEN complaint IS NULL OR status = 'cancelling' THEN not_before
                             ELSE clock_timestamp() + citus_emulation.backoff(retries) END,
           status = CASE
               WHEN complaint IS NULL THEN 'done'
               WHEN status = 'cancelling' THEN 'cancelled'
               WHEN citus_emulation.backoff(retries) IS NULL THEN 'error'
               ELSE 'runnable' END::citus_task_status
     WHERE task_id = task.task_id;
    PERFORM citus_emulation.update_dependents(task.job_id, task.task_id), citus_emulation.update_job(task.job_id);
    COMMIT;
    PERFORM citus_emulation.dblink_disconnect('citus_executor');
    CALL citus_emulation.cleanup_resources();
END
$$;

-- Tasks that wait for this one: free when it is done and was the last they waited for, given up when it failed.
CREATE FUNCTION citus_emulation.update_dependents(job bigint, task bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    reached citus_task_status := (SELECT status FROM pg_dist_background_task WHERE task_id = task);
BEGIN
    IF reached = 'done' THEN
        UPDATE pg_dist_background_task t
           SET status = 'runnable'
         WHERE t.job_id = job AND t.status = 'blocked'
           AND NOT EXISTS (SELECT FROM pg_dist_background_task_depend d
                             JOIN pg_dist_background_task first ON first.task_id = d.depends_on
                            WHERE d.job_id = job AND d.task_id = t.task_id AND first.status <> 'done');
    ELSIF reached = 'error' THEN
        WITH RECURSIVE dependents AS (
            SELECT task_id FROM pg_dist_background_task_depend WHERE job_id = job AND depends_on = task
            UNION
            SELECT d.task_id FROM pg_dist_background_task_depend d JOIN dependents b ON d.depends_on = b.task_id
             WHERE d.job_id = job)
        UPDATE pg_dist_background_task t SET status = 'unscheduled' FROM dependents d WHERE t.task_id = d.task_id;
    END IF;
END
$$;
