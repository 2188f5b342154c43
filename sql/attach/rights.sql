-- What the role may see: whether it is a superuser, whether it monitors, the progress of moves, catalogs that are closed to it,
-- and of how many tables that the engine knows the rows are closed to it.
SELECT r.rolsuper,
       pg_catalog.pg_has_role(current_user, 'pg_monitor', 'usage'),
       coalesce((SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(p.oid, 'execute'))
                   FROM pg_catalog.pg_proc p
                  WHERE p.proname = 'get_rebalance_progress'), true),
       coalesce((SELECT pg_catalog.string_agg(c.relname, ' ' ORDER BY c.relname)
                   FROM pg_catalog.pg_class c
                  WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                    AND c.relname IN ('pg_dist_node', 'pg_dist_partition', 'pg_dist_shard', 'pg_dist_placement',
                                      'pg_dist_colocation', 'pg_dist_cleanup')
                    AND NOT pg_catalog.has_table_privilege(c.oid, 'select')), ''),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_dist_partition p
         WHERE NOT (pg_catalog.has_schema_privilege(
                        (SELECT c.relnamespace FROM pg_catalog.pg_class c WHERE c.oid = p.logicalrelid), 'usage')
                    AND pg_catalog.has_table_privilege(p.logicalrelid, 'select'))),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_dist_partition)
  FROM pg_catalog.pg_roles r
 WHERE r.rolname = current_user
