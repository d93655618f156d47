"""Observations, findings, joins, intake, and the tables of the bus.

Additive from here on. Must never grant anything: the migration runner does.
"""

from libs.common.bus.tables import CONSUMER_SQL, PRODUCER_SQL
from libs.common.db.migrations import script

revision = "0001"
down_revision = None

SHARES = 8

# One row an event, in the order of its subject; never updated.
OBSERVATION_SQL = """
CREATE TABLE observation (
    subject text NOT NULL,
    topic text NOT NULL,
    sequence bigint NOT NULL,
    id text NOT NULL,
    type text NOT NULL,
    time timestamptz NOT NULL,
    recorded_time timestamptz NOT NULL,
    region text,
    department text,
    facts jsonb NOT NULL,
    PRIMARY KEY (subject, topic, sequence)
) PARTITION BY HASH (subject);
""" + "".join(
    f"CREATE TABLE observation_{share} PARTITION OF observation "
    f"FOR VALUES WITH (MODULUS {SHARES}, REMAINDER {share});\n"
    for share in range(SHARES)
)

# Which law the subjects were last folded by; `upto` is set while a change is being taken up.
LAW_SQL = """
CREATE TABLE law (
    id integer PRIMARY KEY CHECK (id = 1),
    version text NOT NULL,
    upto text
);
"""

FINDING_SQL = """
CREATE TABLE finding (
    id uuid PRIMARY KEY,
    rule text NOT NULL,
    rule_version text NOT NULL,
    subject text NOT NULL,
    occurrence integer NOT NULL,
    stage text NOT NULL,
    severity text NOT NULL,
    status text NOT NULL,
    occurred_at timestamptz NOT NULL,
    detected_at timestamptz NOT NULL,
    evidence jsonb NOT NULL,
    region text,
    department text,
    version integer NOT NULL,
    rescinded_at timestamptz,
    reason text,
    traceparent text,
    UNIQUE (rule, subject, occurrence)
);
CREATE INDEX finding_subject ON finding (subject);
CREATE INDEX finding_standing ON finding (detected_at DESC, id) WHERE status <> 'rescinded';
CREATE TABLE finding_history (
    finding uuid NOT NULL,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    change text NOT NULL,
    stage text NOT NULL,
    severity text NOT NULL,
    occurred_at timestamptz NOT NULL,
    evidence jsonb NOT NULL,
    reason text,
    PRIMARY KEY (finding, version)
);
CREATE INDEX finding_history_at ON finding_history (at, finding);
COMMENT ON TABLE finding_history IS 'append-only';
"""

# `match` is the row that both sides write; a claim has a row for each of its keys.
MATCH_SQL = """
CREATE TABLE match (
    rule text NOT NULL,
    key text NOT NULL,
    ground text,
    check_at timestamptz,
    PRIMARY KEY (rule, key)
);
CREATE INDEX match_pending ON match (check_at) WHERE check_at IS NOT NULL;
CREATE TABLE match_claim (
    rule text NOT NULL,
    claim text NOT NULL,
    occurrence bigint NOT NULL,
    key text NOT NULL,
    claimed_at timestamptz NOT NULL,
    region text,
    department text,
    standing boolean NOT NULL DEFAULT false,
    PRIMARY KEY (rule, claim, occurrence, key)
);
CREATE INDEX match_claim_key ON match_claim (rule, key);
"""

INTAKE_SQL = """
CREATE TABLE received (
    source text NOT NULL,
    id text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    raw bytea NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (source, id)
);
CREATE TABLE foreign_subject (
    subject text PRIMARY KEY,
    version bigint NOT NULL
);
CREATE TABLE source (
    source text PRIMARY KEY,
    accepted bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    conflicts bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    last_at timestamptz
);
CREATE TABLE rejected (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    at timestamptz NOT NULL,
    event_id text,
    code text NOT NULL,
    pointer text NOT NULL,
    message jsonb NOT NULL,
    excerpt text NOT NULL
);
CREATE INDEX rejected_source ON rejected (source, id DESC);
"""


def upgrade() -> None:
    script(PRODUCER_SQL + CONSUMER_SQL)
    script(OBSERVATION_SQL + LAW_SQL + FINDING_SQL + MATCH_SQL + INTAKE_SQL)
