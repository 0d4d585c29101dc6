-- Which stream a checkpoint is of, and the id of the event at its position: a stream that was deleted and made anew, or put back
-- from an older copy, has the same name and other events at the same sequences. Empty until a projector of this version has
-- written the row.
ALTER TABLE projection_checkpoint
    ADD COLUMN stream_identity text,
    ADD COLUMN last_event_id text;
