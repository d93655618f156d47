"""What an imported tender may leave unknown, and the system that keeps it.

Additive. Must never grant anything: the migration runner does.
"""

from libs.common.db.migrations import script

revision = "0003"
down_revision = "0002"

IMPORT_SQL = """
ALTER TABLE tender ADD COLUMN origin varchar;
ALTER TABLE tender ALTER COLUMN kind DROP NOT NULL;
ALTER TABLE tender ALTER COLUMN mandatory DROP NOT NULL;
ALTER TABLE tender ALTER COLUMN documents_from DROP NOT NULL;
ALTER TABLE tender ALTER COLUMN bid_deadline DROP NOT NULL;
ALTER TABLE tender ADD CONSTRAINT tender_known CHECK (origin IS NOT NULL OR (
    kind IS NOT NULL AND mandatory IS NOT NULL AND documents_from IS NOT NULL
    AND bid_deadline IS NOT NULL)) NOT VALID;
ALTER TABLE tender VALIDATE CONSTRAINT tender_known;
CREATE INDEX tender_of_number ON tender (tender_no);
"""


def upgrade() -> None:
    """Add the column, and hold a tender of our own to what it needs."""
    script(IMPORT_SQL)
