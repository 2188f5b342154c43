-- The catalogs, named and shaped as Citus 13.2 has them, so that every query against them works on either engine.

CREATE SCHEMA citus;
CREATE SCHEMA citus_emulation;
GRANT USAGE ON SCHEMA citus, citus_emulation TO PUBLIC;

-- The plain name of a schema: casting through regnamespace would quote it.
CREATE FUNCTION citus_emulation.schema_name(namespace oid) RETURNS name LANGUAGE sql STABLE
AS 'SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = namespace';

CREATE TYPE citus.distribution_type AS ENUM ('hash', 'range', 'append');
CREATE TYPE citus.shard_transfer_mode AS ENUM ('auto', 'force_logical', 'block_writes');
CREATE TYPE pg_catalog.noderole AS ENUM ('primary', 'secondary', 'unavailable');
CREATE TYPE pg_catalog.citus_job_status AS ENUM ('scheduled', 'running', 'finished', 'cancelling', 'cancelled', 'failing', 'failed');
CREATE TYPE pg_catalog.citus_task_status AS ENUM ('blocked', 'runnable', 'running', 'done', 'cancelling', 'error', 'unscheduled', 'cancelled');

CREATE SEQUENCE pg_catalog.pg_dist_shardid_seq MINVALUE 102008;
CREATE SEQUENCE pg_catalog.pg_dist_placement_placementid_seq;
CREATE SEQUENCE pg_catalog.pg_dist_groupid_seq MAXVALUE 4294967296;
CREATE SEQUENCE pg_catalog.pg_dist_colocationid_seq MAXVALUE 4294967296;
CREATE SEQUENCE pg_catalog.pg_dist_node_nodeid_seq MAXVALUE 4294967294;
CREATE SEQUENCE pg_catalog.pg_dist_operationid_seq;
CREATE SEQUENCE pg_catalog.pg_dist_cleanup_recordid_seq;
CREATE SEQUENCE pg_catalog.pg_dist_background_job_job_id_seq;
CREATE SEQUENCE pg_catalog.pg_dist_background_task_task_id_seq;

CREATE TABLE pg_catalog.pg_dist_node (
    nodeid int NOT NULL DEFAULT nextval('pg_catalog.pg_dist_node_nodeid_seq') PRIMARY KEY,
    groupid int NOT NULL DEFAULT nextval('pg_catalog.pg_dist_groupid_seq'),
    nodename text NOT NULL,
    nodeport int NOT NULL DEFAULT 5432,
    noderack text NOT NULL DEFAULT 'default',
    hasmetadata boolean NOT NULL DEFAULT false,
    isactive boolean NOT NULL DEFAULT true,
    noderole noderole NOT NULL DEFAULT 'primary',
    nodecluster name NOT NULL DEFAULT 'default',
    metadatasynced boolean DEFAULT false,
    shouldhaveshards boolean NOT NULL DEFAULT true,
    nodeisclone boolean NOT NULL DEFAULT false,
    nodeprimarynodeid int NOT NULL DEFAULT 0,
    CONSTRAINT pg_dist_node_nodename_nodeport_key UNIQUE (nodename, nodeport),
    CONSTRAINT primaries_are_only_allowed_in_the_default_cluster CHECK (NOT (nodecluster <> 'default' AND noderole = 'primary'))
);

CREATE TABLE pg_catalog.pg_dist_local_group (groupid int NOT NULL PRIMARY KEY);
INSERT INTO pg_catalog.pg_dist_local_group VALUES (0);

CREATE TABLE pg_catalog.pg_dist_node_metadata (metadata jsonb NOT NULL);
INSERT INTO pg_catalog.pg_dist_node_metadata
VALUES (jsonb_build_object('server_id', gen_random_uuid(), 'engine', 'emulation'));

CREATE TABLE pg_catalog.pg_dist_partition (
    logicalrelid regclass NOT NULL,
    partmethod "char" NOT NULL,
    partkey text,
    colocationid int NOT NULL DEFAULT 0,
    repmodel "char" NOT NULL DEFAULT 'c',
    autoconverted boolean DEFAULT false
);
CREATE UNIQUE INDEX pg_dist_partition_logical_relid_index ON pg_catalog.pg_dist_partition (logicalrelid);
CREATE INDEX pg_dist_partition_colocationid_index ON pg_catalog.pg_dist_partition (colocationid);

