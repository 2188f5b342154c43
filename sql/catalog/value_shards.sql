-- The shards of some values of a distribution column.
SELECT DISTINCT pg_catalog.get_shard_id_for_distribution_column({table}, v.value) AS shardid
  FROM (VALUES {values}) AS v (value)
