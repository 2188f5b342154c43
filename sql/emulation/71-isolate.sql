-- A shard of its own for one tenant.

CREATE FUNCTION citus_emulation.isolate_tenant(
    relation regclass, tenant text, cascade_option text, mode citus.shard_transfer_mode)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    shard pg_dist_shard;
    node int;
    hash int;
    points int[];
BEGIN
    PERFORM citus_emulation.ensure_coordinator();
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation) THEN
        RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = format(
            'relation %s is not distributed', citus_emulation.relation_name(relation));
    ELSIF NOT citus_emulation.is_distributed_table(relation) THEN
        RAISE EXCEPTION USING ERRCODE = '0A000',
            MESSAGE = 'cannot isolate tenant because tenant isolation is only support for hash distributed tables';
    ELSIF upper(cascade_option) <> 'CASCADE' AND cardinality(citus_emulation.colocated_relations(relation)) > 1 THEN
        RAISE EXCEPTION USING ERRCODE = '0A000',
            MESSAGE = format('cannot isolate tenant because "%s" has colocated tables', citus_emulation.relation_name(relation)),
            HINT = format('Use CASCADE option to isolate tenants for the colocated tables too. Example usage: isolate_tenant_to_new_shard(''%s'', ''%s'', ''CASCADE'')',
                          citus_emulation.relation_name(relation), tenant);
    END IF;
    PERFORM replicate_reference_tables(mode);
    SELECT * INTO shard FROM pg_dist_shard WHERE shardid = get_shard_id_for_distribution_column(relation, tenant);
    IF shard.shardminvalue = shard.shardmaxvalue THEN
        RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(
            'table %I has already been isolated for the given value', citus_emulation.relation_name(relation));
    ELSIF (SELECT count(*) FROM pg_dist_placement WHERE shardid = shard.shardid) > 1 THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = 'cannot isolate tenants when using shard replication';
    END IF;
    SELECT n.nodeid INTO node
      FROM pg_dist_placement p JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary'
     WHERE p.shardid = shard.shardid;
    hash := citus_emulation.hash_of(relation, tenant);
    points := CASE hash
        WHEN shard.shardminvalue::int THEN ARRAY[hash]
        WHEN shard.shardmaxvalue::int THEN ARRAY[hash - 1]
        ELSE ARRAY[hash - 1, hash] END;
    PERFORM citus_emulation.split_shard(
        shard.shardid, points, array_fill(node, ARRAY[cardinality(points) + 1]), mode, 'isolate tenant');
    RETURN get_shard_id_for_distribution_column(relation, tenant);
END
$$;

-- The hash of a value of a table's distribution column.
CREATE FUNCTION citus_emulation.hash_of(relation regclass, value text)
RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
    hash int;
    attribute pg_attribute;
BEGIN
    SELECT * INTO attribute FROM pg_attribute
     WHERE attrelid = relation AND attname = citus_emulation.distribution_column(relation);
    EXECUTE format('SELECT %s', citus_emulation.hash_expression(
        attribute.atttypid, format('$1::%s', format_type(attribute.atttypid, attribute.atttypmod))))
       INTO hash USING value;
    RETURN hash;
END
$$;

CREATE FUNCTION pg_catalog.isolate_tenant_to_new_shard(
    table_name regclass, tenant_id text, cascade_option text DEFAULT '', shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto')
RETURNS bigint LANGUAGE sql VOLATILE STRICT AS $$
    SELECT citus_emulation.isolate_tenant(table_name, tenant_id, cascade_option, shard_transfer_mode);
$$;

CREATE FUNCTION pg_catalog.isolate_tenant_to_new_shard(
    table_name regclass, tenant_id anyelement, cascade_option text DEFAULT '', shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto')
RETURNS bigint LANGUAGE sql VOLATILE STRICT AS $$
    SELECT citus_emulation.isolate_tenant(table_name, tenant_id::text, cascade_option, shard_transfer_mode);
$$;
