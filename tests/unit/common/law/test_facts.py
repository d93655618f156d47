"""Conditions are three-valued: a missing fact is never guessed."""

import pytest

from libs.common.law.facts import Truth, decide, unknown_operators

CASES = [
    ({}, {}, Truth.YES),
    ({"a": 1}, {"a": 1}, Truth.YES),
    ({"a": 1}, {"a": 2}, Truth.NO),
    ({"a": 1}, {}, Truth.UNDETERMINED),
    ({"a": 1}, {"a": None}, Truth.UNDETERMINED),
    ({"a": ["x", "y"]}, {"a": "y"}, Truth.YES),
    ({"a": ["x", "y"]}, {"a": "z"}, Truth.NO),
    ({"a": {"not": True}}, {"a": False}, Truth.YES),
    ({"a": {"not": True}}, {"a": True}, Truth.NO),
    ({"a": {"not": True}}, {}, Truth.UNDETERMINED),
    ({"a": {"at_least": 1, "at_most": 3}}, {"a": 3}, Truth.YES),
    ({"a": {"at_least": 1, "at_most": 3}}, {"a": 4}, Truth.NO),
    ({"a": {"at_least": 1}}, {"a": "many"}, Truth.UNDETERMINED),
]


@pytest.mark.parametrize(("condition", "facts", "truth"), CASES)
def test_a_condition_holds_fails_or_is_undetermined(
    condition: dict[str, object], facts: dict[str, object], truth: Truth
) -> None:
    assert decide(condition, facts)[0] is truth


def test_an_undetermined_condition_names_every_missing_fact() -> None:
    assert decide({"a": 1, "b": 2, "c": 3}, {"b": 2}) == (Truth.UNDETERMINED, ("a", "c"))


def test_one_fact_that_differs_is_enough_for_no() -> None:
    assert decide({"a": 1, "b": 2}, {"b": 3}) == (Truth.NO, ())


def test_an_operator_nobody_implements_is_named() -> None:
    assert unknown_operators({"a": {"near": 1, "not": 2}, "b": 3}) == ["a: near"]
