"""The table of applicants, beside that of cases: the only place where who they are stands in clear.

The number is there as a mark to search by and masked to show, never whole. Must never reach the
bus, a log, a metric, an audit row or a public page.
"""

from dataclasses import dataclass, field

from sqlalchemy import Index
from sqlmodel import Field

from services.approval.tables import Table


class ApplicantTable(Table, table=True):
    """The applicant of one case. `kind`: person or organisation."""

    __tablename__ = "applicant"
    __table_args__ = (
        Index("applicant_name", "name", "case_no", postgresql_ops={"name": "varchar_pattern_ops"}),
        Index("applicant_number", "number_mark", postgresql_where="number_mark IS NOT NULL"),
    )

    case_no: str = Field(primary_key=True, foreign_key="case.case_no")
    kind: str
    name: str
    number_masked: str | None = None
    number_mark: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Applicant:
    """An applicant as read; printing one gives nothing away."""

    kind: str
    name: str = field(repr=False)
    number_masked: str | None = field(repr=False)
    phone: str | None = field(repr=False)

    @property
    def name_masked(self) -> str:
        """The first sign of a person's name; the first and last two of an organisation's."""
        return masked_name(self.kind, self.name)


def masked_name(kind: str, name: str) -> str:
    """A name for lists: enough to tell one from the next, too little to know who it is."""
    if kind == "organisation" and len(name) > 6:
        return f"{name[:2]}{'*' * (len(name) - 4)}{name[-2:]}"
    return name[:1] + "*" * max(len(name) - 1, 1)
