-- release 1
-- What operators did to single events, found by the event: for its story.
create index audit_by_event on tenants.audit using gin ((result -> 'event_ids')) where result ? 'event_ids';
