"""What a request to import may say, and what it answers."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field

from libs.common.web.inputs import Body, Code
from services.resource_trading.history.system import PATTERN, system_name
from services.resource_trading.history.told import Outcome

System = Annotated[str, Field(pattern=PATTERN), AfterValidator(system_name)]


class Import(Body):
    """Records of another system, as that system publishes them.

    `system` names it: a tender stays with the system that first told of it; no service of this
    platform (approval, trading, registry, monitor, disclosure). `mapping`: how the records are
    read, `tenders-ocds` (releases, records, packages) or `tenders-notices`. `office`: whose tenders
    they are, the caller's own where it is left out. `recorded`: events count as recorded when that
    system wrote them down, or now. `mandatory`: whether tendering of all of them was compulsory
    (招标投标法 art. 3), where a record does not say so itself; null declares nothing. It is told
    with the tender documents: where none are known, as from `tenders-notices`, it is left out.
    """

    system: System
    mapping: Code
    office: Code | None = None
    recorded: Literal["given", "now"] = "given"
    mandatory: bool | None = None
    dry_run: bool = False
    records: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]


class Rejected(BaseModel):
    """A record that was not taken; `position` is its place in `records`, from 1."""

    position: str
    code: str
    field: str
    message: str
    excerpt: str


class Imported(BaseModel):
    """What an import did: read = accepted + rejected + duplicates."""

    read: int
    accepted: int
    rejected: int
    duplicates: int
    created: int
    changed: int
    events: int
    rejects: list[Rejected]
    left_out: dict[str, int]

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """As shown."""
        rejects = [Rejected(**reject._asdict()) for reject in outcome.rejects]
        return cls(**outcome.counts(), rejects=rejects, left_out=outcome.left_out)
