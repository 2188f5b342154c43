-- The servers that hold shards or metadata; standbys follow one of them.
SELECT nodename, nodeport, groupid
  FROM pg_catalog.pg_dist_node
 WHERE noderole = 'primary'
 ORDER BY groupid, nodename, nodeport
