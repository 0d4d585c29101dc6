-- What happened to each job, one row an event.
CREATE TABLE job_timeline (
    job_id     text COLLATE "C" NOT NULL,
    stream     text COLLATE "C" NOT NULL,
    sequence   bigint      NOT NULL,
    event_type text        NOT NULL,
    at         timestamptz NOT NULL,
    actor      text        NOT NULL,
    attempt    integer,
    summary    text        NOT NULL,
    PRIMARY KEY (job_id, stream, sequence)
);
