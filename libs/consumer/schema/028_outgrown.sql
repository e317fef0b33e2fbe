-- release 1
-- What the planner knows of a table is of when it was last analyzed, and autovacuum looks once a minute at most. Of a
-- table that was empty then, any index is as good to it as any other, and in the first minute of a flood the wrong one
-- is read from end to end for each row.

-- One of our tables that has eight times the rows that it had then; false if there is none. Its rows are those that
-- sessions have counted, so that no lock is waited for. Everybody who may use the schema may call it, also roles that
-- somebody has made for consumers of their own.
create function consumer.analyze_outgrown() returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    rows_at_least constant integer := 100;
    times constant integer := 8;
    outgrown record;
begin
    select c.oid::regclass as table_name, c.reltuples into outgrown from pg_class c
        where c.relkind = 'r' and c.relpersistence <> 't'
            and c.relowner = (select w.relowner from pg_class w where w.oid = 'consumer.work'::regclass)
            and pg_stat_get_live_tuples(c.oid) >= greatest(c.reltuples, rows_at_least) * times
        limit 1;
    if outgrown is null then
        return false;
    end if;
    execute format('analyze (skip_locked) %s', outgrown.table_name);
    -- Somebody else may be at it.
    return (select c.reltuples from pg_class c where c.oid = outgrown.table_name) <> outgrown.reltuples;
end
$$;
