-- Refusing at plan time what Citus refuses at plan time.
CREATE FUNCTION citus_emulation.plan_guard() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN 0;
END
$$;
