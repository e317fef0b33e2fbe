-- release 1
-- A refused entry that an operator has given up stays until the day of its event is dropped: what was published does not
-- add up without it.
alter table journal.refused add column discarded_at timestamptz;
create index on journal.refused (event_id);