CREATE TABLE pg_catalog.pg_dist_shard (
    logicalrelid regclass NOT NULL,
    shardid bigint NOT NULL,
    shardstorage "char" NOT NULL,
    shardminvalue text,
    shardmaxvalue text
);
CREATE UNIQUE INDEX pg_dist_shard_shardid_index ON pg_catalog.pg_dist_shard (shardid);
CREATE INDEX pg_dist_shard_logical_relid_index ON pg_catalog.pg_dist_shard (logicalrelid);

CREATE TABLE pg_catalog.pg_dist_placement (
    placementid bigint NOT NULL DEFAULT nextval('pg_catalog.pg_dist_placement_placementid_seq'),
    shardid bigint NOT NULL,
    shardstate int NOT NULL,
    shardlength bigint NOT NULL,
    groupid int NOT NULL,
    CONSTRAINT placement_shardid_groupid_unique_index UNIQUE (shardid, groupid)
);
CREATE UNIQUE INDEX pg_dist_placement_placementid_index ON pg_catalog.pg_dist_placement (placementid);
CREATE INDEX pg_dist_placement_shardid_index ON pg_catalog.pg_dist_placement (shardid);
CREATE INDEX pg_dist_placement_groupid_index ON pg_catalog.pg_dist_placement (groupid);

CREATE TABLE pg_catalog.pg_dist_colocation (
    colocationid int NOT NULL PRIMARY KEY,
    shardcount int NOT NULL,
    replicationfactor int NOT NULL,
    distributioncolumntype oid NOT NULL,
    distributioncolumncollation oid NOT NULL
);
CREATE INDEX pg_dist_colocation_configuration_index ON pg_catalog.pg_dist_colocation
    (distributioncolumntype, shardcount, replicationfactor, distributioncolumncollation);

CREATE TABLE pg_catalog.pg_dist_schema (schemaid oid NOT NULL PRIMARY KEY, colocationid int NOT NULL UNIQUE);

CREATE TABLE pg_catalog.pg_dist_background_job (
    job_id bigint NOT NULL DEFAULT nextval('pg_catalog.pg_dist_background_job_job_id_seq') PRIMARY KEY,
    state citus_job_status NOT NULL DEFAULT 'scheduled',
    job_type name NOT NULL,
    description text NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);
CREATE TABLE pg_catalog.pg_dist_background_task (
    job_id bigint NOT NULL REFERENCES pg_catalog.pg_dist_background_job,
    task_id bigint NOT NULL DEFAULT nextval('pg_catalog.pg_dist_background_task_task_id_seq') PRIMARY KEY,
    owner regrole NOT NULL DEFAULT CURRENT_USER::regrole,
    pid int,
    status citus_task_status NOT NULL DEFAULT 'runnable',
    command text NOT NULL,
    retry_count int,
    not_before timestamptz,
    message text NOT NULL DEFAULT '',
    nodes_involved int[],
    CONSTRAINT pg_dist_background_task_job_id_task_id UNIQUE (job_id, task_id)
);
CREATE INDEX pg_dist_background_task_status_task_id_index ON pg_catalog.pg_dist_background_task (status, task_id);
CREATE TABLE pg_catalog.pg_dist_background_task_depend (
    job_id bigint NOT NULL REFERENCES pg_catalog.pg_dist_background_job ON DELETE CASCADE,
    task_id bigint NOT NULL,
    depends_on bigint NOT NULL,
    PRIMARY KEY (job_id, task_id, depends_on),
    FOREIGN KEY (job_id, task_id) REFERENCES pg_catalog.pg_dist_background_task (job_id, task_id) ON DELETE CASCADE,
    FOREIGN KEY (job_id, depends_on) REFERENCES pg_catalog.pg_dist_background_task (job_id, task_id) ON DELETE CASCADE
);

CREATE FUNCTION pg_catalog.citus_shard_cost_1(bigint) RETURNS real LANGUAGE sql IMMUTABLE STRICT AS 'SELECT 1::real';
CREATE FUNCTION pg_catalog.citus_node_capacity_1(int) RETURNS real LANGUAGE sql IMMUTABLE STRICT AS 'SELECT 1::real';
CREATE FUNCTION pg_catalog.citus_shard_allowed_on_node_true(bigint, int) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT true';

