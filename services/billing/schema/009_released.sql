-- release 1
-- What was reserved of a payment and let go again, where its provider makes a refund of that: a refund of exactly this
-- amount is no money that went back.
alter table billing.payment_fact add column released_minor bigint;
