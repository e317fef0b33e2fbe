-- release 1
revoke execute on all functions in schema consumer from public;

grant select on consumer.consumer to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;
grant select, insert on consumer.inbox, consumer.attempt to tollgate_enrichment, tollgate_billing, tollgate_delivery;
grant select, insert, update, delete on consumer.work, consumer.begun to
    tollgate_enrichment, tollgate_billing, tollgate_delivery;
grant select, insert, update on consumer.position to tollgate_enrichment, tollgate_billing, tollgate_delivery;
grant execute on function
    consumer.register_consumer(text, text, boolean),
    consumer.make_days_of(uuid[]),
    consumer.begin_with(text, uuid, uuid[], integer),
    consumer.left_open(text, uuid),
    consumer.ask_for_refill(text, text),
    consumer.refill(text, integer)
    to tollgate_enrichment, tollgate_billing, tollgate_delivery;
grant select on consumer.position to tollgate_operator, tollgate_console;
grant execute on function consumer.ask_for_refill(text, text), consumer.retire_consumer(text) to tollgate_operator;
-- As with what operators change elsewhere: a consumer is not retired without a row that says so.
create constraint trigger audited after delete on consumer.consumer
    deferrable initially deferred for each row execute function tenants.require_audit();
-- It puts dead letters on their topic.
grant select on consumer.work to tollgate_relay;

-- Operators see their tenants'; the pipeline all.
alter table consumer.inbox enable row level security;
create policy by_tenant on consumer.inbox for select to tollgate_operator, tollgate_console
    using (tenants.sees(tenant));
create policy all_tenants on consumer.inbox to tollgate_enrichment, tollgate_billing, tollgate_delivery
    using (true) with check (true);
alter table consumer.work enable row level security, force row level security;
create policy by_tenant on consumer.work using (tenants.sees(tenant));
create policy all_tenants on consumer.work
    to tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery using (true) with check (true);
alter table consumer.attempt enable row level security, force row level security;
create policy by_tenant on consumer.attempt using (tenants.sees(tenant));
create policy all_tenants on consumer.attempt
    to tollgate_enrichment, tollgate_billing, tollgate_delivery using (true) with check (true);
-- All but the bytes: who reads those leaves word of it.
grant select (consumer, message_id, tenant) on consumer.inbox to tollgate_operator, tollgate_console;
grant select (consumer, message_id, tenant, state, cause, attempt, since, due_at, reason, fingerprint, hold, changed_at,
              topic, log_topic, log_partition, log_offset, begun_by, begun_until, crashes)
    on consumer.work to tollgate_operator, tollgate_console;
grant update (state, cause, attempt, since, due_at, reason, hold, changed_at, begun_by, begun_until, begun_alone, crashes)
    on consumer.work to tollgate_operator, tollgate_console;
grant insert (consumer, message_id, tenant, state, cause, due_at, reason, topic) on consumer.work
    to tollgate_operator, tollgate_console;
grant select on consumer.attempt to tollgate_operator, tollgate_console;
