"""Clocks over HTTP, on a real database: dates are held against a count by hand.

case/2026-1 is accepted on Friday 18 September 2026. Counted working days: Sunday 20 September
(worked) 1, 21 September 2, 22 September 3; paused from the 22nd to the 29th, which takes away
23, 24, 28, 29 September (25 to 27 are days off anyhow); 30 September 4; 1 to 7 October off;
8 October 5, 9 October 6, Saturday 10 October (worked) 7, 12 to 16 October 8 to 12,
19 to 23 October 13 to 17, 26 October 18, 27 October 19, 28 October 20: the due day.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.law.fold import Fold
from tests.service.e_monitor.scene import Worker, accepted, application, calling, play

BASE = "/api/monitor/v1"


@pytest.fixture
async def api(autumn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(application(autumn, law), BASE) as caller:
        yield caller


async def clock(api: httpx.AsyncClient, subject: str, rule: str) -> dict[str, object]:
    answer = await api.get(f"/clocks/{subject}")
    assert answer.status_code == 200, answer.text
    (found,) = [c for c in answer.json()["clocks"] if c["rule"] == rule]
    return dict(found)


async def test_paused_case_over_national_day_is_due_on_28_october(api: httpx.AsyncClient) -> None:
    found = await clock(api, "case/2026-1", "APV-010")
    assert (found["due"], found["excluded"]) == ("2026-10-28", 4)


async def test_case_is_three_working_days_over_at_the_horizon(api: httpx.AsyncClient) -> None:
    # 29 and 30 October, Monday 2 November.
    found = await clock(api, "case/2026-1", "APV-010")
    assert (found["state"], found["elapsed"], found["over"]) == ("overdue", 23, 3)
    assert found["at"] == "2026-11-02T04:00:05Z"


async def test_days_after_the_start_add_up_by_kind(api: httpx.AsyncClient) -> None:
    answer = await api.get("/clocks/case/2026-1/APV-010/explanation")
    assert answer.json()["to_due"] == {
        "upto": "2026-10-28",
        "days": 40,
        "counted": 20,
        "makeup": 2,
        "weekends": 6,
        "holidays": [["中秋节", 3], ["国庆节", 7]],
        "excluded": [["hearing", 4]],
    }


async def test_each_day_says_what_it_is(api: httpx.AsyncClient) -> None:
    answer = await api.get("/clocks/case/2026-1/APV-010/explanation")
    days = {day["day"]: day for day in answer.json()["days"]}
    assert days["2026-09-18"]["mark"] == "start"
    assert (days["2026-09-20"]["kind"], days["2026-09-20"]["ordinal"]) == ("makeup", 1)
    assert days["2026-09-23"]["ground"]["zh"] == "听证"
    assert (days["2026-09-25"]["kind"], days["2026-09-25"]["ground"]) == ("holiday", None)
    assert days["2026-10-01"]["name"]["en"] == "National Day"
    assert (days["2026-10-28"]["mark"], days["2026-10-28"]["ordinal"]) == ("due", 20)
    assert list(days)[-1] == "2026-11-02"


async def test_sum_is_told_in_both_languages(api: httpx.AsyncClient) -> None:
    answer = await api.get("/clocks/case/2026-1/APV-010/explanation")
    told = answer.json()["sentences"]
    assert "听证扣除 4 天" in told["zh"][0]
    assert told["zh"][0].endswith("到期 2026-10-28 周三。")
    assert told["en"][0].endswith("due 2026-10-28 Wed.")


async def test_explanation_names_articles_and_versions(api: httpx.AsyncClient) -> None:
    body = (await api.get("/clocks/case/2026-1/APV-010/explanation")).json()
    assert (body["law"]["text"], body["law"]["article"]) == ("行政许可法", "42(1)")
    assert body["exclusion_law"]["article"] == "45"
    assert body["versions"]["rule"] == "2004-07-01/1"
    assert body["versions"]["covered"][1] == "2026-12-31"


async def test_two_days_of_publicity_are_one_short_of_three(api: httpx.AsyncClient) -> None:
    # From 8 October three days run to 11 October; it ended on the 10th.
    found = await clock(api, "tender/T-1", "TDR-021")
    assert (found["state"], found["due"], found["stopped"]) == (
        "breached",
        "2026-10-11",
        "2026-10-10",
    )
    assert (found["elapsed"], found["over"]) == (2, 1)


async def test_case_decided_in_time_is_met(api: httpx.AsyncClient) -> None:
    found = await clock(api, "case/2026-4", "APV-010")
    assert (found["state"], found["elapsed"]) == ("met", 4)


async def test_promise_of_five_days_is_due_today_with_nothing_left(api: httpx.AsyncClient) -> None:
    # Accepted on Monday 26 October: 27, 28, 29, 30 October, 2 November.
    found = await clock(api, "case/2026-2", "APV-023")
    assert (found["state"], found["due"], found["left"]) == ("running", "2026-11-02", 0)


@pytest.mark.parametrize(
    "path",
    ["/clocks/case/none", "/clocks/case/none/APV-010/explanation"],
)
async def test_unknown_subject_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_rule_without_a_clock_on_the_subject_is_not_found(api: httpx.AsyncClient) -> None:
    answer = await api.get("/clocks/case/2026-1/TDR-021/explanation")
    assert answer.status_code == 404


async def test_occurrence_that_is_not_there_is_not_found(api: httpx.AsyncClient) -> None:
    answer = await api.get("/clocks/case/2026-1/APV-010/explanation?occurrence=2")
    assert answer.status_code == 404


async def test_clock_is_judged_at_the_horizon_however_late_it_is(database: str, law: Fold) -> None:
    # The topics are complete to 20 October only: 14 of 20 have passed.
    await play(database, law, "2026-10-20T12:00:00")
    async with calling(application(database, law), BASE) as api:
        found = await clock(api, "case/2026-1", "APV-010")
    assert (found["state"], found["elapsed"], found["left"]) == ("running", 14, 6)


async def test_nothing_is_late_before_any_horizon(database: str, law: Fold) -> None:
    await play(database, law, None)
    async with calling(application(database, law), BASE) as api:
        found = await clock(api, "case/2026-1", "APV-010")
    assert (found["state"], found["at"], found["elapsed"]) == ("running", None, 0)


async def test_paused_clock_has_no_due_day(database: str, law: Fold) -> None:
    worker = Worker(database, law)
    await worker.feed(
        [
            *accepted(worker, "case/9", "2026-10-12"),
            worker.event(
                "approval.case.paused",
                "case/9",
                "2026-10-14T10:00:00",
                ground="testing",
                notice_no="n",
            ),
        ],
        "2026-10-30T09:00:00",
    )
    async with calling(application(database, law), BASE) as api:
        found = await clock(api, "case/9", "APV-010")
        told = (await api.get("/clocks/case/9/APV-010/explanation")).json()["sentences"]
    assert (found["state"], found["due"], found["elapsed"]) == ("suspended", None, 2)
    assert told["zh"][1] == "因检测自 2026-10-14 周三 起暂停计时，已计 2 个工作日，恢复后继续。"
