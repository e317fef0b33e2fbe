-- release 1
-- An event is asked for by the beginning of its id too. Who finds none so that he may see, because it is another
-- tenant's, is on record for it as if he had given the whole id.

-- Whether there is an event from the one id to the other that the transaction may not see.
create function consumer.concerns_others_between(first_id uuid, last_id uuid) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return exists (select from archive.event e
        where e.id >= first_id and e.id <= last_id and not tenants.sees(e.tenant));
end
$$;

revoke execute on function consumer.concerns_others_between(uuid, uuid) from public;
grant execute on function consumer.concerns_others_between(uuid, uuid) to tollgate_operator, tollgate_console;
