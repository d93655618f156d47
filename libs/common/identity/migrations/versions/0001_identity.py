"""Sessions and spent states; the accounts of the built-in issuer, its codes and its attempts."""

from libs.common.db.migrations import script

revision = "0001"
down_revision = None

SQL = """
CREATE TABLE session (
    id bytea PRIMARY KEY CHECK (octet_length(id) = 32),
    issuer text NOT NULL,
    subject text NOT NULL,
    post text NOT NULL,
    office text NOT NULL,
    region text NOT NULL,
    roles text[] NOT NULL,
    id_token text NOT NULL,
    started_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX session_ends_at ON session (ends_at);
CREATE INDEX session_used_at ON session (used_at);
CREATE INDEX session_subject ON session (issuer, subject);

CREATE TABLE spent_state (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    ends_at timestamptz NOT NULL
);
CREATE INDEX spent_state_ends_at ON spent_state (ends_at);

CREATE TABLE account (
    id uuid PRIMARY KEY,
    login text NOT NULL UNIQUE,
    password text NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);
CREATE TABLE account_post (
    account uuid NOT NULL REFERENCES account,
    post text NOT NULL,
    office text NOT NULL,
    region text NOT NULL,
    roles text[] NOT NULL,
    PRIMARY KEY (account, post)
);
CREATE TABLE client (
    id text PRIMARY KEY,
    secret text NOT NULL,
    post text NOT NULL,
    office text NOT NULL,
    region text NOT NULL,
    roles text[] NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);
CREATE TABLE authorization_code (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    client text NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    nonce text NOT NULL,
    account uuid NOT NULL REFERENCES account,
    post text NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX authorization_code_ends_at ON authorization_code (ends_at);
CREATE TABLE attempt (
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    at timestamptz NOT NULL
);
CREATE INDEX attempt_key_at ON attempt (key, at);
CREATE INDEX attempt_at ON attempt (at);

CREATE TABLE account_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    what text NOT NULL,
    account uuid,
    post text,
    office text
);
"""


def upgrade() -> None:
    script(SQL)
