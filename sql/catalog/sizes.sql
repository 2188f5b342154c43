-- What each shard takes on this server, indexes included. A shard's table is named by its shard.
SELECT pg_catalog.substring(c.relname, '_([0-9]+)$') AS shardid, pg_catalog.pg_total_relation_size(c.oid) AS bytes
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r'
   AND c.relname ~ '_[0-9]{6,18}$'
   AND n.nspname !~ '^(pg_|information_schema|citus|columnar)'
