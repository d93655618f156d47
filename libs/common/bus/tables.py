"""The tables that the bus keeps in each service's schema, as DDL for a first migration.

`outbox` is a queue of what is still to be sent, never a log to be read. `consumer_position` and
`subject` make effects exactly once; `parked` holds what could not be handled.
"""

from typing import Final

PRODUCER_SQL: Final = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    subject text NOT NULL,
    value bytea NOT NULL,
    release_at timestamptz,
    published_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
"""

CONSUMER_SQL: Final = """
CREATE TABLE consumer_position (
    topic text NOT NULL,
    partition smallint NOT NULL,
    next bigint NOT NULL,
    horizon timestamptz,
    PRIMARY KEY (topic, partition)
);
CREATE TABLE subject (
    subject text PRIMARY KEY,
    partition smallint NOT NULL,
    sequences jsonb NOT NULL,
    blocked smallint NOT NULL DEFAULT 0,
    state bytea,
    next_check_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX subject_next_check ON subject (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE TABLE parked (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    partition smallint NOT NULL,
    "offset" bigint NOT NULL,
    subject text NOT NULL,
    sequence bigint,
    reason text NOT NULL CHECK (reason IN ('poison', 'conflict', 'behind', 'gap')),
    error text NOT NULL,
    raw bytea NOT NULL,
    parked_at timestamptz NOT NULL,
    dropped_at timestamptz,
    drop_reason text
);
CREATE INDEX parked_subject ON parked (subject, topic, sequence) WHERE dropped_at IS NULL;
CREATE INDEX parked_since ON parked (parked_at) WHERE dropped_at IS NULL;
"""

LOG_SQL: Final = """
CREATE TABLE head (
    topic text NOT NULL,
    partition smallint NOT NULL,
    next bigint NOT NULL DEFAULT 0,
    first bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
);
CREATE TABLE log (
    topic text NOT NULL,
    partition smallint NOT NULL,
    "offset" bigint NOT NULL,
    key text,
    value bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset")
);
CREATE TABLE progress (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition smallint NOT NULL,
    next bigint NOT NULL,
    PRIMARY KEY (consumer, topic, partition)
);
"""
