-- release 1
-- Commands of one word, "redo"; and what operators were refused is on record, beside what they did.
alter table tenants.audit drop constraint audit_verb_check;
alter table tenants.audit add constraint audit_verb_check
    check (verb ~ '^[a-z]+(-[a-z]+)*( [a-z]+(-[a-z]+)*)*$') not valid;
