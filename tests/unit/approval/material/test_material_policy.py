"""What of a checklist is there, and when tolerated materials are complete."""

from dataclasses import dataclass
from typing import Any

import pytest

from services.approval.material.policy import completes, key_of, lines, wanted_of

ACCEPTED = "cn.sunlight.approval.case.accepted.v1"
COMPLETED = "cn.sunlight.approval.case.materials-completed.v1"
CHECKLIST = wanted_of(
    [
        {"name": "申请书", "code": "M-1", "required": True, "copies": 2},
        {"name": "营业执照"},
        {"name": "平面图", "required": False},
    ]
)
TOLERANT: list[list[Any]] = [[ACCEPTED, 0, {"tolerant": True}]]


@dataclass(frozen=True)
class File:
    wanted: str
    stands: bool = True


@pytest.mark.parametrize(
    ("said", "key"),
    [("M-1", "M-1"), ("申请书", "M-1"), ("营业执照", "营业执照"), ("其他", "其他")],
)
def test_a_file_bears_the_code_of_the_list_else_the_name(said: str, key: str) -> None:
    assert key_of(CHECKLIST, said) == key


def test_the_list_stands_first_in_its_order_then_what_is_beside_it() -> None:
    found = lines(CHECKLIST, [File("授权书"), File("营业执照"), File("营业执照")])

    names = [(line.wanted.name, line.listed, len(line.files)) for line in found]
    assert names == [
        ("申请书", True, 0),
        ("营业执照", True, 2),
        ("平面图", True, 0),
        ("授权书", False, 1),
    ]


def test_only_what_is_required_and_not_there_is_missing() -> None:
    found = lines(CHECKLIST, [File("M-1", stands=False), File("授权书", stands=False)])

    assert [line.wanted.name for line in found if line.missing] == ["申请书", "营业执照"]


BOTH = [File("M-1"), File("营业执照")]


@pytest.mark.parametrize(
    ("history", "handed", "expected"),
    [
        (TOLERANT, BOTH, True),
        (TOLERANT, BOTH[:1], False),
        (TOLERANT, [File("M-1"), File("营业执照", stands=False)], False),
        ([[ACCEPTED, 0, {"tolerant": False}]], BOTH, False),
        ([[ACCEPTED, 0, {}]], BOTH, False),
        ([*TOLERANT, [COMPLETED, 0, {}]], BOTH, False),
        ([], BOTH, False),
    ],
    ids=["all-there", "one-missing", "one-withdrawn", "not-tolerant", "silent", "told", "received"],
)
def test_tolerated_materials_are_complete_once_nothing_required_is_missing(
    history: list[list[Any]], handed: list[File], expected: bool
) -> None:
    assert completes(history, CHECKLIST, handed) is expected


def test_without_a_checklist_nothing_is_ever_said_to_be_complete() -> None:
    assert completes(TOLERANT, [], [File("x")]) is False
