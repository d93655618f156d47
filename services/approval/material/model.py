"""The table of materials: which file was handed in for which case, as what.

A row is never deleted: what the law wants kept is marked as withdrawn. Names of files may hold a
person's data, so they must never reach the bus, a log or an audit row.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Index
from sqlmodel import Field

from services.approval.tables import Table


class Material(Table, table=True):
    """One file of one case. `number` counts 1, 2, 3 … within the case.

    `wanted` is the code, else the name, of the material on the item's checklist, or what the clerk
    called one that is not on it. `digest` names the content in the store of files; `size` in
    bytes; `handed_by` and `withdrawn_by` are posts.
    """

    __tablename__ = "material"
    __table_args__ = (Index("material_of_content", "digest"),)

    case_no: str = Field(primary_key=True, foreign_key="case.case_no")
    number: int = Field(primary_key=True)
    wanted: str
    name: str
    digest: str
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    media_type: str
    handed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    handed_by: str
    withdrawn_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None

    @property
    def stands(self) -> bool:
        """Not withdrawn."""
        return self.withdrawn_at is None
