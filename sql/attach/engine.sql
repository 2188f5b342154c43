-- Which engine, and which node of it this is: group 0 is the coordinator.
SELECT pg_catalog.citus_version() AS version,
       (SELECT groupid FROM pg_catalog.pg_dist_local_group) AS local_group
