"""Who may do what about a finding: the transition table against one written from the design."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.identity.actor import Actor
from services.e_monitor.follow_up.policy import (
    ACTIONS,
    Matter,
    Status,
    allowed,
    line_of,
    may,
    within,
)

# From status, by duty: what is possible. Read line by line from the description of the work flow
# (opened, assigned, explained, corrected, verified by another office, closed; or waived, rescinded,
# escalated), not from the code's table.
EXPECTED: dict[tuple[str, str], set[str]] = {
    ("open", "supervisor"): {"assign", "waive", "escalate", "rescind"},
    ("open", "head"): {"answer"},
    ("assigned", "supervisor"): {"assign", "waive", "escalate", "rescind"},
    ("assigned", "head"): {"answer"},
    ("explained", "supervisor"): {"return", "waive", "escalate", "rescind"},
    ("explained", "head"): {"correct"},
    ("corrected", "supervisor"): {"return", "rescind"},
    ("corrected", "verifier"): {"verify"},
    ("verified", "supervisor"): {"rescind"},
    ("verified", "verifier"): {"close"},
    ("escalated", "supervisor"): {"waive", "escalate", "rescind"},
    ("escalated", "head"): {"answer"},
}
DUTIES = ("supervisor", "head", "verifier")


def actor(duty: str, *, office: str = "audit", region: str = "990100", post: str = "p1") -> Actor:
    return Actor(post, office, region, frozenset({duty}))


def matter(status: str, **more: frozenset[str]) -> Matter:
    return Matter(Status(status), "990103", "building", **more)


@pytest.mark.parametrize(("status", "duty"), list(product(Status, DUTIES)))
def test_each_duty_may_do_what_the_work_flow_says(status: Status, duty: str) -> None:
    office = "building" if duty == "head" else "audit"
    found = set(allowed(actor(duty, office=office), matter(status)))
    assert found == EXPECTED.get((str(status), duty), set())


@given(st.sampled_from(Status), st.frozensets(st.sampled_from(DUTIES)))
def test_nobody_verifies_or_closes_for_their_own_office(
    status: Status, duties: frozenset[str]
) -> None:
    own = Actor("p1", "building", "990100", duties)
    assert not {"verify", "close"} & set(allowed(own, matter(status)))


def test_nobody_verifies_what_they_set_right_from_another_post() -> None:
    moved = actor("verifier", post="p7")
    assert allowed(moved, matter("corrected", hands=frozenset({"p7"}))) == []


@given(st.sampled_from(Status), st.sampled_from(ACTIONS))
def test_only_the_office_itself_answers(status: Status, action: str) -> None:
    stranger = actor("head", office="water")
    assert not may(stranger, line_of(action), matter(status))
    assert not within(stranger, matter(status))


@pytest.mark.parametrize(
    ("region", "sees"),
    [("990000", True), ("990100", True), ("990103", True), ("990104", False), ("980000", False)],
)
def test_a_supervisor_sees_the_region_and_those_within_it(region: str, sees: bool) -> None:
    assert within(actor("supervisor", region=region), matter("open")) is sees


@pytest.mark.parametrize("duty", DUTIES)
def test_a_finding_without_a_region_is_nobodys(duty: str) -> None:
    nowhere = Matter(Status.OPEN, None, "building")
    assert not within(actor(duty, office="building", region="990000"), nowhere)


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize("region", ["", "99", "000000", "9901x"])
def test_a_post_of_a_malformed_region_handles_nothing(duty: str, region: str) -> None:
    assert allowed(actor(duty, office="building", region=region), matter("open")) == []


def test_a_head_does_not_reach_a_namesake_of_the_office_elsewhere() -> None:
    assert not within(actor("head", office="building", region="980000"), matter("open"))
