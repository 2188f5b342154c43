-- What makes the servers one database.
SELECT pg_catalog.citus_version() AS version
