"""事项编码: on real items of a province's service portal."""

import csv
import gzip
from pathlib import Path

import pytest

from libs.common.codes import CodeError, is_task_code, mask_task_code, parse_task_code

# A published 统一社会信用代码 with a suffix made up here.
OFFICE = "91350100M000100Y43"
ITEM = OFFICE + "2440101007000"


def test_an_item_code_names_its_office() -> None:
    task = parse_task_code(ITEM)
    assert (task.office.value, task.item, task.variant) == (OFFICE, ITEM, None)


def test_two_more_digits_name_a_variant() -> None:
    task = parse_task_code(ITEM + "03")
    assert (task.item, task.variant) == (ITEM, "03")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (ITEM[:-1], "31 or 33 characters, has 30"),
        (ITEM + "0", "has 32"),
        (ITEM[:-1] + "-", "digits and letters"),
        (ITEM + "0A", "variant"),
        ("91350100M000100Y44" + ITEM[18:], "begins with no 统一社会信用代码: the check character"),
    ],
)
def test_a_faulty_code_is_refused_with_the_reason(code: str, message: str) -> None:
    with pytest.raises(CodeError, match=message) as refused:
        parse_task_code(code)
    assert refused.value.field == "事项编码"
    assert refused.value.masked == mask_task_code(code)
    assert not is_task_code(code)


@pytest.mark.shared
def test_all_but_six_of_a_provinces_real_items_have_a_valid_code(shared: Path) -> None:
    items = shared / "data" / "items" / "guangdong_items.csv.gz"
    with gzip.open(items, "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    faulty = [row["task_code"] for row in rows if not is_task_code(row["task_code"])]
    assert len(rows) == 2262
    assert len(faulty) == 6
    # 13440000515356094L has a mistyped check character, TE…VV… is no 统一社会信用代码 at all.
    assert {code[:2] for code in faulty} == {"13", "TE"}
