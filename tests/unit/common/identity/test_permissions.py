"""The matrix of roles: separate duties stay separate, and what is not written nobody may."""

from pathlib import Path
from typing import get_args

import pytest

from libs.common.identity.actor import Actor
from libs.common.identity.permissions import (
    SERVICES,
    RoleActor,
    Service,
    Viewer,
    installed_matrix,
    load,
    require,
    scope_of,
)
from libs.common.identity.principal import Principal
from libs.common.identity.scope import NOTHING, Scope
from libs.common.web.errors import Forbidden
from services.approval.actor import Duty as ApprovalDuty
from services.e_monitor.follow_up.policy import TRANSITIONS
from services.resource_trading.actor import Duty as TradingDuty

MATRIX = installed_matrix()


def actor(service: str, *roles: str) -> RoleActor:
    principal = Principal("i", "s", "post-1", "office-1", "990102", frozenset(roles))
    return MATRIX.actor(principal, service)


def test_every_role_the_platform_knows_is_there() -> None:
    assert {"clerk", "approver", "head", "supervisor", "verifier", "auditor"} <= set(MATRIX.roles)
    assert {"administrator", "developer", "tenderer", "centre", "public"} <= set(MATRIX.roles)


@pytest.mark.parametrize(
    ("service", "duties"),
    [
        ("approval", get_args(ApprovalDuty)),
        ("trading", get_args(TradingDuty)),
        ("monitor", tuple({line.who for line in TRANSITIONS})),
    ],
)
def test_every_duty_of_a_transition_table_belongs_to_some_role(
    service: str, duties: tuple[str, ...]
) -> None:
    assert set(duties) <= MATRIX.permissions(MATRIX.roles, service)


@pytest.mark.parametrize(
    ("first", "second", "service"),
    [
        ("window", "approver", "approval"),
        ("supervisor", "verifier", "monitor"),
        ("head", "verifier", "monitor"),
        ("head", "supervisor", "monitor"),
        ("exposure.propose", "exposure.approve", "disclosure"),
        ("tenderer", "centre", "trading"),
    ],
)
def test_no_single_role_does_what_two_people_must(first: str, second: str, service: str) -> None:
    for name in MATRIX.roles:
        assert not {first, second} <= MATRIX.permissions([name], service), name


def test_an_administrator_decides_no_case_and_sees_no_finding() -> None:
    assert not actor("approval", "administrator").duties & {"window", "approver", "case.read"}
    assert "finding.read" not in actor("monitor", "administrator").duties


def test_an_auditor_only_reads() -> None:
    for service in SERVICES:
        held = actor(service, "auditor").duties
        assert {permission for permission in held if not permission.endswith(".read")} == set()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", ["public", "root", ""])
def test_the_public_and_unknown_roles_may_nothing(role: str, service: str) -> None:
    assert actor(service, role).duties == frozenset()


def test_an_unknown_service_grants_nothing() -> None:
    assert actor("payroll", "administrator").duties == frozenset()


def test_a_role_of_the_office_reaches_its_office_alone() -> None:
    assert scope_of(actor("monitor", "head"), "finding.read") == Scope("990102", "office-1")


def test_a_role_of_the_region_reaches_every_office_in_it() -> None:
    assert scope_of(actor("monitor", "auditor"), "finding.read") == Scope("990102")


def test_of_several_roles_the_widest_that_grants_it_counts() -> None:
    both = actor("monitor", "head", "verifier")
    assert scope_of(both, "finding.read") == Scope("990102")
    assert scope_of(both, "head") == Scope("990102", "office-1")


def test_without_the_permission_the_scope_covers_nothing_and_is_refused() -> None:
    clerk = actor("monitor", "clerk")
    assert scope_of(clerk, "finding.read") == NOTHING
    with pytest.raises(Forbidden):
        require(clerk, "finding.read")


def test_an_actor_without_roles_reaches_its_office_at_most() -> None:
    plain = Actor("post-1", "office-1", "990102", frozenset({"case.read"}))
    assert scope_of(plain, "case.read") == Scope("990102", "office-1")


@pytest.mark.parametrize(
    "text",
    [
        "clerk: {title: {zh: a, en: b}, reach: country, permissions: {}}",
        "clerk: {title: {zh: a, en: b}, reach: office, permissions: {payroll: [x]}}",
        "clerk: {title: {zh: a, en: b}, permissions: {}}",
        "clerk: {title: {zh: a, en: b}, reach: office, permissions: {}, sudo: true}",
        "- clerk",
    ],
)
def test_a_matrix_of_another_form_is_not_loaded(tmp_path: Path, text: str) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="validation error"):
        load(path)


def test_no_role_of_the_matrix_reaches_beyond_its_region() -> None:
    for name in MATRIX.roles:
        for service in SERVICES:
            held = actor(service, name)
            assert not any(scope_of(held, duty).whole for duty in held.duties), name


def test_the_viewer_of_a_recording_sees_every_row_of_what_it_may_read_and_nothing_else() -> None:
    viewer = Viewer("p", "office-1", "990102", frozenset({"finding.read"}))
    assert scope_of(viewer, "finding.read") == Scope.everything()
    assert scope_of(viewer, "clock.read") == NOTHING


def test_services_are_spelt_the_same_in_both_lists() -> None:
    assert get_args(Service) == SERVICES
