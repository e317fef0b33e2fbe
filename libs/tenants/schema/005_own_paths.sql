-- release 1
-- Paths that ingress serves itself, so that an alias of theirs would lead nowhere. See tenants/names.cpp.
alter table tenants.alias add constraint path_is_not_our_own
    check (path !~ '^/(v1|webhooks/customer|webhooks/health|api/webhooks)(/|$)') not valid;
