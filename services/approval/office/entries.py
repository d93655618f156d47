"""Records of a file as entries of the organisation, each key once.

Must never ask the database: what is wrong here is wrong in the file itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple, TypeAlias

from services.approval.imports import Fault, Outcome, Record, parsed
from services.approval.office.schemas import BodyEntry, PostEntry, TenureEntry, WindowEntry

Entry: TypeAlias = BodyEntry | WindowEntry | PostEntry | TenureEntry
Key: TypeAlias = str | tuple[str, str, date]

KINDS: Final[Mapping[str, type[Entry]]] = {
    "body": BodyEntry,
    "window": WindowEntry,
    "post": PostEntry,
    "tenure": TenureEntry,
}
WORDS: Final[Mapping[str, str]] = {
    "机构": "body",
    "窗口": "window",
    "岗位": "post",
    "任职": "tenure",
}
KIND: Final = "kind"
FIELDS: Final = frozenset({KIND, *(name for kind in KINDS.values() for name in kind.model_fields)})
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("类别",),
    "code": ("编码", "统一社会信用代码"),
    "name": ("名称", "姓名"),
    "region": ("行政区划代码",),
    "superior": ("上级",),
    "office_hours": ("办公时间",),
    "telephone": ("联系电话",),
    "address": ("办公地址",),
    "hall": ("大厅",),
    "body": ("所属机构",),
    "window": ("所在窗口",),
    "duties": ("职责",),
    "post": ("所任岗位",),
    "role": ("主副岗",),
    "staff_no": ("工号",),
    "first_day": ("开始日期",),
    "last_day": ("结束日期",),
    "certificate_no": ("执法证号",),
    "certificate_until": ("执法证有效期",),
}
"""What else a file may call its columns."""
REQUIRED: Final = (KIND, "name")
"""Columns without which no record of any kind can be read."""


class Placed(NamedTuple):
    """An entry, its key, and the record it came from."""

    record: Record
    key: Key
    entry: Entry


@dataclass(slots=True)
class Entries:
    """The entries of a file by kind and key, in the order of the file."""

    bodies: dict[str, Placed] = field(default_factory=dict)
    windows: dict[str, Placed] = field(default_factory=dict)
    posts: dict[str, Placed] = field(default_factory=dict)
    tenures: dict[tuple[str, str, date], Placed] = field(default_factory=dict)

    def of(self, kind: str) -> dict[Any, Placed]:
        """Those of one kind."""
        groups: dict[str, dict[Any, Placed]] = {
            "body": self.bodies,
            "window": self.windows,
            "post": self.posts,
            "tenure": self.tenures,
        }
        return groups[kind]


def entries_of(records: Iterable[Record], outcome: Outcome) -> Entries:
    """Every record that can stand by itself; the others are rejects or duplicates of `outcome`."""
    found = Entries()
    for record in records:
        outcome.read += 1
        kind = WORDS.get(str(record.fields.get(KIND)), record.fields.get(KIND))
        if not isinstance(kind, str) or kind not in KINDS:
            words = " / ".join(KINDS)
            outcome.reject(record, Fault(KIND, f"应为 {words}", f"should be {words}"))
            continue
        fields = {name: value for name, value in record.fields.items() if name != KIND}
        entry = parsed(KINDS[kind], record._replace(fields=fields), outcome)
        if entry is not None:
            _add(found.of(kind), Placed(record, key_of(entry), entry), outcome)
    return found


def key_of(entry: Entry) -> Key:
    """What an entry is known by."""
    if isinstance(entry, TenureEntry):
        return (entry.post, entry.role, entry.first_day)
    return entry.code


def _add(group: dict[Any, Placed], placed: Placed, outcome: Outcome) -> None:
    earlier = group.setdefault(placed.key, placed)
    if earlier is placed:
        return
    if earlier.entry == placed.entry:
        outcome.duplicates += 1
        return
    line = earlier.record.line
    name = "post" if isinstance(placed.entry, TenureEntry) else "code"
    zh, en = f"与第 {line} 行重复而内容不同", f"stands in line {line} too, with other content"
    outcome.reject(placed.record, Fault(name, zh, en))
