-- release 1
-- What operators did. Nobody changes or deletes a row of it, the owner of the tables neither; and what operators change
-- cannot be changed without one.

create table tenants.audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    xid xid8 not null default pg_current_xact_id(),
    tenant uuid references tenants.tenant,  -- null: the platform's
    actor text not null check (length(actor) between 1 and 200),
    verb text not null check (verb ~ '^[a-z]+( [a-z]+)+$'),
    arguments jsonb not null default '{}',
    result jsonb not null default '{}',
    reason text check (length(reason) between 1 and 2000)
);
create index on tenants.audit (tenant, id);
create index on tenants.audit (xid);

create function tenants.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception '% of tenants.%: %', lower(tg_op), tg_table_name, tg_argv[0] using errcode = '42501';
end
$$;

create trigger append_only before update or delete or truncate on tenants.audit
    for each statement execute function tenants.refuse_change('what was done stays on record');

do $$
declare
    of_table text;
begin
    foreach of_table in array array['tenant', 'source', 'alias', 'school_code', 'secret', 'operator'] loop
        execute format($sql$
            create trigger kept before delete or truncate on tenants.%I
                for each statement execute function tenants.refuse_change('nothing is deleted: disable or retire it')
        $sql$, of_table);
    end loop;
end
$$;

-- What a name stands for does not change.
create trigger named before update of tenant, slug, created_at on tenants.tenant
    for each statement execute function tenants.refuse_change('a slug is for ever');
create trigger named before update of tenant, source, slug, provider, created_at on tenants.source
    for each statement execute function tenants.refuse_change('a slug is for ever, and so is its provider');
create trigger named before update of tenant, source, path on tenants.alias
    for each statement execute function tenants.refuse_change('it leads to one source for ever');
create trigger named before update of tenant, source, code on tenants.school_code
    for each statement execute function tenants.refuse_change('it leads to one source for ever');
create trigger named before update of tenant, source, secret, valid_from, created_at on tenants.secret
    for each statement execute function tenants.refuse_change('add another one');
create trigger named before update of name, role, tenants, token_sha256, created_at on tenants.operator
    for each statement execute function tenants.refuse_change('retire it, and add another one');

-- At the commit: the same transaction has said what it did, to this tenant or to the platform. Here and wherever else a
-- function has to see all tenants (004), it puts back what the caller sees before it returns; after an error the
-- transaction is over. As a clause of the function only a superuser could set it.
create function tenants.require_audit() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    seen text := current_setting('tollgate.tenant', true);
    changed uuid := (to_jsonb(new) ->> 'tenant')::uuid;
begin
    perform set_config('tollgate.tenant', '*', true);
    perform from tenants.audit a
        where a.xid = pg_current_xact_id() and (a.tenant is null or changed is null or a.tenant = changed) limit 1;
    if not found then
        raise exception 'tenants.% is changed only together with a row of tenants.audit that says so', tg_table_name
            using errcode = '42501';
    end if;
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
    return null;
end
$$;

create constraint trigger audited after insert or update on tenants.tenant
    deferrable initially deferred for each row execute function tenants.require_audit();
create constraint trigger audited after insert or update on tenants.source
    deferrable initially deferred for each row execute function tenants.require_audit();
create constraint trigger audited after insert or update on tenants.alias
    deferrable initially deferred for each row execute function tenants.require_audit();
create constraint trigger audited after insert or update on tenants.school_code
    deferrable initially deferred for each row execute function tenants.require_audit();
create constraint trigger audited after insert or update on tenants.operator
    deferrable initially deferred for each row execute function tenants.require_audit();
-- All but when it was last used.
create constraint trigger audited after insert or update of sealed, key_id, valid_until, retired_at on tenants.secret
    deferrable initially deferred for each row execute function tenants.require_audit();
