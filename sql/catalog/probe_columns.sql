-- For each table whether its rows may be read, and, where they may be changed too, a column that can be written to itself: the last one
-- that is neither generated nor an identity, and not the distribution column. Asked for are rows of schema, table and distribution
-- column (empty where there is none).
WITH asked (schema, name, key) AS (VALUES {tables})
SELECT DISTINCT ON (n.nspname, c.relname) n.nspname, c.relname,
       pg_catalog.has_schema_privilege(n.oid, 'usage') AND pg_catalog.has_table_privilege(c.oid, 'select') AS is_open,
       CASE WHEN pg_catalog.has_table_privilege(c.oid, 'update') THEN a.attname END
  FROM asked
  JOIN pg_catalog.pg_namespace n ON n.nspname = asked.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = asked.name
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                     AND a.attgenerated = '' AND a.attidentity = '' AND a.attname <> asked.key
 ORDER BY n.nspname, c.relname, a.attnum DESC
