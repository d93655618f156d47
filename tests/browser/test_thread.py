"""One case from the counter to the closed card, read at every station, in the demonstration.

On the platform as `make run` starts it, in a real browser; public pages without JavaScript.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.browser.visitor import Visitor
from tests.browser.walk import APPLICANT, LIMIT, PROMISE, STATEMENT, STORIES, Walk
from tests.service.approval.test_notice_pages import printed
from tests.system.installation import starting

pytestmark = pytest.mark.browser
STORIES_SECONDS: Final = 60.0
"""Within this time of the start the planted stories stand on the dashboard."""


@pytest.fixture(scope="module")
def walk(browser: Browser) -> Iterator[Walk]:
    """The whole way, from the start of a new platform."""
    begun = time.monotonic()
    with starting() as installation:
        staff = Visitor.at(browser, installation.url)
        public = Visitor.at(browser, installation.url, javascript=False)
        try:
            installation.wait_until_told("from here on live")
            yield Walk(staff, public).gone(begun)
        finally:
            staff.close()
            public.close()


@pytest.mark.parametrize("story", list(STORIES))
def test_each_story_is_one_sentence_on_the_dashboard(walk: Walk, story: str) -> None:
    sentences = walk.read["dashboard"].split(" | ")

    assert any(re.search(STORIES[story], sentence) for sentence in sentences)


def test_all_stories_stand_there_within_a_minute_of_the_start(walk: Walk) -> None:
    assert walk.stories_seconds < STORIES_SECONDS


def test_accepted_the_case_says_by_when_it_is_decided(walk: Walk) -> None:
    # Tuesday 14 April 2026 and ten working days.
    assert walk.read["accepted"] == (
        "已受理，正在办理：应在 2026-04-28 周二 之前（含当日）作出决定，还剩 10 个工作日。"
    )


@pytest.mark.parametrize(
    "words",
    ["受理通知书", "到期日 2026-04-28 周二", APPLICANT, "最后一天 2026-05-14 周四"],
    ids=["title", "due", "applicant", "law"],
)
def test_the_receipt_names_due_day_applicant_and_the_days_of_the_law(
    walk: Walk, words: str
) -> None:
    assert words in walk.read["receipt"]


def test_the_printed_receipt_says_what_the_page_says(walk: Walk) -> None:
    paper = printed(walk.pdf)

    for words in ("受理通知书", walk.case_no, walk.code, "2026-04-28 周二", APPLICANT):
        assert words in paper


def test_the_queue_sorts_by_remaining_time(walk: Walk) -> None:
    assert "2026-04-28" in walk.queue
    assert walk.queue == sorted(walk.queue)


def test_number_and_code_open_the_progress_page_which_names_nobody(walk: Walk) -> None:
    progress = walk.read["progress"]

    assert "已受理，正在办理，最晚 2026-04-28 周二 作出决定，还剩 10 个工作日。" in progress
    assert APPLICANT not in progress


def test_the_button_passes_twenty_one_working_days(walk: Walk) -> None:
    # Labour Day from 1 to 5 May is off, Saturday 9 May made up for it.
    assert walk.read["arrived"].startswith("城市时间现在是 2026-05-15 周五")


def test_the_case_turned_yellow_then_red(walk: Walk) -> None:
    red, yellow = walk.read["cards"].split(" | ")

    assert yellow.startswith("黄牌")
    assert f"办件 {walk.case_no}：“{PROMISE}”2026-04-28 周二 到期，已超期，尚未完成。" in yellow
    assert "2026-04-29 周三 00:00" in yellow
    assert red.startswith("红牌")
    assert f"办件 {walk.case_no}：“{LIMIT}”2026-05-14 周四 到期，已超期，尚未完成。" in red
    assert "2026-05-15 周五 00:00" in red


def test_the_clerk_reads_by_how_much_it_is_overdue(walk: Walk) -> None:
    assert walk.read["queue"].startswith("超期 11 个工作日")


def test_both_cards_reached_the_heads_inbox_and_leave_it_once_receipted(walk: Walk) -> None:
    yellow, red = walk.read["inbox"].split(" | ")

    assert yellow.startswith(f"黄牌 {PROMISE}")
    assert red.startswith(f"红牌 {LIMIT}")
    assert walk.case_no not in walk.read["inbox after"]


def test_the_finding_is_one_sentence(walk: Walk) -> None:
    said = walk.read[f"sentence {LIMIT}"]

    assert said.startswith("数据完整至 2026-05-15 周五")
    assert said.endswith("已计 21 个工作日，超期 1 个工作日。")


def test_until_the_head_answers_the_case_waits_and_is_not_counted(walk: Walk) -> None:
    before, unanswered = walk.counted["before"], walk.counted["unanswered"]

    assert walk.case_no in unanswered.matters - before.matters
    assert unanswered.waiting == before.waiting + 1
    assert unanswered.standing == before.standing


def test_the_head_answers_and_the_public_count_goes_up_by_one(walk: Walk) -> None:
    before, after = walk.counted["unanswered"], walk.counted["answered"]

    assert after.standing == before.standing + 1
    assert after.occurred == before.occurred + 1
    assert after.waiting == before.waiting - 1


@pytest.mark.parametrize("when", ["before", "unanswered", "answered"])
def test_every_matter_that_the_monitor_knows_is_counted_or_waits(walk: Walk, when: str) -> None:
    counted = walk.counted[when]

    assert counted.standing + counted.waiting >= len(counted.matters)


def test_the_answer_stands_beside_the_count_and_the_fact(walk: Walk) -> None:
    assert STATEMENT in walk.counted["answered"].row
    assert STATEMENT in walk.counted["answered"].facts
    assert STATEMENT not in walk.counted["unanswered"].row
    assert STATEMENT not in walk.counted["unanswered"].facts


def test_no_public_page_names_the_case_or_the_applicant(walk: Walk) -> None:
    for counted in walk.counted.values():
        assert walk.case_no not in counted.row + counted.facts
        assert APPLICANT not in counted.row + counted.facts


def test_decided_it_leaves_overdue_now_and_stays_in_the_months_total(walk: Walk) -> None:
    before, after = walk.counted["answered"], walk.counted["decided"]

    assert walk.read["decided"].startswith("2026-05-15 周五")
    assert "已作出决定：准予" in walk.read["decided"]
    assert after.standing == before.standing - 1
    assert after.occurred == before.occurred
    assert "已办结,超过时限 1 个工作日" in after.facts


def test_nobody_of_the_office_itself_may_verify(walk: Walk) -> None:
    assert "当前岗位没有可办的步骤" in walk.read["own office"]


def test_a_second_person_of_another_office_closes_the_card(walk: Walk) -> None:
    closed = walk.read["closed"]

    assert "处理 已销号" in closed
    for step in ("单位说明", "整改", "核验", "对账销号"):
        assert step in closed
    assert "demo-verifier，阳光市政务督查室" in closed


@pytest.mark.parametrize(
    ("station", "words"),
    [
        ("en receipt", "Notice of acceptance"),
        ("en finding", "1 working day past the limit."),
        ("en row", "Yangguang Administrative Approval Bureau"),
        ("en row", "Cause: within the office"),
        ("en progress", "2026-04-28 Tue"),
    ],
)
def test_the_main_sentences_in_english(walk: Walk, station: str, words: str) -> None:
    assert words in walk.read[station]
