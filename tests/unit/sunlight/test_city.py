"""The made-up city: the same every time, well-formed, and within what the law allows."""

import itertools
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.codes import is_credit_code, is_task_code
from libs.common.worktime import cn_calendar
from services.approval.case.policy import TRANSITIONS as CASE_TABLE
from services.approval.case.policy import State as CaseState
from services.resource_trading.award.policy import TRANSITIONS as AWARD_TABLE
from services.resource_trading.tender.policy import TRANSITIONS as TENDER_TABLE
from services.resource_trading.tender.policy import State as TenderState
from sunlight.city import cases, registry, tenders
from sunlight.city.hours import ZONE, Hours
from sunlight.city.items import ITEMS
from sunlight.city.offices import ENTERPRISES, OFFICES, names

HOURS = Hours(cn_calendar())
DAY = date(2026, 3, 2)
numbers = st.integers(1, 10**7)


def case_life(number: int) -> tuple[datetime, list[cases.Step]]:
    item = ITEMS[number % len(ITEMS)]
    at = datetime(2026, 3, 2, 9, 30, tzinfo=ZONE)
    return at, cases.life(f"990100-20260302-{number:08d}", item, at, HOURS)


def test_every_code_of_an_office_or_enterprise_is_well_formed_and_its_own() -> None:
    codes = [*(office.code for office in OFFICES.values()), *ENTERPRISES]

    assert all(is_credit_code(code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_every_office_and_its_region_is_named_in_both_languages() -> None:
    codes = {code for office in OFFICES.values() for code in (office.code, office.region)}
    assert set(names()) == codes
    assert all(set(name) == {"zh", "en"} and all(name.values()) for name in names().values())


def test_every_code_of_an_item_is_well_formed_and_its_own() -> None:
    assert all(is_task_code(item.code) for item in ITEMS)
    assert len({item.code for item in ITEMS}) == len(ITEMS)


def test_the_applications_of_a_day_are_the_same_every_time() -> None:
    assert cases.arrivals(DAY, HOURS, 10) == cases.arrivals(DAY, HOURS, 10)
    assert cases.arrivals(DAY, HOURS, 10) != cases.arrivals(date(2026, 3, 3), HOURS, 10)


def test_a_life_follows_from_the_number_of_the_case() -> None:
    _, steps = case_life(17)

    again = [(step.at, step.action, dict(step.body)) for step in case_life(17)[1]]
    assert [(step.at, step.action, dict(step.body)) for step in steps] == again


@settings(max_examples=150, deadline=None)
@given(numbers)
def test_every_step_of_a_case_is_one_that_the_table_allows(number: int) -> None:
    table = {(source, row.action): row.to for row in CASE_TABLE for source in row.sources}
    state: CaseState | None = CaseState.RECEIVED
    for step in case_life(number)[1]:
        assert (state, step.action) in table
        state = table[state, step.action] or state


@settings(max_examples=150, deadline=None)
@given(numbers)
def test_the_steps_of_a_case_follow_one_another(number: int) -> None:
    at, steps = case_life(number)

    times = [at, *(step.at for step in steps)]
    assert all(earlier < later for earlier, later in itertools.pairwise(times))


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2026, 3, 2), date(2026, 10, 30)))
def test_every_step_of_a_tender_is_one_that_the_tables_allow(day: date) -> None:
    rows = (*TENDER_TABLE, *AWARD_TABLE)
    table = {(source, row.action): row.to for row in rows for source in row.sources}
    state: TenderState | None = None
    for step in tenders.tender(f"YGZB-{day:%Y%m%d}-01", HOURS).steps:
        assert (state, step.action) in table
        state = table[state, step.action] or state


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2026, 3, 2), date(2026, 10, 30)))
def test_bidders_have_the_twenty_days_of_article_24(day: date) -> None:
    plan = tenders.tender(f"YGZB-{day:%Y%m%d}-01", HOURS).steps[0].body

    issued = datetime.fromisoformat(plan["documents_from"]).astimezone(ZONE).date()
    deadline = datetime.fromisoformat(plan["bid_deadline"]).astimezone(ZONE).date()
    assert deadline - issued >= timedelta(days=20)


@pytest.fixture
def told() -> list[registry.Told]:
    return registry.planted(list(itertools.islice(HOURS.days_from(DAY), 30)))


def test_three_licences_of_one_department_come_without_a_case(told: list[registry.Told]) -> None:
    stray = [one.body for one in told if one.body["type"].endswith("licence.issued.v1")]

    assert len(stray) == 3
    assert len({body["department"] for body in stray}) == 1
    assert all("case_no" not in body["data"] for body in stray)


def test_one_foreign_tender_is_public_for_less_than_three_days(told: list[registry.Told]) -> None:
    (short,) = [one.body["data"] for one in told if "publicised" in one.body["type"]]

    lasted = datetime.fromisoformat(short["publicity_until"]) - datetime.fromisoformat(
        short["publicity_from"]
    )
    assert lasted < timedelta(days=3)


def test_what_foreign_systems_tell_has_the_same_ids_every_time(told: list[registry.Told]) -> None:
    again = registry.planted(list(itertools.islice(HOURS.days_from(DAY), 30)))

    assert [one.body["id"] for one in told] == [one.body["id"] for one in again]
    assert len({one.body["id"] for one in told}) == len(told)
