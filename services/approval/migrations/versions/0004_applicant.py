"""Applicants, query codes, the item's version on a case, and what is searched for.

Cases that are there already get a query code each, and the number of their licence. Must never
put a person's name or number into the table of cases.
"""

from libs.common.db.migrations import script

revision = "0004"
down_revision = "0003"

# A code's character is five random bits; of a random UUID bytes 0 to 5, 9 and 10 are wholly so.
APPLICANT_SQL = """
ALTER TABLE "case"
    ADD COLUMN item_version integer CHECK (item_version > 0),
    ADD COLUMN licence_no varchar,
    ADD COLUMN query_code varchar;
UPDATE "case" SET licence_no = (
    SELECT step -> 2 ->> 'licence_no' FROM jsonb_array_elements(history) AS step
     WHERE step ->> 0 = 'cn.sunlight.approval.case.decided.v1' LIMIT 1);
CREATE FUNCTION pg_temp.random_code(source bytea) RETURNS varchar LANGUAGE sql AS $$
    SELECT string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', get_byte(source, at) % 32 + 1, 1),
                      '' ORDER BY at)
      FROM unnest(ARRAY[0, 1, 2, 3, 4, 5, 9, 10]) AS places(at)
$$;
UPDATE "case" SET query_code = pg_temp.random_code(uuid_send(gen_random_uuid()));
ALTER TABLE "case" ALTER COLUMN query_code SET NOT NULL;
CREATE INDEX case_queue ON "case" (office, state, last_event_at, case_no) INCLUDE (due_at, region);
CREATE INDEX case_item ON "case" (item_code varchar_pattern_ops, case_no);
CREATE INDEX case_number_begin ON "case" (case_no varchar_pattern_ops);
CREATE INDEX case_number_end ON "case" (reverse(case_no) text_pattern_ops);
CREATE INDEX case_licence ON "case" (licence_no) WHERE licence_no IS NOT NULL;
DROP INDEX case_due;
CREATE INDEX case_due ON "case" (office, due_at, case_no) WHERE due_at IS NOT NULL;
CREATE TABLE applicant (
    case_no varchar PRIMARY KEY REFERENCES "case",
    kind varchar NOT NULL CHECK (kind IN ('person', 'organisation')),
    name varchar NOT NULL,
    number_masked varchar,
    number_mark varchar,
    phone varchar,
    CHECK ((number_masked IS NULL) = (number_mark IS NULL))
);
CREATE INDEX applicant_name ON applicant (name varchar_pattern_ops, case_no);
CREATE INDEX applicant_number ON applicant (number_mark) WHERE number_mark IS NOT NULL;
CREATE TABLE progress_try (
    case_no varchar PRIMARY KEY,
    wrong timestamptz[] NOT NULL,
    last_at timestamptz NOT NULL,
    closed_until timestamptz
);
CREATE INDEX progress_try_last ON progress_try (last_at);
ALTER TABLE body ADD COLUMN telephone varchar, ADD COLUMN address varchar;
"""


def upgrade() -> None:
    """Create what is new, and fill it in for the cases that are there."""
    script(APPLICANT_SQL)
