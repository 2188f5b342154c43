-- Whether this database has the engine.
SELECT pg_catalog.to_regclass('pg_catalog.pg_dist_node') IS NOT NULL AS has_engine
