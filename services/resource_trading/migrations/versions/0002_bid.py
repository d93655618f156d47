"""Opened bids.

Additive. Must never grant anything: the migration runner does.
"""

from libs.common.db.migrations import script

revision = "0002"
down_revision = "0001"

BID_SQL = """
CREATE TABLE bid (
    ref varchar NOT NULL REFERENCES tender (ref),
    bid_no varchar NOT NULL,
    state varchar NOT NULL CHECK (state IN ('recorded', 'withdrawn')),
    version integer NOT NULL CHECK (version > 0),
    bidder varchar NOT NULL,
    members jsonb,
    amount bigint,
    bond_form varchar,
    marks jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    result varchar,
    ground varchar,
    rank_no integer,
    score integer,
    PRIMARY KEY (ref, bid_no)
);
"""


def upgrade() -> None:
    """Create the table."""
    script(BID_SQL)
