"""`POST /imports`: the organisation and the catalogue of items from a caller's records.

The same records as a file's, at most a thousand at once. Must never reach beyond the region of
the post that asks.
"""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from libs.common.identity.actor import Acting
from libs.common.identity.signed import SignedCommandRoute
from libs.common.web.errors import Forbidden
from libs.common.web.inputs import Body
from libs.common.web.law import Law
from libs.common.web.session import Session
from services.approval.imports import REGISTRAR, Outcome, Record, Reject
from services.approval.inputs import region_of
from services.approval.item.importing import ItemImport
from services.approval.office.importing import import_organisation

router = APIRouter(prefix="/imports", route_class=SignedCommandRoute, tags=["imports 导入"])


class Import(Body):
    """What to take over. A record's line is its place in `records`, from 1."""

    kind: Literal["items", "organisation"]
    dry_run: bool = False
    records: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]


class Rejected(BaseModel):
    """A record that was not taken."""

    line: int
    field: str
    value: str
    reason: dict[str, str]


class Imported(BaseModel):
    """What an import did: read = accepted + rejected + duplicates."""

    read: int
    accepted: int
    created: int
    changed: int
    duplicates: int
    rejected: int
    rejects: list[Rejected]
    remarks: dict[str, int]

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """As shown."""
        rejects = [_rejected(reject) for reject in outcome.rejects]
        return cls(**outcome.counts(), rejects=rejects, remarks=outcome.remarks)


def _rejected(reject: Reject) -> Rejected:
    reason = {"zh": reject.zh, "en": reject.en}
    return Rejected(line=reject.line, field=reject.field, value=reject.value, reason=reason)


@router.post("")
async def take_over(body: Import, session: Session, actor: Acting, law: Law) -> Imported:
    """Take over records; those that can't be taken are listed, the others are done."""
    if REGISTRAR not in actor.duties:
        raise Forbidden
    records = [Record(line, fields) for line, fields in enumerate(body.records, start=1)]
    within = region_of(actor.region)
    if body.kind == "organisation":
        outcome = await import_organisation(
            session, actor, records, zone=law.zone, within=within, dry_run=body.dry_run
        )
        return Imported.of(outcome)
    items = ItemImport(actor, law.zone, within=within, dry_run=body.dry_run)
    await items.take(session, records)
    return Imported.of(items.outcome)
