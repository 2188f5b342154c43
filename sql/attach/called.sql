-- Which of these functions are code of the server or of an extension, and volatile: such code may write past a READ ONLY transaction.
SELECT DISTINCT pg_catalog.lower(p.proname)
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
 WHERE pg_catalog.lower(p.proname) IN ({names})
   AND p.provolatile = 'v'
   AND (l.lanname IN ('c', 'internal')
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'))
 ORDER BY 1
