-- Which of these settings the session does not have: times are compared as times, since the server writes them in units of its own.
WITH asked (name, value) AS (VALUES {settings})
SELECT pg_catalog.string_agg(name, ', ' ORDER BY name)
  FROM asked
 WHERE CASE WHEN name LIKE '%timeout'
            THEN pg_catalog.current_setting(name)::pg_catalog.interval <> value::pg_catalog.interval
            ELSE pg_catalog.current_setting(name) <> value
       END
