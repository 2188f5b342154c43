-- Schemas of lessons that are over and were not removed, since nobody holds the lock that goes with each (its class is ours, its key
-- the hash of the name): whose they are, and whether this role may drop them.
SELECT n.nspname, pg_catalog.pg_get_userbyid(n.nspowner), pg_catalog.pg_has_role(current_user, n.nspowner, 'usage')
  FROM pg_catalog.pg_namespace n
 WHERE n.nspname ~ '^citus_tour_[0-9a-f]{8}$'
   AND pg_catalog.obj_description(n.oid, 'pg_namespace') LIKE 'citus-tour:%'
   AND NOT EXISTS (
         SELECT
           FROM pg_catalog.pg_locks l
           JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
          WHERE l.locktype = 'advisory'
            AND l.objsubid = 2
            AND l.classid::pg_catalog.int8 = 1667855205
            AND l.objid::pg_catalog.int8 = pg_catalog.hashtext(n.nspname)::pg_catalog.int8 & 4294967295)
 ORDER BY n.nspname
