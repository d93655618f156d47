"""Ten wrong tries within an hour close a number for an hour, however they lie in time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.approval.progress.policy import Tries

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
gaps = st.lists(st.integers(0, 30), min_size=1, max_size=60)


@given(gaps)
def test_a_number_is_closed_exactly_by_ten_tries_within_an_hour(minutes: list[int]) -> None:
    now, tries, counted, closed_until = START, Tries(), list[datetime](), None
    for gap in minutes:
        now += timedelta(minutes=gap)
        closed = closed_until is not None and now < closed_until
        assert tries.closed(now) == closed
        if closed:
            continue
        tries = tries.with_wrong(now)
        # Told again in plain words: all tries since the number was last closed.
        counted.append(now)
        if sum(now - at < HOUR for at in counted) == 10:
            closed_until, counted = now + HOUR, []


def test_what_is_kept_of_a_number_stays_short() -> None:
    tries = Tries()
    for second in range(500):
        tries = tries.with_wrong(START + timedelta(seconds=second))
    assert len(tries.wrong) < 10
