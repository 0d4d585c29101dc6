-- Every version of every plan, whole. The document is kept as text, byte for byte as the log holds it.
CREATE TABLE plan (
    plan_id    text COLLATE "C" NOT NULL,
    version    integer     NOT NULL,
    athlete_id text COLLATE "C" NOT NULL,
    job_id     text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    stream     text COLLATE "C" NOT NULL,
    sequence   bigint      NOT NULL,
    document   json        NOT NULL,
    PRIMARY KEY (plan_id, version)
);

CREATE INDEX plan_by_athlete ON plan (athlete_id, created_at DESC);
