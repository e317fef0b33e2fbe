-- release 1
revoke execute on all functions in schema archive from public;

grant usage on schema archive to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery;

-- The day tables have no grants: who goes through the event table needs none on them.
grant insert (id, tenant, source, provider, type, provider_event_id, provider_time, subject, ordering_key, content_type,
              traceparent, headers, body, body_of, body_offset, body_length) on archive.event to tollgate_ingress;
-- One puts the bytes on the bus, the other is their consumer.
grant select on archive.event to tollgate_relay, tollgate_enrichment;
grant execute on function archive.read_events(uuid[]), archive.first_id_of(date), archive.day_of(uuid) to
    tollgate_relay, tollgate_enrichment;

-- Making days ahead is the duty of whichever process has it.
grant execute on function archive.make_days(integer) to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery;
grant execute on function archive.make_day_of(uuid) to tollgate_ingress;
