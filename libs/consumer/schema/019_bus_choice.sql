-- release 1
-- Whether somebody has said which bus it is. `tollgate migrate --bus` says it to a database that was never told, and
-- changes nothing in one that was: what an operator has chosen since stays, however often a deployment comes.
create table consumer.bus_choice (
    only_row boolean primary key default true check (only_row),
    at timestamptz not null default clock_timestamp()
);

select set_config('tollgate.tenant', '*', true);
insert into consumer.bus_choice (at)
    select b.since from consumer.bus b
        where b.bus = 'kafka' or exists (select from tenants.audit a where a.verb in ('bus kafka', 'bus journal'));

-- Whoever changes the bus has chosen it.
create function consumer.note_bus_choice() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into consumer.bus_choice default values on conflict do nothing;
    return null;
end
$$;
create trigger chosen after update on consumer.bus
    for each row execute function consumer.note_bus_choice();

revoke execute on function consumer.note_bus_choice() from public;
