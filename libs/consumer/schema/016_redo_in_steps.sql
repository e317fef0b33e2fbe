-- release 1
-- What a consumer is done with is found in steps, however much it is.

-- Of the next so many messages behind that one, in the order of the ids: those that it is done with, of tenants that the
-- transaction may see. `reached`: the last that was looked at; null: there are no more.
create function consumer.done_step(of_consumer text, of_type text, since timestamptz, until timestamptz, after uuid,
                                   looks integer)
returns table (ids uuid[], reached uuid)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    first_id constant uuid := coalesce(consumer.first_id_at(since), '00000000-0000-0000-0000-000000000000');
    next_id constant uuid := coalesce(consumer.first_id_at(until), 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    behind constant uuid := coalesce(after, '00000000-0000-0000-0000-000000000000');
    looked_at uuid[];
begin
    select array_agg(n.message_id order by n.message_id) into looked_at
        from (select i.message_id from consumer.inbox i
              where i.consumer = of_consumer and i.message_id > behind and i.message_id >= first_id
                  and i.message_id < next_id
              order by i.message_id limit looks) n;
    select array_agg(i.message_id order by i.message_id) into ids
        from consumer.inbox i join archive.event e on e.id = i.message_id
        where i.consumer = of_consumer and i.message_id >= looked_at[1]
            and i.message_id <= looked_at[cardinality(looked_at)] and tenants.sees(i.tenant)
            and e.id >= looked_at[1] and e.id <= looked_at[cardinality(looked_at)]
            and (of_type is null or e.type = of_type or e.provider || '.' || e.type = of_type)
            and not exists (select from consumer.work w where w.consumer = of_consumer and w.message_id = i.message_id);
    ids := coalesce(ids, '{}');
    reached := case when cardinality(looked_at) = looks then looked_at[looks] end;
    return next;
end
$$;

revoke execute on function consumer.done_step(text, text, timestamptz, timestamptz, uuid, integer) from public;
grant execute on function consumer.done_step(text, text, timestamptz, timestamptz, uuid, integer)
    to tollgate_operator, tollgate_console;
