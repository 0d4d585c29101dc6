-- What each athlete has answered so far.
CREATE TABLE athlete_profile (
    athlete_id    text COLLATE "C" PRIMARY KEY,
    answers       json        NOT NULL,
    updated_at    timestamptz NOT NULL,
    last_stream   text        NOT NULL,
    last_sequence bigint      NOT NULL
) WITH (fillfactor = 80);

-- Every revision of every profile; the highest is the one that counts.
CREATE TABLE athlete_profile_revision (
    athlete_id   text COLLATE "C" NOT NULL,
    revision     integer     NOT NULL,
    profile      json        NOT NULL,
    job_id       text COLLATE "C" NOT NULL,
    completed_at timestamptz NOT NULL,
    PRIMARY KEY (athlete_id, revision)
);
