-- release 1
-- A refund may be told of by two events that have no id in common: by the refund itself, and by its payment, which says
-- how much is given back and not by which refund. A name that both can give has an occurrence for each refund: 1, told
-- by the refund; 2, by the payment; 3, by both. Two refunds of one payment and one amount stay two.
alter table delivery.fact_name add column told_by integer not null default 0;
