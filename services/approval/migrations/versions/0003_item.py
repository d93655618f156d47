"""The versions of service items. A version is never changed: the next one supersedes it."""

from libs.common.db.migrations import script

revision = "0003"
down_revision = "0002"

ITEM_SQL = """
CREATE TABLE item_version (
    code varchar NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    first_day date NOT NULL,
    withdrawn boolean NOT NULL,
    name varchar NOT NULL,
    item_type varchar NOT NULL,
    body varchar NOT NULL,
    region varchar NOT NULL CHECK (region ~ '^[0-9]{12}$'),
    statutory_limit integer CHECK (statutory_limit > 0),
    statutory_unit varchar,
    promised_limit integer CHECK (promised_limit > 0),
    promised_unit varchar,
    limit_set_by_law boolean NOT NULL,
    immediate boolean NOT NULL,
    delivers_document boolean,
    flow varchar,
    details jsonb NOT NULL,
    PRIMARY KEY (code, version),
    CHECK ((statutory_limit IS NULL) = (statutory_unit IS NULL)),
    CHECK ((promised_limit IS NULL) = (promised_unit IS NULL))
);
CREATE INDEX item_version_of_body ON item_version (body, code);
CREATE INDEX item_version_of_type ON item_version (item_type, code);
COMMENT ON TABLE item_version IS 'append-only';
"""


def upgrade() -> None:
    """Create the table."""
    script(ITEM_SQL)
