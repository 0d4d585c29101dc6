-- What channels hold: one row a channel, as its last event says. The items are kept as text, byte for byte as the log holds them:
-- a value may have what jsonb refuses. To look into them, cast: items::json -> 'topic' -> 'value'.
CREATE TABLE channel_metadata (
    channel_type   text COLLATE "C" NOT NULL,
    channel_name   text COLLATE "C" NOT NULL,
    items          text        NOT NULL,
    item_count     integer     NOT NULL,
    major_revision bigint      NOT NULL,
    updated_at     timestamptz NOT NULL,
    last_sequence  bigint      NOT NULL,
    PRIMARY KEY (channel_type, channel_name)
) WITH (fillfactor = 80);
