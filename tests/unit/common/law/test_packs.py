"""The shipped packs: each loads, and each number stands in the article that the rule names.

The table was written from the statutes' texts, not from the packs; a rule that the table does not
know fails, so that no number enters a pack unread.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from libs.common.law.pack import load, packs_in
from libs.common.law.rule import Deadline, Guard, Minimum, Rule
from libs.common.law.rulebook import Rulebook
from tests.needs import ROOT

RULES = ROOT / "rules"
RECORDED = packs_in(RULES, "recorded")
WD, CD = "working_day", "calendar_day"


class Number(NamedTuple):
    """A length as the statute gives it: article, number, unit, and the words that say it."""

    article: str
    length: int
    unit: str
    words: str


LICENCE = "行政许可法(2019-04-23).md"
TENDERING = "招标投标法(2017-12-27).md"
REGULATION = "招标投标法实施条例(2019-03-02).md"

FROM_THE_STATUTES: dict[str, tuple[str, Number]] = {
    "APV-003": (LICENCE, Number("三十二", 5, WD, "当场或者在五日内一次告知")),
    "APV-010": (LICENCE, Number("四十二", 20, WD, "二十日内作出行政许可决定")),
    "APV-012": (LICENCE, Number("四十二", 45, WD, "不得超过四十五日")),
    "APV-014": (LICENCE, Number("四十三", 20, WD, "二十日内审查完毕")),
    "APV-015": (LICENCE, Number("四十四", 10, WD, "十日内向申请人颁发、送达")),
    "TDR-001": (TENDERING, Number("二十四", 20, CD, "不得少于二十日")),
    "TDR-002": (REGULATION, Number("十六", 5, CD, "发售期不得少于5日")),
    "TDR-002-PREQUALIFICATION": (REGULATION, Number("十六", 5, CD, "发售期不得少于5日")),
    "TDR-003": (REGULATION, Number("十七", 5, CD, "停止发售之日起不得少于5日")),
    "TDR-004": (TENDERING, Number("二十三", 15, CD, "截止时间至少十五日前")),
    "TDR-005": (REGULATION, Number("二十一", 3, CD, "截止时间至少3日前")),
    "TDR-006": (REGULATION, Number("二十二", 2, CD, "截止时间2日前提出")),
    "TDR-007": (REGULATION, Number("二十二", 10, CD, "投标截止时间10日前提出")),
    "TDR-008": (REGULATION, Number("二十二", 3, CD, "自收到异议之日起3日内作出答复")),
    "TDR-008-CANDIDATES": (REGULATION, Number("五十四", 3, CD, "自收到异议之日起3日内作出答复")),
    "TDR-012": (REGULATION, Number("三十五", 5, CD, "书面撤回通知之日起5日内退还")),
    "TDR-020": (REGULATION, Number("五十四", 3, CD, "收到评标报告之日起3日内公示")),
    "TDR-021": (REGULATION, Number("五十四", 3, CD, "公示期不得少于3日")),
    "TDR-024": (TENDERING, Number("四十七", 15, CD, "确定中标人之日起十五日内")),
    "TDR-025": (TENDERING, Number("四十六", 30, CD, "中标通知书发出之日起三十日内")),
    "TDR-026": (REGULATION, Number("五十七", 5, CD, "书面合同签订后5日内")),
}

GUARDED: dict[str, tuple[str, Number]] = {
    "APV-011": (LICENCE, Number("四十二", 10, WD, "本行政机关负责人批准，可以延长十日")),
    "APV-013": (LICENCE, Number("四十二", 15, WD, "本级人民政府负责人批准，可以延长十五日")),
    "TDR-010": (REGULATION, Number("二十六", 2, "percent", "估算价的2%")),
    "TDR-027": (REGULATION, Number("五十八", 10, "percent", "中标合同金额的10%")),
}

NOT_FROM_A_STATUTE: dict[str, tuple[int, str]] = {
    "APV-006": (1, WD),
    "APV-022": (7, WD),
    "APV-030": (0, CD),
    "APV-035": (1, WD),
    "receipt.decide": (20, WD),
    "receipt.confirm": (5, WD),
    "bpic15.decide": (20, WD),
    "bpic15.decide-gross": (20, WD),
    "bpic15.acknowledge": (5, WD),
    "traffic.send": (90, CD),
    "traffic.appeal": (60, CD),
    "yichang.publicity": (3, CD),
    "yichang.award": (0, CD),
    "ocds.tender-period": (0, CD),
}

PER_ITEM = {
    "APV-010-ITEM": "statutory_limit",
    "APV-010-SERVICE": "statutory_limit",
    "APV-023": "promised_limit",
    "APV-029": "tolerance_limit",
    "EMO-001": "promised_limit",
    "EMO-004": "step_limit",
}

ONLY_COMPULSORY_TENDERS = {
    "TDR-001",
    "TDR-003",
    "TDR-008-CANDIDATES",
    "TDR-020",
    "TDR-021",
    "TDR-024",
}


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """The packs of an installation."""
    return load(packs_in(RULES, "national", "local"))


def every_rule() -> list[Rule]:
    """Every rule of every shipped pack."""
    rules = list(load(packs_in(RULES, "national", "local")).rules)
    return rules + [rule for path in RECORDED for rule in load([path]).rules]


def article_text(folder: Path, file: str, article: str) -> str:
    """The words of one article, up to the next."""
    text = (folder / "law" / "texts" / file).read_text(encoding="utf-8")
    found = re.search(
        rf"^第{article}条[\s\S]*?(?=^第[零一二三四五六七八九十百]+条|\Z)", text, re.MULTILINE
    )
    assert found, f"{file} has no article {article}"
    return found.group()


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_pack_loads_alone_and_is_yellow_at_most(path: Path) -> None:
    rules = load([path]).rules

    assert rules
    for rule in rules:
        assert (rule.region, rule.regime, rule.public) == ("*", "recorded", False)
        assert rule.effective.from_.isoformat() == "1990-01-01"
        assert not rule.can_be_red


def test_every_length_is_in_one_of_the_tables() -> None:
    lengths = {rule.id for rule in every_rule() if isinstance(rule, Deadline | Minimum)}

    assert lengths == {*FROM_THE_STATUTES, *NOT_FROM_A_STATUTE, *PER_ITEM}


@pytest.mark.parametrize("name", FROM_THE_STATUTES)
def test_a_statutory_length_is_what_the_statute_says(book: Rulebook, name: str) -> None:
    number = FROM_THE_STATUTES[name][1]
    (rule,) = book.by_id[name]

    assert isinstance(rule, Deadline | Minimum)
    assert (rule.length, rule.unit) == (number.length, number.unit)
    assert rule.status == "verified"


@pytest.mark.parametrize("name", [*FROM_THE_STATUTES, *GUARDED])
def test_the_article_says_the_number(shared: Path, book: Rulebook, name: str) -> None:
    file, number = {**FROM_THE_STATUTES, **GUARDED}[name]
    (rule,) = book.by_id[name]

    assert number.words in article_text(shared, file, number.article)
    assert rule.law.text.split("；")[0] == file.partition("(")[0]
    assert re.search(rf"\b{arabic(number.article)}\b", rule.law.article)


def arabic(numeral: str) -> int:
    """A Chinese numeral below one hundred."""
    tens, ten, ones = numeral.rpartition("十")
    digits = "〇一二三四五六七八九"
    return (digits.index(tens or "一") * 10 if ten else 0) + (digits.index(ones) if ones else 0)


@pytest.mark.parametrize("name", NOT_FROM_A_STATUTE)
def test_a_length_of_ours_is_as_written_down(name: str) -> None:
    (rule,) = [rule for rule in every_rule() if rule.id == name]

    assert isinstance(rule, Deadline | Minimum)
    assert (rule.length, rule.unit) == NOT_FROM_A_STATUTE[name]
    assert not rule.can_be_red


@pytest.mark.parametrize("name", PER_ITEM)
def test_a_stated_length_is_read_from_its_fact(book: Rulebook, name: str) -> None:
    (rule,) = book.by_id[name]

    assert isinstance(rule, Deadline)
    assert not isinstance(rule.length, int)
    assert rule.length.fact == PER_ITEM[name]
    assert not rule.can_be_red


@pytest.mark.parametrize("name", GUARDED)
def test_a_guard_bounds_what_the_statute_bounds(book: Rulebook, name: str) -> None:
    number = GUARDED[name][1]
    (rule,) = book.by_id[name]

    assert isinstance(rule, Guard)
    bounds = {demand.at_most or demand.at_most_percent for demand in rule.require} - {None}
    assert bounds == {number.length}


def test_only_licences_have_the_lengths_of_the_licence_law(book: Rulebook) -> None:
    bound = [rule for rule in book.rules if rule.regime == "行政许可法" and not quiet(rule)]

    assert bound
    assert all(rule.applies_when.get("item_type") == "行政许可" for rule in bound)


def quiet(rule: Rule) -> bool:
    """Whether the rule only serves others."""
    return isinstance(rule, Guard) and rule.quiet


def test_only_compulsory_tenders_have_the_lengths_meant_for_them(book: Rulebook) -> None:
    bound = {rule.id for rule in book.rules if rule.applies_when.get("mandatory") is True}

    assert bound == ONLY_COMPULSORY_TENDERS


def test_a_maximum_in_calendar_days_rolls_forward_under_the_civil_code(book: Rulebook) -> None:
    tendering = [
        rule
        for rule in book.rules
        if isinstance(rule, Deadline) and rule.regime == "招标投标法" and rule.unit == CD
    ]

    assert len(tendering) == 7
    assert {rule.roll for rule in tendering} == {"forward"}


def test_rules_of_the_self_made_city_bind_nobody_else(book: Rulebook) -> None:
    local = [rule for rule in book.rules if rule.region != "*"]

    assert {rule.id for rule in local} == {"APV-029", "APV-030", "APV-035", "EMO-001", "EMO-004"}
    assert not any(rule.in_region("410500") for rule in local)
    assert all(rule.in_region("990100") for rule in local)


def test_red_is_only_for_verified_rules_and_public_never_for_leads() -> None:
    rules = every_rule()

    assert all(rule.status == "verified" for rule in rules if rule.can_be_red)
    assert not any(rule.public for rule in rules if getattr(rule, "severity", "") == "lead")


def test_the_eight_grounds_are_those_of_article_45(shared: Path, book: Rulebook) -> None:
    words = "听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审"

    assert words in article_text(shared, LICENCE, "四十五")
    assert len(book.exclusions["art45"].grounds) == len(re.split("[、和]", words))
