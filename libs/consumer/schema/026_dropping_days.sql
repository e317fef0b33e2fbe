-- release 1
-- What is asked for while a day is being dropped is not left without its bytes, and nobody waits for what has nothing to
-- do with that day.

-- As in 015, and the attempts of what stays stay with it, and replays that ended before the next day go. What is to be
-- done over has its bytes in the archive: whoever asked for it after `needs_day` had looked, and before the day's tables
-- were locked, is seen here, where nobody else can ask any more; the day is then kept, as if somebody read it. And events
-- cannot be received meanwhile, so only the work of such days is looked at.
create or replace function consumer.drop_day(day date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    first_id constant uuid := archive.first_id_of(day);
    next_id constant uuid := archive.first_id_of(day + 1);
    each text;
begin
    perform set_config('tollgate.tenant', '*', true);
    execute format('drop table if exists consumer.%I', 'inbox_' || to_char(day::timestamp, 'YYYYMMDD'));
    for each in select consumer.letter_consumers() loop
        if exists (select from consumer.work w
                   where w.consumer = each and w.message_id >= first_id and w.message_id < next_id
                       and w.cause = 'redo' and w.value is null and w.state in ('retrying', 'held')) then
            raise exception 'events of % are to be run again', day using errcode = 'lock_not_available';
        end if;
        delete from consumer.work w
            where w.consumer = each and w.message_id < next_id
                and (w.state = 'discarded'
                     -- Records of it may be on a topic yet.
                     or (w.state = 'done' and w.changed_at < clock_timestamp() - interval '40 days'));
    end loop;
    delete from consumer.attempt a
        where a.message_id < next_id
            and not exists (select from consumer.work w where w.consumer = a.consumer and w.message_id = a.message_id);
    delete from consumer.replay r
        where r.ended_at < (day + 1)::timestamp at time zone 'UTC' and r.outstanding = 0;
    delete from journal.refused r where r.event_id < next_id and r.discarded_at is not null;
    update consumer.horizon h set dropped_up_to = greatest(h.dropped_up_to, day);
end
$$;
