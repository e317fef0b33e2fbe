-- release 1
-- Who keeps all of it in memory asks for what is newer than the last revision seen. Each transaction that changes
-- something takes the next number and keeps the row locked until its end, so that they commit in the order of their
-- numbers and none is overlooked.

create table tenants.revision (
    only_row boolean primary key default true check (only_row),
    number bigint not null
);
insert into tenants.revision (number) values (1);

create function tenants.mark_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    -- Once for a transaction, whose own number the row then has.
    select r.number into new.revision from tenants.revision r where r.xmin = pg_current_xact_id()::xid;
    if new.revision is null then
        update tenants.revision r set number = r.number + 1 returning r.number into new.revision;
        perform pg_notify('tollgate_tenants', '');
    end if;
    return new;
end
$$;

create trigger revised before insert or update on tenants.tenant
    for each row execute function tenants.mark_change();
create trigger revised before insert or update on tenants.source
    for each row execute function tenants.mark_change();
create trigger revised before insert or update on tenants.alias
    for each row execute function tenants.mark_change();
create trigger revised before insert or update on tenants.school_code
    for each row execute function tenants.mark_change();
create trigger revised before insert or update of sealed, key_id, valid_until, retired_at on tenants.secret
    for each row execute function tenants.mark_change();

-- That secrets have vouched for requests. Never into the past or the future, and in the order of the keys, so that two
-- processes do not wait for each other in a circle.
create function tenants.record_use(secrets uuid[], times timestamptz[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    seen text := current_setting('tollgate.tenant', true);
    recorded bigint;
begin
    perform set_config('tollgate.tenant', '*', true);
    with used as materialized (
        select s.tenant, s.source, s.secret, least(u.at, clock_timestamp()) as at
            from unnest(secrets, times) as u(secret, at) join tenants.secret s using (secret)
            order by s.tenant, s.source, s.secret for no key update of s
    )
    update tenants.secret s set last_used_at = greatest(s.last_used_at, u.at)
        from used u where s.tenant = u.tenant and s.source = u.source and s.secret = u.secret;
    get diagnostics recorded = row_count;
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
    return recorded;
end
$$;
