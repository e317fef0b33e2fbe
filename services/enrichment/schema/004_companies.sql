-- release 1
-- What is known of companies by their domain: what anybody may look up, so it is of no tenant, and no operator sees it.
-- Kept as long as the terms of who tells it allow, and then purged (Brandfetch: 30 days).

create table enrichment.company (
    domain text primary key,
    found boolean not null,             -- false: there is none, or nobody said in time
    until timestamptz not null,         -- when it is asked for again, and this is purged
    name text,
    description text,
    logo_url text,
    industry text,
    size text,
    location text,
    colours text[] not null default '{}',
    looked_up_at timestamptz not null default clock_timestamp()
);
create index on enrichment.company (until);

grant select, insert, update, delete on enrichment.company to tollgate_enrichment;
