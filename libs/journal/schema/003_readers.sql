-- release 1
-- What readers do, and those who register them.

-- Reads from the newest tick on: what is appended after this call, and perhaps a little that was just before. False if
-- it is there already.
create function journal.register_reader(new_name text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    -- No child is emptied between our choice of a tick and the end of our transaction.
    perform from journal.state for share;
    insert into journal.reader (name) values (new_name) on conflict do nothing;
    if not found then
        return false;
    end if;
    insert into journal.position (child, reader, tick, xid, seq)
        select s.child, new_name, (select max(t.id) from journal.tick t), '0', 0 from journal.state s;
    return true;
end
$$;

-- From here on nothing is kept for it. False if it is not there.
create function journal.retire_reader(old_name text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from journal.reader where name = old_name;
    if not found then
        return false;
    end if;
    -- So that one of the same name begins where it is registered.
    delete from journal.position where reader = old_name;
    return true;
end
$$;

-- From now on only (new_holder, new_epoch) moves this reader. Waits for a transaction of the one before that has moved
-- it and has not ended, so what it returns is where that one got to. No row: there is no such reader.
create function journal.take_reader(wanted_name text, new_holder uuid, new_epoch bigint)
returns table (tick bigint, xid xid8, seq bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform journal.require_own_server();
    -- One that a crash of the server forgets would let the one before move again.
    if current_setting('synchronous_commit') in ('off', 'local') then
        perform set_config('synchronous_commit', 'on', true);
    end if;
    perform from journal.reader r where r.name = wanted_name for update;
    if not found then
        return;
    end if;
    update journal.reader r set holder = new_holder, epoch = new_epoch
        where r.name = wanted_name and (r.epoch < new_epoch or (r.epoch = new_epoch and r.holder = new_holder));
    if not found then
        raise exception 'somebody of a later epoch than % reads "%"', new_epoch, wanted_name using errcode = 'TG001';
    end if;
    return query
        select p.tick, p.xid, p.seq from journal.position p where p.reader = wanted_name
            order by p.tick desc, p.xid desc, p.seq desc limit 1;
end
$$;

-- Part of the transaction of what was done with the entries.
create function journal.move_reader(wanted_name text, by_holder uuid, by_epoch bigint,
                                    to_tick bigint, to_xid xid8, to_seq bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from journal.reader r
        where r.name = wanted_name and r.holder = by_holder and r.epoch = by_epoch for share;
    if not found then
        raise exception 'epoch % does not read "%" any more', by_epoch, wanted_name using errcode = 'TG001';
    end if;
    insert into journal.position (child, reader, tick, xid, seq)
        select s.child, wanted_name, to_tick, to_xid, to_seq from journal.state s;
end
$$;
