-- release 1
-- What the example consumer has counted, and the role that it runs as.
select consumer.equip_role('example');
create table example.count (
    tenant uuid primary key,
    events bigint not null
);
grant usage on schema example to tollgate_example;
grant select, insert, update on example.count to tollgate_example;
