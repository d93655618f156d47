"""The leads on a tender as its page takes them from the monitor: for supervisors in their scope."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from libs.common.identity.actor import Actor, loopback_only
from libs.common.law.fold import Fold
from services.e_monitor.check.rigging import RIGGING
from services.e_monitor.pages.leads import INNOCENT
from services.e_monitor.pages.sentences import MARKS
from services.e_monitor.settings import Settings
from tests.service.desk import calling
from tests.service.e_monitor.scene import application
from tests.service.e_monitor.test_bid_rigging import (
    ACCOUNT,
    FIRMS,
    SUBJECT,
    Centre,
    centre,
    trading_dsn,
)
from tests.service.resource_trading.looking import LANGUAGES, in_region, words

__all__ = ["centre", "trading_dsn"]
ADDRESS = f"/monitor/leads/{SUBJECT}"
SUPERVISOR = in_region("supervision-1", "finding.read", "lead.read", "clock.read")
ELSEWHERE = in_region("supervision-2", "finding.read", "lead.read", "clock.read", region="990200")
CLERK = in_region("hall-1", "clock.read")
VERDICTS = re.compile("违法|违规|舞弊|串标|围标|腐败|guilty|illegal|violat|corrupt|offence")
PART = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def law() -> Fold:
    """The law as the monitor watches by it, with its detectors."""
    return Settings(dsn="").law()


@asynccontextmanager
async def monitor(database: str, law: Fold, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of `actor` at the monitor."""
    app = application(database, law, identify=loopback_only(actor, "127.0.0.1"))
    async with calling(app, "http://city.test") as client:
        yield client


async def with_a_lead(centre: Centre) -> None:
    await centre.opened(2)
    for number in (0, 1):
        await centre.bid(number, ACCOUNT)
    await centre.relay()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_lead_says_what_was_seen_and_what_else_could_explain_it(
    centre: Centre, database: str, law: Fold, language: str
) -> None:
    await with_a_lead(centre)
    (lead,) = await centre.leads()
    async with monitor(database, law, SUPERVISOR) as site:
        answer = await site.get(f"{ADDRESS}?lang={language}", headers=PART)
    text = words(answer.text)
    said = {
        "zh": (
            "转账",
            "待核实",
            "2 份投标有相同的保证金转出账户（…1234）",
            "集团公司依法统一管理资金",
            "A 级",
        ),
        "en": (
            "to be verified",
            "2 bids have the same bond account (…1234)",
            "A group manages",
            "tier A",
        ),
    }
    assert answer.status_code == 200
    assert [one for one in said[language] if one not in text] == []
    assert all(one in text for one in (*FIRMS[:2], "CN40-6a", "40(6)", "B-00", "B-01"))
    assert f'href="/monitor/findings/{lead.id}"' in answer.text
    assert ACCOUNT not in answer.text
    assert not VERDICTS.search(answer.text.replace("视为相互串通投标", ""))


async def test_asked_for_by_htmx_it_is_a_part_and_else_a_page(
    centre: Centre, database: str, law: Fold
) -> None:
    await with_a_lead(centre)
    async with monitor(database, law, SUPERVISOR) as site:
        part = await site.get(ADDRESS, headers=PART)
        page = await site.get(ADDRESS, headers={"Accept": "text/html"})
    assert "<html" not in part.text
    assert "<html" in page.text
    assert part.headers["Vary"].split(", ").count("HX-Request") == 1
    assert part.headers["Cache-Control"] == "no-store"


async def test_outside_the_scope_it_looks_as_where_nothing_was_found(
    centre: Centre, database: str, law: Fold
) -> None:
    await with_a_lead(centre)
    async with monitor(database, law, ELSEWHERE) as site:
        there = await site.get(f"{ADDRESS}?lang=zh", headers=PART)
        nothing = await site.get("/monitor/leads/tender/none?lang=zh", headers=PART)
    assert there.text == nothing.text
    assert "没有待核实的线索" in there.text


async def test_without_the_permission_it_is_refused(
    centre: Centre, database: str, law: Fold
) -> None:
    await with_a_lead(centre)
    async with monitor(database, law, CLERK) as site:
        assert (await site.get(ADDRESS)).status_code == 403


async def test_before_the_opening_there_is_nothing(
    centre: Centre, database: str, law: Fold
) -> None:
    await centre.desk.publish("T-2026-1~L1")
    await centre.relay()
    async with monitor(database, law, SUPERVISOR) as site:
        assert "没有待核实的线索" in (await site.get(f"{ADDRESS}?lang=zh")).text


def test_every_detector_has_what_else_could_explain_it() -> None:
    assert set(INNOCENT) == set(RIGGING)
    assert all(INNOCENT.values())
    assert "bond_accounts" in MARKS
