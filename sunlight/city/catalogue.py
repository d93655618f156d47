"""The catalogue of items of the made-up city as an import takes it, each with its checklist. Pure.

Some items get a new version during the history, with a material less.
"""

from __future__ import annotations

from typing import Any, Final

from sunlight.city.items import ITEMS, LICENCE, Item

Record = dict[str, Any]
FIRST_DAY: Final = "2024-01-01"
NEW_VERSION: Final = "2026-04-01"
STATUTORY: Final = 20
"""Working days to decide a licence, 行政许可法 42."""
SIMPLER: Final = frozenset({"小型餐饮店登记", "食品经营许可", "道路货运经营许可"})
"""What needs a material less from the new version on."""
_EXAMINED: Final = {
    "inspection": "场所平面布局图",
    "testing": "检测报告",
    "expert_review": "技术评估报告",
}


def records() -> list[Record]:
    """Every item in its versions, earlier ones first."""
    first = [_record(item, _materials(item), FIRST_DAY) for item in ITEMS]
    later = [
        _record(item, _materials(item)[:-1], NEW_VERSION) for item in ITEMS if item.title in SIMPLER
    ]
    return [*first, *later]


def _record(item: Item, materials: list[str], first_day: str) -> Record:
    found = {
        "code": item.code,
        "name": item.title,
        "item_type": item.kind,
        "body": item.office.code,
        "region": item.office.region,
        "promised_limit": item.promised,
        "promised_unit": "working_day",
        "immediate": item.immediate,
        "delivers_document": item.document,
        "delivery": ["window", "post"],
        "flow": "receive-accept-decide-deliver",
        "materials": [{"name": name, "copies": 1} for name in materials],
        "legal_basis": [{"law": "阳光市政务服务事项目录(虚构)", "article": item.code[-4:]}],
        "applicants": ["自然人", "法人"],
        "visits": 1,
        "first_day": first_day,
    }
    if item.kind == LICENCE:
        found |= {"statutory_limit": STATUTORY, "statutory_unit": "working_day"}
    return found


def _materials(item: Item) -> list[str]:
    examined = [_EXAMINED[item.test]] if item.test else []
    proof = ["场所使用证明"] if item.kind == LICENCE else []
    return [f"{item.title}申请表", "主体资格证明", *proof, *examined, "授权委托书"]
