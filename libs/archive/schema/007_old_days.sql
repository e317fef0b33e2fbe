-- release 1
-- A day that is older than events come from, for an event that outlived it. Only functions of the owner call it.
create function archive.make_any_day(day date) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    partition text := 'event_' || to_char(day::timestamp, 'YYYYMMDD');
    first_id uuid;
begin
    -- Looked at without a lock first: mostly it is there.
    if archive.has_day(partition) then
        return false;
    end if;
    lock table archive.event in share update exclusive mode;
    if archive.has_day(partition) then
        return false;
    end if;
    first_id := archive.first_id_of(day);
    -- What a slice refers to goes with the same day, and comes before it or is it.
    execute format('create table archive.%I (like archive.event including all,
                        constraint slice_is_of_same_day check (body_of >= %L and body_of <= id))', partition, first_id);
    execute format('alter table archive.event attach partition archive.%I for values from (%L) to (%L)',
                   partition, first_id, archive.first_id_of(day + 1));
    return true;
end
$$;

create or replace function archive.make_day(day date) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    today date := (now() at time zone 'UTC')::date;
begin
    -- Ids come from the clock of whoever received the event, and that one may be wrong.
    if day not between today - 40 and today + 30 then
        raise exception 'no day is made for events of %: it is % by the database''s clock, and days are made from 40 '
            'before to 30 after. Set the clock that is wrong',
            to_char(day::timestamp, 'YYYY-MM-DD'), to_char(today::timestamp, 'YYYY-MM-DD') using errcode = 'TG002';
    end if;
    return archive.make_any_day(day);
end
$$;

revoke execute on function archive.make_any_day(date) from public;
