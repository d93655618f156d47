"""How a record and an overdue count are said, in both languages: title and lines.

Pages and feeds say the same words. Must never add a fact that the record does not hold.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from libs.common.web.i18n import Translator
from libs.common.web.language import Language
from libs.common.web.names import Names
from libs.common.web.shell import words
from libs.common.web.shell.render import CITY_ZONE
from services.disclosure.law import Limit
from services.disclosure.overdue.repository import OfficeCount, Shown
from services.disclosure.record.model import Record

Line = tuple[str, str]
"""A label and its value, both as shown."""

_NAMES: Final = ("tender_no", "item_code")
_INSTANTS: Final = (
    "documents_from",
    "documents_until",
    "bid_deadline",
    "publicity_from",
    "publicity_until",
)
_MONEY: Final = ("bid_bond", "price")
_CODES: Final = ("lot", "winner")


class Wording:
    """Words in one language."""

    def __init__(
        self,
        texts: Translator,
        names: Names,
        language: Language,
        limits: Mapping[str, Limit] = MappingProxyType({}),
    ) -> None:
        self.texts = texts
        self.names = names
        self.language = language
        self.limits = limits

    def text(self, key: str, **values: Any) -> str:
        """A text of the catalogue."""
        return self.texts.text(self.language, key, **values)

    def title(self, record: Record) -> str:
        """`招标公告 T-2026-001`, `准予许可决定 公共场所卫生许可`; a nameless item by its code."""
        code = next((record.facts[key] for key in _NAMES if key in record.facts), None)
        name = self.names.of(code)[self.language] if code else None
        kind = self.kind(record)
        return f"{kind} {name}" if name else kind

    def kind(self, record: Record) -> str:
        """What kind of record it is, notices told apart."""
        notice = record.facts.get("notice")
        return self.text(f"notice.{notice}" if notice else f"kind.{record.kind}")

    def office(self, code: str) -> str:
        """The office's name, its code where nobody named it, or that none is told."""
        return self.names.of(code)[self.language] if code else self.text("office.none")

    def moment(self, value: datetime | str) -> str:
        """`2026-03-02 周一 09:05`, in the city's zone."""
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        return words.moment(self.language, CITY_ZONE, instant)

    def lines(self, record: Record) -> list[Line]:
        """Everything that the record says, with who, when and on what ground."""
        return [(self.text("fact.office"), self.office(record.office)), *self.details(record)]

    def details(self, record: Record) -> list[Line]:
        """What the record says besides whose it is."""
        return [
            *self._facts(record.facts),
            (self.text("fact.happened_at"), self.moment(record.happened_at)),
            (self.text("fact.published_at"), self.moment(record.published_at)),
            (self.text("fact.ground"), self.ground(record.ground)),
        ]

    def tombstone(self, record: Record) -> list[Line]:
        """When, on what ground and why a record was withdrawn."""
        at = self.moment(record.withdrawn_at) if record.withdrawn_at else ""
        return [
            (self.text("fact.office"), self.office(record.office)),
            (self.text("tombstone.at"), at),
            (self.text("tombstone.ground"), self.ground(record.withdrawal_ground or "")),
            (self.text("tombstone.reason"), self.coded("withdrawal", record.withdrawal_reason)),
        ]

    def ground(self, ground: str) -> str:
        """`《行政许可法》第 40 条`."""
        law, _, article = ground.rpartition(" ")
        return self.text("ground", law=law, article=article)

    def _facts(self, facts: dict[str, Any]) -> Iterator[Line]:
        for name, value in facts.items():
            label = f"fact.{name}"
            if name in _INSTANTS:
                yield self.text(label), self.moment(value)
            elif name in _MONEY:
                yield self.text(label), self.money(value)
            elif name in _NAMES or name in _CODES:
                yield self.text(label), value
            elif name == "candidates":
                yield from (self._candidate(item) for item in value)
            elif name in ("trade", "affects_preparation", "outcome"):
                yield self.text(label), self._coded(name, value)

    def _coded(self, name: str, value: object) -> str:
        key = f"{name}.{str(value).lower()}"
        return self.text(key) if self.texts.has(key) else str(value)

    def _candidate(self, item: dict[str, Any]) -> Line:
        told = [item["party"]] if "party" in item else [self.text("candidate.unnamed")]
        if "price" in item:
            told.append(self.money(item["price"]))
        return self.text("candidate.rank", rank=item["rank_no"]), " · ".join(told)

    def money(self, fen: int) -> str:
        """Integer fen as yuan: `12,345.60 元`."""
        return self.text("money", amount=f"{fen // 100:,}.{fen % 100:02d}")

    def overdue_title(self, count: OfficeCount) -> str:
        """`B-1 2026-03 审批超期 3 件`."""
        return self.text(
            "overdue.title",
            office=self.office(count.office),
            month=f"{count.month:%Y-%m}",
            matter=self.text(f"matter.{count.matter}"),
            occurred=count.occurred,
        )

    def overdue_text(self, count: OfficeCount) -> str:
        """The count with what still stands, what waits for an answer, and its base."""
        return self.text(
            "overdue.text",
            occurred=count.occurred,
            standing=count.standing,
            waiting=count.waiting,
            base=self.base(count),
        )

    def base(self, count: OfficeCount) -> str:
        """How much the office handled that month, or that it is not known."""
        if count.handled is None:
            return self.text("overdue.base_unknown")
        return self.text(f"overdue.base_{count.matter}", handled=words.number(count.handled))

    def limit(self, fact: Shown) -> str:
        """What the passed limit is called, its rule where nobody named it."""
        limit = self.limits.get(fact.rule)
        return limit.title[self.language] if limit else fact.rule

    def fact_lines(self, fact: Shown) -> list[Line]:
        """What may be said of an overdue fact besides whose it is and what was answered."""
        lines = [(self.text("fact.matter"), self.text(f"matter.{fact.matter}"))]
        if limit := self.limits.get(fact.rule):
            lines.append((self.text("fact.limit"), self.ground(limit.ground)))
        lines.append((self.text("fact.occurred_at"), self.moment(fact.occurred_at)))
        lines.append((self.text("fact.state"), self._state(fact)))
        if fact.paused is not None:
            paused = self.text(f"paused.{str(fact.paused).lower()}")
            lines.append((self.text("fact.paused"), paused))
        return lines

    def _state(self, fact: Shown) -> str:
        state = self.text(f"state.{fact.state}")
        unit = f"unit.{fact.unit}"
        if fact.over is None or not self.texts.has(unit):
            return state
        return self.text("state.over", state=state, over=self.text(unit, count=fact.over))

    def answer(self, fact: Shown) -> str:
        """`单位说明(办理环节原因)`, or why there is none."""
        if fact.waived_for is not None and fact.claim is None:
            return self.text("answer.waived", reason=self.coded("waived", fact.waived_for))
        if fact.claim is None:
            return self.text("answer.none")
        if fact.claim == "clock_wrong":
            return self.text("answer.clock_wrong")
        return self.text("answer.delay", cause=self.coded("cause", fact.cause))

    def coded(self, group: str, code: object) -> str:
        """A code's word, the code itself where there is none."""
        return self._coded(group, code)
