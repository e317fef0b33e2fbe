-- release 1
-- Of millions of letters the newest, or the oldest, are read in the order of an index, and none are sorted that are not
-- shown: each consumer has its letters of one state in the order in which they came to it. What filters ask for stands in
-- the index too, so that the rows themselves are left alone.

create index work_in_order on consumer.work (consumer, state, changed_at, message_id)
    include (tenant, fingerprint, attempt);
drop index consumer.work_in_state;

-- Whose there are, also of those that were retired: one look into the index for each. These are names, and no tenant's.
create function consumer.letter_consumers() returns setof text
language plpgsql stable security definer rows 5 set search_path = pg_catalog, pg_temp as $$
declare
    seen text := current_setting('tollgate.tenant', true);
begin
    perform set_config('tollgate.tenant', '*', true);
    return query
        with recursive known as (
            (select w.consumer from consumer.work w order by w.consumer limit 1)
            union all
            select (select w.consumer from consumer.work w where w.consumer > k.consumer order by w.consumer limit 1)
                from known k where k.consumer is not null
        )
        select k.consumer from known k where k.consumer is not null
        union select r.reader from journal.refused r;
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
end
$$;

revoke execute on function consumer.letter_consumers() from public;
grant execute on function consumer.letter_consumers() to tollgate_operator, tollgate_console;
