-- Every shard with its placements, a row each; a shard without one has a row with nulls.
SELECT n.nspname, c.relname, s.shardid, s.shardminvalue, s.shardmaxvalue,
       p.partmethod, p.repmodel, p.colocationid, l.groupid, l.shardstate
  FROM pg_catalog.pg_dist_shard s
  JOIN pg_catalog.pg_dist_partition p ON p.logicalrelid = s.logicalrelid
  JOIN pg_catalog.pg_class c ON c.oid = s.logicalrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_dist_placement l ON l.shardid = s.shardid
 ORDER BY s.shardid
