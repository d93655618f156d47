"""The made-up organisation and catalogue: whole, at three levels, and nobody's real name."""

import re
from typing import Any

from libs.common.codes import is_credit_code, is_task_code
from sunlight.city import catalogue, organisation
from sunlight.city.cases import windows_of
from sunlight.city.items import ITEMS

RECORDS = organisation.records()


def of(kind: str) -> list[dict[str, Any]]:
    return [record for record in RECORDS if record["kind"] == kind]


def test_bodies_stand_at_the_levels_of_city_county_and_township() -> None:
    regions = {body["region"] for body in of("body")}
    assert {"990100", "990121", "990121100"} <= regions
    assert all(is_credit_code(body["code"]) for body in of("body"))


def test_every_superior_stands_in_the_records() -> None:
    for kind in ("body", "post"):
        codes = {record["code"] for record in of(kind)}
        named = {record["superior"] for record in of(kind) if "superior" in record}
        assert named <= codes


def test_every_approver_is_led_up_to_the_citys_government() -> None:
    posts = {post["code"]: post for post in of("post")}
    approver = posts["hill-approver"]
    chain = []
    while superior := approver.get("superior"):
        approver = posts[superior]
        chain.append(approver["code"])
    assert chain == ["hill-head", "gov-990121-head", "gov-990100-head"]


def test_every_window_of_an_application_stands_in_the_records() -> None:
    known = {window["code"] for window in of("window")}
    assert {code for item in ITEMS for code in windows_of(item.office)} == known


def test_a_post_that_approves_has_a_holder_and_an_ab_substitute_who_are_two_persons() -> None:
    tenures = [one for one in of("tenure") if one["post"] == "permit-approver"]
    assert {one["role"] for one in tenures} == {"holder", "substitute"}
    assert len({one["staff_no"] for one in tenures}) == 2


def test_nobody_has_a_name_that_a_person_could_have() -> None:
    assert all(re.fullmatch(r"虚构人员\d{3}号", one["name"]) for one in of("tenure"))


def test_every_item_stands_in_the_catalogue_with_its_checklist() -> None:
    records = catalogue.records()
    assert {record["code"] for record in records} == {item.code for item in ITEMS}
    assert all(is_task_code(record["code"]) and record["materials"] for record in records)


def test_a_promise_is_never_above_the_limit_of_the_law() -> None:
    # 行政许可法 42: twenty working days.
    limited = [record for record in catalogue.records() if "statutory_limit" in record]
    assert limited
    assert all(record["promised_limit"] <= 20 for record in limited)
