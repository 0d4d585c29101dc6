-- Who is in which room of presence, and who was: one row a membership, which its join begins. A membership that has ended stays
-- for as long as the stream keeps its end. The state is kept as text, byte for byte as the log holds it, and is the last one.
-- What an update changes stands in no index.
CREATE TABLE presence_member (
    room            text COLLATE "C" NOT NULL,
    conn_id         uuid        NOT NULL,
    joined_sequence bigint      NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    door            text COLLATE "C" NOT NULL,
    epoch           bigint      NOT NULL,
    state           text        NOT NULL,
    joined_at       timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    left_at         timestamptz,
    left_reason     text COLLATE "C",
    last_sequence   bigint      NOT NULL,
    PRIMARY KEY (room, conn_id, joined_sequence)
) WITH (fillfactor = 80);

-- A connection is a member of a room once at a time; pages of those who are there go by it.
CREATE UNIQUE INDEX presence_member_present ON presence_member (room, conn_id) WHERE left_at IS NULL;
-- Whether a user is there by any connection.
CREATE INDEX presence_member_of_user ON presence_member (room, user_id) WHERE left_at IS NULL;
-- Who was there at a time, of those who have left since.
CREATE INDEX presence_member_ended ON presence_member (room, left_at, joined_at) WHERE left_at IS NOT NULL;
CREATE INDEX presence_member_by_age ON presence_member (left_at) WHERE left_at IS NOT NULL;

-- How many rows of presence_member a room has and of which kind, counted as they change. A room without any has no row.
CREATE TABLE presence_room (
    room             text COLLATE "C" PRIMARY KEY,
    members          bigint      NOT NULL,
    users            bigint      NOT NULL,
    joined           bigint      NOT NULL,
    left_left        bigint      NOT NULL,
    left_expired     bigint      NOT NULL,
    left_cut         bigint      NOT NULL,
    left_kicked      bigint      NOT NULL,
    left_drained     bigint      NOT NULL,
    left_replaced    bigint      NOT NULL,
    last_activity_at timestamptz NOT NULL,
    last_sequence    bigint      NOT NULL
) WITH (fillfactor = 50);
