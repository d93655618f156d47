"""A demonstration as a newcomer finds it: four stories, roles that fit them, time that moves on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from sunlight.city.offices import DEMO_APPROVAL
from sunlight.city.stories import CLEAN, COLLUDING
from tests.system.installation import lived_in, until
from tests.system.public_site import FILES

LEADS = ("CN40-1a", "CN40-6a", "EMO-020")
STORIES = {"APV-010": 1, "EMO-020": 3, "TDR-021": 1, "CN40-1a": 1, "CN40-6a": 1}
"""Rule → how many of its findings the stories come to."""
SENTENCES = {
    "the permit was due twenty working days after Friday 13 March, Qingming left out": (
        r"阳光市行政审批服务局，办件 990100-20260313-\d{8}："
        "“二十日内作出许可决定”2026-04-13 周一 到期，已超期，尚未完成。",
    ),
    "three licences have no case": (
        "阳光市生态环境局，e-licence/YGHW-2026-0027：已经发证，大厅里没有找到准予它的办件，待核实。",
        "阳光市生态环境局，e-licence/YGHW-2026-0028：已经发证，大厅里没有找到准予它的办件，待核实。",
        "阳光市生态环境局，e-licence/YGHW-2026-0029：已经发证，大厅里没有找到准予它的办件，待核实。",
    ),
    "the candidates are public for two days": (
        "明山县建设投资中心，hill-tenders/MS-2026-007：“候选人公示期不少于三日”，少 1 日。",
    ),
    "three bids have one making and one payer": (
        "阳光市交通运输局，招标项目 YGZB-20260318-02："
        "3 份投标的文件创建标识相同（…[0-9A-F]{4}），待核实。",
        "阳光市交通运输局，招标项目 YGZB-20260318-02："
        r"3 份投标的保证金转出账户相同（…\d{4}），待核实。",
    ),
}
"""Story → what a person reads of it on the dashboard, as patterns."""


@pytest.fixture(scope="module")
def city() -> Iterator[httpx.Client]:
    """The demonstration whose history is made, asked in English."""
    with lived_in() as found, httpx.Client(base_url=found.url, timeout=20) as client:
        yield client


def findings(city: httpx.Client, rule: str) -> list[dict[str, Any]]:
    """The standing findings of a rule."""
    answer = city.get("/api/monitor/v1/findings", params={"rule": rule, "limit": 200})
    return list(answer.raise_for_status().json()["items"])


Told = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def told(city: httpx.Client) -> Told:
    """The findings of the stories' rules, once the monitor has come to the history's end."""
    until(lambda: all(len(findings(city, rule)) >= count for rule, count in STORIES.items()))
    return {rule: findings(city, rule) for rule in STORIES}


@pytest.fixture(scope="module")
def dashboards(city: httpx.Client, told: Told) -> dict[str, str]:
    """The dashboard as it stands then, in both languages."""
    return {lang: city.get("/monitor", params={"lang": lang}).text for lang in ("zh", "en")}


def seen_by(city: httpx.Client, role: str, address: str) -> httpx.Response:
    """What a browser that has chosen a role is shown."""
    cookies = {"sunlight-role": role}
    with httpx.Client(base_url=city.base_url, timeout=20, cookies=cookies) as browser:
        return browser.get(address)


def test_the_monitor_finds_every_story_and_no_twin(
    told: Told,
) -> None:
    subjects = {rule: {found["subject"] for found in rows} for rule, rows in told.items()}

    assert {rule: len(rows) for rule, rows in told.items() if rule in LEADS} == {
        rule: STORIES[rule] for rule in LEADS
    }
    assert len(told["TDR-021"]) == 1
    assert all(subject.endswith(f"-{COLLUDING}") for subject in subjects["CN40-1a"])
    assert subjects["CN40-1a"] == subjects["CN40-6a"]
    assert not any(subject.endswith(f"-{CLEAN}") for subject in subjects["CN40-1a"])
    assert len({found["department"] for found in told["EMO-020"]}) == 1
    assert DEMO_APPROVAL in {found["department"] for found in told["APV-010"]}


@pytest.mark.parametrize("sentences", SENTENCES.values(), ids=SENTENCES)
def test_all_four_stand_on_the_dashboard(
    dashboards: dict[str, str], sentences: tuple[str, ...]
) -> None:
    lacking = [each for each in sentences if not re.search(each, dashboards["zh"])]
    assert lacking == []


def test_no_lead_is_on_any_public_page_feed_or_file(city: httpx.Client, told: Told) -> None:
    words = [*LEADS, *(title for rule in LEADS for title in told[rule][0]["title"].values())]
    licences = {found["subject"].split("/")[-1] for found in told["EMO-020"]}
    tender = told["CN40-1a"][0]["subject"].removeprefix("tender/")
    home = seen_by(city, "public", "/").text
    records = re.findall(r'href="(/records/[^"?]+)', home)

    for address in ("/", "/overdue", *FILES, *records, f"/ocds/tenders/{tender}.json"):
        text = seen_by(city, "public", address).raise_for_status().text
        assert [word for word in (*words, *licences) if word in text] == [], address


@pytest.mark.parametrize("role", ["public", "clerk", "tenderer", "centre"])
def test_who_does_not_supervise_sees_no_finding(city: httpx.Client, role: str) -> None:
    assert seen_by(city, role, "/api/monitor/v1/findings").status_code == 403


def test_the_head_may_answer_the_overdue_permit(city: httpx.Client, told: Told) -> None:
    permit = next(one for one in told["APV-010"] if one["department"] == DEMO_APPROVAL)
    page = seen_by(city, "head", f"/monitor/findings/{permit['id']}")
    assert page.status_code == 200
    assert f"/monitor/findings/{permit['id']}/answer" in page.text


def test_items_stand_by_their_names_at_the_window(city: httpx.Client) -> None:
    assert "公共场所卫生许可" in seen_by(city, "clerk", "/window").text


@pytest.mark.usefixtures("dashboards")
def test_a_fast_forward_moves_the_city_by_working_days(city: httpx.Client) -> None:
    def city_time() -> datetime:
        found = re.search(r'datetime="([^"]+)"', city.get("/demo/clock").text)
        assert found is not None
        return datetime.fromisoformat(found[1])

    before = city_time()
    page = city.get("/demo/fast-forward").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    answer = city.post(
        "/demo/fast-forward",
        data={"csrf_token": token[1], "days": "5", "next": "/monitor"},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 303
    until(lambda: "data-again" not in city.get("/demo/fast-forward/part").text)

    # Tuesday 14 April 2026 and five working days: Tuesday 21 April.
    assert (city_time().date() - before.date()).days == 7
