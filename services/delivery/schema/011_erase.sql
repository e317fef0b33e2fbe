-- release 1
-- Events that people are told of, when their customer is erased: they say what happened and no more to whom. What was
-- said already keeps no headline, which names people; of many events at once (digests, storms) it names nobody.
create function delivery.pseudonymise(of_tenant uuid, events uuid[], new_values bytea[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    changed bigint;
begin
    if not coalesce(tenants.sees(of_tenant), false) then
        raise exception 'tenant % is not one that this operator sees', of_tenant using errcode = '42501';
    end if;
    update delivery.story s set began = 'a customer who was erased'
        from (select distinct d.destination, d.story_kind, d.story_id
                  from delivery.delivery_event e join delivery.delivery d using (tenant, delivery)
                  where e.tenant = of_tenant and e.event_id = any (events) and d.story_kind <> 'storm') theirs
        where s.tenant = of_tenant and s.destination = theirs.destination and s.kind = theirs.story_kind
            and s.id = theirs.story_id;
    update delivery.delivery d set headline = null
        where d.tenant = of_tenant and d.kind in ('message', 'update') and d.headline is not null
            and d.delivery in (select e.delivery from delivery.delivery_event e
                               where e.tenant = of_tenant and e.event_id = any (events)
                               union
                               select u.delivery from delivery.delivery_event e
                                   join delivery.delivery u on u.tenant = of_tenant and u.of_delivery = e.delivery
                               where e.tenant = of_tenant and e.event_id = any (events));
    update delivery.event e set value = n.value
        from unnest(events, new_values) n(event_id, value) where e.tenant = of_tenant and e.event_id = n.event_id;
    get diagnostics changed = row_count;
    return changed;
end
$$;
revoke execute on function delivery.pseudonymise(uuid, uuid[], bytea[]) from public;
grant execute on function delivery.pseudonymise(uuid, uuid[], bytea[]) to tollgate_operator, tollgate_console;
create index on delivery.delivery (tenant, of_delivery) where of_delivery is not null;
