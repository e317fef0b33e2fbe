-- release 1
-- A consumer of raw events reads the journal without the relay, and the bodies that are too large for Kafka.
grant execute on function archive.read_bus_events(uuid[], bigint, bigint) to tollgate_enrichment;
