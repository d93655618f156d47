"""Taking items over from a list of records, some hundreds in a transaction.

An import that broke off is simply done again: what stands already is a duplicate. Must never
commit, and must never change a version that stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.codes import Region
from libs.common.identity.actor import Actor
from libs.common.worktime import civil_day
from services.approval.imports import Fault, Outcome, Record, parsed
from services.approval.inputs import region_of
from services.approval.item import repository
from services.approval.item.model import ItemVersion, version_row
from services.approval.item.policy import Verdict, Version, verdict
from services.approval.item.schemas import ItemEntry
from services.approval.item.service import publish

BATCH: Final = 500
Known: TypeAlias = dict[str, list[ItemVersion]]
FIELDS: Final = frozenset(ItemEntry.model_fields)
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("task_code", "事项编码", "实施编码"),
    "name": ("task_name", "事项名称"),
    "item_type": ("task_type", "事项类型"),
    "region": ("area_code", "行政区划代码"),
    "statutory_limit": ("statutory_days", "法定办结时限"),
    "statutory_unit": ("法定办结时限单位",),
    "promised_limit": ("promised_days", "承诺办结时限"),
    "promised_unit": ("承诺办结时限单位",),
    "body": ("实施主体编码",),
    "first_day": ("生效日期",),
    "applicants": ("service_objects", "服务对象"),
    "material_count": ("materials_count", "材料份数"),
    "visits": ("到办事现场次数",),
    "immediate": ("即办件",),
    "delivery": ("送达方式",),
    "legal_basis": ("设定依据",),
    "flow": ("流程版本",),
    "steps": ("流程环节",),
    "limit_set_by_law": ("法律另有时限",),
    "delivers_document": ("有无证照",),
}
"""What else a file may call its columns."""
REQUIRED: Final = ("code", "name", "item_type", "region")
"""Columns without which no item can be read."""
_FAULTS: Final[Mapping[Verdict, Fault]] = {
    Verdict.TOO_EARLY: Fault(
        "first_day",
        "早于现有版本的生效日",
        "before the first day of the version that stands",
    ),
    Verdict.IN_THE_PAST: Fault(
        "first_day",
        "变更不能追溯到今天以前",
        "a change can't hold from before today",
    ),
}


@dataclass(slots=True)
class ItemImport:
    """One import, taken in batches of records; `outcome` grows with each.

    `within` limits what may be changed to a region and what lies below it; `first_day` stands for
    one that a record does not say (None: today). `dry_run` writes nothing and answers the same.
    """

    actor: Actor
    zone: ZoneInfo
    within: Region | None = None
    first_day: date | None = None
    dry_run: bool = False
    outcome: Outcome = field(default_factory=Outcome)
    _entries: dict[tuple[str, date | None], tuple[int, ItemEntry]] = field(default_factory=dict)
    _tried: Known = field(default_factory=dict)
    _strangers: set[str] = field(default_factory=set)

    async def take(self, session: AsyncSession, records: Sequence[Record]) -> None:
        """Take over some records in the session's transaction."""
        entries = [pair for record in records if (pair := self._read(record)) is not None]
        now = await repository.lock(session)
        known = await repository.versions(session, {entry.code for _, entry in entries})
        known |= {code: rows for code, rows in self._tried.items() if self.dry_run}
        today = civil_day(now, self.zone)
        rows = [
            row
            for record, entry in entries
            if (row := self._next(record, entry, known.setdefault(entry.code, []), today))
        ]
        await self._remark(session, rows)
        if self.dry_run:
            self._tried |= {row.code: known[row.code] for row in rows}
        elif rows:
            await publish(session, self.actor, rows, now=now)

    def _read(self, record: Record) -> tuple[Record, ItemEntry] | None:
        """The record's entry, unless it can't be taken or stands in the file already."""
        self.outcome.read += 1
        entry = parsed(ItemEntry, record, self.outcome)
        if entry is None or not self._may(record, entry.region):
            return None
        key = (entry.code, entry.first_day)
        line, earlier = self._entries.setdefault(key, (record.line, entry))
        if earlier is entry:
            return record, entry
        if earlier == entry:
            self.outcome.duplicates += 1
            return None
        zh, en = f"与第 {line} 行重复而内容不同", f"stands in line {line} too, with other content"
        self.outcome.reject(record, Fault("code", zh, en))
        return None

    def _may(self, record: Record, region: str) -> bool:
        if self.within is None or self.within.contains(region_of(region)):
            return True
        zh, en = "不在本岗位的管辖区域内", "lies outside the region of your post"
        self.outcome.reject(record, Fault("region", zh, en))
        return False

    def _next(
        self, record: Record, entry: ItemEntry, standing: list[ItemVersion], today: date
    ) -> ItemVersion | None:
        """The version that an entry makes, if it makes one; it is added to `standing`."""
        if standing and not self._may(record, standing[-1].region):
            return None
        content = entry.model_dump(mode="json", exclude={"code", "first_day"})
        first_day = entry.first_day or self._first_day(standing, content)
        found = verdict(_seen(standing), content, first_day, today)
        if found in _FAULTS:
            self.outcome.reject(record, _FAULTS[found])
            return None
        if found is Verdict.STANDS:
            self.outcome.duplicates += 1
            return None
        row = version_row(entry.code, len(standing) + 1, first_day or today, content)
        self.outcome.created += not standing
        self.outcome.changed += bool(standing)
        standing.append(row)
        return row

    def _first_day(self, standing: list[ItemVersion], content: dict[str, Any]) -> date | None:
        """The day of a record that says none: none either where its content stands already."""
        newest = standing[-1].seen() if standing else None
        return None if newest is not None and newest.content == content else self.first_day

    async def _remark(self, session: AsyncSession, rows: Sequence[ItemVersion]) -> None:
        """Count the bodies that the organisation does not know: a remark, no fault of the item."""
        self._strangers |= set(await repository.strangers(session, {row.body for row in rows}))
        if self._strangers:
            self.outcome.remarks["unknown_bodies"] = len(self._strangers)


def _seen(standing: Sequence[ItemVersion]) -> list[Version]:
    return [row.seen() for row in standing]
