-- What lies outside of a schema and stands on something in it: dropping the schema with all that is in it would take that along. The
-- emulation's own objects, which follow the tables, do not count.
WITH schema AS (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = {name}),
     inside AS (
       SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass AS classid, s.oid FROM schema s
        UNION ALL
       SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid FROM pg_catalog.pg_class c JOIN schema s ON s.oid = c.relnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_type t JOIN schema s ON s.oid = t.typnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid FROM pg_catalog.pg_proc p JOIN schema s ON s.oid = p.pronamespace
        UNION ALL
       SELECT 'pg_catalog.pg_collation'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_collation x JOIN schema s ON s.oid = x.collnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_operator x JOIN schema s ON s.oid = x.oprnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_opclass'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_opclass x JOIN schema s ON s.oid = x.opcnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_opfamily x JOIN schema s ON s.oid = x.opfnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_conversion'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_conversion x JOIN schema s ON s.oid = x.connamespace
        UNION ALL
       SELECT 'pg_catalog.pg_ts_config'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_ts_config x JOIN schema s ON s.oid = x.cfgnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_ts_dict x JOIN schema s ON s.oid = x.dictnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_ts_parser x JOIN schema s ON s.oid = x.prsnamespace
        UNION ALL
       SELECT 'pg_catalog.pg_ts_template'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_ts_template x JOIN schema s ON s.oid = x.tmplnamespace),
     dependents AS (
       SELECT DISTINCT d.classid, d.objid, d.objsubid
         FROM pg_catalog.pg_depend d
         JOIN inside i ON i.classid = d.refclassid AND i.oid = d.refobjid
        WHERE d.deptype IN ('n', 'a')),
     relations AS (
       SELECT d.classid, d.objid, d.objsubid,
              coalesce(w.ev_class, a.adrelid, k.conrelid, g.tgrelid, p.polrelid) AS relation
         FROM dependents d
         LEFT JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid
         LEFT JOIN pg_catalog.pg_attrdef a ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND a.oid = d.objid
         LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid
         LEFT JOIN pg_catalog.pg_trigger g ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND g.oid = d.objid
         LEFT JOIN pg_catalog.pg_policy p ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = d.objid)
SELECT DISTINCT pg_catalog.pg_describe_object(r.classid, r.objid, r.objsubid)
  FROM relations r
  LEFT JOIN pg_catalog.pg_class c ON c.oid = r.relation
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(r.classid, r.objid, r.objsubid) AS o
 WHERE coalesce(n.nspname, o.schema) IS DISTINCT FROM {name}
   AND coalesce(n.nspname, o.schema) IS DISTINCT FROM 'citus_emulation'
 ORDER BY 1
