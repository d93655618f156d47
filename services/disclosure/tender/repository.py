"""At which stage each tender stands, from its public records alone.

Must never read a record that was withdrawn.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

STAGES: Final = ("open", "publicity", "awarded")
LOOKED_BACK: Final = timedelta(days=400)
"""A tender whose last public step is older stands at no stage."""

# A lot in publicity comes before another that is awarded: there something can still be objected to.
_STAGED: Final = text("""
WITH tender AS (
    SELECT about, max(facts->>'tender_no') AS tender_no,
           (array_agg(id ORDER BY sequence DESC))[1] AS record_id,
           (array_agg(office ORDER BY sequence DESC))[1] AS office,
           (array_agg(CAST(facts->>'bid_deadline' AS timestamptz) ORDER BY sequence DESC)
              FILTER (WHERE facts->>'bid_deadline' IS NOT NULL))[1] AS bid_deadline,
           min(CAST(facts->>'publicity_from' AS timestamptz)) AS publicity_from,
           max(CAST(facts->>'publicity_until' AS timestamptz)) AS publicity_until,
           max(happened_at) FILTER (WHERE kind = 'award') AS awarded_at,
           bool_or(facts->>'notice' IS NOT DISTINCT FROM 'terminated') AS terminated
    FROM record
    WHERE kind IN ('tender_notice', 'candidates', 'award') AND published_at >= :since
      AND withdrawn_at IS NULL
    GROUP BY about
), staged AS (
    SELECT *, CASE
        WHEN terminated THEN NULL
        WHEN :now BETWEEN publicity_from AND publicity_until THEN 'publicity'
        WHEN awarded_at >= :month THEN 'awarded'
        WHEN awarded_at IS NULL AND bid_deadline > :now THEN 'open'
    END AS stage
    FROM tender
), placed AS (
    SELECT stage, tender_no, record_id, office,
           CASE stage WHEN 'open' THEN bid_deadline WHEN 'publicity' THEN publicity_until
                      ELSE awarded_at END AS at,
           count(*) OVER (PARTITION BY stage) AS total,
           row_number() OVER (PARTITION BY stage ORDER BY
               CASE stage WHEN 'open' THEN bid_deadline WHEN 'publicity' THEN publicity_until END,
               awarded_at DESC, about) AS place
    FROM staged WHERE stage IS NOT NULL
)
SELECT stage, tender_no, record_id, office, at, total FROM placed
WHERE place <= :shown ORDER BY stage, place
""")


@dataclass(frozen=True, slots=True)
class Tender:
    """A tender at a stage; `at`: bids until, publicity until, or awarded.

    `record_id` is its newest record; `total` counts all tenders at that stage.
    """

    stage: str
    tender_no: str | None
    record_id: UUID
    office: str
    at: datetime
    total: int


async def staged(
    session: AsyncSession, *, now: datetime, month: datetime, shown: int
) -> dict[str, list[Tender]]:
    """Stage → up to `shown` tenders, those that end soonest first; awards since `month`."""
    values = {"now": now, "month": month, "since": now - LOOKED_BACK, "shown": shown}
    found: dict[str, list[Tender]] = {stage: [] for stage in STAGES}
    for row in (await session.execute(_STAGED, values)).mappings():
        tender = Tender(**row)
        found[tender.stage].append(tender)
    return found
