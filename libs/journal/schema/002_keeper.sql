-- release 1
-- What the keeper does. These run as the owner of the tables, so that a service needs no more than EXECUTE.
-- SQLSTATE TG001: somebody else keeps or reads by now. TG002: an operator must run `tollgate migrate`.

create function journal.require_own_server() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    ours text := journal.this_server();
    theirs text;
    last pg_snapshot;
begin
    select s.server into strict theirs from journal.state s;
    if theirs <> ours then
        raise exception 'this database was restored from a dump or copied (server %, the journal is of %): '
            'run `tollgate migrate` on it', ours, theirs using errcode = 'TG002';
    end if;
    select t.snapshot into strict last from journal.tick t order by t.id desc limit 1;
    if pg_snapshot_xmax(pg_current_snapshot()) < pg_snapshot_xmax(last) then
        raise exception 'this server is at transaction %, and the journal''s last tick is of transaction %: '
            'run `tollgate migrate` on it', pg_snapshot_xmax(pg_current_snapshot()), pg_snapshot_xmax(last)
            using errcode = 'TG002';
    end if;
end
$$;

-- From now on only (new_holder, new_epoch) keeps. Waits for a transaction of the keeper before.
create function journal.take_keeping(new_holder uuid, new_epoch bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform journal.require_own_server();
    update journal.state s set keeper = new_holder, epoch = new_epoch
        where s.epoch < new_epoch or (s.epoch = new_epoch and s.keeper = new_holder);
    if not found then
        raise exception 'the journal has a keeper of a later epoch than %', new_epoch using errcode = 'TG001';
    end if;
end
$$;

-- Holds the row until the end of the transaction: who takes over waits, and sees what we did.
create function journal.require_keeping(by_holder uuid, by_epoch bigint) returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    current_child smallint;
begin
    select s.child into current_child from journal.state s
        where s.keeper = by_holder and s.epoch = by_epoch for update;
    if not found then
        raise exception 'epoch % does not keep the journal any more', by_epoch using errcode = 'TG001';
    end if;
    return current_child;
end
$$;

-- Writes the next tick, tells the readers when it commits, and gives it with its own transaction's number.
create function journal.write_tick(by_holder uuid, by_epoch bigint)
returns table (id bigint, snapshot text, last_seq bigint, xid xid8)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    current_child smallint;
    next_id bigint;
    visible pg_snapshot;
    drawn bigint;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'a tick in a transaction that is % would show the past', current_setting('transaction_isolation');
    end if;
    current_child := journal.require_keeping(by_holder, by_epoch);
    -- A tick that a crash forgets takes with it every position that builds on it: they come later in the WAL.
    perform set_config('synchronous_commit', 'off', true);
    select max(t.id) + 1 into strict next_id from journal.tick t;
    -- Each statement has a snapshot of its own here. This one is newer than the last tick's, because the row of the
    -- state is locked; and the sequence is read after it, so that nothing it shows is above.
    visible := pg_current_snapshot();
    select s.last_value into strict drawn from journal.entry_seq s;
    insert into journal.tick (child, id, snapshot, last_seq) values (current_child, next_id, visible, drawn);
    perform pg_notify('tollgate_ticked', '');
    return query select next_id, visible::text, drawn, pg_current_xact_id();
end
$$;

-- Why a child cannot be emptied; null if it can. Everybody who still reads stands on a tick: a reader on its own, who
-- comes later on the newest. Each must have seen every entry of the child, and stand on a tick outside of it. Volatile,
-- so that it looks with a snapshot of its own: a row that came while the caller waited for a lock counts. By index,
-- because the planner knows no statistics of these tables, and would read all entries to find that none is newer.
create function journal.needed_by(wanted smallint) returns text
language sql volatile security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
    with standing as (
        select r.name, p.child, p.tick from journal.reader r
            left join lateral (select * from journal.position p where p.reader = r.name
                               order by p.tick desc, p.xid desc, p.seq desc limit 1) p on true
        union all
        select null, null, max(t.id) from journal.tick t
    )
    select coalesce(format('reader "%s" has not read all of it', s.name), 'the newest tick is in it')
        from standing s left join lateral (select * from journal.tick t where t.id = s.tick limit 1) t on true
        where t.id is null or t.child = wanted or s.child is not distinct from wanted
            or exists (select from journal.tick later where later.child = wanted and later.id > t.id)
            or exists (select from journal.entry e
                       where e.child = wanted and e.xid >= pg_snapshot_xmin(t.snapshot)
                           and not pg_visible_in_snapshot(e.xid, t.snapshot))
        order by s.name nulls last limit 1
$$;

create function journal.is_empty(wanted smallint) returns boolean
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    select not exists (select from journal.entry e where e.child = wanted)
        and not exists (select from journal.tick t where t.child = wanted)
        and not exists (select from journal.position p where p.child = wanted)
$$;

-- Empties a child that everybody has read, and gives null; else why not. An append that is under way holds a lock on
-- the child, so that under ours its last transaction has ended. Appends and readers wait for us 20 ms at most.
create function journal.empty_child(by_holder uuid, by_epoch bigint, wanted smallint) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '20ms' as $$
declare
    reason text;
begin
    if journal.require_keeping(by_holder, by_epoch) = wanted then
        return 'it takes what is appended now';
    end if;
    reason := journal.needed_by(wanted);
    if reason is not null then
        return reason;
    end if;
    execute format('lock table journal.entry_%1$s, journal.tick_%1$s, journal.position_%1$s in access exclusive mode',
                   wanted);
    reason := journal.needed_by(wanted);
    if reason is null then
        execute format('truncate journal.entry_%1$s, journal.tick_%1$s, journal.position_%1$s', wanted);
    end if;
    return reason;
exception
    when lock_not_available then
        select format('a transaction that stays open has appended to it or reads it: %s',
                      string_agg(distinct format('backend %s %s', a.pid, a.application_name), ', '))
            into reason
            from pg_locks l join pg_stat_activity a using (pid)
            where l.relation = format('journal.entry_%s', wanted)::regclass and l.granted
                and l.database = (select d.oid from pg_database d where d.datname = current_database());
        return coalesce(reason, 'it is locked');
end
$$;

create function journal.bytes_of(wanted smallint) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select sum(pg_total_relation_size(format('journal.%s_%s', name, wanted)::regclass))::bigint
        from unnest(array['entry', 'tick', 'position']) as name
$$;

-- The next child takes what is appended from now on, when this one is large or old enough and the next is empty.
-- `due` tells that it was time, `to_child` that it was done. A log that lies idle has one tick, and is not rotated.
create function journal.rotate(by_holder uuid, by_epoch bigint, bytes_max bigint, age_max interval)
returns table (due boolean, to_child smallint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    current_child smallint := journal.require_keeping(by_holder, by_epoch);
    next_child smallint := (current_child + 1) % 3;
    is_due boolean;
begin
    select (s.since < clock_timestamp() - age_max or journal.bytes_of(current_child) >= bytes_max)
            and (exists (select from journal.entry e where e.child = current_child)
                 or (select count(*) from (select from journal.tick t where t.child = current_child limit 2) two) = 2)
        into strict is_due from journal.state s;
    if not is_due or not journal.is_empty(next_child) then
        return query select is_due, null::smallint;
        return;
    end if;
    update journal.state set child = next_child, since = clock_timestamp();
    return query select true, next_child;
end
$$;
