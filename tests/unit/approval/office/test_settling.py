"""Which records of a file fit together, and fit what stands: judged without a database."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from services.approval.imports import Outcome, Record
from services.approval.inputs import region_of
from services.approval.office.entries import entries_of
from services.approval.office.repository import Organisation
from services.approval.office.settling import settle
from services.approval.office.states import BodyState, PostState, TenureState
from tests.service.approval.registry import (
    BRANCH,
    BUREAU,
    DISTRICT,
    body,
    credit_code,
    post,
    tenure,
)

SUBSTITUTE = {"role": "substitute", "staff_no": "B-1"}


def settled(
    records: Sequence[Mapping[str, Any]],
    organisation: Organisation | None = None,
    within: str | None = None,
) -> Outcome:
    """What becomes of the records of a file."""
    outcome = Outcome()
    numbered = [Record(line, fields) for line, fields in enumerate(records, start=1)]
    entries = entries_of(numbered, outcome)
    region = None if within is None else region_of(within)
    settle(entries, organisation or Organisation(), outcome, within=region)
    return outcome


def places(outcome: Outcome) -> list[tuple[int, str]]:
    """Line and field of each reject, by line."""
    return sorted((reject.line, reject.field) for reject in outcome.rejects)


def standing() -> Organisation:
    """A bureau with a post that someone holds until further notice."""
    day = date(2026, 1, 1)
    bureau = BodyState(
        code=BUREAU,
        version=1,
        name="局",
        region="990100000000",
        level="city",
        superior=None,
        office_hours=[],
        first_day=day,
    )
    of_bureau = PostState("post-1", 2, "岗", BUREAU, [], None, None, day)
    held = TenureState("post-1", "holder", day, None, "A-1", "张三")
    return Organisation(
        bodies={BUREAU: bureau},
        posts={"post-1": of_bureau},
        tenures={("post-1", "holder", day): held},
    )


@pytest.mark.parametrize(
    ("records", "line", "field"),
    [
        ([body(code="11990100000000001X")], 1, "code"),
        ([body(region="990102001001")], 1, "-"),
        ([body(region="9901")], 1, "region"),
        ([body(region="160000")], 1, "region"),
        ([body(superior=credit_code(77))], 1, "superior"),
        ([body(superior=BUREAU)], 1, "superior"),
        ([body(name="=HYPERLINK(1)")], 1, "name"),
        ([body(name="阳光\u202e局")], 1, "name"),
        ([body(name=" ")], 1, "name"),
        ([body(office_hours="1-5 12:00-09:00")], 1, "office_hours"),
        ([body(office_hours="every day")], 1, "office_hours"),
        ([body(first_day="2026-02-01", last_day="2026-01-01")], 1, "-"),
        ([body(first_day="01/02/2026")], 1, "first_day"),
        ([body(first_day="2026-02-30")], 1, "first_day"),
        ([body(boss="x")], 1, "boss"),
        ([{"kind": "castle", "code": "x"}], 1, "kind"),
        ([{"code": "x"}], 1, "kind"),
        ([body(), body(name="另一个名称")], 2, "code"),
        ([body(), post("post-1", superior="post-9")], 2, "superior"),
        ([body(), post("post-1", window="W-9")], 2, "window"),
        ([body(), post("post-1"), tenure("post-2")], 3, "post"),
        ([body(), post("post-1"), tenure(role="boss")], 3, "role"),
    ],
)
def test_a_record_that_does_not_fit_is_rejected_with_its_line_and_field(
    records: list[dict[str, str]], line: int, field: str
) -> None:
    outcome = settled(records)

    assert places(outcome) == [(line, field)]
    assert outcome.read == len(records)
    (reject,) = outcome.rejects
    assert reject.zh
    assert reject.en
    assert reject.zh != reject.en


def test_the_same_record_twice_is_a_duplicate() -> None:
    outcome = settled([body(), body()])
    assert (outcome.read, outcome.duplicates, outcome.rejects) == (2, 1, [])


def test_what_names_a_rejected_record_falls_with_it() -> None:
    records = [body(region="1"), post("post-1"), tenure(), body(BRANCH, region=DISTRICT)]
    assert places(settled(records)) == [(1, "region"), (2, "body"), (3, "post")]


def test_a_chain_may_be_of_any_length_and_order() -> None:
    line = [post(f"post-{n}", superior=f"post-{n + 1}") for n in range(1, 30)]
    assert places(settled([*line, post("post-30"), body()])) == []


def test_only_what_is_in_the_circle_falls_and_what_hangs_on_it() -> None:
    circle = [post("post-1", superior="post-2"), post("post-2", superior="post-1")]
    records = [body(), *circle, post("post-3", superior="post-1"), post("post-4")]
    assert places(settled(records)) == [(2, "superior"), (3, "superior"), (4, "superior")]


def test_a_second_holder_is_rejected_and_the_first_stays() -> None:
    second = tenure(first_day="2026-02-01", staff_no="A-2")
    assert places(settled([body(), post("post-1"), tenure(), second])) == [(4, "first_day")]


def test_a_substitute_is_taken() -> None:
    assert places(settled([body(), post("post-1"), tenure(), tenure(**SUBSTITUTE)])) == []


def test_a_successor_is_taken_where_the_file_ends_the_tenure_that_stands() -> None:
    ended = tenure(last_day="2026-06-30")
    successor = tenure(first_day="2026-07-01", staff_no="A-2")
    assert places(settled([successor, ended], standing())) == []


def test_a_successor_is_rejected_while_the_tenure_stands() -> None:
    successor = tenure(first_day="2026-07-01", staff_no="A-2")
    assert places(settled([successor], standing())) == [(1, "first_day")]


def test_nothing_is_changed_beyond_a_region() -> None:
    branch = body(BRANCH, region=DISTRICT)
    of_branch = post("post-7", body=BRANCH)

    outcome = settled([branch, of_branch, post("post-8")], standing(), within=DISTRICT)

    assert places(outcome) == [(3, "body")]


def test_a_post_can_not_be_drawn_out_of_another_region() -> None:
    branch, drawn = body(BRANCH, region=DISTRICT), post("post-1", body=BRANCH)
    assert places(settled([branch, drawn], standing(), within=DISTRICT)) == [(2, "body")]


def test_a_body_can_not_be_drawn_out_of_another_region() -> None:
    assert places(settled([body(region=DISTRICT)], standing(), within=DISTRICT)) == [(1, "region")]
