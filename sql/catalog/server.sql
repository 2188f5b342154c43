-- What this server is, before anything is asked that not every server has.
SELECT pg_catalog.to_regclass('pg_catalog.pg_dist_node') IS NOT NULL AS has_engine,
       pg_catalog.to_regclass('pg_catalog.pg_dist_cleanup') IS NOT NULL AS has_leftovers
