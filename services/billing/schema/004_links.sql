-- release 1
-- Which invoice a payment pays, and what to make of an invoice and a payment that do not name each other.

alter table billing.payment_fact
    add column invoice text not null default '',         -- that it pays, or that tells of it
    add column provider_event text not null default '';  -- decides between two that are told for one moment

-- A payment that names no invoice and an invoice that names no payment may be the same money, told twice: where payer,
-- amount and time agree the invoice is not booked, until one of them turns out to belong to another.
alter table billing.payment
    add column lone text check (lone in ('invoice', 'payment')),
    add column taken_for uuid;                           -- the payment whose money it is taken to be
create index on billing.payment (tenant, provider, customer, paid_at) where lone is not null;

-- Held while a payer's are compared, so that two members that are told of one each do not miss the other's.
create table billing.payer (
    tenant uuid not null,
    provider text not null,
    is_test boolean not null,
    realm text not null,
    customer text not null,
    primary key (tenant, provider, is_test, realm, customer)
);
grant select, insert, update on billing.payer to tollgate_billing;
alter table billing.payer enable row level security, force row level security;
create policy by_tenant on billing.payer using (tenants.sees(tenant));
create policy all_tenants on billing.payer to tollgate_billing using (true) with check (true);

-- By which an operator asks for one, whatever the tenant.
create index on billing.payment (id);
create index on billing.payment_name (name);
