-- Whether a function of one of these names may do something, or answer something else each time.
SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE provolatile = 'v' AND proname IN ({names})) AS is_volatile
