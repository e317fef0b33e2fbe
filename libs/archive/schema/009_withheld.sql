-- release 1
-- Events that are stored and that no consumer is to get, for now or for good: an operator has to decide on them, or has
-- discarded them. Who holds events back keeps it.
create table archive.withheld (
    event_id uuid primary key
);
grant select on archive.withheld to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;
