-- A plan's document is kept and handed out, never looked into: as text PostgreSQL need not parse it, and lz4 packs it in a tenth of the
-- time of pglz. A server that was built without lz4 goes on with its own.
ALTER TABLE plan ALTER COLUMN document TYPE text USING document::text;
DO $$
BEGIN
    EXECUTE 'ALTER TABLE plan ALTER COLUMN document SET COMPRESSION lz4';
EXCEPTION WHEN OTHERS THEN
    NULL;
END
$$;
