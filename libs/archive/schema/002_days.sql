-- release 1
-- Days are those of UTC, whatever the session's time zone. An id has its milliseconds since 1970 in the first 48 bits,
-- as core/uuid.hpp makes it.

create function archive.first_id_of(day date) returns uuid
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
    select (lpad(to_hex((day - date '1970-01-01') * 86400000::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

create function archive.day_of(id uuid) returns date
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
    select date '1970-01-01'
        + (('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 86400000)::integer
$$;

-- Makes the day if it is not there; true if it was made now. Only the functions below call it.
--
-- The table is made apart and then attached: `create table ... partition of` would wait for every transaction that has
-- written or read an event, and all that come after would wait behind it. The lock taken here lets them pass, and keeps
-- out whoever else makes a day, until the end of the transaction.
create function archive.make_day(day date) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    today date := (now() at time zone 'UTC')::date;
    partition text := 'event_' || to_char(day::timestamp, 'YYYYMMDD');
    first_id uuid;
begin
    -- Ids come from the clock of whoever received the event, and that one may be wrong.
    if day not between today - 40 and today + 30 then
        raise exception 'no day is made for events of %: it is % by the database''s clock, and days are made from 40 '
            'before to 30 after. Set the clock that is wrong',
            to_char(day::timestamp, 'YYYY-MM-DD'), to_char(today::timestamp, 'YYYY-MM-DD') using errcode = 'TG002';
    end if;
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

-- Whether it takes rows: a table of this name that is not attached does not.
create function archive.has_day(partition text) returns boolean
language sql volatile strict set search_path = pg_catalog, pg_temp as $$
    select exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                   where i.inhparent = 'archive.event'::regclass and c.relname = partition)
$$;

-- Today and as many days ahead; yesterday too, for who is a little behind. Gives how many were not there.
create function archive.make_days(ahead integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    today date := (now() at time zone 'UTC')::date;
    made integer := 0;
begin
    if ahead not between 0 and 30 then
        raise exception 'days are made from 0 to 30 ahead, and not %', ahead using errcode = '22023';
    end if;
    for place in -1..ahead loop
        made := made + archive.make_day(today + place)::integer;
    end loop;
    return made;
end
$$;

-- The day that an event of this id goes to.
create function archive.make_day_of(id uuid) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select archive.make_day(archive.day_of(id))
$$;

select archive.make_days(7);
