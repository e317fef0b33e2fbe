-- release 1
-- Events as they were received, by day. The id is a UUIDv7, whose order is the order of time, so a day is a range of
-- ids, and a day that is over can be dropped whole.
--
-- Bodies are mostly JSON: lz4 halves what a commit has to write, at a tenth of the time that pglz takes.

create table archive.event (
    id uuid primary key,                -- its time is when the event was received
    tenant uuid not null,
    source text not null,               -- its slug
    provider text not null,
    type text not null,                 -- the provider's own name of it
    provider_event_id text,
    provider_time timestamptz,
    subject text,
    ordering_key text,                  -- events with the same one keep their order on the bus
    content_type text,
    traceparent text,
    headers bytea compression lz4,      -- of the request as received, name: value by line
    body bytea compression lz4,         -- the request's bytes
    -- Null for a request of one event. Of several the first has the headers and the bytes, and each, the first too,
    -- says which of the first's bytes are its own.
    body_of uuid,
    body_offset integer,
    body_length integer,
    constraint slice_is_whole check (num_nulls(body_of, body_offset, body_length) in (0, 3)),
    constraint slice_is_not_negative check (body_offset >= 0 and body_length >= 0),
    constraint slice_is_in_body check (body_offset <= octet_length(body) - body_length),
    constraint body_is_with_first check ((body is not null) = (coalesce(body_of, id) = id)),
    constraint headers_are_with_body check ((headers is null) = (body is null))
) partition by range (id);
