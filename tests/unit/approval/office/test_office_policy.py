"""Terms, tenures and chains of leaders, against plain readings of what they mean."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.approval.office.policy import (
    CycleError,
    Opening,
    Tenure,
    Term,
    are_sound,
    in_cycles,
    is_open,
    leader_chain,
    openings,
    standing_on,
    tenure_conflict,
)

BEGIN = date(2026, 1, 1)
SPAN = 20
DAYS = [BEGIN + timedelta(days=n) for n in range(SPAN + 1)]
days = st.sampled_from(DAYS)
NODES = [f"post-{n}" for n in range(8)]


@st.composite
def terms(draw: st.DrawFn) -> Term:
    first = draw(days)
    last = draw(st.none() | days.filter(lambda day: day >= first))
    return Term(first, last)


tenures = st.builds(
    Tenure,
    role=st.sampled_from(["holder", "substitute"]),
    staff_no=st.sampled_from(["A", "B", "C"]),
    term=terms(),
)
superiors = st.dictionaries(st.sampled_from(NODES), st.none() | st.sampled_from(NODES))


def covered(term: Term) -> set[date]:
    """The days of a term within the span, one by one."""
    last = term.last_day or DAYS[-1]
    return {day for day in DAYS if term.first_day <= day <= last}


@given(terms(), terms())
def test_terms_meet_when_they_share_a_day(one: Term, other: Term) -> None:
    assert one.meets(other) == bool(covered(one) & covered(other))
    assert one.meets(other) == other.meets(one)


@given(terms())
def test_a_term_covers_its_first_and_its_last_day(term: Term) -> None:
    assert term.covers(term.first_day)
    assert not term.covers(term.first_day - timedelta(days=1))
    if term.last_day is not None:
        assert term.covers(term.last_day)
        assert not term.covers(term.last_day + timedelta(days=1))


def test_a_term_that_ends_before_it_begins_is_not_sound() -> None:
    assert not Term(BEGIN, BEGIN - timedelta(days=1)).is_sound
    assert Term(BEGIN, BEGIN).is_sound


@given(st.lists(tenures, max_size=12))
def test_tenures_taken_one_by_one_never_give_a_post_to_two(offered: list[Tenure]) -> None:
    taken: list[Tenure] = []
    for tenure in offered:
        if tenure_conflict(taken, tenure) is None:
            taken.append(tenure)

    for day in DAYS:
        standing = [tenure for tenure in taken if day in covered(tenure.term)]
        assert len({tenure.role for tenure in standing}) == len(standing)
        assert len({tenure.staff_no for tenure in standing}) == len(standing)
        assert set(standing_on(taken, day).values()) == set(standing)


@given(st.lists(tenures, max_size=6), tenures)
def test_a_conflict_is_named_only_where_there_is_one(standing: list[Tenure], new: Tenure) -> None:
    found = tenure_conflict(standing, new)

    clashes = [
        one
        for one in standing
        if covered(one.term) & covered(new.term)
        and (one.role == new.role or one.staff_no == new.staff_no)
    ]
    assert found == (clashes[0] if clashes else None)


def test_a_substitute_stands_beside_the_holder() -> None:
    holder = Tenure("holder", "A", Term(BEGIN))
    assert tenure_conflict([holder], Tenure("substitute", "B", Term(BEGIN))) is None


def test_nobody_substitutes_for_themselves() -> None:
    holder = Tenure("holder", "A", Term(BEGIN))
    assert tenure_conflict([holder], Tenure("substitute", "A", Term(BEGIN))) == holder


def test_a_successor_begins_the_day_after() -> None:
    before = Tenure("holder", "A", Term(BEGIN, DAYS[5]))
    assert tenure_conflict([before], Tenure("holder", "B", Term(DAYS[5]))) == before
    assert tenure_conflict([before], Tenure("holder", "B", Term(DAYS[6]))) is None


@given(superiors)
def test_what_is_in_a_cycle_comes_back_to_itself_and_nothing_else_does(
    superiors: dict[str, str | None],
) -> None:
    def comes_back(start: str) -> bool:
        above = superiors.get(start)
        for _ in NODES:
            if above == start:
                return True
            above = superiors.get(above) if above is not None else None
        return False

    assert in_cycles(superiors) == {node for node in superiors if comes_back(node)}


@given(superiors, st.sampled_from(NODES))
def test_a_chain_ends_or_is_refused(superiors: dict[str, str | None], post: str) -> None:
    if in_cycles(superiors):
        try:
            chain = leader_chain(post, superiors)
        except CycleError:
            return
    else:
        chain = leader_chain(post, superiors)
    assert post not in chain
    assert len(set(chain)) == len(chain)
    for below, above in zip((post, *chain), (*chain, None), strict=True):
        assert superiors.get(below) == above


@given(st.permutations(NODES))
def test_the_chain_of_a_line_is_the_line(line: list[str]) -> None:
    superiors: dict[str, str | None] = dict(zip(line, [*line[1:], None], strict=True))
    assert leader_chain(line[0], superiors) == tuple(line[1:])


def test_office_hours_are_read_by_day_and_span() -> None:
    assert openings("1-2 09:00-12:00 13:30-17:00; 6 09:00-12:00") == [
        Opening(1, "09:00", "12:00"),
        Opening(1, "13:30", "17:00"),
        Opening(2, "09:00", "12:00"),
        Opening(2, "13:30", "17:00"),
        Opening(6, "09:00", "12:00"),
    ]


@pytest.mark.parametrize("text", ["9-5", "8 09:00-12:00", "1 9:00-12:00", "1", "1-5"])
def test_other_words_are_no_office_hours(text: str) -> None:
    with pytest.raises(ValueError, match="09:00-12:00"):
        openings(text)


@pytest.mark.parametrize(
    ("hours", "sound"),
    [
        ("1 09:00-12:00 12:00-17:00", True),
        ("1 00:00-24:00", True),
        ("1 09:00-12:00 11:59-17:00", False),
        ("1 12:00-09:00", False),
        ("1 09:00-09:00", False),
        ("1 09:00-25:00", False),
        ("1 09:00-12:00; 2 11:00-13:00", True),
    ],
)
def test_openings_of_a_day_follow_each_other(hours: str, sound: bool) -> None:
    assert are_sound(openings(hours)) is sound


@pytest.mark.parametrize(
    ("time", "open_"), [("08:59", False), ("09:00", True), ("11:59", True), ("12:00", False)]
)
def test_a_body_is_open_from_its_opening_until_its_closing_time(time: str, open_: bool) -> None:
    hours = openings("1-5 09:00-12:00")
    assert is_open(hours, 1, time) is open_
    assert not is_open(hours, 6, time)
