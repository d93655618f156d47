"""The tables of the organisation as it stands now.

What it was before is in its events and the audit rows. Only `tenure` holds who a person is; must
never hand that to the bus.
"""

from datetime import date
from typing import Any

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlmodel import Field

from services.approval.office.policy import Tenure, Term
from services.approval.tables import Table


class Body(Table, table=True):
    """A government body (机构); `code` is its 统一社会信用代码, `region` has 12 digits.

    `version` is the sequence of its last event and its ETag.
    """

    __tablename__ = "body"
    __table_args__ = (Index("body_of_region", "region", "code"),)

    code: str = Field(primary_key=True)
    version: int
    name: str
    region: str
    level: str
    superior: str | None = Field(default=None, foreign_key="body.code")
    office_hours: list[list[Any]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False)
    )
    first_day: date
    last_day: date | None = None
    telephone: str | None = None
    address: str | None = None


class Window(Table, table=True):
    """A window (窗口) of a hall, which works for a body."""

    __tablename__ = "window"
    __table_args__ = (Index("window_of_body", "body", "code"),)

    code: str = Field(primary_key=True)
    version: int
    name: str
    hall: str
    body: str = Field(foreign_key="body.code")
    first_day: date
    last_day: date | None = None


class Post(Table, table=True):
    """A post (岗位) of a body; `superior` is the post that leads it."""

    __tablename__ = "post"
    __table_args__ = (Index("post_of_body", "body", "code"),)

    code: str = Field(primary_key=True)
    version: int
    name: str
    body: str = Field(foreign_key="body.code")
    duties: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(TEXT), nullable=False))
    window: str | None = Field(default=None, foreign_key="window.code")
    superior: str | None = Field(default=None, foreign_key="post.code")
    first_day: date
    last_day: date | None = None


class TenureRow(Table, table=True):
    """Who stands at a post, as what, and when (任职、AB岗); the certificate is 执法证."""

    __tablename__ = "tenure"
    __table_args__ = (
        Index(
            "tenure_open",
            "post",
            "role",
            unique=True,
            postgresql_where=text("last_day IS NULL"),
        ),
        Index("tenure_of_person", "staff_no"),
    )

    post: str = Field(primary_key=True, foreign_key="post.code")
    role: str = Field(primary_key=True)
    first_day: date = Field(primary_key=True)
    last_day: date | None = None
    staff_no: str
    name: str
    certificate_no: str | None = None
    certificate_until: date | None = None

    @property
    def tenure(self) -> Tenure:
        """As the policy sees it."""
        return Tenure(self.role, self.staff_no, Term(self.first_day, self.last_day))
