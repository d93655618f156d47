"""A case as it stands now, and the table of cases.

What happened to it is in its events. Must never hold a name, a number or a telephone of a person.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from libs.common.law.correction import righted_history
from services.approval.case.flow import flow_of, running
from services.approval.case.policy import Standing
from services.approval.tables import Table


def _instant(*, required: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=not required)


def _json() -> Any:
    return Column(JSONB, nullable=False)


class CaseTable(Table, table=True):
    """The table of cases. `version` is the sequence of its last event and its ETag.

    `history` is what its events said, [type, microseconds, data] each: what the law is asked about.
    `deadlines` is when the decision is due, earliest first. `item_version` is the version of its
    item that held on the day of receipt; None: no list of items was there. `query_code` lets the
    applicant ask how the case stands.
    """

    __tablename__ = "case"
    __table_args__ = (
        Index("case_of_office", "office", "case_no"),
        Index("case_due", "office", "due_at", "case_no", postgresql_where="due_at IS NOT NULL"),
        Index(
            "case_queue",
            "office",
            "state",
            "last_event_at",
            "case_no",
            postgresql_include=["due_at", "region"],
        ),
        Index(
            "case_item",
            "item_code",
            "case_no",
            postgresql_ops={"item_code": "varchar_pattern_ops"},
        ),
        Index("case_number_begin", "case_no", postgresql_ops={"case_no": "varchar_pattern_ops"}),
        Index("case_licence", "licence_no", postgresql_where="licence_no IS NOT NULL"),
    )

    case_no: str = Field(primary_key=True)
    region: str
    office: str
    item_code: str
    item_type: str
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int
    received_at: datetime = Field(sa_column=_instant(required=True))
    accepted_at: datetime | None = Field(default=None, sa_column=_instant())
    decided_at: datetime | None = Field(default=None, sa_column=_instant())
    last_event_at: datetime = Field(sa_column=_instant(required=True))
    receipt_no: str | None = None
    due_at: datetime | None = Field(default=None, sa_column=_instant())
    deadlines: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    history: list[list[Any]] = Field(default_factory=list, sa_column=_json())
    item_version: int | None = None
    licence_no: str | None = None
    query_code: str


Index(
    "case_number_end",
    func.reverse(col(CaseTable.case_no)).label("backwards"),
    postgresql_ops={"backwards": "text_pattern_ops"},
)


@dataclass(slots=True)
class Case:
    """A case as commands read and change it: the columns of `CaseTable`, in their order.

    A plain object, because the table's own class takes ten times as long to make and to change.
    """

    case_no: str
    region: str
    office: str
    item_code: str
    item_type: str
    state: str
    version: int
    received_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    last_event_at: datetime
    receipt_no: str | None
    due_at: datetime | None
    deadlines: list[dict[str, Any]]
    history: list[list[Any]]
    item_version: int | None
    licence_no: str | None
    query_code: str = field(repr=False)

    @property
    def subject(self) -> str:
        """The subject of its events."""
        return f"case/{self.case_no}"

    def standing(self) -> Standing:
        """What the transition table's guards look at."""
        history = righted_history(self.history)
        facts = {name: value for _, _, data in history for name, value in data.items()}
        under_way = tuple(step.name for step in running(flow_of([], history)))
        return Standing(receipt_no=self.receipt_no, open_steps=under_way, facts=facts)
