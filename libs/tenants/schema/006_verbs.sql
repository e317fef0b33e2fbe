-- release 1
-- Nouns of two words: "dead-letter replay".
alter table tenants.audit drop constraint audit_verb_check;
alter table tenants.audit add constraint audit_verb_check
    check (verb ~ '^[a-z]+(-[a-z]+)*( [a-z]+)+$') not valid;
