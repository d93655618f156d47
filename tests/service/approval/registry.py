"""An office's registrar, and an organisation to begin with: made-up codes of a made-up city."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from libs.common.codes import credit_check_character
from libs.common.identity.permissions import RoleActor

CITY, DISTRICT = "990100", "990102"


def credit_code(number: int, region: str = CITY) -> str:
    """A well-formed code of a body."""
    local = f"{number:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(d) * w for d, w in zip(local, weights, strict=True)) % 11
    body = "11" + region + local + {10: "X", 11: "0"}.get(rest, str(rest))
    return body + credit_check_character(body)


BUREAU, BRANCH = credit_code(1), credit_code(2, DISTRICT)
REGISTRAR = RoleActor(
    "post-registrar",
    BUREAU,
    CITY,
    frozenset({"registrar", "item.read"}),
    wide=frozenset({"registrar", "item.read"}),
)


def body(code: str = BUREAU, **fields: Any) -> dict[str, Any]:
    """A record of a body."""
    return {"kind": "body", "code": code, "name": "阳光市审批局", "region": CITY, **fields}


def post(code: str, **fields: Any) -> dict[str, Any]:
    """A record of a post."""
    return {"kind": "post", "code": code, "name": "综合岗", "body": BUREAU, **fields}


def tenure(of: str = "post-1", **fields: Any) -> dict[str, Any]:
    """A record of who holds a post."""
    who = {"staff_no": "A-1", "name": "张三", "role": "holder", "first_day": "2026-01-01"}
    return {"kind": "tenure", "post": of, **who, **fields}


def item(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A record of an item."""
    said = {"name": "小餐饮登记", "item_type": "行政许可", "region": CITY}
    limits = {"statutory_limit": 20, "statutory_unit": "working_day"}
    return {"code": f"{BUREAU}{number:013d}", **said, **limits, **fields}


async def imported(
    client: httpx.AsyncClient, kind: str, records: Sequence[Mapping[str, Any]], **options: Any
) -> dict[str, Any]:
    """What an import answers that must succeed."""
    sent = {"kind": kind, "records": list(records), **options}
    answer = await client.post("/imports", json=sent)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def counts(told: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Read, accepted, duplicates, rejected."""
    return (told["read"], told["accepted"], told["duplicates"], told["rejected"])
