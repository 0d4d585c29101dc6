-- What happened to each job, one row an event.
CREATE TABLE job_timeline (
    job_id     text        NOT NULL,
    stream     text        NOT NULL,
    sequence   bigint      NOT NULL,
    event_type text        NOT NULL,
    at         timestamptz NOT NULL,
    actor      text        NOT NULL,
    attempt    integer,
    summary    text        NOT NULL,
    PRIMARY KEY (job_id, stream, sequence)
);
