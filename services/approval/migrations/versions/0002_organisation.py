"""The organisation: bodies, windows, posts, and who stands at a post when."""

from libs.common.db.migrations import script

revision = "0002"
down_revision = "0001"

ORGANISATION_SQL = """
CREATE TABLE body (
    code varchar PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    name varchar NOT NULL,
    region varchar NOT NULL CHECK (region ~ '^[0-9]{12}$'),
    level varchar NOT NULL CHECK (level IN ('province', 'city', 'county', 'township')),
    superior varchar REFERENCES body CHECK (superior <> code),
    office_hours jsonb NOT NULL,
    first_day date NOT NULL,
    last_day date CHECK (last_day >= first_day)
);
CREATE INDEX body_of_region ON body (region, code);
CREATE TABLE "window" (
    code varchar PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    name varchar NOT NULL,
    hall varchar NOT NULL,
    body varchar NOT NULL REFERENCES body,
    first_day date NOT NULL,
    last_day date CHECK (last_day >= first_day)
);
CREATE INDEX window_of_body ON "window" (body, code);
CREATE TABLE post (
    code varchar PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    name varchar NOT NULL,
    body varchar NOT NULL REFERENCES body,
    duties text[] NOT NULL,
    "window" varchar REFERENCES "window",
    superior varchar REFERENCES post CHECK (superior <> code),
    first_day date NOT NULL,
    last_day date CHECK (last_day >= first_day)
);
CREATE INDEX post_of_body ON post (body, code);
CREATE TABLE tenure (
    post varchar NOT NULL REFERENCES post,
    role varchar NOT NULL CHECK (role IN ('holder', 'substitute')),
    first_day date NOT NULL,
    last_day date CHECK (last_day >= first_day),
    staff_no varchar NOT NULL,
    name varchar NOT NULL,
    certificate_no varchar,
    certificate_until date,
    PRIMARY KEY (post, role, first_day)
);
CREATE UNIQUE INDEX tenure_open ON tenure (post, role) WHERE last_day IS NULL;
CREATE INDEX tenure_of_person ON tenure (staff_no);
"""


def upgrade() -> None:
    """Create the tables."""
    script(ORGANISATION_SQL)
