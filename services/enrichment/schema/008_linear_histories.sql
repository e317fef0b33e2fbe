-- release 1
-- The facts of a customer are read once and reckoned by the program, in one pass however many events of a batch ask: by
-- joins that took the square of a customer's payments. What a payment is called in all is kept with each fact, so that
-- an invoice and its payment count as one.

alter table enrichment.fact
    -- Beside its provider's, where the provider numbers its objects by account or source: whose numbers they are.
    add column realm text not null default '',
    -- "payment/pi_1", "invoice/in_1", between characters of number 31.
    add column names text not null default '';
alter table enrichment.fact drop constraint fact_kind_check;
alter table enrichment.fact add constraint fact_kind_check
    check (kind in ('payment', 'failure', 'refund', 'failed_refund', 'dispute', 'order', 'link'));
create index on enrichment.fact (tenant, provider, realm, customer, is_test, at) where customer is not null;
drop index enrichment.fact_tenant_provider_customer_idx;

-- As they are known to their provider: by the newest event that told it.
alter table enrichment.customer
    add column realm text not null default '',
    add column name text,
    add column email text,
    add column person_at timestamptz;
alter table enrichment.customer drop constraint customer_pkey;
alter table enrichment.customer add primary key (tenant, provider, customer, is_test, realm);

alter table enrichment.reference add column realm text not null default '';
alter table enrichment.reference drop constraint reference_pkey;
alter table enrichment.reference add primary key (tenant, provider, customer, realm);

drop function enrichment.histories(uuid[], text[], text[], text[], boolean[], timestamptz[], text[], text[], text[]);
drop function enrichment.profile(uuid, text, text, boolean, timestamptz, text, text);
drop function enrichment.value(uuid, text, text, boolean, timestamptz, text, text);
drop function enrichment.reckon_bounds(uuid, integer);
drop function enrichment.facts_of(uuid, text, text, boolean);

-- So that directories' tokens are sealed anew with the other secrets.
grant select (sealed_token) on enrichment.directory to tollgate_operator;
