"""The planted stories: what happened in each, and how its near twin differs."""

import collections
from datetime import datetime, timedelta
from typing import Any

import pytest

from libs.common.worktime import cn_calendar
from sunlight.city import bids, cases, registry, stories, tenders
from sunlight.city.hours import ZONE, Hours
from sunlight.city.offices import DEMO_APPROVAL
from sunlight.city.stories import OVERDUE, RESTED

HOURS = Hours(cn_calendar())
LAST = stories.day_of(HOURS, stories.LAST)
APPLIED = stories.day_of(HOURS, stories.PERMIT_DAY)
STORY, TWIN = tenders.tenders(stories.day_of(HOURS, stories.TENDER_DAY), HOURS, every_day=True)[1:]


def permit(story: stories.Permit) -> list[cases.Step]:
    (arrival,) = [
        one for one in cases.arrivals(APPLIED, HOURS, 10) if one.item.code == story.item.code
    ]
    number = f"990100-{APPLIED:%Y%m%d}-00000099"
    return cases.life(number, story.item, arrival.at, HOURS)


def day(step: cases.Step) -> Any:
    return step.at.astimezone(ZONE).date()


def test_the_overdue_permit_is_of_the_office_that_the_demonstrations_head_leads() -> None:
    assert OVERDUE.item.office.code == DEMO_APPROVAL
    assert OVERDUE.item.kind == "行政许可"


def test_the_overdue_permit_is_accepted_and_then_left_lying() -> None:
    assert [step.action for step in permit(OVERDUE)] == ["accept", "issue-receipt"]


def test_its_twenty_working_days_end_on_the_eve_of_the_last_morning() -> None:
    # 行政许可法 42: twenty working days, the day of acceptance not counted (民法典 201).
    accepted = day(permit(OVERDUE)[0])
    due = HOURS.calendar.working_day_after(accepted, 20)
    assert HOURS.calendar.working_day_after(due, 1) == LAST


def test_the_twin_is_decided_within_its_promise_only_because_its_clock_rested() -> None:
    at = {step.action: day(step) for step in permit(RESTED)}
    calendar = HOURS.calendar

    def between(first: str, last: str) -> int:
        gone = at[first]
        count = 0
        while gone < at[last]:
            gone, count = calendar.working_day_after(gone, 1), count + 1
        return count

    gross = between("accept", "decide")
    assert gross > RESTED.item.promised
    assert gross - between("pause", "resume") <= RESTED.item.promised


def told(kind: str) -> list[dict[str, Any]]:
    return [one.body for one in registry.planted(HOURS) if one.body["type"].endswith(kind)]


def test_three_licences_of_one_department_come_without_a_case() -> None:
    stray = told("licence.issued.v1")

    assert len(stray) == 3
    assert len({body["department"] for body in stray}) == 1
    assert all("case_no" not in body["data"] for body in stray)


def test_the_same_departments_other_licences_name_no_case_but_the_halls_licence() -> None:
    case_no = "990100-20260312-00000001"
    body = registry.licence(case_no, registry.ITEM, datetime(2026, 3, 20, tzinfo=ZONE)).body

    assert "case_no" not in body["data"]
    (decided,) = [
        step for step in permit(RESTED) if step.action == "decide" and step.body["licence_no"]
    ]
    prefix = decided.body["licence_no"].split("-")[0]
    assert body["data"]["licence_no"] == f"{prefix}-{case_no}"


@pytest.mark.parametrize(("number", "enough"), [("MS-2026-007", False), ("QH-2026-004", True)])
def test_candidates_are_public_for_three_days_but_in_the_story(number: str, enough: bool) -> None:
    (shown,) = [
        one["data"] for one in told("candidates-publicised.v1") if one["subject"].endswith(number)
    ]
    lasted = datetime.fromisoformat(shown["publicity_until"]) - datetime.fromisoformat(
        shown["publicity_from"]
    )
    # 招标投标法实施条例 54: at least three days.
    assert (lasted >= timedelta(days=3)) is enough


def test_what_foreign_systems_tell_is_told_when_it_happens_and_has_the_same_ids_always() -> None:
    first, again = registry.planted(HOURS), registry.planted(HOURS)

    assert [one.body["id"] for one in first] == [one.body["id"] for one in again]
    assert len({one.body["id"] for one in first}) == len(first)
    assert all(one.at == datetime.fromisoformat(one.body["time"]) for one in first)


def bodies(tender: tenders.Tender, action: str) -> list[Any]:
    return [step.body for step in tender.steps if step.action == action]


def borne(tender: tenders.Tender, kind: str) -> list[int]:
    """How many bids bear each mark that serves no one else and is not the tenderer's own."""
    (own,) = bodies(tender, "mark-documents")
    left_out = {mark["value"] for mark in own["creation_ids"]}
    found = collections.Counter(
        mark["value"]
        for bid in bodies(tender, "record-bid")
        for mark in bid[kind]
        if mark["value"] not in left_out and not mark.get("shared")
    )
    return sorted(found.values())


def test_three_bidders_of_the_story_have_files_of_one_making_and_bonds_of_one_account() -> None:
    assert borne(STORY, "creation_ids")[-1] == bids.STRANGERS
    assert borne(STORY, "bond_accounts")[-1] == bids.STRANGERS
    assert len({bid["bidder"] for bid in bodies(STORY, "record-bid")}) == 5


def test_bidders_of_the_twin_share_the_tenderers_form_and_a_guarantor_alone() -> None:
    files = [bid["creation_ids"] for bid in bodies(TWIN, "record-bid")]
    assert set.intersection(*({mark["value"] for mark in marks} for marks in files))
    assert set(borne(TWIN, "creation_ids")) == {1}
    assert borne(TWIN, "bond_accounts") == []


@pytest.mark.parametrize("tender", [STORY, TWIN], ids=["story", "twin"])
def test_no_bid_is_told_of_before_the_opening(tender: tenders.Tender) -> None:
    order = [step.action for step in tender.steps]
    deadline = datetime.fromisoformat(tender.steps[0].body["bid_deadline"])

    assert order.index("open") < order.index("mark-documents") < order.index("record-bid")
    assert all(step.at > deadline for step in tender.steps[1:])


def test_only_the_two_tenders_of_the_stories_are_unlike_the_others() -> None:
    tender = tenders.tender("YGZB-20260304-01", HOURS)
    assert set(borne(tender, "creation_ids")) == {1}
    assert set(borne(tender, "bond_accounts")) == {1}