CREATE TABLE pg_catalog.pg_dist_rebalance_strategy (
    name name NOT NULL UNIQUE,
    default_strategy boolean NOT NULL DEFAULT false,
    shard_cost_function regproc NOT NULL,
    node_capacity_function regproc NOT NULL,
    shard_allowed_on_node_function regproc NOT NULL,
    default_threshold real NOT NULL,
    minimum_threshold real NOT NULL DEFAULT 0,
    improvement_threshold real NOT NULL DEFAULT 0
);

CREATE VIEW pg_catalog.pg_dist_shard_placement AS
SELECT placement.shardid, placement.shardstate, placement.shardlength, node.nodename, node.nodeport, placement.placementid
FROM pg_catalog.pg_dist_placement placement
JOIN pg_catalog.pg_dist_node node ON node.groupid = placement.groupid AND node.noderole = 'primary';

-- What the emulation needs to remember and Citus has no catalog for.

-- The state of a table's columns, indexes and constraints that its shards have: DDL is found by comparing with it.
CREATE TABLE citus_emulation.remembered_column (
    relation oid NOT NULL,
    number smallint NOT NULL,
    name name NOT NULL,
    type text NOT NULL,
    required boolean NOT NULL,
    fallback text,
    PRIMARY KEY (relation, number)
);
CREATE TABLE citus_emulation.remembered_index (
    relation oid NOT NULL,
    index oid NOT NULL PRIMARY KEY,
    schema name NOT NULL,
    name name NOT NULL
);
CREATE TABLE citus_emulation.remembered_constraint (
    relation oid NOT NULL,
    id oid NOT NULL PRIMARY KEY,
    name name NOT NULL,
    definition text NOT NULL
);
CREATE TABLE citus_emulation.remembered_table (
    relation oid NOT NULL PRIMARY KEY,
    schema name NOT NULL,
    name name NOT NULL
);
-- The rows that a table had before it was distributed, kept on disk until they are truncated, as Citus does.
CREATE TABLE citus_emulation.local_data (relation oid NOT NULL PRIMARY KEY, storage oid NOT NULL);

DO $$
DECLARE
    catalog text;
BEGIN
    FOR catalog IN
        SELECT oid::regclass::text FROM pg_class
        WHERE relkind IN ('r', 'v') AND (relnamespace = 'citus_emulation'::regnamespace
            OR relnamespace = 'pg_catalog'::regnamespace AND relname LIKE 'pg\_dist\_%')
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO PUBLIC', catalog);
    END LOOP;
END
$$;

-- Settings. A name with a dot needs no declaration, but SHOW wants a value. For later sessions they belong to the database,
-- for this one they are set at once. Values that the configuration file or the learner already gave are left alone.
DO $$
DECLARE
    setting record;
BEGIN
    FOR setting IN
        SELECT * FROM (VALUES
            ('citus.shard_count', '32'),
            ('citus.shard_replication_factor', '1'),
            ('citus.enable_repartition_joins', 'off'),
            ('citus.enable_ddl_propagation', 'on'),
            ('citus.multi_shard_modify_mode', 'parallel'),
            ('citus.node_connection_timeout', '3s'),
            ('citus.local_table_join_policy', 'auto'),
            ('citus.explain_all_tasks', 'off'),
            ('citus.use_citus_managed_tables', 'off'),
            ('citus.max_background_task_executors_per_node', '1'),
            ('citus.background_task_queue_interval', '5s'),
            ('citus.rebalancer_by_disk_size_base_cost', '100MB'),
            ('citus.propagate_session_settings_for_loopback_connection', 'off')
        ) AS defaults (name, value)
    LOOP
        CONTINUE WHEN current_setting(setting.name, true) IS NOT NULL AND current_setting(setting.name, true) <> '';
        EXECUTE format('ALTER DATABASE %I SET %s = %L', current_database(), setting.name, setting.value);
        PERFORM set_config(setting.name, setting.value, false);
    END LOOP;
    -- Co-located joins and grouped aggregates then run on the workers.
    EXECUTE format('ALTER DATABASE %I SET enable_partitionwise_join = on', current_database());
    EXECUTE format('ALTER DATABASE %I SET enable_partitionwise_aggregate = on', current_database());
    PERFORM set_config('enable_partitionwise_join', 'on', false), set_config('enable_partitionwise_aggregate', 'on', false);
END
$$;
