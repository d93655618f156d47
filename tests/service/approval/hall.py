"""A hall that takes materials in, for tests: the service with a folder of files."""

import json
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request

from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor
from libs.common.identity.permissions import installed_matrix
from libs.common.identity.principal import Principal
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.service.approval.conftest import CLERK

CHECKLIST = [
    {"name": "申请书", "code": "M-1", "required": True, "copies": 1},
    {"name": "营业执照", "code": None, "required": True, "copies": None},
    {"name": "平面图", "code": None, "required": False, "copies": None},
]
BASE = "http://city.test/api/approval/v1"


def actor(role: str, office: str = "office-1", region: str = "990100") -> Actor:
    """A post with one role, as the door would make it."""
    principal = Principal("issuer", "account", f"post-{role}", office, region, frozenset({role}))
    return installed_matrix().actor(principal, "approval")


class Hall:
    """The service with a folder of files; `actor` is who asks."""

    def __init__(self, dsn: str, law: Fold, folder: Path | None) -> None:
        self.actor: Actor = CLERK
        self.folder = folder
        self.dsn = dsn
        settings = Settings(dsn=dsn, pool_size=4, files=folder, file_megabytes=1)
        self.app: FastAPI = create_app(settings, law=law, identify=self._identify)
        self.client: httpx.AsyncClient

    async def _identify(self, request: Request) -> Actor:
        return self.actor

    async def hand_in(
        self, case_no: str, content: bytes, name: str = "a.pdf", material: str = "申请书"
    ) -> httpx.Response:
        """The answer to an upload."""
        sent = {"file": (name, content, "application/octet-stream")}
        data = {"material": material}
        return await self.client.post(f"/cases/{case_no}/materials", files=sent, data=data)

    async def given(self, case_no: str, content: bytes, **named: str) -> dict[str, Any]:
        """What is shown of an upload that must succeed."""
        answer = await self.hand_in(case_no, content, **named)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def listed(self, case_no: str) -> dict[str, Any]:
        """The case's materials."""
        answer = await self.client.get(f"/cases/{case_no}/materials")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def stored(self) -> list[Path]:
        """Every file in the folder."""
        assert self.folder is not None
        return [path for path in self.folder.rglob("*") if path.is_file()]


async def put_listed_item(owner: Connection) -> dict[str, Any]:
    """An item with CHECKLIST put into the catalogue, as a body to receive."""
    await owner.execute(
        """
        INSERT INTO item_version (code, version, first_day, withdrawn, name, item_type, body,
            region, limit_set_by_law, immediate, details)
        VALUES ('A-1', 1, '2026-01-01', false, '小餐饮登记', '行政许可', 'office-1',
            '990100000000', false, false, jsonb_build_object('materials', $1::jsonb))
        """,
        json.dumps(CHECKLIST),
    )
    return {"item_code": "A-1"}
