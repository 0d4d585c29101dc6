-- Where each plan job stands. Two streams write it, each its own columns: ONBOARDING the promise of a job
-- (created_*, trace_id, correlation), PLANS everything else; so their order does not matter.
CREATE TABLE job_status (
    job_id           text COLLATE "C" PRIMARY KEY,
    athlete_id       text COLLATE "C" NOT NULL,
    status           text COLLATE "C" NOT NULL,
    progress         smallint    NOT NULL,
    phase            text,
    plan_id          text,
    attempts         integer     NOT NULL,
    created_at       timestamptz NOT NULL,
    queued_at        timestamptz NOT NULL,
    started_at       timestamptz,
    completed_at     timestamptz,
    next_retry_at    timestamptz,
    error_code       text,
    error_message    text,
    trace_id         text,
    correlation      text        NOT NULL,
    created_stream   text        NOT NULL,
    created_sequence bigint      NOT NULL,
    last_stream      text        NOT NULL,
    last_sequence    bigint      NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX job_status_by_athlete ON job_status (athlete_id, created_at DESC);
CREATE INDEX job_status_queued ON job_status (queued_at) WHERE status = 'queued';

-- Jobs by status, counted as they change. The owner is the stream whose projector writes the row, so that two
-- projectors never wait for each other.
CREATE TABLE job_count (
    owner  text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    jobs   bigint NOT NULL,
    PRIMARY KEY (owner, status)
) WITH (fillfactor = 50);

-- Open jobs of those athletes that have any.
CREATE TABLE job_count_by_athlete (
    athlete_id text COLLATE "C" PRIMARY KEY,
    open_jobs  bigint NOT NULL
) WITH (fillfactor = 80);
