-- Messages that were given up, one row an entry of the stream of dead letters, and what operators did about them.
CREATE TABLE dead_letter (
    sequence    bigint PRIMARY KEY,
    letter_id   text COLLATE "C" NOT NULL,
    consumer    text COLLATE "C" NOT NULL,
    origin      text COLLATE "C" NOT NULL,
    subject     text        NOT NULL,
    about       text,
    event_type  text COLLATE "C" NOT NULL,
    event_id    text        NOT NULL,
    correlation text,
    reason      text        NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    deliveries  bigint      NOT NULL,
    parked_at   timestamptz NOT NULL,
    state       text COLLATE "C" NOT NULL,
    ended_at    timestamptz,
    ended_by    text,
    note        text,
    -- The stream forgets its message then, and the view with it.
    keep_until  timestamptz NOT NULL
);
CREATE INDEX dead_letter_by_state ON dead_letter (state, sequence);
CREATE INDEX dead_letter_by_cause ON dead_letter (fingerprint, sequence);
CREATE INDEX dead_letter_by_age ON dead_letter (keep_until);
