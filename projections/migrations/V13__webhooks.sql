-- Endpoints of apps, one row an endpoint. One that was removed stays, so that its row says whose the deliveries to it were.
-- No secret is here: its number is all that the log holds.
CREATE TABLE webhook_endpoint (
    endpoint_id    text COLLATE "C" PRIMARY KEY,
    app            text COLLATE "C" NOT NULL,
    url            text COLLATE "C" NOT NULL,
    -- In the order of their names.
    types          text[]      NOT NULL,
    description    text,
    since          bigint      NOT NULL,
    secret_number  bigint      NOT NULL,
    previous_until timestamptz,
    failing_since  timestamptz,
    disabled_cause text COLLATE "C",
    registered_at  timestamptz NOT NULL,
    removed_at     timestamptz,
    last_sequence  bigint      NOT NULL
) WITH (fillfactor = 80);

-- Webhooks on their way to endpoints and at their ends, one row a delivery, for 30 days from when it was queued. The message is kept
-- as text: jsonb would spell its numbers anew, and refuses what a text may have.
CREATE TABLE webhook_delivery (
    delivery_id     text COLLATE "C" PRIMARY KEY,
    endpoint_id     text COLLATE "C" NOT NULL,
    message_id      text COLLATE "C" NOT NULL,
    message_type    text COLLATE "C" NOT NULL,
    message         text        NOT NULL,
    status          text COLLATE "C" NOT NULL,
    -- The attempts are those of the round; each replay begins another one.
    round           bigint      NOT NULL,
    attempts        bigint      NOT NULL,
    last_status     integer,
    last_reason     text,
    retry_at        timestamptz,
    queued_at       timestamptz NOT NULL,
    queued_sequence bigint      NOT NULL,
    ended_at        timestamptz,
    last_sequence   bigint      NOT NULL
) WITH (fillfactor = 80);
-- What an endpoint was sent, the newest first, of any status and of one.
CREATE INDEX webhook_delivery_by_endpoint ON webhook_delivery (endpoint_id, queued_at, delivery_id);
CREATE INDEX webhook_delivery_by_status ON webhook_delivery (endpoint_id, status, queued_at, delivery_id);
-- True of every row, so that what ages is found and the pages above, which do not say it, never walk through other endpoints' rows.
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (queued_at) WHERE queued_sequence > 0;
