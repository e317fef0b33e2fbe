-- release 1
-- A customer under a name that leads to nobody: sums and percentiles stay as they are.
create function enrichment.erase_customer(of_tenant uuid, of_provider text, of_customer text, pseudonym text)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    renamed bigint;
    facts bigint;
begin
    if not coalesce(tenants.sees(of_tenant), false) then
        raise exception 'tenant % is not one that this operator sees', of_tenant using errcode = '42501';
    end if;
    update enrichment.customer c set customer = pseudonym
        where c.tenant = of_tenant and c.provider = of_provider and c.customer = of_customer;
    get diagnostics renamed = row_count;
    update enrichment.fact f set customer = pseudonym
        where f.tenant = of_tenant and f.provider = of_provider and f.customer = of_customer;
    get diagnostics facts = row_count;
    delete from enrichment.reference r
        where r.tenant = of_tenant and r.provider = of_provider and r.customer = of_customer;
    return renamed + facts;
end
$$;
revoke execute on function enrichment.erase_customer(uuid, text, text, text) from public;
grant execute on function enrichment.erase_customer(uuid, text, text, text) to tollgate_operator, tollgate_console;
