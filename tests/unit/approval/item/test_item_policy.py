"""Which version holds on a day, and which may come next."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.approval.item.policy import Verdict, Version, holding, promise_exceeds, verdict

BEGIN = date(2026, 3, 2)
DAYS = [BEGIN + timedelta(days=n) for n in range(12)]
days = st.sampled_from(DAYS)
steps = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.none() | days, days), max_size=10)


def played(offered: list[tuple[str | None, date | None, date]]) -> list[Version]:
    """The versions that stand after what is offered on ever later days."""
    versions: list[Version] = []
    for content, first_day, today in sorted(offered, key=lambda step: step[2]):
        found = verdict(versions, content, first_day, today)
        if found in {Verdict.FIRST, Verdict.SUPERSEDES}:
            versions.append(Version(len(versions) + 1, first_day or today, content))
    return versions


@given(steps, days)
def test_the_version_of_a_day_is_the_last_whose_day_had_come(
    offered: list[tuple[str | None, date | None, date]], day: date
) -> None:
    expected: Version | None = None
    for version in played(offered):
        if version.first_day <= day:
            expected = version
    if expected is not None and expected.content is None:
        expected = None
    assert holding(played(offered), day) == expected


@given(steps)
def test_first_days_never_go_back(offered: list[tuple[str | None, date | None, date]]) -> None:
    begins = [version.first_day for version in played(offered)]
    assert begins == sorted(begins)


@given(steps, st.sampled_from(["a", "b", None]), st.none() | days, days)
def test_what_held_on_a_past_day_stays_what_it_was(
    offered: list[tuple[str | None, date | None, date]],
    content: str | None,
    first_day: date | None,
    today: date,
) -> None:
    before = played(offered)
    found = verdict(before, content, first_day, today)
    if not before or found is not Verdict.SUPERSEDES:
        return
    after = [*before, Version(len(before) + 1, first_day or today, content)]
    for day in (day for day in DAYS if day < today):
        assert holding(after, day) == holding(before, day)


@given(steps, st.sampled_from(["a", "b"]), st.none() | days, days)
def test_what_was_taken_changes_nothing_when_it_comes_again(
    offered: list[tuple[str | None, date | None, date]],
    content: str,
    first_day: date | None,
    today: date,
) -> None:
    before = played(offered)
    if verdict(before, content, first_day, today) not in {Verdict.FIRST, Verdict.SUPERSEDES}:
        return
    after = [*before, Version(len(before) + 1, first_day or today, content)]
    assert verdict(after, content, first_day, today + timedelta(days=3)) is Verdict.STANDS


def test_a_first_version_may_begin_in_the_past() -> None:
    assert verdict([], "a", BEGIN - timedelta(days=900), BEGIN) is Verdict.FIRST


def test_a_later_one_may_not() -> None:
    standing = [Version(1, BEGIN, "a")]
    assert verdict(standing, "b", BEGIN, DAYS[3]) is Verdict.IN_THE_PAST


def test_nothing_begins_before_the_version_it_supersedes() -> None:
    standing = [Version(1, DAYS[8], "a")]
    assert verdict(standing, "b", DAYS[5], DAYS[3]) is Verdict.TOO_EARLY


def test_a_correction_on_the_same_day_holds_from_that_day() -> None:
    versions = [Version(1, BEGIN, "a"), Version(2, BEGIN, "b")]
    assert verdict(versions[:1], "b", BEGIN, BEGIN) is Verdict.SUPERSEDES
    assert holding(versions, BEGIN) == versions[1]


@pytest.mark.parametrize(
    ("statutory", "promised", "exceeds"),
    [
        ((20, "working_day"), (20, "working_day"), False),
        ((20, "working_day"), (21, "working_day"), True),
        ((20, "calendar_day"), (21, "working_day"), True),
        ((20, "calendar_day"), (20, "working_day"), False),
        ((20, "working_day"), (25, "calendar_day"), False),
        ((1, "month"), (40, "calendar_day"), False),
        (None, (5, "hour"), False),
        ((5, "hour"), None, False),
    ],
)
def test_a_promise_is_too_long_only_where_that_is_sure(
    statutory: tuple[int, str] | None, promised: tuple[int, str] | None, exceeds: bool
) -> None:
    assert promise_exceeds(statutory, promised) is exceeds
