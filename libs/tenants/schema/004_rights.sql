-- release 1
-- Operators, at the command line and in the console, see the tenants that `tollgate.tenant` names in their transaction:
-- uuids with commas between them, or '*' for those of the platform. Where it is not set nobody sees anything, the owner
-- of the tables neither. It is a net under the verbs, which know who is allowed what: whoever may send SQL may set it.

create function tenants.sees(wanted uuid) returns boolean
language sql stable parallel safe
return case current_setting('tollgate.tenant', true) when '*' then true
            else wanted::text = any (string_to_array(current_setting('tollgate.tenant', true), ',')) end;

-- Null stands for all tenants.
create function tenants.sees_each(wanted uuid[]) returns boolean
language sql stable parallel safe
return case current_setting('tollgate.tenant', true) when '*' then true
            else wanted::text[] <@ string_to_array(current_setting('tollgate.tenant', true), ',') end;

do $$
declare
    of_table text;
begin
    foreach of_table in array array['tenant', 'source', 'alias', 'school_code', 'secret', 'audit'] loop
        execute format('alter table tenants.%I enable row level security, force row level security', of_table);
        execute format('create policy by_tenant on tenants.%I using (tenants.sees(tenant))', of_table);
        if of_table <> 'audit' then
            -- Whose request it is turns out when it comes.
            execute format('create policy all_tenants on tenants.%I for select to tollgate_ingress using (true)',
                           of_table);
        end if;
    end loop;
end
$$;
alter table tenants.operator enable row level security, force row level security;
create policy by_tenant on tenants.operator using (tenants.sees_each(tenants));

-- Whose token it is. Nobody reads the hashes.
create function tenants.operator_of(token bytea) returns table (name text, role text, tenants uuid[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    seen text := current_setting('tollgate.tenant', true);
begin
    perform set_config('tollgate.tenant', '*', true);
    return query select o.name, o.role, o.tenants from tenants.operator o
        where o.token_sha256 = token and o.retired_at is null;
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
end
$$;

revoke execute on all functions in schema tenants from public;

grant usage on schema tenants to tollgate_ingress, tollgate_operator, tollgate_console;
grant execute on function tenants.sees(uuid), tenants.sees_each(uuid[]) to
    tollgate_ingress, tollgate_operator, tollgate_console;

grant select on tenants.tenant, tenants.source, tenants.alias, tenants.school_code, tenants.secret, tenants.revision
    to tollgate_ingress;
grant execute on function tenants.record_use(uuid[], timestamptz[]) to tollgate_ingress;

grant select on tenants.tenant, tenants.source, tenants.alias, tenants.school_code, tenants.secret, tenants.audit
    to tollgate_operator, tollgate_console;
grant select (name, role, tenants, retired_at, created_at) on tenants.operator to tollgate_operator, tollgate_console;
grant insert (tenant, slug, name, plan, time_zone), update (name, plan, time_zone, disabled_at) on tenants.tenant
    to tollgate_operator, tollgate_console;
grant insert (tenant, source, slug, provider, settings), update (settings, disabled_at) on tenants.source
    to tollgate_operator, tollgate_console;
grant insert (tenant, source, path) on tenants.alias to tollgate_operator, tollgate_console;
grant insert (tenant, source, code) on tenants.school_code to tollgate_operator, tollgate_console;
grant insert (tenant, source, secret, sealed, key_id, valid_from, valid_until),
      update (sealed, key_id, valid_until, retired_at) on tenants.secret to tollgate_operator, tollgate_console;
grant insert (name, role, tenants, token_sha256), update (retired_at) on tenants.operator
    to tollgate_operator, tollgate_console;
-- Neither when nor in which transaction.
grant insert (tenant, actor, verb, arguments, result, reason) on tenants.audit to tollgate_operator, tollgate_console;
grant execute on function tenants.operator_of(bytea), tenants.is_time_zone(text) to
    tollgate_operator, tollgate_console;
