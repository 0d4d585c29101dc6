-- How far each projection has come in each stream that feeds it. Written in the transaction of the rows it speaks for,
-- so it is the only truth about what they contain. The generation changes when a rebuild swaps tables in: whoever wrote
-- to the old ones must notice.
CREATE TABLE projection_checkpoint (
    projection text        NOT NULL,
    stream     text        NOT NULL,
    position   bigint      NOT NULL DEFAULT 0 CHECK (position >= 0),
    generation bigint      NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, stream)
) WITH (fillfactor = 50);

-- Events that could not be projected, by projection; '*' is every projection of the stream: the data cannot be read.
-- They are skipped, never waited for; the log still holds them.
CREATE TABLE projection_failure (
    projection text        NOT NULL,
    stream     text        NOT NULL,
    sequence   bigint      NOT NULL,
    event_id   text        NOT NULL,
    event_type text        NOT NULL,
    reason     text        NOT NULL,
    failed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, stream, sequence)
);
