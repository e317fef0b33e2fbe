-- release 1
-- What an event means can depend on its source's settings (the currency of a Chargify site).
grant usage on schema tenants to tollgate_enrichment;
grant select (tenant, slug, settings) on tenants.source to tollgate_enrichment;
create policy enrichment_reads on tenants.source for select to tollgate_enrichment using (true);
