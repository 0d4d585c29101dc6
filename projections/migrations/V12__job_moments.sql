-- When a job may begin at the earliest, and by when it must be finished. A scheduled job has `queued_at` = `not_before`: then it
-- enters its queue. No event says that the moment has come, so each reader compares it with the time.
ALTER TABLE job_status ADD COLUMN not_before timestamptz, ADD COLUMN deadline timestamptz;

CREATE INDEX job_status_scheduled ON job_status (queued_at) WHERE status = 'scheduled';
CREATE INDEX job_status_deadline ON job_status (deadline)
    WHERE deadline IS NOT NULL AND status IN ('scheduled', 'queued', 'running', 'retrying');
