-- release 1
-- Customers are found by 006's index, and the lone payments of one by 004's.
drop index billing.payment_tenant_provider_customer_idx;
