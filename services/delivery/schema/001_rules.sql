-- release 1
-- Which events a tenant is told of, and where. Of the rules for one destination the first that fits an event decides.
create table delivery.rule (
    tenant uuid not null,
    rule uuid not null,
    destination uuid not null,
    place integer not null check (place > 0),
    name tenants.title not null,
    -- What fits; null is anything.
    categories text[] check (cardinality(categories) > 0 and array_position(categories, null) is null),
    types text[] check (cardinality(types) > 0 and array_position(types, null) is null),
    minimum_minor bigint check (minimum_minor >= 0),
    currency text check (currency ~ '^[A-Z]{3}$'),
    plan text,
    priority integer check (priority between 1 and 4),     -- so urgent at least; 1 is the most
    mode text check (mode in ('live', 'test')),
    -- What is done then.
    way text not null check (way in ('message', 'digest', 'nothing')),
    mention text check (mention ~ '^S[A-Z0-9]{1,29}$'),     -- a user group of Slack
    quiet text not null default 'hold' check (quiet in ('hold', 'pass')),
    created_at timestamptz not null default now(),
    primary key (tenant, rule),
    foreign key (tenant, destination) references tenants.destination,
    constraint amount_has_currency check ((minimum_minor is null) = (currency is null))
);
create index on delivery.rule (tenant, destination, place);

create constraint trigger audited after insert or update or delete on delivery.rule
    deferrable initially deferred for each row execute function tenants.require_audit();

-- What most people want to hear of, for who has set up nothing yet: what is to be acted upon, what is rare, what is
-- large; the rest of it once a day.
create function delivery.make_first_rules() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    seen text := current_setting('tollgate.tenant', true);
begin
    perform set_config('tollgate.tenant', '*', true);
    -- Two first destinations at a time: the second waits, and then is none.
    perform from tenants.tenant t where t.tenant = new.tenant for update;
    if not exists (select from delivery.rule r where r.tenant = new.tenant)
            and not exists (select from tenants.destination d
                            where d.tenant = new.tenant and d.destination <> new.destination) then
        insert into delivery.rule (tenant, rule, destination, place, name, categories, types, minimum_minor, currency,
                                   way, quiet)
            select new.tenant, gen_random_uuid(), new.destination, 10 * r.place, r.name, r.categories, r.types,
                    r.minimum_minor, r.currency, r.way, r.quiet
                from (values
                    (1, 'disputes', null::text[], array['dispute_opened', 'dispute_updated', 'dispute_won',
                        'dispute_lost'], null::bigint, null, 'message', 'pass'),
                    (2, 'failed payments', null, array['payment_failed', 'payment_failed_last',
                        'payment_action_required', 'payment_recovered', 'invoice_uncollectible', 'payout_failed',
                        'refund_failed', 'card_expiring'], null, null, 'message', 'hold'),
                    (3, 'refunds', null, array['refund'], null, null, 'message', 'hold'),
                    (4, 'subscriptions', null, array['subscription_created', 'subscription_activated',
                        'subscription_upgraded', 'subscription_downgraded', 'subscription_past_due',
                        'subscription_paused', 'subscription_resumed', 'subscription_cancel_scheduled',
                        'subscription_ended', 'subscription_reactivated'], null, null, 'message', 'hold'),
                    (5, 'trials', null, array['trial_started', 'trial_ending'], null, null, 'message', 'hold'),
                    (6, 'first payments', null, array['payment_first'], null, null, 'message', 'hold'),
                    (7, 'large payments in USD', null, array['payment'], 100000, 'USD', 'message', 'hold'),
                    (8, 'large payments in EUR', null, array['payment'], 100000, 'EUR', 'message', 'hold'),
                    (9, 'large payments in GBP', null, array['payment'], 100000, 'GBP', 'message', 'hold'),
                    (10, 'payments and customers', array['money_in', 'customer'], null, null, null, 'digest', 'hold'),
                    (11, 'payouts and renewals', null, array['payout', 'subscription_renewed',
                        'subscription_updated'], null, null, 'digest', 'hold')
                ) r(place, name, categories, types, minimum_minor, currency, way, quiet);
    end if;
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
    return null;
end
$$;
create trigger first_rules after insert on tenants.destination
    for each row execute function delivery.make_first_rules();

revoke execute on all functions in schema delivery from public;
grant usage on schema delivery to tollgate_delivery, tollgate_operator, tollgate_console;
grant select on delivery.rule to tollgate_delivery, tollgate_operator, tollgate_console;
grant insert, delete on delivery.rule to tollgate_operator, tollgate_console;

alter table delivery.rule enable row level security, force row level security;
create policy by_tenant on delivery.rule using (tenants.sees(tenant));
create policy all_tenants on delivery.rule for select to tollgate_delivery using (true);
