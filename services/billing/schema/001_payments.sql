-- release 1
-- What is known of payments, and the ledger. What is kept is a set of facts, a row for each event that tells one; a
-- payment's row is reckoned from all of its facts whenever one comes, so no order of arrival shows. Amounts are in the
-- currency's smallest unit.

create table billing.payment (
    tenant uuid not null,
    id uuid not null,                   -- the event that was the first to tell of it
    provider text not null,
    is_test boolean not null,
    is_payout boolean not null default false,
    status text not null default 'pending'
        check (status in ('pending', 'authorised', 'succeeded', 'failed', 'cancelled', 'partly_refunded', 'refunded',
                          'disputed', 'won', 'lost')),
    amount_minor bigint,
    currency text,
    captured_minor bigint not null default 0,
    fee_minor bigint not null default 0,
    refunded_minor bigint not null default 0,
    disputed_minor bigint not null default 0,
    lost_minor bigint not null default 0,
    paid_out_minor bigint not null default 0,
    paid_at timestamptz,
    refunded_at timestamptz,
    customer text,
    subscription text,
    failure_code text,
    failure_reason text,
    receipt_url text,
    oddity text,                        -- what does not add up
    updated_at timestamptz not null default now(),
    primary key (tenant, id)
);
create index on billing.payment (tenant, provider, customer) where customer is not null;

-- "payment/pi_1", "charge/ch_1", "invoice/in_1": events that have one in common are of one payment.
create table billing.payment_name (
    tenant uuid not null,
    provider text not null,
    is_test boolean not null,
    name text not null,
    payment uuid not null,
    primary key (tenant, provider, is_test, name)
);
create index on billing.payment_name (tenant, payment);

create table billing.payment_fact (
    tenant uuid not null,
    event_id uuid not null,             -- who tells it
    payment uuid not null,
    kind text not null,
    object text not null,               -- the refund, dispute or payout that it is about
    payment_id text not null,           -- what has one of these two in common is the same money
    charge_id text not null,
    at timestamptz not null,            -- the provider's time, else the receipt
    version bigint not null,            -- the provider's, for two states at one time
    amount_minor bigint,
    currency text,
    fee_minor bigint,
    refunded_minor bigint,              -- of the payment in all, as of then
    customer text not null,
    subscription text not null,
    failure_code text not null,
    failure_reason text not null,
    receipt_url text not null,
    primary key (tenant, event_id),
    check ((amount_minor is null) = (currency is null))
);
create index on billing.payment_fact (tenant, payment);

-- The ledger. An entry moves an amount from one account to another, so whatever is written, the accounts of a currency
-- add up to nothing. What a booking of a payment stands at is the sum of its entries less those that take back; a
-- payment that turns out otherwise gets a further entry for the difference.
create table billing.entry (
    tenant uuid not null,
    payment uuid not null,
    booking text not null,              -- 'capture', 'fee', 'refund', 'dispute', 'dispute_loss', 'payout'
    currency text not null,
    revision integer not null,          -- from 1: no effect is booked twice
    takes_back boolean not null,
    debit text not null,
    credit text not null check (credit <> debit),
    amount_minor bigint not null check (amount_minor > 0),
    provider text not null,
    is_test boolean not null,
    event_id uuid not null,             -- whose coming changed it
    booked_at timestamptz not null default now(),
    primary key (tenant, payment, booking, currency, revision)
);

create function billing.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'the ledger is only added to' using errcode = 'object_not_in_prerequisite_state';
end
$$;
create trigger only_added_to before update or delete or truncate on billing.entry
    for each statement execute function billing.refuse_change();

create view billing.balance with (security_invoker = true) as
    select e.tenant, e.is_test, e.currency, side.account, sum(side.minor)::bigint as balance_minor
        from billing.entry e
            cross join lateral (values (e.debit, e.amount_minor), (e.credit, -e.amount_minor)) side(account, minor)
        group by e.tenant, e.is_test, e.currency, side.account;

-- What each booking of a payment stands at.
create view billing.booked with (security_invoker = true) as
    select e.tenant, e.payment, e.booking, e.currency, max(e.revision) as revision,
            sum(case when e.takes_back then -e.amount_minor else e.amount_minor end)::bigint as minor
        from billing.entry e group by e.tenant, e.payment, e.booking, e.currency;

-- Where ledger and payments say different things: nowhere, unless somebody else has written to either.
create view billing.disagreement with (security_invoker = true) as
    with wanted as (
        select p.tenant, p.id as payment, w.booking, p.currency, w.minor
            from billing.payment p
                cross join lateral (values ('capture', p.captured_minor), ('fee', p.fee_minor),
                                           ('refund', p.refunded_minor), ('dispute', p.disputed_minor),
                                           ('dispute_loss', p.lost_minor), ('payout', p.paid_out_minor))
                                       w(booking, minor)
            where w.minor <> 0
    )
    select tenant, payment, booking, currency, coalesce(w.minor, 0) as payment_says, coalesce(b.minor, 0) as ledger_says
        from wanted w full join (select * from billing.booked where minor <> 0) b
            using (tenant, payment, booking, currency)
        where w.minor is distinct from b.minor;

revoke execute on all functions in schema billing from public;
grant usage on schema billing to tollgate_billing, tollgate_operator, tollgate_console;
grant select, insert, update, delete on billing.payment, billing.payment_name, billing.payment_fact to tollgate_billing;
grant select, insert on billing.entry to tollgate_billing;
grant select on billing.booked, billing.balance to tollgate_billing;
grant select on billing.payment, billing.payment_name, billing.payment_fact, billing.entry, billing.balance,
    billing.booked, billing.disagreement to tollgate_operator, tollgate_console;

do $$
declare
    of_tenants constant text[] := array['payment', 'payment_name', 'payment_fact', 'entry'];
    each text;
begin
    foreach each in array of_tenants loop
        execute format('alter table billing.%I enable row level security, force row level security', each);
        execute format('create policy by_tenant on billing.%I using (tenants.sees(tenant))', each);
        execute format('create policy all_tenants on billing.%I to tollgate_billing using (true) with check (true)',
                       each);
    end loop;
end
$$;
