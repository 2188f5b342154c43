-- Shards under way. It asks source and target for sizes, so it is asked on a connection of its own.
SELECT shardid, sourcename, sourceport, targetname, targetport,
       operation_type, source_shard_size, target_shard_size, status
  FROM pg_catalog.get_rebalance_progress()
 WHERE progress = 1
