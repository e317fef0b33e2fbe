-- release 1
-- What operators look at beside the deliveries themselves.

-- Of a tenant that the transaction may see; who calls it leaves word in the audit log.
create function delivery.payment_event_of(wanted uuid) returns table (tenant uuid, data bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.tenant, p.data from archive.payment_event p where p.id = wanted and tenants.sees(p.tenant)
$$;
revoke execute on function delivery.payment_event_of(uuid) from public;
grant execute on function delivery.payment_event_of(uuid) to tollgate_operator, tollgate_console;
