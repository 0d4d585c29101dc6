-- The training log of every plan: what was done of its sessions, and what hurt. The document is kept as text, byte for byte
-- as the log holds it. Of several workouts of one session the newest counts; the others stay, as the log keeps them.
CREATE TABLE workout (
    plan_id      text COLLATE "C" NOT NULL,
    entry_id     text COLLATE "C" NOT NULL,
    athlete_id   text COLLATE "C" NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    session_id   text COLLATE "C",
    plan_version integer,
    happened_at  timestamptz NOT NULL,
    logged_at    timestamptz NOT NULL,
    stream       text COLLATE "C" NOT NULL,
    sequence     bigint      NOT NULL,
    document     json        NOT NULL,
    PRIMARY KEY (plan_id, entry_id)
);

CREATE INDEX workout_by_plan ON workout (plan_id, sequence);

-- What an adaptation made: which version, and what became of it in words.
ALTER TABLE job_status ADD COLUMN plan_version integer, ADD COLUMN note text;
