-- release 1
-- For the statement that writes events and appends what it has written to the journal.
grant select (id, tenant) on archive.event to tollgate_ingress;
