-- The tables that the engine knows.
SELECT n.nspname, c.relname, p.partmethod, p.repmodel, p.colocationid,
       CASE WHEN p.partmethod <> 'n'
            THEN pg_catalog.column_to_column_name(p.logicalrelid, p.partkey) END AS distribution_column,
       k.replicationfactor
  FROM pg_catalog.pg_dist_partition p
  JOIN pg_catalog.pg_class c ON c.oid = p.logicalrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_dist_colocation k ON k.colocationid = p.colocationid
