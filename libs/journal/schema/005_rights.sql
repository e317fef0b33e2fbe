-- release 1
revoke execute on all functions in schema journal from public;

grant usage on schema journal to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;
grant select on journal.entry, journal.tick, journal.position, journal.reader, journal.state, journal.entry_seq to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;

-- Who appends chooses neither its xid nor its seq: they decide what is read, and when.
grant insert (child, tenant, topic, event_id, headers) on journal.entry to
    tollgate_ingress, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_operator;
grant usage on journal.entry_seq to
    tollgate_ingress, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_operator;

grant execute on function journal.bytes_of(smallint), journal.is_empty(smallint) to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;
grant execute on function
    journal.take_keeping(uuid, bigint),
    journal.write_tick(uuid, bigint),
    journal.empty_child(uuid, bigint, smallint),
    journal.rotate(uuid, bigint, bigint, interval),
    journal.register_reader(text),
    journal.take_reader(text, uuid, bigint),
    journal.move_reader(text, uuid, bigint, bigint, xid8, bigint)
    to tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery;
grant execute on function journal.register_reader(text), journal.retire_reader(text) to tollgate_operator;
