"""The made-up city: the same every time, well-formed, and within what the law allows."""

import itertools
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.codes import is_credit_code, is_task_code
from libs.common.worktime import cn_calendar
from services.approval.case.policy import TRANSITIONS as CASE_TABLE
from services.approval.case.policy import State as CaseState
from services.resource_trading.award.policy import TRANSITIONS as AWARD_TABLE
from services.resource_trading.bid.policy import OPEN
from services.resource_trading.tender.policy import TRANSITIONS as TENDER_TABLE
from services.resource_trading.tender.policy import State as TenderState
from sunlight.city import cases, tenders
from sunlight.city.directory import names
from sunlight.city.hours import ZONE, Hours
from sunlight.city.items import ITEMS
from sunlight.city.offices import BODIES, ENTERPRISES

HOURS = Hours(cn_calendar())
DAY = date(2026, 3, 2)
BIDS = frozenset({"mark-documents", "record-bid"})
numbers = st.integers(1, 10**7)


def case_life(number: int) -> tuple[datetime, list[cases.Step]]:
    item = ITEMS[number % len(ITEMS)]
    at = datetime(2026, 3, 2, 9, 30, tzinfo=ZONE)
    return at, cases.life(f"990100-20260302-{number:08d}", item, at, HOURS)


def test_every_code_of_an_office_or_enterprise_is_well_formed_and_its_own() -> None:
    codes = [*(body.code for body in BODIES), *ENTERPRISES]

    assert all(is_credit_code(code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_every_body_region_item_and_enterprise_is_named_in_both_languages() -> None:
    codes = {code for body in BODIES for code in (body.code, body.region)}
    assert {*codes, *(item.code for item in ITEMS), *ENTERPRISES} <= set(names())
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
        if step.action in BIDS:
            assert state in OPEN
            continue
        assert (state, step.action) in table
        state = table[state, step.action] or state


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2026, 3, 2), date(2026, 10, 30)))
def test_bidders_have_the_twenty_days_of_article_24(day: date) -> None:
    plan = tenders.tender(f"YGZB-{day:%Y%m%d}-01", HOURS).steps[0].body

    issued = datetime.fromisoformat(plan["documents_from"]).astimezone(ZONE).date()
    deadline = datetime.fromisoformat(plan["bid_deadline"]).astimezone(ZONE).date()
    assert deadline - issued >= timedelta(days=20)
