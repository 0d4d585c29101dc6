-- Keys are compared byte by byte (COLLATE "C"): they are ids, and a locale would make every look-up dearer.
--
-- How far each projection has come in each stream that feeds it. Written in the transaction of the rows it speaks for,
-- so it is the only truth about what they contain. The generation changes when a rebuild swaps tables in: whoever wrote
-- to the old ones must notice.
CREATE TABLE projection_checkpoint (
    projection text COLLATE "C" NOT NULL,
    stream     text COLLATE "C" NOT NULL,
    position   bigint      NOT NULL DEFAULT 0 CHECK (position >= 0),
    generation bigint      NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, stream)
) WITH (fillfactor = 50);

-- Events that could not be projected, by projection; '*' is every projection of the stream: the data cannot be read.
-- They are skipped, never waited for; the log still holds them.
CREATE TABLE projection_failure (
    projection text COLLATE "C" NOT NULL,
    stream     text COLLATE "C" NOT NULL,
    sequence   bigint      NOT NULL,
    event_id   text        NOT NULL,
    event_type text        NOT NULL,
    reason     text        NOT NULL,
    failed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, stream, sequence)
);
