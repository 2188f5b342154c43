-- Old copies that wait to be removed; type 1 is a shard.
SELECT node_group_id, object_name
  FROM pg_catalog.pg_dist_cleanup
 WHERE object_type = 1
