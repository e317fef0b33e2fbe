-- release 1
-- Where a provider numbers its objects by account or by site, the same id of two of them is two objects: the realm says
-- of which one it is. '' where ids are unique everywhere, else 'account/...' or 'source/...'.

alter table billing.payment add column realm text not null default '';
alter table billing.payment_name add column realm text not null default '';
alter table billing.subscription_fact add column realm text not null default '';
alter table billing.invoice_fact add column realm text not null default '';

-- What was booked before is of the tenant's only source of that provider. Where there are several, nobody knows any
-- more whose it was: it stays by itself.
do $$
declare
    each text;
begin
    perform set_config('tollgate.tenant', '*', true);
    foreach each in array array['payment', 'payment_name', 'subscription_fact', 'invoice_fact'] loop
        execute format($sql$
            update billing.%I b set realm = only_one.realm
                from (select s.tenant, s.provider, 'source/' || min(s.slug::text) as realm from tenants.source s
                          where s.provider not in ('stripe', 'shopify', 'chargify', 'razorpay', 'paddle', 'square',
                                                   'gocardless', 'mollie', 'paypal', 'adyen')
                          group by s.tenant, s.provider having count(*) = 1) only_one
                where b.tenant = only_one.tenant and b.provider = only_one.provider
        $sql$, each);
    end loop;
end
$$;

alter table billing.payment_name drop constraint payment_name_pkey,
    add primary key (tenant, provider, is_test, realm, name);
create index on billing.subscription_fact (tenant, provider, is_test, realm, subscription);
create index on billing.invoice_fact (tenant, provider, is_test, realm, invoice);
drop index billing.subscription_fact_tenant_provider_is_test_subscription_idx;
drop index billing.invoice_fact_tenant_provider_is_test_invoice_idx;
