-- release 1
-- A dump that was restored elsewhere has the transaction numbers of another server, so its ticks mean nothing. What
-- is still to be read is kept, and each reader goes on where it stood.

-- False if there is nothing to do. Only the owner may call it.
create function journal.start_anew() returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    -- Numbers that every server has used up before it had a table of ours, so that every snapshot shows them.
    first_xid constant bigint := 3;
    last record;
begin
    perform from journal.state for update;
    begin
        perform journal.require_own_server();
        return false;
    exception
        when sqlstate 'TG002' then null;
    end;
    lock table journal.entry, journal.tick, journal.position, journal.reader in access exclusive mode;
    select t.id, t.last_seq into strict last from journal.tick t order by t.id desc limit 1;

    -- Places from 1 (the furthest behind) up; readers that stand at the same one share it.
    create temporary table standing on commit drop as
        select r.name, dense_rank() over (order by p.tick, p.xid, p.seq) as place,
                here.snapshot, beyond.snapshot as next_snapshot, p.xid, p.seq
            from journal.reader r
            cross join lateral (select * from journal.position p where p.reader = r.name
                                order by p.tick desc, p.xid desc, p.seq desc limit 1) p
            join journal.tick here on here.id = p.tick
            left join journal.tick beyond on beyond.id = p.tick + 1;
    -- The rank of an entry is how many places have not read it. What is above the last tick's seq was appended after
    -- it, there or here: nobody has read it.
    create temporary table unread on commit drop as
        select e.seq as old_seq, e.tenant, e.topic, e.event_id, e.headers,
                (select count(distinct s.place) from standing s
                    where e.seq > last.last_seq
                        or not (pg_visible_in_snapshot(e.xid, s.snapshot)
                                or (s.seq > 0 and pg_visible_in_snapshot(e.xid, s.next_snapshot)
                                    and (e.xid, e.seq) <= (s.xid, s.seq)))) as rank
            from journal.entry e;

    truncate journal.entry, journal.tick, journal.position;
    insert into journal.entry (child, xid, tenant, topic, event_id, headers)
        select 0, (first_xid + u.rank)::text::xid8, u.tenant, u.topic, u.event_id, u.headers
            from unread u where u.rank > 0 order by u.rank, u.old_seq;
    -- A tick for each place, that shows what the places before it alone have not read; one at least.
    insert into journal.tick (child, id, snapshot, last_seq)
        select 0, last.id + place, format('%1$s:%1$s:', first_xid + place)::pg_snapshot,
                coalesce((select max(e.seq) from journal.entry e
                          where e.xid < (first_xid + place)::text::xid8), last.last_seq)
            from generate_series(1, greatest(1, (select max(s.place) from standing s))) place;
    insert into journal.position (child, reader, tick, xid, seq)
        select 0, s.name, last.id + s.place, '0', 0 from standing s;
    -- Whoever kept or read until now does so no more.
    update journal.reader set holder = null;
    update journal.state set child = 0, since = clock_timestamp(), server = journal.this_server(), keeper = null;
    return true;
end
$$;
