-- release 1
-- One role per service, none of which can log in: a login is made a member of those it needs
-- (tollgate migrate --grant-to LOGIN), and each pool of connections sets its own. What a role may do is
-- granted where the tables are made.

do $$
declare
    services constant text[] := array['ingress', 'relay', 'enrichment', 'billing', 'delivery', 'console', 'operator'];
    service text;
begin
    foreach service in array services loop
        begin
            execute format('create role %I nologin', 'tollgate_' || service);
        exception
            -- Roles belong to the whole server: another database of ours may have made it, even just now.
            when duplicate_object or unique_violation then null;
        end;
    end loop;
    -- Whoever made them before us must not have given them more than nothing.
    if exists (select from pg_roles where rolname = any (select 'tollgate_' || unnest(services))
               and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolcanlogin)) then
        raise exception 'a role tollgate_... was there already, and can log in or has rights of its own';
    end if;
end
$$;

-- The default would let every login of the server call them.
revoke execute on all functions in schema tollgate from public;

grant usage on schema tollgate to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;
grant select on tollgate.migration, tollgate.lease to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;
grant execute on function
    tollgate.lease_take(text, uuid, interval),
    tollgate.lease_renew(text, uuid, bigint, interval),
    tollgate.lease_release(text, uuid, bigint)
    to tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery;
