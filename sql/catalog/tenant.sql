-- Which nodes hold the shard of a distribution column's value.
SELECT s.shardid, n.nodename, n.nodeport
  FROM (SELECT pg_catalog.get_shard_id_for_distribution_column({table}, {value}) AS shardid) s
  JOIN pg_catalog.pg_dist_placement p ON p.shardid = s.shardid AND p.shardstate = 1
  JOIN pg_catalog.pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary'
 ORDER BY n.nodename, n.nodeport
