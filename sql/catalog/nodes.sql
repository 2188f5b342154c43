-- The members. The columns by name: newer versions have more of them.
SELECT nodeid, groupid, nodename, nodeport, noderole, isactive, metadatasynced, shouldhaveshards
  FROM pg_catalog.pg_dist_node
