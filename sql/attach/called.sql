-- Which of these are functions that may write past a READ ONLY transaction: code of the server or of an extension that is volatile; code
-- of extensions other than Citus unless it is immutable, since some run a text that they are given; whatever Citus keeps for itself.
-- Functions that only the server itself can call do not count.
SELECT DISTINCT p.proname
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
  LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
 WHERE p.proname IN ({names})
   AND 'pg_catalog.internal'::pg_catalog.regtype <> ALL (p.proargtypes::pg_catalog.oid[])
   AND p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
   AND (n.nspname = 'citus_internal'
        OR p.provolatile = 'v' AND (l.lanname IN ('c', 'internal') OR e.oid IS NOT NULL)
        OR p.provolatile <> 'i' AND l.lanname = 'c' AND e.extname <> 'citus')
 ORDER BY 1
