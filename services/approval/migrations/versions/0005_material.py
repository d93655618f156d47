"""Materials of cases: which file was handed in as which material, and which was withdrawn."""

from libs.common.db.migrations import script

revision = "0005"
down_revision = "0004"

MATERIAL_SQL = """
CREATE TABLE material (
    case_no varchar NOT NULL REFERENCES "case",
    number integer NOT NULL CHECK (number > 0),
    wanted varchar NOT NULL,
    name varchar NOT NULL,
    digest varchar NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    size bigint NOT NULL CHECK (size > 0),
    media_type varchar NOT NULL,
    handed_at timestamptz NOT NULL,
    handed_by varchar NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by varchar,
    withdrawn_reason varchar,
    PRIMARY KEY (case_no, number),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL))
);
CREATE INDEX material_of_content ON material (digest);
"""


def upgrade() -> None:
    """Create the table."""
    script(MATERIAL_SQL)
