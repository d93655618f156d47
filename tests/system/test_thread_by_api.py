"""The whole thread by API, as documented: `docs/api/` is what was recorded here.

`SUNLIGHT_WRITE_DOCS=1` (or `make docs`) writes the pages anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import pytest

from tests.needs import ROOT
from tests.service.approval.test_notice_pages import printed
from tests.system.documented import PAGES
from tests.system.thread import CODE_SHOWN, LIMIT, NAME, PROMISE, STATEMENT, Thread

DOCS: Final = ROOT / "docs" / "api"
WRITE: Final = "SUNLIGHT_WRITE_DOCS"


def test_acceptance_tells_the_day_of_the_promise_and_that_of_the_law(thread: Thread) -> None:
    accepted = thread.answers["accept"]

    # Monday 2 March 2026 and ten, twenty working days, as the State Council's calendar has them.
    assert [(one["rule"], one["day"]) for one in accepted["deadlines"]] == [
        (PROMISE, "2026-03-16"),
        (LIMIT, "2026-03-30"),
    ]
    assert accepted["due"] == accepted["deadlines"][0]


def test_the_receipt_names_due_day_code_and_applicant_on_page_and_pdf(thread: Thread) -> None:
    page = thread.answers["page"].text
    paper = printed(thread.answers["pdf"].content)

    code = f"{thread.code[:4]}-{thread.code[4:]}"
    for words in ("受理通知书", thread.case_no, code, "2026-03-16", NAME):
        assert words in page
        assert words in paper


def test_number_and_code_open_the_case_and_name_nobody(thread: Thread) -> None:
    told = thread.answers["progress"]

    assert told["state"] == "accepted"
    assert told == thread.answers["progress-get"]
    assert [one["step"] for one in told["done"]] == ["received", "accepted", "receipt-issued"]
    assert NAME not in str(told)


def test_the_promised_day_passed_is_yellow_and_the_statutory_one_red(thread: Thread) -> None:
    (yellow,), (red,) = (thread.answers[name]["items"] for name in ("yellow", "red"))

    assert (yellow["rule"], yellow["stage"]) == (PROMISE, "yellow")
    assert yellow["evidence"]["due"] == "2026-03-16"
    assert (red["rule"], red["stage"]) == (LIMIT, "red")
    assert red["evidence"]["due"] == "2026-03-30"


def test_the_head_finds_both_cards_in_the_inbox(thread: Thread) -> None:
    found = {(one["rule"], one["stage"]) for one in thread.answers["inbox"]["items"]}

    assert found == {(PROMISE, "yellow"), (LIMIT, "red")}


def test_until_it_is_answered_the_matter_waits_beside_the_count(thread: Thread) -> None:
    assert [one["waiting"] for one in thread.answers["count-0"]["items"]] == [0]
    assert counted(thread, "count-1") == (0, 0, 1, None)


def test_one_matter_is_one_however_many_limits_it_passed(thread: Thread) -> None:
    assert counted(thread, "count-2") == (0, 0, 1, None)


def test_the_head_answers_and_the_public_count_goes_up_by_one(thread: Thread) -> None:
    assert counted(thread, "count-3") == (1, 1, 0, None)


def test_decided_it_leaves_overdue_now_and_stays_in_the_month(thread: Thread) -> None:
    assert counted(thread, "count-4") == (0, 1, 0, 1)


def counted(thread: Thread, step: str) -> tuple[Any, ...]:
    """Overdue now, passed the limit this month, waiting for the answer, handled this month."""
    items = thread.answers[step]["items"]
    (office,) = [one for one in items if one["matter"] == "approval"]
    return office["standing"], office["occurred"], office["waiting"], office["handled"]


def test_the_heads_answer_stands_beside_the_public_fact(thread: Thread) -> None:
    facts = {one["rule"]: one for one in thread.answers["facts"]["items"]}

    assert set(facts) == {PROMISE, LIMIT}
    assert {one["statement"] for one in facts.values()} == {STATEMENT}
    assert thread.case_no not in str(facts)


def test_nobody_of_the_office_itself_verifies(thread: Thread) -> None:
    assert thread.answers["own"]["code"] == "forbidden"


def test_a_second_person_of_another_office_closes_the_card(thread: Thread) -> None:
    assert thread.answers["close-card"]["status"] == "closed"
    history = [
        (one["change"], one["post"]) for one in thread.answers["history"]["history"] if one["post"]
    ]
    assert history == [
        ("assign", "demo-supervisor"),
        ("answer", "demo-head"),
        ("correct", "demo-head"),
        ("verify", "demo-verifier"),
        ("close", "demo-verifier"),
    ]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("403", "forbidden"),
        ("404", "not_found"),
        ("409", "step_not_possible"),
        ("412", "precondition_failed"),
        ("422", "invalid"),
        ("428", "precondition_required"),
        ("law", "refused_by_law"),
        ("short", "refused_by_law"),
        ("early", "refused_by_law"),
    ],
)
def test_a_refusal_says_which_kind_it_is(thread: Thread, step: str, code: str) -> None:
    told = thread.answers[step]

    assert told["code"] == code
    assert told["type"] == f"urn:sunlight:problem:{code}"


@pytest.mark.parametrize(
    ("step", "law"),
    [("law", "行政许可法 42(1)"), ("short", "招标投标法 24"), ("early", "招标投标法 34")],
)
def test_what_the_law_forbids_names_the_article(thread: Thread, step: str, law: str) -> None:
    assert thread.answers[step]["law"] == law


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_the_documented_examples_are_what_was_recorded(thread: Thread, name: str) -> None:
    file = f"{name}.md"
    recorded = thread.recorder.written()[file]
    if os.environ.get(WRITE) == "1":
        DOCS.mkdir(parents=True, exist_ok=True)
        (DOCS / file).write_text(recorded, encoding="utf-8")

    assert Path(DOCS / file).read_text(encoding="utf-8") == recorded, (
        f"stale: run make docs ({WRITE}=1)"
    )
    assert thread.code not in recorded or thread.code == CODE_SHOWN
