-- Where a table's distribution column stands: its number, its place among the columns that there are, how many there are, its type.
SELECT a.attnum,
       count(*) FILTER (WHERE c.attnum <= a.attnum) AS place,
       count(*) AS columns,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
  FROM pg_catalog.pg_dist_partition p
  JOIN pg_catalog.pg_attribute a ON a.attrelid = p.logicalrelid
   AND a.attname = pg_catalog.column_to_column_name(p.logicalrelid, p.partkey)
  JOIN pg_catalog.pg_attribute c ON c.attrelid = p.logicalrelid AND c.attnum > 0 AND NOT c.attisdropped
 WHERE p.partmethod <> 'n'
   AND p.logicalrelid = {table}::pg_catalog.regclass
 GROUP BY a.attnum, a.atttypid, a.atttypmod
